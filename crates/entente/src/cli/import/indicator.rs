//! Indicators made from single values.

use matching::{Kind, Observable};
use node::clock::Clock;
use node::model::{Harm, Marking};
use stix::build::{self, Identity, Indicator};
use stix::{StixIdBuf, Timestamp, Tlp};

use crate::cli::kinds::said;
use crate::cli::target::Target;
use crate::cli::{Exit, Failure};

/// What all indicators of one import have in common.
pub(crate) struct Template {
    /// The identity of the publishing party, as an object.
    pub(crate) identity: Vec<u8>,
    creator: StixIdBuf,
    now: Timestamp,
    marking: Option<Tlp>,
    labels: Vec<String>,
}

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// As written.
    pub(crate) value: String,
    /// What the value is, when the row says.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) labels: Vec<String>,
    /// When it was seen first: a day or a time.
    pub(crate) date: String,
}

/// The longest text that still makes a name.
const LONGEST_NAME: usize = 120;

impl Template {
    /// For indicators that the caller's party publishes.
    ///
    /// # Errors
    /// When the node cannot be asked who the caller is.
    pub(crate) fn new(
        target: &Target,
        marking: Option<Marking>,
        harm: Option<Harm>,
        labels: &[String],
    ) -> anyhow::Result<Self> {
        let who = target.info()?.caller.ok_or_else(|| {
            Failure::new(
                Exit::Authentication,
                "publishing needs a token: give one with --token",
            )
        })?;
        let now = Timestamp::from_micros(Clock::System.now().0);
        let identity = build::identity(&Identity {
            name: &who.name,
            identity_class: "organization",
            created: now,
        });
        let creator = StixIdBuf::parse(build::identity_id(&who.name))?;
        let harm = harm.map(|harm| harm.to_string());
        let labels = harm.into_iter().chain(labels.iter().cloned()).collect();
        Ok(Template {
            identity,
            creator,
            now,
            marking: marking.map(Tlp::from),
            labels,
        })
    }

    /// The id of the publishing party's identity.
    pub(crate) fn creator(&self) -> &str {
        self.creator.as_id().as_str()
    }

    /// The same, as an id.
    pub(crate) fn creator_id(&self) -> stix::StixId<'_> {
        self.creator.as_id()
    }

    /// When this import began.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The marking of what says none.
    pub(crate) fn marking(&self) -> Option<Tlp> {
        self.marking
    }

    /// The indicator that a row says.
    ///
    /// # Errors
    /// Why the row says none.
    pub(crate) fn indicator(&self, row: &Row) -> Result<Vec<u8>, String> {
        if let Some(label) = app(&row.kind) {
            return self.app(row, label);
        }
        let observable = observable(&row.kind, &row.value)?;
        let value = published_form(&row.value, &observable);
        let at = self.moment(row)?;
        let (name, description) = match (row.name.trim(), row.description.trim()) {
            ("", text) if text.chars().count() <= LONGEST_NAME => (text, ""),
            both => both,
        };
        let labels: Vec<&str> = self
            .labels
            .iter()
            .chain(&row.labels)
            .map(|label| label.trim())
            .collect();
        Ok(build::indicator(&Indicator {
            kind: said(observable.kind()),
            value: &value,
            name,
            description,
            labels: &labels,
            created: at,
            valid_from: at,
            creator: self.creator.as_id(),
            marking: self.marking,
        }))
    }

    /// When a row says it was seen first, else now.
    fn moment(&self, row: &Row) -> Result<Timestamp, String> {
        match row.date.trim() {
            "" => Ok(self.now),
            date => moment(date),
        }
    }

    /// The indicator of an application, by the name that its store gives it.
    fn app(&self, row: &Row, label: &str) -> Result<Vec<u8>, String> {
        let name = row.value.trim();
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("'{name}' is no name of an application"));
        }
        let at = self.moment(row)?;
        let escaped = name.replace('\\', "\\\\").replace('\'', "\\'");
        let pattern = format!("[software:name = '{escaped}']");
        let key = format!("{}\n{pattern}", self.creator.as_id());
        let labels = self.labels.iter().chain(&row.labels);
        let labels: Vec<&str> = labels.map(String::as_str).chain([label]).collect();
        let draft = build::Draft::named("indicator", &key, at)
            .set("name", row.description.trim())
            .set("pattern", pattern)
            .set("pattern_type", "stix")
            .set("valid_from", at.to_string())
            .set("labels", labels)
            .said_by(Some(self.creator.as_id()), self.marking);
        Ok(draft.bytes())
    }
}

/// What a feed's kind of application is called in a label; none for other kinds.
fn app(kind: &str) -> Option<&'static str> {
    match kind.trim().to_ascii_lowercase().as_str() {
        "android_package_name" => Some("android-package"),
        "ios_app_id" => Some("ios-app"),
        _ => None,
    }
}

/// The observable that a value is, of the kind that a feed calls it.
fn observable(kind: &str, value: &str) -> Result<Observable, String> {
    let refused = |refusal: matching::Refusal| refusal.to_string();
    let word = kind
        .trim()
        .to_ascii_lowercase()
        .replace([' ', '-', ':', '.'], "_");
    let one_of = |kinds: &[Kind]| {
        let mut last = String::new();
        for kind in kinds {
            match Observable::parse(*kind, value) {
                Ok(observable) => return Ok(observable),
                Err(refusal) => last = refusal.to_string(),
            }
        }
        Err(last)
    };
    let parts: Vec<&str> = word.split('_').collect();
    let has = |names: &[&str]| parts.iter().any(|part| names.contains(part));
    if word.is_empty()
        || has(&["indicator", "observable", "ioc", "hash", "filehash"]) && parts.len() == 1
    {
        Observable::guess(value).map_err(refused)
    } else if has(&["package", "app", "bundle"]) {
        Err(format!("no observable is of the kind '{kind}'"))
    } else if has(&["md5"]) {
        one_of(&[Kind::Md5])
    } else if has(&["sha1"]) || word.ends_with("sha_1") {
        one_of(&[Kind::Sha1])
    } else if has(&["sha256"]) || word.ends_with("sha_256") {
        one_of(&[Kind::Sha256])
    } else if has(&["sha512"]) || word.ends_with("sha_512") {
        one_of(&[Kind::Sha512])
    } else if has(&["url", "uri", "link"]) {
        one_of(&[Kind::Url])
    } else if has(&["email", "mail"]) {
        one_of(&[Kind::Email])
    } else if has(&[
        "ip", "ipv4", "ipv6", "ip4", "ip6", "cidr", "address", "netblock", "network",
    ]) {
        one_of(&[Kind::Ipv4, Kind::Ipv6])
    } else if has(&["domain", "hostname", "host", "fqdn"]) {
        one_of(&[Kind::Domain])
    } else {
        Err(format!("no observable is of the kind '{kind}'"))
    }
}

/// The form in which others read the value. The canonical form of a URL leaves its scheme and its
/// fragment out, which matching does not need and other readers do.
fn published_form(written: &str, observable: &Observable) -> String {
    let canonical = observable.as_str();
    if observable.kind() != Kind::Url {
        return canonical.to_owned();
    }
    let written = written.trim();
    let scheme: String = written
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let scheme = scheme.to_ascii_lowercase();
    let mut form = match canonical.strip_prefix("http://") {
        Some(rest) if scheme.len() == 5 && scheme.starts_with('h') && scheme.ends_with("ps") => {
            format!("https://{rest}")
        }
        _ => canonical.to_owned(),
    };
    if let Some((_, fragment)) = written.split_once('#') {
        form.push('#');
        form.push_str(fragment);
    }
    match Observable::parse(Kind::Url, &form) {
        Ok(same) if same == *observable => form,
        _ => canonical.to_owned(),
    }
}

fn moment(date: &str) -> Result<Timestamp, String> {
    let with_space = date.replacen(' ', "T", 1);
    let zoned = format!("{with_space}Z");
    [date, with_space.as_str(), zoned.as_str()]
        .into_iter()
        .find_map(|text| crate::cli::words::time(text).ok())
        .ok_or_else(|| format!("'{date}' is no date: use YYYY-MM-DD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_call_kinds_by_many_names() {
        let good = [
            ("", "198.51.100[.]7", Kind::Ipv4),
            ("ip", "2001:db8::1", Kind::Ipv6),
            ("domain_name", "www.example.com", Kind::Domain),
            ("hostname", "a[.]example", Kind::Domain),
            ("cib_url", "https://example.com/x", Kind::Url),
            ("phishing_url", "example.com/votes/security", Kind::Url),
            (
                "FileHash-MD5",
                "d41d8cd98f00b204e9800998ecf8427e",
                Kind::Md5,
            ),
            ("ip-dst", "192.0.2.0/24", Kind::Ipv4),
            ("email-addr", "a(at)example[.]com", Kind::Email),
        ];
        for (kind, value, expected) in good {
            let found = observable(kind, value).map(|observable| observable.kind());
            assert_eq!(found, Ok(expected), "{kind} {value}");
        }
        for (kind, value) in [
            ("android_package_name", "apex.racecar.app"),
            ("ios_app_id", "1555651942"),
            ("md5", "example.com"),
            ("", "13 accounts"),
            ("", "info[at]example[.]com, hosted with ..."),
            ("yara", "rule x"),
        ] {
            assert!(observable(kind, value).is_err(), "{kind} {value}");
        }
    }

    #[test]
    fn a_url_keeps_what_other_readers_need() {
        let form = |written: &str| {
            published_form(written, &Observable::parse(Kind::Url, written).unwrap())
        };
        assert_eq!(
            form("hxxps://Example[.]com/a#Key"),
            "https://example.com/a#Key"
        );
        assert_eq!(form("http://example.com/a"), "http://example.com/a");
    }

    #[test]
    fn dates_of_feeds_are_read() {
        for date in ["2021-11-16", "2021-11-16T10:00:00Z", "2021-11-16 10:00:00"] {
            assert!(moment(date).is_ok(), "{date}");
        }
        assert!(moment("November 2021").is_err());
    }
}
