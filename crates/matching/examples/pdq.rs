//! How fast a core searches PDQ hashes, hashes apart from each other and hashes in clusters, and
//! what one costs in memory. Time is that spent on a processor, so that other work on the machine
//! does not count: `cargo run --release -p entente-matching --example pdq [millions...]`.

mod measure;

use matching::pdq::{Index, NEAR, Pdq};

use measure::processor_seconds;

fn main() {
    let mut counts: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    if counts.is_empty() {
        counts = vec![1, 10];
    }
    println!(
        "{:>10} {:>10} {:>12} {:>12} {:>8} {:>9} {:>12}",
        "hashes", "lie", "queries/s", "far/s", "B each", "build s", "near each"
    );
    for millions in counts {
        for (lie, per_cluster) in [("apart", 1), ("clusters", 100), ("crowd", 20_000)] {
            measure(millions * 1_000_000, lie, per_cluster);
        }
    }
}

/// Queries are published hashes with 12 bits flipped; far ones are near nothing.
fn measure(count: u64, lie: &str, per_cluster: u64) {
    let mut state = 2018;
    let mut index = Index::new();
    let mut asked = Vec::new();
    let start = processor_seconds();
    let mut centre = Pdq::default();
    for signal in 0..count {
        if signal % per_cluster == 0 {
            centre = random(&mut state);
        }
        let hash = if per_cluster == 1 {
            centre
        } else {
            flipped(&mut state, centre, 16)
        };
        index.insert(hash, signal);
        if signal % (count / 2000) == 0 {
            asked.push(flipped(&mut state, hash, 12));
        }
    }
    index.merge();
    let build = processor_seconds() - start;
    let (near_rate, found) = rate(&index, &asked);
    let far: Vec<Pdq> = (0..2000).map(|_| random(&mut state)).collect();
    let (far_rate, _) = rate(&index, &far);
    let bytes = index.resident() as u64 / count;
    println!(
        "{count:>10} {lie:>10} {near_rate:>12.0} {far_rate:>12.0} {bytes:>8} {build:>9.2} {found:>12.1}"
    );
}

/// Queries a second, and hits a query.
#[expect(clippy::cast_precision_loss, reason = "figures to read")]
fn rate(index: &Index, asked: &[Pdq]) -> (f64, f64) {
    let mut best = f64::MAX;
    let mut found = Vec::new();
    let mut hits = 0;
    for _ in 0..3 {
        hits = 0;
        let start = processor_seconds();
        for hash in asked {
            found.clear();
            index.near(hash, NEAR, &mut found);
            hits += found.len();
        }
        best = best.min(processor_seconds() - start);
    }
    let count = asked.len() as f64;
    (count / best, hits as f64 / count)
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *state;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn random(state: &mut u64) -> Pdq {
    Pdq::from_words(std::array::from_fn(|_| next(state)))
}

fn flipped(state: &mut u64, hash: Pdq, bits: u32) -> Pdq {
    let mut words = *hash.words();
    for _ in 0..bits {
        let bit = next(state) % 256;
        for (word, number) in words.iter_mut().zip(0..) {
            *word ^= u64::from(bit / 64 == number) << (bit % 64);
        }
    }
    Pdq::from_words(words)
}
