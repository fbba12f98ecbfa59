//! Reports as requests and back.

use mail_parser::MimeHeaders as _;
use node::clock::Instant;
use node::model::Marking;
use node::policy::CaseSight;
use node::request::{Case, Category, Contact, Evidence, Ground, GroundKind, Kind, Request};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::case::CaseFile;

fn report(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut report = json!({
        "xarf_version": "4.2.0",
        "report_id": "b7ca7591-811e-4d40-83d9-dc043c08555d",
        "timestamp": "2025-01-20T10:30:00Z",
        "reporter": {"org": "Bank", "contact": "abuse@bank.example", "domain": "bank.example"},
        "sender": {"org": "Watch", "contact": "r@watch.example", "domain": "watch.example"},
        "source_identifier": "198.51.100.42",
        "source_port": 443,
        "category": "content",
        "type": "phishing",
        "url": "https://login.bank.test/a",
        "description": "Copies the bank's page.",
        "lure_type": "security_alert",
        "confidence": 0.950,
        "evidence": [{
            "content_type": "text/html",
            "description": "The page",
            "payload": "PGgxPkJhbms8L2gxPg==",
        }],
    });
    change(&mut report);
    serde_json::to_vec(&report).unwrap()
}

fn taken(text: &[u8]) -> Taken {
    Report::read(text).unwrap().0.taken(text).unwrap()
}

/// The case that a request of a report opens.
fn case(taken: Taken) -> CaseFile {
    let files: Vec<(Evidence, Vec<u8>)> = taken
        .attachments
        .into_iter()
        .map(|file| {
            let evidence = Evidence {
                sha256: Sha256::digest(&file.bytes).into(),
                bytes: file.bytes.len() as u64,
                media_type: file.media_type,
                name: file.name,
                marking: Marking::Amber,
            };
            (evidence, file.bytes)
        })
        .collect();
    let request = Request {
        id: "0a1b2c3d4e5f".into(),
        from: "bank".into(),
        to: "host".into(),
        kind: taken.kind,
        category: taken.category,
        title: taken.title,
        words: taken.words,
        targets: taken.targets,
        signals: vec![],
        principle: None,
        ground: taken.ground,
        country: taken.country,
        contact: Some(taken.contact),
        contact_mark: None,
        key: None,
        good_faith: true,
        evidence: files.iter().map(|(evidence, _)| evidence.clone()).collect(),
        marking: Marking::Amber,
        reference: Some(taken.reference),
        follows: None,
        deadline: None,
    };
    CaseFile {
        case: Case::open(7, Instant(1_700_000_000_000_000), "main", &request),
        sight: CaseSight::Whole,
        steps: vec![],
        from: "Bank plc".into(),
        to: "Host".into(),
        files,
    }
}

#[test]
fn a_report_becomes_a_request_with_its_evidence() {
    let text = report(|_| ());
    let taken = taken(&text);
    assert_eq!(
        (taken.kind, taken.category),
        (Kind::Takedown, Category::Fraud)
    );
    assert_eq!(taken.title, "Phishing: hxxps://login[.]bank[.]test/a");
    assert_eq!(
        taken.targets,
        ["https://login.bank.test/a", "198.51.100.42:443"]
    );
    assert_eq!(taken.contact.email, "abuse@bank.example");
    assert_eq!(taken.reference, "b7ca7591-811e-4d40-83d9-dc043c08555d");
    assert!(
        taken
            .words
            .starts_with("Copies the bank's page.\n\nMade of a report in XARF 4.2.0")
    );
    assert!(
        taken.words.contains("lure_type: security_alert"),
        "{}",
        taken.words
    );
    let names: Vec<&str> = taken
        .attachments
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    assert_eq!(names, ["xarf.json", "evidence-1.html"]);
    assert_eq!(taken.attachments[0].bytes, text, "kept as it came");
    assert_eq!(taken.attachments[1].bytes, b"<h1>Bank</h1>");
    assert!(taken.notes.is_empty());
}

#[test]
fn what_is_internal_is_never_kept_and_all_else_stays_as_it_was_written() {
    let text = br#"{"_internal":{"analyst":"jane"},"xarf_version":"4.2.0","report_id":"b7ca7591-811e-4d40-83d9-dc043c08555d",
        "timestamp":"2025-01-20T10:30:00Z","reporter":{"org":"B","contact":"a@b.example","domain":"b.example"},
        "sender":{"org":"B","contact":"a@b.example","domain":"b.example"},"source_identifier":"a.example",
        "category":"reputation","type":"blocklist","threat_type":"spam","score":1.50e1}"#;
    let taken = taken(text);
    let kept = String::from_utf8(taken.attachments[0].bytes.clone()).unwrap();
    assert!(!kept.contains("jane") && !kept.contains("_internal"));
    assert!(kept.contains("1.50e1"), "{kept}");
    assert!(Report::read(kept.as_bytes()).is_ok());
    assert!(!taken.words.contains("jane"));
}

#[test]
fn payloads_of_reports_of_abused_children_are_never_kept() {
    let text = report(|report| {
        report["type"] = json!("csam");
        report["classification"] = json!("A1");
        report["detection_method"] = json!("hash_match");
        report["evidence"][0]["hash"] = json!("sha256:00");
    });
    let taken = taken(&text);
    assert_eq!(taken.attachments.len(), 1);
    let kept = String::from_utf8(taken.attachments[0].bytes.clone()).unwrap();
    assert!(!kept.contains("PGgxPkJhbms8L2gxPg=="), "{kept}");
    assert!(kept.contains("sha256:00") && kept.contains("https://login.bank.test/a"));
    assert!(Report::read(kept.as_bytes()).is_ok(), "still a report");
    assert!(taken.notes[0].contains("never kept"), "{:?}", taken.notes);
    let out = report_of(
        &case(taken),
        &Wanted {
            anew: true,
            ..Wanted::default()
        },
    );
    let Err(Unwritable::Invalid(faults)) = out else {
        panic!("{out:?}")
    };
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/classification", "/detection_method"]);
}

#[test]
fn a_digest_that_is_wrong_is_told_and_the_evidence_taken() {
    let text = report(|report| report["evidence"][0]["hash"] = json!("md5:00"));
    let taken = taken(&text);
    assert_eq!(taken.attachments.len(), 2);
    assert!(
        taken.notes[0].contains("evidence-1.html"),
        "{:?}",
        taken.notes
    );
    assert!(taken.words.contains("md5:00"));
}

#[test]
fn evidence_that_is_no_base64_is_refused_with_its_place() {
    let text = report(|report| report["evidence"][0]["payload"] = json!("PGgx PkJh"));
    let faults = Report::read(&text).unwrap_err();
    assert_eq!(faults[0].pointer, "/evidence/0/payload");
    assert_eq!(faults[0].rule, "evidence");
}

#[test]
fn all_faults_are_told_at_once() {
    let text = report(|report| {
        report["reporter"] = json!({"org": 1, "contact": "nobody", "domain": "a b", "type": "x"});
        report["tags"] = json!(["Good", "a:b"]);
        report["url"] = json!("login.bank.test");
        report.as_object_mut().unwrap().remove("timestamp");
    });
    let faults = Report::read(&text).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    let wanted = [
        "/timestamp",
        "/reporter/org",
        "/reporter/contact",
        "/reporter/domain",
        "/reporter/type",
        "/tags/0",
        "/url",
    ];
    assert_eq!(places, wanted);
    for fault in &faults {
        assert!(!fault.message.is_empty());
    }
}

#[test]
fn other_versions_and_what_is_no_report_are_refused_clearly() {
    let faults = Report::read(br#"{"Version":"3","ReporterInfo":{}}"#).unwrap_err();
    assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/Version"));
    assert!(faults[0].message.contains("version 3"));
    assert_eq!(Report::read(b"{\"a\":").unwrap_err()[0].rule, "json");
    assert_eq!(Report::read(b"[]").unwrap_err()[0].rule, "type");
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert_eq!(Report::read(&deep).unwrap_err()[0].rule, "json");
    let unknown = report(|report| report["type"] = json!("gossip"));
    assert_eq!(Report::read(&unknown).unwrap_err()[0].pointer, "/type");
}

#[test]
fn a_request_of_a_report_is_that_report_again() {
    let text = report(|_| ());
    let out = report_of(&case(taken(&text)), &Wanted::default()).unwrap();
    assert_eq!(out.report, serde_json::from_slice::<Value>(&text).unwrap());
}

#[test]
fn a_request_keeps_what_xarf_can_say_and_comes_back_with_its_ground() {
    let mut file = case(taken(&report(|_| ())));
    file.case.request.ground = Some(Ground {
        kind: GroundKind::Law,
        reference: "Directive 2013/40/EU".into(),
        url: None,
        explanation: "It takes credentials.".into(),
    });
    file.case.request.country = Some("FR".into());
    let wanted = Wanted {
        anew: true,
        ..Wanted::default()
    };
    let out = report_of(&file, &wanted).unwrap();
    assert_eq!(out.report["url"], "https://login.bank.test/a");
    assert_eq!(out.report["source_identifier"], "198.51.100.42");
    assert_eq!(out.report["source_port"], 443);
    assert_eq!(out.report["reporter"]["org"], "Bank plc");
    assert_eq!(out.report["evidence"][1]["payload"], "PGgxPkJhbms8L2gxPg==");
    let back = taken(out.text.as_bytes());
    let request = &file.case.request;
    assert_eq!((back.kind, back.category), (request.kind, request.category));
    assert_eq!(
        (&back.title, &back.targets),
        (&request.title, &request.targets)
    );
    assert_eq!(
        (&back.ground, &back.country),
        (&request.ground, &request.country)
    );
    assert_eq!(
        report_of(&file, &wanted).unwrap().text,
        out.text,
        "the same each time"
    );
}

#[test]
fn what_xarf_has_no_words_for_is_a_clear_error() {
    let mut file = case(taken(&report(|_| ())));
    let anew = Wanted {
        anew: true,
        ..Wanted::default()
    };
    file.case.request.kind = Kind::Preservation;
    assert!(
        report_of(&file, &anew)
            .unwrap_err()
            .to_string()
            .contains("preservation")
    );
    file.case.request.kind = Kind::Takedown;
    file.case.request.category = Category::HateSpeech;
    assert!(
        report_of(&file, &anew)
            .unwrap_err()
            .to_string()
            .contains("--type")
    );
    file.case.request.contact = None::<Contact>;
    file.case.request.category = Category::Fraud;
    assert!(
        report_of(&file, &anew)
            .unwrap_err()
            .to_string()
            .contains("--set")
    );
    file.sight = CaseSight::Words;
    assert!(report_of(&file, &Wanted::default()).is_err());
}

#[test]
fn samples_of_the_specification_are_all_taken() {
    let Some(root) = std::env::var_os("ENTENTE_TESTDATA") else {
        eprintln!("skipped: ENTENTE_TESTDATA is not set");
        return;
    };
    let folder = std::path::Path::new(&root).join("requests/samples/v4");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read(&path).unwrap();
        let (report, _) = Report::read(&text).unwrap_or_else(|f| panic!("{path:?}: {f:?}"));
        let taken = report.taken(&text).unwrap();
        assert!(
            !taken.targets.is_empty() && !taken.words.is_empty(),
            "{path:?}"
        );
        let sealed = taken.category == Category::ChildSafety;
        let out = report_of(&case(taken), &Wanted::default()).unwrap();
        let whole = serde_json::from_slice::<Value>(&text).unwrap();
        assert_eq!(out.report == whole, !sealed, "{path:?}");
        seen += 1;
    }
    assert_eq!(seen, 32);
}

#[test]
fn a_mail_has_the_three_parts_that_xarf_asks_for() {
    let mut file = case(taken(&report(|_| ())));
    file.case.request.title = "Phishing: café\r\nBcc: x@y.example".into();
    let wanted = Wanted {
        anew: true,
        ..Wanted::default()
    };
    let written = report_of(&file, &wanted).unwrap();
    let envelope = Envelope {
        from: "Bank plc <abuse@bank.example>".parse().unwrap(),
        to: "abuse@host.example".parse().unwrap(),
        date: Instant(1_700_000_000_000_000),
    };
    let octets = mail(&written, &envelope).unwrap();
    assert_eq!(octets, mail(&written, &envelope).unwrap());
    let message = mail_parser::MessageParser::default()
        .parse(&octets)
        .unwrap();
    let kind = message.content_type().unwrap();
    assert_eq!(
        (kind.ctype(), kind.subtype()),
        ("multipart", Some("report"))
    );
    assert_eq!(kind.attribute("report-type"), Some("feedback-report"));
    assert!(message.bcc().is_none());
    assert_eq!(
        message.message_id().unwrap(),
        "b7ca7591-811e-4d40-83d9-dc043c08555d@bank.example"
    );
    assert_eq!(message.parts.len(), 4, "the whole and three parts");
    let attached = message.attachments().last().unwrap();
    assert!(
        attached.contents() == written.text.as_bytes(),
        "octet for octet"
    );
    let text = String::from_utf8(octets).unwrap();
    assert!(text.contains("Feedback-Type: xarf\r\n") && text.contains("Source-IP: 198.51.100.42"));
}

#[test]
fn whatever_is_sent_is_answered() {
    let text = report(|report| report["_internal"] = json!({"a": [1, {"b": null}]}));
    for at in 0..text.len() {
        for flip in [1u8, 0x20, 0x80] {
            let mut changed = text.clone();
            changed[at] ^= flip;
            if let Ok((report, _)) = Report::read(&changed) {
                let taken = report.taken(&changed).unwrap();
                assert!(!taken.words.is_empty() && taken.title.len() <= 300);
            }
        }
        drop(Report::read(&text[..at]));
    }
    for text in [
        "null",
        "1e999",
        "\"\\ud800\"",
        "{\"evidence\":{}}",
        "{\"\":1}",
    ] {
        assert!(Report::read(text.as_bytes()).is_err(), "{text}");
    }
}
