//! OONI's fixtures: what is right about each, and why.

use std::path::PathBuf;

use detect::interference::change::{EDD, Hours, changes};
use detect::interference::fingerprint::{Form, Place, Scope};
use detect::interference::sample::Sample;
use detect::interference::{
    Fingerprints, Judge, Judged, Loaded, Measurement, Tally, Turn, Verdict, mended, share,
};
use proptest::prelude::*;
use serde_json::{Value, json};

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

#[test]
fn every_header_fingerprint_matches_its_own_example_and_every_other_one_too() {
    let Some(data) = testdata() else { return };
    let prints = fingerprints(&data, &OONI);
    let mut seen = [0; 3];
    for print in prints.all() {
        let (at, json) = match &print.place {
            Place::Header(name) => (0, response(name, &print.pattern, "")),
            Place::Dns => (1, answer(&print.pattern)),
            _ if print.form == Form::Regexp => continue,
            _ => (2, response("Server", "x", &print.pattern)),
        };
        seen[at] += 1;
        let text = json.to_string();
        let measurement = Measurement::read(&text).unwrap();
        let shown = Judge::new(&prints).fingerprints(&measurement);
        let found = shown
            .iter()
            .any(|hit| hit.pattern == print.pattern && hit.place == print.place);
        // Only a false positive on the same response may stand before it.
        let is_hidden = shown.iter().any(|hit| hit.scope == Scope::FalsePositive);
        assert!(found || is_hidden, "{print}: {shown:?}");
    }
    assert_eq!(seen[0], 417, "headers");
    assert!(seen[1] == 150 && seen[2] > 1200, "{seen:?}");
}

fn answer(text: &str) -> Value {
    let kind = match text.parse::<std::net::IpAddr>() {
        Ok(address) if address.is_ipv4() => "ipv4",
        Ok(_) => "ipv6",
        Err(_) => "hostname",
    };
    json!({"test_name": "web_connectivity", "test_keys": {"queries": [{"answers": [{kind: text}]}]}})
}

fn response(header: &str, value: &str, body: &str) -> Value {
    json!({"test_name": "web_connectivity", "test_keys": {"requests": [
        {"response": {"body": body, "headers": {header: value}}}]}})
}

#[test]
fn the_signatures_of_censored_planet_are_all_understood() {
    let Some(data) = testdata() else { return };
    let prints = fingerprints(&data, &CENSORED_PLANET);
    assert_eq!(prints.len(), 622 + 460);
}

#[test]
fn confirmed_is_only_what_is_in_scope() {
    let print = |scope: &str, countries: &str| {
        let rows = json!([{"name": "ours", "scope": scope, "expected_countries": countries,
            "location_found": "body", "pattern_type": "contains", "pattern": "access is restricted"}]);
        Fingerprints::new(Loaded::read(&rows.to_string()).fingerprints).0
    };
    let page =
        json!({"test_name": "web_connectivity", "probe_cc": "FR", "input": "http://a.example/",
        "test_keys": {"status_code_match": false, "body_length_match": false, "title_match": false,
            "control": {"http_request": {"status_code": 200}},
            "requests": [{"request": {"url": "http://a.example/"},
                "response": {"code": 403, "body": "<b>access is restricted</b>"}}]}})
        .to_string();
    let said = |scope: &str, countries: &str| {
        let prints = print(scope, countries);
        let measurement = Measurement::read(&page).unwrap();
        let judged = Judge::new(&prints).judge(&measurement).unwrap();
        (
            judged.rule.id,
            judged.rule.verdict(),
            judged.evidence.doubts,
        )
    };
    assert_eq!(said("prod", "FR,DE").1, Verdict::Confirmed);
    assert_eq!(said("nat", "").1, Verdict::Confirmed);
    let (rule, verdict, doubts) = said("isp", "RU");
    assert_eq!((rule, verdict), ("fingerprint.body", Verdict::Confirmed));
    assert_eq!(
        doubts,
        ["the fingerprint is known from another country than the probe's"]
    );
    let (rule, verdict, doubts) = said("prod", "RU");
    assert_eq!((rule, verdict), ("fingerprint.filter", Verdict::Blocked));
    assert_eq!(doubts, ["not confirmed: scope prod, known from RU"]);
    assert_eq!(said("vbw", "").0, "fingerprint.vague");
    assert_eq!(said("fp", "").0, "fingerprint.false-positive");
    assert_eq!(said("fp", "").1, Verdict::Ok);
}

#[test]
fn a_page_that_the_control_got_too_confirms_nothing() {
    let rows = json!([{"name": "ours", "scope": "nat", "location_found": "body",
        "pattern_type": "contains", "pattern": "restricted"}]);
    let (prints, _) = Fingerprints::new(Loaded::read(&rows.to_string()).fingerprints);
    let page =
        json!({"test_name": "web_connectivity", "probe_cc": "FR", "input": "http://a.example/",
        "test_keys": {"status_code_match": true, "body_length_match": true, "title_match": true,
            "control": {"http_request": {"status_code": 200}},
            "requests": [{"request": {"url": "http://a.example/"},
                "response": {"code": 200, "body": "restricted"}}]}})
        .to_string();
    let measurement = Measurement::read(&page).unwrap();
    let judged = Judge::new(&prints).judge(&measurement).unwrap();
    assert_eq!(judged.rule.id, "ok.page");
    assert_eq!(judged.evidence.facts[0].0, "on the control's page, too");
}

#[test]
fn generated_measurements_of_both_shapes_are_judged_as_they_were_made() {
    let prints = Fingerprints::default();
    let mut judge = Judge::new(&prints);
    let mut tally = Tally::default();
    for made in Sample::new(7, 300, 200).take(200 * 130) {
        let measurement = Measurement::read(&made.line).unwrap();
        let judged = judge.judge(&measurement).unwrap();
        assert_eq!(judged.rule.id, made.rule, "{}", made.line);
        tally.add(judged);
    }
    // Two sites are blocked from hour 48 on, one of them until hour 96.
    let changed = tally.changed();
    let said: Vec<_> = changed
        .iter()
        .map(|series| {
            let turns: Vec<_> = series.changes.iter().map(|change| change.turn).collect();
            (series.place.country(), &*series.place.site, turns)
        })
        .collect();
    assert_eq!(
        said,
        [
            ("AA", "site3.example", vec![Turn::Blocked]),
            ("BB", "site5.example", vec![Turn::Blocked, Turn::Reachable]),
        ]
    );
    let start = 1_767_225_600 / 3600;
    for series in &changed {
        for (change, planted) in series.changes.iter().zip([48, 96]) {
            assert!(
                (planted..planted + 3).contains(&(change.since - start)),
                "{change:?}"
            );
            assert!(change.found - change.since < 12, "{change:?}");
        }
    }
}

#[test]
fn what_is_shared_is_the_same_each_time_and_names_no_probe() {
    let prints = Fingerprints::default();
    let lines: Vec<String> = Sample::new(9, 50, 50)
        .take(5000)
        .map(|made| made.line)
        .collect();
    let tally = |lines: &mut dyn Iterator<Item = &String>| {
        let mut tally = Tally::default();
        let mut judge = Judge::new(&prints);
        for line in lines {
            let measurement = Measurement::read(line).unwrap();
            tally.add(judge.judge(&measurement).unwrap());
        }
        let drafts = share::drafts(&tally, &share::Terms::default());
        drafts
            .iter()
            .map(|draft| String::from_utf8(draft.bytes()).unwrap())
            .collect::<Vec<_>>()
    };
    let shared = tally(&mut lines.iter());
    assert_eq!(shared, tally(&mut lines.iter().rev()));
    let types: std::collections::BTreeSet<String> = shared
        .iter()
        .map(|object| {
            let object: Value = serde_json::from_str(object).unwrap();
            object["type"].as_str().unwrap().to_owned()
        })
        .collect();
    let expected = [
        "autonomous-system",
        "domain-name",
        "extension-definition",
        "identity",
        "incident",
        "ipv4-addr",
        "location",
        "network-traffic",
        "observed-data",
        "sighting",
    ];
    assert_eq!(types.into_iter().collect::<Vec<_>>(), expected);
    let all = shared.concat();
    assert!(
        !all.contains("127.0.0.1") && !all.contains("sample_"),
        "{all}"
    );
    assert!(all.contains("T0123.002") && all.contains("T0123.004"));
}

#[test]
fn what_another_says_of_the_same_measurements_is_another_object() {
    let prints = Fingerprints::default();
    let mut tally = Tally::default();
    for made in Sample::new(9, 50, 50).take(5000) {
        let measurement = Measurement::read(&made.line).unwrap();
        tally.add(Judge::new(&prints).judge(&measurement).unwrap());
    }
    let said_by = |name: &str| {
        let creator = stix::StixIdBuf::parse(stix::build::identity_id(name)).unwrap();
        let terms = share::Terms {
            creator: Some(creator.as_id()),
            marking: None,
        };
        let drafts = share::drafts(&tally, &terms);
        let own = drafts
            .iter()
            .filter(|draft| draft.get("created_by_ref").is_some());
        own.map(|draft| draft.id().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let both: Vec<String> = said_by("EBU")
        .intersection(&said_by("RSF"))
        .cloned()
        .collect();
    assert_eq!(both, [share::EXTENSION]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_broken_measurement_costs_no_more_than_itself(
        at in 0_usize..1_000_000, kind in 0_usize..6, seed in 0_u64..1000,
    ) {
        let mut lines = FIXTURE_LINES.with(Clone::clone);
        lines.extend(Sample::new(seed, 200, 10).take(8).map(|made| made.line));
        let line = &lines[at % lines.len()];
        let prints = Fingerprints::default();
        let mut judge = Judge::new(&prints);
        for text in broken(line, at, kind) {
            let text = mended(&text);
            if let Ok(measurement) = Measurement::read(&text)
                && let Ok(judged) = judge.judge(&measurement)
            {
                    prop_assert!(judged.url.chars().count() <= 300);
                    prop_assert!(judged.evidence.facts.iter().all(|(_, value)| value.chars().count() <= 200));
                    prop_assert!(judged.evidence.addresses.len() <= 8);
            }
        }
    }

    #[test]
    fn constant_reachability_never_alarms(
        level in 0_u8..=35, hours in prop::collection::btree_set(0_i64..2000, 1..300),
    ) {
        let series = hours.into_iter().map(|hour| (hour, vec![level]));
        prop_assert_eq!(changes(&hours_of(series)).len(), 0);
    }

    #[test]
    fn a_step_is_found_within_the_expected_delay(
        before in 0_u8..=20, after in 71_u8..=100, quiet in 1_i64..100,
    ) {
        let series = (0..quiet).map(|hour| (hour, vec![before]));
        let blocked = (quiet..quiet + 40).map(|hour| (hour, vec![after]));
        let found = changes(&hours_of(series.chain(blocked)));
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].since, quiet);
        let delay = i32::try_from(found[0].found - quiet).unwrap();
        prop_assert!(f64::from(delay) < EDD, "{:?}", found);
    }

    #[test]
    fn within_the_hour_order_does_not_matter(values in prop::collection::vec(0_u8..=100, 1..50), turn in 0_usize..50) {
        let mut turned = values.clone();
        turned.rotate_left(turn % values.len());
        let (one, other) = (hours_of([(5, values)].into_iter()), hours_of([(5, turned)].into_iter()));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn after_a_gap_old_evidence_counts_less(gap in 24_i64..500) {
        // Five hours of blocking are not yet a change; a sixth right after them is.
        let five = |then: i64| (0..5).map(|hour| (hour, vec![100])).chain([(4 + then, vec![100])]);
        prop_assert_eq!(changes(&hours_of(five(1))).len(), 1);
        prop_assert_eq!(changes(&hours_of(five(gap))).len(), 0);
    }
}

fn hours_of(values: impl Iterator<Item = (i64, Vec<u8>)>) -> Hours {
    let mut hours = Hours::new();
    for (hour, values) in values {
        for value in values {
            hours.entry(hour).or_default().add(value);
        }
    }
    hours
}

thread_local! {
    /// Every fixture, as a line; none without test data.
    static FIXTURE_LINES: Vec<String> = testdata().map_or_else(Vec::new, |data| {
        let files = std::fs::read_dir(data.join("ooni_fastpath")).unwrap();
        let texts = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        texts.filter(|text| text.len() < 60_000).map(|text| mended(&text).into_owned()).collect()
    });
}

/// A line broken in some way: cut off, octets changed, a value of another type, members of tests
/// exchanged.
fn broken(line: &str, at: usize, kind: usize) -> Vec<Vec<u8>> {
    let mut octets = line.as_bytes().to_vec();
    let place = at % octets.len().max(1);
    match kind {
        0 => octets.truncate(place),
        1 => octets
            .iter_mut()
            .skip(place)
            .take(1)
            .for_each(|octet| *octet ^= 0x80),
        2 => octets
            .iter_mut()
            .skip(place)
            .take(1)
            .for_each(|octet| *octet = b'"'),
        _ => {
            let Ok(mut value) = serde_json::from_str::<Value>(line) else {
                return vec![octets];
            };
            let mut left = at % 400;
            swap(&mut value, &mut left, kind);
            octets = value.to_string().into_bytes();
        }
    }
    vec![octets]
}

/// Replaces one value in the tree by one of another type.
fn swap(value: &mut Value, left: &mut usize, kind: usize) {
    if *left == 0 {
        *value = [
            json!(null),
            json!([[], {}, "a"]),
            json!({"data": 7, "format": "base64"}),
            json!(-1e308),
            json!("\u{0}x"),
            json!(true),
        ][kind]
            .clone();
    }
    *left = left.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| swap(item, left, kind)),
        Value::Object(members) => members.values_mut().for_each(|item| swap(item, left, kind)),
        _ => {}
    }
}
