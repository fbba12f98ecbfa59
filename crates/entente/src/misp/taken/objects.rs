//! MISP objects: what says one thing together becomes one STIX object.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use stix::Timestamp;

use super::super::document::{Attribute, Galaxy, Object, Sighting, Tag};
use super::super::meaning::{self, Part, no_counterpart, parts};
use super::super::tag::Said;
use super::super::written;
use super::{Taker, pattern_properties};

impl<'a> Taker<'a, '_> {
    /// Takes an object: the types that say one thing together become one indicator or one
    /// observable, the attributes of others are taken one by one.
    pub(super) fn object(&mut self, raw: &'a RawValue) {
        let object: Object<'a> = match serde_json::from_str(raw.get()) {
            Ok(object) => object,
            Err(error) => return self.refuse(raw.get(), "an object", &error.to_string()),
        };
        if object.deleted.is_true() {
            return;
        }
        if !object.references.is_empty() {
            let (count, uuid) = (object.references.len(), &object.uuid);
            let note = format!(
                "object {uuid} ({}): its {count} references are not kept",
                object.name
            );
            self.taken.notes.push(note);
        }
        let taken = together(&object.name).then(|| self.whole(raw.get(), &object));
        match taken {
            Some(Ok(())) => {}
            Some(Err(_)) | None => {
                for raw in &object.attributes {
                    self.attribute(raw, Some(&object));
                }
            }
        }
    }

    fn whole(&mut self, raw: &'a str, object: &Object<'a>) -> Result<(), String> {
        let mut attributes = Vec::with_capacity(object.attributes.len());
        for raw in &object.attributes {
            let read = serde_json::from_str::<Attribute>(raw.get());
            let attribute = read.map_err(|error| error.to_string())?;
            if !attribute.deleted.is_true() {
                attributes.push(attribute);
            }
        }
        let tags: Vec<Tag> = attributes.iter().flat_map(|one| one.tags.clone()).collect();
        let galaxies: Vec<Galaxy> = attributes
            .iter()
            .flat_map(|one| one.galaxies.clone())
            .collect();
        let mut said = self.said_of(&tags, &galaxies);
        let (to_find, others): (Vec<&Attribute>, Vec<&Attribute>) =
            attributes.iter().partition(|one| one.to_ids.is_true());
        if to_find.is_empty() {
            return self.seen_together(object, &attributes, &said);
        }
        let found: Vec<Part> = to_find
            .iter()
            .flat_map(|one| parts(&one.r#type, &one.value.0))
            .collect();
        let pattern = meaning::pattern(&found)?;
        let id = written::id("indicator", &object.uuid)?;
        said.labels.push(format!("misp:name=\"{}\"", object.name));
        let newest = attributes
            .iter()
            .filter_map(|one| one.timestamp.micros())
            .max();
        let newest = newest.max(object.timestamp.micros()).unwrap_or(0);
        let at = Timestamp::from_micros(newest).max(self.origin.created);
        let seen = (object.first_seen.as_ref(), object.last_seen.as_ref());
        let mut properties = pattern_properties(&pattern, "stix", at, seen);
        let file = to_find.iter().find(|one| one.r#type == "filename");
        self.name(
            file.map(|one| one.value.0.as_str()),
            object.comment.as_deref(),
            &mut properties,
        );
        let rest: Vec<String> = others.iter().map(|one| line_of(one)).collect();
        let told = properties.get("description").and_then(Value::as_str);
        let told: Vec<String> = told.map(str::to_owned).into_iter().chain(rest).collect();
        if !told.is_empty() {
            properties.insert("description".into(), told.join("\n").into());
        }
        let written = self.origin.versioned(id.clone(), at, &said, properties);
        self.keep(written);
        self.galaxies(raw, &galaxies, Some(&id));
        let sightings: Vec<Sighting> = attributes
            .iter()
            .flat_map(|one| one.sightings.clone())
            .collect();
        self.sightings(raw, &sightings, &id);
        Ok(())
    }

    /// A file that is no indicator is one observable; what else is together is taken one by one.
    fn seen_together(
        &mut self,
        object: &Object<'a>,
        attributes: &[Attribute],
        said: &Said,
    ) -> Result<(), String> {
        if object.name != "file" {
            return Err("its attributes are observables of their own".into());
        }
        let all: Vec<Part> = attributes
            .iter()
            .flat_map(|one| parts(&one.r#type, &one.value.0))
            .collect();
        let properties = file(&all)?;
        let id = written::id("file", &object.uuid)?;
        self.keep(written::observable(id, said, properties));
        Ok(())
    }
}

/// Objects whose attributes say one thing together.
fn together(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "file",
        "domain-ip",
        "ip-port",
        "network-connection",
        "network-socket",
        "email",
        "url",
        "x509",
        "registry-key",
    ];
    NAMES.contains(&name)
}

/// The properties of a file from its parts.
pub(super) fn file(parts: &[Part]) -> Result<Map<String, Value>, String> {
    let mut file = Map::new();
    let mut hashes = Map::new();
    for part in parts {
        match part.misp.as_str() {
            "filename" => drop(file.insert("name".into(), part.value.clone().into())),
            "mime-type" => drop(file.insert("mime_type".into(), part.value.clone().into())),
            "size-in-bytes" => {
                let size: u64 = part.value.parse().map_err(|_| no_counterpart(&part.misp))?;
                file.insert("size".into(), size.into());
            }
            _ => {
                let (_, properties) = meaning::observable(part)?;
                if let Some(Value::Object(known)) = properties.get("hashes") {
                    hashes.extend(known.clone());
                } else {
                    return Err(no_counterpart(&part.misp));
                }
            }
        }
    }
    if !hashes.is_empty() {
        file.insert("hashes".into(), hashes.into());
    }
    if file.contains_key("name") || file.contains_key("hashes") {
        Ok(file)
    } else {
        Err("a file needs a name or a digest".into())
    }
}

fn line_of(attribute: &Attribute) -> String {
    let relation = attribute.object_relation.as_deref();
    let relation = relation.unwrap_or(&attribute.r#type);
    format!("{relation}: {}", attribute.value.0)
}
