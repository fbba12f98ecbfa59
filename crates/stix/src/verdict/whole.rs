//! What an object of a type must have: its common properties, those of its type, and what must or
//! must not stand together.

use super::extensions;
use super::formats as f;
use super::refine;
use super::rule::{self, Rule};
use super::tree::{Members, Value};
use crate::check::kind::{Kind, Target};
use crate::check::table::{self, Row};
use crate::check::{Findings, Place};
use crate::object::Category;

const ID: Rule = Rule::Kind(Kind::Id(Target::Any));
const IDS: Rule = Rule::Kind(Kind::List(&Kind::Id(Target::Any)));
const MARKING_IDS: Rule = Rule::Kind(Kind::List(&Kind::Id(Target::Of(&["marking-definition"]))));
const TEXT: Rule = Rule::Kind(Kind::Text);
const TEXTS: Rule = Rule::Kind(Kind::List(&Kind::Text));
const BOOLEAN: Rule = Rule::Kind(Kind::Boolean);
const REFERENCES: Rule = Rule::Each(&Rule::With(refine::external_reference));
const GRANULAR: Rule = Rule::Each(&Rule::With(refine::granular_marking));

/// Property names that are reserved (3.1).
pub(crate) const RESERVED: &[&str] = &["severity", "action", "username", "phone_numbers"];

/// Checks an object by the type it says it is.
pub(crate) fn check(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let type_name = object.text("type");
    match (type_name, type_name.and_then(table::row)) {
        (Some("bundle"), _) => bundle(object, place, out),
        (Some("marking-definition"), _) => marking(object, place, out),
        (_, Some(row)) => typed(
            row,
            row.category == Category::Observable,
            object,
            place,
            out,
        ),
        (_, None) => custom(
            !(object.has("created") || object.has("modified")),
            object,
            place,
            out,
        ),
    }
}

/// Checks an observable that stands in the `objects` of observed data (4.14.1).
pub(crate) fn check_embedded(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(object) = rule::object(value, "4.14.1", place, out) else {
        return;
    };
    match object.text("type").map(|name| (name, table::row(name))) {
        Some((_, Some(row))) if row.category == Category::Observable => {
            typed(row, true, object, place, out);
        }
        Some((_, Some(row))) => {
            let message = format!("must be an observable, not {}", row.name);
            out.add(&place.key("type"), message, "4.14.1");
        }
        Some((name, None)) => {
            custom(true, object, place, out);
            if is_like_an_observable(name) {
                let message = "is a custom type whose name holds that of an observable";
                out.add(&place.key("type"), message, "4.14.1");
            }
        }
        None => custom(true, object, place, out),
    }
}

/// OASIS stix2-validator reads the name of a custom observable in `objects` so.
fn is_like_an_observable(name: &str) -> bool {
    let inside = [
        "directory",
        "file",
        "mutex",
        "process",
        "software",
        "user-account",
        "windows-registry-key",
        "x509-certificate",
        "autonomous-system",
        "domain-name",
        "email-addr",
        "email-message",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "network-traffic",
    ];
    name.starts_with("artifact")
        || name.ends_with("url")
        || inside.iter().any(|word| name.contains(word))
}

fn custom(observable: bool, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    for (name, value) in object.iter() {
        let place = place.key(name);
        rule::property(name, value, &place, out);
        if name == "type" {
            custom_type(value, &place, out);
        } else {
            common(observable, name, value, &place, out);
        }
    }
    common_presence(observable, object, place, out);
}

fn custom_type(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(name) = rule::text(value, place, out) else {
        return;
    };
    if !f::is_type_form(name) || !(3..=250).contains(&name.len()) {
        let message = "must be 3 to 250 lower-case letters, digits and single hyphens";
        out.add(place, message, "3.1");
    }
    if name == "action" {
        out.add(place, "is a reserved type", "3.1");
    }
}

/// A common property (3.2); whether the name is one.
fn common(
    observable: bool,
    name: &str,
    value: &Value<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) -> bool {
    match name {
        "id" => ID.check(value, place, out),
        "spec_version" => Rule::Kind(Kind::Choice(&["2.0", "2.1"])).check(value, place, out),
        "object_marking_refs" => IDS.check(value, place, out),
        "granular_markings" => GRANULAR.check(value, place, out),
        "extensions" => extensions::common(value, place, out),
        "defanged" if observable => BOOLEAN.check(value, place, out),
        _ if observable => return false,
        "created_by_ref" => ID.check(value, place, out),
        "created" | "modified" => Rule::Kind(Kind::Millis).check(value, place, out),
        "revoked" => BOOLEAN.check(value, place, out),
        "labels" => TEXTS.check(value, place, out),
        "confidence" => Rule::Kind(Kind::Integer(0, 100)).check(value, place, out),
        "lang" => TEXT.check(value, place, out),
        "external_references" => REFERENCES.check(value, place, out),
        _ => return false,
    }
    true
}

fn common_presence(observable: bool, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let required: &[&str] = if observable {
        &["type", "id"]
    } else {
        &["type", "spec_version", "id", "created", "modified"]
    };
    rule::require_all(required, object, "3.2", place, out);
    for name in RESERVED.iter().filter(|name| object.has(name)) {
        out.add(&place.key(name), "is a reserved name", "3.1");
    }
}

fn typed(
    row: &'static Row,
    observable: bool,
    object: &Members<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) {
    for (name, value) in object.iter() {
        let place = place.key(name);
        rule::property(name, value, &place, out);
        if name == "type" {
            continue;
        }
        if let Some(rule) = refine::of(row.name, name) {
            rule.check(value, &place, out);
        } else if let Some((_, kind)) = row.properties.iter().find(|(known, _)| *known == name) {
            Rule::Kind(*kind).check(value, &place, out);
        } else if common(observable, name, value, &place, out) {
            match name {
                "id" => id_of_type(row.name, value, &place, out),
                "extensions" => extensions::predefined(row.name, value, &place, out),
                _ => {}
            }
        }
    }
    common_presence(observable, object, place, out);
    rule::require_all(row.required, object, row.section, place, out);
    rule::require_any(any_of(row), object, row.section, place, out);
    together(row, object, place, out);
}

fn id_of_type(type_name: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    if let Some(id) = value.text()
        && !id
            .strip_prefix(type_name)
            .is_some_and(|rest| rest.starts_with("--"))
    {
        let message = format!("must begin with the object's type, {type_name}--");
        out.add(place, message, "2.9");
    }
}

/// Of which properties an object has one at least. In three places OASIS stix2-validator says other
/// names than the specification.
fn any_of(row: &Row) -> &'static [&'static str] {
    match row.name {
        "process" => &[
            "extensions",
            "is_hidden",
            "pid",
            "name",
            "created",
            "cwd",
            "arguments",
            "command_line",
            "environment_variables",
            "opened_connection_refs",
            "creator_user_ref",
            "image_ref",
            "parent_ref",
            "child_refs",
        ],
        "windows-registry-key" => &[
            "key",
            "values",
            "modified",
            "creator_user_ref",
            "number_of_subkeys",
        ],
        "artifact" | "location" | "observed-data" => &[],
        _ => row.any_of,
    }
}

/// What must or must not stand together.
fn together(row: &Row, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let has = |name| object.has(name);
    let is_true = |name| matches!(object.get(name), Some(Value::Bool(true)));
    let mut add = |property: &str, message: &str| {
        out.add(&place.key(property), message, row.section);
    };
    match row.name {
        "artifact" => {
            match (has("payload_bin"), has("url"), has("hashes")) {
                (true, true, _) => add("url", "must not stand beside payload_bin"),
                (false, false, _) => add("payload_bin", "is required, or url"),
                (false, true, false) => add("hashes", "is required beside url"),
                _ => {}
            }
            if has("decryption_key") && !has("encryption_algorithm") {
                add("encryption_algorithm", "is required beside decryption_key");
            }
        }
        "email-message" => match object.get("is_multipart") {
            Some(Value::Bool(true)) if has("body") => {
                add("body", "must not stand in a multipart message");
            }
            Some(Value::Bool(false)) if has("body_multipart") => {
                add("body_multipart", "must stand in a multipart message only");
            }
            _ => {}
        },
        "extension-definition" => {
            let types = object.get("extension_types");
            let toplevel = match types {
                None => true,
                Some(Value::List(types)) => types
                    .iter()
                    .any(|word| word.text() == Some("toplevel-property-extension")),
                Some(_) => false,
            };
            if has("extension_properties") && !toplevel {
                add(
                    "extension_properties",
                    "needs the type toplevel-property-extension",
                );
            }
        }
        "location" => location(object, &mut add),
        "malware" if is_true("is_family") && !has("name") => {
            add("name", "is required for a family");
        }
        "network-traffic" if is_true("is_active") && has("end") => {
            add("end", "must not stand in traffic that is active");
        }
        "observed-data" => match (object.get("objects"), has("object_refs")) {
            (Some(_), true) => add("objects", "must not stand beside object_refs"),
            (None, false) => add("object_refs", "is required"),
            _ => {}
        },
        _ => {}
    }
    if let ("observed-data", Some(Value::Object(objects))) = (row.name, object.get("objects")) {
        let place = place.key("objects");
        for (key, value) in objects.iter() {
            check_embedded(value, &place.key(key), out);
        }
    }
}

fn location(object: &Members<'_>, add: &mut impl FnMut(&str, &str)) {
    let has = |name| object.has(name);
    let point = has("latitude") && has("longitude");
    if !has("region") && !has("country") && !point {
        add(
            "region",
            "is required, or country, or latitude and longitude",
        );
    }
    if has("latitude") != has("longitude") {
        let missing = if has("latitude") {
            "longitude"
        } else {
            "latitude"
        };
        add(
            missing,
            "is required: latitude and longitude stand together",
        );
    }
    if has("precision") && !point {
        add("precision", "needs latitude and longitude");
    }
}

fn bundle(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    if let Some(id) = object.get("id") {
        Rule::Kind(Kind::Id(Target::Of(&["bundle"]))).check(id, &place.key("id"), out);
    }
    rule::require_all(&["type", "id"], object, "8", place, out);
}

/// A marking definition (7.2.1): a statement, one of the four TLP levels as the specification has
/// them, or what an extension defines.
fn marking(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let tlp = object.text("definition_type") == Some("tlp");
    for (name, value) in object.iter() {
        let place = place.key(name);
        let rule = match name {
            "id" => Rule::Kind(Kind::Id(Target::Of(&["marking-definition"]))),
            "spec_version" => Rule::Kind(Kind::Choice(&["2.0", "2.1"])),
            "name" => TEXT,
            "created_by_ref" => ID,
            "created" => Rule::Kind(Kind::Time),
            "external_references" => REFERENCES,
            "object_marking_refs" => MARKING_IDS,
            "granular_markings" => GRANULAR,
            "extensions" => Rule::With(extensions::of_marking),
            _ => continue,
        };
        rule.check(value, &place, out);
    }
    rule::require_all(
        &["type", "spec_version", "id", "created"],
        object,
        "3.2",
        place,
        out,
    );
    if tlp {
        return super::tlp::check(object, place, out);
    }
    if !object.has("extensions") {
        rule::require_all(
            &["definition_type", "definition"],
            object,
            "7.2.1",
            place,
            out,
        );
    }
    if let Some(kind) = object.get("definition_type") {
        definition(kind, object, place, out);
    } else if let Some(definition) = object.get("definition") {
        rule::object(definition, "7.2.1", &place.key("definition"), out);
    }
}

fn definition(kind: &Value<'_>, object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(kind) = rule::text(kind, &place.key("definition_type"), out) else {
        return;
    };
    if kind != "statement" && (kind.starts_with("statement") || kind.ends_with("tlp")) {
        let message = "must be statement, tlp, or another word";
        out.add(&place.key("definition_type"), message, "7.2.1");
    }
    let place = place.key("definition");
    let Some(value) = object.get("definition") else {
        if kind == "statement" {
            out.add(&place, "is required", "7.2.1");
        }
        return;
    };
    let definition = rule::object(value, "7.2.1", &place, out);
    if let (Some(definition), "statement") = (definition, kind) {
        match definition.get("statement") {
            Some(statement) => TEXT.check(statement, &place.key("statement"), out),
            None => out.add(&place.key("statement"), "is required", "7.2.1.3"),
        }
    }
}
