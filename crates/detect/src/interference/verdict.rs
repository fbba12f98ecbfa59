//! What a rule says of a measurement, and how sure it is.

use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::failure::scrubbed;

/// How likely it is that the site is blocked, that it is down, and that it is reachable, in
/// hundredths. All are 0 where a measurement says nothing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Triple {
    /// Somebody between probe and site keeps them apart.
    pub blocked: u8,
    /// The site, or the service, does not work for others either.
    pub down: u8,
    /// It was reached.
    pub ok: u8,
}

/// As fractions: `{"blocked":0.95,"down":0.05,"ok":0.0}`.
impl Serialize for Triple {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut triple = serializer.serialize_struct("Triple", 3)?;
        let fraction = |hundredths: u8| f64::from(hundredths) / 100.0;
        triple.serialize_field("blocked", &fraction(self.blocked))?;
        triple.serialize_field("down", &fraction(self.down))?;
        triple.serialize_field("ok", &fraction(self.ok))?;
        triple.end()
    }
}

/// `0.95 blocked, 0.05 down, 0 ok`.
impl fmt::Display for Triple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = |hundredths: u8| f64::from(hundredths) / 100.0;
        let (blocked, down) = (fraction(self.blocked), fraction(self.down));
        write!(
            f,
            "{blocked} blocked, {down} down, {} ok",
            fraction(self.ok)
        )
    }
}

/// A measurement in a word.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A known fingerprint of blocking, in its scope.
    Confirmed,
    /// Blocked is the likeliest.
    Blocked,
    /// That the site is down is the likeliest.
    Down,
    /// That it was reached is the likeliest.
    Ok,
    /// None is likely enough.
    Uncertain,
    /// The measurement cannot be used: it says nothing.
    Unusable,
}

impl Verdict {
    /// All of them, worst first.
    pub const ALL: [Verdict; 6] = [
        Verdict::Confirmed,
        Verdict::Blocked,
        Verdict::Down,
        Verdict::Ok,
        Verdict::Uncertain,
        Verdict::Unusable,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Confirmed => "confirmed",
            Verdict::Blocked => "blocked",
            Verdict::Down => "down",
            Verdict::Ok => "ok",
            Verdict::Uncertain => "uncertain",
            Verdict::Unusable => "unusable",
        }
    }

    /// Whether it is a finding: something to look at.
    pub fn is_finding(self) -> bool {
        matches!(self, Verdict::Confirmed | Verdict::Blocked)
    }
}

/// Where between probe and site something happened.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// Names resolve to nothing, or to what is not the site's.
    Dns,
    /// Connections are not made.
    Tcp,
    /// TLS does not come about, or with a certificate that is not the site's.
    Tls,
    /// Requests are cut off, redirected, or answered by another.
    Http,
    /// Several of these, or one that cannot be told.
    Other,
    /// Nothing happened.
    None,
}

impl Mechanism {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Mechanism::Dns => "dns",
            Mechanism::Tcp => "tcp",
            Mechanism::Tls => "tls",
            Mechanism::Http => "http",
            Mechanism::Other => "other",
            Mechanism::None => "none",
        }
    }
}

/// What a rule saw. Nothing in it names the probe, its user or its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// What was seen, in order: a name and a value.
    pub facts: Vec<(&'static str, String)>,
    /// Why it may be otherwise.
    pub doubts: Vec<String>,
    /// Hosts that failed, of tests that have no URL.
    pub hosts: Vec<String>,
    /// Addresses that a resolver answered with, or that could not be reached.
    pub addresses: Vec<IpAddr>,
    /// The port that was tried.
    pub port: Option<u16>,
    /// Where it happened, where the rule itself does not say.
    pub mechanism: Option<Mechanism>,
}

/// Characters of a value that are kept: it may be what a hostile server wrote.
const LONGEST_VALUE: usize = 200;
/// Values of a fact that are kept.
const MOST_VALUES: usize = 8;

impl Evidence {
    /// No evidence: the rule says it all.
    pub(crate) fn none() -> Self {
        Evidence::default()
    }

    #[must_use]
    pub(crate) fn fact(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        if !value.is_empty() {
            let cut = value.chars().take(LONGEST_VALUE);
            let cut = cut.map(|c| if c.is_control() { '\u{fffd}' } else { c });
            self.facts.push((name, cut.collect()));
        }
        self
    }

    /// How an operation failed; words of operating systems without the addresses in them.
    #[must_use]
    pub(crate) fn failure(self, text: &str) -> Self {
        self.fact("failure", scrubbed(text))
    }

    /// A fact with several values, each once.
    #[must_use]
    pub(crate) fn facts<V: ToString>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for value in values {
            let text = value.to_string();
            if !text.is_empty() && !texts.contains(&text) && texts.len() < MOST_VALUES {
                texts.push(text);
            }
        }
        self.fact(name, texts.join(" "))
    }

    #[must_use]
    pub(crate) fn doubt(mut self, doubt: impl Into<String>) -> Self {
        self.doubts.push(doubt.into());
        self
    }

    #[must_use]
    pub(crate) fn at(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let mut kept: Vec<IpAddr> = addresses.into_iter().take(64).collect();
        kept.sort_unstable();
        kept.dedup();
        kept.truncate(MOST_VALUES);
        self.addresses = kept;
        self
    }

    #[must_use]
    pub(crate) fn port(mut self, port: Option<u16>) -> Self {
        self.port = port;
        self
    }

    #[must_use]
    pub(crate) fn hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        let mut kept: Vec<String> = hosts.into_iter().take(64).collect();
        kept.sort_unstable();
        kept.dedup();
        kept.truncate(MOST_VALUES);
        self.hosts = kept;
        self
    }

    #[must_use]
    pub(crate) fn by(mut self, mechanism: Mechanism) -> Self {
        self.mechanism = Some(mechanism);
        self
    }
}
