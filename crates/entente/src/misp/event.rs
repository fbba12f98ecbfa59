//! A feed of events: what a party told in a collection on one day (UTC), in parts of bounded size.
//!
//! The UUID of an event depends on collection, day, publisher and part alone; that of an attribute
//! is the object's own. An object stays in the event of the day on which it first came in: a new
//! version, a revocation and a withdrawal move that event's timestamp.

use std::io::{self, Write};

use node::act::feed::ToldDay;
use node::act::read::{Found, SeenCollection};
use node::directory::Directory;
use node::model::Harm;
use serde::Serialize;

use super::attributes::{Attribute, Frame, event_tags, seconds};
use super::tag::Tag;
use super::uuid_of;

/// Objects of one event; a day that holds more is told in parts.
pub(crate) const PART: usize = 5000;
/// STIX ids that the note on what is not told names.
const NAMED: usize = 20;

/// One event, before its attributes are read.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) uuid: String,
    /// The collection's TAXII id.
    pub(crate) collection: String,
    /// What it tells of.
    pub(crate) told: ToldDay,
    /// The part of the day, from 0.
    pub(crate) part: usize,
    info: String,
    orgc: Orgc,
    harm: Option<Harm>,
}

/// The organisation that made an event: the publishing party, under the UUID of its identity.
#[derive(Clone, Debug, Serialize)]
struct Orgc {
    name: String,
    uuid: String,
}

/// A line of `manifest.json`, as `PyMISP`'s feed generator writes it.
#[derive(Serialize)]
struct Line<'h> {
    #[serde(rename = "Orgc")]
    orgc: &'h Orgc,
    #[serde(rename = "Tag")]
    tags: Vec<Tag>,
    info: &'h str,
    date: String,
    analysis: u8,
    threat_level_id: u8,
    timestamp: i64,
}

/// What stands in an event besides its attributes.
#[derive(Serialize)]
struct Written<'h> {
    uuid: &'h str,
    info: &'h str,
    date: String,
    published: bool,
    analysis: &'static str,
    threat_level_id: &'static str,
    timestamp: String,
    publish_timestamp: String,
    #[serde(rename = "Orgc")]
    orgc: &'h Orgc,
    #[serde(rename = "Tag")]
    tags: Vec<Tag>,
}

/// The events of a collection, oldest first.
pub(crate) fn heads(
    directory: &Directory,
    collection: &SeenCollection,
    told: Vec<ToldDay>,
) -> Vec<Head> {
    let mut heads = Vec::with_capacity(told.len());
    for told in told {
        let objects = usize::try_from(told.objects).unwrap_or(usize::MAX);
        let parts = objects.div_ceil(PART);
        let party = directory.register().party(&told.publisher);
        let name = party.map_or(told.publisher.as_str(), |party| &party.name);
        let identity = stix::build::identity_id(name);
        let orgc = Orgc {
            name: name.to_owned(),
            uuid: identity.trim_start_matches("identity--").to_owned(),
        };
        for part in 0..parts {
            let day = told.day.to_string();
            let number = part.to_string();
            let id = &collection.settings.id;
            let uuid = uuid_of(&["event", id, &day, &told.publisher, &number]);
            let which = if parts == 1 {
                String::new()
            } else {
                format!(" (part {} of {parts})", part + 1)
            };
            heads.push(Head {
                uuid: uuid.to_string(),
                collection: id.clone(),
                info: format!("{}: {name}, {day}{which}", collection.settings.title),
                told: told.clone(),
                part,
                orgc: orgc.clone(),
                harm: collection.settings.harm,
            });
        }
    }
    heads
}

/// Writes `manifest.json`.
///
/// # Errors
/// The sink's.
pub(crate) fn write_manifest(heads: &[Head], sink: &mut dyn Write) -> io::Result<()> {
    sink.write_all(b"{")?;
    for (at, head) in heads.iter().enumerate() {
        if at > 0 {
            sink.write_all(b",")?;
        }
        let line = Line {
            orgc: &head.orgc,
            tags: head.tags(),
            info: &head.info,
            date: head.told.day.to_string(),
            analysis: 2,
            threat_level_id: 4,
            timestamp: head.told.changed.0.div_euclid(1_000_000),
        };
        write!(sink, "\n\"{}\":", head.uuid)?;
        serde_json::to_writer(&mut *sink, &line)?;
    }
    sink.write_all(b"}\n")
}

/// The UUIDs of the events of each day, in the order of their parts.
pub(crate) fn days(heads: &[Head]) -> Vec<Vec<&Head>> {
    let mut days: Vec<Vec<&Head>> = Vec::new();
    for head in heads {
        match days.last_mut() {
            Some(parts) if head.part > 0 => parts.push(head),
            _ => days.push(vec![head]),
        }
    }
    days
}

impl Head {
    fn tags(&self) -> Vec<Tag> {
        event_tags(self.told.marking, self.harm)
    }

    /// How an object of this event becomes attributes.
    pub(crate) fn frame(&self, now: node::clock::Instant) -> Frame {
        Frame {
            harm: self.harm,
            now,
        }
    }

    /// Starts writing the event.
    ///
    /// # Errors
    /// The sink's.
    pub(crate) fn begin<'w>(&self, sink: &'w mut dyn Write) -> io::Result<Body<'w>> {
        let changed = seconds(self.told.changed.0);
        let written = Written {
            uuid: &self.uuid,
            info: &self.info,
            date: self.told.day.to_string(),
            published: true,
            analysis: "2",
            threat_level_id: "4",
            timestamp: changed.clone(),
            publish_timestamp: changed,
            orgc: &self.orgc,
            tags: self.tags(),
        };
        let head = serde_json::to_string(&written)?;
        let open = head.strip_suffix('}').unwrap_or(&head);
        write!(sink, "{{\"Event\":{open},\"Object\":[],\"Attribute\":[")?;
        Ok(Body {
            sink,
            uuid: self.uuid.clone(),
            attributes: 0,
            untold: Vec::new(),
            untold_count: 0,
        })
    }
}

/// An event whose attributes are being written.
pub(crate) struct Body<'w> {
    sink: &'w mut dyn Write,
    uuid: String,
    attributes: usize,
    untold: Vec<String>,
    untold_count: usize,
}

impl Body<'_> {
    /// Writes what an object becomes.
    ///
    /// # Errors
    /// The sink's.
    pub(crate) fn object(&mut self, frame: &Frame, found: &Found) -> io::Result<()> {
        let attributes = frame.attributes(found);
        if attributes.is_empty() {
            self.untold_count += 1;
            if self.untold.len() < NAMED
                && let Ok(object) = stix::Object::parse(&found.bytes)
            {
                self.untold.push(object.id().to_string());
            }
        }
        attributes.iter().try_for_each(|one| self.attribute(one))
    }

    /// Writes the end, and before it a note on what MISP has no attribute for.
    ///
    /// # Errors
    /// The sink's.
    pub(crate) fn end(mut self, head: &Head) -> io::Result<()> {
        if self.untold_count > 0 {
            let count = self.untold_count;
            let note = Attribute {
                uuid: uuid_of(&["untold", &self.uuid]).to_string(),
                r#type: "comment".into(),
                category: super::kind::category("comment").into(),
                value: format!(
                    "{count} more objects of this day cannot be told in MISP and are only in the \
                     collection over TAXII: {}{}",
                    self.untold.join(", "),
                    if count > self.untold.len() {
                        " ..."
                    } else {
                        ""
                    }
                ),
                to_ids: false,
                comment: String::new(),
                disable_correlation: true,
                deleted: false,
                timestamp: seconds(head.told.changed.0),
                first_seen: None,
                last_seen: None,
                tags: head.tags(),
            };
            self.attribute(&note)?;
        }
        self.sink.write_all(b"]}}\n")
    }

    fn attribute(&mut self, attribute: &Attribute) -> io::Result<()> {
        if self.attributes > 0 {
            self.sink.write_all(b",\n")?;
        }
        self.attributes += 1;
        Ok(serde_json::to_writer(&mut self.sink, attribute)?)
    }
}
