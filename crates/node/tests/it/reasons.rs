//! Why a signal that was hit does not fire.

use std::sync::Arc;

use crate::fixture::{
    NEW_YEAR, furnish, id, indicator, marked, member, node, opinion, publish, say, shared, sighting,
};
use journal::Journal;
use journal::memory::Memory;
use node::act::reason::Why;
use node::clock::{Clock, DAY, Instant};
use node::model::{FeedbackKind, WarningKind, WarningList};
use node::{Caller, Error, Node, Refusal};

/// The reasons for each hit of a value, by their words, and the score.
fn reasons(node: &Node, caller: &Caller, value: &str) -> Vec<(Vec<Why>, u8)> {
    node.wait_for_index().unwrap();
    let found = node.explain(caller, &[value.to_owned()]).unwrap();
    let silent = found.matches.iter().filter(|hit| !hit.fires()).count();
    assert_eq!(found.suppressed.hits, silent as u64);
    let fires = node.lookup(caller, &[value.to_owned()]).unwrap();
    assert_eq!(fires.len(), found.matches.len() - silent);
    let hits = found.matches.into_iter();
    hits.map(|hit| (hit.why, hit.score)).collect()
}

fn words(node: &Node, caller: &Caller, value: &str) -> Vec<&'static str> {
    let reasons = reasons(node, caller, value).into_iter();
    reasons
        .flat_map(|(why, _)| why)
        .map(|why| why.as_str())
        .collect()
}

fn list(name: &str, kind: WarningKind, values: &[&str]) -> WarningList {
    WarningList {
        name: name.into(),
        description: String::new(),
        version: 1,
        kind,
        attributes: Vec::new(),
        values: values.iter().map(ToString::to_string).collect(),
    }
}

/// An indicator about an address.
fn address(number: u32, address: &str, rest: &str) -> String {
    indicator(number, 0, address, rest).replace("domain-name", "ipv4-addr")
}

#[tokio::test]
async fn what_is_over_not_begun_or_revoked_says_so() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let until = r#","valid_until":"2025-06-01T00:00:00Z""#;
    let soon =
        indicator(2, 0, "soon.example", "").replace("2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let objects = [
        indicator(1, 0, "over.example", until),
        soon,
        indicator(3, 0, "revoked.example", r#","revoked":true"#),
        indicator(4, 0, "alive.example", ""),
    ];
    assert_eq!(publish(&node, &alpha, &objects).await.failures, []);
    assert_eq!(words(&node, &alpha, "over.example"), ["expired"]);
    assert_eq!(words(&node, &alpha, "soon.example"), ["not-yet-valid"]);
    assert_eq!(words(&node, &alpha, "revoked.example"), ["revoked"]);
    assert_eq!(reasons(&node, &alpha, "alive.example"), [(vec![], 100)]);
    // A stream tells the same: by default what fires, and how much does not.
    let text = b"over.example soon.example revoked.example alive.example over.example\n";
    let mut found = Vec::new();
    let mut matcher = node.matcher(&alpha).unwrap();
    matcher
        .feed(text, &mut |hit| found.push(hit.value))
        .unwrap();
    assert_eq!(found, ["alive.example"]);
    assert_eq!(matcher.suppressed().hits, 4);
    let why: Vec<(&str, u64)> = matcher
        .suppressed()
        .why
        .iter()
        .map(|(w, n)| (*w, *n))
        .collect();
    assert_eq!(why, [("expired", 2), ("not-yet-valid", 1), ("revoked", 1)]);
    let mut matcher = node.matcher(&alpha).unwrap().explaining();
    let mut all = 0;
    matcher.feed(text, &mut |_| all += 1).unwrap();
    assert_eq!(all, 5);
}

#[tokio::test]
async fn nobody_is_given_reasons_for_what_it_does_not_see() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    let red = marked("red");
    let objects = [
        indicator(
            1,
            0,
            "over.example",
            &format!(r#","valid_until":"2025-06-01T00:00:00Z"{red}"#),
        ),
        indicator(2, 0, "revoked.example", &format!(r#","revoked":true{red}"#)),
        address(3, "10.1.2.3", &red),
    ];
    publish(&node, &alpha, &objects).await;
    let values = ["over.example", "revoked.example", "10.1.2.3"].map(str::to_owned);
    node.wait_for_index().unwrap();
    assert_eq!(node.explain(&alpha, &values).unwrap().suppressed.hits, 3);
    for caller in [&gamma, &Caller::Anonymous] {
        let found = node.explain(caller, &values).unwrap();
        assert_eq!((found.matches.len(), found.suppressed.hits), (0, 0));
        let mut matcher = node.matcher(caller).unwrap().explaining();
        let text = b"over.example revoked.example 10.1.2.3\n";
        matcher.feed(text, &mut |hit| panic!("{hit:?}")).unwrap();
        assert_eq!(matcher.suppressed().hits, 0);
    }
}

#[tokio::test]
async fn values_on_warning_lists_do_not_fire() {
    let node = node().await;
    shared(&node).await;
    let (alpha, operator) = (
        member(&node, "alpha", "read,publish").await,
        Caller::Operator,
    );
    let objects = [
        address(1, "10.1.2.3", ""),
        address(2, "8.8.8.8", ""),
        indicator(3, 0, "www.google.com", ""),
        indicator(4, 0, "bad.sites.example", ""),
        address(5, "198.51.100.7", ""),
    ];
    publish(&node, &alpha, &objects).await;
    let on = |value: &str| {
        let found = reasons(&node, &alpha, value)
            .into_iter()
            .flat_map(|(why, _)| why);
        let names = found.map(|why| match why {
            Why::WarningList(name) => name,
            other => panic!("{other:?}"),
        });
        names.collect::<Vec<String>>()
    };
    assert_eq!(on("10.1.2.3"), ["special-use-addresses"]);
    assert_eq!(on("8.8.8.8"), ["public-resolvers"]);
    assert_eq!(on("www.google.com"), ["top-sites"]);
    assert_eq!(on("bad.sites.example"), [""; 0]);
    assert_eq!(
        on("198.51.100.7"),
        [""; 0],
        "examples are told as if they were real"
    );
    let hosts = list("our hosts", WarningKind::Hostname, &["sites.example", "?"]);
    let (_, skipped) = node.set_warning_list(&operator, hosts).await.unwrap();
    assert_eq!(skipped.values, 1);
    let nets = list("our nets", WarningKind::Cidr, &["198.51.100.0/24"]);
    node.set_warning_list(&operator, nets).await.unwrap();
    assert_eq!(on("bad.sites.example"), ["our hosts"]);
    assert_eq!(on("198.51.100.7"), ["our nets"]);
    // A list replaces the one of its name.
    let nets = list("our nets", WarningKind::Cidr, &["203.0.113.0/24"]);
    node.set_warning_list(&operator, nets).await.unwrap();
    assert_eq!(on("198.51.100.7"), [""; 0]);
    node.remove_warning_list(&operator, "our hosts")
        .await
        .unwrap();
    node.remove_warning_list(&operator, "public-resolvers")
        .await
        .unwrap();
    assert_eq!((on("bad.sites.example").len(), on("8.8.8.8").len()), (0, 0));
    node.restore_warning_list(&operator, "public-resolvers")
        .await
        .unwrap();
    assert_eq!(on("8.8.8.8"), ["public-resolvers"]);
    let holding = node.warning_lists(&operator, Some("10.0.0.1")).unwrap();
    assert_eq!(holding.len(), 1);
    let gone = node.remove_warning_list(&operator, "our hosts").await;
    assert_eq!(gone, Err(Error::NotFound("warning list")));
}

#[tokio::test]
async fn warning_lists_are_for_administrators_and_survive_a_restart() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = Node::on(Arc::clone(&journal), Clock::manual(NEW_YEAR)).unwrap();
    furnish(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let refused = Err(Error::Refused(Refusal::AdministerScope));
    let new = || list("ours", WarningKind::String, &["a.example"]);
    assert_eq!(
        node.set_warning_list(&alpha, new()).await.map(|_| ()),
        refused
    );
    assert_eq!(node.warning_lists(&alpha, None).map(|_| ()), refused);
    assert_eq!(node.remove_warning_list(&alpha, "top-sites").await, refused);
    assert_eq!(
        node.restore_warning_list(&alpha, "top-sites")
            .await
            .map(|_| ()),
        refused
    );
    node.set_warning_list(&Caller::Operator, new())
        .await
        .unwrap();
    node.remove_warning_list(&Caller::Operator, "top-sites")
        .await
        .unwrap();
    let names = |node: &Node| -> Vec<String> {
        let lists = node.warning_lists(&Caller::Operator, None).unwrap();
        lists.iter().map(|list| list.name.clone()).collect()
    };
    assert_eq!(
        names(&node),
        ["ours", "public-resolvers", "special-use-addresses"]
    );
    drop(node);
    let again = Node::on(journal, Clock::manual(NEW_YEAR)).unwrap();
    assert_eq!(
        names(&again),
        ["ours", "public-resolvers", "special-use-addresses"]
    );
    let wrong = list("", WarningKind::String, &["a.example"]);
    let wrong = again.set_warning_list(&Caller::Operator, wrong).await;
    assert!(matches!(wrong, Err(Error::Invalid(words)) if words.contains("name")));
}

#[tokio::test]
async fn a_signal_decays_unless_it_is_seen_and_its_observer_is_heard() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let at = |days: i64| {
        let clock = Clock::manual(Instant(NEW_YEAR.0 + days * DAY));
        Node::on(Arc::clone(&journal), clock).unwrap()
    };
    let node = at(0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    let until = r#","valid_until":"2030-01-01T00:00:00Z""#;
    let objects = [
        address(1, "198.51.100.1", ""),
        address(2, "198.51.100.2", until),
        address(3, "198.51.100.3", ""),
        indicator(4, 0, "a.example", ""),
    ];
    publish(&node, &alpha, &objects).await;
    drop(node);
    let node = at(89);
    let score = |node: &Node, caller: &Caller, value: &str| reasons(node, caller, value)[0].1;
    assert_eq!(words(&node, &gamma, "198.51.100.1"), [""; 0]);
    assert_eq!(score(&node, &gamma, "198.51.100.1"), 1);
    assert_eq!(
        score(&node, &gamma, "198.51.100.2"),
        100,
        "its producer says when it ends"
    );
    // Told to alpha alone, and published for everybody who sees GREEN.
    node.give_feedback(&beta, &id(1), say(FeedbackKind::Seen))
        .await
        .unwrap();
    node.give_feedback(&beta, &id(4), say(FeedbackKind::Agree))
        .await
        .unwrap();
    publish(
        &node,
        &beta,
        &[sighting(3, &id(3), ""), opinion(1, "agree", &id(1), "")],
    )
    .await;
    drop(node);
    let node = at(91);
    for caller in [&alpha, &beta] {
        assert_eq!(words(&node, caller, "198.51.100.1"), [""; 0]);
    }
    assert_eq!(words(&node, &gamma, "198.51.100.1"), ["decayed"]);
    assert_eq!(words(&node, &gamma, "198.51.100.2"), [""; 0]);
    assert_eq!(words(&node, &gamma, "198.51.100.3"), [""; 0]);
    let (why, score) = &reasons(&node, &gamma, "198.51.100.1")[0];
    let Why::Decayed { since, days: 90 } = why[0] else {
        panic!("{why:?}")
    };
    assert_eq!((Instant(since).day(), *score), (NEW_YEAR.day(), 0));
    drop(node);
    let node = at(400);
    assert_eq!(
        words(&node, &alpha, "a.example"),
        ["decayed"],
        "an opinion is no sighting"
    );
}
