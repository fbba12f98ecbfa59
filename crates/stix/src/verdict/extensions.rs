//! The `extensions` property (3.2, 7.3) and the predefined extensions of observables (section 6).

use super::formats;
use super::rule::{self, HEX, Record, Rule};
use super::tree::Value;
use crate::check::kind::{Kind, MAX_INTEGER};
use crate::check::{Findings, Place};

const TEXT: Rule = Rule::Kind(Kind::Text);
const TEXTS: Rule = Rule::Kind(Kind::List(&Kind::Text));
const BOOLEAN: Rule = Rule::Kind(Kind::Boolean);
const TIME: Rule = Rule::Kind(Kind::Time);
const NUMBER: Rule = Rule::Kind(Kind::Float(f64::MIN, f64::MAX));
const INTEGER: Rule = Rule::Kind(Kind::Integer(-MAX_INTEGER, MAX_INTEGER));
const SIZE: Rule = Rule::Kind(Kind::Integer(0, MAX_INTEGER));
const HASHES: Rule = Rule::Kind(Kind::Hashes);

/// What an extension says it does (7.3).
pub(crate) const EXTENSION_TYPES: &[&str] = &[
    "new-sdo",
    "new-sco",
    "new-sro",
    "property-extension",
    "toplevel-property-extension",
];

/// The `extensions` property of any object but a marking definition.
pub(crate) fn common(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    check(value, place, out, true);
}

/// The `extensions` property of a marking definition: none is predefined.
pub(crate) fn of_marking(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    check(value, place, out, false);
}

fn check(value: &Value<'_>, place: &Place<'_>, out: &mut Findings, predefined: bool) {
    let Some(members) = rule::object(value, "7.3", place, out) else {
        return;
    };
    if members.is_empty() {
        out.add(place, "is an empty dictionary; it needs an entry", "2.3");
    }
    for (key, value) in members.iter() {
        let place = place.key(key);
        let named = key.starts_with("extension-definition--") && formats::is_identifier(key);
        let fits = named || (predefined && formats::is_extension_name(key));
        if !fits {
            let message = "must be named by the id of an extension-definition or end in -ext";
            out.add(&place, message, "7.3");
            continue;
        }
        let Some(extension) = rule::object(value, "7.3", &place, out) else {
            continue;
        };
        if extension.is_empty() {
            out.add(&place, "is empty; it needs a property", "7.3");
        }
        for (name, value) in extension.iter() {
            rule::property(name, value, &place.key(name), out);
        }
        if named {
            match extension.get("extension_type") {
                Some(value) => {
                    Rule::Kind(Kind::Choice(EXTENSION_TYPES)).check(
                        value,
                        &place.key("extension_type"),
                        out,
                    );
                }
                None => out.add(&place.key("extension_type"), "is required", "7.3"),
            }
        }
    }
}

/// The predefined extensions of a type, and that others are dictionaries.
pub(crate) fn predefined(
    type_name: &str,
    value: &Value<'_>,
    place: &Place<'_>,
    out: &mut Findings,
) {
    let known: &[(&str, &Record)] = match type_name {
        "file" => FILE,
        "network-traffic" => NETWORK_TRAFFIC,
        "process" => PROCESS,
        "user-account" => &[("unix-account-ext", &UNIX_ACCOUNT)],
        _ => return,
    };
    rule::dictionary(
        value,
        "2.3",
        place,
        out,
        |key, value, place, out| match known.iter().find(|(name, _)| *name == key) {
            Some((_, record)) => record.check(value, place, out),
            None => rule::dictionary(value, "2.3", place, out, |_, _, _, _| {}),
        },
    );
}

const FILE: &[(&str, &Record)] = &[
    ("archive-ext", &ARCHIVE),
    ("ntfs-ext", &NTFS),
    ("pdf-ext", &PDF),
    ("raster-image-ext", &RASTER_IMAGE),
    ("windows-pebinary-ext", &WINDOWS_PE),
];

const NETWORK_TRAFFIC: &[(&str, &Record)] = &[
    ("http-request-ext", &HTTP_REQUEST),
    ("icmp-ext", &ICMP),
    ("socket-ext", &SOCKET),
    ("tcp-ext", &TCP),
];

const PROCESS: &[(&str, &Record)] = &[
    ("windows-process-ext", &WINDOWS_PROCESS),
    ("windows-service-ext", &WINDOWS_SERVICE),
];

static ARCHIVE: Record = Record {
    section: "6.7.2",
    properties: &[("contains_refs", TEXTS), ("comment", TEXT)],
    required: &["contains_refs"],
    any_of: &[],
    closed: false,
};

static NTFS: Record = Record {
    section: "6.7.3",
    properties: &[
        ("sid", TEXT),
        ("alternate_data_streams", Rule::Each(&Rule::Record(&STREAM))),
    ],
    required: &[],
    any_of: &["sid", "alternate_data_streams"],
    closed: false,
};

static STREAM: Record = Record {
    section: "6.7.3.1",
    properties: &[("name", TEXT), ("hashes", HASHES), ("size", SIZE)],
    required: &["name"],
    any_of: &[],
    closed: false,
};

static PDF: Record = Record {
    section: "6.7.4",
    properties: &[
        ("version", TEXT),
        ("is_optimized", BOOLEAN),
        ("document_info_dict", Rule::Dictionary(a_string)),
        ("pdfid0", TEXT),
        ("pdfid1", TEXT),
    ],
    required: &[],
    any_of: &[
        "version",
        "is_optimized",
        "document_info_dict",
        "pdfid0",
        "pdfid1",
    ],
    closed: false,
};

static RASTER_IMAGE: Record = Record {
    section: "6.7.5",
    properties: &[
        ("image_height", INTEGER),
        ("image_width", INTEGER),
        ("bits_per_pixel", INTEGER),
        ("exif_tags", Rule::Dictionary(exif_tag)),
    ],
    required: &[],
    any_of: &[
        "image_height",
        "image_width",
        "bits_per_pixel",
        "image_compression_algorithm",
        "exif_tags",
    ],
    closed: false,
};

static WINDOWS_PE: Record = Record {
    section: "6.7.6",
    properties: &[
        ("pe_type", TEXT),
        ("imphash", TEXT),
        ("machine_hex", HEX),
        ("number_of_sections", SIZE),
        ("time_date_stamp", Rule::With(whole_second)),
        ("pointer_to_symbol_table_hex", HEX),
        ("number_of_symbols", SIZE),
        ("size_of_optional_header", SIZE),
        ("characteristics_hex", HEX),
        ("file_header_hashes", HASHES),
        ("optional_header", Rule::Record(&OPTIONAL_HEADER)),
        ("sections", Rule::Each(&Rule::Record(&SECTION))),
    ],
    required: &["pe_type"],
    any_of: &[
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
    closed: false,
};

static OPTIONAL_HEADER: Record = Record {
    section: "6.7.6.2",
    properties: &[
        ("magic_hex", HEX),
        ("major_linker_version", INTEGER),
        ("minor_linker_version", INTEGER),
        ("size_of_code", SIZE),
        ("size_of_initialized_data", SIZE),
        ("size_of_uninitialized_data", SIZE),
        ("address_of_entry_point", INTEGER),
        ("base_of_code", INTEGER),
        ("base_of_data", INTEGER),
        ("image_base", INTEGER),
        ("section_alignment", INTEGER),
        ("file_alignment", INTEGER),
        ("major_os_version", INTEGER),
        ("minor_os_version", INTEGER),
        ("major_image_version", INTEGER),
        ("minor_image_version", INTEGER),
        ("major_subsystem_version", INTEGER),
        ("minor_subsystem_version", INTEGER),
        ("win32_version_value_hex", HEX),
        ("size_of_image", SIZE),
        ("size_of_headers", SIZE),
        ("checksum_hex", HEX),
        ("subsystem_hex", HEX),
        ("dll_characteristics_hex", HEX),
        ("size_of_stack_reserve", SIZE),
        ("size_of_stack_commit", SIZE),
        ("size_of_heap_reserve", SIZE),
        ("size_of_heap_commit", SIZE),
        ("loader_flags_hex", HEX),
        ("number_of_rva_and_sizes", INTEGER),
        ("hashes", HASHES),
    ],
    required: &[],
    any_of: &[],
    closed: true,
};

static SECTION: Record = Record {
    section: "6.7.6.3",
    properties: &[
        ("name", TEXT),
        ("size", SIZE),
        ("entropy", NUMBER),
        ("hashes", HASHES),
    ],
    required: &["name"],
    any_of: &[],
    closed: false,
};

static HTTP_REQUEST: Record = Record {
    section: "6.12.2",
    properties: &[
        ("request_method", TEXT),
        ("request_value", TEXT),
        ("request_version", TEXT),
        ("request_header", Rule::Dictionary(header)),
        ("message_body_length", INTEGER),
        ("message_body_data_ref", TEXT),
    ],
    required: &["request_method", "request_value"],
    any_of: &[],
    closed: false,
};

static ICMP: Record = Record {
    section: "6.12.3",
    properties: &[("icmp_type_hex", HEX), ("icmp_code_hex", HEX)],
    required: &["icmp_type_hex", "icmp_code_hex"],
    any_of: &[],
    closed: false,
};

static SOCKET: Record = Record {
    section: "6.12.4",
    properties: &[
        (
            "address_family",
            Rule::Kind(Kind::Choice(&[
                "AF_UNSPEC",
                "AF_INET",
                "AF_IPX",
                "AF_APPLETALK",
                "AF_NETBIOS",
                "AF_INET6",
                "AF_IRDA",
                "AF_BTH",
            ])),
        ),
        ("is_blocking", BOOLEAN),
        ("is_listening", BOOLEAN),
        ("options", Rule::Dictionary(socket_option)),
        (
            "socket_type",
            Rule::Kind(Kind::Choice(&[
                "SOCK_STREAM",
                "SOCK_DGRAM",
                "SOCK_RAW",
                "SOCK_RDM",
                "SOCK_SEQPACKET",
            ])),
        ),
        ("socket_descriptor", SIZE),
        ("socket_handle", INTEGER),
    ],
    required: &["address_family"],
    any_of: &[],
    closed: false,
};

static TCP: Record = Record {
    section: "6.12.5",
    properties: &[("src_flags_hex", HEX), ("dst_flags_hex", HEX)],
    required: &[],
    any_of: &["src_flags_hex", "dst_flags_hex"],
    closed: false,
};

static WINDOWS_PROCESS: Record = Record {
    section: "6.13.2",
    properties: &[
        ("aslr_enabled", BOOLEAN),
        ("dep_enabled", BOOLEAN),
        ("priority", TEXT),
        ("owner_sid", TEXT),
        ("window_title", TEXT),
        ("startup_info", Rule::Dictionary(startup_info)),
        (
            "integrity_level",
            Rule::Kind(Kind::Choice(&["low", "medium", "high", "system"])),
        ),
    ],
    required: &[],
    any_of: &[
        "aslr_enabled",
        "dep_enabled",
        "priority",
        "owner_sid",
        "window_title",
        "startup_info",
    ],
    closed: false,
};

static WINDOWS_SERVICE: Record = Record {
    section: "6.13.3",
    properties: &[
        ("service_name", TEXT),
        ("descriptions", TEXTS),
        ("display_name", TEXT),
        ("group_name", TEXT),
        (
            "start_type",
            Rule::Kind(Kind::Choice(&[
                "SERVICE_AUTO_START",
                "SERVICE_BOOT_START",
                "SERVICE_DEMAND_START",
                "SERVICE_DISABLED",
                "SERVICE_SYSTEM_ALERT",
            ])),
        ),
        ("service_dll_refs", TEXTS),
        (
            "service_type",
            Rule::Kind(Kind::Choice(&[
                "SERVICE_KERNEL_DRIVER",
                "SERVICE_FILE_SYSTEM_DRIVER",
                "SERVICE_WIN32_OWN_PROCESS",
                "SERVICE_WIN32_SHARE_PROCESS",
            ])),
        ),
        (
            "service_status",
            Rule::Kind(Kind::Choice(&[
                "SERVICE_CONTINUE_PENDING",
                "SERVICE_PAUSE_PENDING",
                "SERVICE_PAUSED",
                "SERVICE_RUNNING",
                "SERVICE_START_PENDING",
                "SERVICE_STOP_PENDING",
                "SERVICE_STOPPED",
            ])),
        ),
    ],
    required: &[],
    any_of: &[
        "service_name",
        "descriptions",
        "display_name",
        "group_name",
        "start_type",
        "service_dll_refs",
        "service_type",
        "service_status",
    ],
    closed: false,
};

static UNIX_ACCOUNT: Record = Record {
    section: "6.16.2",
    properties: &[
        ("gid", NUMBER),
        ("groups", TEXTS),
        ("home_dir", TEXT),
        ("shell", TEXT),
    ],
    required: &[],
    any_of: &["gid", "groups", "home_dir", "shell"],
    closed: false,
};

fn a_string(_: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    rule::text(value, place, out);
}

fn exif_tag(key: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let named = key.len() > 1 && key.starts_with(|c: char| c.is_ascii_uppercase());
    if !named {
        out.add(
            place,
            "must be named as EXIF names it, a capital first",
            "6.7.5",
        );
    }
    match value {
        Value::Text(_) | Value::Number { whole: true, .. } => {}
        _ => rule::wrong_type("a string or an integer", value, "6.7.5", place, out),
    }
}

fn whole_second(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    TIME.check(value, place, out);
    if let Some(text) = value.text()
        && formats::is_timestamp(text)
        && text.len() > "2016-01-01T00:00:00Z".len()
    {
        out.add(place, "must be a whole second", "6.7.6");
    }
}

fn header(key: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    if key.is_empty() {
        out.add(place, "has no name", "6.12.2");
    }
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                rule::text(item, &place.index(index), out);
            }
        }
        _ => rule::wrong_type("a list of strings", value, "6.12.2", place, out),
    }
}

fn socket_option(key: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let named = key.split_once('_').is_some_and(|(family, rest)| {
        ["SO", "ICMP", "ICMP6", "IP", "IPV6", "MCAST", "TCP", "IRLMP"].contains(&family)
            && rest
                .split('_')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase()))
    });
    if !named {
        out.add(
            place,
            "must be the name of a socket option, such as SO_LINGER",
            "6.12.4",
        );
    }
    INTEGER.check(value, place, out);
}

/// The members of `STARTUPINFO` by what they hold. A name counts where it stands inside a longer
/// one, as OASIS stix2-validator has it.
fn startup_info(key: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let begins = |name: &str| key.starts_with(name);
    let ends = |name: &str| key.ends_with(name);
    let holds = |names: &[&str]| names.iter().any(|name| key.contains(name));
    let text = begins("lpDesktop")
        || ends("hStdError")
        || holds(&[
            "lpTitle",
            "dwFillAttribute",
            "dwFlags",
            "wShowWindow",
            "hStdInput",
            "hStdOutput",
        ]);
    let integer = begins("cb")
        || ends("dwYCountChars")
        || holds(&["dwX", "dwY", "dwXSize", "dwYSize", "dwXCountChars"]);
    let reserved = begins("lpReserved") || ends("lpReserved2");
    if text {
        rule::text(value, place, out);
    }
    if integer {
        INTEGER.check(value, place, out);
    }
    if key == "cbReserved2" {
        Rule::Kind(Kind::Integer(0, 0)).check(value, place, out);
    }
    if reserved && !matches!(value, Value::Null) {
        out.add(place, "is reserved and left out", "6.13.2");
    }
    if !text && !integer && !reserved {
        out.add(place, "is no member of STARTUPINFO", "6.13.2");
    }
}
