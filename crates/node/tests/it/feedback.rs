//! What parties say of signals reaches who published them, and nobody else.

use crate::fixture::{
    NEW_YEAR, collection, id, indicator, marked, member, node, opinion, publish, publish_in, say,
    shared, sighting,
};
use node::act::feedback::{FeedbackCounts, FeedbackItem, NewFeedback};
use node::act::manage::NewToken;
use node::clock::Instant;
use node::model::{Collection, FeedbackKind};
use node::{Caller, Error, Node, Query, Refusal, Versions};

fn inbox(node: &Node, caller: &Caller) -> Vec<FeedbackItem> {
    node.feedback_told(caller, None, 1000).unwrap().items
}

/// Who says what in an inbox.
fn told(node: &Node, caller: &Caller) -> Vec<(String, FeedbackKind)> {
    let items = inbox(node, caller).into_iter();
    items.map(|item| (item.author, item.kind)).collect()
}

fn counts(node: &Node, caller: &Caller, number: u32) -> FeedbackCounts {
    node.feedback_on(caller, &id(number)).unwrap().counts
}

fn whole(node: &Node, caller: &Caller, number: u32) -> usize {
    node.feedback_on(caller, &id(number)).unwrap().items.len()
}

const NOTHING: FeedbackCounts = FeedbackCounts {
    seen: 0,
    sightings: 0,
    not_malicious: 0,
    disagree: 0,
    agree: 0,
};

#[tokio::test]
async fn the_producer_is_told_who_says_what_and_nobody_else_is() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    let gamma = member(&node, "gamma", "read").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let seen = NewFeedback {
        count: Some(12),
        first_seen: Some(Instant(NEW_YEAR.0 - 9)),
        last_seen: Some(Instant(NEW_YEAR.0 - 3)),
        explanation: Some(" In our mail. ".into()),
        ..say(FeedbackKind::Seen)
    };
    let given = node.give_feedback(&beta, &id(1), seen).await.unwrap();
    assert_eq!((given.author_name.as_str(), given.count), ("BETA", 12));
    let items = inbox(&node, &alpha);
    let [item] = &items[..] else {
        panic!("{items:?}")
    };
    assert_eq!(
        (item.author.as_str(), item.kind),
        ("beta", FeedbackKind::Seen)
    );
    assert_eq!((item.signal.as_str(), item.count), (id(1).as_str(), 12));
    assert_eq!(item.explanation.as_deref(), Some("In our mail."));
    assert_eq!(item.last_seen, Some(Instant(NEW_YEAR.0 - 3)));
    let one = FeedbackCounts {
        seen: 1,
        sightings: 12,
        ..NOTHING
    };
    for concerned in [&alpha, &beta, &Caller::Operator] {
        assert_eq!(counts(&node, concerned, 1), one);
        assert_eq!(whole(&node, concerned, 1), 1);
    }
    // gamma sees the signal, and nothing of what beta says of it.
    assert_eq!(counts(&node, &gamma, 1), NOTHING);
    assert_eq!(whole(&node, &gamma, 1), 0);
    assert!(inbox(&node, &gamma).is_empty());
    assert!(inbox(&node, &beta).is_empty(), "its own words are no news");
    assert_eq!(told(&node, &Caller::Operator).len(), 1);
}

#[tokio::test]
async fn whoever_publishes_the_same_object_is_told_too() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    for publisher in [&alpha, &beta] {
        publish(&node, publisher, &[indicator(1, 0, "a.example", "")]).await;
    }
    let disagree = say(FeedbackKind::Disagree);
    node.give_feedback(&gamma, &id(1), disagree).await.unwrap();
    let expected = [("gamma".to_owned(), FeedbackKind::Disagree)];
    assert_eq!(told(&node, &alpha), expected);
    assert_eq!(told(&node, &beta), expected);
}

#[tokio::test]
async fn published_sightings_and_opinions_reach_the_producer_as_far_as_it_sees_them() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    // An object may stand before what it is about.
    publish(
        &node,
        &alpha,
        &[
            opinion(9, "agree", &id(2), ""),
            indicator(1, 0, "a.example", ""),
            indicator(2, 0, "b.example", ""),
        ],
    )
    .await;
    let objects = [
        sighting(1, &id(1), r#","count":4"#),
        opinion(1, "disagree", &id(1), r#","labels":["false-positive"]"#),
        opinion(2, "neutral", &id(1), ""),
        opinion(3, "strongly-disagree", &id(2), &marked("amber")),
        opinion(4, "disagree", &id(2), &marked("red")),
    ];
    let status = publish(&node, &beta, &objects).await;
    assert_eq!(status.failures, []);
    let said = |author: &str, kind| (author.to_owned(), kind);
    let for_alpha = [
        said("beta", FeedbackKind::Seen),
        said("beta", FeedbackKind::NotMalicious),
        said("beta", FeedbackKind::Disagree),
    ];
    assert_eq!(told(&node, &alpha), for_alpha, "not what is RED for it");
    let first = &inbox(&node, &alpha)[0];
    assert_eq!(
        first.object.as_deref(),
        Some("sighting--00000001-0000-4000-8000-000000000000")
    );
    let bytes = node.feedback_object(first).unwrap().unwrap();
    assert_eq!(bytes, objects[0], "as it was published");
    // gamma sees what is GREEN, and so that somebody says so.
    let green = FeedbackCounts {
        seen: 1,
        sightings: 4,
        not_malicious: 1,
        ..NOTHING
    };
    assert_eq!(
        (counts(&node, &gamma, 1), whole(&node, &gamma, 1)),
        (green, 0)
    );
    let agreed = FeedbackCounts {
        agree: 1,
        ..NOTHING
    };
    assert_eq!(
        (counts(&node, &gamma, 2), whole(&node, &gamma, 2)),
        (agreed, 0)
    );
    let amber = FeedbackCounts {
        disagree: 1,
        agree: 1,
        ..NOTHING
    };
    assert_eq!(counts(&node, &alpha, 2), amber);
}

#[tokio::test]
async fn what_a_published_opinion_says_stands_as_long_as_the_opinion() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let first = opinion(1, "disagree", &id(1), "");
    let second = first
        .replace(
            r#""modified":"2025-01-01T00:00"#,
            r#""modified":"2025-01-01T00:01"#,
        )
        .replace("disagree", "agree");
    let revoked = second
        .replace(
            r#""modified":"2025-01-01T00:01"#,
            r#""modified":"2025-01-01T00:02"#,
        )
        .replace(r#""object_refs""#, r#""revoked":true,"object_refs""#);
    publish(&node, &beta, &[first]).await;
    assert_eq!(counts(&node, &alpha, 1).disagree, 1);
    publish(&node, &beta, &[second]).await;
    let changed = FeedbackCounts {
        agree: 1,
        ..NOTHING
    };
    assert_eq!(
        counts(&node, &alpha, 1),
        changed,
        "of two versions the newest"
    );
    publish(&node, &beta, &[revoked]).await;
    assert_eq!(counts(&node, &alpha, 1), NOTHING);
    publish(&node, &beta, &[opinion(2, "agree", &id(1), "")]).await;
    assert_eq!(counts(&node, &alpha, 1), changed);
    let all = Query {
        versions: Versions::All,
        ..Query::default()
    };
    let gone = "opinion--00000002-0000-4000-8000-000000000000";
    node.withdraw(&beta, "shared", gone, all).await.unwrap();
    assert_eq!(counts(&node, &alpha, 1), NOTHING);
    assert!(inbox(&node, &alpha).is_empty());
}

#[tokio::test]
async fn of_a_partys_opinions_the_newest_counts_and_sightings_add_up() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    for kind in [
        FeedbackKind::Agree,
        FeedbackKind::NotMalicious,
        FeedbackKind::Seen,
        FeedbackKind::Seen,
    ] {
        node.give_feedback(&beta, &id(1), say(kind)).await.unwrap();
    }
    let expected = FeedbackCounts {
        seen: 2,
        sightings: 2,
        not_malicious: 1,
        ..NOTHING
    };
    assert_eq!(counts(&node, &alpha, 1), expected);
    assert_eq!(inbox(&node, &alpha).len(), 4, "the inbox keeps the story");
}

#[tokio::test]
async fn who_does_not_see_a_signal_learns_nothing_from_any_call() {
    let node = node().await;
    shared(&node).await;
    let circle = Collection {
        recipients: vec!["beta".into()],
        ..collection("closed")
    };
    node.set_collection(&Caller::Operator, circle)
        .await
        .unwrap();
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let red = indicator(1, 0, "red.example", &marked("red"));
    publish_in(&node, &alpha, "closed", &[red]).await;
    node.give_feedback(&beta, &id(1), say(FeedbackKind::Seen))
        .await
        .unwrap();
    let (hidden, absent) = (id(1), id(77));
    let entries = node.entries();
    for caller in [
        &gamma,
        &member(&node, "delta", "read").await,
        &Caller::Anonymous,
    ] {
        let entries = node.entries();
        for kind in FeedbackKind::ALL {
            let wrong = NewFeedback {
                count: Some(0),
                ..say(kind)
            };
            for new in [say(kind), wrong] {
                let one = node.give_feedback(caller, &hidden, new.clone()).await;
                let other = node.give_feedback(caller, &absent, new).await;
                assert_eq!(one.unwrap_err(), other.unwrap_err());
            }
        }
        let one = node.feedback_on(caller, &hidden).map(|_| ());
        assert_eq!(one, node.feedback_on(caller, &absent).map(|_| ()));
        assert_eq!(one, Err(Error::NotFound("object")));
        assert_eq!(node.entries(), entries, "nothing was written");
    }
    assert!(inbox(&node, &gamma).is_empty());
    assert!(node.entries() > entries, "but the token");
    // What is published about a signal that its sender does not see is an object like any other.
    publish(
        &node,
        &alpha,
        &[indicator(2, 0, "b.example", &marked("red"))],
    )
    .await;
    for (number, about) in [(5, id(2)), (6, absent.clone())] {
        let before = (node.entries(), inbox(&node, &alpha).len());
        publish(&node, &beta, &[opinion(number, "agree", &about, "")]).await;
        let after = (node.entries(), inbox(&node, &alpha).len());
        assert_eq!(after, (before.0 + 1, before.1), "{about}");
    }
    // One that its sender sees is told its publisher; who sees the opinion alone learns no more.
    let before = inbox(&node, &alpha).len();
    publish(&node, &beta, &[opinion(7, "agree", &hidden, "")]).await;
    assert_eq!(inbox(&node, &alpha).len(), before + 1);
    assert_eq!(
        node.feedback_on(&gamma, &hidden).map(|_| ()),
        Err(Error::NotFound("object"))
    );
}

#[tokio::test]
async fn a_token_for_other_collections_does_not_read_the_feedback() {
    let node = node().await;
    shared(&node).await;
    node.set_collection(&Caller::Operator, collection("other"))
        .await
        .unwrap();
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    node.give_feedback(&beta, &id(1), say(FeedbackKind::Agree))
        .await
        .unwrap();
    let limited = |collection: &str, scopes: &str| NewToken {
        party: "alpha".into(),
        account: "limited".into(),
        scopes: scopes.parse().unwrap(),
        collections: vec![collection.into()],
        expires: None,
    };
    let caller = async |collection, scopes| {
        let (secret, _) = node
            .create_token(&Caller::Operator, limited(collection, scopes))
            .await
            .unwrap();
        node.authenticate(&secret.text).unwrap()
    };
    assert_eq!(inbox(&node, &caller("shared", "read").await).len(), 1);
    assert!(inbox(&node, &caller("other", "read").await).is_empty());
    let writer = caller("shared", "publish").await;
    let refused = Err(Error::Refused(Refusal::ReadScope));
    assert_eq!(node.feedback_told(&writer, None, 9).map(|_| ()), refused);
    let given = node
        .give_feedback(&writer, &id(1), say(FeedbackKind::Agree))
        .await;
    assert_eq!(given.map(|_| ()), refused);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let seen = say(FeedbackKind::Seen);
    let at = |micros| Some(Instant(micros));
    let wrong = [
        (
            "count",
            NewFeedback {
                count: Some(0),
                ..seen.clone()
            },
        ),
        (
            "count",
            NewFeedback {
                count: Some(1),
                ..say(FeedbackKind::Agree)
            },
        ),
        (
            "last_seen",
            NewFeedback {
                last_seen: at(NEW_YEAR.0 + 86_400_000_000),
                ..seen.clone()
            },
        ),
        (
            "last_seen",
            NewFeedback {
                first_seen: at(9),
                last_seen: at(8),
                ..seen.clone()
            },
        ),
        (
            "explanation",
            NewFeedback {
                explanation: Some("x".repeat(2001)),
                ..seen.clone()
            },
        ),
        (
            "explanation",
            NewFeedback {
                explanation: Some("\u{1b}[2J".into()),
                ..seen.clone()
            },
        ),
    ];
    for (place, new) in wrong {
        match node.give_feedback(&alpha, &id(1), new.clone()).await {
            Err(Error::Invalid(words)) => assert!(words.contains(place), "{words}"),
            other => panic!("{new:?}: {other:?}"),
        }
    }
    let anonymous = node.give_feedback(&Caller::Anonymous, &id(1), seen).await;
    assert_eq!(anonymous.err(), Some(Error::Refused(Refusal::Anonymous)));
}

#[tokio::test]
async fn an_inbox_pages_and_goes_on() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    for _ in 0..7 {
        node.give_feedback(&beta, &id(1), say(FeedbackKind::Seen))
            .await
            .unwrap();
    }
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = node.feedback_told(&alpha, after, 3).unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(page.items.iter().map(|item| item.position));
        after = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]));
    let page = node.feedback_told(&alpha, after, 3).unwrap();
    assert_eq!((page.items.len(), page.next), (0, after));
    node.give_feedback(&beta, &id(1), say(FeedbackKind::Agree))
        .await
        .unwrap();
    assert_eq!(node.feedback_told(&alpha, after, 3).unwrap().items.len(), 1);
}
