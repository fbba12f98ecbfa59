//! Sightings and opinions, written from facts.

use serde::Serialize;

use super::id;
use crate::id::StixId;
use crate::marking::Tlp;
use crate::timestamp::Timestamp;

/// What all feedback is written from.
#[derive(Clone, Debug)]
pub struct Feedback<'a> {
    /// What the id depends on, besides the type.
    pub name: &'a str,
    /// The signal's id.
    pub about: &'a str,
    /// `description` of a sighting, `explanation` of an opinion, unless empty.
    pub words: &'a str,
    /// `labels`, unless empty.
    pub labels: &'a [&'a str],
    /// `created` and `modified`.
    pub created: Timestamp,
    /// `created_by_ref`.
    pub creator: StixId<'a>,
    /// The marking.
    pub marking: Option<Tlp>,
}

/// How often and when something was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// `count`.
    pub count: u32,
    /// `first_seen`.
    pub first: Option<Timestamp>,
    /// `last_seen`.
    pub last: Option<Timestamp>,
}

/// The id that [`sighting`] gives.
pub fn sighting_id(name: &str) -> String {
    id("sighting", name)
}

/// The id that [`opinion`] gives.
pub fn opinion_id(name: &str) -> String {
    id("opinion", name)
}

/// Writes a sighting, seen by its creator (STIX 2.1 §5.2).
pub fn sighting(facts: &Feedback<'_>, seen: &Seen) -> Vec<u8> {
    let about = facts.about;
    let creator = facts.creator.as_str();
    write(&Written {
        first_seen: seen.first.map(|at| at.to_string()),
        last_seen: seen.last.map(|at| at.to_string()),
        count: Some(seen.count),
        sighting_of_ref: Some(about),
        where_sighted_refs: vec![creator],
        description: facts.words,
        ..Written::new("sighting", facts)
    })
}

/// Writes an opinion: `opinion` is a word of the vocabulary (STIX 2.1 §4.15, §10.20).
pub fn opinion(facts: &Feedback<'_>, opinion: &str) -> Vec<u8> {
    write(&Written {
        opinion: Some(opinion),
        object_refs: vec![facts.about],
        explanation: facts.words,
        ..Written::new("opinion", facts)
    })
}

/// Properties in the order they are written.
#[derive(Default, Serialize)]
struct Written<'a> {
    r#type: &'a str,
    spec_version: &'a str,
    id: String,
    created_by_ref: &'a str,
    created: String,
    modified: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sighting_of_ref: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    where_sighted_refs: Vec<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    explanation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    opinion: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    object_refs: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    labels: &'a [&'a str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    object_marking_refs: Vec<&'static str>,
}

impl<'a> Written<'a> {
    fn new(type_name: &'a str, facts: &Feedback<'a>) -> Self {
        let created = facts.created.to_string();
        let markings = facts.marking.as_slice().iter();
        Written {
            r#type: type_name,
            spec_version: "2.1",
            id: id(type_name, facts.name),
            created_by_ref: facts.creator.as_str(),
            modified: created.clone(),
            created,
            labels: facts.labels,
            object_marking_refs: markings.map(|tlp| tlp.marking_id()).collect(),
            ..Written::default()
        }
    }
}

fn write(object: &Written<'_>) -> Vec<u8> {
    // strings, numbers and lists of strings: serde_json cannot fail on them
    serde_json::to_vec(object).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Object;

    #[test]
    fn what_is_written_holds_up_to_the_checks_and_has_the_id_that_was_told() {
        let creator = crate::build::identity_id("Beta");
        let facts = Feedback {
            name: "beta\n7",
            about: "indicator--00000001-0000-4000-8000-000000000000",
            words: "In our mail.",
            labels: &["not-malicious"],
            created: Timestamp::from_micros(1_767_225_600_000_001),
            creator: StixId::parse(&creator).unwrap(),
            marking: Some(Tlp::AmberStrict),
        };
        let seen = Seen {
            count: 3,
            first: Some(Timestamp::from_micros(1)),
            last: Some(Timestamp::from_micros(2)),
        };
        let bytes = sighting(&facts, &seen);
        let object = Object::parse(&bytes).unwrap();
        assert_eq!(object.id().as_str(), sighting_id("beta\n7"));
        assert_eq!(object.member("count"), Some("3"));
        let bytes = opinion(&facts, "strongly-disagree");
        let object = Object::parse(&bytes).unwrap();
        assert_eq!(object.id().as_str(), opinion_id("beta\n7"));
        assert_eq!(object.text("explanation").as_deref(), Some("In our mail."));
    }
}
