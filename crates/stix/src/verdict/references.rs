//! References between the observables in the `objects` of observed data (4.14.1, section 6).

use super::tree::{Members, Value};
use crate::check::{Findings, Place};

const ADDRESSES: &[&str] = &["ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"];

/// The types that a reference property of a type may name; none where it is not looked at.
fn targets(type_name: &str, property: &str) -> &'static [&'static str] {
    match (type_name, property) {
        ("directory", "contains_refs") => &["file", "directory"],
        ("domain-name", "resolves_to_refs") => &["ipv4-addr", "ipv6-addr", "domain-name"],
        ("email-addr", "belongs_to_ref")
        | ("process" | "windows-registry-key", "creator_user_ref") => &["user-account"],
        ("email-message", "from_ref" | "sender_ref" | "to_refs" | "cc_refs" | "bcc_refs") => {
            &["email-addr"]
        }
        ("email-message", "raw_email_ref")
        | ("file", "content_ref")
        | ("network-traffic", "src_payload_ref" | "dst_payload_ref") => &["artifact"],
        ("file", "parent_directory_ref") => &["directory"],
        ("ipv4-addr" | "ipv6-addr", "resolves_to_refs") => &["mac-addr"],
        ("ipv4-addr" | "ipv6-addr", "belongs_to_refs") => &["autonomous-system"],
        ("network-traffic", "src_ref" | "dst_ref") => ADDRESSES,
        ("network-traffic", "encapsulates_refs" | "encapsulated_by_ref")
        | ("process", "opened_connection_refs") => &["network-traffic"],
        ("process", "image_ref") => &["file"],
        ("process", "parent_ref" | "child_refs") => &["process"],
        _ => &[],
    }
}

/// References inside extensions: type, extension, property, what it may name.
const IN_EXTENSIONS: &[(&str, &str, &str, &[&str])] = &[
    ("file", "archive-ext", "contains_refs", &["file"]),
    (
        "network-traffic",
        "http-request-ext",
        "message_body_data_ref",
        &["artifact"],
    ),
    (
        "process",
        "windows-service-ext",
        "service_dll_refs",
        &["file"],
    ),
];

/// Checks that references name an object that is there and of the right type.
pub(crate) fn check(objects: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    for (key, object) in objects.iter() {
        let Some(object) = object.object() else {
            continue;
        };
        let place = place.key(key);
        let type_name = object.text("type").unwrap_or_default();
        for (name, value) in object.iter() {
            let targets = targets(type_name, name);
            if !targets.is_empty() {
                resolve_all(value, targets, objects, &place.key(name), out);
            }
        }
        for (_, extension, property, targets) in
            IN_EXTENSIONS.iter().filter(|(name, ..)| *name == type_name)
        {
            let extensions = object.object("extensions");
            if let Some(value) = extensions
                .and_then(|extensions| extensions.object(extension))
                .and_then(|extension| extension.get(property))
            {
                let place = place.key("extensions");
                let place = place.key(extension);
                resolve_all(value, targets, objects, &place.key(property), out);
            }
        }
        if type_name == "email-message" {
            let place = place.key("body_multipart");
            for (index, part) in object.list("body_multipart").iter().enumerate() {
                if let Some(value) = part.object().and_then(|part| part.get("body_raw_ref")) {
                    let place = place.index(index);
                    let targets = &["artifact", "file"];
                    resolve_all(value, targets, objects, &place.key("body_raw_ref"), out);
                }
            }
        }
    }
}

fn resolve_all(
    value: &Value<'_>,
    targets: &[&str],
    objects: &Members<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) {
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                resolve(item, targets, objects, &place.index(index), out);
            }
        }
        _ => resolve(value, targets, objects, place, out),
    }
}

fn resolve(
    value: &Value<'_>,
    targets: &[&str],
    objects: &Members<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) {
    let Some(found) = value.text().and_then(|key| objects.get(key)) else {
        return out.add(place, "names no object of this observed data", "4.14.1");
    };
    if let Some(type_name) = found.object().and_then(|object| object.text("type"))
        && !targets.contains(&type_name)
    {
        let message = format!("must name an object of type {}", targets.join(" or "));
        out.add(place, message, "2.9");
    }
}
