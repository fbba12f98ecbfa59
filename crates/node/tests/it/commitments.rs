//! What parties promise: who may say what of it, and what the calendar does.

mod judges;
mod laws;
mod letters;
mod measured;

use std::sync::Arc;

use jiff::civil::{Date, date};
use journal::Journal;
use journal::memory::Memory;
use node::act::commitment::report::{NewJudgement, NewReport};
use node::act::commitment::security::SecurityLook;
use node::act::commitment::{NewCommitment, Terms};
use node::act::identity::domains::Validity;
use node::clock::{Clock, DAY, Instant};
use node::commitment::indicator::{Indicator, Reading};
use node::commitment::{
    Bound, Calendar, CommitmentRecord, Completion, Evidence, Keeping, Measure, State, Target,
};
use node::identity::Outcome;
use node::model::FeedbackKind;
use node::pledge::{Basis, Precision, Stance, StanceChange};
use node::{Caller, Error, Node, Refusal};

use crate::fixture::{NEW_YEAR, furnish, id, indicator, member, publish, say, shared};

/// A node at noon, so many days after New Year 2026.
fn at(journal: &Arc<dyn Journal>, day: i64) -> Node {
    let noon = Instant(NEW_YEAR.0 + day * DAY + DAY / 2);
    Node::on(Arc::clone(journal), Clock::manual(noon)).unwrap()
}

/// A journal with the pledge and parties, and accounts of alpha and beta.
async fn begun() -> (Arc<dyn Journal>, Caller, Caller) {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    (journal, alpha, beta)
}

fn words(error: Result<impl std::fmt::Debug, Error>) -> String {
    error.unwrap_err().to_string()
}

fn terms() -> Terms {
    Terms {
        words: "We answer in time.".into(),
        measure: Measure::Computed(Indicator::AnsweredInTime),
        baseline: None,
        target: Some(Target {
            bound: Bound::AtLeast,
            amount: "90".parse().unwrap(),
        }),
        due: date(2028, 12, 31),
        every: None,
    }
}

fn new(party: &str) -> NewCommitment {
    NewCommitment {
        party: party.into(),
        principle: 1,
        terms: terms(),
        source: None,
        date: None,
        key: None,
    }
}

fn report(completion: Completion) -> NewReport {
    NewReport {
        completion,
        value: None,
        words: "Half of the desk is staffed.".into(),
        evidence: vec![link("https://alpha.example/desk.pdf")],
        source: None,
        key: None,
    }
}

fn link(url: &str) -> Evidence {
    Evidence {
        url: url.into(),
        sha256: None,
    }
}

fn judgement(evidence: &[&str]) -> NewJudgement {
    NewJudgement {
        report: None,
        words: "We called; nobody answered.".into(),
        evidence: evidence.iter().map(|url| link(url)).collect(),
        key: None,
    }
}

/// What advancing at this node's time makes of the only commitment.
async fn advanced(node: &Node) -> CommitmentRecord {
    node.advance_commitments(node.now()).await.unwrap();
    let directory = node.directory();
    let record = directory.commitments().all().next().unwrap();
    record.clone()
}

#[tokio::test]
async fn a_party_commits_itself_and_nobody_else_does() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let made = node.commit(&alpha, new("alpha")).await.unwrap();
    assert_eq!(made.first().by, "alpha/tests");
    assert_eq!(node.commitment(made.id()).unwrap(), made);
    let refused = [
        (node.commit(&beta, new("alpha")).await, Refusal::NoSide),
        (
            node.commit(&Caller::Anonymous, new("alpha")).await,
            Refusal::Anonymous,
        ),
        (
            node.commit(&Caller::Operator, new("alpha")).await,
            Refusal::SpeaksForItself,
        ),
    ];
    for (answer, refusal) in refused {
        assert_eq!(answer.unwrap_err(), refusal.into());
    }
    let reader = member(&node, "alpha", "read").await;
    let denied = node.commit(&reader, new("alpha")).await;
    assert_eq!(denied.unwrap_err(), Refusal::PublishScope.into());
    // For a party without an account the steward records what is known from elsewhere.
    let bare = node.commit(&Caller::Operator, new("gamma")).await;
    assert!(words(bare).contains("source"));
    let sourced = NewCommitment {
        source: Some("a speech".into()),
        date: Some(date(2025, 6, 1)),
        ..new("gamma")
    };
    let recorded = node
        .commit(&Caller::Operator, sourced.clone())
        .await
        .unwrap();
    assert_eq!(recorded.first().what.date, date(2025, 6, 1));
    let suspended = NewCommitment {
        party: "delta".into(),
        ..sourced
    };
    let suspended = node.commit(&Caller::Operator, suspended).await;
    assert!(words(suspended).contains("suspended"));
}

/// What is wrong with a commitment, and the word that says so.
type Wrong<'w> = (&'w dyn Fn(&mut NewCommitment), &'w str);

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_place() {
    let (journal, alpha, _) = begun().await;
    let node = at(&journal, 1);
    let wrong = |change: &dyn Fn(&mut NewCommitment)| {
        let mut wrong = new("alpha");
        change(&mut wrong);
        wrong
    };
    let cases: [Wrong<'_>; 6] = [
        (&|n| n.principle = 7, "no such principle"),
        (&|n| n.terms.due = date(2026, 1, 2), "due"),
        (&|n| n.terms.due = date(2060, 1, 2), "due"),
        (&|n| n.terms.every = Some(5), "every"),
        (&|n| n.terms.words = "  ".into(), "the commitment"),
        (&|n| n.date = Some(date(2025, 1, 1)), "leave the date out"),
    ];
    for (change, expected) in cases {
        let said = words(node.commit(&alpha, wrong(change)).await);
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let made = node.commit(&alpha, new("alpha")).await.unwrap();
    let with = |evidence: Evidence| NewReport {
        evidence: vec![evidence],
        ..report(Completion::Limited)
    };
    for url in [
        "http://a.example/",
        "https://",
        "https://u@a.example/",
        "https://a.example/ b",
    ] {
        let said = words(
            node.report_commitment(&alpha, made.id(), with(link(url)))
                .await,
        );
        assert!(said.contains("evidence"), "{url}: {said}");
    }
    let digest = Evidence {
        sha256: Some("A".repeat(64)),
        ..link("https://a.example/")
    };
    let said = words(
        node.report_commitment(&alpha, made.id(), with(digest))
            .await,
    );
    assert!(said.contains("sha256"), "{said}");
    let valued = NewReport {
        value: Some("12".parse().unwrap()),
        ..report(Completion::Limited)
    };
    let said = words(node.report_commitment(&alpha, made.id(), valued).await);
    assert!(said.contains("computed"), "{said}");
}

#[tokio::test]
async fn an_amendment_stands_beside_what_it_amends_and_does_not_move_what_is_due() {
    let (journal, alpha, _) = begun().await;
    let made = at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let later = Terms {
        due: date(2030, 1, 1),
        ..terms()
    };
    let node = at(&journal, 100);
    let amend = |node: Node, terms| {
        let (alpha, id) = (alpha.clone(), made.id().to_owned());
        async move {
            node.amend_commitment(&alpha, &id, terms, "Better.".into(), None)
                .await
        }
    };
    let amended = amend(node, later.clone()).await.unwrap();
    let versions: Vec<_> = amended
        .versions()
        .map(|v| (v.what.version, v.what.due))
        .collect();
    assert_eq!(versions, [(1, date(2028, 12, 31)), (2, date(2030, 1, 1))]);
    // 31 December 2026 is day 364: from then on a report is due.
    let other = Terms {
        words: "Less.".into(),
        ..later.clone()
    };
    let late = amend(at(&journal, 364), other).await;
    assert!(words(late).contains("2026-12-31"));
    let node = at(&journal, 365);
    let gone = node
        .withdraw_commitment(&alpha, made.id(), "No staff.".into(), None)
        .await
        .unwrap();
    assert_eq!(gone.keeping(), Keeping::Withdrawn);
    assert!(words(amend(at(&journal, 366), later).await).contains("withdrawn"));
    assert_eq!(
        at(&journal, 2000)
            .advance_commitments(Instant(i64::MAX / 2))
            .await,
        Ok(0)
    );
}

#[tokio::test]
async fn every_step_has_its_letter_and_a_report_makes_it_active_at_once() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    // Late 30 days after 31 December 2026, and the letter 14 days before.
    let before = advanced(&at(&journal, 379)).await;
    assert!(before.letters.is_empty());
    let lettered = advanced(&at(&journal, 380)).await;
    assert_eq!(
        (lettered.letters.len(), lettered.state()),
        (1, State::Active)
    );
    let letter = &lettered.letters[0].held;
    assert_eq!(
        (letter.by.as_str(), letter.what.party.as_str()),
        ("operator/operator", "alpha")
    );
    assert!(
        letter.what.words.contains("To ALPHA, 2027-01-16."),
        "{}",
        letter.what.words
    );
    assert_eq!(advanced(&at(&journal, 393)).await.state(), State::Active);
    let late = advanced(&at(&journal, 394)).await;
    assert_eq!((late.state(), late.keeping()), (State::Late, Keeping::Late));
    let change = &late.states[0].what;
    assert_eq!(change.letter.as_deref(), Some(letter.what.id.as_str()));
    assert_eq!(change.date, date(2027, 1, 30));
    // A clock that jumps back does nothing.
    assert_eq!(advanced(&at(&journal, 300)).await, late);
    // Down for a year: the letter first, for its whole notice.
    let back = advanced(&at(&journal, 800)).await;
    assert_eq!((back.letters.len(), back.state()), (2, State::Late));
    assert_eq!(advanced(&at(&journal, 813)).await.state(), State::Late);
    let silent = advanced(&at(&journal, 814)).await;
    assert_eq!((silent.letters.len(), silent.state()), (3, State::Silent));
    let node = at(&journal, 815);
    node.report_commitment(&alpha, silent.id(), report(Completion::Limited))
        .await
        .unwrap();
    let record = advanced(&node).await;
    assert_eq!(record.state(), State::Active);
    assert_eq!(
        record.next_due(&Calendar::default()),
        Some(date(2028, 12, 31))
    );
    let said = &record.reports[0];
    assert_eq!(
        (said.by.as_str(), said.what.answers),
        ("alpha/tests", Some(date(2027, 12, 31)))
    );
    // Nobody asked alpha for anything: the reading says so instead of a number.
    let reading = said.what.reading.as_ref().unwrap();
    assert!(reading.value.is_none() && reading.denominator == Some(0));
}

#[tokio::test]
async fn reviews_and_counter_evidence_stand_beside_the_report_and_are_answered_once() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let made = node.commit(&alpha, new("alpha")).await.unwrap();
    let first = node
        .report_commitment(&alpha, made.id(), report(Completion::Complete))
        .await
        .unwrap();
    let own = node
        .review_commitment(&alpha, made.id(), Completion::Complete, judgement(&[]))
        .await;
    assert_eq!(own.unwrap_err(), Refusal::OwnCommitment.into());
    let delta = member(&node, "delta", "read,publish").await;
    let left = node
        .review_commitment(&delta, made.id(), Completion::Complete, judgement(&[]))
        .await;
    assert_eq!(left.unwrap_err(), Refusal::LeftStance.into());
    let review = node
        .review_commitment(&beta, made.id(), Completion::NoEvidence, judgement(&[]))
        .await
        .unwrap();
    assert!(
        words(
            node.counter_commitment(&beta, made.id(), judgement(&[]))
                .await
        )
        .contains("link")
    );
    let shown = NewJudgement {
        report: Some(first.clone()),
        ..judgement(&["https://beta.example/calls.csv"])
    };
    let counter = node
        .counter_commitment(&beta, made.id(), shown)
        .await
        .unwrap();
    let steward = node
        .review_commitment(
            &Caller::Operator,
            made.id(),
            Completion::Limited,
            judgement(&[]),
        )
        .await
        .unwrap();
    for statement in [&review, &counter, &steward] {
        let denied = node
            .reply_commitment(&beta, statement, "No.".into(), Vec::new(), None)
            .await;
        assert_eq!(denied.unwrap_err(), Refusal::NoSide.into());
        let answer = |words: &str| {
            let words = words.to_owned();
            node.reply_commitment(&alpha, statement, words, Vec::new(), None)
        };
        answer("You called at night.").await.unwrap();
        assert!(words(answer("Again.").await).contains("once"));
    }
    let record = node.commitment(made.id()).unwrap();
    assert_eq!(record.reports[0].what.completion, Completion::Complete);
    let said: Vec<_> = record
        .reviews
        .iter()
        .map(|said| (said.held.what.by.as_str(), said.held.what.steward))
        .collect();
    assert_eq!(said, [("beta", false), ("operator", true)]);
    assert_eq!(record.counters[0].held.what.report, Some(first));
    let reply = record.counters[0].reply.as_ref().unwrap();
    assert_eq!(
        (reply.by.as_str(), reply.what.words.as_str()),
        ("alpha/tests", "You called at night.")
    );
}

#[tokio::test]
async fn the_steward_delists_with_a_letter_and_only_the_steward_takes_that_back() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let made = node.commit(&alpha, new("alpha")).await.unwrap();
    for other in [&alpha, &beta] {
        let denied = node
            .announce_delisting(other, made.id(), "No.".into())
            .await;
        assert!(matches!(denied, Err(Error::Refused(_))), "{denied:?}");
    }
    let letter = node
        .announce_delisting(&Caller::Operator, made.id(), "Its desk is none.".into())
        .await
        .unwrap();
    assert!(letter.words.contains("Its desk is none."));
    let second = node
        .announce_delisting(&Caller::Operator, made.id(), "Again.".into())
        .await;
    assert!(matches!(second, Err(Error::Conflict(_))));
    assert_eq!(advanced(&at(&journal, 14)).await.state(), State::Active);
    let node = at(&journal, 14);
    node.revoke_letter(&Caller::Operator, &letter.id, "It was shown.".into())
        .await
        .unwrap();
    assert_eq!(advanced(&at(&journal, 16)).await.state(), State::Active);
    at(&journal, 20)
        .announce_delisting(&Caller::Operator, made.id(), "It closed.".into())
        .await
        .unwrap();
    let delisted = advanced(&at(&journal, 34)).await;
    assert_eq!(delisted.state(), State::Delisted);
    assert!(delisted.states[0].what.steward);
    let node = at(&journal, 35);
    node.report_commitment(&alpha, made.id(), report(Completion::Limited))
        .await
        .unwrap();
    assert_eq!(node.commitment(made.id()).unwrap().state(), State::Delisted);
    let back = node
        .reinstate_commitment(&Caller::Operator, made.id(), "It opened again.".into())
        .await
        .unwrap();
    assert_eq!(back.state(), State::Active);
    assert_eq!(advanced(&at(&journal, 60)).await.state(), State::Active);
}

async fn stance(node: &Node, stance: Stance, since: Date) {
    let change = StanceChange {
        party: "alpha".into(),
        stance,
        since,
        basis: Basis::Recorded,
        precision: Precision::Day,
        source: Some("a decision".into()),
        note: Some("so".into()),
    };
    node.set_stance(&Caller::Operator, change).await.unwrap();
}

#[tokio::test]
async fn a_delisting_suspends_where_the_calendar_says_so_and_a_report_lifts_that() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let strict = Calendar {
        suspends: true,
        ..Calendar::default()
    };
    let denied = node
        .set_calendar(&beta, strict.clone(), "Ours.".into())
        .await;
    assert_eq!(denied.unwrap_err(), Refusal::NoSide.into());
    let short = Calendar {
        silent: strict.late + 1,
        ..strict.clone()
    };
    assert!(matches!(
        node.set_calendar(&Caller::Operator, short, "Short.".into())
            .await,
        Err(Error::Invalid(_))
    ));
    node.set_calendar(&Caller::Operator, strict, "The assembly decided.".into())
        .await
        .unwrap();
    node.commit(&alpha, new("alpha")).await.unwrap();
    for day in (380..740).step_by(7) {
        advanced(&at(&journal, day)).await;
    }
    let node = at(&journal, 740);
    let today = node.now().day();
    let record = advanced(&node).await;
    assert_eq!(record.state(), State::Delisted);
    assert_eq!(
        node.directory().stance("alpha", today),
        Some(Stance::Suspended)
    );
    let note = node
        .directory()
        .register()
        .history("alpha")
        .last()
        .unwrap()
        .note
        .clone();
    assert!(note.unwrap().contains(&record.letters[2].held.what.id));
    node.report_commitment(&alpha, record.id(), report(Completion::Limited))
        .await
        .unwrap();
    assert_eq!(
        node.directory().stance("alpha", today),
        Some(Stance::Signed)
    );
}

#[tokio::test]
async fn a_suspension_by_somebody_s_decision_is_not_lifted_by_a_report() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    for day in (380..740).step_by(7) {
        advanced(&at(&journal, day)).await;
    }
    let node = at(&journal, 741);
    let today = node.now().day();
    assert_eq!(
        node.directory().stance("alpha", today),
        Some(Stance::Signed)
    );
    stance(&node, Stance::Suspended, today).await;
    let record = advanced(&node).await;
    assert_eq!(record.state(), State::Delisted);
    node.report_commitment(&alpha, record.id(), report(Completion::Limited))
        .await
        .unwrap();
    assert_eq!(advanced(&node).await.state(), State::Active);
    assert_eq!(
        node.directory().stance("alpha", today),
        Some(Stance::Suspended)
    );
}

#[tokio::test]
async fn the_calendar_runs_for_nobody_who_left_or_was_only_recorded() {
    let (journal, alpha, _) = begun().await;
    let node = at(&journal, 1);
    node.commit(&alpha, new("alpha")).await.unwrap();
    let recorded = NewCommitment {
        source: Some("a speech".into()),
        ..new("gamma")
    };
    node.commit(&Caller::Operator, recorded).await.unwrap();
    stance(&at(&journal, 2), Stance::Withdrawn, date(2026, 1, 3)).await;
    let node = at(&journal, 900);
    assert_eq!(node.advance_commitments(node.now()).await, Ok(0));
}

#[tokio::test]
async fn signals_and_their_sightings_by_others_are_counted_without_those_that_are_hidden() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 3);
    shared(&node).await;
    let objects: Vec<String> = (0..6)
        .map(|n| {
            let marking = if n == 5 { "red" } else { "green" };
            indicator(
                n,
                0,
                &format!("a{n}.example"),
                &crate::fixture::marked(marking),
            )
        })
        .collect();
    assert!(publish(&node, &alpha, &objects).await.failures.is_empty());
    node.give_feedback(&beta, &id(0), say(FeedbackKind::Seen))
        .await
        .unwrap();
    node.give_feedback(&beta, &id(1), say(FeedbackKind::Disagree))
        .await
        .unwrap();
    let (first, last) = (date(2026, 1, 10), date(2026, 1, 31));
    let shared = reading(&node, &alpha, Indicator::SignalsShared, first).unwrap();
    assert_eq!((shared.from, shared.to), (date(2026, 1, 1), last));
    assert_eq!(
        (shared.numerator, shared.value.unwrap().to_string()),
        (5, "5".into())
    );
    let sighted = reading(&node, &alpha, Indicator::SignalsSighted, first).unwrap();
    assert_eq!((sighted.numerator, sighted.denominator), (1, Some(5)));
    assert_eq!(sighted.value.unwrap().to_string(), "20");
    let before = date(2025, 1, 1);
    let before = reading(&node, &alpha, Indicator::SignalsSighted, before).unwrap();
    assert_eq!(before.value, None);
    let backwards = node.readings(&alpha, "alpha", last, before.from);
    assert!(matches!(backwards, Err(Error::Invalid(_))));
    // Whether anybody saw its signals is its own business, until it promised to have that measured.
    for other in [&beta, &Caller::Anonymous] {
        assert_eq!(
            reading(&node, other, Indicator::SignalsSighted, first),
            None
        );
        assert!(reading(&node, other, Indicator::SignalsShared, first).is_some());
    }
    let promised = Terms {
        measure: Measure::Computed(Indicator::SignalsSighted),
        ..terms()
    };
    let promised = NewCommitment {
        terms: promised,
        ..new("alpha")
    };
    node.commit(&alpha, promised).await.unwrap();
    let told = reading(&node, &Caller::Anonymous, Indicator::SignalsSighted, first);
    assert_eq!(told, Some(sighted));
}

/// An indicator of alpha in the month of a day, as a caller sees it.
fn reading(node: &Node, caller: &Caller, of: Indicator, day: Date) -> Option<Reading> {
    let all = node.readings(caller, "alpha", day, day).unwrap();
    all.into_iter().find(|one| one.indicator == of)
}
