//! STIX objects as they are written for a MISP event: ids of MISP's own UUIDs where it has one, times
//! that depend on the event alone, so that reading an event twice writes the same bytes.

use serde_json::{Map, Value, json};
use stix::{StixId, Timestamp};

use super::tag::Said;
use super::uuid_of;

/// An object, and whether what is here under its id already says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) bytes: Vec<u8>,
    /// Nothing in MISP versions it: the first one stays.
    pub(crate) is_constant: bool,
}

/// What all objects of an event share.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// `created` of everything: the event's date.
    pub(crate) created: Timestamp,
    /// `created_by_ref`.
    pub(crate) creator: String,
}

/// An id of a type and one of MISP's UUIDs.
///
/// # Errors
/// When it is no UUID that STIX takes.
pub(crate) fn id(type_name: &str, uuid: &str) -> Result<String, String> {
    let id = format!("{type_name}--{}", uuid.trim().to_ascii_lowercase());
    match StixId::parse(&id) {
        Ok(_) => Ok(id),
        Err(_) => Err(format!("'{uuid}' is no UUID of RFC 4122")),
    }
}

/// An id for what MISP gives no UUID, by what it depends on.
pub(crate) fn derived_id(type_name: &str, words: &[&str]) -> String {
    format!("{type_name}--{}", uuid_of(words))
}

impl Origin {
    /// Writes a domain or relationship object that changes with its `modified`.
    pub(crate) fn versioned(
        &self,
        id: String,
        modified: Timestamp,
        said: &Said,
        properties: Map<String, Value>,
    ) -> Written {
        let modified = modified.max(self.created);
        let mut object = properties;
        self.envelope(&id, modified, said, &mut object);
        Written {
            bytes: Value::Object(object).to_string().into_bytes(),
            id,
            is_constant: false,
        }
    }

    /// Writes an object that nothing versions.
    pub(crate) fn constant(
        &self,
        id: String,
        said: &Said,
        properties: Map<String, Value>,
    ) -> Written {
        let written = self.versioned(id, self.created, said, properties);
        Written {
            is_constant: true,
            ..written
        }
    }

    fn envelope(
        &self,
        id: &str,
        modified: Timestamp,
        said: &Said,
        object: &mut Map<String, Value>,
    ) {
        let type_name = id.split("--").next().unwrap_or_default();
        object.insert("type".into(), type_name.into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), id.into());
        object.insert("created".into(), self.created.to_string().into());
        object.insert("modified".into(), modified.to_string().into());
        if self.creator != id {
            object.insert("created_by_ref".into(), self.creator.clone().into());
        }
        if !said.labels.is_empty() {
            object.insert("labels".into(), json!(said.labels));
        }
        insert_markings(said, object);
    }
}

/// Writes an observable. It has no version: the first one stays.
pub(crate) fn observable(id: String, said: &Said, properties: Map<String, Value>) -> Written {
    let mut object = properties;
    let type_name = id.split("--").next().unwrap_or_default();
    object.insert("type".into(), type_name.into());
    object.insert("spec_version".into(), "2.1".into());
    object.insert("id".into(), id.clone().into());
    insert_markings(said, &mut object);
    Written {
        bytes: Value::Object(object).to_string().into_bytes(),
        id,
        is_constant: true,
    }
}

fn insert_markings(said: &Said, object: &mut Map<String, Value>) {
    let tlp = said.tlp.map(stix::Tlp::marking_id);
    let pap = said.pap.map(stix::Pap::marking_id);
    let refs: Vec<&str> = tlp.into_iter().chain(pap).collect();
    if !refs.is_empty() {
        object.insert("object_marking_refs".into(), json!(refs));
    }
}
