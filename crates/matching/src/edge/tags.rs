//! Hashes in order, as buckets of tags: what answers "surely not" for nearly all lookups.
//!
//! A hash's first bits are the number of its bucket, the next 16 its tag. With four to eight hashes
//! in a bucket, a look is at two neighbouring numbers and at tags within a cache line, and costs
//! 2.5 to 3 bytes a hash. A hash that is not there passes about once in 10,000 times.

/// Hashes expected in a bucket, at least.
const LOAD: usize = 4;
/// Most first bits.
pub(super) const MOST_BITS: u32 = 30;

#[derive(Debug)]
pub(super) struct Tags {
    /// First bits that number the buckets, 1 to [`MOST_BITS`].
    bits: u32,
    /// Where in `marks` each bucket begins, and where the last ends.
    starts: Box<[u32]>,
    marks: Box<[u16]>,
}

impl Tags {
    /// How many first bits are taken for this many hashes.
    pub(super) fn bits_for(count: usize) -> u32 {
        (count / LOAD).max(2).ilog2().clamp(1, MOST_BITS)
    }

    /// The bucket and the tag of a hash.
    #[inline]
    pub(super) fn place(bits: u32, hash: u32) -> (usize, u16) {
        ((hash >> (32 - bits)) as usize, (hash << bits >> 16) as u16)
    }

    /// Checked parts; none if the starts do not rise to the number of tags.
    pub(super) fn of(bits: u32, starts: Box<[u32]>, marks: Box<[u16]>) -> Option<Self> {
        let rises = starts.is_sorted() && starts.first() == Some(&0);
        let ends = starts.last().map(|&last| last as usize) == Some(marks.len());
        (rises && ends && starts.len() == (1 << bits) + 1).then_some(Self {
            bits,
            starts,
            marks,
        })
    }

    /// The positions, in the order of the hashes, at which this hash may be.
    #[inline]
    pub(super) fn positions(&self, hash: u32) -> impl Iterator<Item = usize> {
        let (bucket, tag) = Self::place(self.bits, hash);
        let (start, end) = match self.starts.get(bucket..bucket + 2) {
            Some(&[start, end]) => (start as usize, end as usize),
            _ => (0, 0),
        };
        let marks = self.marks.get(start..end).unwrap_or_default();
        let same = marks
            .iter()
            .enumerate()
            .filter(move |&(_, &known)| known == tag);
        same.map(move |(at, _)| start + at)
    }

    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    /// Bytes held.
    pub(super) fn resident(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.marks)
    }
}
