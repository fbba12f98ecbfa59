//! The data types of section 2, and whether a JSON text is one.

use std::borrow::Cow;

use super::findings::{Findings, Place};
use crate::id::StixId;
use crate::json::{self, Shape};
use crate::timestamp::Timestamp;

/// What a property's value must be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any value but null and the empty list.
    Any,
    /// A string (2.15).
    Text,
    /// A timestamp (2.16).
    Time,
    /// A timestamp with milliseconds at least (3.2).
    Millis,
    /// A boolean (2.2).
    Boolean,
    /// An integer (2.10) in this range, both ends in it.
    Integer(i64, i64),
    /// A float (2.6) in this range, both ends in it.
    Float(f64, f64),
    /// An identifier (2.9) of some types.
    Id(Target),
    /// One string of an enumeration (2.4).
    Choice(&'static [&'static str]),
    /// A list (2.12).
    List(&'static Kind),
    /// A dictionary (2.3).
    Dictionary,
    /// Hashes (2.7).
    Hashes,
    /// The `extensions` property (3.2, 7.3).
    Extensions,
    /// An object with known properties.
    Record(&'static Record),
}

/// Which types an identifier may name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Any.
    Any,
    /// One of these.
    Of(&'static [&'static str]),
    /// Any but these.
    But(&'static [&'static str]),
}

/// A nested type with properties of its own.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) section: &'static str,
    pub(crate) properties: &'static [(&'static str, Kind)],
    pub(crate) required: &'static [&'static str],
    /// At least one of these, unless empty.
    pub(crate) any_of: &'static [&'static str],
}

/// 54 bits with a sign (2.10).
pub(crate) const MAX_INTEGER: i64 = (1 << 53) - 1;

impl Kind {
    /// Whether it is a timestamp.
    pub(crate) const fn is_time(&self) -> bool {
        matches!(self, Kind::Time | Kind::Millis)
    }

    /// Checks a well-formed JSON value; what is wrong goes to `findings`.
    pub(crate) fn check(&self, raw: &str, place: &Place<'_>, findings: &mut Findings) {
        match self {
            Kind::Any => any(raw, place, findings),
            Kind::Text => {
                text(raw, place, findings);
            }
            Kind::Time => time(raw, place, findings),
            Kind::Millis => millis(raw, place, findings),
            Kind::Boolean => {
                shape(raw, Shape::Boolean, "2.2", place, findings);
            }
            Kind::Integer(min, max) => integer(raw, *min..=*max, place, findings),
            Kind::Float(min, max) => float(raw, *min..=*max, place, findings),
            Kind::Id(target) => id(raw, *target, place, findings),
            Kind::Choice(values) => choice(raw, values, place, findings),
            Kind::List(item) => list(raw, item, place, findings),
            Kind::Dictionary => dictionary(raw, "2.3", place, findings, |_, _, _, _| {}),
            Kind::Hashes => dictionary(raw, "2.7", place, findings, hash),
            Kind::Extensions => dictionary(raw, "7.3", place, findings, extension),
            Kind::Record(record) => record.check(raw, place, findings),
        }
    }
}

impl Record {
    fn check(&self, raw: &str, place: &Place<'_>, findings: &mut Findings) {
        if !shape(raw, Shape::Object, self.section, place, findings) {
            return;
        }
        let mut seen = Vec::new();
        members(raw, place, findings, |key, value, findings| {
            if let Some((name, kind)) = self.properties.iter().find(|(name, _)| key == *name) {
                kind.check(value, &place.key(&key), findings);
                seen.push(*name);
            }
        });
        for name in self.required.iter().filter(|name| !seen.contains(name)) {
            findings.add(&place.key(name), "is required", self.section);
        }
        if !self.any_of.is_empty() && !self.any_of.iter().any(|name| seen.contains(name)) {
            let names = self.any_of.join(", ");
            findings.add(
                place,
                format!("needs at least one of {names}"),
                self.section,
            );
        }
    }
}

fn shape(
    raw: &str,
    expected: Shape,
    section: &'static str,
    place: &Place<'_>,
    findings: &mut Findings,
) -> bool {
    let found = Shape::of(raw);
    if found != expected {
        let message = format!("must be {}, found {}", expected.name(), found.name());
        findings.add(place, message, section);
    }
    found == expected
}

fn any(raw: &str, place: &Place<'_>, findings: &mut Findings) {
    match Shape::of(raw) {
        Shape::Null => findings.add(
            place,
            "is null; a property without a value is left out",
            "2",
        ),
        Shape::List if is_empty(raw) => empty_list(place, findings),
        Shape::String => {
            text(raw, place, findings);
        }
        _ => {}
    }
}

pub(crate) fn text<'a>(
    raw: &'a str,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Cow<'a, str>> {
    if !shape(raw, Shape::String, "2.15", place, findings) {
        return None;
    }
    let text = json::string(raw);
    if text.is_none() {
        findings.add(
            place,
            "has an escape that is not a Unicode character",
            "2.15",
        );
    }
    text
}

fn time(raw: &str, place: &Place<'_>, findings: &mut Findings) {
    if let Some(text) = text(raw, place, findings)
        && let Err(error) = Timestamp::parse(&text)
    {
        findings.add(place, error.to_string(), "2.16.1");
    }
}

fn millis(raw: &str, place: &Place<'_>, findings: &mut Findings) {
    let before = findings.len();
    time(raw, place, findings);
    // 24 characters between the quotes: to the second 19, a point, three digits, Z
    if findings.len() == before && raw.len() < 26 {
        findings.add(
            place,
            "must have three digits after the second or more",
            "3.2",
        );
    }
}

fn integer(
    raw: &str,
    range: std::ops::RangeInclusive<i64>,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    if !shape(raw, Shape::Number, "2.10", place, findings) {
        return;
    }
    match whole_number(raw) {
        Some(number) if range.contains(&number) => {}
        Some(_) => {
            let message = format!("must be from {} to {}", range.start(), range.end());
            findings.add(place, message, "2.10");
        }
        None => findings.add(place, "must be an integer of at most 54 bits", "2.10"),
    }
}

/// The exact value of a JSON number that is whole, whatever way it is written (`12`, `12.0`,
/// `1.2e1`); none when it is not whole or longer than an `i64`.
pub(crate) fn whole_number(raw: &str) -> Option<i64> {
    let (mantissa, exponent) = match raw.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (raw, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}").parse::<i64>().ok()?;
    let scale = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    match u32::try_from(scale) {
        Ok(up) if digits != 0 => digits.checked_mul(10_i64.checked_pow(up)?),
        Ok(_) => Some(0),
        Err(_) => {
            let divisor = 10_i64.checked_pow(scale.unsigned_abs())?;
            (digits % divisor == 0).then_some(digits / divisor)
        }
    }
}

fn float(
    raw: &str,
    range: std::ops::RangeInclusive<f64>,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    if shape(raw, Shape::Number, "2.6", place, findings)
        && !raw
            .parse::<f64>()
            .is_ok_and(|number| range.contains(&number))
    {
        let message = format!("must be from {} to {}", range.start(), range.end());
        findings.add(place, message, "2.6");
    }
}

fn id(raw: &str, target: Target, place: &Place<'_>, findings: &mut Findings) {
    let Some(text) = text(raw, place, findings) else {
        return;
    };
    let id = match StixId::parse(&text) {
        Ok(id) => id,
        Err(error) => return findings.add(place, error.to_string(), "2.9"),
    };
    match target {
        Target::Of(types) if !types.contains(&id.type_name()) => {
            let message = format!("must name an object of type {}", types.join(" or "));
            findings.add(place, message, "2.9");
        }
        Target::But(types) if types.contains(&id.type_name()) => {
            let message = format!("must not name an object of type {}", id.type_name());
            findings.add(place, message, "2.9");
        }
        _ => {}
    }
}

fn choice(raw: &str, values: &[&str], place: &Place<'_>, findings: &mut Findings) {
    if let Some(text) = text(raw, place, findings)
        && !values.contains(&text.as_ref())
    {
        findings.add(
            place,
            format!("must be one of {}", values.join(", ")),
            "2.4",
        );
    }
}

fn is_empty(raw: &str) -> bool {
    raw.len() <= 2 || raw.bytes().skip(1).find(|b| !b.is_ascii_whitespace()) == Some(b']')
}

fn empty_list(place: &Place<'_>, findings: &mut Findings) {
    findings.add(
        place,
        "is an empty list; a property without a value is left out",
        "2.12",
    );
}

fn list(raw: &str, item: &Kind, place: &Place<'_>, findings: &mut Findings) {
    if !shape(raw, Shape::List, "2.12", place, findings) {
        return;
    }
    let mut index = 0;
    let walked = json::each_item(raw, |value| {
        item.check(value, &place.index(index), findings);
        index += 1;
    });
    match walked {
        Ok(()) if index == 0 => empty_list(place, findings),
        Ok(()) => {}
        Err(error) => findings.json(place, &error),
    }
}

/// Walks an object's members; a walk that fails is a finding.
fn members(
    raw: &str,
    place: &Place<'_>,
    findings: &mut Findings,
    mut each: impl FnMut(Cow<'_, str>, &str, &mut Findings),
) {
    if let Err(error) = json::each_member(raw, |key, value| each(key, value, findings)) {
        findings.json(place, &error);
    }
}

fn dictionary(
    raw: &str,
    section: &'static str,
    place: &Place<'_>,
    findings: &mut Findings,
    entry: impl Fn(&str, &str, &Place<'_>, &mut Findings),
) {
    if !shape(raw, Shape::Object, section, place, findings) {
        return;
    }
    let mut empty = true;
    members(raw, place, findings, |key, value, findings| {
        empty = false;
        entry(&key, value, &place.key(&key), findings);
    });
    if empty {
        findings.add(place, "is an empty dictionary; it needs an entry", section);
    }
}

/// The lengths of 10.7 in hexadecimal digits, for the algorithms that have one.
fn digest_length(algorithm: &str) -> Option<usize> {
    match algorithm {
        "MD5" => Some(32),
        "SHA-1" => Some(40),
        "SHA-256" | "SHA3-256" => Some(64),
        "SHA-512" | "SHA3-512" => Some(128),
        _ => None,
    }
}

fn hash(algorithm: &str, raw: &str, place: &Place<'_>, findings: &mut Findings) {
    let Some(text) = text(raw, place, findings) else {
        return;
    };
    if let Some(length) = digest_length(algorithm)
        && (text.len() != length || !text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        findings.add(
            place,
            format!("must have {length} hexadecimal digits"),
            "10.7",
        );
    }
}

fn extension(key: &str, raw: &str, place: &Place<'_>, findings: &mut Findings) {
    let predefined = key.ends_with("-ext");
    let defined = StixId::parse(key).is_ok_and(|id| id.type_name() == "extension-definition");
    if !predefined && !defined {
        let message = "must be named by the id of an extension-definition or end in -ext";
        findings.add(place, message, "7.3");
    }
    shape(raw, Shape::Object, "7.3", place, findings);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_every_digit() {
        for (raw, number) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("12.0", Some(12)),
            ("1.2e1", Some(12)),
            ("120e-1", Some(12)),
            ("0e400", Some(0)),
            ("1.5", None),
            ("1e-1", None),
            ("1e30", None),
            ("1e99999999999", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_number(raw), number, "{raw}");
        }
    }
}
