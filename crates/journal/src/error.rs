use std::{io, path::PathBuf};

use crate::Position;

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody else appended first: decide again against the state at `actual`.
    #[error("expected to append at position {expected}, but the journal is at {actual}")]
    Conflict {
        /// Where the caller wanted to append.
        expected: Position,
        /// The next position of the journal.
        actual: Position,
    },
    /// There is no record at this position yet.
    #[error("there is no record at position {position}: the journal ends before {next}")]
    Absent {
        /// The position asked for.
        position: Position,
        /// The next position of the journal.
        next: Position,
    },
    /// A leaf is over [`crate::LEAF_LIMIT`]. Nothing was appended.
    #[error("the leaf for position {position} has {bytes} bytes; the limit is {limit}")]
    LeafTooLong {
        /// The position that the record would have got.
        position: Position,
        /// Length of the leaf.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A body is over [`crate::BODY_LIMIT`]. Nothing was appended.
    #[error("the body for position {position} has {bytes} bytes; the limit is {limit}")]
    BodyTooLong {
        /// The position that the record would have got.
        position: Position,
        /// Length of the body.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// One append is over [`crate::BATCH_LIMIT`]. Nothing was appended.
    #[error("the batch has {bytes} bytes; the limit is {limit}: append it in parts")]
    BatchTooLarge {
        /// Bytes of all leaves and bodies, and an overhead for each record.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Bytes on disk are not those that were written. Nothing was returned or changed.
    #[error(
        "{}: corrupt at byte {offset}: {what}. Check the disk, then restore this file from a \
         backup or a replica", segment.display()
    )]
    Corrupt {
        /// The damaged file.
        segment: PathBuf,
        /// Where in the file the damaged structure starts.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Records that were acknowledged as durable are missing at the end. Nothing was changed.
    #[error(
        "{}: {acknowledged} records were acknowledged, but only {found} can be read. The last \
         segment was shortened or damaged: restore it from a backup or a replica; or, to accept \
         the loss, remove the file HEAD in this directory", directory.display()
    )]
    Shortened {
        /// The journal's directory.
        directory: PathBuf,
        /// The next position that was acknowledged.
        acknowledged: Position,
        /// The next position that the files give.
        found: Position,
    },
    /// Another process (or another handle in this one) has the journal open.
    #[error(
        "{} is locked{}: only one process may use a data directory", path.display(),
        pid.map_or_else(String::new, |pid| format!(" by process {pid}"))
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id, where the lock file names one.
        pid: Option<u32>,
    },
    /// An earlier append failed in a way that leaves unknown what the disk holds. Reads go on;
    /// appends are refused until the journal is opened again.
    #[error(
        "appends are refused since an earlier one failed to become durable: restart to recover"
    )]
    Poisoned,
    /// The operating system refused.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The stream that the journal is on cannot be used now.
    #[cfg(feature = "jetstream")]
    #[error(transparent)]
    Stream(#[from] crate::jetstream::Failure),
}
