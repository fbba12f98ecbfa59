//! Requirements ("MUST") that look at several properties, or at a registry.

use super::formats as f;
use super::references;
use super::tree::{Members, Value};
use super::{Options, each_observable, patterns, registry};
use crate::check::{Findings, Place, table};

/// Checks an object; its shape was checked before, but may be wrong.
pub(crate) fn check(
    object: &Members<'_>,
    place: &Place<'_>,
    options: &Options,
    out: &mut Findings,
) {
    let type_name = object.text("type").unwrap_or_default();
    times_exist(type_name, object, place, out);
    order("created", "modified", false, "3.6.1", object, place, out);
    if let Some(row) = table::row(type_name)
        && let Some(ordered) = &row.ordered
        && type_name != "network-traffic"
    {
        let (earlier, later) = (ordered.earlier, ordered.later);
        order(
            earlier,
            later,
            ordered.strict,
            row.section,
            object,
            place,
            out,
        );
    }
    if type_name == "marking-definition" {
        marks_itself(object, place, out);
    }
    selectors(object, place, out);
    if type_name == "observed-data"
        && let Some(objects) = object.object("objects")
    {
        references::check(objects, &place.key("objects"), out);
    }
    each_observable(object, place, |observable, place| {
        of_observable(observable, place, out);
    });
    languages(type_name, object, place, out);
    if type_name == "indicator" {
        patterns::check(object, place, options, out);
    }
    if let Some(cpe) = object.get("cpe")
        && type_name != "software"
        && !cpe.text().is_some_and(super::cpe::is_cpe)
    {
        out.add(&place.key("cpe"), "must be a CPE 2.3 name", "6.14.1");
    }
    uuid_version(type_name, object, place, out);
}

/// Timestamps of types whose property table has them are days and seconds that exist.
fn times_exist(type_name: &str, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let row = table::row(type_name);
    for (name, value) in object.iter() {
        let Value::Text(text) = value else { continue };
        let common = matches!(name, "created" | "modified");
        let typed = || {
            row.is_some_and(|row| {
                row.properties
                    .iter()
                    .any(|(known, kind)| *known == name && kind.is_time())
            })
        };
        if f::is_timestamp(text) && f::instant(text).is_none() && (common || typed()) {
            no_such_time(&place.key(name), out);
        }
    }
    let nested = |members: &Members<'_>, names: &[&str], place: &Place<'_>, out: &mut Findings| {
        for name in names {
            if let Some(text) = members.text(name)
                && f::is_timestamp(text)
                && f::instant(text).is_none()
            {
                no_such_time(&place.key(name), out);
            }
        }
    };
    match type_name {
        "file" => {
            let extensions = object.object("extensions").into_iter();
            let place = place.key("extensions");
            for (name, extension) in extensions.flat_map(Members::iter) {
                if let Some(extension) = extension.object() {
                    nested(extension, &["time_date_stamp"], &place.key(name), out);
                }
            }
        }
        "x509-certificate" => {
            if let Some(extensions) = object.object("x509_v3_extensions") {
                let names = [
                    "private_key_usage_period_not_before",
                    "private_key_usage_period_not_after",
                ];
                nested(extensions, &names, &place.key("x509_v3_extensions"), out);
            }
        }
        _ => {}
    }
}

fn no_such_time(place: &Place<'_>, out: &mut Findings) {
    out.add(
        place,
        "names a day or a second that does not exist",
        "2.16.1",
    );
}

/// Two timestamps in order. What is no instant to the microsecond is compared as text, as OASIS
/// stix2-validator does.
fn order(
    earlier: &str,
    later: &str,
    strict: bool,
    section: &'static str,
    object: &Members<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) {
    let (Some(first), Some(second)) = (object.text(earlier), object.text(later)) else {
        return;
    };
    let instant = |text: &str| {
        (f::is_timestamp(text) && f::fraction_digits(text) <= 6)
            .then(|| f::instant(text))
            .flatten()
    };
    let order = match (instant(first), instant(second)) {
        (Some(first), Some(second)) => first.cmp(&second),
        _ => first.cmp(second),
    };
    if order.is_gt() || (strict && order.is_eq()) {
        let relation = if strict {
            "must be later than"
        } else {
            "must not be earlier than"
        };
        out.add(
            &place.key(later),
            format!("{relation} `{earlier}`"),
            section,
        );
    }
}

fn marks_itself(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(id) = object.text("id") else { return };
    let message = "must not be the marking itself";
    let refs = place.key("object_marking_refs");
    for (index, marking) in object.list("object_marking_refs").iter().enumerate() {
        if marking.text() == Some(id) {
            out.add(&refs.index(index), message, "7.2.2");
        }
    }
    let markings = place.key("granular_markings");
    for (index, marking) in object.list("granular_markings").iter().enumerate() {
        if marking.object().and_then(|m| m.text("marking_ref")) == Some(id) {
            out.add(&markings.index(index).key("marking_ref"), message, "7.2.3");
        }
    }
}

/// Selectors name what is there (7.2.3.1).
fn selectors(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let place = place.key("granular_markings");
    for (index, marking) in object.list("granular_markings").iter().enumerate() {
        let Some(marking) = marking.object() else {
            continue;
        };
        let place = place.index(index);
        let place = place.key("selectors");
        for (index, selector) in marking.list("selectors").iter().enumerate() {
            if let Some(selector) = selector.text()
                && let Err(missing) = select(object, selector)
            {
                let message = format!("names nothing: there is no {missing:.250}");
                out.add(&place.index(index), message, "7.2.3.1");
            }
        }
    }
}

/// Walks a selector; the segment that leads nowhere is the error.
fn select<'s>(object: &Members<'_>, selector: &'s str) -> Result<(), &'s str> {
    let mut segments = selector.split('.');
    let first = segments.next().unwrap_or_default();
    let mut value = object.get(first).ok_or(first)?;
    for segment in segments {
        let index = f::index_of(segment);
        value = match (value, index.map(str::parse::<usize>)) {
            (Value::List(items), Some(Ok(index))) => items.get(index),
            // a character of a string
            (Value::Text(text), Some(Ok(index))) if text.chars().nth(index).is_some() => {
                Some(value)
            }
            (Value::Object(members), None) => members.get(segment),
            _ => None,
        }
        .ok_or(segment)?;
    }
    Ok(())
}

fn of_observable(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let registered =
        |name: &str, set: fn(&str) -> bool, what: &str, section, out: &mut Findings| {
            if let Some(text) = object.text(name)
                && !set(text)
            {
                let message = format!("must be {what} that IANA registered");
                out.add(&place.key(name), message, section);
            }
        };
    match object.text("type").unwrap_or_default() {
        "artifact" => {
            registered(
                "mime_type",
                registry::is_media_type,
                "a media type",
                "6.1.1",
                out,
            );
        }
        "directory" => {
            registered(
                "path_enc",
                registry::is_charset,
                "a character set",
                "6.3.1",
                out,
            );
        }
        "file" => registered(
            "name_enc",
            registry::is_charset,
            "a character set",
            "6.7.1",
            out,
        ),
        "network-traffic" => order("start", "end", false, "6.12.1", object, place, out),
        "software" => {
            let place = place.key("languages");
            for (index, language) in object.list("languages").iter().enumerate() {
                if !language.text().is_some_and(registry::is_software_language) {
                    let message = "must be a language code of RFC 5646";
                    out.add(&place.index(index), message, "6.14.1");
                }
            }
        }
        _ => {}
    }
}

fn languages(type_name: &str, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let known = registry::is_language;
    if let Some(lang) = object.get("lang")
        && !lang.text().is_some_and(known)
    {
        let message = "must be a language code of RFC 5646, such as en or de-CH";
        out.add(&place.key("lang"), message, "3.2");
    }
    if type_name != "language-content" {
        return;
    }
    let place = place.key("contents");
    for (language, content) in object
        .object("contents")
        .into_iter()
        .flat_map(Members::iter)
    {
        let place = place.key(language);
        if !known(language) {
            out.add(&place, "must be a language code of RFC 5646", "7.1.1");
        }
        let Some(content) = content.object() else {
            out.add(&place, "must be a dictionary", "7.1.1");
            continue;
        };
        for name in content.names().filter(|name| !f::is_property_form(name)) {
            out.add(&place.key(name), "is no name of a property", "7.1.1");
        }
    }
}

/// An observable without a property that its id could be made of has a `UUIDv4` (2.9).
fn uuid_version(type_name: &str, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let contributing: &[&str] = match type_name {
        "artifact" => &["hashes", "payload_bin"],
        "email-message" => &["from_ref", "subject", "body"],
        "user-account" => &["account_type", "user_id", "account_login"],
        "windows-registry-key" => &["key", "values"],
        "x509-certificate" => &["hashes", "serial_number"],
        "process" => &[],
        _ => return,
    };
    if let Some(id) = object.text("id")
        && !contributing.iter().any(|name| object.has(name))
        && f::uuid_version(id) != Some(4)
    {
        let message = "must end in a UUIDv4, as no property is there to make it of";
        out.add(&place.key("id"), message, "2.9");
    }
}
