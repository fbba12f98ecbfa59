//! Custom types, properties and extensions: that an extension definition stands behind them
//! (7.3, section 11), or that they are named as STIX 2.0 asked for.

use super::checks::Check;
use super::refine::X509_V3;
use super::tree::{Members, Value};
use super::{Report, each_observable, whole};
use crate::check::Place;
use crate::check::table::{self, Row};
use crate::object::Category;

/// A rule for the names of custom content.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `x-<source>-<name>`
    Strict,
    /// `x-<name>`
    Lax,
}

impl Naming {
    pub(crate) fn fits_type(self, name: &str) -> bool {
        self.fits(name, '-', "")
    }

    pub(crate) fn fits_property(self, name: &str) -> bool {
        self.fits(name, '_', "")
    }

    fn fits_extension(self, name: &str) -> bool {
        self.fits(name, '-', "-ext")
    }

    fn fits(self, name: &str, separator: char, suffix: &str) -> bool {
        let stem = name
            .strip_prefix('x')
            .and_then(|rest| rest.strip_prefix(separator))
            .and_then(|rest| rest.strip_suffix(suffix));
        stem.is_some_and(|stem| match self {
            Naming::Lax => !stem.is_empty(),
            // a character, a separator, a character, whatever stands around them
            Naming::Strict => stem
                .char_indices()
                .skip(1)
                .any(|(at, c)| c == separator && at + 1 < stem.len()),
        })
    }

    const fn check(self) -> Check {
        match self {
            Naming::Strict => Check::CustomPrefix,
            Naming::Lax => Check::CustomPrefixLax,
        }
    }

    const fn wanted(self) -> &'static str {
        match self {
            Naming::Strict => "should begin with x, the name of a source, and be its own",
            Naming::Lax => "should begin with x",
        }
    }
}

/// The predefined extensions of a type of observable, with their properties.
const EXTENSIONS: &[(&str, &str, &[&str])] = &[
    ("file", "archive-ext", &["contains_refs", "comment"]),
    ("file", "ntfs-ext", &["sid", "alternate_data_streams"]),
    (
        "file",
        "pdf-ext",
        &[
            "version",
            "is_optimized",
            "document_info_dict",
            "pdfid0",
            "pdfid1",
        ],
    ),
    (
        "file",
        "raster-image-ext",
        &["image_height", "image_width", "bits_per_pixel", "exif_tags"],
    ),
    (
        "file",
        "windows-pebinary-ext",
        &[
            "pe_type",
            "imphash",
            "machine_hex",
            "number_of_sections",
            "time_date_stamp",
            "pointer_to_symbol_table_hex",
            "number_of_symbols",
            "size_of_optional_header",
            "characteristics_hex",
            "file_header_hashes",
            "optional_header",
            "sections",
        ],
    ),
    (
        "network-traffic",
        "http-request-ext",
        &[
            "request_method",
            "request_value",
            "request_version",
            "request_header",
            "message_body_length",
            "message_body_data_ref",
        ],
    ),
    (
        "network-traffic",
        "icmp-ext",
        &["icmp_type_hex", "icmp_code_hex"],
    ),
    (
        "network-traffic",
        "socket-ext",
        &[
            "address_family",
            "is_blocking",
            "is_listening",
            "options",
            "socket_type",
            "socket_descriptor",
            "socket_handle",
        ],
    ),
    (
        "network-traffic",
        "tcp-ext",
        &["src_flags_hex", "dst_flags_hex"],
    ),
    (
        "process",
        "windows-process-ext",
        &[
            "aslr_enabled",
            "dep_enabled",
            "priority",
            "owner_sid",
            "window_title",
            "startup_info",
            "integrity_level",
        ],
    ),
    (
        "process",
        "windows-service-ext",
        &[
            "service_name",
            "descriptions",
            "display_name",
            "group_name",
            "start_type",
            "service_dll_refs",
            "service_type",
            "service_status",
        ],
    ),
    (
        "user-account",
        "unix-account-ext",
        &["gid", "groups", "home_dir", "shell"],
    ),
];

/// Properties whose own properties are known: of a type, or of an extension.
fn embedded(owner: &str, property: &str) -> &'static [&'static str] {
    match (owner, property) {
        ("email-message", "body_multipart") => &[
            "body",
            "body_raw_ref",
            "content_type",
            "content_disposition",
        ],
        ("windows-registry-key", "values") => &["name", "data", "data_type"],
        ("x509-certificate", "x509_v3_extensions") => X509_V3,
        ("ntfs-ext", "alternate_data_streams") => &["name", "hashes", "size"],
        ("windows-pebinary-ext", "sections") => &["name", "size", "entropy", "hashes"],
        _ => &[],
    }
}

/// Whether the specification gives a type this property.
pub(crate) fn is_defined(row: &Row, name: &str) -> bool {
    let common = match name {
        "type" | "id" | "spec_version" | "object_marking_refs" | "granular_markings" => true,
        "extensions" => row.name != "extension-definition",
        "defanged" => row.category == Category::Observable,
        "created" | "created_by_ref" | "external_references" => {
            row.category != Category::Observable
        }
        "lang" => {
            !matches!(row.name, "language-content" | "extension-definition")
                && row.category != Category::Observable
        }
        "modified" | "revoked" | "labels" => {
            row.category != Category::Observable && row.name != "marking-definition"
        }
        "confidence" => {
            row.category != Category::Observable
                && !matches!(row.name, "marking-definition" | "extension-definition")
        }
        _ => false,
    };
    common || row.properties.iter().any(|(known, _)| *known == name)
}

fn uses(object: &Members<'_>, types: &[&str]) -> bool {
    object
        .object("extensions")
        .into_iter()
        .flat_map(Members::iter)
        .filter_map(|(_, extension)| extension.object()?.text("extension_type"))
        .any(|kind| types.contains(&kind))
}

/// Whether a property of an object is custom, and not a reserved name.
fn is_custom_property(row: Option<&Row>, object_type: &str, name: &str) -> bool {
    if whole::RESERVED.contains(&name) {
        return false;
    }
    match (object_type, row) {
        ("bundle", _) => !matches!(name, "type" | "id" | "objects"),
        // the validator's own list, which has a slip of the pen
        ("malware-analysis", Some(row)) => {
            name == "installed_software_refs"
                || (name != "installed_software_ref" && !is_defined(row, name))
        }
        (_, Some(row)) => !is_defined(row, name),
        _ => false,
    }
}

/// Custom content without an extension definition (401).
pub(crate) fn extensions_used(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let check = Check::ExtensionsUse;
    let type_name = object.text("type").unwrap_or_default();
    let row = table::row(type_name);
    if row.is_none()
        && !matches!(type_name, "action" | "bundle")
        && !uses(object, &["new-sdo", "new-sco", "new-sro"])
    {
        let message = "is a custom type: an extension of type new-sdo, new-sco or new-sro should \
                       define it";
        report.advise(check, &place.key("type"), message, "7.3");
    }
    let defined = uses(object, &["toplevel-property-extension"]);
    for name in object.names() {
        if !defined && is_custom_property(row, type_name, name) {
            let message = "is a custom property: an extension should define it";
            report.advise(check, &place.key(name), message, "7.3");
        }
    }
    if type_name == "marking-definition"
        && !object.has("extensions")
        && !matches!(object.text("definition_type"), Some("statement" | "tlp"))
    {
        let message = "is a custom marking: an extension should define it";
        report.advise(check, &place.key("definition_type"), message, "7.2.1");
    }
    each_observable(object, place, |observable, place| {
        observable_extensions_used(observable, place, report);
    });
}

fn observable_extensions_used(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let check = Check::ExtensionsUse;
    nested_names(object, place, &mut |_, place| {
        let message = "is a custom property: an extension should define it";
        report.advise(check, place, message, "7.3");
    });
    let defined = uses(object, &["property-extension"]);
    unknown_extensions(object, place, &mut |_, place| {
        if !defined {
            let message = "is a custom extension: its extension_type should be property-extension";
            report.advise(check, place, message, "7.3");
        }
    });
}

/// The names of custom content (101, 102).
pub(crate) fn names(naming: Naming, object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let type_name = object.text("type").unwrap_or_default();
    let row = table::row(type_name);
    let (check, wanted) = (naming.check(), naming.wanted());
    if row.is_none() && !matches!(type_name, "action" | "bundle") && !naming.fits_type(type_name) {
        let message = format!("is a custom type: its name {wanted}");
        report.advise(check, &place.key("type"), message, "11.2");
    }
    if row.is_none_or(|row| row.category != Category::Observable) {
        for name in object.names() {
            if is_custom_property(row, type_name, name) && !naming.fits_property(name) {
                let message = format!("is a custom property: its name {wanted}");
                report.advise(check, &place.key(name), message, "11.1");
            }
        }
    }
    each_observable(object, place, |observable, place| {
        observable_names(naming, observable, place, report);
    });
}

fn observable_names(naming: Naming, object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let (check, wanted) = (naming.check(), naming.wanted());
    let type_name = object.text("type").unwrap_or_default();
    match table::row(type_name) {
        Some(row) if row.category == Category::Observable => {
            for name in object.names() {
                // names that are reserved elsewhere are no exception here
                if !is_defined(row, name) && !naming.fits_property(name) {
                    let message = format!("is a custom property: its name {wanted}");
                    report.advise(check, &place.key(name), message, "11.1");
                }
            }
        }
        _ if type_name != "action" && !naming.fits_type(type_name) => {
            let message = format!("is a custom type: its name {wanted}");
            report.advise(check, &place.key("type"), message, "11.2");
        }
        _ => {}
    }
    nested_names(object, place, &mut |name, place| {
        if !naming.fits_property(name) {
            let message = format!("is a custom property: its name {wanted}");
            report.advise(check, place, message, "11.1");
        }
    });
    unknown_extensions(object, place, &mut |name, place| {
        if !naming.fits_extension(name) {
            let message = format!("is a custom extension: its name {wanted} and end in -ext");
            report.advise(check, place, message, "11.3");
        }
    });
}

/// Calls `each` with every extension of an observable that its type does not have.
fn unknown_extensions(
    object: &Members<'_>,
    place: &Place<'_>,
    each: &mut dyn FnMut(&str, &Place<'_>),
) {
    let type_name = object.text("type").unwrap_or_default();
    if !EXTENSIONS.iter().any(|(owner, ..)| *owner == type_name) {
        return;
    }
    let place = place.key("extensions");
    for name in object
        .object("extensions")
        .into_iter()
        .flat_map(Members::names)
    {
        let known = EXTENSIONS
            .iter()
            .any(|(owner, known, _)| *owner == type_name && *known == name);
        if !known {
            each(name, &place.key(name));
        }
    }
}

/// Calls `each` with every property below an observable's own that is not defined: in its nested
/// types, in its predefined extensions, and in the nested types of those.
pub(crate) fn nested_names(
    object: &Members<'_>,
    place: &Place<'_>,
    each: &mut dyn FnMut(&str, &Place<'_>),
) {
    let type_name = object.text("type").unwrap_or_default();
    for (name, value) in object.iter() {
        unknown_members(value, embedded(type_name, name), &place.key(name), each);
    }
    let place = place.key("extensions");
    for (name, extension) in object
        .object("extensions")
        .into_iter()
        .flat_map(Members::iter)
    {
        let known = EXTENSIONS
            .iter()
            .find(|(owner, known, _)| *owner == type_name && *known == name);
        let (Some((.., properties)), Some(extension)) = (known, extension.object()) else {
            continue;
        };
        let place = place.key(name);
        for (property, value) in extension.iter() {
            if !properties.contains(&property) {
                each(property, &place.key(property));
            }
            unknown_members(value, embedded(name, property), &place.key(property), each);
        }
    }
}

fn unknown_members(
    value: &Value<'_>,
    known: &[&str],
    place: &Place<'_>,
    each: &mut dyn FnMut(&str, &Place<'_>),
) {
    if known.is_empty() {
        return;
    }
    let mut look = |members: &Members<'_>, place: &Place<'_>| {
        for name in members.names().filter(|name| !known.contains(name)) {
            each(name, &place.key(name));
        }
    };
    match value {
        Value::Object(members) => look(members, place),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Some(members) = item.object() {
                    look(members, &place.index(index));
                }
            }
        }
        _ => {}
    }
}
