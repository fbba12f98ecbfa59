//! Which of many texts share fingerprints with one: near-duplicates, and passages inside others.

use hashbrown::HashSet;

use super::postings::Postings;
use super::slots::Slots;
use super::winnow::Fingerprint;

/// An index of fingerprints, with exact counts. Lookups take `&self`, updates `&mut self`; both
/// are at once visible.
///
/// A fingerprint that one text has costs 13 to 26 bytes, each further text 8, and a text about 20.
#[derive(Debug)]
pub struct NearIndex {
    postings: Postings,
    slots: Slots,
    allowed: HashSet<u64>,
    /// A fingerprint of more texts than this is not counted.
    most: u32,
}

/// A text that shares fingerprints with the one asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The text that is in the index.
    pub text: u64,
    /// How many different fingerprints they share; those left out are not counted.
    pub shared: u32,
    /// How many different fingerprints the text in the index has.
    pub of_text: u32,
    /// How many the text asked about has.
    pub of_query: u32,
    /// The first byte of the text asked about that is in a shared fingerprint.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

impl Near {
    /// How much of the text in the index is in the one asked about, from 0 to 1.
    pub fn containment(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.of_text.max(1))
    }

    /// How much of the text asked about is in the one of the index, from 0 to 1.
    pub fn coverage(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.of_query.max(1))
    }
}

/// What searches work with, kept from one to the next.
#[derive(Debug, Default)]
pub struct NearScratch {
    /// The fingerprints asked about, sorted by hash.
    query: Vec<Fingerprint>,
    /// For each slot, what it shares.
    counts: Vec<Count>,
    touched: Vec<u32>,
    found: Vec<Near>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    shared: u32,
    start: u64,
    end: u64,
}

impl Default for NearIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl NearIndex {
    /// An empty index that counts every fingerprint.
    pub fn new() -> Self {
        Self::with_most(u32::MAX)
    }

    /// An empty index that leaves out the fingerprints of more than `most` of its texts: what many
    /// texts share says little about any. It also bounds what a search costs.
    pub fn with_most(most: u32) -> Self {
        Self {
            postings: Postings::default(),
            slots: Slots::default(),
            allowed: HashSet::new(),
            most,
        }
    }

    /// Leaves out the fingerprints of a text that anyone may have: boilerplate, quotations.
    pub fn allow(&mut self, fingerprints: &[Fingerprint]) {
        self.allowed.extend(fingerprints.iter().map(|one| one.hash));
    }

    /// Adds a text. False when one of that name is there, it has no fingerprints, or the index is
    /// full (2³¹ texts); then nothing is added.
    pub fn insert(&mut self, text: u64, fingerprints: &[Fingerprint]) -> bool {
        if fingerprints.is_empty() {
            return false;
        }
        let Some(slot) = self.slots.add(text) else {
            return false;
        };
        let mut added = 0;
        for one in fingerprints {
            added += u32::from(self.postings.insert(one.hash, slot));
        }
        self.slots.set(slot, added);
        added > 0
    }

    /// Takes a text away, by the fingerprints that it was added with; false when it is not there,
    /// or fingerprints of it stay because they were not named.
    pub fn remove(&mut self, text: u64, fingerprints: &[Fingerprint]) -> bool {
        let Some((slot, known)) = self
            .slots
            .find(text)
            .and_then(|slot| Some((slot, self.slots.get(slot)?)))
        else {
            return false;
        };
        let mut left = known.hashes;
        for one in fingerprints {
            left -= u32::from(self.postings.remove(one.hash, slot));
        }
        self.slots.set(slot, left);
        left == 0
    }

    /// The texts that share at least `minimum` different fingerprints with one, those that share
    /// most first, then by name.
    pub fn search<'s>(
        &self,
        fingerprints: &[Fingerprint],
        minimum: u32,
        scratch: &'s mut NearScratch,
    ) -> &'s [Near] {
        let NearScratch {
            query,
            counts,
            touched,
            found,
        } = scratch;
        query.clear();
        query.extend_from_slice(fingerprints);
        query.sort_unstable();
        found.clear();
        if counts.len() < self.slots.end() {
            counts.resize(self.slots.end(), Count::default());
        }
        let mut of_query = 0;
        for same in query.chunk_by(|a, b| a.hash == b.hash) {
            of_query += 1;
            // Places rise with the order of fingerprints.
            let (Some(first), Some(last)) = (same.first(), same.last()) else {
                continue;
            };
            if !self.allowed.is_empty() && self.allowed.contains(&first.hash) {
                continue;
            }
            let (holders, slots) = self.postings.get(first.hash);
            if holders > self.most {
                continue;
            }
            for slot in slots {
                let Some(count) = counts.get_mut(slot as usize) else {
                    continue;
                };
                if count.shared == 0 {
                    touched.push(slot);
                    (count.start, count.end) = (first.start, last.end);
                }
                count.shared += 1;
                count.start = count.start.min(first.start);
                count.end = count.end.max(last.end);
            }
        }
        for slot in touched.drain(..) {
            let (Some(count), Some(known)) = (counts.get_mut(slot as usize), self.slots.get(slot))
            else {
                continue;
            };
            let Count { shared, start, end } = std::mem::take(count);
            if shared >= minimum {
                found.push(Near {
                    text: known.id,
                    shared,
                    of_text: known.hashes,
                    of_query,
                    start,
                    end,
                });
            }
        }
        found.sort_unstable_by_key(|near| (u32::MAX - near.shared, near.text));
        found
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many pairs of text and fingerprint there are.
    pub fn fingerprints(&self) -> usize {
        self.postings.pairs()
    }

    /// Bytes of memory taken, as allocated.
    pub fn resident(&self) -> usize {
        self.postings.resident()
            + self.slots.resident()
            + self.allowed.allocation_size()
            + size_of::<Self>()
    }
}
