//! Matches follow publishes, versions, revocations, expiry and sight.

use crate::fixture::{NEW_YEAR, id, indicator, marked, member, node, publish, shared};
use node::clock::Instant;
use node::{Caller, Node, Query, Versions};

fn hits(node: &Node, caller: &Caller, text: &str) -> Vec<(u64, String, String)> {
    node.wait_for_index().unwrap();
    let mut matcher = node.matcher(caller).unwrap();
    let mut found = Vec::new();
    let mut take = |hit: node::act::lookup::Match| found.push((hit.line, hit.found, hit.value));
    matcher.feed(text.as_bytes(), &mut take).unwrap();
    matcher.finish(&mut take).unwrap();
    found
}

#[tokio::test]
async fn a_hit_says_where_and_which_and_who() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let named = indicator(
        1,
        0,
        "evil.example",
        r#","name":"Bad place","labels":["hate-speech"]"#,
    );
    publish(&node, &alpha, &[named]).await;
    node.wait_for_index().unwrap();
    let mut matcher = node.matcher(&alpha).unwrap();
    let mut found = Vec::new();
    let text = b"fine\nGET hxxp://www.evil[.]example/x HTTP/1.1\n";
    matcher.feed(text, &mut |hit| found.push(hit)).unwrap();
    let [hit] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!((hit.line, hit.value.as_str()), (2, "evil.example"));
    assert_eq!(hit.signal.id, id(1));
    assert_eq!(hit.signal.name.as_deref(), Some("Bad place"));
    assert_eq!(
        (
            hit.signal.publisher.as_str(),
            hit.signal.publisher_name.as_str()
        ),
        ("alpha", "ALPHA")
    );
    assert_eq!(hit.signal.harm, Some(node::model::Harm::HateSpeech));
    assert_eq!(hit.signal.marking, node::model::Marking::Green);
}

#[tokio::test]
async fn only_the_newest_version_in_force_hits() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let count = |text: &str| hits(&node, &alpha, text).len();
    publish(&node, &alpha, &[indicator(1, 0, "old.example", "")]).await;
    assert_eq!(count("old.example"), 1);
    publish(&node, &alpha, &[indicator(1, 1, "new.example", "")]).await;
    assert_eq!((count("old.example"), count("new.example")), (0, 1));
    // Without its newest version the older one is in force again.
    let last = Query {
        versions: Versions::default(),
        ..Query::default()
    };
    node.withdraw(&alpha, "shared", &id(1), last).await.unwrap();
    assert_eq!((count("old.example"), count("new.example")), (1, 0));
    publish(
        &node,
        &alpha,
        &[indicator(1, 2, "old.example", r#","revoked":true"#)],
    )
    .await;
    assert_eq!(count("old.example"), 0);
    let until = |year: u32| format!(r#","valid_until":"{year}-06-01T00:00:00Z""#);
    publish(
        &node,
        &alpha,
        &[indicator(2, 0, "past.example", &until(2025))],
    )
    .await;
    publish(
        &node,
        &alpha,
        &[indicator(3, 0, "to-come.example", &until(2026))],
    )
    .await;
    assert!(node.now() == NEW_YEAR && Instant(0) < NEW_YEAR);
    assert_eq!((count("past.example"), count("to-come.example")), (0, 1));
}

#[tokio::test]
async fn a_hit_needs_the_same_sight_as_the_object() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(
        &node,
        &alpha,
        &[
            indicator(1, 0, "green.example", &marked("green")),
            indicator(2, 0, "amber.example", &marked("amber")),
            indicator(3, 0, "red.example", &marked("red")),
        ],
    )
    .await;
    let text = "green.example amber.example red.example";
    let count = async |party| hits(&node, &member(&node, party, "read").await, text).len();
    assert_eq!(count("alpha").await, 3);
    assert_eq!(count("beta").await, 2);
    assert_eq!(count("gamma").await, 1);
    assert_eq!(count("delta").await, 0);
    assert_eq!(hits(&node, &Caller::Anonymous, text).len(), 0);
    let values = ["red.example".to_owned()];
    assert_eq!(
        node.lookup(&member(&node, "beta", "read").await, &values)
            .unwrap()
            .len(),
        0
    );
    assert_eq!(node.lookup(&alpha, &values).unwrap().len(), 1);
}
