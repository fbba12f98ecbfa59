//! Objects of any type, written property by property.

use serde_json::{Map, Value};

use super::id;
use crate::id::StixId;
use crate::marking::Tlp;
use crate::observable_id::observable_id;
use crate::timestamp::Timestamp;

/// A STIX 2.1 object in the making. The same facts give the same bytes and the same id.
///
/// ```
/// use stix::Timestamp;
/// use stix::build::Draft;
///
/// let url = Draft::observable("url", [("value", "https://example.com/a")]);
/// let grouping = Draft::named("grouping", "what the id depends on", Timestamp::from_micros(0))
///     .set("context", "suspicious-activity")
///     .set("object_refs", [url.id()]);
/// assert!(grouping.id().starts_with("grouping--"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    properties: Map<String, Value>,
}

impl Draft {
    /// A domain or relationship object (3.1) whose id is made of its type and of `key`, which has
    /// to hold all that makes the object this one and no other.
    pub fn named(type_name: &str, key: &str, created: Timestamp) -> Self {
        let created = created.to_string();
        Self::of_type(type_name)
            .set("id", id(type_name, key))
            .set("created", created.as_str())
            .set("modified", created.as_str())
    }

    /// An observable (3.1). Its id is made of its contributing properties (2.9), which all have to
    /// be among these; of other properties, where the type has none of those.
    pub fn observable<'p, V: Into<Value>>(
        type_name: &str,
        properties: impl IntoIterator<Item = (&'p str, V)>,
    ) -> Self {
        let mut draft = Self::of_type(type_name);
        for (name, value) in properties {
            draft = draft.set(name, value);
        }
        let bytes = draft.bytes();
        let own = observable_id(&bytes).ok().flatten();
        let id = own.map_or_else(
            || id(type_name, &String::from_utf8_lossy(&bytes)),
            crate::StixIdBuf::into_string,
        );
        draft.set("id", id)
    }

    /// A relationship between two objects (5.1).
    pub fn relationship(source: &str, kind: &str, target: &str, created: Timestamp) -> Self {
        Self::named(
            "relationship",
            &format!("{source}\n{kind}\n{target}"),
            created,
        )
        .set("relationship_type", kind)
        .set("source_ref", source)
        .set("target_ref", target)
    }

    fn of_type(type_name: &str) -> Self {
        let draft = Draft {
            properties: Map::new(),
        };
        draft.set("type", type_name).set("spec_version", "2.1")
    }

    /// Sets a property; an empty text or list takes it away, since STIX knows none (2.10, 3.1).
    #[must_use]
    pub fn set(mut self, property: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let is_empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if is_empty {
            self.properties.remove(property);
        } else {
            self.properties.insert(property.to_owned(), value);
        }
        self
    }

    /// Who says it, and under which marking. Observables have no creator (3.1).
    #[must_use]
    pub fn said_by(self, creator: Option<StixId<'_>>, marking: Option<Tlp>) -> Self {
        let marked = match marking {
            Some(tlp) => self.set("object_marking_refs", [tlp.marking_id()]),
            None => self,
        };
        match creator {
            Some(creator) if marked.properties.contains_key("created") => {
                marked.set("created_by_ref", creator.as_str())
            }
            _ => marked,
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Its type.
    pub fn type_name(&self) -> &str {
        self.text("type")
    }

    /// A property, where it has it.
    pub fn get(&self, property: &str) -> Option<&Value> {
        self.properties.get(property)
    }

    fn text(&self, property: &str) -> &str {
        let value = self.properties.get(property).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    /// The object as JSON.
    pub fn bytes(&self) -> Vec<u8> {
        // a map of JSON values: serde_json cannot fail on it
        serde_json::to_vec(&self.properties).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Object, StixIdBuf};

    const NOON: Timestamp = Timestamp::from_micros(1_541_980_800_000_000);

    #[test]
    fn what_is_written_is_stix() {
        let creator = StixIdBuf::parse(crate::build::identity_id("EBU")).unwrap();
        let account = Draft::observable("user-account", [("user_id", "17")]);
        let campaign = Draft::named("campaign", "a", NOON)
            .set("name", "Accounts that share within 10 s")
            .set("description", "")
            .said_by(Some(creator.as_id()), Some(Tlp::Green));
        let tie = Draft::relationship(campaign.id(), "related-to", account.id(), NOON);
        for draft in [&account, &campaign, &tie] {
            let bytes = draft.bytes();
            let object = Object::parse(&bytes).unwrap();
            assert_eq!(object.id().as_str(), draft.id());
            assert_eq!(object.type_name(), draft.type_name());
        }
        assert!(campaign.get("description").is_none());
        assert!(campaign.get("created_by_ref").is_some());
        assert!(
            account
                .said_by(Some(creator.as_id()), None)
                .get("created_by_ref")
                .is_none()
        );
    }

    #[test]
    fn an_observable_has_the_id_that_the_specification_gives() {
        let address = Draft::observable("ipv4-addr", [("value", "198.51.100.3")]);
        assert_eq!(
            address.id(),
            "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
        );
    }
}
