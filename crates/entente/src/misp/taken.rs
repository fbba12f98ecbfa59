//! A MISP event as STIX objects: attributes and objects as indicators (`to_ids`) or observables,
//! galaxies, sightings, and a report or a grouping that holds them together.

mod objects;
mod sightings;

use std::collections::HashSet;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use stix::{Timestamp, Tlp};

use super::document::{Attribute, Event, Galaxy, Loose, Object, Organisation, Tag};
use super::meaning::{self, parts};
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
            let properties = objects::file(&parts)?;
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
