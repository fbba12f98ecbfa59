//! Private matching: who may ask, how much in a day, and what of it the journal holds.

use std::sync::Arc;

use jiff::civil::date;
use journal::Journal as _;
use journal::memory::Memory;
use node::clock::{Clock, Instant};
use node::entry::{self, Act};
use node::model::PrivateSet;
use node::{Caller, Error, Node, Refusal};

use crate::fixture::{self, NEW_YEAR, member};

fn set(name: &str) -> PrivateSet {
    PrivateSet {
        name: name.into(),
        description: "for tests".into(),
        circle: None,
        parties: Vec::new(),
        daily: 100,
        outputs: 1024,
        digest: [7; 32],
    }
}

fn names(node: &Node, caller: &Caller) -> Vec<String> {
    let sets = node.private_sets(caller).unwrap();
    sets.into_iter().map(|set| set.name).collect()
}

#[tokio::test]
async fn sets_are_for_those_they_are_offered_to() {
    let node = fixture::node().await;
    let alpha = member(&node, "alpha", "read").await;
    let beta = member(&node, "beta", "read").await;
    let gamma = member(&node, "gamma", "read").await;
    let delta = member(&node, "delta", "read").await;
    let named = PrivateSet {
        parties: vec!["beta".into()],
        ..set("named")
    };
    for set in [set("open"), named] {
        let refused = node.offer_set(&alpha, set.clone()).await.unwrap_err();
        assert_eq!(refused, Refusal::AdministerScope.into());
        node.offer_set(&Caller::Operator, set).await.unwrap();
    }
    assert_eq!(names(&node, &alpha), ["open"]);
    assert_eq!(names(&node, &beta), ["named", "open"]);
    // in talks: its stance does not see amber; suspended: nothing
    assert!(names(&node, &gamma).is_empty() && names(&node, &delta).is_empty());
    let anonymous = node.private_sets(&Caller::Anonymous).unwrap_err();
    assert_eq!(anonymous, Refusal::Anonymous.into());
    // what is hidden is answered like what is not there
    let hidden = node.ask_set(&alpha, "named", 1).await.unwrap_err();
    assert_eq!(
        hidden,
        node.ask_set(&alpha, "nothing", 1).await.unwrap_err()
    );
    for wrong in [
        PrivateSet {
            name: "../up".into(),
            ..set("x")
        },
        PrivateSet {
            circle: Some("none".into()),
            ..set("x")
        },
        PrivateSet {
            parties: vec!["nobody".into()],
            ..set("x")
        },
        PrivateSet {
            daily: 0,
            ..set("x")
        },
    ] {
        let refused = node.offer_set(&Caller::Operator, wrong).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
    }
    node.remove_set(&Caller::Operator, "open").await.unwrap();
    assert!(names(&node, &alpha).is_empty());
}

#[tokio::test]
async fn a_days_number_is_kept_for_each_party_also_after_a_start() {
    let journal = Arc::new(Memory::default());
    let node = Node::on(Arc::clone(&journal) as _, Clock::manual(NEW_YEAR)).unwrap();
    fixture::furnish(&node).await;
    let alpha = member(&node, "alpha", "read").await;
    let beta = member(&node, "beta", "read").await;
    node.offer_set(&Caller::Operator, set("plans"))
        .await
        .unwrap();
    node.ask_set(&alpha, "plans", 60).await.unwrap();
    node.ask_set(&alpha, "plans", 40).await.unwrap();
    node.ask_set(&beta, "plans", 100).await.unwrap();
    let refused = node.ask_set(&alpha, "plans", 1).await.unwrap_err();
    assert!(matches!(refused, Error::Limit(_)), "{refused}");
    let none = node.ask_set(&alpha, "plans", 0).await.unwrap_err();
    assert!(matches!(none, Error::Invalid(_)), "{none}");
    let asked = node.asked_of_set(&Caller::Operator, "plans").unwrap();
    let told: Vec<(&str, u64)> = asked
        .iter()
        .map(|(party, asked)| (&party[..], asked.ever))
        .collect();
    assert_eq!(told, [("alpha", 100), ("beta", 100)]);
    assert_eq!(asked[0].1.day, date(2026, 1, 1));
    drop(node);
    // the same journal, the same day; then the next
    let node = Node::on(Arc::clone(&journal) as _, Clock::manual(NEW_YEAR)).unwrap();
    assert!(node.ask_set(&alpha, "plans", 1).await.is_err());
    drop(node);
    let tomorrow = Instant(NEW_YEAR.0 + 86_400_000_000);
    let node = Node::on(Arc::clone(&journal) as _, Clock::manual(tomorrow)).unwrap();
    node.ask_set(&alpha, "plans", 100).await.unwrap();
    let asked = node.asked_of_set(&Caller::Operator, "plans").unwrap();
    assert_eq!((asked[0].1.that_day, asked[0].1.ever), (100, 200));
    // an entry says who, how many and when, and nothing else
    let stored = journal.read(journal::Position(0), 1000, 1 << 20).unwrap();
    let entries = stored
        .iter()
        .map(|record| entry::decode(&record.body).unwrap());
    let acts: Vec<_> = entries
        .filter(|entry| entry.act.name() == "private-match")
        .map(|entry| (entry.actor.party.into_owned(), entry.act))
        .collect();
    assert_eq!(acts.len(), 4);
    let first = Act::PrivateMatch {
        set: "plans".into(),
        elements: 60,
    };
    assert_eq!(acts[0], ("alpha".to_owned(), first));
}
