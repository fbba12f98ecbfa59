//! Which of many short texts are an edit away from one, by hashes alone.

use super::neighbourhood::Neighbourhood;
use super::postings::Postings;
use super::slots::Slots;

/// An index of neighbourhoods, exact on their 64-bit hashes. Lookups take `&self`, updates
/// `&mut self`.
///
/// A skeleton of 35 letters costs about 900 bytes.
#[derive(Debug, Default)]
pub struct ShortIndex {
    postings: Postings,
    slots: Slots,
}

/// A text that shares hashes with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortHit {
    /// The text that is in the index.
    pub text: u64,
    /// How many hashes they share: all of them when the skeletons are the same, else one or two.
    pub shared: u32,
    /// How many hashes the text in the index has.
    pub hashes: u32,
}

impl ShortHit {
    /// Whether the skeletons are the same.
    pub fn is_same(&self) -> bool {
        self.shared == self.hashes
    }
}

impl ShortIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text. False when one of that name is there, it has no hashes, or the index is full
    /// (2³¹ texts); then nothing is added.
    pub fn insert(&mut self, text: u64, neighbourhood: &Neighbourhood) -> bool {
        if neighbourhood.hashes().is_empty() {
            return false;
        }
        let Some(slot) = self.slots.add(text) else {
            return false;
        };
        let mut added = 0;
        for &hash in neighbourhood.hashes() {
            added += u32::from(self.postings.insert(hash, slot));
        }
        self.slots.set(slot, added);
        added > 0
    }

    /// Takes a text away, by the neighbourhood that it was added with; false when it is not there.
    pub fn remove(&mut self, text: u64, neighbourhood: &Neighbourhood) -> bool {
        let Some((slot, known)) = self
            .slots
            .find(text)
            .and_then(|slot| Some((slot, self.slots.get(slot)?)))
        else {
            return false;
        };
        let mut left = known.hashes;
        for &hash in neighbourhood.hashes() {
            left -= u32::from(self.postings.remove(hash, slot));
        }
        self.slots.set(slot, left);
        left == 0
    }

    /// The texts that share a hash with a neighbourhood, those that share most first, then by name.
    pub fn lookup(&self, neighbourhood: &Neighbourhood) -> Vec<ShortHit> {
        let mut slots: Vec<u32> = Vec::new();
        for &hash in neighbourhood.hashes() {
            slots.extend(self.postings.get(hash).1);
        }
        slots.sort_unstable();
        let mut hits: Vec<ShortHit> = slots
            .chunk_by(|a, b| a == b)
            .filter_map(|same| {
                let known = self.slots.get(*same.first()?)?;
                Some(ShortHit {
                    text: known.id,
                    shared: u32::try_from(same.len()).unwrap_or(u32::MAX),
                    hashes: known.hashes,
                })
            })
            .collect();
        hits.sort_unstable_by_key(|hit| (u32::MAX - hit.shared, hit.text));
        hits
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory taken, as allocated.
    pub fn resident(&self) -> usize {
        self.postings.resident() + self.slots.resident() + size_of::<Self>()
    }
}
