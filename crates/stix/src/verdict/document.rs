//! What holds objects: a bundle, a TAXII envelope, a list, or nothing.

use std::collections::{HashMap, HashSet};

use super::checks::Check;
use super::tree::{Members, Value};
use super::{Options, Report, Verdict, check_object, parse};
use crate::check::Place;
use crate::json::{self, Shape};
use crate::object::Object;

/// A verdict on one object of a text.
#[derive(Debug)]
pub struct Checked<'c> {
    /// JSON pointer to the object in the text; empty for the text as a whole.
    pub place: &'c str,
    /// Which object of its container it is, from 0; none for the text as a whole.
    pub index: Option<usize>,
    /// What is wrong with it; a bundle's own verdict leaves out what is in it.
    pub verdict: Verdict,
}

/// Checks every object of a text, in order: of a bundle (after the bundle itself), of a TAXII
/// envelope or of a list; otherwise the text is one object. Only one object's tree is in memory at
/// a time.
pub fn check_each(bytes: &[u8], options: &Options, mut each: impl FnMut(Checked<'_>)) {
    let container = json::text_of(bytes.trim_ascii())
        .ok()
        .and_then(Container::of);
    let Some(container) = container else {
        return each(Checked {
            place: "",
            index: None,
            verdict: one(bytes, options),
        });
    };
    let mut bundle = None;
    if let Kind::Bundle(own) = &container.kind {
        let verdict = bundle_itself(own, options);
        bundle = Some(Bundle::new(own, &container.items, options));
        each(Checked {
            place: "",
            index: None,
            verdict,
        });
    }
    let prefix = match container.kind {
        Kind::List => "",
        _ => "/objects",
    };
    for (index, item) in container.items.iter().enumerate() {
        let verdict = match &mut bundle {
            Some(bundle) => bundle.check(item.as_bytes(), options),
            None => one(item.as_bytes(), options),
        };
        each(Checked {
            place: &format!("{prefix}/{index}"),
            index: Some(index),
            verdict,
        });
    }
}

/// A text that holds objects.
struct Container<'a> {
    kind: Kind<'a>,
    items: Vec<&'a str>,
}

enum Kind<'a> {
    List,
    Envelope,
    /// With the bundle's members, its list of objects left out.
    Bundle(Members<'a>),
}

impl<'a> Container<'a> {
    /// None where the text is one object, or not well-formed.
    fn of(text: &'a str) -> Option<Self> {
        match Shape::of(text) {
            Shape::List => {
                let kind = Kind::List;
                items_of(text).map(|items| Container { kind, items })
            }
            Shape::Object => Self::of_object(text),
            _ => None,
        }
    }

    fn of_object(text: &'a str) -> Option<Self> {
        // what an object is stands near its beginning: most texts are told without a full walk
        let mut members = Vec::new();
        let mut objects = None;
        json::each_member(text, |name, raw| {
            if name == "objects" && Shape::of(raw) == Shape::List {
                objects = Some(raw);
            } else {
                members.push((name, raw));
            }
        })
        .ok()?;
        let type_of = members.iter().find(|(name, _)| name == "type");
        match type_of {
            Some((_, raw)) if json::string(raw).as_deref() == Some("bundle") => {
                let own = members
                    .into_iter()
                    .filter_map(|(name, raw)| Some((name, serde_json::from_str(raw).ok()?)));
                Some(Container {
                    kind: Kind::Bundle(own.collect()),
                    items: match objects {
                        Some(objects) => items_of(objects)?,
                        None => Vec::new(),
                    },
                })
            }
            Some(_) => None,
            None => Some(Container {
                kind: Kind::Envelope,
                items: items_of(objects?)?,
            }),
        }
    }
}

fn items_of(text: &str) -> Option<Vec<&str>> {
    let mut items = Vec::new();
    json::each_item(text, |item| items.push(item)).ok()?;
    Some(items)
}

/// One object by itself.
fn one(bytes: &[u8], options: &Options) -> Verdict {
    let mut report = Report::new(options);
    let Some(value) = parse(bytes, &mut report.errors) else {
        return report.into_verdict(None);
    };
    let Some(object) = object_of(&value, &mut report) else {
        return report.into_verdict(None);
    };
    check_object(object, options, &mut report);
    if object.text("type") != Some("bundle") {
        taken_by_a_server(bytes, &mut report);
    }
    report.into_verdict(Some(object))
}

fn object_of<'v, 'a>(value: &'v Value<'a>, report: &mut Report) -> Option<&'v Members<'a>> {
    let object = value.object();
    if object.is_none() {
        let message = format!("must be a STIX object, found {}", value.name());
        report.errors.add(&Place::Root, message, "3.1");
    }
    object
}

/// What the checks of a server refuse beside what was found is an error too.
fn taken_by_a_server(bytes: &[u8], report: &mut Report) {
    if report.errors.len() == 0
        && let Err(reasons) = Object::parse(bytes)
    {
        for reason in reasons {
            report.errors.keep(reason);
        }
    }
}

fn bundle_itself(own: &Members<'_>, options: &Options) -> Verdict {
    let mut report = Report::new(options);
    check_object(own, options, &mut report);
    if own.has("objects") {
        let message = "must be a list of objects";
        report.errors.add(&Place::Root.key("objects"), message, "8");
    }
    if let Some(version) = own.get("spec_version")
        && version.text() != Some("2.1")
    {
        let message = "says another version; its objects are checked as STIX 2.0 where it is 2.0";
        report.warn(&Place::Root.key("spec_version"), message, "8");
    }
    report.into_verdict(Some(own))
}

/// What a bundle says of the objects in it.
struct Bundle {
    is_20: bool,
    /// Whether an object without `spec_version` follows STIX 2.0.
    is_21: bool,
    /// The `modified` of the first object with an id.
    modified: HashMap<String, String>,
    /// Every object's id, where references are looked at.
    ids: Option<HashSet<String>>,
}

impl Bundle {
    fn new(own: &Members<'_>, items: &[&str], options: &Options) -> Self {
        let id = |item: &&str| {
            let mut id = None;
            // what cannot be walked is an error of its own
            let _ = json::each_member(item, |name, raw| {
                if name == "id" {
                    id = json::string(raw).map(std::borrow::Cow::into_owned);
                }
            });
            id
        };
        Bundle {
            is_20: own.text("spec_version") == Some("2.0"),
            is_21: matches!(
                own.get("spec_version").map(Value::text),
                None | Some(Some("2.1"))
            ),
            modified: HashMap::new(),
            ids: options
                .enforce_refs
                .then(|| items.iter().filter_map(id).collect()),
        }
    }

    fn check(&mut self, bytes: &[u8], options: &Options) -> Verdict {
        let mut report = Report::new(options);
        let Some(value) = parse(bytes, &mut report.errors) else {
            return report.into_verdict(None);
        };
        let Some(object) = object_of(&value, &mut report) else {
            return report.into_verdict(None);
        };
        let undated = !object.has("created");
        if self.is_20 || (self.is_21 && !object.has("spec_version") && !undated) {
            // an object of STIX 2.0, in a bundle as it may be: its shape is that of 2.0
            super::beyond_shape(object, &Place::Root, options, &mut report);
        } else {
            check_object(object, options, &mut report);
        }
        taken_by_a_server(bytes, &mut report);
        if let Some(version) = object.get("spec_version")
            && version.text() != Some("2.1")
        {
            let message = "says another version than this check, which is for STIX 2.1";
            report.warn(&Place::Root.key("spec_version"), message, "3.2");
        }
        self.duplicate(object, &mut report);
        self.references(object, &mut report);
        report.into_verdict(Some(object))
    }

    fn duplicate(&mut self, object: &Members<'_>, report: &mut Report) {
        let (Some(id), Some(modified)) = (object.text("id"), object.text("modified")) else {
            return;
        };
        match self.modified.get(id) {
            Some(first) if first == modified => {
                let message = "stands in this bundle before, with the same modified";
                report.advise(Check::DuplicateIds, &Place::Root.key("id"), message, "3.6");
            }
            Some(_) => {}
            None => {
                self.modified.insert(id.to_owned(), modified.to_owned());
            }
        }
    }

    fn references(&self, object: &Members<'_>, report: &mut Report) {
        let Some(ids) = &self.ids else { return };
        if object.text("type") != Some("relationship") {
            return;
        }
        for name in ["source_ref", "target_ref"] {
            if !object.text(name).is_some_and(|id| ids.contains(id)) {
                let message = "names an object that is not in this bundle";
                report.warn(&Place::Root.key(name), message, "5.1.2");
            }
        }
    }
}
