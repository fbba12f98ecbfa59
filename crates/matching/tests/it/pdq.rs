//! PDQ: the search finds what comparing one by one finds; hashes bear what publishers do to images.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers, for pictures"
)]

use matching::pdq::index::MAX_DISTANCE;
use matching::pdq::{Dihedral, Hasher, Index, Near, Pdq, Pixels};
use proptest::prelude::*;

/// Splitmix64: numbers enough, and the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn hash(&mut self) -> Pdq {
        Pdq::from_words(std::array::from_fn(|_| self.next()))
    }

    /// A hash with some bits flipped, possibly twice.
    fn near(&mut self, hash: &Pdq, flips: u64) -> Pdq {
        let mut words = *hash.words();
        for _ in 0..flips {
            let bit = self.below(256);
            words[(bit / 64) as usize] ^= 1 << (bit % 64);
        }
        Pdq::from_words(words)
    }
}

/// What an index should hold, compared one by one.
#[derive(Default)]
struct Model(Vec<(Pdq, u64)>);

impl Model {
    fn near(&self, hash: &Pdq, distance: u32) -> Vec<Near> {
        let all = self.0.iter().map(|&(other, signal)| Near {
            distance: hash.distance(&other),
            signal,
            hash: other,
        });
        let mut near: Vec<Near> = all.filter(|near| near.distance <= distance).collect();
        near.sort();
        near
    }
}

fn near(index: &Index, hash: &Pdq, distance: u32) -> Vec<Near> {
    let mut found = Vec::new();
    index.near(hash, distance, &mut found);
    found.sort();
    found
}

/// Hashes by how they lie: apart, in clusters, or nearly all about one.
fn population(numbers: &mut Numbers, kind: u8, count: u64) -> Vec<Pdq> {
    let centres: Vec<Pdq> = (0..=count / 50).map(|_| numbers.hash()).collect();
    let one = |_| match kind {
        0 => numbers.hash(),
        1 => {
            let centre = centres[numbers.below(centres.len() as u64) as usize];
            let flips = numbers.below(50);
            numbers.near(&centre, flips)
        }
        _ => {
            let flips = numbers.below(70);
            numbers.near(&centres[0], flips)
        }
    };
    (0..count).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Inserting, removing and merging in any order, with merges that run while others change the
    /// index, leave exactly what was inserted and not removed; within any distance.
    #[test]
    fn a_search_finds_what_comparing_one_by_one_finds(
        seed in any::<u64>(),
        kind in 0_u8..3,
        rounds in prop::collection::vec((1_u64..7000, 0_u64..2000, any::<bool>()), 1..4),
    ) {
        let mut numbers = Numbers(seed);
        let (mut index, mut model) = (Index::new(), Model::default());
        for (inserted, removed, elsewhere) in rounds {
            for hash in population(&mut numbers, kind, inserted) {
                // Signals repeat, and so do hashes: what is inserted twice is found twice.
                let signal = numbers.below(50);
                for _ in 0..=u64::from(numbers.below(20) == 0) {
                    index.insert(hash, signal);
                    model.0.push((hash, signal));
                }
            }
            let merge = elsewhere.then(|| index.begin_merge());
            for _ in 0..removed.min(model.0.len() as u64) {
                let place = numbers.below(model.0.len() as u64) as usize;
                let (hash, signal) = model.0.swap_remove(place);
                prop_assert!(index.remove(&hash, signal));
            }
            match merge {
                Some(merge) => prop_assert!(index.finish_merge(merge.run())),
                None if numbers.below(2) == 0 => index.merge(),
                None => {}
            }
            prop_assert_eq!(index.len(), model.0.len());
            for distance in [0, 1, 9, 10, 31, 31, 32, 47, MAX_DISTANCE] {
                let about = match model.0.get(numbers.below(9000) as usize) {
                    Some((hash, _)) => numbers.near(hash, u64::from(distance)),
                    None => numbers.hash(),
                };
                prop_assert_eq!(near(&index, &about, distance), model.near(&about, distance));
            }
        }
    }
}

#[test]
fn what_is_not_there_is_not_removed() {
    let mut numbers = Numbers(3);
    let mut index = Index::new();
    let hashes = population(&mut numbers, 0, 5000);
    for hash in &hashes {
        index.insert(*hash, 1);
    }
    index.merge();
    assert!(!index.remove(&hashes[0], 2), "another signal's");
    assert!(!index.remove(&numbers.hash(), 1), "another hash");
    assert!(index.remove(&hashes[0], 1));
    assert!(!index.remove(&hashes[0], 1), "removed already");
    assert_eq!(near(&index, &hashes[0], 0), []);
}

#[test]
fn a_merge_that_another_has_overtaken_changes_nothing() {
    let mut numbers = Numbers(4);
    let mut index = Index::new();
    for hash in population(&mut numbers, 0, 3000) {
        index.insert(hash, 1);
    }
    let slow = index.begin_merge();
    index.merge();
    assert!(!index.finish_merge(slow.run()));
    assert_eq!(index.len(), 3000);
}

#[test]
fn merges_become_due_and_keep_an_index_in_few_segments() {
    let mut numbers = Numbers(5);
    let mut index = Index::new();
    let mut merges = 0;
    for signal in 0..40_000 {
        index.insert(numbers.hash(), signal);
        while index.merge_due() {
            index.merge();
            merges += 1;
        }
    }
    assert!((5..20).contains(&merges), "{merges}");
    assert_eq!(index.len(), 40_000);
    assert!(index.resident() / index.len() < 200, "{}", index.resident());
}

/// The hashes of real images that come with the reference, many near each other.
#[test]
fn real_hashes_are_found() {
    let Some(home) = std::env::var_os("ENTENTE_TESTDATA") else {
        eprintln!("skipped: ENTENTE_TESTDATA is not set");
        return;
    };
    let read = |name: &str| -> Vec<Pdq> {
        let path = std::path::Path::new(&home).join("images").join(name);
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| line.trim().parse().unwrap())
            .collect()
    };
    let (mut index, mut model) = (Index::new(), Model::default());
    for (signal, hash) in (0..).zip(read("haystack.txt")) {
        index.insert(hash, signal);
        model.0.push((hash, signal));
    }
    for hash in population(&mut Numbers(6), 0, 4000) {
        index.insert(hash, 0);
        model.0.push((hash, 0));
    }
    index.merge();
    let mut hits = 0;
    for needle in read("needles.txt")
        .into_iter()
        .chain(read("haystack.txt").into_iter().take(200))
    {
        let found = near(&index, &needle, 31);
        hits += found.len();
        assert_eq!(found, model.near(&needle, 31));
    }
    assert!(hits > 200, "{hits}");
}

/// A picture with shapes at random places, the same for the same seed.
fn picture(seed: u64, width: usize, height: usize) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let blobs: Vec<[f64; 6]> = (0..30)
        .map(|_| std::array::from_fn(|_| numbers.below(1000) as f64 / 1000.0))
        .collect();
    let mut samples = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f64 / width as f64, y as f64 / height as f64);
            let mut colour = [128.0; 3];
            for [centre_u, centre_v, radius, red, green, blue] in &blobs {
                let away = (u - centre_u).powi(2) + (v - centre_v).powi(2);
                let weight = (-away / (0.002 + radius * radius * 0.02)).exp();
                for (channel, strength) in colour.iter_mut().zip([red, green, blue]) {
                    *channel += weight * (strength - 0.5) * 400.0;
                }
            }
            samples.extend(colour.map(|channel: f64| channel.clamp(0.0, 255.0) as u8));
        }
    }
    samples
}

#[test]
fn a_picture_keeps_its_hash_when_it_is_resized() {
    let mut hasher = Hasher::new();
    let mut hash = |width, height| {
        let samples = picture(9, width, height);
        hasher
            .hash(&Pixels::rgb(&samples, width, height).unwrap())
            .unwrap()
    };
    let first = hash(512, 512);
    assert!(first.quality >= 50, "{}", first.quality);
    for (width, height) in [(256, 256), (300, 200), (1024, 700), (129, 900)] {
        let other = hash(width, height);
        let distance = first.hash.distance(&other.hash);
        assert!(distance <= 31, "{width} × {height}: {distance}");
    }
    let samples = picture(10, 512, 512);
    let other = hasher
        .hash(&Pixels::rgb(&samples, 512, 512).unwrap())
        .unwrap();
    assert!(first.hash.distance(&other.hash) > 60, "another picture");
}

/// Where the pixel at (x, y) goes.
type Turn = fn(usize, usize) -> (usize, usize);

#[test]
fn a_turned_picture_has_the_turned_hash() {
    const SIDE: usize = 256;
    const LAST: usize = SIDE - 1;
    let upright = picture(11, SIDE, SIDE);
    let turned = |to: Turn| -> Vec<u8> {
        let mut samples = vec![0; upright.len()];
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (to_x, to_y) = to(x, y);
                let (from, to) = ((y * SIDE + x) * 3, (to_y * SIDE + to_x) * 3);
                samples[to..to + 3].copy_from_slice(&upright[from..from + 3]);
            }
        }
        samples
    };
    let turns: [Turn; 8] = [
        |x, y| (x, y),
        |x, y| (y, LAST - x),
        |x, y| (LAST - x, LAST - y),
        |x, y| (LAST - y, x),
        |x, y| (x, LAST - y),
        |x, y| (LAST - x, y),
        |x, y| (y, x),
        |x, y| (LAST - y, LAST - x),
    ];
    let mut hasher = Hasher::new();
    let pixels = Pixels::rgb(&upright, SIDE, SIDE).unwrap();
    let (hashes, _) = hasher.dihedral(&pixels).unwrap();
    assert_eq!(hashes[0], hasher.hash(&pixels).unwrap().hash);
    for ((turn, hash), to) in Dihedral::ALL.into_iter().zip(hashes).zip(turns) {
        let samples = turned(to);
        let seen = hasher
            .hash(&Pixels::rgb(&samples, SIDE, SIDE).unwrap())
            .unwrap();
        let distance = seen.hash.distance(&hash);
        assert!(distance <= 31, "{}: {distance}", turn.as_str());
    }
}
