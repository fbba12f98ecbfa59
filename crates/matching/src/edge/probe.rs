//! Looking into an edge file during one scan, and what went wrong then.

use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;

use super::bytes::Cursor;
use super::record::{self, GROUP};
use super::{Broken, Edge, Source};
use crate::Kind;
use crate::index::Key;
use crate::index::gate::Gate;
use crate::index::lookup::{Lookup, text_of};
use crate::sieve::{NameHash, Sieve};

/// Reading a value takes as long as scanning so many bytes without a sieve.
const BYTES_FOR_A_VALUE: u64 = 40;

/// What one scan looks up. After the first failure it finds nothing, and [`Probe::end`] tells.
pub(super) struct Probe<'e, S> {
    edge: &'e Edge<S>,
    is_broken: Cell<bool>,
    broken: RefCell<Option<Broken>>,
}

/// A published value and the places of its signals, out of the file.
pub(crate) struct Record {
    value: Vec<u8>,
    signals: Vec<u64>,
}

impl<'e, S: Source> Probe<'e, S> {
    pub(super) fn new(edge: &'e Edge<S>) -> Self {
        Self {
            edge,
            is_broken: Cell::new(false),
            broken: RefCell::new(None),
        }
    }

    pub(super) fn end(self) -> Result<(), Broken> {
        self.broken.into_inner().map_or(Ok(()), Err)
    }

    /// The value at a position, if it is that of the key.
    #[cold]
    fn read(&self, position: usize, key: Key<'_>) -> Option<Record> {
        if self.is_broken.get() {
            return None;
        }
        match self.edge.record(position, key) {
            Ok(record) => record,
            Err(broken) => {
                self.is_broken.set(true);
                *self.broken.borrow_mut() = Some(broken);
                None
            }
        }
    }
}

impl<S: Source> Edge<S> {
    fn record(&self, position: usize, key: Key<'_>) -> Result<Option<Record>, Broken> {
        let malformed = || Broken::malformed("values", "are not as many as it says");
        let group = self.group(position / GROUP)?;
        let mut cursor = Cursor(&group);
        for _ in 0..position % GROUP {
            read_record(&mut cursor).ok_or_else(malformed)?;
        }
        let (published, signals) = read_record(&mut cursor).ok_or_else(malformed)?;
        if !record::is_same(published, key) {
            return Ok(None);
        }
        let mut value = Vec::new();
        record::write_key(published, &mut value);
        let signals = signals
            .chunks_exact(5)
            .filter_map(|place| Cursor(place).u40());
        Ok(Some(Record {
            value,
            signals: signals.collect(),
        }))
    }

    /// Counts what is scanned; at length, when it has paid, all values are read once, for a sieve.
    pub(super) fn count_scanned(&self, bytes: usize) -> Result<(), Broken> {
        let worth = (self.values.len() as u64).saturating_mul(BYTES_FOR_A_VALUE);
        let bytes = bytes as u64;
        let before = self.scanned.fetch_add(bytes, Ordering::Relaxed);
        if before > worth || before.saturating_add(bytes) <= worth {
            return Ok(());
        }
        let malformed = || Broken::malformed("values", "are not as many as it says");
        // What passes for nothing is read from the file: a sieve twice as fine as the index's.
        let mut sieve = Sieve::for_values(self.values.len() * 2);
        for number in 0..self.values.len().div_ceil(GROUP) {
            let group = self.group(number)?;
            let mut cursor = Cursor(&group);
            for _ in 0..GROUP.min(self.values.len() - number * GROUP) {
                let (key, _) = read_record(&mut cursor).ok_or_else(malformed)?;
                sieve.add(key);
            }
        }
        // It comes by here once.
        let _ = self.sieve.set(sieve);
        Ok(())
    }

    /// The bytes of a group of values, without its checksum.
    pub(super) fn group(&self, group: usize) -> Result<Vec<u8>, Broken> {
        let malformed = || Broken::malformed("table", "has fewer groups than values");
        let bounds = self.groups.get(group * 5..).ok_or_else(malformed)?;
        let mut cursor = Cursor(bounds);
        let (Some(start), Some(end)) = (cursor.u40(), cursor.u40()) else {
            return Err(malformed());
        };
        // That these bounds rise, by little, and are within the file was seen when it was opened.
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        let offset = self.header.sections.values.offset + start;
        self.source.read_at(&mut bytes, offset)?;
        let Some((body, said)) = bytes.split_last_chunk::<4>() else {
            return Err(Broken::malformed("table", "has a group without a checksum"));
        };
        if record::checksum(group as u64, &[body]).to_le_bytes() != *said {
            return Err(Broken::Checksum("values"));
        }
        bytes.truncate(length - 4);
        Ok(bytes)
    }
}

/// A value and the bytes of its signals' places.
fn read_record<'b>(cursor: &mut Cursor<'b>) -> Option<(Key<'b>, &'b [u8])> {
    let key = record::read_key(cursor)?;
    let signals = cursor.u32()? as usize;
    Some((key, cursor.take(signals.checked_mul(5)?)?))
}

impl<S: Source> Lookup for Probe<'_, S> {
    type Entry<'i>
        = Record
    where
        Self: 'i;

    #[inline]
    fn gate(&self) -> &Gate {
        &self.edge.gate
    }

    #[inline]
    fn holds(&self, kind: Kind) -> bool {
        self.edge.len_of(kind) > 0
    }

    #[inline]
    fn has_urls(&self, host: u32) -> bool {
        self.edge.url_hosts.positions(host).next().is_some()
    }

    #[inline]
    fn may_hold_name(&self, name: NameHash) -> bool {
        let sieve = self.edge.sieve.get();
        sieve.is_none_or(|sieve| sieve.may_hold_name(name))
    }

    #[inline]
    fn may_hold_v4(&self, address: u32) -> bool {
        let sieve = self.edge.sieve.get();
        sieve.is_none_or(|sieve| sieve.may_hold_v4(address)) || self.edge.gate.may_cover_v4(address)
    }

    #[inline]
    fn may_hold_digest(&self, digits: &[u8]) -> bool {
        let sieve = self.edge.sieve.get();
        sieve.is_none_or(|sieve| sieve.may_hold_digest(digits))
    }

    #[inline]
    fn entry_of(&self, hash: u32, key: Key<'_>) -> Option<Record> {
        let mut positions = self.edge.values.positions(hash);
        positions.find_map(|position| self.read(position, key))
    }

    fn report(&self, entry: &Record, buffer: &mut String, each: &mut dyn FnMut(u64, Kind, &str)) {
        let Some(key) = record::read_key(&mut Cursor(&entry.value)) else {
            return;
        };
        let value = text_of(key, buffer);
        for &signal in &entry.signals {
            each(signal, key.kind(), value);
        }
    }
}
