//! A sieve before the index: it lets through what may be published, and little else. A scan asks it
//! about every name, IPv4 address and digest before it reads the token around.
//!
//! A Bloom filter of one word a value (Putze, Sanders and Singler, 2009) that grows by further levels
//! (Almeida and others, 2007). Each level costs a wait for memory, so what has grown is made anew in
//! one, a few values at a time. Between that it only gains bits: what is removed from the index still
//! passes, and costs a lookup.

use crate::Kind;
use crate::address::Network;
use crate::index::{Key, hash};
use crate::url;

/// Words of the first level.
const FIRST: usize = 1 << 12;
/// Levels: the last one takes whatever comes, so that memory stays bounded.
const MOST_LEVELS: usize = 16;
/// Values for each word before a level is full: one in twenty others passes then. Fewer would make a
/// sieve that does not fit the cache, which costs more.
const LOAD: usize = 9;
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
    /// The one level that will take the place of all.
    refit: Option<Refit>,
}

#[derive(Debug)]
struct Refit {
    level: Level,
    /// How many of the index's entries it has.
    carried: usize,
}

#[derive(Debug)]
struct Level {
    words: Vec<u64>,
    /// How many more values it takes.
    left: usize,
}

impl Level {
    fn for_values(values: usize) -> Self {
        let words = (values / LOAD + 1).max(FIRST);
        Self {
            words: vec![0; words],
            left: words * LOAD,
        }
    }

    fn add(&mut self, hash: u64) {
        self.left = self.left.saturating_sub(1);
        let place = self.place(hash);
        if let Some(word) = self.words.get_mut(place) {
            *word |= bits(hash);
        }
    }

    #[inline]
    fn may_hold(&self, hash: u64) -> bool {
        let bits = bits(hash);
        let word = self.words.get(self.place(hash));
        word.is_some_and(|word| word & bits == bits)
    }

    /// The high half of the hash, as a share of all words (Lemire, 2019).
    #[inline]
    fn place(&self, hash: u64) -> usize {
        (((hash >> 32) * self.words.len() as u64) >> 32) as usize
    }
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
    /// An empty sieve that this many values fit well.
    pub(crate) fn for_values(values: usize) -> Self {
        Self {
            levels: vec![Level::for_values(values)],
            ..Self::default()
        }
    }

    /// From which of the index's entries on some are to be carried over to the level that will take
    /// the place of all, with [`Self::carry`]; none while there is but one.
    #[inline]
    pub(crate) fn refitting(&mut self, entries: usize) -> Option<usize> {
        if self.levels.len() > 1 && self.refit.is_none() {
            self.refit = Some(Refit {
                level: Level::for_values(entries * 2),
                carried: 0,
            });
        }
        self.refit.as_ref().map(|refit| refit.carried)
    }

    /// Carries an entry over; none for a place that is free. At the end one level is left.
    pub(crate) fn carry(&mut self, key: Option<Key<'_>>, entries: usize) {
        let Some(refit) = &mut self.refit else { return };
        if let Some(hash) = key.and_then(hash_of) {
            refit.level.add(hash);
        }
        refit.carried += 1;
        if refit.carried >= entries
            && let Some(refit) = self.refit.take()
        {
            self.levels = vec![refit.level];
        }
    }

    /// Lets a value through, and what is part of a value: the host of a URL.
    pub(crate) fn add(&mut self, key: Key<'_>) {
        if let Some(address) = address_of(key) {
            if self.halves_v4.is_empty() {
                self.halves_v4 = vec![0; 1 << 10];
            }
            if let Some(word) = self.halves_v4.get_mut(address as usize >> 22) {
                *word |= 1 << (address >> 16 & 63);
            }
        }
        if let Some(hash) = hash_of(key) {
            self.add_hash(hash);
        }
    }

    fn add_hash(&mut self, hash: u64) {
        if let Some(refit) = &mut self.refit {
            refit.level.add(hash);
        }
        if self.may_hold(hash) {
            return;
        }
        if self.levels.last().is_none_or(|level| level.left == 0) && self.levels.len() < MOST_LEVELS
        {
            let words: usize = self.levels.iter().map(|level| level.words.len()).sum();
            self.levels.push(Level::for_values(words * LOAD));
        }
        if let Some(level) = self.levels.last_mut() {
            level.add(hash);
        }
    }

    #[inline]
    fn may_hold(&self, hash: u64) -> bool {
        self.levels.iter().any(|level| level.may_hold(hash))
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
        let levels = self.levels.iter();
        let refit = self.refit.iter().map(|refit| &refit.level);
        let words: usize = levels
            .chain(refit)
            .map(|level| level.words.capacity())
            .sum();
        (words + self.halves_v4.capacity()) * size_of::<u64>()
    }
}

/// What the sieve keeps of a value: for what it is part of, the host or the domain. IPv6 addresses
/// are not sifted.
fn hash_of(key: Key<'_>) -> Option<u64> {
    if let Some(address) = address_of(key) {
        return Some(v4_hash(address));
    }
    match key {
        Key::Network(_) => None,
        Key::Bytes(Kind::Domain, name) => Some(name_hash(name)),
        Key::Bytes(Kind::Email, address) => {
            let domain = address.rsplit(|&byte| byte == b'@').next();
            Some(name_hash(domain.unwrap_or_default()))
        }
        Key::Bytes(Kind::Url, text) => {
            let host = url::host_of(text);
            let is_name = url::address_of_host(host).is_none();
            is_name.then(|| name_hash(host))
        }
        Key::Bytes(_, digest) => Some(digest_hash(digest)),
    }
}

/// The IPv4 address that a value is, or has as its host.
fn address_of(key: Key<'_>) -> Option<u32> {
    let network = match key {
        Key::Network(network) => network,
        Key::Bytes(Kind::Url, text) => url::address_of_host(url::host_of(text))?,
        Key::Bytes(..) => return None,
    };
    match network {
        Network::V4 { address, .. } => Some(address),
        Network::V6 { .. } => None,
    }
}

/// Of a name of lower-case ASCII bytes: all below it have the same.
fn name_hash(name: &[u8]) -> u64 {
    let end = NameEnd::of(name);
    let start = end.third.filter(|_| end.is_short()).unwrap_or(end.second);
    text_hash(name, start, end.end)
}

/// Of a digest, given by its bytes.
fn digest_hash(bytes: &[u8]) -> u64 {
    let digits = bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| char::from_digit(half.into(), 16))
        .filter_map(|digit| u8::try_from(digit).ok());
    let mut text = [0; DIGITS];
    for (to, from) in text.iter_mut().zip(digits) {
        *to = from;
    }
    text_hash(&text, 0, DIGITS)
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
            sieve.add(Key::Bytes(Kind::Domain, name.as_bytes()));
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
            sieve.add(Key::Network(Network::v4(address, 32)));
        }
        assert!((0..300_000).all(|address| sieve.may_hold_v4(address)));
        let others = (300_000..400_000).filter(|&other| sieve.may_hold_v4(other));
        assert!(others.count() < 6_000);
        assert!(sieve.resident() < 300_000 * 4, "{}", sieve.resident());
        let before = sieve.resident();
        for address in 0..300_000 {
            sieve.add(Key::Network(Network::v4(address, 32)));
        }
        assert_eq!(sieve.resident(), before);
    }

    #[test]
    fn what_has_grown_is_made_anew_in_one_level() {
        let key = |at: usize| Key::Network(Network::v4(u32::try_from(at).unwrap() * 7, 32));
        let mut sieve = Sieve::default();
        let mut most = 0;
        for at in 0..200_000 {
            sieve.add(key(at));
            for place in sieve
                .refitting(at + 1)
                .into_iter()
                .flat_map(|from| from..from + 8)
            {
                // Every tenth was removed meanwhile.
                let there = place <= at && place % 10 != 0;
                sieve.carry(there.then(|| key(place)), at + 1);
            }
            most = most.max(sieve.levels.len());
        }
        assert!(most <= 2, "{most} levels");
        let kept = (0..200_000).filter(|at| at % 10 != 0);
        assert!(
            kept.clone()
                .all(|at| sieve.may_hold_v4(u32::try_from(at * 7).unwrap()))
        );
        assert!(sieve.resident() < 200_000 * 6, "{}", sieve.resident());
    }
}
