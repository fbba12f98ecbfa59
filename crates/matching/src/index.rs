//! Which signals are about which observable.

pub(crate) mod arena;
pub(crate) mod gate;
pub(crate) mod hash;
pub(crate) mod lookup;

use hashbrown::HashTable;

use crate::address::Network;
use crate::{Kind, Observable, url};
use arena::Arena;
use gate::Gate;

use crate::sieve::Sieve;

/// Marks the end of a list, and what is on no list.
const NONE: u32 = u32::MAX;

/// The index of signals. Lookups take `&self`, updates `&mut self`; a caller that does both at
/// once holds it behind a lock of its own.
///
/// An observable costs 24 bytes, its value (4 bytes for IPv4, 16 for IPv6, raw digests, text for
/// the rest) and 6 to 12 bytes of hash table; each signal beyond its first, 16 bytes.
#[derive(Debug, Default)]
pub struct Index {
    /// Positions in `entries`, by the hash of their values.
    table: HashTable<u32>,
    entries: Vec<Entry>,
    free_entry: Option<u32>,
    /// Second and later signals of an entry.
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

/// A published value and its first signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    signal: u64,
    /// The address of an IPv4 network; else the low bits of the offset in the arena.
    low: u32,
    hash: u32,
    /// The next signal in `more`; for a free entry, the next free one.
    next: u32,
    /// The prefix length of a network; else the length in bytes.
    len: u16,
    /// The high bits of the offset.
    high: u8,
    kind: Option<Kind>,
}

#[derive(Debug, Clone, Copy)]
struct More {
    signal: u64,
    next: u32,
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
        self.arena.get(entry.offset(), usize::from(entry.len))
    }

    fn network_of(&self, entry: &Entry) -> Option<Network> {
        let prefix = u8::try_from(entry.len).ok()?;
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
            signal,
            low: 0,
            hash,
            next: NONE,
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
                entry.len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            }
        }
        match self.entries.get_mut(at as usize) {
            Some(free) => {
                self.free_entry = Some(free.next).filter(|&next| next != NONE);
                *free = entry;
            }
            None => self.entries.push(entry),
        }
        let entries = &self.entries;
        self.table.insert_unique(hash::spread(hash), at, |&at| {
            hash::spread(entries.get(at as usize).map_or(0, |entry| entry.hash))
        });
        self.open_gates(key);
        true
    }

    fn open_gates(&mut self, key: Key<'_>) {
        self.gate.add(key);
        self.open_sieve(key);
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

    fn open_sieve(&mut self, key: Key<'_>) {
        match key {
            Key::Network(Network::V4 { address, .. }) => self.sieve.add_v4(address),
            Key::Network(Network::V6 { .. }) => {}
            Key::Bytes(Kind::Domain, name) => self.sieve.add_name(name),
            Key::Bytes(Kind::Email, address) => {
                let domain = address.rsplit(|&byte| byte == b'@').next();
                self.sieve.add_name(domain.unwrap_or_default());
            }
            Key::Bytes(Kind::Url, text) => {
                let host = url::host_of(text);
                match url::address_of_host(host) {
                    Some(Network::V4 { address, .. }) => self.sieve.add_v4(address),
                    Some(Network::V6 { .. }) => {}
                    None => self.sieve.add_name(host),
                }
            }
            Key::Bytes(_, digest) => self.sieve.add_digest(digest),
        }
    }

    fn add_signal(&mut self, at: u32, signal: u64) -> bool {
        if self.signals(at).any(|known| known == signal) {
            return false;
        }
        let more = self
            .free_more
            .unwrap_or(u32::try_from(self.more.len()).unwrap_or(NONE));
        let Some(entry) = self.entries.get_mut(at as usize).filter(|_| more != NONE) else {
            return false;
        };
        let new = More {
            signal,
            next: entry.next,
        };
        entry.next = more;
        match self.more.get_mut(more as usize) {
            Some(free) => {
                self.free_more = Some(free.next).filter(|&next| next != NONE);
                *free = new;
            }
            None => self.more.push(new),
        }
        true
    }

    /// Takes a signal off an entry's list. An entry without signals has no kind any more.
    fn take_signal(&mut self, at: u32, signal: u64) -> bool {
        let Some(entry) = self.entries.get_mut(at as usize) else {
            return false;
        };
        if entry.signal == signal {
            let second = entry.next;
            match self.more.get(second as usize).copied() {
                Some(more) => {
                    (entry.signal, entry.next) = (more.signal, more.next);
                    self.free_more(second);
                }
                None => entry.kind = None,
            }
            return true;
        }
        let mut before = NONE;
        let mut here = entry.next;
        while let Some(more) = self.more.get(here as usize).copied() {
            if more.signal == signal {
                if let Some(previous) = self.more.get_mut(before as usize) {
                    previous.next = more.next;
                } else if let Some(entry) = self.entries.get_mut(at as usize) {
                    entry.next = more.next;
                }
                self.free_more(here);
                return true;
            }
            (before, here) = (here, more.next);
        }
        false
    }

    fn free_more(&mut self, at: u32) {
        if let Some(more) = self.more.get_mut(at as usize) {
            more.next = self.free_more.unwrap_or(NONE);
            self.free_more = Some(at);
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
            entry.next = self.free_entry.unwrap_or(NONE);
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
                Some(_) => usize::from(entry.len),
            };
            let offset = arena.push(self.arena.get(entry.offset(), len));
            entry.set_offset(offset);
        }
        self.arena = arena;
    }

    fn signals(&self, at: u32) -> impl Iterator<Item = u64> {
        self.entry(at)
            .into_iter()
            .flat_map(|entry| self.signals_of(entry))
    }

    fn signals_of(&self, entry: &Entry) -> impl Iterator<Item = u64> + use<'_> {
        let more = |at: u32| self.more.get(at as usize);
        let rest = std::iter::successors(more(entry.next), move |here| more(here.next));
        std::iter::once(entry.signal).chain(rest.map(|more| more.signal))
    }
}

impl Entry {
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
