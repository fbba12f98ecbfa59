//! Statements of reasons of cases.

use node::clock::{DAY, Instant};
use node::model::Marking;
use node::policy::CaseSight;
use node::request::{
    Case, Category, Contact, Ground, GroundKind, Kind, Outcome, Request, Role, State, Step,
    StepRecord,
};

use super::*;
use crate::case::CaseFile;

const SENT: Instant = Instant(1_767_225_600_000_000);

/// A takedown that was accepted and done.
fn done() -> CaseFile {
    let request = Request {
        id: "0a1b2c3d4e5f".into(),
        from: "watch".into(),
        to: "platform".into(),
        kind: Kind::Takedown,
        category: Category::HateSpeech,
        title: "Incitement".into(),
        words: "Written by jane@watch.example".into(),
        targets: vec!["https://platform.example/p/1".into()],
        signals: vec![],
        principle: None,
        ground: Some(Ground {
            kind: GroundKind::Law,
            reference: "Loi du 29 juillet 1881, article 24".into(),
            url: None,
            explanation: "Jane Doe (jane@watch.example) says so".into(),
        }),
        country: Some("FR".into()),
        contact: Some(Contact {
            name: "Jane Doe".into(),
            email: "jane@watch.example".into(),
        }),
        contact_mark: None,
        key: None,
        good_faith: true,
        evidence: vec![],
        marking: Marking::Green,
        reference: None,
        follows: None,
        deadline: None,
    };
    let mut case = Case::open(7, SENT, "main", &request);
    (case.state, case.sent) = (State::Sent, Some(SENT));
    let mut steps = Vec::new();
    let mut take = |days: i64, step: Step| {
        let (position, at) = (7 + days.unsigned_abs(), Instant(SENT.0 + days * DAY));
        case.take(position, at, "desk", Role::Recipient, &step);
        steps.push(StepRecord {
            position,
            at,
            party: "platform".into(),
            account: "desk".into(),
            role: Role::Recipient,
            key: None,
            state: case.state,
            step,
        });
    };
    take(
        1,
        Step::Accept {
            words: Some("It calls for violence against a group.".into()),
            done_by: None,
        },
    );
    take(
        2,
        Step::Done {
            words: "The post was removed in France.".into(),
            evidence: vec![],
        },
    );
    CaseFile {
        case,
        sight: CaseSight::Whole,
        steps,
        from: "Watch".into(),
        to: "Platform".into(),
        files: vec![],
    }
}

fn choices() -> Choices {
    Choices {
        visibility: vec!["removed".into()],
        reference: Some("Article 24 of the law of 29 July 1881".into()),
        content: vec!["text".into(), "image".into()],
        content_date: Some("2025-12-30".parse().unwrap()),
        detected_automatically: Some("no".into()),
        decided_automatically: Some("not".into()),
        ..Choices::default()
    }
}

#[test]
fn a_case_that_is_done_gives_a_statement_without_anybody_in_it() {
    let statement = statement_of(&done(), &choices()).unwrap();
    assert_eq!(
        statement.decision_visibility,
        ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    );
    assert_eq!(statement.decision_ground, "DECISION_GROUND_ILLEGAL_CONTENT");
    assert_eq!(
        statement.category,
        "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    );
    assert_eq!(statement.territorial_scope, ["FR"]);
    assert_eq!(statement.application_date, "2026-01-03");
    assert_eq!(statement.source_type, "SOURCE_ARTICLE_16");
    assert_eq!(statement.decision_facts, "The post was removed in France.");
    let explained = statement.illegal_content_explanation.as_deref();
    assert_eq!(explained, Some("It calls for violence against a group."));
    assert_eq!(statement.puid, "0a1b2c3d4e5f");
    let json = batch(std::slice::from_ref(&statement)).to_string();
    let csv = String::from_utf8(csv(&[statement]).unwrap()).unwrap();
    for text in [&json, &csv] {
        for personal in ["jane", "Jane", "watch", "Watch", "https://platform.example"] {
            assert!(!text.contains(personal), "{personal} in {text}");
        }
    }
    assert_eq!(csv.lines().next().unwrap().split(',').count(), 35);
    assert_eq!(csv.lines().count(), 2);
}

#[test]
fn what_is_not_known_names_its_flag_all_at_once() {
    let faults = statement_of(&done(), &Choices::default()).unwrap_err();
    let told: Vec<(&str, bool)> = faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.message.contains("--")))
        .collect();
    let wanted = [
        "/decision_visibility",
        "/illegal_content_legal_ground",
        "/content_type",
        "/content_date",
        "/automated_detection",
        "/automated_decision",
    ];
    assert_eq!(told, wanted.map(|pointer| (pointer, true)));
}

#[test]
fn personal_data_in_free_texts_are_refused_with_their_place() {
    let mut all = choices();
    all.facts = Some("Reported by jane@watch.example".into());
    all.explanation = Some("Call +33 1 23 45 67 89".into());
    let faults = statement_of(&done(), &all).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/decision_facts", "/illegal_content_explanation"]);
    all.facts = Some("x".repeat(5_001));
    all.explanation = None;
    let faults = statement_of(&done(), &all).unwrap_err();
    assert!(faults[0].message.contains("5000"), "{faults:?}");
}

#[test]
fn words_that_are_none_and_countries_elsewhere_are_refused() {
    let mut all = choices();
    all.visibility = vec!["hidden".into()];
    all.territory = vec!["FR".into(), "US".into()];
    all.keywords = vec!["phishing".into()];
    let faults = statement_of(&done(), &all).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(
        places,
        [
            "/decision_visibility",
            "/category_specification",
            "/territorial_scope"
        ]
    );
}

#[test]
fn a_rule_of_the_house_is_told_as_one() {
    let mut all = choices();
    all.ground = Some("policy".into());
    all.also_illegal = Some("no".into());
    all.visibility = vec!["other".into()];
    all.visibility_other = Some("Blurred".into());
    all.territory = vec!["EEA".into()];
    let statement = statement_of(&done(), &all).unwrap();
    assert_eq!(statement.illegal_content_legal_ground, None);
    assert!(statement.incompatible_content_ground.is_some());
    assert_eq!(
        statement.incompatible_content_illegal.as_deref(),
        Some("No")
    );
    assert_eq!(statement.territorial_scope.len(), 30);
}

#[test]
fn where_nothing_was_decided_there_is_no_statement() {
    let mut file = done();
    file.case.outcome = Outcome::Declined;
    assert!(statement_of(&file, &choices()).is_err());
    file.case.outcome = Outcome::Reversed;
    let faults = statement_of(&file, &choices()).unwrap_err();
    assert!(faults[0].message.contains("reversed"));
    file.case.outcome = Outcome::Done;
    file.sight = CaseSight::Facts;
    assert!(statement_of(&file, &choices()).is_err());
}

#[test]
fn the_affected_reads_what_was_decided_why_and_what_to_do() {
    let mut file = done();
    file.case
        .request
        .targets
        .push("https://platform.example/`rm`\n# x".into());
    let mut all = choices();
    all.facts = Some("Removed. ![x](https://evil.example)\n# Heading".into());
    let statement = statement_of(&file, &all).unwrap();
    let letter = letter(&statement, &file, Some("https://node.example/contest/t_s"));
    for words in [
        "The content was removed.",
        "https://platform.example/p/1",
        "It applies in: FR.",
        "<https://node.example/contest/t_s>",
        "Article 21",
        "court",
        "taken by people",
    ] {
        assert!(letter.contains(words), "{words} not in\n{letter}");
    }
    assert!(
        !letter.contains("jane") && !letter.contains("Watch"),
        "{letter}"
    );
    assert!(
        !letter.contains("![x]") && !letter.contains("\n# Heading") && !letter.contains("\n# x")
    );
}
