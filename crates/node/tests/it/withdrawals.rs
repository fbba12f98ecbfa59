//! Withdrawals that travel, and objects that two parties publish.

use node::act::changes::{ChangeKind, Since};
use node::act::withdrawals::Peer;
use node::{Caller, Node, Query, Versions};

use crate::fixture::{all, id, indicator, marked, member, node, publish, shared};

fn changes(node: &Node, caller: &Caller) -> Vec<(ChangeKind, String)> {
    let since = Since {
        limit: 100,
        ..Since::default()
    };
    let (changes, more) = node.changes(caller, &since).unwrap();
    assert!(!more);
    assert!(changes.windows(2).all(|pair| pair[0].at < pair[1].at));
    changes
        .into_iter()
        .map(|change| (change.kind, change.object))
        .collect()
}

async fn withdraw(node: &Node, caller: &Caller, number: u32) -> Result<usize, node::Error> {
    let query = Query {
        versions: Versions::All,
        ..Query::default()
    };
    node.withdraw(caller, "shared", &id(number), query).await
}

#[tokio::test]
async fn a_withdrawal_is_told_to_those_who_saw_what_is_gone() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    let gamma = member(&node, "gamma", "read").await;
    publish(
        &node,
        &alpha,
        &[
            indicator(1, 0, "a.example", &marked("green")),
            indicator(2, 0, "b.example", &marked("amber")),
        ],
    )
    .await;
    assert!(node.collection(&beta, "shared-withdrawn").is_ok());
    let listed = |caller| node.collections_and_companions(caller).unwrap().len();
    assert_eq!(listed(&beta), 1, "an empty companion is not listed");
    for number in [1, 2] {
        assert_eq!(withdraw(&node, &alpha, number).await, Ok(1));
    }
    assert_eq!((listed(&beta), listed(&gamma)), (2, 2));
    let notices = all(&node, &beta, "shared-withdrawn");
    assert_eq!(notices.len(), 2);
    for (notice, number) in notices.iter().zip([1, 2]) {
        let note = stix::Object::parse(notice.as_bytes()).unwrap();
        assert_eq!(note.type_name(), "note");
        assert_eq!(note.labels(), ["withdrawn"]);
        assert_eq!(
            note.member("object_refs"),
            Some(&*format!("[\"{}\"]", id(number)))
        );
        assert!(
            !notice.contains(".example"),
            "nothing but the id is repeated"
        );
    }
    // Gamma did not see AMBER, and does not hear of its end.
    assert_eq!(all(&node, &gamma, "shared-withdrawn").len(), 1);
    assert_eq!(changes(&node, &gamma), [(ChangeKind::Withdrawn, id(1))]);
    assert_eq!(
        changes(&node, &beta),
        [
            (ChangeKind::Withdrawn, id(1)),
            (ChangeKind::Withdrawn, id(2))
        ]
    );
    let into = node.may_publish(&alpha, "shared-withdrawn");
    assert!(into.is_err(), "parties publish no notices");
}

#[tokio::test]
async fn a_part_of_the_versions_is_told_as_such() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    publish(&node, &alpha, &[indicator(1, 5, "b.example", "")]).await;
    let first = Query {
        versions: Versions::Any {
            last: false,
            first: true,
            at: Vec::new(),
        },
        ..Query::default()
    };
    assert_eq!(node.withdraw(&alpha, "shared", &id(1), first).await, Ok(1));
    assert_eq!(
        changes(&node, &alpha),
        [
            (ChangeKind::Added, id(1)),
            (ChangeKind::VersionsWithdrawn, id(1))
        ]
    );
    let notices = all(&node, &alpha, "shared-withdrawn");
    assert!(notices[0].contains("version-withdrawn"));
    assert!(notices[0].contains("2025-01-01T00:00:00.000Z"));
}

#[tokio::test]
async fn the_publisher_sees_who_was_told_and_who_acknowledged() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    let gamma = member(&node, "gamma", "read").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    publish(&node, &alpha, &[indicator(2, 0, "b.example", "")]).await;
    // Both read the first; nobody reads the second.
    let only = Query {
        ids: node::view::object_key(&id(1)).map(|key| vec![key]),
        limit: 10,
        ..Query::default()
    };
    for reader in [&beta, &gamma] {
        node.objects(reader, "shared", &only).unwrap();
    }
    let fetched = node.fetched(&alpha, &id(1)).unwrap();
    let parties: Vec<_> = fetched
        .iter()
        .map(|f| f.party.as_deref().unwrap())
        .collect();
    assert_eq!(parties, ["beta", "gamma"]);
    assert!(node.fetched(&alpha, &id(2)).unwrap().is_empty());

    withdraw(&node, &alpha, 1).await.unwrap();
    let revoked = indicator(2, 9, "b.example", r#","revoked":true"#);
    publish(&node, &alpha, &[revoked]).await;
    let own = node.withdrawals(&alpha, 10).unwrap();
    assert_eq!(own.len(), 2);
    assert!(own[0].revoked && own[0].peers.is_empty());
    let waiting = |peer: &Peer| peer.told.is_none() && peer.acknowledged.is_none();
    assert!(own[1].peers.len() == 2 && own[1].peers.iter().all(waiting));
    assert!(node.withdrawals(&beta, 10).unwrap().is_empty());

    let open = node.unacknowledged(&beta, 10).unwrap();
    assert_eq!(open.len(), 1, "what was not fetched concerns nobody");
    assert_eq!(open[0].object, id(1));
    assert!(
        open[0].peers.is_empty(),
        "who else read it is for the publisher"
    );
    all(&node, &gamma, "shared-withdrawn");
    node.acknowledge(&beta, &open[0].id).await.unwrap();
    let entries = node.entries();
    node.acknowledge(&beta, &open[0].id).await.unwrap();
    assert_eq!(node.entries(), entries, "a second time changes nothing");
    assert!(node.unacknowledged(&beta, 10).unwrap().is_empty());
    let own = node.withdrawals(&alpha, 10).unwrap();
    let peer = |name: &str| {
        own[1]
            .peers
            .iter()
            .find(|p| p.party == name)
            .unwrap()
            .clone()
    };
    assert!(peer("beta").acknowledged.is_some());
    assert!(peer("gamma").told.is_some() && peer("gamma").acknowledged.is_none());
    // A revocation is acknowledged by the object's own id.
    node.acknowledge(&gamma, &id(2)).await.unwrap();
    let own = node.withdrawals(&alpha, 10).unwrap();
    assert!(own[0].peers.iter().any(|p| p.party == "gamma"));
}

#[tokio::test]
async fn two_publishers_of_one_object_stand_beside_each_other() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    let object = indicator(1, 0, "a.example", "");
    publish(&node, &alpha, std::slice::from_ref(&object)).await;
    let status = publish(&node, &beta, std::slice::from_ref(&object)).await;
    assert!(status.successes[0].known);
    let entries = node.entries();
    publish(&node, &beta, &[object]).await;
    assert_eq!(node.entries(), entries, "a third time changes nothing");
    assert_eq!(all(&node, &gamma, "shared").len(), 1, "kept once");
    let directory = node.directory();
    let publishers = |caller: &Caller| {
        let found = node.find(caller, &id(1)).unwrap();
        let names = found[0].1[0].publishers(&directory);
        names.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(publishers(&gamma), ["alpha", "beta"]);
    // Both may version it; when one withdraws, the other's stays.
    let status = publish(&node, &beta, &[indicator(1, 5, "a.example", "")]).await;
    assert_eq!(status.failures, []);
    let later = Query {
        versions: Versions::Any {
            last: true,
            first: false,
            at: Vec::new(),
        },
        ..Query::default()
    };
    assert_eq!(node.withdraw(&beta, "shared", &id(1), later).await, Ok(1));
    assert_eq!(withdraw(&node, &alpha, 1).await, Ok(1));
    assert_eq!(publishers(&gamma), ["beta"]);
    assert_eq!(withdraw(&node, &alpha, 1).await.unwrap_err().to_string(), {
        "only the party that first published an object may version, revoke or withdraw it"
    });
    assert_eq!(withdraw(&node, &beta, 1).await, Ok(1));
    assert!(node.find(&gamma, &id(1)).is_err());
    assert_eq!(node.count(&gamma, "shared", None), Ok(0));
    assert_eq!(node.lookup(&gamma, &["a.example".into()]).unwrap().len(), 0);
}
