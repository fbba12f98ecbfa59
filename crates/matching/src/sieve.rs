//! A sieve before the index: it lets through what may be published, and little else. A scan asks it
//! about every name, IPv4 address and digest before it reads the token around.
//!
//! A Bloom filter of one word a value (Putze, Sanders and Singler, 2009) that grows by further levels
//! (Almeida and others, 2007). It only gains bits: what is removed from the index still passes, and
//! costs a lookup.

use crate::Kind;
use crate::address::Network;
use crate::index::{Key, hash};
use crate::url;

/// Words of the first level; each further level has twice as many.
const FIRST: usize = 1 << 12;
/// Levels: the last one takes whatever comes, so that memory stays bounded (some 2 GiB).
const MOST_LEVELS: usize = 16;
/// Values for each word before a level is full: one in a hundred others passes then.
const LOAD: usize = 5;
/// A second-level label this short may be part of a public suffix: `co.uk`.
const SHORT_LABEL: usize = 3;
/// The first digits of a digest are as good as all.
const DIGITS: usize = 16;

/// What may be published.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    /// First halves of the IPv4 addresses, a bit each; private addresses mostly end here.
    halves_v4: Vec<u64>,
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    words: Vec<u64>,
    /// How far a hash is shifted for the place of its word.
    shift: u32,
    left: usize,
}

/// The end of a name, by where its last labels begin in the text that holds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameEnd {
    /// Where the last label but two begins, if there are three.
    pub(crate) third: Option<usize>,
    /// Where the last label but one begins.
    pub(crate) second: usize,
    /// Where the last label begins.
    pub(crate) last: usize,
    pub(crate) end: usize,
}

/// What the sieve keeps of a name: the hash of its last two labels, and of its last three where the
/// two may be a public suffix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameHash {
    of_two: u64,
    /// The same where the two are none.
    of_three: u64,
}

impl NameHash {
    #[inline]
    pub(crate) fn of(text: &[u8], name: &NameEnd) -> Self {
        let of_two = text_hash(text, name.second, name.end);
        let third = name.third.filter(|_| name.is_short());
        Self {
            of_two,
            of_three: third.map_or(of_two, |third| text_hash(text, third, name.end)),
        }
    }
}

impl NameEnd {
    fn of(name: &[u8]) -> Self {
        let mut dots = name
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, byte)| **byte == b'.');
        let mut label = || dots.next().map(|(at, _)| at + 1);
        let last = label();
        let second = label();
        let third = second.map(|_| label().unwrap_or(0));
        Self {
            third,
            second: second.unwrap_or(0),
            last: last.unwrap_or(0),
            end: name.len(),
        }
    }

    fn is_short(&self) -> bool {
        self.last - self.second <= SHORT_LABEL + 1
    }
}

impl Sieve {
    /// Lets a value through, and what is part of a value: the host of a URL.
    pub(crate) fn add(&mut self, key: Key<'_>) {
        match key {
            Key::Network(network) => self.add_network(network),
            Key::Bytes(Kind::Domain, name) => self.add_name(name),
            Key::Bytes(Kind::Email, address) => {
                let domain = address.rsplit(|&byte| byte == b'@').next();
                self.add_name(domain.unwrap_or_default());
            }
            Key::Bytes(Kind::Url, text) => {
                let host = url::host_of(text);
                match url::address_of_host(host) {
                    Some(network) => self.add_network(network),
                    None => self.add_name(host),
                }
            }
            Key::Bytes(_, digest) => self.add_digest(digest),
        }
    }

    /// IPv6 addresses are not sifted.
    fn add_network(&mut self, network: Network) {
        if let Network::V4 { address, .. } = network {
            self.add_v4(address);
        }
    }

    /// Lets a name of lower-case ASCII bytes through, and all below it.
    fn add_name(&mut self, name: &[u8]) {
        let end = NameEnd::of(name);
        let start = end.third.filter(|_| end.is_short()).unwrap_or(end.second);
        self.add_hash(text_hash(name, start, end.end));
    }

    fn add_v4(&mut self, address: u32) {
        if self.halves_v4.is_empty() {
            self.halves_v4 = vec![0; 1 << 10];
        }
        if let Some(word) = self.halves_v4.get_mut(address as usize >> 22) {
            *word |= 1 << (address >> 16 & 63);
        }
        self.add_hash(v4_hash(address));
    }

    /// Lets a digest through, given by its bytes.
    fn add_digest(&mut self, bytes: &[u8]) {
        let digits = bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|half| char::from_digit(half.into(), 16))
            .filter_map(|digit| u8::try_from(digit).ok());
        let mut text = [0; DIGITS];
        for (to, from) in text.iter_mut().zip(digits) {
            *to = from;
        }
        self.add_hash(text_hash(&text, 0, DIGITS));
    }

    /// Whether a name, or one above it, may be published.
    #[inline]
    pub(crate) fn may_hold_name(&self, name: NameHash) -> bool {
        self.may_hold(name.of_two) || name.of_two != name.of_three && self.may_hold(name.of_three)
    }

    #[inline]
    pub(crate) fn may_hold_v4(&self, address: u32) -> bool {
        let half = self.halves_v4.get(address as usize >> 22);
        half.is_some_and(|word| word >> (address >> 16 & 63) & 1 != 0)
            && self.may_hold(v4_hash(address))
    }

    /// Whether a digest may be published, given by its digits in any case.
    #[inline]
    pub(crate) fn may_hold_digest(&self, digits: &[u8]) -> bool {
        self.may_hold(text_hash(digits, 0, DIGITS))
    }

    /// Bytes of memory taken.
    pub(crate) fn resident(&self) -> usize {
        let words: usize = self.levels.iter().map(|level| level.words.capacity()).sum();
        (words + self.halves_v4.capacity()) * size_of::<u64>()
    }

    fn add_hash(&mut self, hash: u64) {
        if self.may_hold(hash) {
            return;
        }
        if self.levels.last().is_none_or(|level| level.left == 0) && self.levels.len() < MOST_LEVELS
        {
            let words = FIRST << self.levels.len();
            self.levels.push(Level {
                words: vec![0; words],
                shift: u64::BITS - words.trailing_zeros(),
                left: words * LOAD,
            });
        }
        if let Some(level) = self.levels.last_mut() {
            level.left = level.left.saturating_sub(1);
            if let Some(word) = level.words.get_mut(place(hash, level.shift)) {
                *word |= bits(hash);
            }
        }
    }

    #[inline]
    fn may_hold(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.levels.iter().any(|level| {
            let word = level.words.get(place(hash, level.shift));
            word.is_some_and(|word| word & bits == bits)
        })
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a few high bits")]
fn place(hash: u64, shift: u32) -> usize {
    (hash >> shift) as usize
}

/// Three bits of a word.
#[inline]
fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
}

/// The hash of the last 16 bytes of `text[start..end]`, in lower case.
#[inline]
fn text_hash(text: &[u8], start: usize, end: usize) -> u64 {
    const LEN: usize = 16;
    let before = text.get(..end).unwrap_or_default();
    let len = end.saturating_sub(start).min(LEN);
    let bytes = match before.last_chunk::<LEN>() {
        Some(bytes) => u128::from_le_bytes(*bytes),
        None => before
            .iter()
            .fold(0, |bytes, &byte| bytes >> 8 | u128::from(byte) << 120),
    };
    let wanted = u128::MAX
        .checked_shl(8 * u32::try_from(LEN - len).unwrap_or(0))
        .unwrap_or(0);
    // Sets bit 5: makes letters lower case, and of other bytes of names still different ones.
    let folded = (bytes | 0x2020_2020_2020_2020_2020_2020_2020_2020) & wanted;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (high, low) = ((folded >> 64) as u64, folded as u64);
    hash::mix(high, low)
}

#[inline]
fn v4_hash(address: u32) -> u64 {
    hash::mix(address.into(), 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(sieve: &Sieve, text: &str) -> bool {
        let text = text.as_bytes();
        sieve.may_hold_name(NameHash::of(text, &NameEnd::of(text)))
    }

    #[test]
    fn names_and_all_below_them_pass() {
        let mut sieve = Sieve::default();
        let published = [
            "bit.ly",
            "evil.example",
            "evil.co.uk",
            "a.b.evil.test",
            "a-very-long-label-indeed.example",
        ];
        for name in published {
            sieve.add_name(name.as_bytes());
        }
        for name in published {
            for seen in [
                name.to_owned(),
                format!("WWW.{name}"),
                format!("a.b.c.{name}"),
            ] {
                assert!(passes(&sieve, &seen.to_uppercase()), "{seen}");
            }
        }
        for other in [
            "notevil.example",
            "good.co.uk",
            "co.uk",
            "ly",
            "x.ly",
            "a.b.test",
        ] {
            assert!(!passes(&sieve, other), "{other}");
        }
    }

    #[test]
    fn it_grows_and_lets_little_else_through() {
        let mut sieve = Sieve::default();
        for address in 0..300_000 {
            sieve.add_v4(address);
        }
        assert!((0..300_000).all(|address| sieve.may_hold_v4(address)));
        let others = (300_000..400_000).filter(|&other| sieve.may_hold_v4(other));
        assert!(others.count() < 6_000);
        assert!(sieve.resident() < 300_000 * 4, "{}", sieve.resident());
        let before = sieve.resident();
        for address in 0..300_000 {
            sieve.add_v4(address);
        }
        assert_eq!(sieve.resident(), before);
    }
}
