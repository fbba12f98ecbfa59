//! Measures a node without HTTP: publishing, paging, starting, looking up.
//!
//! `cargo run --release -p entente-node --example measure -- DIRECTORY [OBJECTS]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, not a product"
)]

use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use node::act::manage::new_collection_id;
use node::model::{Collection, Marking};
use node::pledge::{Kind, Party};
use node::{Caller, Node, Options, Query};

/// Objects in one envelope and on one page.
const ENVELOPE: usize = 1000;

fn indicator(number: usize) -> String {
    format!(
        "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--{number:08x}-5000-4000-8000-{number:012x}\",\
         \"created_by_ref\":\"identity--00000000-0000-4000-8000-000000000001\",\
         \"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\
         \"name\":\"Generated indicator {number}\",\"description\":\"{:x<240}\",\
         \"indicator_types\":[\"malicious-activity\"],\"labels\":[\"cybercrime\"],\
         \"pattern\":\"[domain-name:value = 'host-{number}.example']\",\"pattern_type\":\"stix\",\
         \"valid_from\":\"2026-01-01T00:00:00Z\"}}",
        "text "
    )
}

fn envelope(first: usize) -> Bytes {
    let objects: Vec<String> = (first..first + ENVELOPE).map(indicator).collect();
    format!("{{\"objects\":[{}]}}", objects.join(",")).into()
}

async fn furnish(node: &Node) {
    let party = Party {
        id: node::policy::OPERATOR.into(),
        name: "Operator".into(),
        kind: Kind::PrivateSector,
        country: None,
        listed: None,
    };
    node.add_party(&Caller::Operator, party).await.unwrap();
    let collection = Collection {
        default_marking: Marking::Green,
        ..Collection::new(new_collection_id(), "measured")
    };
    node.set_collection(&Caller::Operator, collection)
        .await
        .unwrap();
}

async fn publish(node: &Node, objects: usize) {
    let mut spent = std::time::Duration::ZERO;
    for first in (0..objects).step_by(ENVELOPE) {
        let body = envelope(first);
        let start = Instant::now();
        let status = node
            .publish(&Caller::Operator, "measured", body)
            .await
            .unwrap();
        spent += start.elapsed();
        assert!(status.failures.is_empty(), "{:?}", status.failures.first());
    }
    let rate = objects as u128 * 1_000_000 / spent.as_micros().max(1);
    println!("publish: {objects} objects, {rate} objects/s");
}

fn page(node: &Node, objects: usize) {
    for place in ["first", "middle", "last"] {
        let skip = match place {
            "first" => 0,
            "middle" => objects / 2,
            _ => objects - ENVELOPE,
        };
        // `date_added` rises by at least a microsecond an object; walk to the place once.
        let mut after = 0;
        let mut left = skip;
        while left > 0 {
            let limit = left.min(100_000);
            let query = Query {
                added_after: Some(after),
                limit,
                ..Query::default()
            };
            let (lines, _) = node
                .manifest(&Caller::Operator, "measured", &query)
                .unwrap();
            after = lines.last().unwrap().added;
            left -= lines.len();
        }
        let query = Query {
            added_after: Some(after),
            limit: ENVELOPE,
            ..Query::default()
        };
        let rounds = 200;
        let start = Instant::now();
        for _ in 0..rounds {
            let page = node.objects(&Caller::Operator, "measured", &query).unwrap();
            assert_eq!(page.objects.len(), ENVELOPE);
        }
        let each = start.elapsed().as_micros() / rounds;
        println!("page of {ENVELOPE}, {place}: {each} µs");
    }
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or("VmRSS unknown")
        .to_owned()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "measured".into());
    let objects: usize = arguments
        .next()
        .map_or(100_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let options = Options {
        matching: false,
        ..Options::default()
    };
    let node = Node::create(Path::new(&directory), &options).unwrap();
    runtime.block_on(async {
        furnish(&node).await;
        publish(&node, objects).await;
    });
    println!("{}", resident());
    page(&node, objects);
    println!("{}", resident());
    drop(node);
    let start = Instant::now();
    let node = Node::open(Path::new(&directory), &Options::default()).unwrap();
    println!("open: {} ms", start.elapsed().as_millis());
    node.wait_for_index().unwrap();
    println!(
        "open with match index: {} ms, {}",
        start.elapsed().as_millis(),
        resident()
    );
}
