//! How fast a core scans a log of proxies, name servers and endpoints, whether it finds what is
//! planted, and what an indicator costs in memory. Time is that spent on a processor, so that other work on the machine does not count:
//! `cargo run --release -p entente-matching --example rate [megabytes]`.

use matching::sample::{self, Corpus, Placed, Truth};
use matching::{Index, LineScanner};

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
    let placed = corpus.write(&few, &mut |line| {
        log.extend_from_slice(line.as_bytes());
        log.push(b'\n');
    });
    println!(
        "{:>10} {:>8} {:>10} {:>9} {:>6} {:>8} {:>9} {:>6} {:>8}",
        "indicators",
        "MB/s",
        "lines/s",
        "found",
        "traps",
        "other",
        "inserts/s",
        "B each",
        "RSS each"
    );
    for count in [1_000, 100_000, 1_000_000] {
        let mut index = Index::new();
        let observables: Vec<_> = sample::observables(2018).take(count).collect();
        let held = resident();
        let start = processor_seconds();
        for (signal, observable) in observables.iter().enumerate() {
            index.insert(observable, signal as u64);
        }
        let inserting = processor_seconds() - start;
        let rss = resident().saturating_sub(held) / count;
        let each = index.resident() / count;
        drop(observables);
        let mut hits = Vec::new();
        let mut best = f64::MAX;
        let mut lines = 0;
        for _ in 0..5 {
            hits.clear();
            let mut scanner = LineScanner::new();
            let start = processor_seconds();
            let mut on_hit = |hit: matching::LineHit<'_>| hits.push((hit.offset, hit.hit.signal));
            for chunk in log.chunks(256 << 10) {
                scanner.feed(&index, chunk, &mut on_hit);
            }
            scanner.finish(&index, &mut on_hit);
            best = best.min(processor_seconds() - start);
            lines = scanner.lines();
        }
        #[expect(clippy::cast_precision_loss, reason = "figures to read")]
        let (rate, line_rate, insert_rate) = (
            log.len() as f64 / best / 1e6,
            lines as f64 / best,
            count as f64 / inserting,
        );
        let (found, traps) = judge(&placed, &hits);
        let other = hits.len().saturating_sub(found + traps);
        println!(
            "{count:>10} {rate:>8.0} {line_rate:>10.0} {found:>9} {traps:>6} {other:>8} \
             {insert_rate:>9.0} {each:>6} {rss:>8}"
        );
    }
}

/// How many of those planted were found, and how many traps fired.
fn judge(placed: &[Placed], hits: &[(u64, u64)]) -> (usize, usize) {
    let is_hit = |placed: &&Placed| {
        let span = placed.offset..placed.offset + placed.written.len() as u64;
        hits.iter().any(|(offset, signal)| {
            span.contains(offset) && (placed.truth == Truth::Trap || *signal == placed.index as u64)
        })
    };
    let (traps, planted): (Vec<_>, Vec<_>) = placed
        .iter()
        .partition(|placed| placed.truth == Truth::Trap);
    let count = |placed: Vec<&Placed>| placed.iter().filter(|placed| is_hit(placed)).count();
    (count(planted), count(traps))
}

/// Resident memory in bytes, where the system tells.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok())
        .unwrap_or(0)
        * 4096
}

/// Seconds that this thread was on a processor.
fn processor_seconds() -> f64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = status
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    nanos.unwrap_or(0.0) / 1e9
}
