//! What the indicators count.

use std::sync::atomic::{AtomicI64, Ordering};

use node::act::identity::domains::Look;
use node::act::request::NewStep;
use node::identity::{DomainClaim, VERIFICATION};
use node::model::Marking;
use node::request::Verb;
use node::{Query, Versions};

use super::*;
use crate::requests::takedown;

/// What beta answered in time in the month of a day.
fn answered(node: &Node, day: Date) -> Reading {
    let all = node.readings(&Caller::Anonymous, "beta", day, day).unwrap();
    let mut all = all.into_iter();
    all.find(|one| one.indicator == Indicator::AnsweredInTime)
        .unwrap()
}

#[tokio::test]
async fn an_old_request_that_is_answered_hides_no_new_one_that_is_not() {
    let (journal, alpha, beta) = begun().await;
    let ask = async |day: i64| {
        let node = at(&journal, day);
        let sent = node.send_request(&alpha, takedown(Marking::Clear), None);
        sent.await.unwrap().case.request.id
    };
    let advance = async |day: i64| {
        at(&journal, day).advance_requests().await.unwrap();
    };
    let old = ask(0).await;
    advance(20).await;
    let january = answered(&at(&journal, 30), date(2026, 1, 5));
    assert_eq!((january.numerator, january.denominator), (0, Some(1)));
    // In February the old one is answered, late, and a new one is not.
    let node = at(&journal, 32);
    let step = NewStep::new(Verb::Decline, Some("We are not the host."));
    node.step_request(&beta, &old, step, None).await.unwrap();
    ask(33).await;
    advance(55).await;
    let node = at(&journal, 58);
    let february = answered(&node, date(2026, 2, 5));
    // The late one, and the one that stands unanswered.
    assert_eq!((february.numerator, february.denominator), (0, Some(2)));
    assert_eq!(answered(&node, date(2026, 1, 5)), january);
}

#[tokio::test]
async fn what_was_never_fetched_is_not_honoured() {
    let (journal, alpha, beta) = begun().await;
    let now = Arc::new(AtomicI64::new(NEW_YEAR.0 + 3 * DAY));
    // One node: who fetched what is known to it alone.
    let node = Node::on(journal, Clock::Set(Arc::clone(&now))).unwrap();
    shared(&node).await;
    for number in [1, 2] {
        let signal = indicator(number, 0, "a.example", "");
        assert!(publish(&node, &beta, &[signal]).await.failures.is_empty());
    }
    let only = Query {
        ids: node::view::object_key(&id(1)).map(|key| vec![key]),
        limit: 10,
        ..Query::default()
    };
    node.objects(&alpha, "shared", &only).unwrap();
    for number in [1, 2] {
        let query = Query {
            versions: Versions::All,
            ..Query::default()
        };
        let gone = node.withdraw(&beta, "shared", &id(number), query).await;
        gone.unwrap();
    }
    let own = node.withdrawals(&beta, 10).unwrap();
    for gone in own {
        node.acknowledge(&alpha, &gone.id).await.unwrap();
    }
    now.store(NEW_YEAR.0 + 20 * DAY, Ordering::Relaxed);
    let reading = reading(
        &node,
        &alpha,
        Indicator::WithdrawalsHonoured,
        date(2026, 1, 1),
    );
    let reading = reading.unwrap();
    assert_eq!((reading.numerator, reading.denominator), (1, Some(1)));
}

async fn claimed(node: &Node, alpha: &Caller, proved: bool) -> DomainClaim {
    let claim = node.claim_domain(alpha, "alpha", "alpha.example");
    let claim = claim.await.unwrap().what;
    if proved {
        let record = format!("{VERIFICATION}{}", claim.token);
        let look = Look::at_records(&claim, vec![record]);
        let seen = node.observe(&claim, vec![look], Validity::default());
        seen.await.unwrap();
    }
    claim
}

/// Looks at alpha's file on a day, which expires so many days after New Year; gives how many entries there
/// are then.
async fn look(node: &Node, claim: &DomainClaim, outcome: Outcome, expires: Option<i64>) -> u64 {
    let look = SecurityLook {
        outcome,
        words: "as seen".into(),
        contacts: vec!["mailto:security@alpha.example".into()],
        expires: expires.map(|day| Instant(NEW_YEAR.0 + day * DAY)),
    };
    let seen = node.observe_security_txt(claim, look, Validity::default());
    seen.await.unwrap();
    node.entries()
}

fn security(node: &Node) -> (u64, Option<u64>) {
    let of = Indicator::SecurityTxt;
    let reading = reading(node, &Caller::Anonymous, of, date(2026, 1, 1)).unwrap();
    (reading.numerator, reading.denominator)
}

#[tokio::test]
async fn days_with_a_valid_security_txt_are_counted_until_it_expires() {
    let (journal, alpha, _) = begun().await;
    let node = at(&journal, 3);
    let claim = claimed(&node, &alpha, true).await;
    // From 4 January to the end of the 13th, by its own word.
    let entries = look(&node, &claim, Outcome::Good, Some(13)).await;
    let again = look(&at(&journal, 4), &claim, Outcome::Good, Some(13)).await;
    assert_eq!(again, entries);
    let failed = look(&at(&journal, 5), &claim, Outcome::Unreachable, None).await;
    assert_eq!(failed, entries + 1);
    let node = at(&journal, 20);
    assert_eq!(security(&node), (10, Some(20)));
    look(&node, &claim, Outcome::Missing, None).await;
    let directory = at(&journal, 21).directory();
    let seen = directory.commitments();
    assert_eq!(seen.security_txt("alpha", "alpha.example").len(), 3);
}

#[tokio::test]
async fn a_file_on_a_domain_that_is_not_proved_is_not_counted() {
    let (journal, alpha, _) = begun().await;
    let node = at(&journal, 3);
    let claim = claimed(&node, &alpha, false).await;
    look(&node, &claim, Outcome::Good, Some(13)).await;
    assert_eq!(security(&at(&journal, 20)), (0, Some(20)));
}

#[tokio::test]
async fn a_file_that_is_always_good_for_a_year_is_written_when_the_other_is_near_its_end() {
    let (journal, alpha, _) = begun().await;
    let node = at(&journal, 3);
    let claim = claimed(&node, &alpha, true).await;
    let first = look(&node, &claim, Outcome::Good, Some(3 + 365)).await;
    for day in 4..20 {
        let entries = look(&at(&journal, day), &claim, Outcome::Good, Some(day + 365)).await;
        assert_eq!(entries, first, "day {day}");
    }
    // An earlier end is news.
    let earlier = look(&at(&journal, 20), &claim, Outcome::Good, Some(40)).await;
    assert_eq!(earlier, first + 1);
    // So is a later one when the end is near.
    let later = look(&at(&journal, 21), &claim, Outcome::Good, Some(400)).await;
    assert_eq!(later, first + 2);
}
