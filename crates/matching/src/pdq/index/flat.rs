//! Hashes compared one by one.

use super::{Flat, Marks, Near};
use crate::pdq::Pdq;

/// So many hashes are compared before one looks whether any is near.
const STRIDE: usize = 8;

impl Flat {
    pub(super) fn resident(&self) -> usize {
        self.hashes.capacity() * size_of::<Pdq>() + self.signals.capacity() * size_of::<u64>()
    }

    pub(super) fn remove(&mut self, hash: &Pdq, signal: u64) -> bool {
        let mut all = self.hashes.iter().zip(&self.signals);
        let place = all.position(|(other, of)| other == hash && *of == signal);
        if let Some(place) = place {
            self.hashes.swap_remove(place);
            self.signals.swap_remove(place);
        }
        place.is_some()
    }

    /// Adds every hash near `hash` that is not removed.
    pub(super) fn near(&self, hash: &Pdq, distance: u32, removed: &Marks, found: &mut Vec<Near>) {
        let (strides, rest) = self.hashes.as_chunks::<STRIDE>();
        for (number, stride) in strides.iter().enumerate() {
            // Half a hash is enough to tell that most are far.
            let halves = stride.map(|other| half_distance(hash, &other));
            let nearest = halves.into_iter().fold(u64::MAX, u64::min);
            if nearest <= u64::from(distance) {
                self.compare(hash, distance, number * STRIDE, stride, removed, found);
            }
        }
        let start = strides.len() * STRIDE;
        self.compare(hash, distance, start, rest, removed, found);
    }

    fn compare(
        &self,
        hash: &Pdq,
        distance: u32,
        start: usize,
        some: &[Pdq],
        removed: &Marks,
        found: &mut Vec<Near>,
    ) {
        for (place, other) in (start..).zip(some) {
            if hash.distance(other) <= distance && !removed.has(place) {
                found.extend(self.at(place, hash));
            }
        }
    }

    /// What there is at a place, as near `hash`.
    pub(super) fn at(&self, place: usize, hash: &Pdq) -> Option<Near> {
        let other = *self.hashes.get(place)?;
        Some(Near {
            distance: hash.distance(&other),
            signal: *self.signals.get(place)?,
            hash: other,
        })
    }
}

#[inline]
fn half_distance(a: &Pdq, b: &Pdq) -> u64 {
    let ([a0, a1, ..], [b0, b1, ..]) = (a.words(), b.words());
    u64::from((a0 ^ b0).count_ones()) + u64::from((a1 ^ b1).count_ones())
}
