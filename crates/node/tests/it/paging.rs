//! Nothing lost, nothing repeated, while others write.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fixture::{indicator, member, node, publish, shared};
use node::{Caller, Node, Query};

/// Pages through everything from `after` on, `limit` at a time; gives ids and the last date.
fn page_through(node: &Node, caller: &Caller, after: i64, limit: usize) -> (Vec<String>, i64) {
    let (mut ids, mut after) = (Vec::new(), after);
    loop {
        let query = Query {
            added_after: Some(after),
            limit,
            ..Query::default()
        };
        let (lines, more) = node.manifest(caller, "shared", &query).unwrap();
        for line in lines {
            assert!(line.added > after, "date_added must rise");
            after = line.added;
            ids.push(line.id);
        }
        if !more {
            return (ids, after);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_among_four_writers_sees_each_object_once() {
    const WRITERS: u32 = 4;
    const ENVELOPES: u32 = 40;
    const OBJECTS: u32 = 7;
    let node = Arc::new(node().await);
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let done = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (node, alpha, done) = (Arc::clone(&node), alpha.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                for envelope in 0..ENVELOPES {
                    let first = (writer * ENVELOPES + envelope) * OBJECTS;
                    let objects: Vec<String> = (first..first + OBJECTS)
                        .map(|number| indicator(number, 0, "a.example", ""))
                        .collect();
                    assert_eq!(publish(&node, &alpha, &objects).await.failures, []);
                }
                done.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    let (mut seen, mut after) = (Vec::new(), 0);
    while done.load(Ordering::SeqCst) < WRITERS as usize {
        let (ids, last) = page_through(&node, &alpha, after, 13);
        seen.extend(ids);
        after = last;
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    seen.extend(page_through(&node, &alpha, after, 13).0);
    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!(seen.len(), distinct.len(), "an object came twice");
    assert_eq!(
        seen.len(),
        (WRITERS * ENVELOPES * OBJECTS) as usize,
        "an object was lost"
    );
}

#[tokio::test]
async fn filters_page_like_everything_else() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    for number in 0..50 {
        let other = format!(
            r#"{{"type":"domain-name","spec_version":"2.1","id":"domain-name--{number:08x}-0000-4000-8000-000000000000","value":"a{number}.example"}}"#
        );
        publish(
            &node,
            &alpha,
            &[indicator(number, 0, "a.example", ""), other],
        )
        .await;
    }
    for (types, expected) in [
        (vec!["domain-name"], 50),
        (vec!["indicator", "domain-name"], 100),
        (vec!["malware"], 0),
    ] {
        let (mut count, mut after) = (0, 0);
        loop {
            let types = types.iter().map(ToString::to_string).collect();
            let query = Query {
                types,
                added_after: Some(after),
                limit: 7,
                ..Query::default()
            };
            let page = node.objects(&alpha, "shared", &query).unwrap();
            assert!(page.objects.len() <= 7);
            count += page.objects.len();
            after = page.objects.last().map_or(after, |found| found.added);
            if !page.more {
                break;
            }
        }
        assert_eq!(count, expected, "{types:?}");
    }
}
