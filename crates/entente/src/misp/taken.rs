//! A MISP event as STIX objects: attributes and objects as indicators (`to_ids`) or observables,
//! galaxies, sightings, and a report or a grouping that holds them together.

use std::collections::HashSet;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use stix::{Timestamp, Tlp};

use super::document::{Attribute, Event, Galaxy, Loose, Object, Organisation, Sighting, Tag};
use super::meaning::{self, Part, no_counterpart, parts};
use super::tag::{self, Said};
use super::written::{self, Origin, Written, derived_id};
use super::{galaxy, kind};

/// Something of an event that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Untaken<'a> {
    /// Its text in the document.
    pub(crate) raw: &'a str,
    /// What it is, and why it is not taken.
    pub(crate) reason: String,
}

/// Everything that an event becomes.
#[derive(Debug, Default)]
pub(crate) struct Taken<'a> {
    pub(crate) objects: Vec<Written>,
    pub(crate) untaken: Vec<Untaken<'a>>,
    /// What is lost of the event besides.
    pub(crate) notes: Vec<String>,
    /// Ids of the objects, for the report.
    refs: Vec<String>,
    seen: HashSet<String>,
}

/// The event that is being taken.
struct Taker<'a, 'e> {
    event: &'e Event<'a>,
    origin: Origin,
    /// What holds where an attribute says nothing of its own.
    said: Said,
    /// The UUID that identifies the event.
    report: String,
    taken: Taken<'a>,
}

/// Takes an event. `default` marks what neither it nor its attributes mark; `fallback` made events
/// that do not say who did.
///
/// # Errors
/// What is wrong with the event as a whole.
pub(crate) fn take<'a>(
    raw: &'a RawValue,
    default: Option<Tlp>,
    fallback: &str,
) -> Result<Taken<'a>, String> {
    let event: Event<'a> = serde_json::from_str(raw.get())
        .map_err(|error| format!("the event cannot be read: {error}"))?;
    let created = day(&event.date)
        .or_else(|| event.timestamp.micros().map(Timestamp::from_micros))
        .ok_or("the event has neither a date nor a timestamp")?;
    let is_report = event.published.is_true();
    let type_name = if is_report { "report" } else { "grouping" };
    let report = written::id(type_name, &event.uuid).map_err(|why| format!("the event: {why}"))?;
    let orgc = event.orgc.clone().unwrap_or_default();
    let identity = organisation(&orgc, created);
    let creator = identity
        .as_ref()
        .map_or_else(|| fallback.to_owned(), |identity| identity.id.clone());
    let mut said = tag::read(event.tags.iter().map(|tag| tag.name.as_str()));
    said.tlp = said.tlp.or(default);
    let mut taker = Taker {
        event: &event,
        origin: Origin { created, creator },
        said,
        report,
        taken: Taken::default(),
    };
    taker.taken.objects.extend(identity);
    taker.galaxies(raw.get(), &event.galaxies, None);
    for raw in &event.attributes {
        taker.attribute(raw, None);
    }
    for raw in &event.objects {
        taker.object(raw);
    }
    taker.report();
    Ok(taker.taken)
}

fn organisation(orgc: &Organisation, created: Timestamp) -> Option<Written> {
    let id = written::id("identity", &orgc.uuid).ok()?;
    let properties = map(json!({
        "name": if orgc.name.is_empty() { "unknown" } else { &orgc.name },
        "identity_class": "organization",
    }));
    let origin = Origin {
        created,
        creator: id.clone(),
    };
    Some(origin.constant(id, &Said::default(), properties))
}

impl<'a> Taker<'a, '_> {
    fn refuse(&mut self, raw: &'a str, what: &str, why: &str) {
        let reason = format!("{what}: {why}");
        self.taken.untaken.push(Untaken { raw, reason });
    }

    /// Keeps an object, once, and names it in the report.
    fn keep(&mut self, written: Written) {
        if self.taken.seen.insert(written.id.clone()) {
            self.taken.refs.push(written.id.clone());
            self.taken.objects.push(written);
        }
    }

    /// Takes clusters; an indicator that they hang on indicates them.
    fn galaxies(&mut self, raw: &'a str, galaxies: &[Galaxy], indicator: Option<&str>) {
        for galaxy in galaxies {
            for cluster in &galaxy.clusters {
                match galaxy::object(&self.origin, &galaxy.r#type, cluster) {
                    Ok(None) => {}
                    Ok(Some(object)) => {
                        let target = object.id.clone();
                        self.keep(object);
                        if let Some(source) = indicator.filter(|_| is_indicated(&target)) {
                            let relation = self.indicates(source, &target);
                            self.keep(relation);
                        }
                    }
                    Err(why) => {
                        let what = format!("cluster '{}' of {}", cluster.value, galaxy.r#type);
                        self.refuse(raw, &what, &why);
                    }
                }
            }
        }
    }

    fn indicates(&self, source: &str, target: &str) -> Written {
        let id = derived_id("relationship", &["indicates", source, target]);
        let properties = map(json!({
            "relationship_type": "indicates",
            "source_ref": source,
            "target_ref": target,
        }));
        let said = Said::default().or(&self.said);
        self.origin.constant(id, &said, properties)
    }

    /// Takes an attribute that stands by itself, or in an object that is taken one by one.
    fn attribute(&mut self, raw: &'a RawValue, of: Option<&Object<'a>>) {
        let raw = raw.get();
        let attribute: Attribute = match serde_json::from_str(raw) {
            Ok(attribute) => attribute,
            Err(error) => return self.refuse(raw, "an attribute", &error.to_string()),
        };
        if attribute.deleted.is_true() {
            return;
        }
        if let Err(why) = self.one(raw, &attribute, of) {
            let what = format!("attribute {} ({})", attribute.uuid, attribute.r#type);
            self.refuse(raw, &what, &why);
        }
    }

    fn one(
        &mut self,
        raw: &'a str,
        attribute: &Attribute,
        of: Option<&Object<'a>>,
    ) -> Result<(), String> {
        let misp = attribute.r#type.as_str();
        let value = attribute.value.0.trim();
        if value.is_empty() {
            return Err("it has no value".into());
        }
        let mut said = self.said_of(&attribute.tags, &attribute.galaxies);
        let to_ids = attribute.to_ids.is_true();
        if let Some(type_name) = named(misp) {
            let id = written::id(type_name, &attribute.uuid)?;
            let mut properties = map(json!({ "name": value }));
            if misp == "vulnerability" {
                let reference = json!([{"source_name": "cve", "external_id": value}]);
                properties.insert("external_references".into(), reference);
            }
            describe(attribute.comment.as_deref(), &mut properties);
            let written =
                self.origin
                    .versioned(id, self.at(&attribute.timestamp), &said, properties);
            self.keep(written);
            return Ok(());
        }
        let (pattern, language) = match misp {
            _ if kind::RULES.contains(&misp) => (value.to_owned(), misp),
            kind::PATTERN => {
                let parsed = stix::pattern::parse(value).map_err(|error| error.to_string())?;
                (parsed.to_string(), "stix")
            }
            _ if to_ids => (meaning::pattern(&parts(misp, value))?, "stix"),
            _ => return self.observables(attribute, &said),
        };
        let id = written::id("indicator", &attribute.uuid)?;
        said.labels.push(format!("misp:type=\"{misp}\""));
        if attribute.category != kind::category(misp) && !attribute.category.is_empty() {
            said.labels
                .push(format!("misp:category=\"{}\"", attribute.category));
        }
        let first = attribute
            .first_seen
            .as_ref()
            .or(of.and_then(|of| of.first_seen.as_ref()));
        let last = attribute
            .last_seen
            .as_ref()
            .or(of.and_then(|of| of.last_seen.as_ref()));
        let at = self.at(&attribute.timestamp);
        let mut properties = pattern_properties(&pattern, language, at, (first, last));
        // Beside a digest the file's name says nothing that can be looked up: it names the signal.
        let file = misp.starts_with("filename|") || misp == "malware-sample";
        let file = value.split_once('|').map(|(name, _)| name).filter(|_| file);
        self.name(file, attribute.comment.as_deref(), &mut properties);
        let written = self.origin.versioned(id.clone(), at, &said, properties);
        self.keep(written);
        self.galaxies(raw, &attribute.galaxies, Some(&id));
        self.sightings(raw, &attribute.sightings, &id);
        Ok(())
    }

    fn observables(&mut self, attribute: &Attribute, said: &Said) -> Result<(), String> {
        let parts = parts(&attribute.r#type, &attribute.value.0);
        let is_file = parts.iter().any(|part| part.misp == "filename") && parts.len() > 1;
        if is_file {
            let properties = file(&parts)?;
            let id = written::id("file", &attribute.uuid)?;
            self.keep(written::observable(id, said, properties));
            return Ok(());
        }
        let mut written = Vec::new();
        for part in &parts {
            // A port narrows its address; an observable by itself it is not.
            if matches!(part.misp.as_str(), "port" | "value") && parts.len() > 1 {
                continue;
            }
            let (type_name, properties) = meaning::observable(part)?;
            let id = if written.is_empty() {
                written::id(&type_name, &attribute.uuid)?
            } else {
                derived_id(&type_name, &["part", &attribute.uuid, &part.misp])
            };
            written.push(written::observable(id, said, properties));
        }
        for one in written {
            self.keep(one);
        }
        Ok(())
    }

    /// Takes an object: the types that say one thing together become one indicator or one
    /// observable, the attributes of others are taken one by one.
    fn object(&mut self, raw: &'a RawValue) {
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

    fn sightings(&mut self, raw: &'a str, sightings: &[Sighting], indicator: &str) {
        for sighting in sightings {
            if let Err(why) = self.sighting(sighting, indicator) {
                self.refuse(raw, &format!("sighting {}", sighting.uuid), &why);
            }
        }
    }

    fn sighting(&mut self, sighting: &Sighting, indicator: &str) -> Result<(), String> {
        let at = self.at(&sighting.date);
        let organisation = sighting.organisation.clone().unwrap_or_default();
        let identity = organisation_of(&organisation, self.origin.created);
        let said = Said::default().or(&self.said);
        match sighting.r#type.0.as_str() {
            "0" | "" => {
                let id = written::id("sighting", &sighting.uuid)?;
                let mut properties = map(json!({
                    "sighting_of_ref": indicator,
                    "first_seen": at.to_string(),
                    "last_seen": at.to_string(),
                    "count": 1,
                }));
                if let Some(identity) = &identity {
                    properties.insert("where_sighted_refs".into(), json!([identity.id]));
                }
                let written = self.origin.constant(id, &said, properties);
                if let Some(identity) = identity {
                    self.keep(identity);
                }
                self.keep(written);
            }
            "1" => {
                let id = written::id("opinion", &sighting.uuid)?;
                let mut properties = map(json!({
                    "opinion": "strongly-disagree",
                    "explanation": "Sighted as a false positive in MISP.",
                    "object_refs": [indicator],
                }));
                if !organisation.name.is_empty() {
                    properties.insert("authors".into(), json!([organisation.name]));
                }
                let written = self.origin.constant(id, &said, properties);
                self.keep(written);
            }
            _ => return Err("STIX has no expiration by others".into()),
        }
        Ok(())
    }

    fn report(&mut self) {
        if !self.event.reports.is_empty() {
            let (count, uuid) = (self.event.reports.len(), &self.event.uuid);
            let note = format!("event {uuid}: its {count} reports are not kept");
            self.taken.notes.push(note);
        }
        if self.taken.refs.is_empty() {
            return;
        }
        let at = self.at(&self.event.timestamp);
        let mut properties = map(json!({
            "name": if self.event.info.is_empty() { "MISP event" } else { &self.event.info },
            "object_refs": self.taken.refs,
        }));
        if self.report.starts_with("report--") {
            let published = self.event.publish_timestamp.micros().filter(|at| *at > 0);
            let published = published.map_or(at, Timestamp::from_micros);
            properties.insert("published".into(), published.to_string().into());
            properties.insert("report_types".into(), json!(["threat-report"]));
        } else {
            properties.insert("context".into(), "suspicious-activity".into());
        }
        let mut said = self.said.clone();
        let clusters = self
            .event
            .galaxies
            .iter()
            .flat_map(|galaxy| &galaxy.clusters);
        let tags: HashSet<&str> = clusters.map(|cluster| cluster.tag_name.as_str()).collect();
        said.labels.retain(|label| !tags.contains(label.as_str()));
        let id = self.report.clone();
        let written = self.origin.versioned(id, at, &said, properties);
        self.taken.objects.push(written);
    }

    /// What tags say, without those of clusters that become objects.
    fn said_of(&self, tags: &[Tag], galaxies: &[Galaxy]) -> Said {
        let clusters = galaxies.iter().flat_map(|galaxy| &galaxy.clusters);
        let of_clusters: HashSet<&str> = clusters.map(|one| one.tag_name.as_str()).collect();
        let mut seen = HashSet::new();
        let names = tags.iter().map(|tag| tag.name.as_str());
        let names = names.filter(|name| !of_clusters.contains(name) && seen.insert(*name));
        tag::read(names).or(&self.said)
    }

    fn name(&self, file: Option<&str>, comment: Option<&str>, properties: &mut Map<String, Value>) {
        let comment = comment.unwrap_or_default().trim();
        let name = file.unwrap_or(comment);
        let name = if name.is_empty() {
            self.event.info.trim()
        } else {
            name
        };
        let first = name.lines().next().unwrap_or_default();
        let short: String = first.chars().take(LONGEST_NAME).collect();
        if !short.is_empty() {
            properties.insert("name".into(), short.clone().into());
        }
        if comment != short {
            describe(Some(comment), properties);
        }
    }

    /// A time of the event, not before it was made.
    fn at(&self, seconds: &Loose) -> Timestamp {
        let at = seconds.micros().map(Timestamp::from_micros);
        at.unwrap_or(self.origin.created).max(self.origin.created)
    }
}

/// Characters of a name.
const LONGEST_NAME: usize = 120;

/// An organisation that sighted; none when it does not say who it is.
fn organisation_of(organisation: &Organisation, created: Timestamp) -> Option<Written> {
    self::organisation(organisation, created).filter(|_| !organisation.name.is_empty())
}

/// Types that are names of things STIX has an object for.
fn named(misp: &str) -> Option<&'static str> {
    match misp {
        "vulnerability" => Some("vulnerability"),
        "threat-actor" => Some("threat-actor"),
        "campaign-name" => Some("campaign"),
        _ => None,
    }
}

/// What an indicator may indicate (STIX 2.1 §4.7).
fn is_indicated(id: &str) -> bool {
    const TYPES: [&str; 6] = [
        "attack-pattern",
        "campaign",
        "intrusion-set",
        "malware",
        "threat-actor",
        "tool",
    ];
    id.split("--")
        .next()
        .is_some_and(|name| TYPES.contains(&name))
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
fn file(parts: &[Part]) -> Result<Map<String, Value>, String> {
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

fn describe(comment: Option<&str>, properties: &mut Map<String, Value>) {
    if let Some(comment) = comment.map(str::trim).filter(|text| !text.is_empty()) {
        properties.insert("description".into(), comment.into());
    }
}

fn pattern_properties(
    pattern: &str,
    language: &str,
    at: Timestamp,
    (first, last): (Option<&Loose>, Option<&Loose>),
) -> Map<String, Value> {
    let from = first.and_then(|text| instant(&text.0)).unwrap_or(at);
    let until = last
        .and_then(|text| instant(&text.0))
        .filter(|until| *until > from);
    let mut properties = map(json!({
        "pattern": pattern,
        "pattern_type": language,
        "valid_from": from.to_string(),
    }));
    if let Some(until) = until {
        properties.insert("valid_until".into(), until.to_string().into());
    }
    properties
}

/// A time as MISP writes them: RFC 3339 with an offset, or microseconds since 1970.
fn instant(text: &str) -> Option<Timestamp> {
    let parsed = text.trim().parse::<jiff::Timestamp>().ok();
    parsed.map(|at| Timestamp::from_micros(at.as_microsecond()))
}

fn day(text: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}T00:00:00Z", text.trim())).ok()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
