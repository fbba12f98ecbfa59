//! Which hashes are near one: exact search within a Hamming distance.
//!
//! Multi-index hashing (Norouzi, Punjani, Fleet: "Fast Exact Search in Hamming Space with
//! Multi-Index Hashing", 2014) in segments that do not change, beside fresh hashes that are compared
//! one by one and marks on those removed. Every hash within the distance is found, always.

mod chunk;
mod flat;
mod merge;
mod plan;
mod segment;

use std::sync::Arc;

use super::Pdq;
pub use merge::{Merge, Merged};
use segment::Segment;

/// The greatest distance that can be asked for.
pub const MAX_DISTANCE: u32 = 64;

/// So many fresh hashes cost a query about as much as a segment does.
const FRESH: usize = 4096;

/// A hash near the one asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// How many bits differ.
    pub distance: u32,
    /// As given to [`Index::insert`].
    pub signal: u64,
    /// The published hash.
    pub hash: Pdq,
}

/// Signals by their hash. What is inserted twice is found twice.
#[derive(Debug, Default)]
pub struct Index {
    /// From large to small; the last may be fresh hashes that a merge has begun with.
    segments: Vec<Held>,
    fresh: Flat,
}

/// Hashes and, beside them, their signals.
#[derive(Debug, Default)]
struct Flat {
    hashes: Vec<Pdq>,
    signals: Vec<u64>,
}

/// A segment, and what has been removed from it.
#[derive(Debug)]
struct Held {
    segment: Arc<Segment>,
    removed: Marks,
}

/// A bit for each hash of a segment, set once it is removed; no bits while all are there.
#[derive(Debug, Clone, Default)]
struct Marks {
    words: Vec<u64>,
    count: usize,
}

impl Index {
    /// An index of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many hashes are in it.
    pub fn len(&self) -> usize {
        let held: usize = self.segments.iter().map(Held::left).sum();
        held + self.fresh.hashes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it keeps in memory, in bytes.
    pub fn resident(&self) -> usize {
        let held = self.segments.iter();
        let held: usize = held
            .map(|held| held.segment.resident() + held.removed.words.capacity() * size_of::<u64>())
            .sum();
        held + self.fresh.resident()
    }

    /// Adds a hash, found from now on. Fresh ones are compared one by one: see
    /// [`Index::merge_due`].
    pub fn insert(&mut self, hash: Pdq, signal: u64) {
        self.fresh.hashes.push(hash);
        self.fresh.signals.push(signal);
    }

    /// Removes a hash of a signal, one if there are several. False when there is none.
    pub fn remove(&mut self, hash: &Pdq, signal: u64) -> bool {
        self.fresh.remove(hash, signal)
            || self
                .segments
                .iter_mut()
                .any(|held| held.remove(hash, signal))
    }

    /// Adds to `found` every hash at most `distance` away, in no order. Distances above
    /// [`MAX_DISTANCE`] are taken as that.
    pub fn near(&self, hash: &Pdq, distance: u32, found: &mut Vec<Near>) {
        let distance = distance.min(MAX_DISTANCE);
        for held in &self.segments {
            held.segment.near(hash, distance, &held.removed, found);
        }
        self.fresh.near(hash, distance, &Marks::default(), found);
    }
}

impl Held {
    fn new(segment: Segment) -> Self {
        Self {
            segment: Arc::new(segment),
            removed: Marks::default(),
        }
    }

    fn left(&self) -> usize {
        self.segment.len() - self.removed.count
    }

    fn remove(&mut self, hash: &Pdq, signal: u64) -> bool {
        let place = self.segment.place(hash, signal, &self.removed);
        if let Some(place) = place {
            self.removed.set(place, self.segment.len());
        }
        place.is_some()
    }
}

impl Marks {
    #[inline]
    fn has(&self, place: usize) -> bool {
        let word = self.words.get(place / 64);
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn set(&mut self, place: usize, of: usize) {
        self.words.resize(of.div_ceil(64), 0);
        if let Some(word) = self.words.get_mut(place / 64) {
            *word |= 1 << (place % 64);
            self.count += 1;
        }
    }
}
