//! The MISP core format as it is read: lenient in what stands for a number or a truth, since every
//! tool writes them in its own way, and with each attribute kept as its own text until its turn, so
//! that one that is broken does not take the others with it.

use std::fmt;

use serde::de::{Error as _, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text that may be written as a number or a truth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loose(pub(crate) String);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsText;
        impl Visitor<'_> for AsText {
            type Value = Loose;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a truth")
            }

            fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
                Ok(Loose(text.to_owned()))
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Loose, E> {
                Ok(Loose(truth.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
                Ok(Loose(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
                Ok(Loose(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
                Ok(Loose(number.to_string()))
            }

            fn visit_unit<E>(self) -> Result<Loose, E> {
                Ok(Loose::default())
            }
        }
        deserializer.deserialize_any(AsText)
    }
}

impl Loose {
    /// `true`, `1`.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self.0.as_str(), "true" | "1" | "True")
    }

    /// Whole seconds since 1970, in microseconds.
    pub(crate) fn micros(&self) -> Option<i64> {
        let whole = self.0.split('.').next().unwrap_or_default();
        whole.parse::<i64>().ok()?.checked_mul(1_000_000)
    }
}

/// A list that may be written as `null`.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}

/// An organisation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Organisation {
    pub(crate) name: String,
    pub(crate) uuid: String,
}

/// A tag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tag {
    pub(crate) name: String,
}

/// A galaxy with the clusters of it that are attached.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Galaxy {
    pub(crate) r#type: String,
    #[serde(rename = "GalaxyCluster", deserialize_with = "list")]
    pub(crate) clusters: Vec<Cluster>,
}

/// A cluster of a galaxy: a technique, an actor, a tool.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cluster {
    pub(crate) uuid: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(crate) tag_name: String,
    pub(crate) meta: serde_json::Value,
}

/// A sighting of an attribute.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sighting {
    pub(crate) uuid: String,
    /// 0 seen, 1 false positive, 2 expiration.
    pub(crate) r#type: Loose,
    #[serde(rename = "date_sighting")]
    pub(crate) date: Loose,
    #[serde(rename = "Organisation")]
    pub(crate) organisation: Option<Organisation>,
}

/// An event; its attributes and objects not read yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event<'a> {
    pub(crate) uuid: String,
    pub(crate) info: String,
    pub(crate) date: String,
    pub(crate) timestamp: Loose,
    pub(crate) published: Loose,
    pub(crate) publish_timestamp: Loose,
    #[serde(rename = "Orgc")]
    pub(crate) orgc: Option<Organisation>,
    #[serde(rename = "Tag", deserialize_with = "list")]
    pub(crate) tags: Vec<Tag>,
    #[serde(rename = "Galaxy", deserialize_with = "list")]
    pub(crate) galaxies: Vec<Galaxy>,
    #[serde(borrow, rename = "Attribute", deserialize_with = "list")]
    pub(crate) attributes: Vec<&'a RawValue>,
    #[serde(borrow, rename = "Object", deserialize_with = "list")]
    pub(crate) objects: Vec<&'a RawValue>,
    #[serde(rename = "EventReport", deserialize_with = "list")]
    pub(crate) reports: Vec<IgnoredAny>,
}

/// An attribute.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Attribute {
    pub(crate) uuid: String,
    pub(crate) r#type: String,
    pub(crate) category: String,
    pub(crate) value: Loose,
    pub(crate) to_ids: Loose,
    pub(crate) comment: Option<String>,
    pub(crate) deleted: Loose,
    pub(crate) timestamp: Loose,
    pub(crate) first_seen: Option<Loose>,
    pub(crate) last_seen: Option<Loose>,
    pub(crate) object_relation: Option<String>,
    #[serde(rename = "Tag", deserialize_with = "list")]
    pub(crate) tags: Vec<Tag>,
    #[serde(rename = "Galaxy", deserialize_with = "list")]
    pub(crate) galaxies: Vec<Galaxy>,
    #[serde(rename = "Sighting", deserialize_with = "list")]
    pub(crate) sightings: Vec<Sighting>,
}

/// An object: attributes that belong together.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Object<'a> {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) comment: Option<String>,
    pub(crate) deleted: Loose,
    pub(crate) timestamp: Loose,
    pub(crate) first_seen: Option<Loose>,
    pub(crate) last_seen: Option<Loose>,
    #[serde(borrow, rename = "Attribute", deserialize_with = "list")]
    pub(crate) attributes: Vec<&'a RawValue>,
    #[serde(rename = "ObjectReference", deserialize_with = "list")]
    pub(crate) references: Vec<IgnoredAny>,
}

/// The events of a document, each as its own text: one event by itself, what a server answers to a
/// search, or a list.
///
/// # Errors
/// With line and column, when it is none of these.
pub(crate) fn events(text: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    let mut found = Vec::new();
    gather(serde_json::from_str(text)?, &mut found, 0)?;
    if found.is_empty() && !is_empty_list(text) {
        return Err(serde_json::Error::custom(
            "no MISP event is in it: expected {\"Event\": ...}, {\"response\": [...]} or a list",
        ));
    }
    Ok(found)
}

fn is_empty_list(text: &str) -> bool {
    serde_json::from_str::<[IgnoredAny; 0]>(text).is_ok()
        || serde_json::from_str::<Wrapped<'_>>(text)
            .ok()
            .and_then(|wrapped| wrapped.response)
            .is_some_and(|inner| inner.get() == "[]")
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow, rename = "Event", default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
}

fn gather<'a>(
    raw: &'a RawValue,
    found: &mut Vec<&'a RawValue>,
    depth: usize,
) -> Result<(), serde_json::Error> {
    if depth > 3 {
        return Ok(());
    }
    if raw.get().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(raw.get())?;
        for item in items {
            gather(item, found, depth + 1)?;
        }
    } else if raw.get().starts_with('{') {
        let wrapped: Wrapped<'_> = serde_json::from_str(raw.get())?;
        found.extend(wrapped.event);
        if let Some(inner) = wrapped.response {
            gather(inner, found, depth + 1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_in_every_wrapping() {
        let count = |text: &str| events(text).map(|found| found.len());
        assert_eq!(count(r#"{"Event":{"uuid":"a"}}"#).unwrap(), 1);
        assert_eq!(
            count(r#"{"response":[{"Event":{}},{"Event":{}}]}"#).unwrap(),
            2
        );
        assert_eq!(count(r#"[{"Event":{}}]"#).unwrap(), 1);
        assert_eq!(count("[]").unwrap(), 0);
        assert!(count(r#"{"name":"x"}"#).is_err());
        assert!(count("{").is_err());
    }

    #[test]
    fn numbers_and_truths_are_read_in_every_form() {
        let text = r#"{"uuid":"u","to_ids":"1","deleted":false,"timestamp":1700000000,"value":443,"Tag":null}"#;
        let attribute: Attribute = serde_json::from_str(text).unwrap();
        assert!(attribute.to_ids.is_true() && !attribute.deleted.is_true());
        assert_eq!(attribute.timestamp.micros(), Some(1_700_000_000_000_000));
        assert_eq!(attribute.value.0, "443");
    }
}
