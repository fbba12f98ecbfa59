//! Merging: fresh hashes become a segment, small segments a larger one. Each hash is merged a few
//! times while an index grows, and when is the caller's choice.

use std::sync::Arc;

use super::chunk::MOST;
use super::segment::Segment;
use super::{FRESH, Flat, Held, Index, Marks};

/// A segment is merged with what is at most this many times smaller.
const TIER: usize = 4;

/// A merge under way: [`Merge::run`] takes long and needs no index.
#[derive(Debug)]
pub struct Merge {
    /// How many segments stay as they are.
    kept: usize,
    parts: Vec<(Arc<Segment>, Marks)>,
}

/// What [`Merge::run`] made.
#[derive(Debug)]
pub struct Merged {
    from: Merge,
    segment: Segment,
}

impl Index {
    /// Whether so many hashes are compared one by one, or have been removed, that merging pays.
    pub fn merge_due(&self) -> bool {
        let flat = self.segments.iter().filter(|held| held.segment.is_flat());
        let flat: usize = flat.map(Held::left).sum();
        let fresh = self.fresh.hashes.len();
        (fresh > 0 && fresh + flat >= FRESH) || self.segments.iter().any(Held::is_half_empty)
    }

    /// Merges at once. About a second for a million hashes: [`Index::begin_merge`] does not wait.
    pub fn merge(&mut self) {
        let merged = self.begin_merge().run();
        self.finish_merge(merged);
    }

    /// Begins a merge, which can run elsewhere while this index answers and changes.
    pub fn begin_merge(&mut self) -> Merge {
        if !self.fresh.hashes.is_empty() {
            let fresh = std::mem::take(&mut self.fresh);
            self.segments.push(Held::new(Segment::flat(fresh)));
        }
        let kept = self.first_to_merge();
        let merging = self.segments.iter().skip(kept);
        let parts = merging.map(|held| (held.segment.clone(), held.removed.clone()));
        Merge {
            kept,
            parts: parts.collect(),
        }
    }

    /// The first segment that is merged with all behind it: one that is flat, or half empty, or not
    /// much larger than these together.
    fn first_to_merge(&self) -> usize {
        let mut first = self.segments.len();
        let mut size = 0;
        for (place, held) in self.segments.iter().enumerate().rev() {
            let merged = held.segment.is_flat() || held.left() <= size * TIER;
            if !merged || size + held.left() > MOST {
                break;
            }
            first = place;
            size += held.left();
        }
        let half_empty = self.segments.iter().position(Held::is_half_empty);
        half_empty.map_or(first, |place| place.min(first))
    }

    /// Puts what was merged in the place of its parts. False, and nothing is changed, when another
    /// merge has finished meanwhile.
    pub fn finish_merge(&mut self, merged: Merged) -> bool {
        let Merged { from, segment } = merged;
        let places = from.kept..from.kept + from.parts.len();
        let Some(held) = self.segments.get(places.clone()) else {
            return false;
        };
        let same =
            |(held, (part, _)): (&Held, &(Arc<Segment>, Marks))| Arc::ptr_eq(&held.segment, part);
        if from.parts.is_empty() || !held.iter().zip(&from.parts).all(same) {
            return false;
        }
        let mut whole = Held::new(segment);
        for (held, (part, removed)) in held.iter().zip(&from.parts) {
            if held.removed.count == removed.count {
                continue;
            }
            let since = (0..part.len()).filter(|p| held.removed.has(*p) && !removed.has(*p));
            for (hash, signal) in since.filter_map(|place| part.at(place)) {
                whole.remove(&hash, signal);
            }
        }
        self.segments
            .splice(places, (whole.left() > 0).then_some(whole));
        true
    }
}

impl Merge {
    /// Merges. Takes about a microsecond a hash.
    pub fn run(self) -> Merged {
        let mut flat = Flat::default();
        let count = self
            .parts
            .iter()
            .map(|(part, removed)| part.len() - removed.count);
        let count = count.sum();
        flat.hashes.reserve_exact(count);
        flat.signals.reserve_exact(count);
        for (part, removed) in &self.parts {
            for (hash, signal) in part.left(removed) {
                flat.hashes.push(hash);
                flat.signals.push(signal);
            }
        }
        Merged {
            from: self,
            segment: Segment::new(flat),
        }
    }
}

impl Held {
    fn is_half_empty(&self) -> bool {
        self.removed.count > self.segment.len() / 2
    }
}
