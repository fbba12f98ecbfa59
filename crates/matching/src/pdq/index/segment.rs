//! Hashes that do not change, in chunks.

use super::chunk::{self, Chunk, Run};
use super::plan::{self, Span};
use super::{Flat, Marks, Near};
use crate::pdq::Pdq;

/// Below this, comparing one by one is as fast.
const SMALL: usize = 2048;

/// What a candidate, read here and there, costs in comparisons one after the other.
const CANDIDATE: usize = 8;

/// Room for what most queries find on their way.
const ROOM: usize = 1024;

#[derive(Debug)]
pub(super) struct Segment {
    flat: Flat,
    /// None if it is small, or fresh.
    chunks: Vec<Chunk>,
}

impl Segment {
    /// A segment compared one by one.
    pub(super) fn flat(flat: Flat) -> Self {
        let chunks = Vec::new();
        Self { flat, chunks }
    }

    /// A segment of at most [`chunk::MOST`] hashes in chunks, unless it is small.
    pub(super) fn new(flat: Flat) -> Self {
        if flat.hashes.len() < SMALL || flat.hashes.len() > chunk::MOST {
            return Self::flat(flat);
        }
        let spans = Span::cut(flat.hashes.len()).into_iter();
        let chunks = spans.map(|span| Chunk::new(span, &flat.hashes)).collect();
        Self { flat, chunks }
    }

    pub(super) fn len(&self) -> usize {
        self.flat.hashes.len()
    }

    pub(super) fn is_flat(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(super) fn resident(&self) -> usize {
        self.flat.resident() + self.chunks.iter().map(Chunk::resident).sum::<usize>()
    }

    /// Hashes and signals that are not removed.
    pub(super) fn left(&self, removed: &Marks) -> impl Iterator<Item = (Pdq, u64)> {
        let all = self.flat.hashes.iter().zip(&self.flat.signals).enumerate();
        all.filter(|(place, _)| !removed.has(*place))
            .map(|(_, (hash, signal))| (*hash, *signal))
    }

    /// What stands at a place.
    pub(super) fn at(&self, place: usize) -> Option<(Pdq, u64)> {
        Some((
            *self.flat.hashes.get(place)?,
            *self.flat.signals.get(place)?,
        ))
    }

    /// Where a hash of a signal stands that is not removed.
    pub(super) fn place(&self, hash: &Pdq, signal: u64, removed: &Marks) -> Option<usize> {
        let is_it =
            |place: &usize| self.at(*place) == Some((*hash, signal)) && !removed.has(*place);
        let Some(chunk) = self.chunks.first() else {
            return (0..self.len()).find(is_it);
        };
        let mut runs = Vec::new();
        chunk.groups(hash, 0, &mut |group| runs.push(chunk.run(group)));
        let places = runs.into_iter().flat_map(|run| chunk.places(run));
        places.map(|place| place as usize).find(is_it)
    }

    /// Adds every hash near `hash` that is not removed. Never costs much more than comparing one by
    /// one: when hashes crowd about the one asked about, that is what is done.
    pub(super) fn near(&self, hash: &Pdq, distance: u32, removed: &Marks, found: &mut Vec<Near>) {
        let before = found.len();
        if self.is_flat() || !self.near_by_chunks(hash, distance, removed, found) {
            found.truncate(before);
            self.flat.near(hash, distance, removed, found);
        }
    }

    /// False when it was given up: too many words or candidates to look at.
    ///
    /// Nearly all of its time is spent waiting for memory, so it goes in steps of reads that do not
    /// depend on each other.
    fn near_by_chunks(
        &self,
        hash: &Pdq,
        distance: u32,
        removed: &Marks,
        found: &mut Vec<Near>,
    ) -> bool {
        let Some(places) = self.candidates(hash, distance) else {
            return false;
        };
        for (_, place) in &places {
            let read_ahead = self.flat.hashes.get(*place as usize);
            std::hint::black_box(read_ahead.map(|other| other.words()[0]));
        }
        for (number, place) in places {
            let place = place as usize;
            let near = self.flat.hashes.get(place);
            let near = near.is_some_and(|other| hash.distance(other) <= distance);
            if near && !removed.has(place) && self.is_first(hash, place, number, distance) {
                found.extend(self.flat.at(place, hash));
            }
        }
        true
    }

    /// The places of all hashes that are near in a chunk, with its number; none if comparing all
    /// costs less.
    fn candidates(&self, hash: &Pdq, distance: u32) -> Option<Vec<(usize, u32)>> {
        let radii = plan::radii(self.chunks.len(), distance);
        let chunks = self.chunks.iter().enumerate().zip(radii);
        let chunks = chunks.filter_map(|(chunk, radius)| Some((chunk, radius?)));
        let words = chunks
            .clone()
            .map(|((_, chunk), radius)| chunk::words(chunk.span, radius));
        if words.sum::<u64>() > self.len() as u64 {
            return None;
        }
        let mut groups = Vec::with_capacity(ROOM);
        for ((number, chunk), radius) in chunks {
            chunk.groups(hash, radius, &mut |group| {
                groups.push((number, chunk, group));
            });
        }
        let runs = groups
            .into_iter()
            .map(|(number, chunk, group)| (number, chunk, chunk.run(group)));
        let runs: Vec<(usize, &Chunk, Run)> = runs.collect();
        let most = self.len() / CANDIDATE;
        if runs.iter().map(|(_, _, run)| run.len()).sum::<usize>() > most * 4 {
            return None;
        }
        for (_, chunk, run) in &runs {
            chunk.read_ahead(*run);
        }
        let mut places = Vec::with_capacity(ROOM);
        for (number, chunk, run) in runs {
            places.extend(chunk.places(run).map(|place| (number, place)));
            if places.len() > most {
                return None;
            }
        }
        Some(places)
    }

    /// Whether no chunk before this one has found the hash at that place.
    fn is_first(&self, hash: &Pdq, place: usize, number: usize, distance: u32) -> bool {
        let radii = plan::radii(self.chunks.len(), distance);
        let mut earlier = self.chunks.iter().zip(radii).take(number);
        self.flat.hashes.get(place).is_some_and(|other| {
            earlier.all(|(chunk, radius)| {
                radius.is_none_or(|radius| chunk.span.distance(hash, other) > radius)
            })
        })
    }
}
