//! One chunk of all hashes of a segment, looked up within a radius.
//!
//! 64 neighbouring keys are a group: one word of bits says which of them occur, and the entries of a
//! group stand together, each a place and the low six bits of its key. A query takes the words of
//! all groups within the radius, and of each only the keys that are: most words answer for many keys
//! at once, and most of them with zero.

use super::plan::Span;
use crate::pdq::Pdq;

/// How many bits of a key tell it from others of its group.
const LOW: u32 = 6;

/// The most hashes a segment holds: an entry has 32 bits.
pub(super) const MOST: usize = 1 << (32 - LOW);

#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) span: Span,
    /// By group: which keys occur.
    present: Vec<u64>,
    /// By group: where its entries start; then where the last ones end.
    starts: Vec<u32>,
    /// `place << LOW | key % 64`.
    entries: Vec<u32>,
}

/// Keys of a group that are looked for and may be there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    number: u32,
    keys: u64,
}

/// The entries of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    start: u32,
    end: u32,
    keys: u64,
}

impl Chunk {
    /// The chunk of at most [`MOST`] hashes.
    pub(super) fn new(span: Span, hashes: &[Pdq]) -> Self {
        let groups = 1_usize << (span.width - LOW);
        let mut present = vec![0; groups];
        let mut starts = vec![0_u32; groups + 1];
        for hash in hashes {
            let key = span.of(hash);
            let group = (key >> LOW) as usize;
            if let (Some(word), Some(count)) = (present.get_mut(group), starts.get_mut(group)) {
                *word |= 1_u64 << (key % 64);
                *count += 1;
            }
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        // From the last hash to the first, each before those already there: starts end as starts.
        let mut entries = vec![0; hashes.len()];
        for (place, hash) in hashes.iter().enumerate().rev() {
            let place = u32::try_from(place).unwrap_or(0);
            let key = span.of(hash);
            if let Some(start) = starts.get_mut((key >> LOW) as usize) {
                *start -= 1;
                if let Some(entry) = entries.get_mut(*start as usize) {
                    *entry = (place << LOW) | (key % 64);
                }
            }
        }
        Self {
            span,
            present,
            starts,
            entries,
        }
    }

    pub(super) fn resident(&self) -> usize {
        self.present.capacity() * size_of::<u64>()
            + (self.starts.capacity() + self.entries.capacity()) * size_of::<u32>()
    }

    /// The groups with keys at most `radius` away from the hash's own.
    pub(super) fn groups(&self, hash: &Pdq, radius: u32, found: &mut impl FnMut(Group)) {
        let key = self.span.of(hash);
        let high = self.span.width - LOW;
        for flipped in 0..=radius.min(high) {
            let wanted = within(key % 64, radius - flipped);
            for flips in flips(high, flipped) {
                let number = (key >> LOW) ^ flips;
                let present = self.present.get(number as usize).copied().unwrap_or(0);
                if present & wanted != 0 {
                    found(Group {
                        number,
                        keys: wanted,
                    });
                }
            }
        }
    }

    /// Where the entries of a group stand.
    #[inline]
    pub(super) fn run(&self, group: Group) -> Run {
        let start = |number: u32| self.starts.get(number as usize).copied().unwrap_or(0);
        Run {
            start: start(group.number),
            end: start(group.number + 1),
            keys: group.keys,
        }
    }

    /// Reads a run from memory, to find it in the cache later.
    #[inline]
    pub(super) fn read_ahead(&self, run: Run) {
        let last = run.end.saturating_sub(1);
        let ends = [run.start, last].map(|place| self.entries.get(place as usize));
        std::hint::black_box(ends.map(|entry| entry.copied().unwrap_or(0)));
    }

    /// The places of hashes whose key is looked for.
    #[inline]
    pub(super) fn places(&self, run: Run) -> impl Iterator<Item = u32> {
        let entries = self.entries.get(run.start as usize..run.end as usize);
        let entries = entries.unwrap_or_default().iter();
        let wanted = entries.filter(move |entry| run.keys >> (**entry % 64) & 1 == 1);
        wanted.map(|entry| entry >> LOW)
    }
}

impl Run {
    pub(super) fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }
}

/// How many words [`Chunk::groups`] looks at.
pub(super) fn words(span: Span, radius: u32) -> u64 {
    let high = u64::from(span.width - LOW);
    let mut ways = 1_u64;
    let mut words = 1_u64;
    for flipped in 1..=u64::from(radius).min(high) {
        ways = ways.saturating_mul(high - flipped + 1) / flipped;
        words = words.saturating_add(ways);
    }
    words
}

/// All numbers of `bits` bits with `count` ones, from small to large (R. W. Gosper, HAKMEM 175).
fn flips(bits: u32, count: u32) -> impl Iterator<Item = u32> {
    let first = (1_u64 << count) - 1;
    let end = 1_u64 << bits;
    std::iter::successors(Some(first), move |&number| {
        let lowest = number & number.wrapping_neg();
        let carried = number + lowest;
        let next = carried | ((number ^ carried) >> 2).checked_shr(lowest.trailing_zeros())?;
        (count > 0 && next < end).then_some(next)
    })
    .map(|number| u32::try_from(number).unwrap_or(0))
}

/// The numbers below 64 that differ from `low` in at most `radius` bits, each a bit.
fn within(low: u32, radius: u32) -> u64 {
    let ball = BALLS.get(radius as usize).copied().unwrap_or(u64::MAX);
    // Bit `n` of a ball about 0 is bit `n ^ low` of the one about `low`.
    let mut moved = ball;
    for (bit, mask) in HALVES.into_iter().enumerate() {
        if low >> bit & 1 == 1 {
            let shift = 1 << bit;
            moved = (moved & mask) << shift | moved >> shift & mask;
        }
    }
    moved
}

/// Bits whose number has bit 0, 1, … 5 clear.
const HALVES: [u64; 6] = [
    0x5555_5555_5555_5555,
    0x3333_3333_3333_3333,
    0x0f0f_0f0f_0f0f_0f0f,
    0x00ff_00ff_00ff_00ff,
    0x0000_ffff_0000_ffff,
    0x0000_0000_ffff_ffff,
];

/// The numbers below 64 with at most 0, 1, … 6 ones.
const BALLS: [u64; 7] = [
    ball(0),
    ball(1),
    ball(2),
    ball(3),
    ball(4),
    ball(5),
    ball(6),
];

const fn ball(radius: u32) -> u64 {
    let mut ball = 0;
    let mut number = 0_u64;
    while number < 64 {
        if number.count_ones() <= radius {
            ball |= 1 << number;
        }
        number += 1;
    }
    ball
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn balls_are_moved_whole() {
        for low in 0..64 {
            for radius in 0..9 {
                let ball = within(low, radius);
                for number in 0..64 {
                    let inside = (low ^ number).count_ones() <= radius;
                    assert_eq!(ball >> number & 1 == 1, inside, "{low} {radius} {number}");
                }
            }
        }
    }

    #[test]
    fn flips_are_all_of_them() {
        for bits in 0..12 {
            for count in 0..=bits {
                let all: Vec<u32> = flips(bits, count).collect();
                let slow: Vec<u32> = (0..1 << bits)
                    .filter(|number: &u32| number.count_ones() == count)
                    .collect();
                assert_eq!(all, slow, "{bits} {count}");
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_counted(width in 6_u32..18, radius in 0_u32..7) {
            let span = Span { offset: 3, width };
            let looked_at: usize = (0..=radius.min(width - 6))
                .map(|count| flips(width - 6, count).count())
                .sum();
            prop_assert_eq!(words(span, radius), looked_at as u64);
        }
    }
}
