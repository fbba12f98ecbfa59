//! What an object says can be matched in a log by itself.
//!
//! An indicator says it with the atoms of its pattern that are sufficient alone: equality, `IN` and
//! `ISSUBSET`, not negated, joined by `OR` at most. An `AND`, a `FOLLOWEDBY`, `REPEATS` more than
//! once and `START ... STOP` ask for more than one value seen in a log, so what they join says
//! nothing here; such patterns are for evaluation. An observable says its value, a file its hashes.

use std::borrow::Cow;

use crate::json;
use crate::object::{Category, Object};
use crate::pattern::{
    self, Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Qualifier, Step, Test,
};

/// A value that an object calls noteworthy, as the object writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Said<'a> {
    /// What the value is.
    pub kind: SaidKind,
    /// The value, not yet canonical and not yet checked: an address may carry a prefix length.
    pub value: Cow<'a, str>,
}

/// What a value is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaidKind {
    /// An IPv4 address, or a range with `/n`.
    Ipv4,
    /// An IPv6 address, or a range with `/n`.
    Ipv6,
    /// A domain name.
    Domain,
    /// A URL.
    Url,
    /// An e-mail address.
    Email,
    /// An MD5 digest in hexadecimal.
    Md5,
    /// A SHA-1 digest in hexadecimal.
    Sha1,
    /// A SHA-256 digest in hexadecimal.
    Sha256,
    /// A SHA-512 digest in hexadecimal.
    Sha512,
    /// A PDQ hash of an image in hexadecimal.
    Pdq,
}

/// Everything the object says can be matched by itself, in the order it says so. Nothing for an
/// indicator whose pattern is in another language or does not parse.
pub fn observables<'a>(object: &Object<'a>) -> Vec<Said<'a>> {
    match object.category() {
        Category::Observable => of_observable(object),
        Category::Domain if object.type_name() == "indicator" => of_indicator(object),
        _ => Vec::new(),
    }
}

/// Everything a pattern says can be matched by itself; nothing when it does not parse.
pub fn of_pattern(pattern: &str) -> Vec<Said<'_>> {
    if let Some(said) = plain(pattern) {
        return vec![said];
    }
    let mut said = Vec::new();
    if let Ok(pattern) = pattern::parse(pattern) {
        sufficient(pattern, &mut said);
    }
    said
}

fn of_indicator<'a>(object: &Object<'a>) -> Vec<Said<'a>> {
    if object.pattern_type().as_deref() != Some("stix") {
        return Vec::new();
    }
    match object.pattern() {
        Some(Cow::Borrowed(pattern)) => of_pattern(pattern),
        Some(Cow::Owned(pattern)) => of_pattern(&pattern)
            .into_iter()
            .map(Said::into_owned)
            .collect(),
        None => Vec::new(),
    }
}

/// The commonest pattern, `[type:value = '...']`, without building a tree.
fn plain(pattern: &str) -> Option<Said<'_>> {
    let (path, quoted) = pattern.strip_prefix('[')?.split_once(" = '")?;
    let value = quoted.strip_suffix("']")?;
    let kind = value_kind(path.strip_suffix(":value")?)?;
    (!value.contains(['\'', '\\'])).then_some(Said {
        kind,
        value: Cow::Borrowed(value),
    })
}

fn sufficient<'a>(pattern: Pattern<'a>, said: &mut Vec<Said<'a>>) {
    match pattern {
        Pattern::Observation(comparison) => sufficient_tests(comparison, said),
        Pattern::Or(parts) => parts.into_iter().for_each(|part| sufficient(part, said)),
        Pattern::Qualified(inner, qualifiers) => {
            let holds_alone = |qualifier: &Qualifier<'_>| {
                matches!(qualifier, Qualifier::Within(_) | Qualifier::Repeats(0 | 1))
            };
            if qualifiers.iter().all(holds_alone) {
                sufficient(*inner, said);
            }
        }
        Pattern::And(_) | Pattern::FollowedBy(_) => {}
    }
}

fn sufficient_tests<'a>(comparison: Comparison<'a>, said: &mut Vec<Said<'a>>) {
    match comparison {
        Comparison::Test(test) => of_test(test, said),
        Comparison::Or(parts) => parts
            .into_iter()
            .for_each(|part| sufficient_tests(part, said)),
        Comparison::And(_) => {}
    }
}

fn of_test<'a>(test: Test<'a>, said: &mut Vec<Said<'a>>) {
    let Some(subject) = Subject::of(&test.path).filter(|_| !test.negated) else {
        return;
    };
    let mut say = |constant| {
        if let Constant::Text(value) = constant
            && let Some(kind) = subject.kind(&value)
        {
            said.push(Said { kind, value });
        }
    };
    match test.condition {
        Condition::Compare(Operator::Equal, constant) => say(constant),
        Condition::In(constants) => constants.into_iter().for_each(say),
        Condition::IsSubset(range) if subject.is_address() => say(Constant::Text(range)),
        _ => {}
    }
}

/// What a path leads to.
enum Subject {
    Value(SaidKind),
    /// An end of network traffic: an address or a domain name, told by its form.
    Endpoint,
}

impl Subject {
    fn of(path: &ObjectPath<'_>) -> Option<Self> {
        let object_type = path.object_type.as_ref();
        match (object_type, path.property.as_ref(), path.steps.as_slice()) {
            (_, "value", []) => value_kind(object_type).map(Subject::Value),
            ("file", "hashes", [Step::Key(algorithm)]) => digest(algorithm).map(Subject::Value),
            ("email-message", "from_ref", [Step::Key(key)]) if key == "value" => {
                Some(Subject::Value(SaidKind::Email))
            }
            ("network-traffic", "src_ref" | "dst_ref", [Step::Key(key)]) if key == "value" => {
                Some(Subject::Endpoint)
            }
            _ => None,
        }
    }

    fn is_address(&self) -> bool {
        matches!(
            self,
            Subject::Endpoint | Subject::Value(SaidKind::Ipv4 | SaidKind::Ipv6)
        )
    }

    /// The kind of this value; none for a MAC address at an end of network traffic.
    fn kind(&self, value: &str) -> Option<SaidKind> {
        match self {
            Subject::Value(kind) => Some(*kind),
            Subject::Endpoint => endpoint_kind(value),
        }
    }
}

fn endpoint_kind(value: &str) -> Option<SaidKind> {
    let address = value.split('/').next().unwrap_or_default();
    if address.parse::<std::net::Ipv4Addr>().is_ok() {
        Some(SaidKind::Ipv4)
    } else if address.parse::<std::net::Ipv6Addr>().is_ok() {
        Some(SaidKind::Ipv6)
    } else {
        (!address.contains(':')).then_some(SaidKind::Domain)
    }
}

impl Said<'_> {
    /// A copy that owns its value.
    pub fn into_owned<'b>(self) -> Said<'b> {
        Said {
            kind: self.kind,
            value: Cow::Owned(self.value.into_owned()),
        }
    }
}

fn of_observable<'a>(object: &Object<'a>) -> Vec<Said<'a>> {
    let mut said = Vec::new();
    if object.type_name() == "file" {
        if let Some(raw) = object.member("hashes") {
            // a parsed object's hashes are well-formed
            let _ = json::each_member(raw, |algorithm, value| {
                if let (Some(kind), Some(value)) = (digest(&algorithm), json::string(value)) {
                    said.push(Said { kind, value });
                }
            });
        }
    } else if let Some(kind) = value_kind(object.type_name())
        && let Some(value) = object.text("value")
    {
        said.push(Said { kind, value });
    }
    said
}

/// The kind of a type's `value`.
fn value_kind(object_type: &str) -> Option<SaidKind> {
    match object_type {
        "ipv4-addr" => Some(SaidKind::Ipv4),
        "ipv6-addr" => Some(SaidKind::Ipv6),
        "domain-name" => Some(SaidKind::Domain),
        "url" => Some(SaidKind::Url),
        "email-addr" => Some(SaidKind::Email),
        _ => None,
    }
}

/// The kind of a hash algorithm's digests, in whatever case and with or without the hyphen.
fn digest(algorithm: &str) -> Option<SaidKind> {
    let known = [
        ("MD5", SaidKind::Md5),
        ("SHA-1", SaidKind::Sha1),
        ("SHA1", SaidKind::Sha1),
        ("SHA-256", SaidKind::Sha256),
        ("SHA256", SaidKind::Sha256),
        ("SHA-512", SaidKind::Sha512),
        ("SHA512", SaidKind::Sha512),
        ("PDQ", SaidKind::Pdq),
    ];
    known
        .into_iter()
        .find(|(name, _)| algorithm.eq_ignore_ascii_case(name))
        .map(|(_, kind)| kind)
}
