use bytes::Bytes;

use crate::{Error, Position};

/// Most bytes a leaf may have: entries of a C2SP tlog-tiles log carry a 16-bit length.
pub const LEAF_LIMIT: usize = 65_535;

/// Most bytes a body may have: 64 MiB.
pub const BODY_LIMIT: usize = 64 << 20;

/// Most bytes the leaves and bodies of one append may have together, with
/// 128 bytes counted for each record: 1 GiB.
pub const BATCH_LIMIT: usize = 1 << 30;

/// What a record costs in an append besides its leaf and body, in bytes.
const RECORD_OVERHEAD: usize = 128;

/// A record to be appended.
#[derive(Copy, Clone, Debug)]
pub struct Record<'a> {
    /// The public trace: at most [`LEAF_LIMIT`] bytes. Covered by the hash chain.
    pub leaf: &'a [u8],
    /// The private content: at most [`BODY_LIMIT`] bytes. Covered by checksums, not by the chain.
    pub body: &'a [u8],
}

/// A record read back, verified. The two byte strings are slices of shared buffers: cloning is
/// cheap, but keeping one alive keeps its buffer (about 16 KiB, or the record if larger) alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where in the journal the record is.
    pub position: Position,
    /// The public trace, as appended.
    pub leaf: Bytes,
    /// The private content, as appended.
    pub body: Bytes,
}

/// Refuses a batch any record of which, or the sum of which, is over a limit.
pub(crate) fn check(base: Position, records: &[Record<'_>]) -> Result<(), Error> {
    let mut total = 0_usize;
    for (index, record) in records.iter().enumerate() {
        let position = base.plus(index);
        let (leaf, body) = (record.leaf.len(), record.body.len());
        if leaf > LEAF_LIMIT {
            return Err(Error::LeafTooLong {
                position,
                bytes: leaf,
                limit: LEAF_LIMIT,
            });
        }
        if body > BODY_LIMIT {
            return Err(Error::BodyTooLong {
                position,
                bytes: body,
                limit: BODY_LIMIT,
            });
        }
        total = total.saturating_add(leaf + body + RECORD_OVERHEAD);
    }
    if total > BATCH_LIMIT {
        return Err(Error::BatchTooLarge {
            bytes: total,
            limit: BATCH_LIMIT,
        });
    }
    Ok(())
}
