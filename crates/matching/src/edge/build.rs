//! Writing an edge file.

use std::collections::BTreeSet;
use std::io::{Seek, SeekFrom, Write};

use sha2::{Digest as _, Sha256};

use super::TooMuch;
use super::bytes::{Cursor, u40};
use super::header::{Header, LENGTH, Section};
use super::record::{self, GROUP, LARGEST_GROUP, LONGEST_FACTS, Signal};
use super::tags::Tags;
use crate::index::arena::Arena;
use crate::index::gate::Gate;
use crate::index::{Key, host_hash};
use crate::{Kind, Observable, url};

/// Offsets have five bytes.
const LONGEST_SECTION: u64 = 1 << 40;

/// Writes an edge file. Signals go straight to it; values are held until [`Builder::finish`], at
/// 24 bytes a pair and the value. The same calls write the same bytes; so do pairs in another
/// order.
#[derive(Debug)]
pub struct Builder<W> {
    out: W,
    header: Header,
    hasher: Sha256,
    pairs: Vec<Pair>,
    /// The values of the pairs, as they are written.
    arena: Arena,
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    value: u64,
    /// The place of the signal.
    signal: u64,
    hash: u32,
    length: u32,
}

/// What is resident, as it comes to be.
#[derive(Default)]
struct Table {
    gate: Gate,
    pairs: [u64; Kind::ALL.len()],
    hashes: Vec<u32>,
    groups: Vec<u8>,
    url_hosts: BTreeSet<u32>,
}

impl<W: Write + Seek> Builder<W> {
    /// Begins a file at the start of `out`. Until [`Builder::finish`] returns, what is there is no
    /// edge file: its header is empty.
    ///
    /// # Errors
    /// [`TooMuch::Io`].
    pub fn new(mut out: W) -> Result<Self, TooMuch> {
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&[0; LENGTH])?;
        let mut header = Header::default();
        header.sections.signals.offset = LENGTH as u64;
        Ok(Self {
            out,
            header,
            hasher: Sha256::new(),
            pairs: Vec::new(),
            arena: Arena::default(),
        })
    }

    /// Writes a signal; gives its place, for [`Builder::pair`].
    ///
    /// # Errors
    /// [`TooMuch`].
    pub fn signal(&mut self, signal: &Signal) -> Result<u64, TooMuch> {
        if signal.facts.len() > LONGEST_FACTS {
            return Err(TooMuch::Facts {
                found: signal.facts.len(),
                limit: LONGEST_FACTS,
            });
        }
        let place = self.header.sections.signals.length;
        if place >= LONGEST_SECTION {
            return Err(full("bytes of signals", LONGEST_SECTION));
        }
        let bytes = signal.write(place);
        self.out.write_all(&bytes)?;
        self.hasher.update(&bytes);
        self.header.sections.signals.length += bytes.len() as u64;
        self.header.signals += 1;
        Ok(place)
    }

    /// Adds a signal about an observable; the same pair counts once.
    ///
    /// # Errors
    /// [`TooMuch::Count`].
    pub fn pair(&mut self, observable: &Observable, signal: u64) -> Result<(), TooMuch> {
        if self.pairs.len() >= u32::MAX as usize {
            return Err(full("pairs", u32::MAX.into()));
        }
        let mut raw = [0; 64];
        let key = Key::of(observable, &mut raw);
        let mut value = Vec::with_capacity(64);
        record::write_key(key, &mut value);
        self.pairs.push(Pair {
            value: self.arena.push(&value),
            signal,
            hash: key.hash(),
            length: u32::try_from(value.len()).unwrap_or(u32::MAX),
        });
        Ok(())
    }

    /// Writes the rest, and the header last. `built` is told by [`super::Edge::built`].
    ///
    /// # Errors
    /// [`TooMuch`]; what was written is no edge file then.
    pub fn finish(mut self, built: i64) -> Result<W, TooMuch> {
        self.header.built = built;
        self.header.sections.signals.digest = self.hasher.finalize_reset().into();
        let arena = &self.arena;
        let value = |pair: &Pair| arena.get(pair.value, pair.length as usize);
        self.pairs.sort_unstable_by(|a, b| {
            let order = a.hash.cmp(&b.hash).then_with(|| value(a).cmp(value(b)));
            order.then_with(|| a.signal.cmp(&b.signal))
        });
        let same = |a: &Pair, b: &Pair| a.hash == b.hash && value(a) == value(b);
        let mut table = Table::default();
        let mut section = Section {
            offset: self.header.sections.signals.end(),
            ..Section::default()
        };
        let mut group = Vec::new();
        let mut number = 0_u64;
        table.groups.extend(u40(0));
        for (at, pairs) in self.pairs.chunk_by(same).enumerate() {
            let Some(first) = pairs.first() else { continue };
            write_record(value(first), pairs, &mut table, &mut group);
            table.hashes.push(first.hash);
            if group.len() as u64 > LARGEST_GROUP - 4 {
                return Err(full(
                    "bytes of eight values and their signals",
                    LARGEST_GROUP,
                ));
            }
            if (at + 1) % GROUP == 0 {
                end_group(&mut group, &mut number, &mut section, &mut table);
                self.hasher.update(&group);
                self.out.write_all(&group)?;
                group.clear();
            }
        }
        if !group.is_empty() {
            end_group(&mut group, &mut number, &mut section, &mut table);
            self.hasher.update(&group);
            self.out.write_all(&group)?;
        }
        if section.length >= LONGEST_SECTION {
            return Err(full("bytes of values", LONGEST_SECTION));
        }
        section.digest = self.hasher.finalize_reset().into();
        self.header.sections.values = section;
        self.header.values = table.hashes.len() as u64;
        drop((self.pairs, self.arena));
        self.header.sections.table = table.write(section.end(), self.hasher, &mut self.out)?;
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&self.header.write())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn full(what: &'static str, limit: u64) -> TooMuch {
    TooMuch::Count { what, limit }
}

/// Appends a value with its signals, and opens the gates for it.
fn write_record(value: &[u8], pairs: &[Pair], table: &mut Table, group: &mut Vec<u8>) {
    group.extend(value);
    let count_at = group.len();
    group.extend([0; 4]);
    let (mut count, mut before) = (0_u32, None);
    for pair in pairs {
        if before.replace(pair.signal) != Some(pair.signal) {
            group.extend(u40(pair.signal));
            count += 1;
        }
    }
    for (to, from) in group.iter_mut().skip(count_at).zip(count.to_le_bytes()) {
        *to = from;
    }
    if let Some(key) = record::read_key(&mut Cursor(value)) {
        table.add(key, count);
    }
}

/// Ends a group with its checksum.
fn end_group(group: &mut Vec<u8>, number: &mut u64, section: &mut Section, table: &mut Table) {
    let checksum = record::checksum(*number, &[group]);
    group.extend(checksum.to_le_bytes());
    *number += 1;
    section.length += group.len() as u64;
    table.groups.extend(u40(section.length));
}

impl Table {
    fn add(&mut self, key: Key<'_>, pairs: u32) {
        self.gate.add(key);
        if let Key::Bytes(Kind::Url, text) = key {
            self.url_hosts.insert(host_hash(url::host_of(text)));
        }
        if let Some(sum) = self.pairs.get_mut(key.kind() as usize) {
            *sum += u64::from(pairs);
        }
    }

    fn write(self, offset: u64, hasher: Sha256, out: &mut impl Write) -> Result<Section, TooMuch> {
        let mut writing = Writing {
            out,
            hasher,
            length: 0,
        };
        for word in self.gate.words().chain(self.pairs) {
            writing.write(&word.to_le_bytes())?;
        }
        writing.tags(&self.hashes)?;
        writing.write(&self.groups)?;
        writing.tags(&self.url_hosts.into_iter().collect::<Vec<_>>())?;
        Ok(Section {
            offset,
            length: writing.length,
            digest: writing.hasher.finalize().into(),
        })
    }
}

/// Writes a section.
struct Writing<'w, W> {
    out: &'w mut W,
    hasher: Sha256,
    length: u64,
}

impl<W: Write> Writing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), TooMuch> {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(self.out.write_all(bytes)?)
    }

    /// Writes hashes, which are in order, as [`Tags`].
    fn tags(&mut self, hashes: &[u32]) -> Result<(), TooMuch> {
        let bits = Tags::bits_for(hashes.len());
        self.write(&bits.to_le_bytes())?;
        self.write(
            &u32::try_from(hashes.len())
                .unwrap_or(u32::MAX)
                .to_le_bytes(),
        )?;
        let mut start = 0_u32;
        let mut rest = hashes.iter().peekable();
        for bucket in 0..=1_usize << bits {
            self.write(&start.to_le_bytes())?;
            while rest
                .next_if(|&&hash| Tags::place(bits, hash).0 == bucket)
                .is_some()
            {
                start += 1;
            }
        }
        for &hash in hashes {
            self.write(&Tags::place(bits, hash).1.to_le_bytes())?;
        }
        Ok(())
    }
}
