//! Images are matched by hashes that are near, as far as the caller sees.

use std::sync::Arc;

use crate::fixture::{NEW_YEAR, furnish, id, indicator, marked, member, node, publish, shared};
use journal::Journal;
use journal::memory::Memory;
use matching::pdq::Pdq;
use node::clock::Clock;
use node::{Caller, Node, Query};

/// The hash of a number: no two of these are near.
fn hash(number: u64) -> Pdq {
    let mut state = number;
    Pdq::from_words([(); 4].map(|()| {
        state = (state ^ state >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        state ^ state >> 29
    }))
}

/// With its lowest bits turned over.
fn turned(hash: Pdq, bits: u32) -> Pdq {
    let [low, b, c, d] = *hash.words();
    Pdq::from_words([low ^ ((1 << bits) - 1), b, c, d])
}

fn image(number: u32, minute: u32, hash: Pdq, rest: &str) -> String {
    indicator(number, minute, "a.example", rest).replace(
        "domain-name:value = 'a.example'",
        &format!("file:hashes.PDQ = '{hash}'"),
    )
}

/// Distance and id of each signal near a hash that fires.
fn near(node: &Node, caller: &Caller, hash: Pdq) -> Vec<(u32, String)> {
    node.wait_for_index().unwrap();
    let found = node.near_images(caller, &hash, 31).unwrap();
    let firing = found.iter().filter(|hit| hit.fires());
    firing
        .map(|hit| (hit.distance, hit.signal.id.clone()))
        .collect()
}

#[tokio::test]
async fn near_hashes_hit_those_who_see_them_the_nearest_first() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let known = hash(1);
    let objects = [
        image(1, 0, turned(known, 9), &marked("amber")),
        image(2, 0, turned(known, 31), &marked("green")),
        image(3, 0, turned(known, 32), &marked("green")),
        image(4, 0, known, &marked("red")),
    ];
    publish(&node, &alpha, &objects).await;
    let of_alpha = near(&node, &alpha, known);
    assert_eq!(of_alpha, [(0, id(4)), (9, id(1)), (31, id(2))]);
    let beta = member(&node, "beta", "read").await;
    assert_eq!(near(&node, &beta, known), of_alpha[1..]);
    let gamma = member(&node, "gamma", "read").await;
    assert_eq!(near(&node, &gamma, known), of_alpha[2..]);
    assert_eq!(near(&node, &Caller::Anonymous, known), []);
    let writer = member(&node, "alpha", "publish").await;
    assert!(node.near_images(&writer, &known, 31).is_err());
}

#[tokio::test]
async fn versions_revocations_withdrawals_and_ends_are_followed() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let (old, new) = (hash(1), hash(2));
    publish(&node, &alpha, &[image(1, 0, old, "")]).await;
    publish(&node, &alpha, &[image(1, 1, new, "")]).await;
    assert_eq!(near(&node, &alpha, old), []);
    assert_eq!(near(&node, &alpha, new), [(0, id(1))]);
    publish(&node, &alpha, &[image(1, 2, new, r#","revoked":true"#)]).await;
    let found = node.near_images(&alpha, &new, 31).unwrap();
    assert_eq!(found[0].why[0].as_str(), "revoked");
    let past = r#","valid_until":"2025-06-01T00:00:00Z""#;
    publish(&node, &alpha, &[image(2, 0, old, past)]).await;
    let found = node.near_images(&alpha, &old, 31).unwrap();
    assert_eq!(found[0].why[0].as_str(), "expired");
    node.withdraw(&alpha, "shared", &id(2), Query::default())
        .await
        .unwrap();
    assert!(node.near_images(&alpha, &old, 31).unwrap().is_empty());
}

#[tokio::test]
async fn each_of_many_is_found_once_also_after_a_start() {
    const MANY: u32 = 5000;
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let open = || Node::on(Arc::clone(&journal), Clock::manual(NEW_YEAR)).unwrap();
    let node = open();
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let objects: Vec<String> = (0..MANY)
        .map(|number| image(number, 0, hash(number.into()), ""))
        .collect();
    for some in objects.chunks(1000) {
        publish(&node, &alpha, some).await;
    }
    let all_are_found = |node: &Node| {
        for number in (0..MANY).step_by(97) {
            let seen = turned(hash(number.into()), number % 32);
            assert_eq!(near(node, &alpha, seen), [(number % 32, id(number))]);
        }
    };
    all_are_found(&node);
    drop(node);
    all_are_found(&open());
}
