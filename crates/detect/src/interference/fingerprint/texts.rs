//! Thousands of texts looked for in one pass.
//!
//! Of each text the four octets that are rarest among all texts stand for it, in a table of bits
//! that fits into the first cache. Each place of a body is asked whether its four octets are in the
//! table; where they are, the whole text is compared. An Aho–Corasick automaton of the same texts
//! has tens of thousands of states and takes longer for it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Octets that stand for a text.
const GRAM: usize = 4;
/// Bits of the table, as a power of two.
const BITS: u32 = 17;

/// Texts, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    all: Vec<Vec<u8>>,
    table: Vec<u64>,
    /// By gram: which texts, and how far from their beginning it stands.
    standing: HashMap<u32, Vec<(usize, usize)>, FixedState>,
    /// Texts shorter than a gram.
    short: Vec<usize>,
}

impl Default for Texts {
    fn default() -> Self {
        Texts::new(Vec::new())
    }
}

impl Texts {
    /// Makes texts ready; a text's number is its place in the list.
    pub(super) fn new(texts: Vec<Vec<u8>>) -> Self {
        let mut often: HashMap<u32, u32, FixedState> = HashMap::default();
        for gram in texts.iter().flat_map(|text| grams(text)) {
            *often.entry(gram).or_default() += 1;
        }
        let mut made = Texts {
            table: vec![0; 1 << (BITS - 6)],
            standing: HashMap::default(),
            short: Vec::new(),
            all: Vec::new(),
        };
        for (number, text) in texts.iter().enumerate() {
            let rarest = (0..).zip(grams(text)).min_by_key(|(_, gram)| {
                (
                    often.get(gram).copied().unwrap_or(0).min(8),
                    commonness(*gram),
                )
            });
            let Some((at, gram)) = rarest else {
                made.short.push(number);
                continue;
            };
            if let Some(word) = made.table.get_mut(bit(gram) / 64) {
                *word |= 1 << (bit(gram) % 64);
            }
            made.standing.entry(gram).or_default().push((number, at));
        }
        made.all = texts;
        made
    }

    /// Tells each place where a text occurs: the text's number, and where it begins. Not in the
    /// order of places.
    pub(super) fn find(&self, haystack: &[u8], mut found: impl FnMut(usize, usize)) {
        for number in &self.short {
            let Some(text) = self.all.get(*number) else {
                continue;
            };
            for at in memchr::memmem::find_iter(haystack, text) {
                found(*number, at);
            }
        }
        if self.standing.is_empty() {
            return;
        }
        for (at, gram) in grams(haystack).enumerate() {
            let place = bit(gram);
            let word = self.table.get(place / 64).copied().unwrap_or(0);
            if word >> (place % 64) & 1 == 1 {
                self.compare(haystack, at, gram, &mut found);
            }
        }
    }

    #[cold]
    fn compare(&self, haystack: &[u8], at: usize, gram: u32, found: &mut impl FnMut(usize, usize)) {
        for (number, offset) in self.standing.get(&gram).into_iter().flatten() {
            let start = at.checked_sub(*offset);
            let text = self.all.get(*number);
            if let (Some(start), Some(text)) = (start, text)
                && haystack
                    .get(start..)
                    .is_some_and(|rest| rest.starts_with(text))
            {
                found(*number, start);
            }
        }
    }
}

fn grams(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(GRAM).map(|window| {
        let octets: [u8; GRAM] = window.try_into().unwrap_or_default();
        u32::from_le_bytes(octets)
    })
}

fn bit(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

/// How common the octets of a gram are on web pages, roughly.
fn commonness(gram: u32) -> u32 {
    let of = |octet: u8| match octet {
        b' ' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
        b'<' | b'>' | b'/' | b'"' | b'=' | b'h' | b'l' | b'd' | b'c' | b'p' | b'm' | b'u' => 7,
        b'a'..=b'z' | b'-' | b'.' | 0xd0 | 0xd1 => 5,
        b'0'..=b'9' | b':' | b';' | 0x80..=0xff => 4,
        _ => 2,
    };
    gram.to_le_bytes().into_iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_found_is_what_a_naive_search_finds(
            texts in prop::collection::vec("[abc]{1,7}", 0..20), haystack in "[abcd]{0,200}",
        ) {
            let mut expected = Vec::new();
            for (number, text) in texts.iter().enumerate() {
                for at in 0..haystack.len() {
                    if haystack[at..].starts_with(text.as_str()) {
                        expected.push((number, at));
                    }
                }
            }
            let mut found = Vec::new();
            let made = Texts::new(texts.iter().map(|text| text.clone().into_bytes()).collect());
            made.find(haystack.as_bytes(), |number, at| found.push((number, at)));
            // A short text is told once where it overlaps itself.
            let is_short = |number: &usize| texts[*number].len() < GRAM;
            found.retain(|(number, _)| !is_short(number));
            expected.retain(|(number, _)| !is_short(number));
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
