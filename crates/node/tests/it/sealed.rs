//! What the public leaves tell, and what they hide.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journal::memory::Memory;
use journal::{Journal, Position, Stored};
use node::act::erase::{Asked, Step};
use node::clock::{Clock, Instant};
use node::entry::{self, Act};
use node::erasure::What;
use node::model::FeedbackKind;
use node::{Caller, Node, Query, Versions};

use crate::fixture::{
    NEW_YEAR, all, collection, furnish, id, indicator, marked, member, publish, publish_in, say,
    shared,
};

/// A node on a journal that the test can read.
async fn opened() -> (Node, Arc<dyn Journal>) {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let at = Instant(NEW_YEAR.0 + 12_345_678_901);
    let node = Node::on(Arc::clone(&journal), Clock::manual(at)).unwrap();
    furnish(&node).await;
    shared(&node).await;
    (node, journal)
}

fn records(journal: &Arc<dyn Journal>, from: u64) -> Vec<Stored> {
    journal
        .read(Position(from), usize::MAX, usize::MAX)
        .unwrap()
}

fn leaf(stored: &Stored) -> serde_json::Value {
    serde_json::from_slice(&stored.leaf).unwrap()
}

fn sealed(journal: &Arc<dyn Journal>) -> Vec<Stored> {
    let mut all = records(journal, 0);
    all.retain(|stored| entry::is_sealed(&stored.leaf));
    all
}

/// A node on which every kind of act on something RED happens, and one erasure.
async fn red_story() -> (Node, Arc<dyn Journal>) {
    let (node, journal) = opened().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let mut red = collection("red");
    red.recipients = vec!["beta".into()];
    node.set_collection(&Caller::Operator, red).await.unwrap();
    let beta = member(&node, "beta", "read,publish").await;
    let objects = [
        indicator(1, 0, "a.example", &marked("red")),
        indicator(2, 0, "b.example", &marked("red")),
    ];
    publish_in(&node, &alpha, "red", &objects).await;
    all(&node, &beta, "red");
    node.give_feedback(&beta, &id(1), say(FeedbackKind::Seen))
        .await
        .unwrap();
    let status = publish_in(&node, &beta, "red", &objects[..1]).await;
    assert_eq!(status.failures, []);
    let every = Query {
        versions: Versions::All,
        ..Query::default()
    };
    node.withdraw(&alpha, "red", &id(2), every).await.unwrap();
    let open = node.unacknowledged(&beta, 10).unwrap();
    node.acknowledge(&beta, &open[0].id).await.unwrap();
    let asked = Asked {
        what: What::Object(id(1)),
        reason: "Asked for.".into(),
        public: false,
        with_feedback: true,
        forget_id: false,
    };
    node.erase(&alpha, Some(asked.clone()), Step::Propose)
        .await
        .unwrap();
    node.erase(&Caller::Operator, Some(asked), Step::Erase)
        .await
        .unwrap();
    (node, journal)
}

#[tokio::test]
async fn sealed_leaves_of_different_acts_look_the_same() {
    let (_node, journal) = red_story().await;
    let sealed = sealed(&journal);
    let acts: BTreeSet<&str> = sealed
        .iter()
        .filter(|stored| !stored.body.is_empty())
        .map(|stored| {
            entry::decode_verified(&stored.leaf, &stored.body)
                .unwrap()
                .act
                .name()
        })
        .collect();
    let expected = [
        "acknowledgement",
        "attribution",
        "erasure",
        "erasure-proposal",
        "object",
        "padding",
        "withdrawal",
    ];
    assert_eq!(acts, expected.into());
    let lengths: BTreeSet<usize> = sealed.iter().map(|stored| stored.leaf.len()).collect();
    assert_eq!(lengths, [173].into(), "one length");
    let mut commitments = BTreeSet::new();
    for stored in &sealed {
        let leaf = leaf(stored);
        let keys: Vec<&String> = leaf.as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 5);
        assert_eq!(leaf["party"], "");
        assert_eq!(leaf["act"], "sealed");
        assert_eq!(leaf["time"], "2026-01-01T03:00:00Z", "the hour, no more");
        let two = leaf["commitments"].as_array().unwrap();
        assert_eq!(two.len(), 2);
        for one in two {
            let one = one.as_str().unwrap();
            assert_eq!(STANDARD.decode(one).unwrap().len(), 32);
            assert!(commitments.insert(one.to_owned()), "none stands twice");
        }
    }
}

#[tokio::test]
async fn red_objects_leave_no_other_leaf_that_names_them() {
    let (_node, journal) = red_story().await;
    for stored in records(&journal, 0) {
        if stored.body.is_empty() || entry::is_sealed(&stored.leaf) {
            continue;
        }
        let entry = entry::decode_verified(&stored.leaf, &stored.body).unwrap();
        let about_objects = matches!(
            entry.act,
            Act::Object { .. }
                | Act::Withdrawal { .. }
                | Act::Attribution { .. }
                | Act::Acknowledgement(_)
                | Act::Feedback(_)
                | Act::Erasure(_)
                | Act::ErasureProposal(_)
        );
        assert!(!about_objects, "{}", leaf(&stored));
    }
}

/// Whatever number of RED objects one envelope has, the sealed leaves come in eights.
#[tokio::test]
async fn the_number_of_sealed_leaves_of_a_batch_is_a_multiple_of_eight() {
    let (node, journal) = opened().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let mut places = BTreeSet::new();
    for count in [1, 7, 8, 9, 1, 1, 1, 1, 1, 1] {
        let from = node.entries();
        let objects: Vec<String> = (0..count)
            .map(|n| {
                let number = u32::try_from(from).unwrap() * 100 + n;
                indicator(number, 0, "a.example", &marked("red"))
            })
            .collect();
        publish(&node, &alpha, &objects).await;
        let batch = records(&journal, from);
        assert!(
            !batch.is_empty() && batch.len().is_multiple_of(8),
            "{} leaves",
            batch.len()
        );
        assert!(batch.iter().all(|stored| entry::is_sealed(&stored.leaf)));
        let is_object = |stored: &Stored| {
            matches!(entry::decode(&stored.body).unwrap().act, Act::Object { .. })
        };
        assert_eq!(
            batch.iter().filter(|stored| is_object(stored)).count(),
            count as usize
        );
        if count == 1 {
            places.insert(batch.iter().position(is_object));
        }
    }
    assert!(
        places.len() > 1,
        "a single act is not always at the same place"
    );
    let from = node.entries();
    publish(
        &node,
        &alpha,
        &[indicator(9_999_999, 0, "a.example", &marked("amber"))],
    )
    .await;
    assert_eq!(
        records(&journal, from).len(),
        1,
        "what is not RED pays nothing"
    );
}

#[tokio::test]
async fn the_holder_of_a_body_can_show_who_did_what_when_and_not_more() {
    let (node, journal) = opened().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(
        &node,
        &alpha,
        &[indicator(1, 0, "a.example", &marked("red"))],
    )
    .await;
    let is_object =
        |stored: &&Stored| matches!(entry::decode(&stored.body).unwrap().act, Act::Object { .. });
    let sealed = sealed(&journal);
    let stored = sealed.iter().find(is_object).unwrap();
    let opening = entry::sealed_facts(&stored.body).unwrap();
    assert_eq!(
        opening.line,
        "entente/sealed/v1\nalpha\nobject\n2026-01-01T03:25:45Z\n"
    );
    let told = STANDARD.encode(entry::commitment(&opening.salt, opening.line.as_bytes()));
    let leaf_text = String::from_utf8(stored.leaf.to_vec()).unwrap();
    assert!(leaf_text.contains(&told));
    // The salt that was shown does not open what was written.
    let Act::Object { bytes, .. } = entry::decode(&stored.body).unwrap().act else {
        panic!()
    };
    assert!(!leaf_text.contains(&STANDARD.encode(entry::commitment(&opening.salt, bytes))));
    // A body moved under another sealed leaf is found out, also where only the facts differ.
    for other in sealed
        .iter()
        .filter(|other| other.position != stored.position)
    {
        assert!(entry::decode_verified(&other.leaf, &stored.body).is_err());
    }
    let mut forged = stored.leaf.to_vec();
    let at = forged
        .windows(13)
        .position(|at| at == b"2026-01-01T03")
        .unwrap();
    forged[at + 12] = b'4';
    assert!(entry::decode_verified(&forged, &stored.body).is_err());
}

/// Who knows every likely body finds none of them in the log without its salt.
#[tokio::test]
async fn commitments_hide_what_is_guessed_and_equal_bodies_do_not_show_equal() {
    let (node, journal) = opened().await;
    let other = collection("other");
    node.set_collection(&Caller::Operator, other).await.unwrap();
    let alpha = member(&node, "alpha", "read,publish").await;
    let from = node.entries();
    let object = indicator(1, 0, "a.example", "");
    publish_in(&node, &alpha, "shared", std::slice::from_ref(&object)).await;
    publish_in(&node, &alpha, "other", std::slice::from_ref(&object)).await;
    let twice = records(&journal, from);
    assert_eq!(twice.len(), 2);
    let commitment = |stored: &Stored| leaf(stored)["commitments"][0].as_str().unwrap().to_owned();
    assert_ne!(commitment(&twice[0]), commitment(&twice[1]));
    // A dictionary that holds the body, under salts that are likely for who has none.
    let log: BTreeSet<String> = twice.iter().map(commitment).collect();
    let mut dictionary: Vec<String> = (0..200).map(|n| indicator(n, 0, "a.example", "")).collect();
    dictionary.push(object.clone());
    for body in &dictionary {
        for salt in [&[][..], &[0; 16], &[0xff; 16], b"a.example"] {
            let guess = STANDARD.encode(entry::commitment(salt, body.as_bytes()));
            assert!(!log.contains(&guess));
        }
    }
    // With its salt, which is in the body, it is found.
    let salt = &twice[0].body[1..17];
    assert!(log.contains(&STANDARD.encode(entry::commitment(salt, object.as_bytes()))));
    assert_ne!(salt, &twice[1].body[1..17], "no salt is drawn twice");
}
