//! The data types of section 2 over a tree, as strictly as OASIS stix2-validator reads them.

use super::formats;
use super::tree::{Members, Value};
use super::uri::is_uri;
use crate::check::kind::{Kind, Target};
use crate::check::{Findings, Place};

/// What a property's value must be, where the data type alone does not say enough.
#[derive(Copy, Clone)]
pub(crate) enum Rule {
    /// A data type.
    Kind(Kind),
    /// A string of a form: the test, what it must be, the section.
    Form(fn(&str) -> bool, &'static str, &'static str),
    /// A list of these, with an item at least.
    Each(&'static Rule),
    /// An object with properties.
    Record(&'static Record),
    /// A dictionary (2.3) whose entries obey a rule of their own.
    Dictionary(fn(&str, &Value<'_>, &Place<'_>, &mut Findings)),
    /// A rule of its own.
    With(fn(&Value<'_>, &Place<'_>, &mut Findings)),
}

/// A nested type with properties of its own; others may stand beside them.
pub(crate) struct Record {
    pub(crate) section: &'static str,
    pub(crate) properties: &'static [(&'static str, Rule)],
    pub(crate) required: &'static [&'static str],
    /// At least one of these, unless empty.
    pub(crate) any_of: &'static [&'static str],
    /// Whether there may be no other properties, and not none.
    pub(crate) closed: bool,
}

pub(crate) const HEX: Rule = Rule::Form(
    formats::is_hex,
    "must be pairs of hexadecimal digits",
    "2.8",
);
pub(crate) const BINARY: Rule =
    Rule::Form(formats::is_base64, "must be base64 with padding", "2.1");
pub(crate) const URI: Rule = Rule::Form(is_uri, "must be a URI of RFC 3986", "2.5.1");

impl Rule {
    pub(crate) fn check(&self, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
        match self {
            Rule::Kind(kind) => check_kind(kind, value, place, out),
            Rule::Form(test, message, section) => form(value, *test, message, section, place, out),
            Rule::Each(rule) => each(value, place, out, |item, place, out| {
                rule.check(item, place, out);
            }),
            Rule::Record(record) => record.check(value, place, out),
            Rule::Dictionary(entry) => dictionary(value, "2.3", place, out, entry),
            Rule::With(check) => check(value, place, out),
        }
    }
}

impl Record {
    pub(crate) fn check(&self, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
        let Some(members) = object(value, self.section, place, out) else {
            return;
        };
        for (name, value) in members.iter() {
            match self.properties.iter().find(|(known, _)| *known == name) {
                Some((_, rule)) => rule.check(value, &place.key(name), out),
                None if self.closed => {
                    out.add(
                        &place.key(name),
                        "is not a property of this type",
                        self.section,
                    );
                }
                None => {}
            }
        }
        if self.closed && members.is_empty() {
            out.add(place, "is empty; it needs a property", self.section);
        }
        require_all(self.required, members, self.section, place, out);
        require_any(self.any_of, members, self.section, place, out);
    }
}

pub(crate) fn require_all(
    names: &[&str],
    members: &Members<'_>,
    section: &'static str,
    place: &Place<'_>,
    out: &mut Findings,
) {
    for name in names.iter().filter(|name| !members.has(name)) {
        out.add(&place.key(name), "is required", section);
    }
}

pub(crate) fn require_any(
    names: &[&str],
    members: &Members<'_>,
    section: &'static str,
    place: &Place<'_>,
    out: &mut Findings,
) {
    if !names.is_empty() && !names.iter().any(|name| members.has(name)) {
        out.add(
            place,
            format!("needs at least one of {}", names.join(", ")),
            section,
        );
    }
}

/// The members of an object; anything else is a finding.
pub(crate) fn object<'v, 'a>(
    value: &'v Value<'a>,
    section: &'static str,
    place: &Place<'_>,
    out: &mut Findings,
) -> Option<&'v Members<'a>> {
    if let Value::Object(members) = value {
        return Some(members);
    }
    wrong_type("an object", value, section, place, out);
    None
}

/// The text of a string; anything else is a finding.
pub(crate) fn text<'v>(
    value: &'v Value<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) -> Option<&'v str> {
    if let Value::Text(text) = value {
        return Some(text);
    }
    wrong_type("a string", value, "2.15", place, out);
    None
}

pub(crate) fn wrong_type(
    expected: &str,
    value: &Value<'_>,
    section: &'static str,
    place: &Place<'_>,
    out: &mut Findings,
) {
    out.add(
        place,
        format!("must be {expected}, found {}", value.name()),
        section,
    );
}

pub(crate) fn form(
    value: &Value<'_>,
    test: fn(&str) -> bool,
    message: &str,
    section: &'static str,
    place: &Place<'_>,
    out: &mut Findings,
) {
    if let Some(text) = text(value, place, out)
        && !test(text)
    {
        out.add(place, message, section);
    }
}

pub(crate) fn each(
    value: &Value<'_>,
    place: &Place<'_>,
    out: &mut Findings,
    mut check: impl FnMut(&Value<'_>, &Place<'_>, &mut Findings),
) {
    let Value::List(items) = value else {
        return wrong_type("a list", value, "2.12", place, out);
    };
    if items.is_empty() {
        out.add(
            place,
            "is an empty list; a property without a value is left out",
            "2.12",
        );
    }
    for (index, item) in items.iter().enumerate() {
        check(item, &place.index(index), out);
    }
}

/// A dictionary (2.3): its keys, that it has one, and that no value is null or an empty list.
pub(crate) fn dictionary(
    value: &Value<'_>,
    section: &'static str,
    place: &Place<'_>,
    out: &mut Findings,
    entry: impl Fn(&str, &Value<'_>, &Place<'_>, &mut Findings),
) {
    let Some(members) = object(value, section, place, out) else {
        return;
    };
    if members.is_empty() {
        out.add(place, "is an empty dictionary; it needs an entry", "2.3");
    }
    for (key, value) in members.iter() {
        let place = place.key(key);
        if !formats::is_dictionary_key(key) {
            let message = "is no key: at most 250 letters a-z, digits, hyphens and underscores";
            out.add(&place, message, "2.3");
        }
        not_nothing(value, &place, out);
        entry(key, value, &place, out);
    }
}

/// No value is null or an empty list (section 2).
pub(crate) fn not_nothing(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    match value {
        Value::Null => out.add(
            place,
            "is null; a property without a value is left out",
            "2",
        ),
        Value::List(items) if items.is_empty() => {
            out.add(
                place,
                "is an empty list; a property without a value is left out",
                "2.12",
            );
        }
        _ => {}
    }
}

/// What holds for every property of an object: its name, that it has a value, and what `_bin` and
/// `_hex` at the end of its name say of that.
pub(crate) fn property(name: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    not_nothing(value, place, out);
    if name.ends_with("_bin") && formats::is_typed_name(name, "_bin") {
        BINARY.check(value, place, out);
    } else if name.ends_with("_hex") && formats::is_typed_name(name, "_hex") {
        HEX.check(value, place, out);
    }
    if !formats::is_property_name(name) {
        let message = "is no name for a property: 3 to 250 lower-case letters, digits and \
                       underscores, a letter first";
        out.add(place, message, "3.1");
    }
}

fn check_kind(kind: &Kind, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    match kind {
        Kind::Any => not_nothing(value, place, out),
        Kind::Text => {
            text(value, place, out);
        }
        Kind::Time => time(value, place, out),
        Kind::Millis => millis(value, place, out),
        Kind::Boolean if matches!(value, Value::Bool(_)) => {}
        Kind::Boolean => wrong_type("a boolean", value, "2.2", place, out),
        Kind::Integer(min, max) => integer(*min, *max, value, place, out),
        Kind::Float(min, max) => float(*min, *max, value, place, out),
        Kind::Id(target) => id(*target, value, place, out),
        Kind::Choice(words) => {
            if let Some(text) = text(value, place, out)
                && !words.contains(&text)
            {
                out.add(place, format!("must be one of {}", words.join(", ")), "2.4");
            }
        }
        Kind::List(item) => each(value, place, out, |value, place, out| {
            check_kind(item, value, place, out);
        }),
        Kind::Dictionary => dictionary(value, "2.3", place, out, |_, _, _, _| {}),
        Kind::Hashes => hashes(value, place, out),
        Kind::Extensions => super::extensions::common(value, place, out),
        Kind::Record(record) => {
            let Some(members) = object(value, record.section, place, out) else {
                return;
            };
            for (name, kind) in record.properties {
                if let Some(value) = members.get(name) {
                    check_kind(kind, value, &place.key(name), out);
                }
            }
            require_all(record.required, members, record.section, place, out);
            require_any(record.any_of, members, record.section, place, out);
        }
    }
}

fn time(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let message = "must be a timestamp such as 2016-01-20T12:31:12.123Z";
    form(value, formats::is_timestamp, message, "2.16.1", place, out);
}

fn millis(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    time(value, place, out);
    if let Some(text) = value.text()
        && formats::is_timestamp(text)
        && formats::fraction_digits(text) < 3
    {
        out.add(
            place,
            "must have three digits after the second or more",
            "3.2",
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "limits have at most 53 bits")]
fn integer(min: i64, max: i64, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    use crate::check::kind::MAX_INTEGER;
    let Value::Number {
        value: number,
        whole,
    } = value
    else {
        return wrong_type("an integer", value, "2.10", place, out);
    };
    if !whole {
        return out.add(place, "must be an integer", "2.10");
    }
    // an integer of more bits is refused where it is parsed, not here
    let above = max < MAX_INTEGER && *number > max as f64;
    let below = min > -MAX_INTEGER && *number < min as f64;
    if above || below {
        let message = if max < MAX_INTEGER {
            format!("must be from {min} to {max}")
        } else {
            format!("must be {min} or more")
        };
        out.add(place, message, "2.10");
    }
}

fn float(min: f64, max: f64, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let Value::Number { value: number, .. } = value else {
        return wrong_type("a number", value, "2.6", place, out);
    };
    if !(min..=max).contains(number) {
        out.add(place, format!("must be from {min} to {max}"), "2.6");
    }
}

pub(crate) fn id(target: Target, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(text) = text(value, place, out) else {
        return;
    };
    if !formats::is_identifier(text) {
        let message = "must be an identifier of the form type--UUID";
        return out.add(place, message, "2.9");
    }
    let named = |types: &[&'static str]| {
        types.iter().copied().find(|name| {
            text.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with("--"))
        })
    };
    match target {
        Target::Of(types) if named(types).is_none() => {
            let message = format!("must name an object of type {}", types.join(" or "));
            out.add(place, message, "2.9");
        }
        Target::But(types) => {
            if let Some(name) = named(types) {
                out.add(
                    place,
                    format!("must not name an object of type {name}"),
                    "2.9",
                );
            }
        }
        _ => {}
    }
}

pub(crate) fn hashes(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    dictionary(value, "2.7", place, out, |name, value, place, out| {
        if name.len() < 3 {
            let message = "is no name of a hash: it needs three characters";
            out.add(place, message, "2.7");
        }
        let Some(text) = text(value, place, out) else {
            return;
        };
        let digits = match name {
            "MD5" => 32,
            "SHA-1" => 40,
            "SHA-256" | "SHA3-256" => 64,
            "SHA-512" | "SHA3-512" => 128,
            "SSDEEP" => {
                let fits =
                    |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b':' | b'.');
                if !(1..=128).contains(&text.len()) || !text.bytes().all(fits) {
                    out.add(place, "must be an ssdeep hash", "10.7");
                }
                return;
            }
            "TLSH" => {
                if text.len() != 70 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    out.add(place, "must have 70 letters and digits", "10.7");
                }
                return;
            }
            _ => return,
        };
        if text.len() != digits || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            out.add(
                place,
                format!("must have {digits} hexadecimal digits"),
                "10.7",
            );
        }
    });
}
