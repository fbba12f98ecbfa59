//! Publish, version, revoke, withdraw.

use crate::fixture::{all, id, indicator, member, node, publish, shared};
use node::{Caller, Error, Query, Refusal, Versions};

fn reasons(status: &node::view::status::Status) -> Vec<&str> {
    status
        .failures
        .iter()
        .map(|failed| failed.reason.as_str())
        .collect()
}

#[tokio::test]
async fn objects_come_back_byte_for_byte_in_the_order_they_were_added() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let odd = r#"{ "x_number": 0.10, "type":"indicator", "id":"indicator--00000009-0000-4000-8000-000000000000","spec_version":"2.1", "modified":"2025-01-01T00:00:00.120Z","created":"2025-01-01T00:00:00.1200Z","name":"\u00e9\/","pattern":"[a:b = 1]","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","x_big":12345678901234567890123 }"#;
    let sent = vec![
        indicator(1, 0, "a.example", ""),
        odd.to_owned(),
        indicator(2, 0, "b.example", ""),
    ];
    let status = publish(&node, &alpha, &sent).await;
    assert_eq!((status.successes.len(), reasons(&status)), (3, vec![]));
    assert_eq!(all(&node, &alpha, "shared"), sent);
}

#[tokio::test]
async fn the_same_again_is_a_success_and_no_entry() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let entries = node.entries();
    let again = publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    assert_eq!((again.successes.len(), again.failures.len()), (1, 0));
    // The same content with its keys in another order is the same content.
    let turned = indicator(1, 0, "a.example", "").replacen(
        r#""type":"indicator","spec_version":"2.1","#,
        r#""spec_version":"2.1","type":"indicator","#,
        1,
    );
    let turned = publish(&node, &alpha, &[turned]).await;
    assert_eq!((turned.successes.len(), turned.failures.len()), (1, 0));
    assert_eq!(node.entries(), entries);
}

#[tokio::test]
async fn the_same_version_with_other_content_is_refused() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let other = indicator(1, 0, "b.example", "");
    let both = publish(&node, &alpha, &[indicator(1, 0, "a.example", ""), other]).await;
    assert_eq!(both.successes.len(), 1);
    assert!(reasons(&both)[0].contains("other content"), "{both:?}");
}

#[tokio::test]
async fn only_its_creator_versions_an_object_and_nothing_follows_a_revocation() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let by_beta = publish(&node, &beta, &[indicator(1, 1, "a.example", "")]).await;
    assert!(
        reasons(&by_beta)[0].contains("only its creator"),
        "{by_beta:?}"
    );
    let renamed = r#","created_by_ref":"identity--00000001-0000-4000-8000-000000000000""#;
    let other_creator = publish(&node, &alpha, &[indicator(1, 1, "a.example", renamed)]).await;
    assert!(
        reasons(&other_creator)[0].contains("created_by_ref differs"),
        "{other_creator:?}"
    );
    let revoked = publish(
        &node,
        &alpha,
        &[indicator(1, 2, "a.example", r#","revoked":true"#)],
    )
    .await;
    assert_eq!(revoked.failures, []);
    let after = publish(&node, &alpha, &[indicator(1, 3, "a.example", "")]).await;
    assert!(reasons(&after)[0].contains("revoked"), "{after:?}");
    // A version from before the revocation may still come.
    let before = publish(&node, &alpha, &[indicator(1, 1, "a.example", "")]).await;
    assert_eq!(before.failures, []);
}

#[tokio::test]
async fn one_bad_object_does_not_stop_the_others() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let bad = indicator(2, 0, "b.example", "").replace("\"pattern_type\":\"stix\",", "");
    let status = publish(&node, &alpha, &[indicator(1, 0, "a.example", ""), bad]).await;
    assert_eq!(status.successes.len(), 1);
    assert_eq!(status.failures[0].id, id(2));
    assert!(reasons(&status)[0].contains("pattern_type"), "{status:?}");
}

#[tokio::test]
async fn version_filters_choose_by_flags_that_follow_every_change() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    // Out of order on purpose.
    for minute in [2, 0, 3, 1] {
        publish(&node, &alpha, &[indicator(1, minute, "a.example", "")]).await;
    }
    let minutes = |versions: Versions| {
        let query = Query {
            versions,
            limit: 10,
            ..Query::default()
        };
        let page = node.objects(&alpha, "shared", &query).unwrap();
        let start = 1_735_689_600_000_000;
        page.objects
            .iter()
            .map(|f| (f.row.version - start) / 60_000_000)
            .collect::<Vec<_>>()
    };
    let any = |last, first| Versions::Any {
        last,
        first,
        at: Vec::new(),
    };
    assert_eq!(minutes(Versions::All), [2, 0, 3, 1]);
    assert_eq!(minutes(any(true, false)), [3]);
    assert_eq!(minutes(any(false, true)), [0]);
    assert_eq!(minutes(any(true, true)), [0, 3]);
    let last = Query {
        versions: any(true, false),
        ..Query::default()
    };
    assert_eq!(node.withdraw(&alpha, "shared", &id(1), last).await, Ok(1));
    assert_eq!(minutes(any(true, false)), [2]);
}

#[tokio::test]
async fn only_the_publisher_withdraws_and_what_is_withdrawn_is_gone() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let every = || Query {
        versions: Versions::All,
        ..Query::default()
    };
    let refused = node.withdraw(&beta, "shared", &id(1), every()).await;
    assert_eq!(refused, Err(Error::Refused(Refusal::NotTheCreator)));
    let entries = node.entries();
    assert_eq!(
        node.withdraw(&alpha, "shared", &id(1), every()).await,
        Ok(1)
    );
    assert_eq!(node.entries(), entries + 1, "a withdrawal is an entry");
    assert_eq!(all(&node, &alpha, "shared"), Vec::<String>::new());
    let again = node.withdraw(&alpha, "shared", &id(1), every()).await;
    assert_eq!(again, Err(Error::NotFound("object")));
}

#[tokio::test]
async fn a_strict_collection_takes_what_holds_up_to_every_check() {
    let node = crate::fixture::node().await;
    let settings = node::model::Collection {
        strict: true,
        ..crate::fixture::collection("strict")
    };
    node.set_collection(&Caller::Operator, settings)
        .await
        .unwrap();
    let alpha = member(&node, "alpha", "read,publish").await;
    let good = r#","name":"A host","description":"Seen","indicator_types":["malicious-activity"]"#;
    let lax = r#","name":"A host","x_seen":true"#;
    let objects = [
        indicator(1, 0, "a.example", good),
        indicator(2, 0, "b.example", lax),
    ];
    let status = crate::fixture::publish_in(&node, &alpha, "strict", &objects).await;
    assert_eq!(status.successes.len(), 1, "{:?}", status.failures);
    assert_eq!(status.failures[0].id, crate::fixture::id(2));
    assert!(
        status.failures[0].reason.contains("/x_seen"),
        "{:?}",
        status.failures
    );
}
