//! STIX objects written from facts: the same facts give the same bytes and the same id, so that
//! importing a list twice changes nothing.

mod draft;
pub mod feedback;

use std::borrow::Cow;

pub use draft::Draft;
use serde::Serialize;
use uuid::Uuid;

use crate::id::StixId;
use crate::marking::Tlp;
use crate::pattern::{Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Step, Test};
use crate::signal::SaidKind;
use crate::timestamp::Timestamp;

/// The namespace of every id made here (a version 5 UUID). Ids depend on it: it never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x666d_779d_4fb1_4d5a_abf7_067a_9de6_0395);

/// What an indicator is written from.
#[derive(Clone, Debug)]
pub struct Indicator<'a> {
    /// What the value is.
    pub kind: SaidKind,
    /// The value, best canonical: the id depends on its spelling. An address with `/n` is a range.
    pub value: &'a str,
    /// `name`, unless empty.
    pub name: &'a str,
    /// `description`, unless empty.
    pub description: &'a str,
    /// `labels`, unless empty.
    pub labels: &'a [&'a str],
    /// `created` and `modified`.
    pub created: Timestamp,
    /// `valid_from`.
    pub valid_from: Timestamp,
    /// `created_by_ref`.
    pub creator: StixId<'a>,
    /// The marking.
    pub marking: Option<Tlp>,
}

/// What an identity is written from.
#[derive(Clone, Debug)]
pub struct Identity<'a> {
    /// `name`; the id depends on it alone.
    pub name: &'a str,
    /// `identity_class`, such as `organization`, unless empty.
    pub identity_class: &'a str,
    /// `created` and `modified`.
    pub created: Timestamp,
}

/// The pattern that says a value by itself, such as `[domain-name:value = 'example.com']`; a range
/// of addresses becomes `ISSUBSET`.
pub fn pattern(kind: SaidKind, value: &str) -> String {
    let (object_type, algorithm) = match kind {
        SaidKind::Ipv4 => ("ipv4-addr", None),
        SaidKind::Ipv6 => ("ipv6-addr", None),
        SaidKind::Domain => ("domain-name", None),
        SaidKind::Url => ("url", None),
        SaidKind::Email => ("email-addr", None),
        SaidKind::Md5 => ("file", Some("MD5")),
        SaidKind::Sha1 => ("file", Some("SHA-1")),
        SaidKind::Sha256 => ("file", Some("SHA-256")),
        SaidKind::Sha512 => ("file", Some("SHA-512")),
        SaidKind::Pdq => ("file", Some("PDQ")),
    };
    let text = Cow::Borrowed(value);
    let is_range = matches!(kind, SaidKind::Ipv4 | SaidKind::Ipv6) && value.contains('/');
    let condition = if is_range {
        Condition::IsSubset(text)
    } else {
        Condition::Compare(Operator::Equal, Constant::Text(text))
    };
    let path = ObjectPath {
        object_type: Cow::Borrowed(object_type),
        property: Cow::Borrowed(if algorithm.is_some() {
            "hashes"
        } else {
            "value"
        }),
        steps: algorithm
            .into_iter()
            .map(|name| Step::Key(Cow::Borrowed(name)))
            .collect(),
    };
    let test = Test {
        path,
        negated: false,
        condition,
    };
    Pattern::Observation(Comparison::Test(test)).to_string()
}

/// Writes an indicator. Its id is made of the creator and the pattern, so that the same creator
/// says the same thing once.
pub fn indicator(facts: &Indicator<'_>) -> Vec<u8> {
    let pattern = pattern(facts.kind, facts.value);
    let created = facts.created.to_string();
    let name = format!("{}\n{pattern}", facts.creator);
    write(&Written {
        id: id("indicator", &name),
        created_by_ref: Some(facts.creator.as_str()),
        name: facts.name,
        description: facts.description,
        pattern: &pattern,
        pattern_type: "stix",
        valid_from: Some(facts.valid_from.to_string()),
        labels: facts.labels,
        object_marking_refs: facts
            .marking
            .as_slice()
            .iter()
            .map(|tlp| tlp.marking_id())
            .collect(),
        ..Written::new("indicator", &created)
    })
}

/// Writes the identity of a party.
pub fn identity(facts: &Identity<'_>) -> Vec<u8> {
    let created = facts.created.to_string();
    write(&Written {
        id: id("identity", facts.name),
        name: facts.name,
        identity_class: facts.identity_class,
        ..Written::new("identity", &created)
    })
}

/// The id that [`identity`] gives a name.
pub fn identity_id(name: &str) -> String {
    id("identity", name)
}

/// The id of a bundle of these objects, in this order.
pub fn bundle_id(ids: &[&str]) -> String {
    id("bundle", &ids.join("\n"))
}

fn id(type_name: &str, name: &str) -> String {
    let uuid = Uuid::new_v5(&NAMESPACE, format!("{type_name}\n{name}").as_bytes());
    format!("{type_name}--{uuid}")
}

/// Properties in the order they are written.
#[derive(Default, Serialize)]
struct Written<'a> {
    r#type: &'a str,
    spec_version: &'a str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_ref: Option<&'a str>,
    created: &'a str,
    modified: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    identity_class: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pattern: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pattern_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    labels: &'a [&'a str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    object_marking_refs: Vec<&'static str>,
}

impl<'a> Written<'a> {
    fn new(type_name: &'a str, created: &'a str) -> Self {
        Written {
            r#type: type_name,
            spec_version: "2.1",
            created,
            modified: created,
            ..Written::default()
        }
    }
}

fn write(object: &Written<'_>) -> Vec<u8> {
    // strings and lists of strings: serde_json cannot fail on them
    serde_json::to_vec(object).unwrap_or_default()
}
