//! `detect interference`: measurements in every packing, what is told of them, what is shared.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Ended, Place};

/// A measurement of a site whose resolver answers with this address.
fn measured(country: &str, site: &str, day: u32, answer: &str) -> String {
    json!({
        "test_name": "web_connectivity", "test_version": "0.4.3", "probe_cc": country,
        "probe_asn": "AS64496", "probe_ip": "203.0.113.77", "input": format!("https://{site}/"),
        "report_id": format!("report_{day}"),
        "measurement_start_time": format!("2026-03-{day:02} 10:00:00"),
        "test_keys": {
            "queries": [{"hostname": site, "engine": "system",
                "answers": [{"answer_type": "A", "ipv4": answer}]}],
            "control": {"dns": {"addrs": ["93.184.216.34"]}, "http_request": {"status_code": 200}},
            "requests": [{"request": {"url": format!("https://{site}/")},
                "response": {"code": 200, "headers": {"Server": "x"}}}],
        },
    })
    .to_string()
}

/// Two countries, a site that is blocked in one of them, what is not understood, and what is bad.
fn lines() -> String {
    let mut lines = Vec::new();
    for day in 1..=4 {
        lines.push(measured("QQ", "news.example", day, "10.10.34.36"));
        lines.push(measured("XX", "news.example", day, "93.184.216.34"));
    }
    lines.push(r#"{"test_name":"dnscheck","test_version":"0.9.2","test_keys":{}}"#.into());
    lines.push("{\"test_name\":\"web_connectivity\",\"test_keys\"".into());
    lines.push(String::new());
    lines.join("\n")
}

fn of_kind(ended: &Ended, kind: &str) -> Vec<Value> {
    let lines = ended.lines();
    lines
        .into_iter()
        .filter(|line| line["kind"] == kind)
        .collect()
}

#[test]
fn a_blocked_site_is_found_with_its_rule_and_the_rest_is_counted() {
    let place = Place::bare();
    place.write("m.jsonl", lines().as_bytes());
    let ended = place
        .run(&["detect", "interference", "m.jsonl", "--json"])
        .ok();
    let found = of_kind(&ended, "finding");
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!(
        (&one["rule"], &one["country"]),
        (&json!("dns.bogon"), &json!("QQ"))
    );
    assert_eq!(
        (&one["measurements"], &one["of"], &one["reports"]),
        (&json!(4), &json!(4), &json!(4))
    );
    assert_eq!(
        one["triple"],
        json!({"blocked": 0.95, "down": 0.05, "ok": 0.0})
    );
    assert_eq!(one["evidence"][0]["saw"]["resolver answers"], "10.10.34.36");
    let summary = &of_kind(&ended, "summary")[0];
    assert_eq!(
        (&summary["bad_lines"], &summary["ok"]),
        (&json!(1), &json!(4))
    );
    let unknown = json!([{"test": "dnscheck", "version": "0.9.2", "measurements": 1}]);
    assert_eq!(summary["not_understood"], unknown);
    assert!(
        ended.err.contains("m.jsonl:10: is no JSON"),
        "{}",
        ended.err
    );
    assert!(
        ended
            .err
            .contains("not understood: 1 measurement of dnscheck 0.9.2")
    );
    assert!(
        !ended.out.contains("203.0.113.77"),
        "the probe's address is told"
    );
    place
        .run(&["detect", "interference", "m.jsonl", "--fail-on-match"])
        .code(1);
    let people = place.run(&["detect", "interference", "m.jsonl"]).ok();
    assert!(
        people
            .out
            .starts_with("blocked\tQQ AS64496\tnews.example\tdns.bogon\t4 of 4\t")
    );
}

/// An archive of one file.
fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, bytes).unwrap();
    tar.into_inner().unwrap()
}

#[test]
fn every_packing_says_the_same() {
    let place = Place::bare();
    let lines = lines();
    place.write("plain.jsonl", lines.as_bytes());
    let expected = of_kind(
        &place
            .run(&["detect", "interference", "plain.jsonl", "--json"])
            .ok(),
        "finding",
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    place.write("m.jsonl.gz", &gzip);
    place.write(
        "m.jsonl.zst",
        &zstd::encode_all(lines.as_bytes(), 1).unwrap(),
    );
    place.write("plain.tar", &tar("2026/a.jsonl", lines.as_bytes()));
    place.write("packed.tar", &tar("2026/a.jsonl.gz", &gzip));
    let whole = tar("a.post", lines.as_bytes());
    let mut outer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    outer.write_all(&whole).unwrap();
    place.write("whole.tgz", &outer.finish().unwrap());
    let objects: Vec<&str> = lines.lines().take(9).collect();
    place.write(
        "array.json",
        format!("[{}]", objects.join(",\n")).as_bytes(),
    );
    std::fs::create_dir_all(place.path("dir/deep")).unwrap();
    std::fs::write(place.path("dir/deep/m.jsonl"), &lines).unwrap();
    std::fs::write(place.path("dir/notes.txt"), "nothing").unwrap();
    for file in [
        "m.jsonl.gz",
        "m.jsonl.zst",
        "plain.tar",
        "packed.tar",
        "whole.tgz",
        "array.json",
        "dir",
    ] {
        let ended = place.run(&["detect", "interference", file, "--json"]).ok();
        assert_eq!(
            of_kind(&ended, "finding"),
            expected,
            "{file}: {}",
            ended.err
        );
    }
    let piped = place
        .run_with_input(&["detect", "interference", "-", "--json"], &gzip)
        .ok();
    assert_eq!(of_kind(&piped, "finding"), expected);
    let left = place.run(&["detect", "interference", "dir"]).ok();
    assert!(left.err.contains("1 file is left out"), "{}", left.err);
    place.write("old.yaml", b"---\nprobe_asn: AS1\n");
    let yaml = place
        .run(&["detect", "interference", "old.yaml", "plain.jsonl"])
        .code(3);
    assert!(
        yaml.err.contains("YAML report") && yaml.out.contains("news.example"),
        "{}",
        yaml.err
    );
}

#[test]
fn countries_and_days_are_chosen() {
    let place = Place::bare();
    place.write("m.jsonl", lines().as_bytes());
    let count = |args: &[&str]| {
        let args = [&["detect", "interference", "m.jsonl", "--verdicts"], args].concat();
        of_kind(&place.run(&args).ok(), "verdict").len()
    };
    assert_eq!(count(&[]), 8);
    assert_eq!(count(&["--country", "qq"]), 4);
    assert_eq!(
        count(&["--since", "2026-03-02", "--until", "2026-03-03"]),
        4
    );
    place
        .run(&["detect", "interference", "m.jsonl", "--country", "QQQ"])
        .code(2);
}

#[test]
fn fingerprints_are_read_from_files_and_confirm_in_scope() {
    let place = Place::bare();
    place.write("m.jsonl", lines().as_bytes());
    let rows = "name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,expected_countries\n\
                ours,nat,,dns,full,10.10.34.36,5,QQ\nbad,nat,,nowhere,full,x,5,QQ\n";
    place.write("prints.csv", rows.as_bytes());
    let args = [
        "detect",
        "interference",
        "m.jsonl",
        "--fingerprints",
        "prints.csv",
        "--json",
    ];
    let ended = place.run(&args).ok();
    let found = of_kind(&ended, "finding");
    assert_eq!(
        (&found[0]["rule"], &found[0]["verdict"]),
        (&json!("fingerprint.dns"), &json!("confirmed"))
    );
    assert!(
        ended
            .err
            .contains("prints.csv: row 3: location_found 'nowhere'"),
        "{}",
        ended.err
    );
    place.write("none.csv", b"a,b\n1,2\n");
    place
        .run(&[
            "detect",
            "interference",
            "m.jsonl",
            "--fingerprints",
            "none.csv",
        ])
        .code(3);
}

#[test]
fn what_is_shared_is_stix_and_sharing_it_twice_changes_nothing() {
    let place = Place::small();
    place.write("m.jsonl", lines().as_bytes());
    let ended = place
        .run(&["detect", "interference", "m.jsonl", "--stix", "found.json"])
        .ok();
    assert!(
        ended
            .err
            .contains("no address, report or user of a probe is shared")
    );
    place.run(&["stix", "check", "found.json"]).ok();
    let text = std::fs::read_to_string(place.path("found.json")).unwrap();
    for secret in ["203.0.113.77", "report_1"] {
        assert!(!text.contains(secret), "{secret}");
    }
    place.d("collection create blocks --harm censorship").ok();
    let publish = || place.d("detect interference m.jsonl --publish blocks").ok();
    let first = publish();
    assert!(
        first
            .err
            .contains("published into 'blocks', 0 already there, 0 refused"),
        "{}",
        first.err
    );
    let again = publish();
    assert!(
        again.err.contains("0 objects published into 'blocks'"),
        "{}",
        again.err
    );
}

#[test]
fn the_report_needs_nothing_and_runs_nothing() {
    let place = Place::bare();
    let mut text = lines();
    text.push_str(&measured(
        "QQ",
        "<script>alert(1)</script>",
        5,
        "10.10.34.36",
    ));
    place.write("m.jsonl", text.as_bytes());
    place
        .run(&["detect", "interference", "m.jsonl", "--report", "r.html"])
        .ok();
    let page = std::fs::read_to_string(place.path("r.html")).unwrap();
    assert!(page.contains("news.example") && page.contains("dns.bogon"));
    for never in [
        "<script",
        "http-equiv=\"refresh\"",
        "src=",
        "@import",
        "url(",
        "203.0.113.77",
    ] {
        assert!(!page.contains(never), "{never}");
    }
}
