//! From an object along a path to the values it selects (9.7).
//!
//! The walk goes level by level and visits an object once a level, so that references in circles
//! cost no more than the data has objects times the path has steps.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::json::{self, Shape};

use super::observation::{Observable, Observation};

/// A step that owns its name.
#[derive(Clone, Debug)]
pub(super) enum OwnedStep {
    Key(String),
    Index(usize),
    Every,
}

/// A value that a path selects.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    /// As written.
    Number(&'a str),
    Boolean(bool),
    /// What a property whose name ends in `_hex` or `_bin` holds (9.6.4).
    Octets(Vec<u8>),
    /// Null, a list, a dictionary, an object: equal to no constant.
    Other,
}

/// Where the walk stands.
enum Place<'a> {
    Json(&'a str),
    Octets(Vec<u8>),
    /// An object of the observation.
    Object(usize),
    /// The objects that a list of references names.
    Objects(Vec<usize>),
}

/// The values that a path selects from one object of an observation; a step that cannot be taken
/// selects nothing.
pub(super) fn select<'a>(
    observation: &Observation<'a>,
    root: &Observable<'a>,
    steps: &[OwnedStep],
) -> Vec<Value<'a>> {
    let Some((OwnedStep::Key(first), rest)) = steps.split_first() else {
        return Vec::new();
    };
    let mut places = Vec::new();
    places.extend(
        root.property(first)
            .and_then(|raw| arrive(observation, first, raw)),
    );
    for step in rest {
        places = take(observation, places, step);
        once(observation, &mut places);
    }
    places.into_iter().map(value).collect()
}

fn take<'a>(
    observation: &Observation<'a>,
    places: Vec<Place<'a>>,
    step: &OwnedStep,
) -> Vec<Place<'a>> {
    let mut next = Vec::new();
    for place in places {
        match (step, place) {
            (OwnedStep::Key(key), Place::Json(raw)) => {
                let member = member(raw, key);
                next.extend(member.and_then(|raw| arrive(observation, key, raw)));
            }
            (OwnedStep::Key(key), Place::Object(object)) => {
                let object = observation.object(object);
                let member = object.and_then(|object| object.property(key));
                next.extend(member.and_then(|raw| arrive(observation, key, raw)));
            }
            (OwnedStep::Index(index), Place::Json(raw)) => {
                let mut position = 0;
                each_item(raw, |item| {
                    if position == *index {
                        next.push(Place::Json(item));
                    }
                    position += 1;
                });
            }
            (OwnedStep::Index(index), Place::Objects(objects)) => {
                next.extend(objects.get(*index).copied().map(Place::Object));
            }
            (OwnedStep::Every, Place::Json(raw)) => {
                each_item(raw, |item| next.push(Place::Json(item)));
            }
            (OwnedStep::Every, Place::Objects(objects)) => {
                next.extend(objects.into_iter().map(Place::Object));
            }
            _ => {}
        }
    }
    next
}

/// What stands behind a property: for a reference the object it names, for octets the octets.
fn arrive<'a>(observation: &Observation<'a>, key: &str, raw: &'a str) -> Option<Place<'a>> {
    let refer = |raw: &'a str| observation.place_of(&json::string(raw)?);
    if key.ends_with("_ref") {
        return refer(raw).map(Place::Object);
    }
    if key.ends_with("_refs") {
        let mut objects = Vec::new();
        each_item(raw, |item| objects.extend(refer(item)));
        return (!objects.is_empty()).then_some(Place::Objects(objects));
    }
    if key.ends_with("_hex") {
        return hex(&json::string(raw)?).map(Place::Octets);
    }
    if key.ends_with("_bin") {
        return base64(&json::string(raw)?).map(Place::Octets);
    }
    Some(Place::Json(raw))
}

/// Leaves each object once.
fn once(observation: &Observation<'_>, places: &mut Vec<Place<'_>>) {
    let mut seen = vec![false; observation.objects().count()];
    places.retain(|place| match place {
        Place::Object(object) => seen
            .get_mut(*object)
            .is_some_and(|seen| !std::mem::replace(seen, true)),
        _ => true,
    });
}

fn value(place: Place<'_>) -> Value<'_> {
    match place {
        Place::Octets(octets) => Value::Octets(octets),
        Place::Object(_) | Place::Objects(_) => Value::Other,
        Place::Json(raw) => match Shape::of(raw) {
            // text that is not Unicode is equal to no constant
            Shape::String => json::string(raw).map_or(Value::Other, Value::Text),
            Shape::Number => Value::Number(raw),
            Shape::Boolean => Value::Boolean(raw == "true"),
            Shape::Object | Shape::List | Shape::Null => Value::Other,
        },
    }
}

fn member<'a>(raw: &'a str, key: &str) -> Option<&'a str> {
    let mut found = None;
    if Shape::of(raw) == Shape::Object {
        // what was split before is well-formed
        let _ = json::each_member(raw, |name, value| {
            if name == key {
                found = Some(value);
            }
        });
    }
    found
}

fn each_item<'a>(raw: &'a str, each: impl FnMut(&'a str)) {
    if Shape::of(raw) == Shape::List {
        // what was split before is well-formed
        let _ = json::each_item(raw, each);
    }
}

/// Octets from pairs of hexadecimal digits.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}

/// Octets from base64 (RFC 4648), whatever the bits behind the last octet are.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&STANDARD, lenient).decode(text).ok()
}
