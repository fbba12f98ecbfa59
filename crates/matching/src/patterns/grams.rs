//! Texts that are looked for inside values. Each is kept under a few octets of it, those that the
//! fewest others are kept under, so that one pass over a value finds all.

use hashbrown::HashTable;
use stix::pattern::PathId;

/// Octets that texts are kept under.
const SIZES: [usize; 4] = [8, 4, 2, 1];
/// Places of a text that are tried for its octets.
const TRIED: usize = 64;
/// Comparisons for one octet of a value, and for a value; beyond, texts count as found.
const COMPARED: usize = 16;
const COMPARED_AT_ALL: usize = 4096;

/// Bits of the sieve, as a power of two.
const SIEVE: u32 = 20;

/// Texts of one path, by size of what they are kept under.
pub(super) type Sizes = [u32; SIZES.len()];

#[derive(Debug, Default)]
pub(super) struct Grams {
    entries: HashTable<(u64, Vec<Literal>)>,
    /// A bit for what is kept, so that what is not is seldom looked for. What was removed stays.
    sieve: Vec<u64>,
    hasher: hashbrown::DefaultHashBuilder,
}

#[derive(Debug)]
struct Literal {
    path: PathId,
    text: Box<str>,
    /// Where in the text its octets begin.
    offset: usize,
    expressions: Vec<u32>,
}

impl Grams {
    /// Keeps a text of a path for an expression.
    pub(super) fn insert(&mut self, path: PathId, sizes: &mut Sizes, text: &str, expression: u32) {
        let Some((size, offset, hash)) = self.place(path, text) else {
            return;
        };
        if let Some(count) = sizes.get_mut(size) {
            *count += 1;
        }
        let hash_of = |entry: &(u64, Vec<Literal>)| entry.0;
        let entry = self
            .entries
            .entry(hash, |entry| entry.0 == hash, hash_of)
            .or_insert_with(|| (hash, Vec::new()));
        self.sieve.resize(1 << (SIEVE - 6), 0);
        let (word, bit) = sieve_place(hash);
        if let Some(word) = self.sieve.get_mut(word) {
            *word |= bit;
        }
        let literals = &mut entry.into_mut().1;
        let same = literals
            .iter_mut()
            .find(|literal| literal.path == path && *literal.text == *text);
        match same {
            Some(literal) => literal.expressions.push(expression),
            None => literals.push(Literal {
                path,
                text: text.into(),
                offset,
                expressions: vec![expression],
            }),
        }
    }

    /// Removes it again.
    pub(super) fn remove(&mut self, path: PathId, sizes: &mut Sizes, text: &str, expression: u32) {
        for (size, _, hash) in self.places(path, text) {
            let Ok(mut entry) = self.entries.find_entry(hash, |entry| entry.0 == hash) else {
                continue;
            };
            let literals = &mut entry.get_mut().1;
            let Some(at) = literals
                .iter()
                .position(|literal| literal.path == path && *literal.text == *text)
            else {
                continue;
            };
            let Some(literal) = literals.get_mut(at) else {
                continue;
            };
            let Some(place) = literal
                .expressions
                .iter()
                .position(|one| *one == expression)
            else {
                continue;
            };
            literal.expressions.swap_remove(place);
            if literal.expressions.is_empty() {
                literals.swap_remove(at);
            }
            if literals.is_empty() {
                entry.remove();
            }
            if let Some(count) = sizes.get_mut(size) {
                *count -= 1;
            }
            return;
        }
    }

    /// How many are kept under the octets that a text would be kept under.
    pub(super) fn waiting(&self, path: PathId, text: &str) -> usize {
        let place = self.place(path, text);
        place.map_or(0, |(_, _, hash)| self.at(hash).len())
    }

    /// Finds all texts of a path in a value: the expressions that they were kept for. Some may
    /// come more than once, and some that are not in it.
    pub(super) fn find(
        &self,
        path: PathId,
        sizes: &Sizes,
        value: &[u8],
        each: &mut dyn FnMut(u32),
    ) {
        let mut compared = 0;
        let most = COMPARED_AT_ALL.saturating_add(value.len().saturating_mul(COMPARED));
        for (size, count) in SIZES.into_iter().zip(sizes) {
            if *count == 0 {
                continue;
            }
            for (start, gram) in value.windows(size).enumerate() {
                for literal in self.at(self.hash(path, gram)) {
                    compared += 1;
                    if literal.path == path && (compared > most || literal.is_at(value, start)) {
                        literal.expressions.iter().for_each(|one| each(*one));
                    }
                }
                if compared > most.saturating_mul(2) {
                    return self.all(path, each);
                }
            }
        }
    }

    /// Every text of a path.
    fn all(&self, path: PathId, each: &mut dyn FnMut(u32)) {
        let literals = self.entries.iter().flat_map(|entry| &entry.1);
        for literal in literals.filter(|literal| literal.path == path) {
            literal.expressions.iter().for_each(|one| each(*one));
        }
    }

    fn at(&self, hash: u64) -> &[Literal] {
        let (word, bit) = sieve_place(hash);
        if self.sieve.get(word).is_none_or(|word| word & bit == 0) {
            return &[];
        }
        let found = self.entries.find(hash, |entry| entry.0 == hash);
        found.map_or(&[], |entry| &entry.1)
    }

    fn hash(&self, path: PathId, gram: &[u8]) -> u64 {
        use std::hash::BuildHasher as _;
        let octets = gram
            .iter()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        self.hasher.hash_one((octets, path, gram.len() as u64))
    }

    /// Where the fewest others are kept: size, offset, hash.
    fn place(&self, path: PathId, text: &str) -> Option<(usize, usize, u64)> {
        self.places(path, text)
            .into_iter()
            .min_by_key(|(_, _, hash)| self.at(*hash).len())
    }

    /// Every place that a text may be kept under.
    fn places(&self, path: PathId, text: &str) -> Vec<(usize, usize, u64)> {
        let mut sizes = SIZES.into_iter().enumerate();
        let Some((index, size)) = sizes.find(|(_, size)| *size <= text.len()) else {
            return Vec::new();
        };
        let windows = text.as_bytes().windows(size).enumerate().take(TRIED);
        windows
            .map(|(offset, gram)| (index, offset, self.hash(path, gram)))
            .collect()
    }
}

/// The word and the bit of a hash.
const fn sieve_place(hash: u64) -> (usize, u64) {
    let place = hash >> (64 - SIEVE);
    ((place >> 6) as usize, 1 << (place & 63))
}

impl Literal {
    fn is_at(&self, value: &[u8], start: usize) -> bool {
        let begin = start.checked_sub(self.offset);
        begin.is_some_and(|begin| {
            let rest = value.get(begin..).unwrap_or_default();
            rest.starts_with(self.text.as_bytes())
        })
    }
}
