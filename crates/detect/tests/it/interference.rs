//! OONI's fixtures: what is right about each, and why.

use std::path::PathBuf;

use detect::interference::{Fingerprints, Judge, Judged, Loaded, Measurement, mended};

/// The directory of test data; says so when there is none.
fn testdata() -> Option<PathBuf> {
    let Some(path) = std::env::var_os("ENTENTE_TESTDATA") else {
        eprintln!("skipped: ENTENTE_TESTDATA is not set");
        return None;
    };
    Some(PathBuf::from(path).join("censorship"))
}

fn fingerprints(data: &std::path::Path, files: &[&str]) -> Fingerprints {
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(data.join(file)).unwrap();
        let loaded = Loaded::read(&text);
        assert!(loaded.bad.is_empty(), "{file}: {:?}", loaded.bad);
        assert!(!loaded.fingerprints.is_empty(), "{file}");
        all.extend(loaded.fingerprints);
    }
    let (prints, refused) = Fingerprints::new(all);
    assert!(refused.is_empty(), "{refused:?}");
    prints
}

const OONI: [&str; 2] = [
    "ooni_fastpath/fingerprints_dns.json",
    "ooni_fastpath/fingerprints_http.json",
];
const CENSORED_PLANET: [&str; 2] = [
    "blockpage_signatures.json",
    "false_positive_signatures.json",
];

/// Each fixture, the rule that is right without fingerprints and with OONI's, and why.
const FIXTURES: [(&str, &str, &str, &str); 25] = [
    (
        "20250527233111.802678_ID_webconnectivity_5a37ec909dbf14e3.json",
        "http.redirect-elsewhere",
        "fingerprint.header",
        "archive.org redirects, without TLS, to Indonesia's block page; the probe called it accessible",
    ),
    (
        "bug_351.json",
        "unusable.probe",
        "unusable.probe",
        "the probe's own codec error; DNS and TCP are as the control's",
    ),
    (
        "bug_352.json",
        "dns.bogon",
        "fingerprint.dns",
        "10.10.34.36 instead of Wikimedia's address: Iran's injected answer",
    ),
    (
        "report1.json",
        "ok.page",
        "ok.page",
        "the page is the control's",
    ),
    (
        "report1.json.pretty",
        "ok.page",
        "ok.page",
        "the same over many lines",
    ),
    (
        "report1blocked.json",
        "ok.page",
        "ok.page",
        "differs from report1 by a header that only a made-up fingerprint of fastpath's test knows",
    ),
    (
        "report2.json",
        "ok.page",
        "ok.page",
        "the page is the control's, over TLS",
    ),
    (
        "report2blocked.json",
        "ok.page",
        "ok.page",
        "octet for octet report2",
    ),
    (
        "requests_none.json",
        "down.both",
        "down.both",
        "the name does not resolve for the control either: Wikispaces closed",
    ),
    (
        "test_keys_none.json",
        "unusable.empty",
        "unusable.empty",
        "test_keys is null",
    ),
    (
        "web_connectivity_b64_hdr.json",
        "http.redirect-private",
        "http.redirect-private",
        "sent to the UserCheck portal of a filter at 192.168.22.1; the control gets the page",
    ),
    (
        "web_connectivity_b64_incorrect.json",
        "ok.page",
        "ok.page",
        "the body is base64 without padding; all of the page matches",
    ),
    (
        "web_connectivity_ir_fp.json",
        "dns.bogon",
        "fingerprint.dns",
        "10.10.34.36 in Iran",
    ),
    (
        "web_connectivity_no_body.json",
        "down.both",
        "down.both",
        "the site's certificate is bad for the probe, the control gets nothing",
    ),
    (
        "web_connectivity_null.json",
        "unusable.control",
        "unusable.control",
        "the control could not be reached: there is nothing to compare with",
    ),
    (
        "web_connectivity_null2.json",
        "down.both",
        "down.both",
        "the site's certificate is bad; the control gets nothing",
    ),
    (
        "web_connectivity_odd_hdr.json",
        "down.no-name",
        "down.no-name",
        "the control finds no such name; the provider sends to its search page instead",
    ),
    (
        "signal_022.json",
        "signal.ok",
        "signal.ok",
        "all servers answer",
    ),
    (
        "signal_2627.json",
        "unusable.signal-version",
        "unusable.signal-version",
        "version 0.2.0 after Signal's authority changed",
    ),
    (
        "signal_679.json",
        "unusable.signal-version",
        "unusable.signal-version",
        "the one server that fails was given up",
    ),
    (
        "telegram_nourl.json",
        "telegram.ok",
        "telegram.ok",
        "requests without URLs, but every connect and request went well",
    ),
    ("tor.json", "tor.ok", "tor.ok", "three targets, none failed"),
    (
        "tor_list.json",
        "tor.ok",
        "tor.ok",
        "targets as a list, in an early version; all connect",
    ),
    (
        "whatsapp.json",
        "whatsapp.ok",
        "whatsapp.ok",
        "all answer; the website's 400 is what it says to probes (ts-018)",
    ),
    (
        "web_connectivity_odd_hdr.json",
        "down.no-name",
        "down.no-name",
        "again, as text with a NUL",
    ),
];

fn judged(data: &std::path::Path, file: &str, prints: &Fingerprints) -> Judged {
    let bytes = std::fs::read(data.join("ooni_fastpath").join(file)).unwrap();
    let text = mended(&bytes);
    let measurement = Measurement::read(&text).unwrap();
    Judge::new(prints).judge(&measurement).unwrap()
}

#[test]
fn each_fixture_is_judged_as_its_contents_say() {
    let Some(data) = testdata() else { return };
    let none = Fingerprints::default();
    let ooni = fingerprints(&data, &OONI);
    let mut wrong = Vec::new();
    for (file, without, with, why) in FIXTURES {
        let said = judged(&data, file, &none);
        let said_with = judged(&data, file, &ooni);
        if (said.rule.id, said_with.rule.id) != (without, with) {
            wrong.push(format!(
                "{file}: {} / {} instead of {without} / {with} ({why}): {:?}",
                said.rule.id, said_with.rule.id, said_with.evidence
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
