//! How well planted groups are found: precision and recall of account membership, for each seed.
//!
//!     cargo run --release -p entente-detect --example coordination_score -- [ROWS] [SEEDS] [BASELINES]
//!
//! BASELINES is 1 for the usual threshold of two objects, the plain null model (by degrees alone),
//! and the best threshold in hindsight too, which take minutes at a million rows; else 0.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::too_many_lines,
    reason = "a measurement, of data that it made itself"
)]

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use detect::coordination::{Layer, Posts, Settings, Sorted, null};
use detect::sample::{Recipe, Sample, Share};

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u32>());
    let rows = arguments.next().and_then(Result::ok).unwrap_or(1_000_000);
    let seeds = arguments.next().and_then(Result::ok).unwrap_or(5);
    let baselines = arguments.next().and_then(Result::ok).unwrap_or(1) > 0;
    println!("rows seed window method precision recall flagged planted fans seconds");
    for seed in 1..=u64::from(seeds) {
        let sample = Recipe { seed, rows }.draw();
        for windows in [vec![10], vec![60], vec![300], vec![10, 60, 300]] {
            let name: Vec<String> = windows.iter().map(ToString::to_string).collect();
            let name = name.join("+");
            let settings = Settings {
                windows: windows.iter().map(|window| window * 1000).collect(),
                threads: 2,
                ..Settings::default()
            };
            let sorted = sorted(&sample);
            let start = Instant::now();
            let found = null(&sorted, &settings).expect("usable settings");
            let seconds = start.elapsed().as_secs_f64();
            let number = |account: u32| sorted.account(account).parse::<u32>().expect("a number");
            let flagged: BTreeSet<u32> = found
                .pairs
                .iter()
                .flat_map(|pair| [number(pair.one), number(pair.other)])
                .collect();
            score(&sample, &name, "null", &flagged, seconds);
            if baselines && windows.len() == 1 {
                let window = windows.first().copied().unwrap_or_default() * 1000;
                baseline(&sample, window, &name);
            }
        }
    }
}

fn sorted(sample: &Sample) -> Sorted {
    let mut posts = Posts::new();
    for Share {
        object,
        account,
        time,
    } in &sample.shares
    {
        let (object, account) = (object.to_string(), account.to_string());
        posts
            .add(
                Layer::Object,
                object.as_bytes(),
                account.as_bytes(),
                b"",
                *time,
            )
            .expect("numbers of 32 bits");
    }
    posts.sorted()
}

fn score(sample: &Sample, window: &str, method: &str, flagged: &BTreeSet<u32>, seconds: f64) {
    let planted: BTreeSet<u32> = sample.groups.iter().flatten().copied().collect();
    let fans: BTreeSet<u32> = sample.fans.iter().flatten().copied().collect();
    let right = flagged.intersection(&planted).count() as f64;
    let precision = right / flagged.len().max(1) as f64;
    let recall = right / planted.len().max(1) as f64;
    println!(
        "{} {} {method} {precision:.3} {recall:.3} {} {} {} {seconds:.1}",
        sample.shares.len(),
        window,
        flagged.len(),
        planted.len(),
        flagged
            .difference(&planted)
            .filter(|account| fans.contains(account))
            .count(),
    );
}

/// What is usually done: a threshold of two objects; and the plain null model, by degrees alone.
fn baseline(sample: &Sample, window: i64, name: &str) {
    let mut shares: Vec<&Share> = sample.shares.iter().collect();
    shares.sort_by_key(|share| (share.object, share.time));
    let mut of_account = vec![Vec::new(); sample.accounts as usize];
    let mut degree = vec![BTreeSet::new(); sample.accounts as usize];
    for (at, share) in shares.iter().enumerate() {
        of_account[share.account as usize].push(at);
        degree[share.account as usize].insert(share.object);
    }
    let total: f64 = degree.iter().map(|objects| objects.len() as f64).sum();
    let (mut weights, mut pairs) = (Vec::new(), 0_u64);
    let mut met: HashMap<u32, (u32, u32)> = HashMap::new();
    for (account, places) in of_account.iter().enumerate() {
        met.clear();
        for at in places {
            let share = shares[*at];
            let near = |other: &&&Share| {
                other.object == share.object && (other.time - share.time).abs() <= window
            };
            let before = shares[..*at].iter().rev().take_while(near);
            let after = shares[at + 1..].iter().take_while(near);
            for other in before
                .chain(after)
                .filter(|other| other.account as usize > account)
            {
                let entry = met.entry(other.account).or_insert((0, u32::MAX));
                if entry.1 != share.object {
                    *entry = (entry.0 + 1, share.object);
                }
            }
        }
        for (other, (weight, _)) in &met {
            pairs += u64::from(*weight);
            if *weight >= 2 {
                weights.push((account, *other as usize, *weight));
            }
        }
    }
    let accounts = |pairs: &mut dyn Iterator<Item = &(usize, usize, u32)>| -> BTreeSet<u32> {
        pairs.flat_map(|(a, b, _)| [*a as u32, *b as u32]).collect()
    };
    score(sample, name, "w>=2", &accounts(&mut weights.iter()), 0.0);
    let n = f64::from(sample.accounts);
    let p = |(a, b, w): &(usize, usize, u32)| {
        let mean =
            2.0 * pairs as f64 * degree[*a].len() as f64 * degree[*b].len() as f64 / total / total;
        poisson(*w, mean)
    };
    weights.sort_by(|a, b| p(a).total_cmp(&p(b)));
    let tests = n * (n - 1.0) / 2.0;
    let last = (1_u32..)
        .zip(&weights)
        .filter(|(rank, pair)| p(pair) * tests / f64::from(*rank) <= 0.01)
        .last();
    let kept = last.map_or(0, |(rank, _)| rank as usize);
    score(
        sample,
        name,
        "plain",
        &accounts(&mut weights[..kept].iter()),
        0.0,
    );
    // the best threshold in hindsight
    let planted: BTreeSet<u32> = sample.groups.iter().flatten().copied().collect();
    let mut best = (0.0, BTreeSet::new());
    for least in 2..40 {
        let flagged = accounts(&mut weights.iter().filter(|(_, _, w)| *w >= least));
        let right = flagged.intersection(&planted).count() as f64;
        let f1 = 2.0 * right / (flagged.len() + planted.len()) as f64;
        if f1 > best.0 {
            best = (f1, flagged);
        }
    }
    score(sample, name, "best-w", &best.1, 0.0);
}

fn poisson(count: u32, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut below = term;
    for k in 1..count {
        term *= mean / f64::from(k);
        below += term;
    }
    let mut term = term * mean / f64::from(count);
    let mut sum = 0.0;
    for k in count + 1..count + 200 {
        sum += term;
        term *= mean / f64::from(k);
    }
    if below < 0.9 { 1.0 - below } else { sum }
}
