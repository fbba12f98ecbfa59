//! What was told by day: the same objects as any list shows, for each caller its own.

use std::sync::Arc;

use crate::fixture::{NEW_YEAR, furnish, id, indicator, marked, member, publish, shared};
use journal::Journal;
use journal::memory::Memory;
use node::act::feed::ToldDay;
use node::clock::{Clock, DAY, Instant};
use node::model::Marking;
use node::{Caller, Error, Node, Query, Versions};

const HOUR: i64 = 3_600_000_000;

fn at(journal: &Arc<dyn Journal>, after: i64) -> Node {
    let clock = Clock::manual(Instant(NEW_YEAR.0 + after));
    Node::on(Arc::clone(journal), clock).unwrap()
}

fn told(node: &Node, caller: &Caller) -> Vec<ToldDay> {
    node.told(caller, "shared").unwrap().1
}

/// Ids of what a day holds.
fn ids(node: &Node, caller: &Caller, day: &ToldDay, part: (usize, usize)) -> Vec<String> {
    let mut ids = Vec::new();
    let each = node.each_told::<Error>(caller, "shared", day, part, &mut |found| {
        let object = stix::Object::parse(&found.bytes).unwrap();
        ids.push(object.id().to_string());
        Ok(())
    });
    each.unwrap();
    ids
}

#[tokio::test]
async fn each_caller_is_told_what_it_sees_and_no_more() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    let levels = ["clear", "green", "amber", "amber+strict", "red"];
    for (number, level) in (0..).zip(levels) {
        let object = indicator(number, 0, "a.example", &marked(level));
        publish(&node, &alpha, &[object]).await;
    }
    let one = indicator(9, 0, "b.example", &marked("green"));
    publish(&node, &beta, &[one]).await;
    for caller in [&alpha, &beta, &gamma] {
        let days = told(&node, caller);
        let mut found: Vec<String> = days
            .iter()
            .flat_map(|day| ids(&node, caller, day, (0, usize::MAX)))
            .collect();
        let query = Query {
            limit: 100,
            types: vec!["indicator".into()],
            ..Query::default()
        };
        let (lines, _) = node.manifest(caller, "shared", &query).unwrap();
        let mut listed: Vec<String> = lines.into_iter().map(|line| line.id).collect();
        found.sort();
        listed.sort();
        assert_eq!(found, listed);
        let counted: u64 = days.iter().map(|day| day.objects).sum();
        assert_eq!(counted, listed.len() as u64);
    }
    let seen = |caller| {
        told(&node, caller)
            .iter()
            .map(|day| (day.publisher.clone(), day.marking))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        seen(&alpha),
        [
            ("alpha".into(), Marking::Red),
            ("beta".into(), Marking::Green)
        ]
    );
    assert_eq!(seen(&beta)[0], ("alpha".into(), Marking::Amber));
    assert!(matches!(
        node.told(&Caller::Anonymous, "shared"),
        Err(Error::NotFound(_))
    ));
}

#[tokio::test]
async fn an_object_stays_on_its_first_day_and_every_change_moves_that_day() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(
        &node,
        &alpha,
        &[
            indicator(1, 0, "a.example", ""),
            indicator(2, 0, "b.example", ""),
        ],
    )
    .await;
    drop(node);
    let node = at(&journal, HOUR);
    let first = told(&node, &alpha);
    assert_eq!((first.len(), first[0].objects), (1, 2));
    drop(node);

    let node = at(&journal, DAY);
    publish(&node, &alpha, &[indicator(1, 1, "a.example", "")]).await;
    drop(node);
    let node = at(&journal, 2 * DAY);
    let second = told(&node, &alpha);
    assert_eq!(
        (second.len(), second[0].objects, second[0].day),
        (1, 2, first[0].day)
    );
    assert!(second[0].changed.0 >= NEW_YEAR.0 + DAY && second[0].changed > first[0].changed);
    assert_eq!(ids(&node, &alpha, &second[0], (0, 1)), [id(1)]);
    assert_eq!(ids(&node, &alpha, &second[0], (1, 9)), [id(2)]);
    let query = Query {
        versions: Versions::All,
        ..Query::default()
    };
    node.withdraw(&alpha, "shared", &id(2), query)
        .await
        .unwrap();
    drop(node);
    let node = at(&journal, 3 * DAY);
    let third = told(&node, &alpha);
    assert_eq!(third[0].objects, 1);
    assert!(third[0].changed.0 >= NEW_YEAR.0 + 2 * DAY);
    assert_eq!(ids(&node, &alpha, &third[0], (0, 9)), [id(1)]);
}

#[tokio::test]
async fn a_version_for_fewer_is_a_change_and_leaves_the_others_theirs() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    let green = |number, minute| indicator(number, minute, "a.example", &marked("green"));
    publish(&node, &alpha, &[green(1, 0), green(2, 0)]).await;
    drop(node);
    let node = at(&journal, DAY);
    publish(
        &node,
        &alpha,
        &[indicator(1, 1, "a.example", &marked("red"))],
    )
    .await;
    drop(node);
    let node = at(&journal, 2 * DAY);
    let seen = told(&node, &beta);
    assert_eq!((seen[0].objects, seen[0].marking), (2, Marking::Green));
    assert!(seen[0].changed.0 >= NEW_YEAR.0 + DAY);
    assert_eq!(ids(&node, &beta, &seen[0], (0, 9)), [id(1), id(2)]);
    // The publisher sees both versions of the first, and each object on its first day alone.
    let seen = told(&node, &alpha);
    assert_eq!(ids(&node, &alpha, &seen[0], (0, 9)), [id(1), id(2)]);
    assert!(ids(&node, &alpha, &seen[1], (0, 9)).is_empty());
}

#[tokio::test]
async fn the_last_object_of_a_marking_leaves_a_change_behind() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let gamma = member(&node, "gamma", "read").await;
    let marked = |number, level| indicator(number, 0, "a.example", &marked(level));
    publish(&node, &alpha, &[marked(1, "green"), marked(2, "amber")]).await;
    drop(node);
    let node = at(&journal, DAY);
    let before = (told(&node, &alpha), told(&node, &gamma));
    node.withdraw(&alpha, "shared", &id(2), Query::default())
        .await
        .unwrap();
    drop(node);
    let node = at(&journal, 2 * DAY);
    let after = (told(&node, &alpha), told(&node, &gamma));
    assert!(after.0[0].changed > before.0[0].changed);
    assert_eq!(
        (after.0[0].objects, after.0[0].marking),
        (1, Marking::Green)
    );
    // Who never saw it learns nothing.
    assert_eq!(after.1, before.1);
}

#[tokio::test]
async fn what_changed_just_now_is_dated_back_so_that_it_is_told_again() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let now = told(&node, &alpha)[0].changed;
    assert!(now < NEW_YEAR);
    drop(node);
    assert!(told(&at(&journal, HOUR), &alpha)[0].changed > now);
}

#[tokio::test]
async fn what_is_in_force_is_neither_revoked_nor_over_nor_replaced() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = at(&journal, 0);
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let over = r#","valid_until":"2025-06-01T00:00:00Z""#;
    let objects = [
        indicator(1, 0, "a.example", ""),
        indicator(2, 0, "b.example", r#","revoked":true"#),
        indicator(3, 0, "c.example", over),
        indicator(1, 1, "d.example", ""),
    ];
    publish(&node, &alpha, &objects).await;
    let mut found = Vec::new();
    let each = node.each_in_force::<Error>(&alpha, "shared", &mut |one| {
        found.push(String::from_utf8(one.bytes.to_vec()).unwrap());
        Ok(())
    });
    each.unwrap();
    assert_eq!(found, objects[3..]);
}
