//! What patterns are evaluated against: observed-data objects and the observables they name.

use std::borrow::Cow;
use std::sync::Arc;

use foldhash::HashMap;

use crate::json::{self, Shape};
use crate::object::{Category, Member};
use crate::reason::Reason;
use crate::timestamp::Timestamp;

const SECTION: &str = "4.14.1";

/// An observable as patterns see it: its properties, read from JSON no deeper than needed.
#[derive(Debug)]
pub struct Observable<'a> {
    id: Cow<'a, str>,
    type_name: Cow<'a, str>,
    raw: &'a str,
    members: Vec<Member<'a>>,
}

impl<'a> Observable<'a> {
    /// Reads an object that has an `id` and a `type`; none for anything else.
    pub fn read(raw: &'a [u8]) -> Option<Self> {
        let raw = json::text_of(raw).ok()?;
        let members = members_of(raw)?;
        let id = last(&members, "id").and_then(json::string)?;
        Self::named(id, raw, members)
    }

    fn named(id: Cow<'a, str>, raw: &'a str, members: Vec<Member<'a>>) -> Option<Self> {
        Some(Observable {
            id,
            type_name: last(&members, "type").and_then(json::string)?,
            raw,
            members,
        })
    }

    /// `id`, or the key in the deprecated dictionary `objects`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `type`.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The object as it was read; without its id where that is a key in `objects`.
    pub const fn raw(&self) -> &'a str {
        self.raw
    }

    /// A property as JSON text.
    pub fn property(&self, name: &str) -> Option<&'a str> {
        last(&self.members, name)
    }

    /// A property that is text; none for another and for one that is not Unicode.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.property(name).and_then(json::string)
    }

    /// Every property as JSON text, in the order written.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.members
            .iter()
            .map(|member| (member.name.as_ref(), member.raw))
    }
}

/// One observed-data object (4.14): when something was seen, how often, and the observables seen.
///
/// It counts as `number_observed` observations at the same time, which one match of a pattern may
/// use all. Observables are shared, so that many observations of the same few are small.
#[derive(Clone, Debug)]
pub struct Observation<'a> {
    id: Cow<'a, str>,
    first: Timestamp,
    last: Timestamp,
    times: u64,
    objects: Vec<Arc<Observable<'a>>>,
    /// Where each object stands, when there are more than a few.
    places: HashMap<String, usize>,
}

/// So many objects are searched one by one.
const FEW: usize = 16;

impl<'a> Observation<'a> {
    /// Reads an observed-data object; `find` gives the observables that `object_refs` name. One
    /// that it does not find counts as not there (9.7.4). The deprecated dictionary `objects`, of
    /// STIX 2.0 and 2.1, is read where it stands.
    ///
    /// # Errors
    /// The [`Reason`] why this is no observation: another type, a property that is missing or
    /// wrong, an end before the beginning.
    pub fn read(
        raw: &'a [u8],
        mut find: impl FnMut(&str) -> Option<Arc<Observable<'a>>>,
    ) -> Result<Self, Reason> {
        let text = json::text_of(raw).map_err(|error| no_json(&error.to_string()))?;
        let members = members_of(text).ok_or_else(|| no_json("is not a JSON object"))?;
        let string = |name| last(&members, name).and_then(json::string);
        if string("type").as_deref() != Some("observed-data") {
            return Err(wrong("type", "is not observed-data"));
        }
        let id = string("id").ok_or_else(|| wrong("id", "must be a string"))?;
        let time = |name| {
            let text = string(name).ok_or_else(|| wrong(name, "must be a timestamp"))?;
            Timestamp::parse(&text).map_err(|error| wrong(name, &error.to_string()))
        };
        let (first, end) = (time("first_observed")?, time("last_observed")?);
        if end < first {
            return Err(wrong("last_observed", "is before first_observed"));
        }
        let times = last(&members, "number_observed").and_then(|raw| raw.parse::<u64>().ok());
        let times = times
            .filter(|times| *times > 0)
            .ok_or_else(|| wrong("number_observed", "must be an integer of 1 or more"))?;
        let mut objects = Vec::new();
        match (last(&members, "object_refs"), last(&members, "objects")) {
            (Some(refs), _) if Shape::of(refs) == Shape::List => {
                // what is no string names nothing
                let _ = json::each_item(refs, |item| {
                    objects.extend(json::string(item).and_then(|id| find(&id)));
                });
            }
            (None, Some(dictionary)) if Shape::of(dictionary) == Shape::Object => {
                objects = embedded(dictionary);
            }
            (Some(_), _) => return Err(wrong("object_refs", "must be a list of identifiers")),
            (None, Some(_)) => return Err(wrong("objects", "must be a dictionary of observables")),
            (None, None) => return Err(wrong("object_refs", "is missing")),
        }
        Ok(Self::new(id, (first, end), times, objects))
    }

    /// An observation of these objects from a first to a last time, so many times. Of several
    /// objects with one id the first counts; the last time is never before the first.
    pub fn new(
        id: Cow<'a, str>,
        (first, last): (Timestamp, Timestamp),
        times: u64,
        objects: Vec<Arc<Observable<'a>>>,
    ) -> Self {
        let mut places = HashMap::default();
        let mut distinct: Vec<Arc<Observable<'a>>> = Vec::with_capacity(objects.len());
        if objects.len() <= FEW {
            for object in objects {
                if distinct.iter().all(|other| other.id != object.id) {
                    distinct.push(object);
                }
            }
        } else {
            for object in objects {
                let place = *places
                    .entry(object.id.to_string())
                    .or_insert(distinct.len());
                if place == distinct.len() {
                    distinct.push(object);
                }
            }
        }
        Observation {
            id,
            first,
            last: last.max(first),
            times: times.max(1),
            objects: distinct,
            places,
        }
    }

    /// `id`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `first_observed`.
    pub const fn first(&self) -> Timestamp {
        self.first
    }

    /// `last_observed`, never before the first.
    pub const fn last(&self) -> Timestamp {
        self.last
    }

    /// `number_observed`, 1 or more.
    pub const fn times(&self) -> u64 {
        self.times
    }

    /// Every observable, in the order named.
    pub fn objects(&self) -> impl Iterator<Item = &Observable<'a>> {
        self.objects.iter().map(AsRef::as_ref)
    }

    /// The observable at a place, from 0.
    pub fn object(&self, place: usize) -> Option<&Observable<'a>> {
        self.objects.get(place).map(AsRef::as_ref)
    }

    /// Where the object that a reference names stands.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        if self.places.is_empty() {
            return self.objects.iter().position(|object| object.id == id);
        }
        self.places.get(id).copied()
    }
}

/// An observed-data object that is no observation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{id}: {reason}")]
pub struct NoObservation {
    /// `id`.
    pub id: String,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Finds the observations among objects, such as those of a bundle, and gives each the observables
/// that it names, wherever among them they stand. Of two observables with one id the last counts.
/// What has no `id` and `type` is passed over.
pub fn observations<'a>(
    objects: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<Observation<'a>, NoObservation>> {
    let mut observables = HashMap::default();
    let mut observed = Vec::new();
    for raw in objects {
        let Some(object) = Observable::read(raw) else {
            continue;
        };
        if object.type_name == "observed-data" {
            observed.push((raw, object.id));
        } else {
            observables.insert(object.id.to_string(), Arc::new(object));
        }
    }
    let read = observed.into_iter().map(|(raw, id)| {
        let found = Observation::read(raw, |id| observables.get(id).cloned());
        found.map_err(|reason| NoObservation {
            id: id.into_owned(),
            reason,
        })
    });
    read.collect()
}

/// Whether the root of a path may have this type: patterns speak of observables alone.
pub(super) fn may_be_root(type_name: &str) -> bool {
    matches!(
        crate::check::Rules::of(type_name, &[]).category,
        Category::Observable | Category::Custom
    ) && type_name != "bundle"
}

fn embedded(dictionary: &str) -> Vec<Arc<Observable<'_>>> {
    let mut objects = Vec::new();
    // a parsed object's members are well-formed
    let _ = json::each_member(dictionary, |key, raw| {
        let object = members_of(raw).and_then(|members| Observable::named(key, raw, members));
        objects.extend(object.map(Arc::new));
    });
    objects
}

fn members_of(text: &str) -> Option<Vec<Member<'_>>> {
    let mut members = Vec::with_capacity(8);
    json::each_member(text, |name, raw| members.push(Member { name, raw })).ok()?;
    Some(members)
}

/// The member of this name; of several the last, as most JSON readers have it.
fn last<'a>(members: &[Member<'a>], name: &str) -> Option<&'a str> {
    let mut reversed = members.iter().rev();
    reversed
        .find(|member| member.name == name)
        .map(|member| member.raw)
}

fn no_json(message: &str) -> Reason {
    Reason {
        check: None,
        pointer: String::new(),
        message: message.to_owned(),
        section: None,
    }
}

fn wrong(property: &str, message: &str) -> Reason {
    Reason {
        check: None,
        pointer: format!("/{property}"),
        message: message.to_owned(),
        section: Some(SECTION),
    }
}
