//! Winnowing (Schleimer, Wilkerson and Aiken, 2003): fingerprints of a text such that any passage
//! of `k + w - 1` letters that two texts share gives them a fingerprint in common.
//!
//! Each run of k letters of the normal form has a hash; of each w consecutive hashes the least is a
//! fingerprint, the rightmost where several are. Which runs are chosen needs no key; what is
//! published of them does ([`published()`]).

use thiserror::Error;

use super::key::Key;
use super::normal::{Letter, Normaliser};

/// The base of the rolling polynomial: odd, of no pattern.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15 | 5;

/// How fine a text is winnowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grain {
    k: usize,
    w: usize,
}

/// Settings out of their range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("k is between 4 and 1,024 letters and w between 1 and 1,024 runs")]
pub struct OutOfRange;

impl Grain {
    /// For posts: k 20, w 12; 31 letters in common are always found.
    pub const POSTS: Self = Self { k: 20, w: 12 };
    /// For documents: k 40, w 24; 63 letters in common are always found.
    pub const DOCUMENTS: Self = Self { k: 40, w: 24 };
    /// For passages of documents, quoted or edited: k 25, w 26; 50 letters in common are always
    /// found.
    pub const PASSAGES: Self = Self { k: 25, w: 26 };

    /// Runs of `k` letters, one chosen of each `w`.
    ///
    /// # Errors
    /// When k is not in 4..=1,024 or w not in 1..=1,024.
    pub fn new(k: usize, w: usize) -> Result<Self, OutOfRange> {
        if (4..=1024).contains(&k) && (1..=1024).contains(&w) {
            Ok(Self { k, w })
        } else {
            Err(OutOfRange)
        }
    }

    /// Letters of a run.
    pub fn k(self) -> usize {
        self.k
    }

    /// Runs that one is chosen of.
    pub fn w(self) -> usize {
        self.w
    }

    /// Letters in common that are always found.
    pub fn guarantee(self) -> usize {
        self.k + self.w - 1
    }
}

/// A fingerprint of a text, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// The hash of a run of k letters, without a key.
    pub hash: u64,
    /// The first byte of the run in the original text.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
}

/// A run that was chosen.
#[derive(Debug)]
pub struct Selected<'w> {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    letters: &'w [Place],
    first: u64,
    k: usize,
}

impl Selected<'_> {
    /// The k letters themselves, appended to `to`.
    pub fn write_letters(&self, to: &mut String) {
        let mask = self.letters.len().wrapping_sub(1);
        let first = index(self.first);
        let places = (0..self.k).map(|at| self.letters.get(first.wrapping_add(at) & mask));
        to.extend(places.flatten().map(|place| place.char));
    }
}

/// A letter among the last.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    char: char,
    /// Its value in the polynomial.
    value: u64,
    start: u64,
    end: u64,
}

/// A run, by its number.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    hash: u64,
    number: u64,
}

/// Finds the fingerprints of texts that stream by, one text after the other.
///
/// Memory is that of k + w letters and w hashes; a letter costs constant time on average, whatever
/// the text.
#[derive(Debug, Clone)]
pub struct Winnower {
    normaliser: Normaliser,
    runs: Runs,
}

#[derive(Debug, Clone)]
struct Runs {
    grain: Grain,
    /// `BASE` to the power of k.
    leaving: u64,
    hash: u64,
    /// Letters so far.
    count: u64,
    /// The last letters, in a ring; its length is a power of two.
    letters: Box<[Place]>,
    /// The hashes of the last runs, in a ring; its length is a power of two.
    hashes: Box<[u64]>,
    /// The least of the window.
    least: Run,
    /// The run chosen last.
    chosen: Option<u64>,
}

impl Winnower {
    /// A winnower of this grain.
    pub fn new(grain: Grain) -> Self {
        let letters = (grain.k + grain.w).next_power_of_two();
        let leaving = (0..grain.k).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        Self {
            normaliser: Normaliser::new(),
            runs: Runs {
                grain,
                leaving,
                hash: 0,
                count: 0,
                letters: vec![Place::default(); letters].into(),
                hashes: vec![0; grain.w.next_power_of_two()].into(),
                least: Run::default(),
                chosen: None,
            },
        }
    }

    /// Takes the next bytes of a text, of any cut; gives what was chosen, in the order it stands.
    pub fn feed(&mut self, bytes: &[u8], on_selected: &mut impl FnMut(&Selected<'_>)) {
        let Self { normaliser, runs } = self;
        normaliser.feed(bytes, &mut |letter| runs.push(letter, on_selected));
    }

    /// Ends the text; the next bytes are those of another. A text with fewer than w runs, which has
    /// no whole window, gives the least of those it has.
    pub fn finish(&mut self, on_selected: &mut impl FnMut(&Selected<'_>)) {
        self.runs.finish(on_selected);
        self.normaliser.reset();
    }
}

impl Runs {
    #[inline]
    fn push(&mut self, letter: Letter, on_selected: &mut impl FnMut(&Selected<'_>)) {
        let mask = self.letters.len() - 1;
        let k = self.grain.k as u64;
        let value = value(letter.char);
        self.hash = self.hash.wrapping_mul(BASE).wrapping_add(value);
        if self.count >= k
            && let Some(gone) = self.letters.get(index(self.count - k) & mask)
        {
            let gone = gone.value.wrapping_mul(self.leaving);
            self.hash = self.hash.wrapping_sub(gone);
        }
        if let Some(place) = self.letters.get_mut(index(self.count) & mask) {
            *place = Place {
                char: letter.char,
                value,
                start: letter.start,
                end: letter.end,
            };
        }
        self.count += 1;
        if self.count >= k {
            self.push_run(Run {
                hash: mix(self.hash),
                number: self.count - k,
            });
            // The first window is whole with the run of number w - 1.
            if self.count - k + 1 >= self.grain.w as u64 && self.chosen != Some(self.least.number) {
                self.choose(on_selected);
            }
        }
    }

    /// Adds a run to the window. Only where the least has left it, one time in about w, is the whole
    /// window looked through.
    #[inline]
    fn push_run(&mut self, run: Run) {
        let mask = self.hashes.len() - 1;
        if let Some(slot) = self.hashes.get_mut(index(run.number) & mask) {
            *slot = run.hash;
        }
        let oldest = (run.number + 1).saturating_sub(self.grain.w as u64);
        if run.hash <= self.least.hash || run.number == 0 {
            self.least = run;
        } else if self.least.number < oldest {
            self.least = run;
            for number in (oldest..run.number).rev() {
                let hash = self.hashes.get(index(number) & mask).copied();
                if let Some(hash) = hash.filter(|&hash| hash < self.least.hash) {
                    self.least = Run { hash, number };
                }
            }
        }
    }

    #[inline]
    fn choose(&mut self, on_selected: &mut impl FnMut(&Selected<'_>)) {
        let Run { hash, number } = self.least;
        self.chosen = Some(number);
        let mask = self.letters.len() - 1;
        let letter = |number: u64| self.letters.get(index(number) & mask);
        let last = number + self.grain.k as u64 - 1;
        on_selected(&Selected {
            fingerprint: Fingerprint {
                hash,
                start: letter(number).map_or(0, |first| first.start),
                end: letter(last).map_or(0, |last| last.end),
            },
            letters: &self.letters,
            first: number,
            k: self.grain.k,
        });
    }

    fn finish(&mut self, on_selected: &mut impl FnMut(&Selected<'_>)) {
        if self.count >= self.grain.k as u64 && self.chosen.is_none() {
            self.choose(on_selected);
        }
        (self.hash, self.count) = (0, 0);
        self.chosen = None;
    }
}

/// A ring's index: rings are shorter than any `usize`.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "rings are masked, low bits suffice"
)]
const fn index(number: u64) -> usize {
    number as usize
}

/// The value of a letter in the polynomial.
#[inline]
const fn value(char: char) -> u64 {
    mix((char as u64).wrapping_add(0x5851_f42d_4c95_7f2d))
}

/// The finish of `SplitMix64` (Steele, Lea and Flood, 2014).
#[inline]
const fn mix(mut value: u64) -> u64 {
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

/// The fingerprints of a text, in the order they stand.
pub fn fingerprints(grain: Grain, text: &[u8]) -> Vec<Fingerprint> {
    let mut winnower = Winnower::new(grain);
    let mut found = Vec::new();
    let mut keep = |selected: &Selected<'_>| found.push(selected.fingerprint);
    winnower.feed(text, &mut keep);
    winnower.finish(&mut keep);
    found
}

/// The fingerprints of a text as they are published: HMAC-SHA256 of the k letters of each run that
/// is chosen, in UTF-8, cut to 64 bits; sorted, each once. `read` gives the text piece by piece and
/// nothing at its end.
///
/// # Errors
/// What `read` fails with.
pub fn published<E>(
    key: &Key,
    grain: Grain,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<Vec<u64>, E> {
    let mut winnower = Winnower::new(grain);
    let (mut hashes, mut letters) = (Vec::new(), String::new());
    let mut keep = |selected: &Selected<'_>| {
        letters.clear();
        selected.write_letters(&mut letters);
        hashes.push(key.hash(&[&letters]));
    };
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = read(&mut buffer)?;
        if length == 0 {
            break;
        }
        winnower.feed(buffer.get(..length).unwrap_or(&buffer), &mut keep);
    }
    winnower.finish(&mut keep);
    hashes.sort_unstable();
    hashes.dedup();
    Ok(hashes)
}
