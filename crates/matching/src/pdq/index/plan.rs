//! How hashes are cut into chunks, and how far to look in each.
//!
//! If a hash differs from another in at most r bits, then among chunks with radii rᵢ of which
//! Σ (rᵢ + 1) = r + 1, there is one in which they differ in at most rᵢ (else at least r + 1 bits
//! would differ). So it is enough to look up each chunk of a hash within its own radius.

use crate::pdq::Pdq;

/// A chunk: `width` bits of a hash from bit `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) offset: u32,
    pub(super) width: u32,
}

/// The widest chunk. At 2^26 hashes, the most a segment holds, wider ones find no fewer candidates
/// worth their memory.
const WIDEST: usize = 28;

impl Span {
    /// Chunks for so many hashes: as wide as makes one of eight buckets full, on average.
    pub(super) fn cut(hashes: usize) -> Vec<Self> {
        let wanted = (hashes.max(2).ilog2() as usize + 3).clamp(10, WIDEST);
        let count = (256 + wanted / 2) / wanted;
        let (narrow, wider) = (256 / count, 256 % count);
        let mut offset = 0;
        let widths = (0..count).map(|number| narrow + usize::from(number < wider));
        let spans = widths.map(|width| {
            let width = u32::try_from(width).unwrap_or(0);
            offset += width;
            Self {
                offset: offset - width,
                width,
            }
        });
        spans.collect()
    }

    /// The chunk of a hash.
    #[inline]
    pub(super) fn of(self, hash: &Pdq) -> u32 {
        let words = hash.words();
        let place = (self.offset / 64) as usize;
        let low = words.get(place).copied().unwrap_or(0) >> (self.offset % 64);
        let high = words.get(place + 1).copied().unwrap_or(0);
        let both = low | (high << 1) << (63 - self.offset % 64);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a chunk is narrower than 32 bits"
        )]
        let chunk = (both & ((1 << self.width) - 1)) as u32;
        chunk
    }

    /// How many bits differ within the chunk.
    pub(super) fn distance(self, a: &Pdq, b: &Pdq) -> u32 {
        (self.of(a) ^ self.of(b)).count_ones()
    }
}

/// The radius of each of so many chunks for a distance; none where a chunk need not be looked at.
/// The later ones, which are narrower, look farther.
pub(super) fn radii(chunks: usize, distance: u32) -> impl Iterator<Item = Option<u32>> + Clone {
    let shares = distance as usize + 1;
    let (each, more) = (shares / chunks.max(1), shares % chunks.max(1));
    (0..chunks).map(move |number| {
        let share = each + usize::from(number + more >= chunks);
        u32::try_from(share).ok()?.checked_sub(1)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_cover_a_hash_once(hashes in 0_usize..1 << 30, words in any::<[u64; 4]>()) {
            let spans = Span::cut(hashes);
            let ends = spans.iter().map(|span| span.offset + span.width);
            let starts = spans.iter().skip(1).map(|span| span.offset).chain([256]);
            prop_assert!(ends.eq(starts));
            let hash = Pdq::from_words(words);
            let bits: u32 = spans.iter().map(|span| span.of(&hash).count_ones()).sum();
            prop_assert_eq!(bits, hash.distance(&Pdq::default()));
        }

        #[test]
        fn radii_are_tight(chunks in 1_usize..30, distance in 0_u32..64) {
            let shares = radii(chunks, distance).map(|radius| radius.map_or(0, |r| r + 1));
            prop_assert_eq!(shares.sum::<u32>(), distance + 1);
        }
    }
}
