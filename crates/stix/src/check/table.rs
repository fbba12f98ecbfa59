//! Every type that STIX 2.1 defines, one row a type: its properties with their data types, and
//! which are required. Taken from the property tables of the section that each row names.

use super::kind::{Kind, MAX_INTEGER, Record, Target};
use crate::object::Category;

/// What the specification says of one type.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The section of the property table.
    pub(crate) section: &'static str,
    pub(crate) category: Category,
    pub(crate) properties: &'static [(&'static str, Kind)],
    pub(crate) required: &'static [&'static str],
    /// What STIX 2.0 requires of this type; none where 2.0 does not have the type.
    pub(crate) required_20: Option<&'static [&'static str]>,
    /// At least one of these, unless empty.
    pub(crate) any_of: &'static [&'static str],
    pub(crate) ordered: Option<Ordered>,
}

/// Two timestamps that have an order when both are there.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) earlier: &'static str,
    pub(crate) later: &'static str,
    /// Whether they must differ.
    pub(crate) strict: bool,
}

/// The row of a type; none for a custom type.
pub(crate) fn row(type_name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == type_name)
}

const TEXT: Kind = Kind::Text;
const TEXTS: Kind = Kind::List(&Kind::Text);
const TIME: Kind = Kind::Time;
const BOOLEAN: Kind = Kind::Boolean;
const ID: Kind = Kind::Id(Target::Any);
const IDS: Kind = Kind::List(&ID);
/// References that the OASIS validator takes as any text: those of SCOs (the keys of the deprecated
/// observable container live on there) and a malware's samples.
const REF: Kind = Kind::Text;
const REFS: Kind = Kind::List(&REF);
const COUNT: Kind = Kind::Integer(-MAX_INTEGER, MAX_INTEGER);
const SIZE: Kind = Kind::Integer(0, MAX_INTEGER);
const PORT: Kind = Kind::Integer(0, 65_535);
const OBSERVED: Kind = Kind::Integer(1, 999_999_999);
const SIGHTINGS: Kind = Kind::Integer(0, 999_999_999);
const LATITUDE: Kind = Kind::Float(-90.0, 90.0);
const LONGITUDE: Kind = Kind::Float(-180.0, 180.0);
const NUMBER: Kind = Kind::Float(f64::MIN, f64::MAX);
const SOFTWARE_REF: Kind = Kind::Id(Target::Of(&["software"]));
const SOFTWARE_REFS: Kind = Kind::List(&SOFTWARE_REF);
const SAMPLE_REF: Kind = Kind::Id(Target::Of(&["artifact", "file", "network-traffic"]));
const OBSERVED_DATA_REFS: Kind = Kind::List(&Kind::Id(Target::Of(&["observed-data"])));
const PLACES: Kind = Kind::List(&Kind::Id(Target::Of(&["identity", "location"])));
/// What a relationship or a sighting may be about: not another, nor a meta object (5.1, 5.2).
const RELATED: Kind = Kind::Id(Target::But(&[
    "relationship",
    "sighting",
    "bundle",
    "marking-definition",
    "language-content",
]));
const OPINION: Kind = Kind::Choice(&[
    "strongly-disagree",
    "disagree",
    "neutral",
    "agree",
    "strongly-agree",
]);
const ENCRYPTION: Kind = Kind::Choice(&["AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"]);
const EXTENSION_TYPES: Kind = Kind::List(&Kind::Choice(&[
    "new-sdo",
    "new-sco",
    "new-sro",
    "property-extension",
    "toplevel-property-extension",
]));
/// Nested types that are not checked further.
const RECORDS: Kind = Kind::List(&Kind::Record(&Record {
    section: "6",
    properties: &[],
    required: &[],
    any_of: &[],
}));
pub(crate) const EXTERNAL_REFERENCES: Kind = Kind::List(&Kind::Record(&Record {
    section: "2.5.1",
    properties: &[
        ("source_name", TEXT),
        ("description", TEXT),
        ("url", TEXT),
        ("hashes", Kind::Hashes),
        ("external_id", TEXT),
    ],
    required: &["source_name"],
    any_of: &["description", "url", "external_id"],
}));
pub(crate) const GRANULAR_MARKINGS: Kind = Kind::List(&Kind::Record(&Record {
    section: "7.2.3",
    properties: &[("lang", TEXT), ("marking_ref", ID), ("selectors", TEXTS)],
    required: &["selectors"],
    any_of: &["lang", "marking_ref"],
}));
const KILL_CHAIN_PHASES: Kind = Kind::List(&Kind::Record(&Record {
    section: "2.11",
    properties: &[("kill_chain_name", TEXT), ("phase_name", TEXT)],
    required: &["kill_chain_name", "phase_name"],
    any_of: &[],
}));

/// Common properties of SDOs, SROs and meta objects (3.2).
pub(crate) const COMMON: &[(&str, Kind)] = &[
    ("created", Kind::Millis),
    ("modified", Kind::Millis),
    ("created_by_ref", ID),
    ("revoked", BOOLEAN),
    ("labels", TEXTS),
    ("confidence", Kind::Integer(0, 100)),
    ("lang", TEXT),
    ("external_references", EXTERNAL_REFERENCES),
    ("object_marking_refs", IDS),
    ("granular_markings", GRANULAR_MARKINGS),
    ("extensions", Kind::Extensions),
];

/// Common properties of SCOs (3.2), and those of other objects that a server acts on wherever they
/// stand.
pub(crate) const COMMON_OBSERVABLE: &[(&str, Kind)] = &[
    ("object_marking_refs", IDS),
    ("granular_markings", GRANULAR_MARKINGS),
    ("defanged", BOOLEAN),
    ("extensions", Kind::Extensions),
    ("created", TIME),
    ("modified", TIME),
    ("created_by_ref", ID),
    ("revoked", BOOLEAN),
    ("labels", TEXTS),
];

#[rustfmt::skip]
static ROWS: &[Row] = &[
    Row {
        name: "attack-pattern", section: "4.1.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("aliases", TEXTS),
            ("kill_chain_phases", KILL_CHAIN_PHASES),
        ],
        required: &["name"], required_20: Some(&["name"]),
        any_of: &[], ordered: None,
    },
    Row {
        name: "campaign", section: "4.2.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("aliases", TEXTS), ("first_seen", TIME),
            ("last_seen", TIME), ("objective", TEXT),
        ],
        required: &["name"], required_20: Some(&["name"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "first_seen", later: "last_seen", strict: false }),
    },
    Row {
        name: "course-of-action", section: "4.3.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT),
        ],
        required: &["name"], required_20: Some(&["name"]),
        any_of: &[], ordered: None,
    },
    Row {
        name: "grouping", section: "4.4.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("context", TEXT), ("object_refs", IDS),
        ],
        required: &["context", "object_refs"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "identity", section: "4.5.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("roles", TEXTS), ("identity_class", TEXT),
            ("sectors", TEXTS), ("contact_information", TEXT),
        ],
        required: &["name"], required_20: Some(&["name", "identity_class"]),
        any_of: &[], ordered: None,
    },
    Row {
        name: "incident", section: "4.6.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT),
        ],
        required: &["name"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "indicator", section: "4.7.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("indicator_types", TEXTS), ("pattern", TEXT),
            ("pattern_type", TEXT), ("pattern_version", TEXT), ("valid_from", TIME),
            ("valid_until", TIME), ("kill_chain_phases", KILL_CHAIN_PHASES),
        ],
        required: &["pattern", "pattern_type", "valid_from"],
        required_20: Some(&["labels", "pattern", "valid_from"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "valid_from", later: "valid_until", strict: true }),
    },
    Row {
        name: "infrastructure", section: "4.8.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("infrastructure_types", TEXTS),
            ("aliases", TEXTS), ("kill_chain_phases", KILL_CHAIN_PHASES), ("first_seen", TIME),
            ("last_seen", TIME),
        ],
        required: &["name"], required_20: None,
        any_of: &[],
        ordered: Some(Ordered { earlier: "first_seen", later: "last_seen", strict: false }),
    },
    Row {
        name: "intrusion-set", section: "4.9.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("aliases", TEXTS), ("first_seen", TIME),
            ("last_seen", TIME), ("goals", TEXTS), ("resource_level", TEXT),
            ("primary_motivation", TEXT), ("secondary_motivations", TEXTS),
        ],
        required: &["name"], required_20: Some(&["name"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "first_seen", later: "last_seen", strict: false }),
    },
    Row {
        name: "location", section: "4.10.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("latitude", LATITUDE),
            ("longitude", LONGITUDE), ("precision", NUMBER), ("region", TEXT), ("country", TEXT),
            ("administrative_area", TEXT), ("city", TEXT), ("street_address", TEXT),
            ("postal_code", TEXT),
        ],
        required: &[], required_20: None,
        any_of: &["region", "country", "latitude"],
        ordered: None,
    },
    Row {
        name: "malware", section: "4.11.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("malware_types", TEXTS),
            ("is_family", BOOLEAN), ("aliases", TEXTS), ("kill_chain_phases", KILL_CHAIN_PHASES),
            ("first_seen", TIME), ("last_seen", TIME), ("operating_system_refs", SOFTWARE_REFS),
            ("architecture_execution_envs", TEXTS), ("implementation_languages", TEXTS),
            ("capabilities", TEXTS), ("sample_refs", REFS),
        ],
        required: &["is_family"], required_20: Some(&["name", "labels"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "first_seen", later: "last_seen", strict: false }),
    },
    Row {
        name: "malware-analysis", section: "4.12.1", category: Category::Domain,
        properties: &[
            ("product", TEXT), ("version", TEXT), ("host_vm_ref", SOFTWARE_REF),
            ("operating_system_ref", SOFTWARE_REF), ("installed_software_refs", SOFTWARE_REFS),
            ("configuration_version", TEXT), ("modules", TEXTS), ("analysis_engine_version", TEXT),
            ("analysis_definition_version", TEXT), ("submitted", TIME), ("analysis_started", TIME),
            ("analysis_ended", TIME), ("result_name", TEXT), ("result", TEXT),
            ("analysis_sco_refs", IDS), ("sample_ref", SAMPLE_REF),
        ],
        required: &["product"], required_20: None,
        any_of: &["result", "analysis_sco_refs"],
        ordered: None,
    },
    Row {
        name: "note", section: "4.13.1", category: Category::Domain,
        properties: &[
            ("abstract", TEXT), ("content", TEXT), ("authors", TEXTS), ("object_refs", IDS),
        ],
        required: &["content", "object_refs"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "observed-data", section: "4.14.1", category: Category::Domain,
        properties: &[
            ("first_observed", TIME), ("last_observed", TIME), ("number_observed", OBSERVED),
            ("objects", Kind::Dictionary), ("object_refs", IDS),
        ],
        required: &["first_observed", "last_observed", "number_observed"],
        required_20: Some(&["first_observed", "last_observed", "number_observed", "objects"]),
        any_of: &["objects", "object_refs"],
        ordered: Some(Ordered { earlier: "first_observed", later: "last_observed", strict: false }),
    },
    Row {
        name: "opinion", section: "4.15.1", category: Category::Domain,
        properties: &[
            ("explanation", TEXT), ("authors", TEXTS), ("opinion", OPINION), ("object_refs", IDS),
        ],
        required: &["opinion", "object_refs"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "report", section: "4.16.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("report_types", TEXTS), ("published", TIME),
            ("object_refs", IDS),
        ],
        required: &["name", "published", "object_refs"],
        required_20: Some(&["name", "labels", "published", "object_refs"]),
        any_of: &[], ordered: None,
    },
    Row {
        name: "threat-actor", section: "4.17.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("threat_actor_types", TEXTS),
            ("aliases", TEXTS), ("first_seen", TIME), ("last_seen", TIME), ("roles", TEXTS),
            ("goals", TEXTS), ("sophistication", TEXT), ("resource_level", TEXT),
            ("primary_motivation", TEXT), ("secondary_motivations", TEXTS),
            ("personal_motivations", TEXTS),
        ],
        required: &["name"], required_20: Some(&["name", "labels"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "first_seen", later: "last_seen", strict: false }),
    },
    Row {
        name: "tool", section: "4.18.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("tool_types", TEXTS), ("aliases", TEXTS),
            ("kill_chain_phases", KILL_CHAIN_PHASES), ("tool_version", TEXT),
        ],
        required: &["name"], required_20: Some(&["name", "labels"]),
        any_of: &[], ordered: None,
    },
    Row {
        name: "vulnerability", section: "4.19.1", category: Category::Domain,
        properties: &[
            ("name", TEXT), ("description", TEXT),
        ],
        required: &["name"], required_20: Some(&["name"]),
        any_of: &[], ordered: None,
    },
    Row {
        name: "relationship", section: "5.1.2", category: Category::Relationship,
        properties: &[
            ("relationship_type", TEXT), ("description", TEXT), ("source_ref", RELATED),
            ("target_ref", RELATED), ("start_time", TIME), ("stop_time", TIME),
        ],
        required: &["relationship_type", "source_ref", "target_ref"],
        required_20: Some(&["relationship_type", "source_ref", "target_ref"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "start_time", later: "stop_time", strict: true }),
    },
    Row {
        name: "sighting", section: "5.2.1", category: Category::Relationship,
        properties: &[
            ("description", TEXT), ("first_seen", TIME), ("last_seen", TIME), ("count", SIGHTINGS),
            ("sighting_of_ref", RELATED), ("observed_data_refs", OBSERVED_DATA_REFS),
            ("where_sighted_refs", PLACES), ("summary", BOOLEAN),
        ],
        required: &["sighting_of_ref"], required_20: Some(&["sighting_of_ref"]),
        any_of: &[],
        ordered: Some(Ordered { earlier: "first_seen", later: "last_seen", strict: false }),
    },
    Row {
        name: "artifact", section: "6.1.1", category: Category::Observable,
        properties: &[
            ("mime_type", TEXT), ("payload_bin", TEXT), ("url", TEXT), ("hashes", Kind::Hashes),
            ("encryption_algorithm", ENCRYPTION), ("decryption_key", TEXT),
        ],
        required: &[], required_20: None,
        any_of: &["payload_bin", "url"],
        ordered: None,
    },
    Row {
        name: "autonomous-system", section: "6.2.1", category: Category::Observable,
        properties: &[
            ("number", COUNT), ("name", TEXT), ("rir", TEXT),
        ],
        required: &["number"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "directory", section: "6.3.1", category: Category::Observable,
        properties: &[
            ("path", TEXT), ("path_enc", TEXT), ("ctime", TIME), ("mtime", TIME), ("atime", TIME),
            ("contains_refs", REFS),
        ],
        required: &["path"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "domain-name", section: "6.4.1", category: Category::Observable,
        properties: &[
            ("value", TEXT), ("resolves_to_refs", REFS),
        ],
        required: &["value"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "email-addr", section: "6.5.1", category: Category::Observable,
        properties: &[
            ("value", TEXT), ("display_name", TEXT), ("belongs_to_ref", REF),
        ],
        required: &["value"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "email-message", section: "6.6.1", category: Category::Observable,
        properties: &[
            ("is_multipart", BOOLEAN), ("date", TIME), ("content_type", TEXT), ("from_ref", REF),
            ("sender_ref", REF), ("to_refs", REFS), ("cc_refs", REFS), ("bcc_refs", REFS),
            ("message_id", TEXT), ("subject", TEXT), ("received_lines", TEXTS),
            ("additional_header_fields", Kind::Dictionary), ("body", TEXT),
            ("body_multipart", RECORDS), ("raw_email_ref", REF),
        ],
        required: &["is_multipart"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "file", section: "6.7.1", category: Category::Observable,
        properties: &[
            ("hashes", Kind::Hashes), ("size", SIZE), ("name", TEXT), ("name_enc", TEXT),
            ("magic_number_hex", TEXT), ("mime_type", TEXT), ("ctime", TIME), ("mtime", TIME),
            ("atime", TIME), ("parent_directory_ref", REF), ("contains_refs", REFS),
            ("content_ref", REF),
        ],
        required: &[], required_20: None,
        any_of: &["hashes", "name"],
        ordered: None,
    },
    Row {
        name: "ipv4-addr", section: "6.8.1", category: Category::Observable,
        properties: &[
            ("value", TEXT), ("resolves_to_refs", REFS), ("belongs_to_refs", REFS),
        ],
        required: &["value"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "ipv6-addr", section: "6.9.1", category: Category::Observable,
        properties: &[
            ("value", TEXT), ("resolves_to_refs", REFS), ("belongs_to_refs", REFS),
        ],
        required: &["value"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "mac-addr", section: "6.10.1", category: Category::Observable,
        properties: &[
            ("value", TEXT),
        ],
        required: &["value"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "mutex", section: "6.11.1", category: Category::Observable,
        properties: &[
            ("name", TEXT),
        ],
        required: &["name"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "network-traffic", section: "6.12.1", category: Category::Observable,
        properties: &[
            ("start", TIME), ("end", TIME), ("is_active", BOOLEAN), ("src_ref", REF),
            ("dst_ref", REF), ("src_port", PORT), ("dst_port", PORT), ("protocols", TEXTS),
            ("src_byte_count", COUNT), ("dst_byte_count", COUNT), ("src_packets", COUNT),
            ("dst_packets", COUNT), ("ipfix", Kind::Dictionary), ("src_payload_ref", REF),
            ("dst_payload_ref", REF), ("encapsulates_refs", REFS), ("encapsulated_by_ref", REF),
        ],
        required: &["protocols"], required_20: None,
        any_of: &["src_ref", "dst_ref"],
        ordered: Some(Ordered { earlier: "start", later: "end", strict: false }),
    },
    Row {
        name: "process", section: "6.13.1", category: Category::Observable,
        properties: &[
            ("is_hidden", BOOLEAN), ("pid", COUNT), ("created_time", TIME), ("cwd", TEXT),
            ("command_line", TEXT), ("environment_variables", Kind::Dictionary),
            ("opened_connection_refs", REFS), ("creator_user_ref", REF), ("image_ref", REF),
            ("parent_ref", REF), ("child_refs", REFS),
        ],
        required: &[], required_20: None,
        any_of: &[
            "extensions", "is_hidden", "pid", "created_time", "cwd", "command_line",
            "environment_variables", "opened_connection_refs", "creator_user_ref", "image_ref",
            "parent_ref", "child_refs",
        ],
        ordered: None,
    },
    Row {
        name: "software", section: "6.14.1", category: Category::Observable,
        properties: &[
            ("name", TEXT), ("cpe", TEXT), ("swid", TEXT), ("languages", TEXTS), ("vendor", TEXT),
            ("version", TEXT),
        ],
        required: &["name"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "url", section: "6.15.1", category: Category::Observable,
        properties: &[
            ("value", TEXT),
        ],
        required: &["value"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "user-account", section: "6.16.1", category: Category::Observable,
        properties: &[
            ("user_id", TEXT), ("credential", TEXT), ("account_login", TEXT),
            ("account_type", TEXT), ("display_name", TEXT), ("is_service_account", BOOLEAN),
            ("is_privileged", BOOLEAN), ("can_escalate_privs", BOOLEAN), ("is_disabled", BOOLEAN),
            ("account_created", TIME), ("account_expires", TIME),
            ("credential_last_changed", TIME), ("account_first_login", TIME),
            ("account_last_login", TIME),
        ],
        required: &[], required_20: None,
        any_of: &[
            "extensions", "user_id", "credential", "account_login", "account_type", "display_name",
            "is_service_account", "is_privileged", "can_escalate_privs", "is_disabled",
            "account_created", "account_expires", "credential_last_changed", "account_first_login",
            "account_last_login",
        ],
        ordered: None,
    },
    Row {
        name: "windows-registry-key", section: "6.17.1", category: Category::Observable,
        properties: &[
            ("key", TEXT), ("values", RECORDS), ("modified_time", TIME), ("creator_user_ref", REF),
            ("number_of_subkeys", COUNT),
        ],
        required: &[], required_20: None,
        any_of: &["key", "values", "modified_time", "creator_user_ref", "number_of_subkeys"],
        ordered: None,
    },
    Row {
        name: "x509-certificate", section: "6.18.1", category: Category::Observable,
        properties: &[
            ("is_self_signed", BOOLEAN), ("hashes", Kind::Hashes), ("version", TEXT),
            ("serial_number", TEXT), ("signature_algorithm", TEXT), ("issuer", TEXT),
            ("validity_not_before", TIME), ("validity_not_after", TIME), ("subject", TEXT),
            ("subject_public_key_algorithm", TEXT), ("subject_public_key_modulus", TEXT),
            ("subject_public_key_exponent", COUNT), ("x509_v3_extensions", Kind::Dictionary),
        ],
        required: &[], required_20: None,
        any_of: &[
            "is_self_signed", "hashes", "version", "serial_number", "signature_algorithm",
            "issuer", "validity_not_before", "validity_not_after", "subject",
            "subject_public_key_algorithm", "subject_public_key_modulus",
            "subject_public_key_exponent", "x509_v3_extensions",
        ],
        ordered: None,
    },
    Row {
        name: "language-content", section: "7.1.1", category: Category::Meta,
        properties: &[
            ("object_ref", ID), ("object_modified", TIME), ("contents", Kind::Dictionary),
        ],
        required: &["object_ref", "contents"], required_20: None,
        any_of: &[], ordered: None,
    },
    Row {
        name: "marking-definition", section: "7.2.1", category: Category::Meta,
        properties: &[
            ("name", TEXT), ("definition_type", TEXT), ("definition", Kind::Dictionary),
        ],
        required: &[], required_20: Some(&["definition_type", "definition"]),
        any_of: &["definition", "extensions"],
        ordered: None,
    },
    Row {
        name: "extension-definition", section: "7.3.1", category: Category::Meta,
        properties: &[
            ("name", TEXT), ("description", TEXT), ("schema", TEXT), ("version", TEXT),
            ("extension_types", EXTENSION_TYPES), ("extension_properties", TEXTS),
        ],
        required: &["name", "schema", "version", "extension_types"], required_20: None,
        any_of: &[], ordered: None,
    },
];
