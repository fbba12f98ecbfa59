//! From an object along a path to the values it selects (9.7).
//!
//! The walk goes level by level and visits an object once a level, so that references in circles
//! cost no more than the data has references times the path has steps, for each object it begins
//! at; a budget bounds that.

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::json::{self, Shape};

use super::budget::Budget;
use super::evaluate::TooMuch;
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
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A number as written.
    Number(&'a str),
    /// A boolean.
    Boolean(bool),
    /// What a property whose name ends in `_hex` or `_bin` holds (9.6.4).
    Octets(Vec<u8>),
    /// Null, a list, a dictionary, an object: equal to no constant.
    Other,
}

/// Where the walk stands.
pub(super) enum Place<'a> {
    Json(&'a str),
    Octets(Vec<u8>),
    /// An object of the observation.
    Object(usize),
    /// The objects that a list of references names.
    Objects(Vec<usize>),
}

/// Octets of JSON that are walked over as fast as one value is looked at.
pub(super) const OCTETS_A_STEP: usize = 64;

/// The values that a path selects from one object of an observation; a step that cannot be taken
/// selects nothing.
pub(super) fn select<'a>(
    observation: &Observation<'a>,
    root: &Observable<'a>,
    steps: &[OwnedStep],
    budget: &mut Budget,
) -> Result<Vec<Value<'a>>, TooMuch> {
    let Some((OwnedStep::Key(first), rest)) = steps.split_first() else {
        return Ok(Vec::new());
    };
    let mut places = Vec::new();
    if let Some(raw) = root.property(first) {
        budget.spend(raw.len() / OCTETS_A_STEP)?;
        places.extend(arrive(observation, first, raw));
    }
    for step in rest {
        if places.is_empty() {
            break;
        }
        places = take(observation, places, step, budget)?;
        once(&mut places);
    }
    Ok(places.into_iter().map(value).collect())
}

fn take<'a>(
    observation: &Observation<'a>,
    places: Vec<Place<'a>>,
    step: &OwnedStep,
    budget: &mut Budget,
) -> Result<Vec<Place<'a>>, TooMuch> {
    let mut next = Vec::new();
    for place in places {
        budget.spend(1)?;
        if let Place::Json(raw) = place {
            budget.spend(raw.len() / OCTETS_A_STEP)?;
        }
        match (step, place) {
            (OwnedStep::Key(key), Place::Json(raw)) => {
                let member = member(raw, key);
                next.extend(member.and_then(|raw| arrive(observation, key, raw)));
            }
            (OwnedStep::Key(key), Place::Object(object)) => {
                let object = observation.object(object);
                if let Some(raw) = object.and_then(|object| object.property(key)) {
                    budget.spend(raw.len() / OCTETS_A_STEP)?;
                    next.extend(arrive(observation, key, raw));
                }
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
                budget.spend(objects.len())?;
                next.extend(objects.into_iter().map(Place::Object));
            }
            _ => {}
        }
    }
    Ok(next)
}

/// What stands behind a property: for a reference the object it names, for octets the octets.
pub(super) fn arrive<'a>(
    observation: &Observation<'a>,
    key: &str,
    raw: &'a str,
) -> Option<Place<'a>> {
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
fn once(places: &mut Vec<Place<'_>>) {
    let mut seen = HashSet::new();
    places.retain(|place| match place {
        Place::Object(object) => seen.insert(*object),
        _ => true,
    });
}

pub(super) fn value(place: Place<'_>) -> Value<'_> {
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

pub(super) fn each_item<'a>(raw: &'a str, each: impl FnMut(&'a str)) {
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
