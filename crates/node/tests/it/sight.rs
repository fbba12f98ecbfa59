//! Who sees what.

use crate::fixture::{all, collection, indicator, marked, member, node, publish_in};
use node::model::Collection;
use node::{Caller, Error, Refusal};

const MARKINGS: [&str; 5] = ["clear", "green", "amber", "amber+strict", "red"];

/// A node with one collection, into which alpha published one object of each marking.
async fn marked_node(settings: Collection) -> node::Node {
    let node = node().await;
    node.set_collection(&Caller::Operator, settings)
        .await
        .unwrap();
    let alpha = member(&node, "alpha", "publish").await;
    for (number, marking) in (1..).zip(MARKINGS) {
        let object = indicator(number, 0, "a.example", &marked(marking));
        let status = publish_in(&node, &alpha, "marked", &[object]).await;
        assert_eq!(status.failures, []);
    }
    node
}

fn seen(node: &node::Node, caller: &Caller) -> Option<usize> {
    node.collection(caller, "marked").ok()?;
    let objects = all(node, caller, "marked").len();
    assert_eq!(
        node.count(caller, "marked", None),
        Ok(objects as u64),
        "counts leak nothing"
    );
    Some(objects)
}

#[tokio::test]
async fn stance_and_marking_decide() {
    let node = marked_node(Collection {
        public: true,
        ..collection("marked")
    })
    .await;
    let sees = async |party| seen(&node, &member(&node, party, "read").await);
    assert_eq!(sees("alpha").await, Some(5), "the publisher sees its own");
    assert_eq!(sees("beta").await, Some(3), "signed: up to AMBER");
    assert_eq!(sees("gamma").await, Some(2), "in talks: up to GREEN");
    assert_eq!(sees("delta").await, Some(1), "suspended: CLEAR");
    assert_eq!(seen(&node, &Caller::Anonymous), Some(1), "anyone: CLEAR");
    assert_eq!(seen(&node, &Caller::Operator), Some(5));
}

#[tokio::test]
async fn named_recipients_see_red_and_nobody_else_does() {
    let settings = Collection {
        recipients: vec!["gamma".into()],
        ..collection("marked")
    };
    let node = marked_node(settings).await;
    let gamma = member(&node, "gamma", "read").await;
    // GREEN by stance, AMBER+STRICT and RED by name; AMBER is a matter of stance alone.
    assert_eq!(seen(&node, &gamma), Some(4));
    assert_eq!(seen(&node, &member(&node, "beta", "read").await), Some(3));
}

#[tokio::test]
async fn a_private_collection_does_not_exist_for_outsiders() {
    let node = marked_node(collection("marked")).await;
    assert_eq!(seen(&node, &Caller::Anonymous), None);
    assert_eq!(seen(&node, &member(&node, "delta", "read").await), None);
    let error = node.may_publish(&Caller::Anonymous, "marked");
    assert_eq!(
        error,
        node.may_publish(&Caller::Anonymous, "no-such-collection")
    );
}

#[tokio::test]
async fn a_token_narrows_and_never_widens() {
    let node = marked_node(collection("marked")).await;
    let writer = member(&node, "beta", "publish").await;
    let read = node.objects(
        &writer,
        "marked",
        &node::Query {
            limit: 1,
            ..<_>::default()
        },
    );
    assert_eq!(read.err(), Some(Error::Refused(Refusal::ReadScope)));
    let reader = member(&node, "beta", "read").await;
    let write = node.may_publish(&reader, "marked");
    assert_eq!(write, Err(Error::Refused(Refusal::PublishScope)));
    let talks = member(&node, "gamma", "read,publish").await;
    assert_eq!(
        node.may_publish(&talks, "marked"),
        Err(Error::Refused(Refusal::Stance))
    );
}

#[tokio::test]
async fn less_trust_never_sees_more() {
    // Every caller of a lower rank sees a part of what every caller of a higher rank sees.
    for public in [true, false] {
        let node = marked_node(Collection {
            public,
            ..collection("marked")
        })
        .await;
        let mut ranks = vec![Caller::Anonymous];
        for party in ["delta", "gamma", "beta", "alpha"] {
            ranks.push(member(&node, party, "read").await);
        }
        ranks.push(Caller::Operator);
        let sights: Vec<Vec<String>> = ranks
            .iter()
            .map(|caller| seen(&node, caller).map_or(Vec::new(), |_| all(&node, caller, "marked")))
            .collect();
        for pair in sights.windows(2) {
            assert!(
                pair[0].iter().all(|object| pair[1].contains(object)),
                "{pair:?}"
            );
        }
    }
}
