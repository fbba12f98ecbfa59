//! Recommendations ("SHOULD"): each with its check.

use super::checks::Check;
use super::custom::{self, Naming};
use super::formats as f;
use super::tree::{Members, Value};
use super::vocabulary::{self, Vocabulary};
use super::{Report, each_observable, registry, relationships};
use crate::check::{Place, table};
use crate::object::Category;

/// Checks an object; its shape was checked before, but may be wrong.
pub(crate) fn check(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let type_name = object.text("type").unwrap_or_default();
    uuid(type_name, object, place, report);
    vocabularies(type_name, object, place, report);
    kill_chains(type_name, object, place, report);
    external_references(object, place, report);
    of_type(type_name, object, place, report);
    if type_name == "observed-data" {
        observed_data(object, place, report);
    }
    each_observable(object, place, |observable, place| {
        of_observable(observable, place, report);
    });
    if report.wants(Check::ExtensionsUse) {
        custom::extensions_used(object, place, report);
    }
    for (check, naming) in [
        (Check::CustomPrefix, Naming::Strict),
        (Check::CustomPrefixLax, Naming::Lax),
    ] {
        if report.wants(check) {
            custom::names(naming, object, place, report);
        }
    }
}

fn uuid(type_name: &str, object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let Some(id) = object.text("id") else { return };
    if uuid::Uuid::try_parse(id.rsplit("--").next().unwrap_or_default()).is_err() {
        return;
    }
    let observable = table::row(type_name).is_some_and(|row| row.category == Category::Observable);
    let wanted = if observable && type_name != "process" {
        5
    } else {
        4
    };
    if f::uuid_version(id) != Some(wanted) {
        let message = format!("should end in a UUIDv{wanted}");
        report.advise(Check::UuidCheck, &place.key("id"), message, "2.9");
    }
}

fn vocabularies(type_name: &str, object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    for (property, vocabulary) in vocabulary::of_type(type_name) {
        let Some(value) = object.get(property) else {
            continue;
        };
        let place = place.key(property);
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    word(item, vocabulary, &place.index(index), report);
                }
            }
            _ => word(value, vocabulary, &place, report),
        }
        // a pattern's type is not looked at in this way
        if vocabulary.check != Check::IndicatorPatternTypes && !matches!(*property, "context") {
            word_forms(value, &place, report);
        }
    }
    if type_name == "marking-definition"
        && let Some(value) = object.get("definition_type")
    {
        word_forms(value, &place.key("definition_type"), report);
    }
}

fn word(value: &Value<'_>, vocabulary: &Vocabulary, place: &Place<'_>, report: &mut Report) {
    if !value
        .text()
        .is_some_and(|word| vocabulary.words.contains(&word))
    {
        let message = format!("is not in {}", vocabulary.name);
        report.advise(vocabulary.check, place, message, vocabulary.section);
    }
}

fn word_forms(value: &Value<'_>, place: &Place<'_>, report: &mut Report) {
    let mut form = |value: &Value<'_>, place: &Place<'_>| {
        if value
            .text()
            .is_some_and(|word| !f::is_vocabulary_form(word))
        {
            let message = "should be lower-case, with hyphens between words";
            report.advise(Check::OpenVocabFormat, place, message, "2.13");
        }
    };
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                form(item, &place.index(index));
            }
        }
        _ => form(value, place),
    }
}

fn kill_chains(type_name: &str, object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    if !matches!(
        type_name,
        "attack-pattern" | "indicator" | "infrastructure" | "malware" | "tool"
    ) {
        return;
    }
    let place = place.key("kill_chain_phases");
    for (index, phase) in object.list("kill_chain_phases").iter().enumerate() {
        for name in ["kill_chain_name", "phase_name"] {
            if let Some(text) = phase.object().and_then(|phase| phase.text(name))
                && !f::is_vocabulary_form(text)
            {
                let message = "should be lower-case, with hyphens between words";
                let place = place.index(index);
                report.advise(Check::KillChainNames, &place.key(name), message, "2.11");
            }
        }
    }
}

fn external_references(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let place = place.key("external_references");
    for (index, reference) in object.list("external_references").iter().enumerate() {
        if let Some(reference) = reference.object()
            && reference.has("url")
            && !reference.has("hashes")
        {
            let message = "should stand beside a url";
            let place = place.index(index);
            report.advise(Check::ExtrefHashes, &place.key("hashes"), message, "2.5.1");
        }
    }
}

fn of_type(type_name: &str, object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    match type_name {
        "indicator" => {
            for name in ["name", "description"]
                .iter()
                .filter(|name| !object.has(name))
            {
                let message = "should be there, so that others know what it is about";
                report.advise(
                    Check::IndicatorProperties,
                    &place.key(name),
                    message,
                    "4.7.1",
                );
            }
        }
        "location" => {
            if let Some(country) = object.text("country")
                && !registry::is_country(&country.to_uppercase())
            {
                let message = "should be a country code of ISO 3166-1 ALPHA-2";
                report.advise(Check::Countries, &place.key("country"), message, "4.10.1");
            }
        }
        "malware-analysis" => {
            if let Some(product) = object.text("product")
                && !f::is_lower_with_hyphens(product)
            {
                let message = "should be lower-case, with hyphens between words";
                let place = place.key("product");
                report.advise(Check::MalwareAnalysisProduct, &place, message, "4.12.1");
            }
        }
        "marking-definition" => {
            if let Some(kind) = object.text("definition_type")
                && !matches!(kind, "statement" | "tlp")
            {
                let message = "should be statement or tlp";
                let place = place.key("definition_type");
                report.advise(Check::MarkingDefinitionType, &place, message, "7.2.1");
            }
        }
        "extension-definition" => extension_definition(object, place, report),
        "relationship" => relationship(object, place, report),
        _ => {}
    }
}

fn extension_definition(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    if !object.has("description") {
        let message = "should be there";
        let place = place.key("description");
        report.advise(Check::ExtensionDescription, &place, message, "7.3.1");
    }
    let toplevel = object
        .list("extension_types")
        .iter()
        .any(|kind| kind.text() == Some("toplevel-property-extension"));
    if toplevel && !object.has("extension_properties") {
        let message = "should name the properties that the extension adds";
        let place = place.key("extension_properties");
        report.advise(Check::ExtensionProperties, &place, message, "7.3.1");
    }
}

fn relationship(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    const NOT_RELATED: &[&str] = &[
        "bundle",
        "language-content",
        "marking-definition",
        "sighting",
        "relationship",
        "extension-definition",
    ];
    let end = |name| object.text(name).and_then(f::type_of_id);
    let (Some(kind), Some(source), Some(target)) = (
        object.text("relationship_type"),
        end("source_ref"),
        end("target_ref"),
    ) else {
        return;
    };
    if relationships::COMMON.contains(&kind)
        || NOT_RELATED.contains(&source)
        || NOT_RELATED.contains(&target)
    {
        return;
    }
    let suggested = relationships::of_source(source);
    let (property, message) =
        match suggested.map(|kinds| kinds.iter().find(|(known, _)| *known == kind)) {
            None => (
                "source_ref",
                format!("is a {source}, for which no relationships are suggested"),
            ),
            Some(None) => (
                "relationship_type",
                format!("is not suggested for a source of type {source}"),
            ),
            Some(Some((_, targets))) if !targets.contains(&target) => (
                "target_ref",
                format!("is a {target}, which is not suggested for {source} {kind}"),
            ),
            Some(Some(_)) => return,
        };
    report.advise(
        Check::RelationshipTypes,
        &place.key(property),
        message,
        "3.7",
    );
}

fn observed_data(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    let Some(objects) = object.get("objects") else {
        return;
    };
    let place = place.key("objects");
    let message = "is deprecated: object_refs should name the observables";
    report.advise(Check::DeprecatedProperties, &place, message, "4.14.1");
    for key in objects.object().into_iter().flat_map(Members::names) {
        if key.is_empty() || !key.chars().all(char::is_numeric) {
            let message = "should be a whole number";
            report.advise(
                Check::ObservableObjectKeys,
                &place.key(key),
                message,
                "4.14.1",
            );
        }
    }
}

fn of_observable(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    lower_case_keys(object, place, report);
    match object.text("type").unwrap_or_default() {
        "artifact" | "x509-certificate" => hash_names(object, "hashes", place, report),
        "file" => file(object, place, report),
        "network-traffic" => network_traffic(object, place, report),
        "process" => {
            let extension = extension(object, "windows-process-ext");
            if let Some(priority) = extension.and_then(|extension| extension.text("priority"))
                && priority.strip_suffix("_CLASS").is_none_or(str::is_empty)
            {
                let place = place.key("extensions");
                let place = place.key("windows-process-ext");
                let check = Check::WindowsProcessPriorityFormat;
                report.advise(
                    check,
                    &place.key("priority"),
                    "should end in _CLASS",
                    "6.13.2",
                );
            }
        }
        "user-account" => {
            if let Some(value) = object.get("account_type") {
                let place = place.key("account_type");
                word(value, &vocabulary::ACCOUNT_TYPE, &place, report);
            }
        }
        _ => {}
    }
}

fn extension<'v, 'a>(object: &'v Members<'a>, name: &str) -> Option<&'v Members<'a>> {
    object.object("extensions")?.object(name)
}

/// Dictionaries whose keys are names from elsewhere.
const FREE_KEYS: &[&str] = &[
    "hashes",
    "file_header_hashes",
    "request_header",
    "additional_header_fields",
    "document_info_dict",
    "exif_tags",
    "ipfix",
    "options",
    "environment_variables",
    "key",
    "startup_info",
];

fn lower_case_keys(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    for (key, value) in object.iter() {
        if key.is_empty() || key.bytes().any(|b| b.is_ascii_uppercase()) {
            let message = "should be lower-case";
            report.advise(
                Check::ObservableDictionaryKeys,
                &place.key(key),
                message,
                "2.3",
            );
        }
        if let Some(members) = value.object()
            && !FREE_KEYS.contains(&key)
        {
            lower_case_keys(members, &place.key(key), report);
        }
    }
}

fn hash_names(object: &Members<'_>, property: &str, place: &Place<'_>, report: &mut Report) {
    let place = place.key(property);
    for name in object.object(property).into_iter().flat_map(Members::names) {
        if !vocabulary::HASH_ALGO.words.contains(&name) && !name.starts_with("x_") {
            let message = "is not in hash-algorithm-ov and does not begin with x_";
            report.advise(Check::HashAlgo, &place.key(name), message, "10.7");
        }
    }
}

fn file(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    hash_names(object, "hashes", place, report);
    if let Some(name) = object.text("mime_type")
        && !registry::is_media_type(name)
    {
        let message = "should be a media type that IANA registered";
        report.advise(Check::MimeType, &place.key("mime_type"), message, "6.7.1");
    }
    let place = place.key("extensions");
    let listed = |extension: &Members<'_>, name, place: &Place<'_>, report: &mut Report| {
        let place = place.key(name);
        for (index, item) in extension.list(name).iter().enumerate() {
            if let Some(item) = item.object() {
                hash_names(item, "hashes", &place.index(index), report);
            }
        }
    };
    if let Some(ntfs) = extension(object, "ntfs-ext") {
        listed(
            ntfs,
            "alternate_data_streams",
            &place.key("ntfs-ext"),
            report,
        );
    }
    if let Some(pe) = extension(object, "windows-pebinary-ext") {
        let place = place.key("windows-pebinary-ext");
        hash_names(pe, "file_header_hashes", &place, report);
        if let Some(header) = pe.object("optional_header") {
            hash_names(header, "hashes", &place.key("optional_header"), report);
        }
        listed(pe, "sections", &place, report);
        if let Some(value) = pe.get("pe_type") {
            word(
                value,
                &vocabulary::WINDOWS_PEBINARY_TYPE,
                &place.key("pe_type"),
                report,
            );
        }
    }
    if let Some(pdf) = extension(object, "pdf-ext") {
        let place = place.key("pdf-ext");
        let names = vocabulary::PDF_INFORMATION;
        let message = "is no key of a PDF's document information dictionary";
        keys_of(
            pdf,
            "document_info_dict",
            &place,
            report,
            |name| names.contains(&name),
            Check::PdfDocInfo,
            message,
            "6.7.4",
        );
    }
}

#[expect(clippy::too_many_arguments, reason = "a row of facts")]
fn keys_of(
    object: &Members<'_>,
    property: &str,
    place: &Place<'_>,
    report: &mut Report,
    known: impl Fn(&str) -> bool,
    check: Check,
    message: &str,
    section: &'static str,
) {
    let place = place.key(property);
    for name in object.object(property).into_iter().flat_map(Members::names) {
        if !known(name) {
            report.advise(check, &place.key(name), message, section);
        }
    }
}

fn network_traffic(object: &Members<'_>, place: &Place<'_>, report: &mut Report) {
    for name in ["src_port", "dst_port"]
        .iter()
        .filter(|name| !object.has(name))
    {
        let message = "should be there";
        report.advise(
            Check::NetworkTrafficPorts,
            &place.key(name),
            message,
            "6.12.1",
        );
    }
    let protocols = place.key("protocols");
    for (index, protocol) in object.list("protocols").iter().enumerate() {
        if !protocol.text().is_some_and(registry::is_protocol) {
            let message = "should be a service or protocol that IANA registered";
            report.advise(Check::Protocols, &protocols.index(index), message, "6.12.1");
        }
    }
    let message = "is no information element of IPFIX that IANA registered";
    keys_of(
        object,
        "ipfix",
        place,
        report,
        registry::is_ipfix,
        Check::Ipfix,
        message,
        "6.12.1",
    );
    let place = place.key("extensions");
    if let Some(http) = extension(object, "http-request-ext") {
        let known = registry::is_http_request_header;
        let message = "is no header of an HTTP request";
        keys_of(
            http,
            "request_header",
            &place.key("http-request-ext"),
            report,
            known,
            Check::HttpRequestHeaders,
            message,
            "6.12.2",
        );
    }
    if let Some(socket) = extension(object, "socket-ext") {
        let known = registry::is_socket_option;
        let message = "is no socket option";
        keys_of(
            socket,
            "options",
            &place.key("socket-ext"),
            report,
            known,
            Check::SocketOptions,
            message,
            "6.12.4",
        );
    }
}
