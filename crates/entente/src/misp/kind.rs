//! MISP's attribute types and the STIX properties that hold the same values, in one table for both
//! directions.

use std::net::{Ipv4Addr, Ipv6Addr};

use stix::pattern::{ObjectPath, Step};

/// An attribute type, the category that MISP gives it, and the STIX property of its value as a
/// pattern writes it. Of several types for one property the first is what that property becomes.
type Row = (&'static str, &'static str, &'static str);

const DELIVERY: &str = "Payload delivery";
const NETWORK: &str = "Network activity";

const ROWS: [Row; 45] = [
    ("ip-dst", NETWORK, "ipv4-addr:value"),
    ("ip-dst", NETWORK, "ipv6-addr:value"),
    ("ip-src", NETWORK, "ipv4-addr:value"),
    ("ip-src", NETWORK, "ipv6-addr:value"),
    ("domain", NETWORK, "domain-name:value"),
    ("hostname", NETWORK, "domain-name:value"),
    ("url", NETWORK, "url:value"),
    ("uri", NETWORK, "url:value"),
    ("link", "External analysis", "url:value"),
    ("email", "Social network", "email-addr:value"),
    ("email-src", DELIVERY, "email-message:from_ref.value"),
    ("email-dst", DELIVERY, "email-message:to_refs[*].value"),
    ("email-subject", DELIVERY, "email-message:subject"),
    ("email-body", DELIVERY, "email-message:body"),
    ("email-message-id", DELIVERY, "email-message:message_id"),
    ("md5", DELIVERY, "file:hashes.MD5"),
    ("sha1", DELIVERY, "file:hashes.'SHA-1'"),
    ("sha224", DELIVERY, "file:hashes.'SHA-224'"),
    ("sha256", DELIVERY, "file:hashes.'SHA-256'"),
    ("sha384", DELIVERY, "file:hashes.'SHA-384'"),
    ("sha512", DELIVERY, "file:hashes.'SHA-512'"),
    ("sha3-224", DELIVERY, "file:hashes.'SHA3-224'"),
    ("sha3-256", DELIVERY, "file:hashes.'SHA3-256'"),
    ("sha3-384", DELIVERY, "file:hashes.'SHA3-384'"),
    ("sha3-512", DELIVERY, "file:hashes.'SHA3-512'"),
    ("ssdeep", DELIVERY, "file:hashes.SSDEEP"),
    ("tlsh", DELIVERY, "file:hashes.TLSH"),
    ("authentihash", DELIVERY, "file:hashes.AUTHENTIHASH"),
    ("imphash", DELIVERY, "file:hashes.IMPHASH"),
    ("vhash", DELIVERY, "file:hashes.VHASH"),
    ("telfhash", DELIVERY, "file:hashes.TELFHASH"),
    ("filename", DELIVERY, "file:name"),
    ("size-in-bytes", "Other", "file:size"),
    ("mime-type", "Artifacts dropped", "file:mime_type"),
    ("mutex", "Artifacts dropped", "mutex:name"),
    ("mac-address", NETWORK, "mac-addr:value"),
    ("AS", NETWORK, "autonomous-system:number"),
    (
        "regkey",
        "Persistence mechanism",
        "windows-registry-key:key",
    ),
    ("cpe", "External analysis", "software:cpe"),
    (
        "x509-fingerprint-md5",
        NETWORK,
        "x509-certificate:hashes.MD5",
    ),
    (
        "x509-fingerprint-sha1",
        NETWORK,
        "x509-certificate:hashes.'SHA-1'",
    ),
    (
        "x509-fingerprint-sha256",
        NETWORK,
        "x509-certificate:hashes.'SHA-256'",
    ),
    (
        "user-agent",
        NETWORK,
        "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
    ),
    ("ip-dst", NETWORK, "network-traffic:dst_ref.value"),
    ("ip-src", NETWORK, "network-traffic:src_ref.value"),
];

/// Rule languages that MISP and STIX (`pattern-type-ov`) both carry whole.
pub(crate) const RULES: [&str; 4] = ["yara", "snort", "suricata", "sigma"];

/// The attribute type for a pattern that no other type can say.
pub(crate) const PATTERN: &str = "stix2-pattern";

/// The attribute type of a property's value; none when MISP has none.
pub(crate) fn of_path(path: &ObjectPath<'_>, value: &str) -> Option<&'static str> {
    let wanted = canonical(path);
    let (misp, _, _) = ROWS.iter().find(|(_, _, known)| bare(known) == wanted)?;
    // An end of network traffic may be a name, and a MAC address.
    let is_end = path.object_type == "network-traffic" && wanted.ends_with("REF.VALUE");
    if is_end && value.contains(':') && value.parse::<Ipv6Addr>().is_err() {
        return None;
    }
    if is_end && !is_address(value) {
        return Some("hostname");
    }
    Some(misp)
}

/// The path by which a pattern reaches the value of an attribute of this type.
pub(crate) fn path(misp: &str, value: &str) -> Option<&'static str> {
    let skip_v4 = matches!(misp, "ip-src" | "ip-dst") && value.contains(':');
    let mut rows = ROWS.iter().filter(|(known, _, _)| *known == misp);
    let row = if skip_v4 { rows.nth(1) } else { rows.next() };
    row.map(|(_, _, path)| *path)
}

/// The category that an attribute of this type has when nothing else says.
pub(crate) fn category(misp: &str) -> &'static str {
    match misp {
        "ip-dst|port" | "ip-src|port" | "hostname|port" | "snort" | "suricata" => NETWORK,
        "yara" | "sigma" | PATTERN => "Payload installation",
        "vulnerability" => "External analysis",
        "regkey|value" => "Persistence mechanism",
        "comment" => "Internal reference",
        _ => ROWS
            .iter()
            .find(|(known, _, _)| *known == misp)
            .map_or(DELIVERY, |(_, category, _)| category),
    }
}

/// Whether a text is an address, with or without a prefix length.
pub(crate) fn is_address(value: &str) -> bool {
    let address = value.split('/').next().unwrap_or_default();
    address.parse::<Ipv4Addr>().is_ok() || address.parse::<Ipv6Addr>().is_ok()
}

/// A path in the form in which the table's are compared: hash algorithms in whatever spelling.
fn canonical(path: &ObjectPath<'_>) -> String {
    let mut text = format!("{}:{}", path.object_type, path.property);
    for step in &path.steps {
        match step {
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(_) | Step::Every => text.push_str("[*]"),
        }
    }
    bare(&text)
}

fn bare(path: &str) -> String {
    let mut text = path.replace(['\'', '-', '_'], "");
    text.make_ascii_uppercase();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(pattern: &str) -> Option<&'static str> {
        let pattern = stix::pattern::parse(pattern).unwrap();
        let atoms = pattern.atoms();
        of_path(&atoms[0].path, "198.51.100.3")
    }

    #[test]
    fn every_row_goes_both_ways() {
        for (misp, _, path) in ROWS {
            let pattern = format!("[EXISTS {path}]");
            let back = path_of(&pattern);
            let first = ROWS.iter().find(|(_, _, other)| *other == path).unwrap();
            assert_eq!(back, Some(first.0), "{misp} {path}");
        }
        assert_eq!(path("ip-src", "2001:db8::1"), Some("ipv6-addr:value"));
        assert_eq!(path("ip-src", "192.0.2.1"), Some("ipv4-addr:value"));
        assert_eq!(path("text", "x"), None);
    }

    #[test]
    fn hashes_are_known_in_whatever_spelling() {
        for pattern in [
            "[EXISTS file:hashes.SHA256]",
            "[EXISTS file:hashes.'sha-256']",
        ] {
            assert_eq!(path_of(pattern), Some("sha256"), "{pattern}");
        }
    }
}
