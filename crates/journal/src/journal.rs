use bytes::Bytes;

use crate::log::hash::{Hash, leaf_hash};
use crate::{Error, Position, Record, Stored};

/// An ordered record of byte strings. Object-safe; every call blocks until it is done.
///
/// The laws, which one story of tests checks on every backend:
///
/// - Positions are consecutive from 0, and what was once at a position never changes.
/// - Of two appends that expect the same position at most one succeeds.
/// - An append is whole or absent, also after a crash. After `Ok` it has the promised durability.
/// - A read returns the bytes that were appended, or an error: never other bytes.
/// - A reader sees a record only once it is durable.
/// - Of an erased record the position and the leaf stay; its body reads as empty from then on.
pub trait Journal: Send + Sync {
    /// The position that the next record gets; also the number of records.
    fn next(&self) -> Position;

    /// Appends `records` from position `expected` on and returns the new [`Journal::next`]. An
    /// empty batch changes nothing, but its `expected` is checked all the same.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `expected` is not the next position; [`Error::LeafTooLong`],
    /// [`Error::BodyTooLong`], [`Error::BatchTooLarge`] for what is over a limit; backend errors.
    /// After any error nothing was appended, except that after [`Error::Poisoned`] and a failed
    /// sync the batch may be found when the journal is opened again.
    fn append(&self, expected: Position, records: &[Record<'_>]) -> Result<Position, Error>;

    /// Reads records from `from` on, in order and without gaps: at most `max_records`, and no
    /// more than fit in `max_bytes` of leaves and bodies, but at least one if there is one at
    /// `from` and `max_records` is not 0. Empty when `from` is at or after [`Journal::next`].
    ///
    /// # Errors
    /// Backend errors, among them [`Error::Corrupt`] for bytes that changed since the append.
    fn read(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Stored>, Error>;

    /// Reads the one record at `position`.
    ///
    /// # Errors
    /// [`Error::Absent`] when `position` is at or after [`Journal::next`]; backend errors.
    fn get(&self, position: Position) -> Result<Stored, Error>;

    /// Empties the bodies of these records for good. Positions, leaves and their hashes stay, and
    /// every other record as it is. Once more changes nothing. A read that was under way may still
    /// give what was there.
    ///
    /// # Errors
    /// [`Error::Absent`] when a position is at or after [`Journal::next`], and nothing was erased;
    /// [`Error::Poisoned`]; backend errors. After an error, or a crash, each body is whole or empty;
    /// ask again to finish.
    fn erase(&self, positions: &[Position]) -> Result<Erased, Error>;

    /// Reads leaves alone, otherwise as [`Journal::read`] does: at most `max_records`, and no more
    /// than fit in `max_bytes`.
    ///
    /// # Errors
    /// Backend errors.
    fn leaves(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Bytes>, Error> {
        let records = self.read(from, max_records, max_bytes)?;
        Ok(records.into_iter().map(|record| record.leaf).collect())
    }

    /// The hashes of at most `max_records` leaves from `from` on (RFC 9162, section 2.1.1), in order
    /// and without gaps: at least one if there is a record at `from` and `max_records` is not 0.
    ///
    /// # Errors
    /// Backend errors.
    fn leaf_hashes(&self, from: Position, max_records: usize) -> Result<Vec<Hash>, Error> {
        let leaves = self.leaves(from, max_records, LEAVES_AT_ONCE)?;
        Ok(leaves.iter().map(|leaf| leaf_hash(leaf)).collect())
    }

    /// What `Ok` from [`Journal::append`] promises.
    fn durability(&self) -> Durability;
}

/// What [`Journal::erase`] did.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Records that had a body.
    pub erased: u64,
    /// Records whose body was empty already.
    pub already: u64,
}

/// Bytes of leaves that are read to be hashed.
const LEAVES_AT_ONCE: usize = 4 << 20;

/// What a finished append survives, weakest first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Durability {
    /// Nothing: gone when the process ends.
    Memory,
    /// A crash of the process or the machine: fsynced to a local disk.
    Fsync,
    /// The loss of a minority of machines, each of which fsyncs.
    Quorum,
}
