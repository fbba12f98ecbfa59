//! How fast a core scans generated logs, and what an indicator costs in memory. Time is that spent
//! on a processor, so that other work on the machine does not count:
//! `cargo run --release -p entente-matching --example rate [megabytes]`.

use matching::{Index, LineScanner, sample};

fn main() {
    let megabytes: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(256);
    let few: Vec<_> = sample::observables(2018).take(1000).collect();
    let mut log = Vec::with_capacity(megabytes << 20);
    let mut seed = 0;
    while log.len() < megabytes << 20 {
        seed += 1;
        sample::write_log(seed, 100_000, &few, &mut |line| {
            log.extend_from_slice(line.as_bytes());
            log.push(b'\n');
        });
    }
    println!(
        "{:>10} {:>10} {:>12} {:>10} {:>8} {:>8} {:>8}",
        "indicators", "MB/s", "lines/s", "hits", "inserts/s", "B each", "RSS each"
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
        let mut hits = 0_u64;
        let mut best = f64::MAX;
        let mut lines = 0;
        for _ in 0..3 {
            hits = 0;
            let mut scanner = LineScanner::new();
            let start = processor_seconds();
            for chunk in log.chunks(256 << 10) {
                scanner.feed(&index, chunk, &mut |_| hits += 1);
            }
            scanner.finish(&index, &mut |_| hits += 1);
            best = best.min(processor_seconds() - start);
            lines = scanner.lines();
        }
        #[expect(clippy::cast_precision_loss, reason = "figures to read")]
        let (rate, line_rate, insert_rate) = (
            log.len() as f64 / best / 1e6,
            lines as f64 / best,
            count as f64 / inserting,
        );
        println!(
            "{count:>10} {rate:>10.0} {line_rate:>12.0} {hits:>10} {insert_rate:>8.0} {each:>8} {rss:>8}"
        );
    }
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
