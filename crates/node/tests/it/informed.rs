//! News, inboxes and what webhooks are told, of a party's own matters.

use std::sync::Arc;

use jiff::civil::date;
use journal::memory::Memory;
use node::act::happenings::{About, Happening, Wanted};
use node::act::inbox::ItemKind;
use node::act::news::{Asked, Fact, Topic, What};
use node::act::request::{NewRequest, NewStep};
use node::clock::{Clock, DAY, Instant};
use node::model::{FeedbackKind, Marking};
use node::pledge::{Basis, Precision, Stance, StanceChange};
use node::request::{Kind, Verb};
use node::{Caller, Error, Node, Refusal};

use crate::fixture::{NEW_YEAR, furnish, id, indicator, member, publish, say, shared};
use crate::requests::takedown;

fn news(node: &Node, caller: &Caller, topics: &[Topic], after: Instant) -> Vec<Fact> {
    let asked = Asked {
        topics,
        after,
        until: Instant(i64::MAX),
        limit: 100,
    };
    node.news(caller, &asked).unwrap()
}

fn kinds(node: &Node, caller: &Caller) -> Vec<ItemKind> {
    let waiting = node.inbox(caller, None).unwrap();
    waiting.items.iter().map(|item| item.kind).collect()
}

#[tokio::test]
async fn a_stance_is_news_once_and_what_was_known_before_is_not() {
    let node = Node::in_memory(Clock::Stepping(NEW_YEAR.0.into(), 1000)).unwrap();
    furnish(&node).await;
    let before = node.reached().unwrap();
    let change = StanceChange {
        party: "gamma".into(),
        stance: Stance::Signed,
        since: date(2026, 1, 1),
        basis: Basis::SignedOn,
        precision: Precision::Day,
        source: Some("text".into()),
        note: None,
    };
    node.set_stance(&Caller::Operator, change).await.unwrap();
    let facts = news(&node, &Caller::Anonymous, &[Topic::Register], before);
    let [fact] = &facts[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(fact.party, "gamma");
    assert!(matches!(
        fact.what,
        What::Stance {
            stance: Stance::Signed,
            before: Some(Stance::InTalks),
            ..
        }
    ));
    let now = node.reached().unwrap();
    assert!(news(&node, &Caller::Anonymous, Topic::ALL, now).is_empty());
}

#[tokio::test]
async fn requests_wait_for_whose_turn_it_is_and_are_told_as_far_as_one_sees() {
    let journal = Arc::new(Memory::default());
    let node = Node::on(journal.clone(), Clock::manual(NEW_YEAR)).unwrap();
    furnish(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let before = node.reached().unwrap();
    let sent = node
        .send_request(&alpha, takedown(Marking::Amber), None)
        .await
        .unwrap();
    let hidden = NewRequest {
        kind: Kind::Assistance,
        ..takedown(Marking::Red)
    };
    node.send_request(&alpha, hidden, None).await.unwrap();
    let case = sent.case.request.id;
    assert_eq!(kinds(&node, &beta), [ItemKind::Acknowledge; 2]);
    assert_eq!(kinds(&node, &alpha), []);
    assert_eq!(kinds(&node, &gamma), []);
    let anonymous = node.inbox(&Caller::Anonymous, None);
    assert_eq!(anonymous.unwrap_err(), Error::Refused(Refusal::Anonymous));
    // Anybody learns that it was asked, and nobody of what is RED.
    for (caller, title, known) in [
        (&Caller::Anonymous, "", 1),
        (&gamma, "", 1),
        (&beta, "Incitement on page 7", 2),
    ] {
        let facts = news(&node, caller, &[Topic::Requests], before);
        assert_eq!(facts.len(), known, "{caller:?}");
        let What::Request(about) = &facts[0].what else {
            panic!("{facts:?}")
        };
        assert_eq!(
            (about.from.as_str(), about.title.as_str()),
            ("alpha", title)
        );
    }
    let ask = NewStep::new(Verb::Ask, Some("Which page 7?"));
    node.step_request(&beta, &case, ask, None).await.unwrap();
    assert_eq!(kinds(&node, &alpha), [ItemKind::Question]);
    assert_eq!(kinds(&node, &beta), [ItemKind::Acknowledge]);
    drop(node);
    // Later the other one is late; it comes first, and it came before the steward.
    let later = Instant(NEW_YEAR.0 + 17 * DAY);
    let node = Node::on(journal, Clock::manual(later)).unwrap();
    let waiting = node.inbox(&beta, None).unwrap();
    assert!(waiting.items[0].is_overdue(later));
    assert_eq!(node.inbox(&beta, Some(later)).unwrap().items, []);
    while node.advance_requests().await.unwrap() > 0 {}
    assert_eq!(kinds(&node, &Caller::Operator), [ItemKind::Escalated]);
}

#[tokio::test]
async fn a_webhook_is_told_of_its_partys_matters_in_the_order_of_the_journal() {
    let node = Node::in_memory(Clock::Stepping(NEW_YEAR.0.into(), 1000)).unwrap();
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let before = node.reached().unwrap();
    let sent = node
        .send_request(&alpha, takedown(Marking::Amber), None)
        .await
        .unwrap();
    publish(&node, &beta, &[indicator(1, 0, "one.example", "")]).await;
    node.give_feedback(&alpha, &id(1), say(FeedbackKind::NotMalicious))
        .await
        .unwrap();
    let accept = NewStep::new(Verb::Accept, None);
    let case = sent.case.request.id;
    node.step_request(&beta, &case, accept, None).await.unwrap();
    let told = |caller: &Caller, after: i64, limit| {
        let mut wanted = Wanted {
            about: About::ALL.to_vec(),
            ..Wanted::default()
        };
        (wanted.since.after, wanted.since.limit) = (Some(after), limit);
        node.happenings(caller, &wanted).unwrap()
    };
    let word = |one: &Happening| match one {
        Happening::Signal(_) => "signal",
        Happening::Request(request) if request.is_received() => "received",
        Happening::Request(_) => "changed",
        Happening::Feedback(_) => "feedback",
        Happening::Letter(_) => "letter",
    };
    let (whole, more) = told(&beta, before.0, 100);
    assert!(!more);
    let words: Vec<_> = whole.iter().map(word).collect();
    assert_eq!(words, ["received", "signal", "feedback", "changed"]);
    // The same one at a time, and each again at its own place.
    let (mut after, mut singly) = (before.0, Vec::new());
    loop {
        let (page, more) = told(&beta, after, 1);
        let Some(one) = page.first() else {
            assert!(!more);
            break;
        };
        assert_eq!(told(&beta, one.at() - 1, 1).0[0].at(), one.at());
        after = one.at();
        singly.push(word(one));
    }
    assert_eq!(singly, words);
    // What is sought at one place is sought no further.
    for (place, found) in [(whole[0].at(), 1), (before.0, 0)] {
        let mut wanted = Wanted {
            about: About::ALL.to_vec(),
            until: Some(place),
            ..Wanted::default()
        };
        (wanted.since.after, wanted.since.limit) = (Some(before.0), 100);
        let (page, more) = node.happenings(&beta, &wanted).unwrap();
        assert_eq!((page.len(), more), (found, false));
    }
    let (others, _) = told(&gamma, before.0, 100);
    assert_eq!(others.iter().map(word).collect::<Vec<_>>(), ["signal"]);
    // The sender hears that it is accepted, not that it was received.
    let (sender, _) = told(&alpha, before.0, 100);
    let sender: Vec<_> = sender.iter().map(word).collect();
    assert_eq!(sender, ["changed", "signal", "changed"]);
}

#[tokio::test]
async fn the_first_entry_after_an_instant_is_found() {
    let node = Node::in_memory(Clock::Stepping(NEW_YEAR.0.into(), 1000)).unwrap();
    furnish(&node).await;
    assert_eq!(node.first_after(Instant(0)).unwrap(), 0);
    assert_eq!(node.first_after(Instant(i64::MAX)).unwrap(), node.entries());
    let last = node.reached().unwrap();
    assert_eq!(node.first_after(last).unwrap(), node.entries());
    let before = Instant(last.0 - 1);
    assert_eq!(node.first_after(before).unwrap(), node.entries() - 1);
}
