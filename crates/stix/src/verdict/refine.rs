//! Where a property's value must be more than its data type says: one line each, by type.

use super::formats as f;
use super::rule::{self, BINARY, HEX, Record, Rule, URI};
use super::tree::{Members, Value};
use crate::check::kind::{Kind, Target};
use crate::check::{Findings, Place};

const TEXT: Rule = Rule::Kind(Kind::Text);
const TEXTS: Rule = Rule::Kind(Kind::List(&Kind::Text));
const TIME: Rule = Rule::Kind(Kind::Time);
const CHARSET: Rule = Rule::Form(
    f::is_charset_form,
    "must be the name of a character set",
    "6.7",
);

/// The rule that refines the table's data type; none where that is enough.
pub(crate) fn of(type_name: &str, property: &str) -> Option<Rule> {
    let rule = match (type_name, property) {
        ("artifact", "mime_type") => Rule::Form(
            f::is_media_type_form,
            "must be a media type such as image/png",
            "6.1.1",
        ),
        ("artifact", "payload_bin") => BINARY,
        ("artifact", "url") | ("url", "value") => URI,
        ("directory", "path_enc") | ("file", "name_enc") => CHARSET,
        ("domain-name", "value") => {
            Rule::Form(f::is_domain, "must be a domain name of RFC 5890", "6.4.1")
        }
        ("email-addr", "value") => Rule::Form(f::is_email, "must be an e-mail address", "6.5.1"),
        ("email-message", "additional_header_fields") => Rule::With(header_fields),
        ("email-message", "body_multipart") => Rule::With(mime_parts),
        ("file", "magic_number_hex") => HEX,
        ("ipv4-addr", "value") => Rule::Form(
            f::is_ipv4,
            "must be an IPv4 address or a range in CIDR notation",
            "6.8.1",
        ),
        ("ipv6-addr", "value") => Rule::Form(
            f::is_ipv6,
            "must be an IPv6 address or a range in CIDR notation",
            "6.9.1",
        ),
        ("mac-addr", "value") => {
            let message = "must be six pairs of lower-case hexadecimal digits with colons between";
            Rule::Form(f::is_mac, message, "6.10.1")
        }
        ("network-traffic", "ipfix") => Rule::Dictionary(text_or_integer),
        ("observed-data", "objects") => Rule::With(objects),
        ("observed-data", "object_refs") => Rule::Each(&Rule::With(observed_ref)),
        ("relationship", "relationship_type") => {
            let message = "must be lower-case letters, digits and hyphens";
            Rule::Form(f::is_lower_with_hyphens, message, "5.1.2")
        }
        ("software", "cpe") => Rule::Form(super::cpe::is_cpe, "must be a CPE 2.3 name", "6.14.1"),
        ("software", "languages") => Rule::Each(&Rule::Form(
            super::registry::is_software_language,
            "must be a language code of RFC 5646",
            "6.14.1",
        )),
        ("windows-registry-key", "key") => Rule::Form(
            is_full_hive,
            "must not abbreviate the hive: HKEY_LOCAL_MACHINE",
            "6.17.1",
        ),
        ("windows-registry-key", "values") => Rule::Each(&REGISTRY_VALUES),
        ("x509-certificate", "x509_v3_extensions") => Rule::Record(&X509_EXTENSIONS),
        ("language-content", "object_ref") => {
            Rule::Kind(Kind::Id(Target::But(&["bundle", "language-content"])))
        }
        ("malware", "sample_refs") => TEXTS,
        ("attack-pattern", "aliases") | ("email-message", "received_lines") => {
            Rule::With(texts_or_none)
        }
        _ => return None,
    };
    Some(rule)
}

static REGISTRY_VALUES: Rule = Rule::Record(&REGISTRY_VALUE);

static REGISTRY_VALUE: Record = Record {
    section: "6.17.2",
    properties: &[
        ("name", TEXT),
        ("data", TEXT),
        (
            "data_type",
            Rule::Kind(Kind::Choice(&[
                "REG_NONE",
                "REG_SZ",
                "REG_EXPAND_SZ",
                "REG_BINARY",
                "REG_DWORD",
                "REG_DWORD_BIG_ENDIAN",
                "REG_DWORD_LITTLE_ENDIAN",
                "REG_LINK",
                "REG_MULTI_SZ",
                "REG_RESOURCE_LIST",
                "REG_FULL_RESOURCE_DESCRIPTION",
                "REG_RESOURCE_REQUIREMENTS_LIST",
                "REG_QWORD",
                "REG_INVALID_TYPE",
            ])),
        ),
    ],
    required: &[],
    any_of: &["name", "data", "data_type"],
    closed: false,
};

/// The properties of X.509 v3 extensions (6.18.2).
pub(crate) const X509_V3: &[&str] = &[
    "basic_constraints",
    "name_constraints",
    "policy_constraints",
    "key_usage",
    "extended_key_usage",
    "subject_key_identifier",
    "authority_key_identifier",
    "subject_alternative_name",
    "issuer_alternative_name",
    "subject_directory_attributes",
    "crl_distribution_points",
    "inhibit_any_policy",
    "private_key_usage_period_not_before",
    "private_key_usage_period_not_after",
    "certificate_policies",
    "policy_mappings",
];

static X509_EXTENSIONS: Record = Record {
    section: "6.18.2",
    properties: &[
        ("basic_constraints", TEXT),
        ("name_constraints", TEXT),
        ("policy_constraints", TEXT),
        ("key_usage", TEXT),
        ("extended_key_usage", TEXT),
        ("subject_key_identifier", TEXT),
        ("authority_key_identifier", TEXT),
        ("subject_alternative_name", TEXT),
        ("issuer_alternative_name", TEXT),
        ("subject_directory_attributes", TEXT),
        ("crl_distribution_points", TEXT),
        ("inhibit_any_policy", TEXT),
        ("private_key_usage_period_not_before", TIME),
        ("private_key_usage_period_not_after", TIME),
        ("certificate_policies", TEXT),
        ("policy_mappings", TEXT),
    ],
    required: &[],
    any_of: X509_V3,
    closed: false,
};

static MIME_PART: Record = Record {
    section: "6.6.2",
    properties: &[
        ("body", TEXT),
        ("body_raw_ref", TEXT),
        ("content_type", TEXT),
        ("content_disposition", TEXT),
    ],
    required: &[],
    any_of: &["body", "body_raw_ref"],
    closed: false,
};

fn mime_parts(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    rule::each(value, place, out, |part, place, out| {
        MIME_PART.check(part, place, out);
        if let Some(part) = part.object()
            && part.has("body")
            && part.has("body_raw_ref")
        {
            out.add(place, "has both body and body_raw_ref", "6.6.2");
        }
    });
}

/// Fields of the header that have properties of their own; beside them there must be another.
const OWN_FIELDS: &[&str] = &[
    "received_lines",
    "content_type",
    "from_ref",
    "sender_ref",
    "to_refs",
    "cc_refs",
    "bcc_refs",
];

fn header_fields(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    rule::dictionary(
        value,
        "6.6.1",
        place,
        out,
        |_, value, place, out| match value {
            Value::Text(_) => {}
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    rule::text(item, &place.index(index), out);
                }
                if items.len() < 2 {
                    out.add(
                        place,
                        "is a list of one field: it must be a string",
                        "6.6.1",
                    );
                }
            }
            _ => rule::wrong_type("a string or a list of strings", value, "6.6.1", place, out),
        },
    );
    let own = |name: &str| {
        name.starts_with("date")
            || name.ends_with("subject")
            || OWN_FIELDS.iter().any(|field| name.contains(field))
    };
    if value.object().is_some_and(|fields| fields.names().all(own)) {
        let message = "has no field but those that have properties of their own";
        out.add(place, message, "6.6.1");
    }
}

fn text_or_integer(_: &str, value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    match value {
        Value::Text(_) | Value::Number { whole: true, .. } => {}
        _ => rule::wrong_type("a string or an integer", value, "6.12.1", place, out),
    }
}

/// A list that may hold nothing but strings; that it has one is asked of every property.
fn texts_or_none(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    if !matches!(value, Value::List(items) if items.is_empty()) {
        TEXTS.check(value, place, out);
    }
}

fn objects(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    if rule::object(value, "4.14.1", place, out).is_some_and(Members::is_empty) {
        out.add(place, "is empty; it needs an observable", "4.14.1");
    }
}

/// Beginnings of the types that observed data does not refer to (4.14.1).
const NOT_OBSERVED: &[&str] = &[
    "attack-pattern",
    "campaign",
    "course-of-action",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "location",
    "malware",
    "note",
    "observed-data",
    "opinion",
    "report",
    "threat-actor",
    "tool",
    "vulnerability",
];

/// Types that may stand before any text, as OASIS stix2-validator has it.
const OBSERVED: &[&str] = &[
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
    "relationship",
    "sighting",
];

fn observed_ref(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(text) = rule::text(value, place, out) else {
        return;
    };
    let observed = text
        .split_once("--")
        .is_some_and(|(name, _)| OBSERVED.contains(&name));
    let other = f::is_identifier(text) && !NOT_OBSERVED.iter().any(|name| text.starts_with(name));
    if !observed && !other {
        let message = "must name an observable, a relationship or a sighting";
        out.add(place, message, "4.14.1");
    }
}

fn is_full_hive(key: &str) -> bool {
    let hives = [
        "HKCC", "HKCR", "HKCU", "HKU", "hklm", "hkcc", "hkcr", "hkcu", "hku",
    ];
    !key.starts_with("HKLM") && !hives.iter().any(|hive| key.contains(hive))
}

/// An external reference (2.5.1): to a CVE, to a CAPEC, or to neither.
pub(crate) fn external_reference(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(members) = rule::object(value, "2.5.1", place, out) else {
        return;
    };
    for (name, value) in members.iter() {
        let place = place.key(name);
        match name {
            "description" => TEXT.check(value, &place, out),
            "url" => URI.check(value, &place, out),
            "hashes" => reference_hashes(value, &place, out),
            _ => {}
        }
    }
    reference_source(members, place, out);
}

fn reference_hashes(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    rule::hashes(value, place, out);
    let inner = [
        "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP",
    ];
    for name in value.object().into_iter().flat_map(Members::names) {
        let known = name.starts_with("MD5")
            || name.ends_with("TLSH")
            || inner.iter().any(|word| name.contains(word));
        if !known {
            out.add(&place.key(name), "is not in hash-algorithm-ov", "2.5.1");
        }
    }
}

fn reference_source(members: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let Some(source) = members.get("source_name") else {
        return out.add(&place.key("source_name"), "is required", "2.5.1");
    };
    let Some(source) = rule::text(source, &place.key("source_name"), out) else {
        return;
    };
    let id = members.get("external_id");
    let place_of_id = place.key("external_id");
    match source {
        "cve" | "capec" => {
            let (test, form): (fn(&str) -> bool, _) = if source == "cve" {
                (f::is_cve, "CVE-YYYY-NNNN")
            } else {
                (f::is_capec, "CAPEC-N")
            };
            if !id.and_then(Value::text).is_some_and(test) {
                let message = format!("must be of the form {form} where source_name is {source}");
                out.add(&place_of_id, message, "2.5.1");
            }
        }
        _ => {
            if let Some(id) = id.and_then(|id| rule::text(id, &place_of_id, out)) {
                let other = match id {
                    _ if f::is_cve(id) => "cve",
                    _ if f::is_capec(id) => "capec",
                    _ => "",
                };
                if !other.is_empty() {
                    let message = format!("must be {other} where external_id is one of its ids");
                    out.add(&place.key("source_name"), message, "2.5.1");
                }
            }
            rule::require_any(
                &["external_id", "description", "url"],
                members,
                "2.5.1",
                place,
                out,
            );
        }
    }
}

/// A granular marking (7.2.3).
pub(crate) fn granular_marking(value: &Value<'_>, place: &Place<'_>, out: &mut Findings) {
    static MARKING: Record = Record {
        section: "7.2.3",
        properties: &[
            (
                "selectors",
                Rule::Each(&Rule::Form(
                    f::is_selector,
                    "must be property names with dots between, and [n] for items of a list",
                    "7.2.3.1",
                )),
            ),
            ("lang", TEXT),
            (
                "marking_ref",
                Rule::Kind(Kind::Id(Target::Of(&["marking-definition"]))),
            ),
        ],
        required: &["selectors", "marking_ref"],
        any_of: &[],
        closed: false,
    };
    MARKING.check(value, place, out);
}
