use stix::Object;
use stix::signal::{SaidKind, observables, of_pattern};

const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

fn said(pattern: &str) -> Vec<(SaidKind, String)> {
    of_pattern(pattern)
        .into_iter()
        .map(|said| (said.kind, said.value.into_owned()))
        .collect()
}

/// A test, and the kind of its value.
const TESTS: &[(&str, SaidKind, &str)] = &[
    (
        "ipv4-addr:value = '198.51.100.3'",
        SaidKind::Ipv4,
        "198.51.100.3",
    ),
    (
        "ipv4-addr:value ISSUBSET '198.51.100.0/24'",
        SaidKind::Ipv4,
        "198.51.100.0/24",
    ),
    (
        "ipv6-addr:value='2001:db8::1'",
        SaidKind::Ipv6,
        "2001:db8::1",
    ),
    (
        "domain-name:value = 'example.com'",
        SaidKind::Domain,
        "example.com",
    ),
    (
        "url:value = 'http://example.com/a\\'b'",
        SaidKind::Url,
        "http://example.com/a'b",
    ),
    (
        "email-addr:value = 'a@example.com'",
        SaidKind::Email,
        "a@example.com",
    ),
    (
        "email-message:from_ref.value = 'a@example.com'",
        SaidKind::Email,
        "a@example.com",
    ),
    (
        "network-traffic:dst_ref.value = '198.51.100.3'",
        SaidKind::Ipv4,
        "198.51.100.3",
    ),
    (
        "network-traffic:src_ref.value ISSUBSET '2001:db8::/32'",
        SaidKind::Ipv6,
        "2001:db8::/32",
    ),
    (
        "network-traffic:dst_ref.value = 'example.com'",
        SaidKind::Domain,
        "example.com",
    ),
];

#[test]
fn each_path_has_its_kind() {
    for (test, kind, value) in TESTS {
        assert_eq!(
            said(&format!("[{test}]")),
            [(*kind, (*value).to_owned())],
            "{test}"
        );
    }
}

#[test]
fn hashes_are_known_in_any_spelling() {
    for (name, digits, kind) in [
        ("MD5", 32, SaidKind::Md5),
        ("'md5'", 32, SaidKind::Md5),
        ("'SHA-1'", 40, SaidKind::Sha1),
        ("SHA1", 40, SaidKind::Sha1),
        ("'SHA-256'", 64, SaidKind::Sha256),
        ("'sha256'", 64, SaidKind::Sha256),
        ("'SHA-512'", 128, SaidKind::Sha512),
    ] {
        let digest = "0".repeat(digits);
        assert_eq!(
            said(&format!("[file:hashes.{name} = '{digest}']")),
            [(kind, digest)],
            "{name}"
        );
    }
}

#[test]
fn alternatives_are_each_said() {
    let domains = |values: &[&str]| -> Vec<(SaidKind, String)> {
        values
            .iter()
            .map(|value| (SaidKind::Domain, (*value).to_owned()))
            .collect()
    };
    for (pattern, values) in [
        (
            "[domain-name:value = 'a' OR domain-name:value = 'b']",
            &["a", "b"][..],
        ),
        ("[domain-name:value IN ('a', 'b', 3)]", &["a", "b"]),
        (
            "[domain-name:value = 'a'] OR ([domain-name:value = 'b'])",
            &["a", "b"],
        ),
        ("[domain-name:value = 'a'] WITHIN 5 SECONDS", &["a"]),
        (
            "[domain-name:value = 'a' OR domain-name:value = 'b' AND url:value = 'c']",
            &["a"],
        ),
        (
            "[domain-name:value = 'a'] OR [domain-name:value = 'b'] AND [url:value = 'c']",
            &["a"],
        ),
    ] {
        assert_eq!(said(pattern), domains(values), "{pattern}");
    }
}

#[test]
fn what_is_not_sufficient_alone_says_nothing() {
    for pattern in [
        "[domain-name:value = 'a' AND url:value = 'c']",
        "[domain-name:value = 'a'] AND [url:value = 'c']",
        "[domain-name:value = 'a'] FOLLOWEDBY [url:value = 'c']",
        "[domain-name:value = 'a'] REPEATS 5 TIMES",
        "[domain-name:value = 'a'] START t'2014-01-13T07:03:17Z' STOP t'2014-01-13T07:03:18Z'",
        "[domain-name:value != 'a']",
        "[domain-name:value NOT = 'a']",
        "[domain-name:value NOT IN ('a')]",
        "[domain-name:value LIKE 'a%']",
        "[domain-name:value ISSUBSET '198.51.100.0/24']",
        "[ipv4-addr:value ISSUPERSET '198.51.100.0/24']",
        "[network-traffic:dst_ref.value = '00:11:22:33:44:55']",
        "[file:name = 'a']",
        "[file:hashes.SSDEEP = 'a']",
        "[domain-name:value = 'a'",
    ] {
        assert_eq!(said(pattern), [], "{pattern}");
    }
}

#[test]
fn objects_say_it_too() {
    let uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
    let indicator = |pattern: &str, language: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{uuid}","created":"2016-04-06T20:03:48.000Z","modified":"2016-04-06T20:03:48.000Z","pattern":"{pattern}","pattern_type":"{language}","valid_from":"2016-01-01T00:00:00Z"}}"#
        )
    };
    for (object, expected) in [
        (
            indicator("[url:value = 'x']", "stix"),
            vec![(SaidKind::Url, "x")],
        ),
        (
            indicator("[url:value = '\\u0078']", "stix"),
            vec![(SaidKind::Url, "x")],
        ),
        (indicator("[url:value = 'x']", "sigma"), vec![]),
        (
            format!(r#"{{"type":"url","id":"url--{uuid}","value":"x"}}"#),
            vec![(SaidKind::Url, "x")],
        ),
        (
            format!(
                r#"{{"type":"file","id":"file--{uuid}","hashes":{{"MD5":"{MD5}","SSDEEP":"x","SHA-256":"{MD5}{MD5}"}}}}"#
            ),
            vec![
                (SaidKind::Md5, MD5),
                (
                    SaidKind::Sha256,
                    "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e",
                ),
            ],
        ),
        (
            format!(r#"{{"type":"mutex","id":"mutex--{uuid}","name":"x"}}"#),
            vec![],
        ),
    ] {
        let parsed = Object::parse(object.as_bytes()).unwrap();
        let said = observables(&parsed);
        let said: Vec<_> = said
            .iter()
            .map(|said| (said.kind, said.value.as_ref()))
            .collect();
        assert_eq!(said, expected, "{object}");
    }
}
