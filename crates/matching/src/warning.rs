//! Warning lists: values that are no cause for alarm, such as private addresses, public resolvers
//! and the names of well-known sites. A signal about one of them is a mistake more often than not.
//!
//! A list is compiled once, from the values and the comparison that MISP's warning lists have, and
//! then asked about one canonical value at a time.

mod built_in;
mod set;

use std::fmt;
use std::str::FromStr;

use crate::address::Network;
use crate::{Kind, url};
pub use built_in::{BUILT_IN, BuiltIn};
use set::{Patterns, Ranges, Texts};

/// Values in one list.
pub const MOST_VALUES: usize = 2_000_000;
/// Octets of all values of one list.
pub const MOST_OCTETS: usize = 40 << 20;
/// Octets of one value.
pub const LONGEST_VALUE: usize = 4096;
/// Values in a list of substrings: each of them is looked for in every value that is asked about.
pub const MOST_PARTS: usize = 20_000;
/// Values in a list of regular expressions.
pub const MOST_PATTERNS: usize = 2_000;
/// Values that are told when they cannot be used.
const TOLD: usize = 5;

/// How a list's values are compared with a signal's.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Networks and addresses: whatever lies within.
    Cidr,
    /// Host names: the name and whatever lies below.
    Hostname,
    /// The same value.
    String,
    /// A part of the value, in whatever case.
    Substring,
    /// A regular expression that finds something in the value, in whatever case.
    Regex,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Cidr,
        Self::Hostname,
        Self::String,
        Self::Substring,
        Self::Regex,
    ];

    /// The word that MISP's lists use as their `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cidr => "cidr",
            Self::Hostname => "hostname",
            Self::String => "string",
            Self::Substring => "substring",
            Self::Regex => "regex",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Comparison {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("'{text}' is no type of warning list: use one of {all}")
        })
    }
}

/// Why a list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It holds more than can be kept.
    #[error("the list holds {values} values: {limit} are the most for a list of this type")]
    TooMany {
        /// How many it holds.
        values: usize,
        /// The most.
        limit: usize,
    },
    /// Its values are longer than can be kept.
    #[error("the values of the list take {octets} octets: {MOST_OCTETS} are the most")]
    TooLarge {
        /// How many they take.
        octets: usize,
    },
    /// None of its values can be used.
    #[error("none of its values can be used: {0}")]
    Nothing(String),
    /// Its expressions together are too large to be searched for.
    #[error("its regular expressions are too large: {0}")]
    Expressions(String),
}

/// Values of a list that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub values: usize,
    /// What is wrong with the first few, each with its value.
    pub reasons: Vec<String>,
}

impl Skipped {
    fn skip(&mut self, value: &str, reason: impl fmt::Display) {
        self.values += 1;
        if self.reasons.len() < TOLD {
            let value: String = value.chars().take(80).collect();
            self.reasons.push(format!("{value:?}: {reason}"));
        }
    }
}

/// A compiled list.
#[derive(Debug)]
pub struct List {
    /// One bit a kind.
    kinds: u16,
    set: Set,
}

#[derive(Debug)]
enum Set {
    Ranges(Ranges),
    Names(Texts),
    Values(Texts),
    Parts(Vec<memchr::memmem::Finder<'static>>),
    Patterns(Patterns),
}

impl List {
    /// Compiles values. The list is about observables of these kinds; of all kinds if there are
    /// none.
    ///
    /// # Errors
    /// [`Unusable`]; single values that cannot be used are told beside the list.
    pub fn compile(
        comparison: Comparison,
        kinds: &[Kind],
        values: &[impl AsRef<str>],
    ) -> Result<(Self, Skipped), Unusable> {
        let limit = match comparison {
            Comparison::Substring => MOST_PARTS,
            Comparison::Regex => MOST_PATTERNS,
            _ => MOST_VALUES,
        };
        if values.len() > limit {
            let values = values.len();
            return Err(Unusable::TooMany { values, limit });
        }
        let octets = values.iter().map(|value| value.as_ref().len()).sum();
        if octets > MOST_OCTETS {
            return Err(Unusable::TooLarge { octets });
        }
        let mut skipped = Skipped::default();
        let mut usable = Vec::with_capacity(values.len());
        for value in values {
            let value = value.as_ref();
            match value.trim() {
                "" => skipped.skip(value, "it is empty"),
                bare if bare.len() > LONGEST_VALUE => {
                    skipped.skip(
                        value,
                        format_args!("it is longer than {LONGEST_VALUE} octets"),
                    );
                }
                bare => usable.push(bare),
            }
        }
        let set = match comparison {
            Comparison::Cidr => Set::Ranges(Ranges::new(&usable, &mut skipped)),
            Comparison::Hostname => Set::Names(Texts::names(&usable, &mut skipped)),
            Comparison::String => Set::Values(Texts::values(&usable)),
            Comparison::Substring => Set::Parts(set::parts(&usable, &mut skipped)),
            Comparison::Regex => Set::Patterns(Patterns::new(&usable, &mut skipped)?),
        };
        if skipped.values >= values.len() {
            let first = skipped.reasons.first().cloned();
            return Err(Unusable::Nothing(
                first.unwrap_or_else(|| "there are none".into()),
            ));
        }
        let bits = kinds.iter().fold(0, |bits, kind| bits | bit(*kind));
        let kinds = if bits == 0 { u16::MAX } else { bits };
        Ok((List { kinds, set }, skipped))
    }

    /// Whether a canonical value of this kind is on the list.
    pub fn holds(&self, kind: Kind, canonical: &str) -> bool {
        if self.kinds & bit(kind) == 0 {
            return false;
        }
        match &self.set {
            Set::Ranges(ranges) => network_of(kind, canonical).is_some_and(|n| ranges.hold(n)),
            Set::Names(names) => {
                host_of(kind, canonical).is_some_and(|host| names.hold_above(host))
            }
            Set::Values(values) => values.hold(canonical),
            Set::Parts(parts) => {
                let text = canonical.to_ascii_lowercase();
                parts
                    .iter()
                    .any(|part| part.find(text.as_bytes()).is_some())
            }
            Set::Patterns(patterns) => patterns.find_in(canonical),
        }
    }
}

const fn bit(kind: Kind) -> u16 {
    1 << kind as u16
}

/// The network that a value is, or that the host of a URL is.
fn network_of(kind: Kind, canonical: &str) -> Option<Network> {
    match kind {
        Kind::Ipv4 | Kind::Ipv6 => Network::parse(canonical).ok(),
        Kind::Url => url::address_of_host(url::host_of(canonical.as_bytes())),
        _ => None,
    }
}

/// The name that a value is or belongs to.
fn host_of(kind: Kind, canonical: &str) -> Option<&str> {
    match kind {
        Kind::Domain => Some(canonical),
        Kind::Url => std::str::from_utf8(url::host_of(canonical.as_bytes())).ok(),
        Kind::Email => canonical.rsplit_once('@').map(|(_, domain)| domain),
        _ => None,
    }
}

/// The kinds that a MISP attribute type (`matching_attributes`) is about; none for a type that
/// nothing here is of.
pub fn kinds_of_attribute(attribute: &str) -> &'static [Kind] {
    match attribute {
        "ip-src" | "ip-dst" | "ip-src|port" | "ip-dst|port" => &[Kind::Ipv4, Kind::Ipv6],
        "domain|ip" => &[Kind::Domain, Kind::Ipv4, Kind::Ipv6],
        "domain" | "hostname" | "hostname|port" => &[Kind::Domain],
        "url" | "uri" | "link" => &[Kind::Url],
        "email"
        | "email-src"
        | "email-dst"
        | "email-reply-to"
        | "target-email"
        | "dns-soa-email"
        | "whois-registrant-email" => &[Kind::Email],
        "md5" | "filename|md5" | "malware-sample" => &[Kind::Md5],
        "sha1" | "filename|sha1" => &[Kind::Sha1],
        "sha256" | "filename|sha256" => &[Kind::Sha256],
        "sha512" | "filename|sha512" => &[Kind::Sha512],
        _ => &[],
    }
}
