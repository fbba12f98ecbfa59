//! Requests between parties: from a draft to a contest that wins, in time and in silence.

use std::sync::Arc;

use journal::memory::Memory;
use node::act::request::{NewRequest, NewStep, Query};
use node::clock::{Clock, DAY, Instant};
use node::model::Marking;
use node::policy::CaseSight;
use node::request::deadline::Wanted;
use node::request::{Category, Contact, Ground, GroundKind, Kind, Outcome, Role, State, Verb};
use node::{Caller, Error, Node};

use crate::fixture::{NEW_YEAR, furnish, member};

mod dates;
mod evidence;
mod laws;
mod parties;
mod sight;

/// A takedown that `beta` is asked for.
pub fn takedown(marking: Marking) -> NewRequest {
    NewRequest {
        to: "beta".into(),
        kind: Kind::Takedown,
        category: Category::HateSpeech,
        title: "Incitement on page 7".into(),
        words: "Please remove what stands there.".into(),
        targets: vec!["https://example.org/7".into()],
        signals: Vec::new(),
        principle: Some(1),
        ground: Some(Ground {
            kind: GroundKind::Law,
            reference: "Penal Code, section 130".into(),
            url: None,
            explanation: "It calls for violence against a group.".into(),
        }),
        country: Some("DE".into()),
        contact: Some(Contact {
            name: "A. Person".into(),
            email: "person@alpha.example".into(),
        }),
        good_faith: true,
        evidence: Vec::new(),
        marking,
        reference: None,
        follows: None,
        deadline: Wanted::default(),
        draft: false,
    }
}

async fn members(node: &Node) -> [Caller; 3] {
    furnish(node).await;
    [
        member(node, "alpha", "read,publish").await,
        member(node, "beta", "read,publish").await,
        member(node, "gamma", "read,publish").await,
    ]
}

#[tokio::test]
async fn a_contest_wins() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, gamma] = members(&node).await;
    let sent = node
        .send_request(&alpha, takedown(Marking::Amber), None)
        .await
        .unwrap();
    let id = sent.case.request.id;
    let step = async |caller: &Caller, verb, words| {
        node.step_request(caller, &id, NewStep::new(verb, words), None)
            .await
    };
    step(&beta, Verb::Accept, None).await.unwrap();
    step(&beta, Verb::Done, Some("The page is gone."))
        .await
        .unwrap();
    let link = step(&beta, Verb::Link, None).await.unwrap().link.unwrap();
    let seen = node.contestable(&link).unwrap();
    assert!(seen.open);
    assert_eq!(seen.case.case.request.contact, None);
    node.contest(&link, "It was a quotation.".into(), None)
        .await
        .unwrap();
    // Whoever decided does not review, and neither does who asked.
    let same = step(&beta, Verb::Reverse, Some("Yes.")).await;
    assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
    let sender = step(&alpha, Verb::Uphold, Some("No.")).await;
    assert!(matches!(sender, Err(Error::Conflict(_))), "{sender:?}");
    step(
        &Caller::Operator,
        Verb::Reverse,
        Some("A quotation is no incitement."),
    )
    .await
    .unwrap();
    step(&beta, Verb::Restore, Some("The page is back."))
        .await
        .unwrap();
    let case = node.request_case(&alpha, &id).unwrap();
    assert_eq!(
        (case.case.state, case.case.outcome),
        (State::Closed, Outcome::Reversed)
    );
    assert_eq!(case.steps.len(), 6);
    let third = node.request_case(&gamma, &id).unwrap();
    assert_eq!(third.sight, CaseSight::Facts);
    assert_eq!(third.case.request.title, "");
    assert!(
        third
            .steps
            .iter()
            .all(|step| step.step.words().unwrap_or_default().is_empty())
    );
}

#[tokio::test]
async fn silence_is_told_and_a_late_answer_is_late() {
    let journal: Arc<Memory> = Arc::new(Memory::default());
    let node = Node::on(Arc::clone(&journal) as _, Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, _] = members(&node).await;
    let sent = node
        .send_request(&alpha, takedown(Marking::Clear), Some("a"))
        .await
        .unwrap();
    let again = node
        .send_request(&alpha, takedown(Marking::Clear), Some("a"))
        .await
        .unwrap();
    assert_eq!(sent.case.position, again.case.position);
    let id = sent.case.request.id;
    drop(node);
    let mut seen = Vec::new();
    for day in [0, 8, 15, 30] {
        let clock = Clock::manual(Instant(NEW_YEAR.0 + day * DAY));
        let node = Node::on(Arc::clone(&journal) as _, clock).unwrap();
        node.advance_requests().await.unwrap();
        seen.push(node.request_case(&beta, &id).unwrap().steps.len());
        let waiting = node.requests_waiting(&beta, 10).unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(node.requests_waiting(&alpha, 10).unwrap().len(), 0);
    }
    assert_eq!(seen, [0, 1, 3, 4]);
    let clock = Clock::manual(Instant(NEW_YEAR.0 + 31 * DAY));
    let node = Node::on(journal, clock).unwrap();
    let case = node.request_case(&Caller::Anonymous, &id).unwrap();
    assert_eq!(case.case.outcome, Outcome::Unanswered);
    assert!(case.steps.iter().all(|step| step.role == Role::Clock));
    let step = NewStep::new(Verb::Decline, Some("We are not the host."));
    let late = node
        .step_request(&beta, &id, step, None)
        .await
        .unwrap()
        .case
        .case;
    assert!(late.answered.is_some() && !late.in_time);
    let page = node
        .requests(&Caller::Anonymous, &Query::default())
        .unwrap();
    assert_eq!(page.cases.len(), 1);
}
