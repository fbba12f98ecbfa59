//! The journal in one directory of append-only files: no service to start.
//!
//! ```text
//! 00000000000000000000.seg   a segment: a header, then frames; named by its first position
//! 00000000000000000000.idx   its sparse index; a hint, rebuilt when missing or damaged
//! HEAD                       how far appends were acknowledged
//! LOCK                       held while the journal is open; has the holder's process id
//! ```
//!
//! An append becomes one or more frames (`embedded/frame.rs` has the layout) behind the last one, written at
//! once and synced once. Leaves and bodies are compressed in blocks of about 16 KiB, apart from each
//! other, so that the log can be built without bodies. Positions are found by a sparse index of one
//! entry per 64 KiB, 8 bytes each in memory: a side file is lighter than a database of positions,
//! and cannot disagree with the segments, as every entry leads to a frame that names its position.
//!
//! A backup taken while appends go on copies HEAD first, or leaves it out: a head that is ahead of
//! the segments is taken for a loss.
//!
//! # What each failure leaves
//!
//! | failure | what it leaves |
//! |---|---|
//! | crash, power loss | the next open cuts off an append that was not finished, whole ([`Recovery`]) |
//! | disk full, write refused | [`Error::Io`]; what was written is cut off again; appends may be retried |
//! | that cut fails too, or the sync | [`Error::Io`], then [`Error::Poisoned`]: reads go on, appends need a new open, which finds the batch whole or cuts it off |
//! | a bit flips | [`Error::Corrupt`] when the record is read; nothing else suffers |
//! | a bit flips in the last index span, or a batch behind which others stand | [`Error::Corrupt`] at open, which changes nothing |
//! | the end is lost or damaged, though acknowledged | [`Error::Shortened`] at open, which changes nothing |
//! | the index or the head is lost or damaged | nothing is lost; the index is rebuilt |
//! | crash or error while erasing | the old segment or the new one, never a mix (`embedded/erase.rs`) |

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use bytes::Bytes;

use crate::log::hash::Hash;
use crate::{Durability, Erased, Error, Journal, Position, Record, Stored};

mod cache;
mod encode;
mod erase;
mod field;
mod file;
mod frame;
mod head;
mod index;
mod lock;
mod recovery;
mod region;
mod scan;
mod segment;
mod verify;
mod walk;
mod window;
mod writer;

use cache::Kept;
pub use recovery::Recovery;
pub use verify::Summary;

/// How much is read at once when records are read in order.
const AHEAD: usize = 64 << 10;
/// Positions in a segment are kept in 32 bits, and a segment may exceed its size by one batch.
const SEGMENT_LIMIT: u64 = 2 << 30;

/// Settings of an embedded journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A segment this large is followed by a new one; a batch is never split. 1 GiB by default,
    /// 2 GiB at most.
    pub segment_bytes: u64,
    /// Memory for decoded blocks and tables that were read lately. 16 MiB by default.
    pub cache_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            cache_bytes: 16 << 20,
        }
    }
}

/// A journal in a directory. Many may read while one appends.
pub struct Embedded {
    segments: RwLock<Vec<segment::Segment>>,
    writer: Mutex<writer::Writer>,
    cache: cache::Cache<Kept>,
    /// One erasure at a time.
    erasing: Mutex<()>,
    recovery: Recovery,
    /// Last, so that it is lifted when all else is closed.
    _lock: lock::Lock,
}

impl Embedded {
    /// Opens the journal in `directory`, creating both if missing.
    ///
    /// # Errors
    /// [`Error::Locked`] when it is open elsewhere; [`Error::Corrupt`] and [`Error::Shortened`] when
    /// the files do not hold; [`Error::Io`]. Nothing was changed then.
    pub fn open(directory: &Path, options: &Options) -> Result<Self, Error> {
        recovery::create_directory(directory)?;
        let lock = lock::Lock::take(directory)?;
        let opened = recovery::open(directory, options.segment_bytes.min(SEGMENT_LIMIT))?;
        Ok(Self {
            segments: RwLock::new(opened.segments),
            writer: Mutex::new(opened.writer),
            cache: cache::Cache::new(options.cache_bytes),
            erasing: Mutex::new(()),
            recovery: opened.recovery,
            _lock: lock,
        })
    }

    /// What opening had to mend, to be told to the operator.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Reads and checks everything that was there when it was called. `progress` is told the
    /// position after each frame.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for the first thing that does not hold; [`Error::Io`].
    pub fn verify(&self, progress: &mut dyn FnMut(Position)) -> Result<Summary, Error> {
        let spans: Vec<_> = {
            let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
            segments.iter().map(segment::Segment::whole).collect()
        };
        let mut summary = Summary::default();
        for span in &spans {
            verify::segment(span, &mut summary, progress)?;
        }
        Ok(summary)
    }

    /// Where to look for a position; `None` when it has no record yet.
    fn span(&self, position: Position) -> Option<segment::Span> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        if position.0 >= segments.last()?.next {
            return None;
        }
        let after = segments.partition_point(|segment| segment.source.base <= position.0);
        segments.get(after.checked_sub(1)?)?.span(position)
    }

    /// What `take` makes of consecutive records, as [`Journal::read`] limits it.
    fn walk<T>(
        &self,
        from: Position,
        (max_records, max_bytes): (usize, usize),
        size: impl Fn(&region::Region, u64) -> Option<usize>,
        mut take: impl FnMut(&mut region::Reader<'_>, u64) -> Result<Option<T>, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        let mut bytes = 0_usize;
        let mut position = from;
        while found.len() < max_records
            && let Some(span) = self.span(position)
        {
            let region = self.region(&span, position)?;
            let mut reader = region::Reader::new(&region, Some(&self.cache), AHEAD);
            while let Some(size) = size(&region, position.0) {
                bytes = bytes.saturating_add(size);
                if found.len() == max_records || (bytes > max_bytes && !found.is_empty()) {
                    return Ok(found);
                }
                found.extend(take(&mut reader, position.0)?);
                position = position.plus(1);
            }
        }
        Ok(found)
    }

    /// The tables of a span, which reach at least to `position`.
    fn region(
        &self,
        span: &segment::Span,
        position: Position,
    ) -> Result<Arc<region::Region>, Error> {
        let key = (span.source.id, span.start);
        // The last span grows with every append; what is kept of it may be from before.
        if let Some(Kept::Region(region)) = self.cache.get(key)
            && region.next() > position.0
        {
            return Ok(region);
        }
        let region = Arc::new(region::Region::load(span)?);
        self.cache
            .put(key, Kept::Region(Arc::clone(&region)), region.weight());
        if span.source.is_retired() {
            self.cache.forget(span.source.id);
        }
        Ok(region)
    }
}

impl Journal for Embedded {
    fn next(&self) -> Position {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        Position(segments.last().map_or(0, |segment| segment.next))
    }

    fn append(&self, expected: Position, records: &[Record<'_>]) -> Result<Position, Error> {
        // Whoever panicked here left the file in an unknown state.
        let mut writer = self.writer.lock().map_err(|_| Error::Poisoned)?;
        writer.append(&self.segments, expected, records)
    }

    fn read(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Stored>, Error> {
        let size = region::Region::size;
        self.walk(from, (max_records, max_bytes), size, |reader, position| {
            reader.record(position)
        })
    }

    fn leaves(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Bytes>, Error> {
        let size = region::Region::leaf_size;
        self.walk(from, (max_records, max_bytes), size, |reader, position| {
            reader.leaf(position)
        })
    }

    /// From the tables, whose checksums hold, and which the chain covers: leaves are not read.
    fn leaf_hashes(&self, from: Position, max_records: usize) -> Result<Vec<Hash>, Error> {
        let size = region::Region::leaf_size;
        self.walk(from, (max_records, usize::MAX), size, |reader, position| {
            Ok(reader.leaf_hash(position))
        })
    }

    fn get(&self, position: Position) -> Result<Stored, Error> {
        let absent = || Error::Absent {
            position,
            next: self.next(),
        };
        let span = self.span(position).ok_or_else(absent)?;
        let region = self.region(&span, position)?;
        let mut reader = region::Reader::new(&region, Some(&self.cache), 0);
        reader.record(position.0)?.ok_or_else(absent)
    }

    fn erase(&self, positions: &[Position]) -> Result<Erased, Error> {
        self.erase_watched(positions, &|_, _| Ok(()))
    }

    fn durability(&self) -> Durability {
        Durability::Fsync
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_even_the_cut_fails_appends_stop_and_reads_go_on() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Embedded::open(directory.path(), &Options::default()).unwrap();
        let record = Record {
            leaf: b"leaf",
            body: b"body",
        };
        journal.append(Position(0), &[record]).unwrap();
        {
            let mut writer = journal.writer.lock().unwrap();
            let mut source = segment::Source::open(directory.path(), 0).unwrap();
            source.file = std::fs::File::open(&source.path).unwrap();
            writer.source = Arc::new(source);
        }
        assert!(matches!(
            journal.append(Position(1), &[record]),
            Err(Error::Io { .. })
        ));
        assert!(matches!(
            journal.append(Position(1), &[record]),
            Err(Error::Poisoned)
        ));
        assert_eq!(&journal.get(Position(0)).unwrap().body[..], b"body");
        drop(journal);
        let journal = Embedded::open(directory.path(), &Options::default()).unwrap();
        assert_eq!(journal.append(Position(1), &[record]).unwrap(), Position(2));
    }
}
