//! Which signals are about which observable.

pub(crate) mod arena;
pub(crate) mod gate;
pub(crate) mod hash;
pub(crate) mod lookup;
mod signals;

use hashbrown::HashTable;

use crate::address::Network;
use crate::{Kind, Observable, url};
use arena::Arena;
use gate::Gate;
use signals::{More, halves};

use crate::sieve::Sieve;

/// Marks the end of a list, and what is on no list.
const NONE: u32 = u32::MAX;

/// The index of signals. Lookups take `&self`, updates `&mut self`; a caller that does both at
/// once holds it behind a lock of its own.
///
/// An observable costs 20 bytes, its value (none for IPv4, 16 bytes for IPv6, raw digests, text for
/// the rest) and 6 to 12 bytes of hash table; with several signals, 16 bytes for each.
#[derive(Debug, Default)]
pub struct Index {
    /// Positions in `entries`, by the hash of their values.
    table: HashTable<u32>,
    entries: Vec<Entry>,
    free_entry: Option<u32>,
    /// The signals of entries that have several.
    more: Vec<More>,
    free_more: Option<u32>,
    arena: Arena,
    gate: Gate,
    sieve: Sieve,
    /// How many published URLs a host has, by the hash of the host alone: another gate.
    url_hosts: HashTable<(u32, u32)>,
    /// Pairs of observable and signal, by kind.
    pairs: [usize; Kind::ALL.len()],
}

/// Set in the length of an entry that has several signals.
const SEVERAL: u16 = 1 << 15;

/// A published value and its signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The halves of its one signal, the low one first; of several, the first's place in `more`.
    signal: [u32; 2],
    /// The address of an IPv4 network; else the low bits of the offset in the arena. For a free
    /// entry, the next free one.
    low: u32,
    hash: u32,
    /// The prefix length of a network; else the length in bytes. With [`SEVERAL`].
    len: u16,
    /// The high bits of the offset.
    high: u8,
    kind: Option<Kind>,
}

/// What a value is looked up by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key<'k> {
    Network(Network),
    Bytes(Kind, &'k [u8]),
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a signal about an observable; false if that pair is there already. It holds up to
    /// 2³²−1 different observables; beyond, nothing is added.
    pub fn insert(&mut self, observable: &Observable, signal: u64) -> bool {
        let mut raw = [0; 64];
        let key = Key::of(observable, &mut raw);
        let hash = key.hash();
        let added = match self.find(hash, key) {
            Some(at) => self.add_signal(at, signal),
            None => self.add_entry(hash, key, signal),
        };
        if added {
            self.count(observable.kind(), 1);
        }
        added
    }

    /// Takes a signal about an observable away; false if that pair is not there.
    pub fn remove(&mut self, observable: &Observable, signal: u64) -> bool {
        let mut raw = [0; 64];
        let key = Key::of(observable, &mut raw);
        let hash = key.hash();
        let Some(at) = self.find(hash, key) else {
            return false;
        };
        if !self.take_signal(at, signal) {
            return false;
        }
        self.count(observable.kind(), -1);
        if self.entry(at).is_some_and(|entry| entry.kind.is_none()) {
            self.drop_entry(hash, at, key);
        }
        true
    }

    /// How many pairs of observable and signal there are.
    pub fn len(&self) -> usize {
        self.pairs.iter().sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many different observables there are.
    pub fn observables(&self) -> usize {
        self.table.len()
    }

    /// Bytes of memory taken, as allocated.
    pub fn resident(&self) -> usize {
        self.table.allocation_size()
            + self.url_hosts.allocation_size()
            + self.entries.capacity() * size_of::<Entry>()
            + self.more.capacity() * size_of::<More>()
            + self.arena.resident()
            + self.sieve.resident()
            + size_of::<Self>()
            + gate::RESIDENT
    }

    fn count(&mut self, kind: Kind, change: isize) {
        if let Some(pairs) = self.pairs.get_mut(kind as usize) {
            *pairs = pairs.saturating_add_signed(change);
        }
    }

    #[inline]
    fn entry(&self, at: u32) -> Option<&Entry> {
        self.entries.get(at as usize)
    }

    #[inline]
    fn find(&self, hash: u32, key: Key<'_>) -> Option<u32> {
        let same = |&at: &u32| {
            self.entry(at)
                .is_some_and(|entry| self.is_at(entry, hash, key))
        };
        self.table.find(hash::spread(hash), same).copied()
    }

    /// Whether an entry is that of a key.
    #[inline]
    fn is_at(&self, entry: &Entry, hash: u32, key: Key<'_>) -> bool {
        if entry.hash != hash {
            return false;
        }
        match key {
            Key::Network(network) => self.network_of(entry) == Some(network),
            Key::Bytes(Kind::Domain, name) => {
                entry.kind == Some(Kind::Domain) && self.bytes_of(entry).eq_ignore_ascii_case(name)
            }
            Key::Bytes(kind, bytes) => entry.kind == Some(kind) && self.bytes_of(entry) == bytes,
        }
    }

    /// The value of an entry that is no network: text, or the bytes of a digest.
    #[inline]
    fn bytes_of(&self, entry: &Entry) -> &[u8] {
        self.arena.get(entry.offset(), usize::from(entry.length()))
    }

    fn network_of(&self, entry: &Entry) -> Option<Network> {
        let prefix = u8::try_from(entry.length()).ok()?;
        match entry.kind {
            Some(Kind::Ipv4) => Some(Network::V4 {
                address: entry.low,
                prefix,
            }),
            Some(Kind::Ipv6) => {
                let bytes = self.arena.get(entry.offset(), 16).try_into().ok()?;
                Some(Network::V6 {
                    address: u128::from_be_bytes(bytes),
                    prefix,
                })
            }
            _ => None,
        }
    }

    fn add_entry(&mut self, hash: u32, key: Key<'_>, signal: u64) -> bool {
        let at = self
            .free_entry
            .unwrap_or(u32::try_from(self.entries.len()).unwrap_or(NONE));
        if at == NONE {
            return false;
        }
        let mut entry = Entry {
            signal: halves(signal),
            low: 0,
            hash,
            len: 0,
            high: 0,
            kind: Some(key.kind()),
        };
        match key {
            Key::Network(Network::V4 { address, prefix }) => {
                (entry.low, entry.len) = (address, prefix.into());
            }
            Key::Network(Network::V6 { address, prefix }) => {
                entry.set_offset(self.arena.push(&address.to_be_bytes()));
                entry.len = prefix.into();
            }
            Key::Bytes(_, bytes) => {
                entry.set_offset(self.arena.push(bytes));
                // Canonical values are at most 8 KiB and a few bytes long.
                entry.len = u16::try_from(bytes.len()).unwrap_or(u16::MAX) & !SEVERAL;
            }
        }
        match self.entries.get_mut(at as usize) {
            Some(free) => {
                self.free_entry = Some(free.low).filter(|&next| next != NONE);
                *free = entry;
            }
            None => push(&mut self.entries, entry),
        }
        let entries = &self.entries;
        self.table.insert_unique(hash::spread(hash), at, |&at| {
            hash::spread(entries.get(at as usize).map_or(0, |entry| entry.hash))
        });
        self.open_gates(key);
        self.refit_sieve();
        true
    }

    /// Carries a few entries over to the sieve that takes the place of one that has grown.
    fn refit_sieve(&mut self) {
        const AT_ONCE: usize = 8;
        let entries = self.entries.len();
        let Some(from) = self.sieve.refitting(entries) else {
            return;
        };
        let mut sieve = std::mem::take(&mut self.sieve);
        for entry in self.entries.iter().skip(from).take(AT_ONCE) {
            sieve.carry(self.key_of(entry), entries);
        }
        self.sieve = sieve;
    }

    /// What an entry is looked up by; none of a place that is free.
    pub(crate) fn key_of(&self, entry: &Entry) -> Option<Key<'_>> {
        let kind = entry.kind?;
        Some(match self.network_of(entry) {
            Some(network) => Key::Network(network),
            None => Key::Bytes(kind, self.bytes_of(entry)),
        })
    }

    fn open_gates(&mut self, key: Key<'_>) {
        self.gate.add(key);
        self.sieve.add(key);
        if let Key::Bytes(Kind::Url, text) = key {
            let host = host_hash(url::host_of(text));
            let counted = self
                .url_hosts
                .entry(
                    hash::spread(host),
                    |&(known, _)| known == host,
                    |&(known, _)| hash::spread(known),
                )
                .or_insert((host, 0));
            counted.into_mut().1 += 1;
        }
    }

    fn drop_entry(&mut self, hash: u32, at: u32, key: Key<'_>) {
        if let Ok(place) = self
            .table
            .find_entry(hash::spread(hash), |&known| known == at)
        {
            place.remove();
        }
        if let Some(entry) = self.entries.get_mut(at as usize) {
            entry.low = self.free_entry.unwrap_or(NONE);
            self.free_entry = Some(at);
        }
        match key {
            Key::Network(Network::V4 { .. }) => {}
            Key::Network(Network::V6 { .. }) => self.arena.forget(16),
            Key::Bytes(kind, bytes) => {
                self.arena.forget(bytes.len());
                if kind == Kind::Url {
                    self.forget_url(host_hash(url::host_of(bytes)));
                }
            }
        }
        if self.arena.is_mostly_waste() {
            self.compact();
        }
    }

    fn forget_url(&mut self, host: u32) {
        let found = self
            .url_hosts
            .find_entry(hash::spread(host), |&(known, _)| known == host);
        if let Ok(mut place) = found {
            let (_, urls) = place.get_mut();
            *urls -= 1;
            if *urls == 0 {
                place.remove();
            }
        }
    }

    /// Copies the values that are still needed to a new arena.
    fn compact(&mut self) {
        let mut arena = Arena::default();
        for entry in &mut self.entries {
            let len = match entry.kind {
                None | Some(Kind::Ipv4) => continue,
                Some(Kind::Ipv6) => 16,
                Some(_) => usize::from(entry.length()),
            };
            let offset = arena.push(self.arena.get(entry.offset(), len));
            entry.set_offset(offset);
        }
        self.arena = arena;
    }
}

/// Adds to what may grow large: room for an eighth more is taken at a time, not for as much again.
fn push<T>(all: &mut Vec<T>, new: T) {
    if all.len() == all.capacity() {
        all.reserve_exact(all.len() / 8 + 16);
    }
    all.push(new);
}

impl Entry {
    fn length(&self) -> u16 {
        self.len & !SEVERAL
    }

    fn offset(&self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }

    /// Offsets are below 2⁴⁰: a tebibyte of values.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the offset is split in two"
    )]
    fn set_offset(&mut self, offset: u64) {
        (self.high, self.low) = ((offset >> 32) as u8, offset as u32);
    }
}

impl<'k> Key<'k> {
    pub(crate) fn of(observable: &'k Observable, raw: &'k mut [u8; 64]) -> Self {
        let text = observable.as_str().as_bytes();
        match observable.kind() {
            kind @ (Kind::Ipv4 | Kind::Ipv6) => match observable.network() {
                Some(network) => Self::Network(network),
                None => Self::Bytes(kind, text),
            },
            kind @ (Kind::Domain | Kind::Url | Kind::Email) => Self::Bytes(kind, text),
            kind => Self::Bytes(kind, digest_bytes(text, raw)),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Network(network) => network.kind(),
            Self::Bytes(kind, _) => *kind,
        }
    }

    pub(crate) fn hash(&self) -> u32 {
        match *self {
            Self::Network(network) => hash::network(network),
            Self::Bytes(kind @ (Kind::Domain | Kind::Url | Kind::Email), text) => {
                hash::text(kind, text)
            }
            Self::Bytes(kind, digest) => hash::digest(kind, digest),
        }
    }
}

/// The bytes that hexadecimal digits stand for.
fn digest_bytes<'r>(digits: &[u8], raw: &'r mut [u8; 64]) -> &'r [u8] {
    for (byte, pair) in raw.iter_mut().zip(digits.chunks_exact(2)) {
        if let [high, low] = pair {
            *byte = crate::refang::hex_pair(*high, *low);
        }
    }
    raw.get(..digits.len() / 2).unwrap_or_default()
}

/// The hash of a host as it stands in a canonical URL.
pub(crate) fn host_hash(host: &[u8]) -> u32 {
    url::address_of_host(host).map_or_else(|| hash::name(host), hash::network)
}
