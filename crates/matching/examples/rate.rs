//! How fast a core scans a generated log of proxies, name servers and endpoints, and what an
//! indicator costs in memory: with the index, and with an edge file. Time is that spent on a
//! processor, so that other work on the machine does not count:
//! `cargo run --release -p entente-matching --example rate [megabytes [indicators...]]`.

#![allow(clippy::panic, reason = "a measurement that cannot go on says so")]

mod measure;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use matching::edge::{Builder, Edge, Signal};
use matching::sample::{self, Corpus};
use matching::{Index, LineScanner, Observable};

use measure::{processor_seconds, resident};

fn main() {
    let megabytes: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(256);
    let few: Vec<_> = sample::observables(2018).take(1000).collect();
    let mut log = Vec::with_capacity(megabytes * 1_001_000);
    let corpus = Corpus {
        seed: 2018,
        bytes: megabytes as u64 * 1_000_000,
        planted: 1_936,
        traps: 482,
    };
    corpus.write(&few, &mut |line| {
        log.extend_from_slice(line.as_bytes());
        log.push(b'\n');
    });
    let mut counts: Vec<usize> = std::env::args()
        .skip(2)
        .filter_map(|text| text.parse().ok())
        .collect();
    if counts.is_empty() {
        counts.extend([1_000, 100_000, 1_000_000]);
    }
    println!(
        "{:>10} {:>6} {:>10} {:>12} {:>10} {:>9} {:>8} {:>8}",
        "indicators", "", "MB/s", "lines/s", "hits", "inserts/s", "B each", "RSS each"
    );
    for count in counts {
        let observables: Vec<_> = sample::observables(2018).take(count).collect();
        let held = resident();
        let start = processor_seconds();
        let mut index = Index::new();
        for (signal, observable) in observables.iter().enumerate() {
            index.insert(observable, signal as u64);
        }
        let inserting = processor_seconds() - start;
        let memory = (index.resident(), resident().saturating_sub(held));
        let scanned = scan(&log, &mut |scanner, chunk, hits| match chunk {
            Some(chunk) => scanner.feed(&index, chunk, &mut |_| *hits += 1),
            None => scanner.finish(&index, &mut |_| *hits += 1),
        });
        print("index", count, inserting, memory, &log, &scanned);
        drop(index);

        let path = std::env::temp_dir().join(format!("rate-{}.edge", std::process::id()));
        let start = processor_seconds();
        build(&path, &observables);
        let building = processor_seconds() - start;
        drop(observables);
        let held = resident();
        let edge = File::open(&path).map_err(Into::into).and_then(Edge::open);
        let edge = edge.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let memory = (edge.resident(), resident().saturating_sub(held));
        let scanned = scan(&log, &mut |scanner, chunk, hits| {
            let answered = match chunk {
                Some(chunk) => edge.feed(scanner, chunk, &mut |_| *hits += 1),
                None => edge.finish(scanner, &mut |_| *hits += 1),
            };
            answered.unwrap_or_else(|error| panic!("{error}"));
        });
        print("edge", count, building, memory, &log, &scanned);
        drop(std::fs::remove_file(&path));
    }
}

/// Writes each observable with a signal of its own.
fn build(path: &Path, observables: &[Observable]) {
    let written = File::create(path).map_err(Into::into).and_then(|file| {
        let mut builder = Builder::new(BufWriter::new(file))?;
        let mut signal = Signal::default();
        for (number, observable) in observables.iter().enumerate() {
            signal.facts = format!("{{\"number\":{number:>300}}}").into_bytes();
            let place = builder.signal(&signal)?;
            builder.pair(observable, place)?;
        }
        builder.finish(0)
    });
    drop(written.unwrap_or_else(|error| panic!("{}: {error}", path.display())));
}

/// What a scan took, the best of three, and found.
struct Scanned {
    seconds: f64,
    lines: u64,
    hits: u64,
}

/// Feeds a chunk, or the end, and counts hits.
type Feed<'f> = &'f mut dyn FnMut(&mut LineScanner, Option<&[u8]>, &mut u64);

fn scan(log: &[u8], feed: Feed<'_>) -> Scanned {
    let mut best = Scanned {
        seconds: f64::MAX,
        lines: 0,
        hits: 0,
    };
    for _ in 0..3 {
        let mut hits = 0;
        let mut scanner = LineScanner::new();
        let start = processor_seconds();
        for chunk in log.chunks(256 << 10) {
            feed(&mut scanner, Some(chunk), &mut hits);
        }
        feed(&mut scanner, None, &mut hits);
        let seconds = best.seconds.min(processor_seconds() - start);
        let lines = scanner.lines();
        best = Scanned {
            seconds,
            lines,
            hits,
        };
    }
    best
}

#[expect(clippy::cast_precision_loss, reason = "figures to read")]
fn print(
    name: &str,
    count: usize,
    inserting: f64,
    (told, seen): (usize, usize),
    log: &[u8],
    scanned: &Scanned,
) {
    let Scanned {
        seconds,
        lines,
        hits,
    } = scanned;
    println!(
        "{count:>10} {name:>6} {:>10.0} {:>12.0} {hits:>10} {:>9.0} {:>8.1} {:>8.1}",
        log.len() as f64 / seconds / 1e6,
        *lines as f64 / seconds,
        count as f64 / inserting,
        told as f64 / count as f64,
        seen as f64 / count as f64,
    );
}
