//! Requests in other formats: reports in and out, e-mails, statements of reasons, bundles.

use std::process::Stdio;

use serde_json::{Value, json};

use super::serving::Serving;
use super::{Place, testdata};

/// A report of a page that takes credentials.
fn report() -> Value {
    json!({
        "xarf_version": "4.2.0",
        "report_id": "b7ca7591-811e-4d40-83d9-dc043c08555d",
        "timestamp": "2025-01-20T10:30:00Z",
        "reporter": {"org": "Alpha", "contact": "abuse@alpha.example", "domain": "alpha.example"},
        "sender": {"org": "Alpha", "contact": "abuse@alpha.example", "domain": "alpha.example"},
        "source_identifier": "198.51.100.42",
        "source_port": 443,
        "category": "content",
        "type": "phishing",
        "url": "https://login.bank.test/a",
        "description": "Copies the bank's page.",
        "evidence": [{"content_type": "text/html", "payload": "PGgxPkJhbms8L2gxPg=="}],
    })
}

/// A place with a takedown from alpha to beta that was made of the report and done.
struct Story {
    place: Place,
    id: String,
    alpha: String,
    beta: String,
}

fn story() -> Story {
    let place = Place::small();
    place.d("party stance beta signed --since 2021-01-01").ok();
    let token = |party: &str| {
        let line = format!("token create --party {party} --account desk --scope read,publish");
        place.d(&line).ok().out.trim().to_owned()
    };
    let (alpha, beta) = (token("alpha"), token("beta"));
    place.write("report.json", report().to_string().as_bytes());
    let id = place.acting(&alpha, &[&IMPORT[..], &GROUND].concat()).ok();
    let id = id.out.trim().to_owned();
    for step in [
        &["accept", "--words", "It takes credentials."][..],
        &["done", "--words", "The page is gone."],
    ] {
        let args = [&["request", step[0], &id], &step[1..]].concat();
        place.acting(&beta, &args).ok();
    }
    Story {
        place,
        id,
        alpha,
        beta,
    }
}

const IMPORT: [&str; 6] = ["request", "xarf", "import", "report.json", "--to", "beta"];
const GROUND: [&str; 3] = ["--ground-law", "Directive 2013/40/EU", "--good-faith"];

impl Place {
    /// Runs a command on the data directory `d` as who holds a token.
    fn acting(&self, token: &str, args: &[&str]) -> super::Ended {
        let mut command = self.command(&[args, &["--data", "d"]].concat());
        command.env("ENTENTE_TOKEN", token).stdin(Stdio::null());
        super::Ended::from(command.output().unwrap())
    }
}

#[test]
fn reports_are_checked_with_all_their_faults_at_once() {
    let place = Place::bare();
    let mut bad = report();
    bad["reporter"]["contact"] = json!("nobody");
    bad["tags"] = json!(["Good"]);
    bad.as_object_mut().unwrap().remove("timestamp");
    let both = format!("{}\n{bad}\n", report());
    place.write("both.ndjson", both.as_bytes());
    let checked = place.run(&["request", "xarf", "check", "--json", "both.ndjson"]);
    let rows = checked.code(1).lines();
    assert_eq!(
        (rows[0]["valid"].as_bool(), rows[1]["valid"].as_bool()),
        (Some(true), Some(false))
    );
    let places = super::each(rows[1]["errors"].as_array().unwrap(), "pointer").join(" ");
    assert_eq!(places, "/timestamp /reporter/contact /tags/0");
    let shown = place.run_with_input(
        &["request", "xarf", "check", "-"],
        bad.to_string().as_bytes(),
    );
    let shown = shown.code(1).says("1 report checked: 1 invalid");
    assert!(
        shown.out.contains("error   /tags/0: 'Good' is no tag"),
        "{}",
        shown.out
    );
    place.write("good.json", report().to_string().as_bytes());
    place.run(&["request", "xarf", "check", "good.json"]).ok();
    place
        .run(&["request", "xarf", "check", "--strict", "good.json"])
        .code(1);
    place
        .run(&["request", "xarf", "check", "missing.json"])
        .code(3);
}

#[test]
fn every_sample_is_taken() {
    let Some(folder) = testdata() else { return };
    let place = Place::bare();
    let samples = std::fs::read_dir(folder.join("requests/samples/v4")).unwrap();
    let paths: Vec<String> = samples
        .map(|file| file.unwrap().path().display().to_string())
        .collect();
    assert_eq!(paths.len(), 32);
    for path in &paths {
        place.run(&["request", "xarf", "check", path]).ok();
        let args = [
            "request",
            "xarf",
            "import",
            path,
            "--to",
            "beta",
            "--dry-run",
            "--json",
        ];
        let shown = place.run(&args).ok().json();
        let evidence = shown["evidence"].as_array().unwrap();
        assert_eq!(evidence[0]["name"], "xarf.json", "{path}");
        let abuse = path.contains("csam") || path.contains("csem");
        assert_eq!(evidence.len() == 1, abuse, "{path}");
    }
}

#[test]
fn a_report_becomes_a_request_that_is_sent_once_and_is_a_report_again() {
    let Story {
        place, id, alpha, ..
    } = story();
    let again = place.acting(&alpha, &[&IMPORT[..], &GROUND].concat()).ok();
    assert_eq!(again.out.trim(), id);
    let refused = place.acting(
        &alpha,
        &[&IMPORT[..], &["--idempotency-key", "other"]].concat(),
    );
    refused.code(3).says("ground");
    let shown = place
        .acting(&alpha, &["request", "show", &id, "--json"])
        .ok()
        .json();
    assert_eq!(shown["kind"], "takedown");
    assert_eq!(shown["reference"], report()["report_id"]);
    assert_eq!(
        shown["targets"],
        json!(["https://login.bank.test/a", "198.51.100.42:443"])
    );
    let out = place
        .acting(&alpha, &["request", "xarf", "export", &id])
        .ok();
    place.write("out.json", out.out.as_bytes());
    place.run(&["request", "xarf", "check", "out.json"]).ok();
    assert_eq!(out.json(), report(), "its own report, with its evidence");
    let args = ["request", "xarf", "export", &id, "--type", "content/fraud"];
    place.acting(&alpha, &args).code(2).says("--set fraud_type");
    let args = [&args[..], &["--set", "fraud_type=shopping"]].concat();
    assert_eq!(
        place.acting(&alpha, &args).ok().json()["fraud_type"],
        "shopping"
    );
}

#[test]
fn a_mail_and_a_statement_of_reasons_follow_from_a_case() {
    let Story {
        place,
        id,
        alpha,
        beta,
    } = story();
    let mail = ["request", "mail", &id, "--to", "abuse@host.example"];
    let mail = place.acting(&alpha, &mail).ok().out;
    for line in [
        "From: Alpha <abuse@alpha.example>\r\n",
        "Feedback-Type: xarf\r\n",
        "Source-IP: 198.51.100.42\r\n",
        "filename=\"xarf.json\"\r\n",
    ] {
        assert!(mail.contains(line), "{line} not in\n{mail}");
    }
    let bare = place.acting(&beta, &["request", "reasons", &id]).code(2);
    for flag in [
        "--visibility",
        "--content-date",
        "--reference",
        "--decided-automatically",
    ] {
        assert!(bare.err.contains(flag), "{}", bare.err);
    }
    let said = [
        "request",
        "reasons",
        &id,
        "--visibility",
        "removed",
        "--content-type",
        "text",
        "--content-date",
        "2025-01-19",
        "--reference",
        "Article 7 of the directive",
        "--detected-automatically",
        "no",
        "--decided-automatically",
        "not",
    ];
    let stated = place.acting(&beta, &said).ok().json();
    let statement = &stated["statements"][0];
    assert_eq!(statement["decision_facts"], "The page is gone.");
    assert_eq!(statement["category"], "STATEMENT_CATEGORY_SCAMS_AND_FRAUD");
    assert!(!stated.to_string().contains("alpha.example"));
    let letter = [
        &said[..],
        &[
            "--format",
            "letter",
            "--contest-link",
            "https://n.example/c",
        ],
    ]
    .concat();
    let letter = place.acting(&beta, &letter).ok().out;
    assert!(
        letter.contains("<https://n.example/c>") && letter.contains("https://login.bank.test/a")
    );
    let csv = place
        .acting(&beta, &[&said[..], &["--format", "csv"]].concat())
        .ok();
    assert_eq!(csv.out.lines().count(), 2);
}

#[test]
fn a_case_is_exported_and_verified_and_a_changed_one_is_not() {
    let Story {
        place, id, alpha, ..
    } = story();
    let key = place.d("log key").ok().out;
    place.write("node.vkey", key.as_bytes());
    place
        .run(&["key", "new", "--name", "alpha.example", "party.key"])
        .ok();
    let export = [
        "request",
        "export",
        &id,
        "-o",
        "case.zip",
        "--key",
        "party.key",
    ];
    place.acting(&alpha, &export).ok();
    let held = place
        .run(&["verify", "case.zip", "--key", "node.vkey"])
        .ok()
        .out;
    for words in [
        "case.zip: holds",
        "alpha asks beta",
        "done; outcome: done",
        "3 entries, 2 attachments",
    ] {
        assert!(held.contains(words), "{words} not in\n{held}");
    }
    let row = place
        .run(&["verify", "case.zip", "--key", "node.vkey", "--json"])
        .ok()
        .json();
    assert_eq!(row["case"]["state"], "done");
    place.run(&["verify", "case.zip"]).code(6);
    let octets = std::fs::read(place.path("case.zip")).unwrap();
    let piped = place.run_with_input(&["verify", "-", "--key", "node.vkey"], &octets);
    assert!(piped.ok().out.contains("holds"));
    let mut changed = octets.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    place.write("changed.zip", &changed);
    let told = place
        .run(&["verify", "changed.zip", "--key", "node.vkey"])
        .code(6);
    assert!(told.out.contains("DOES NOT HOLD"), "{}", told.out);
    // Other formats follow from the file alone.
    let out = place
        .run(&["request", "xarf", "export", "case.zip"])
        .ok()
        .json();
    assert_eq!(out["report_id"], report()["report_id"]);
}

#[test]
fn a_bundle_over_http_holds_what_its_caller_sees() {
    let Story {
        place, id, beta, ..
    } = story();
    let node = Serving::start(&place);
    let key = place.d("log key").ok().out;
    place.write("node.vkey", key.as_bytes());
    let export = |token: Option<&str>, file: &str| {
        let args = ["request", "export", &id, "-o", file, "--server", &node.url];
        let mut command = place.command(&args);
        if let Some(token) = token {
            command.env("ENTENTE_TOKEN", token);
        }
        super::Ended::from(command.output().unwrap())
    };
    export(Some(&beta), "whole.zip").ok();
    export(None, "facts.zip").ok();
    let verify = |file: &str| {
        let args = ["verify", file, "--key", "node.vkey", "--json"];
        place.run(&args).ok().json()
    };
    assert_eq!(verify("whole.zip")["hidden"], json!([]));
    let facts = verify("facts.zip");
    assert_eq!(facts["hidden"].as_array().unwrap().len(), 3);
    assert_eq!(facts["case"]["sight"], "facts");
    let octets = std::fs::read(place.path("facts.zip")).unwrap();
    let text = String::from_utf8_lossy(&octets);
    for secret in [
        "login.bank.test",
        "abuse@",
        "It takes credentials",
        "The page is gone",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    let unknown = [
        "request",
        "export",
        "000000000000",
        "-o",
        "x.zip",
        "--server",
        &node.url,
    ];
    assert_ne!(place.run(&unknown).code, 0);
}
