//! Why the log of a node cannot go on, and what to do then.

use std::io;
use std::path::PathBuf;

use super::checkpoint::CheckpointError;
use super::proof::ProofError;

/// Why the log cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] crate::Error),
    /// A file of the log could not be read or written.
    #[error("the log's file {0}: {1}")]
    Io(&'static str, io::Error),
    /// The journal has fewer entries than a checkpoint that was signed.
    #[error(
        "{record} says that a checkpoint of {signed} entries was signed, but the journal has \
         {found}: it was restored from an older copy. Signing now would make two histories of one \
         log, which ends its credit for good. Restore the newest copy of the journal; if that is \
         lost, 'entente log restart' closes this log and begins a new one under a new key"
    )]
    Behind {
        /// What says so.
        record: String,
        /// Entries in the checkpoint.
        signed: u64,
        /// Entries in the journal.
        found: u64,
    },
    /// The journal holds other entries than a checkpoint that was signed.
    #[error(
        "{record} says that a checkpoint of {signed} entries was signed whose root the journal \
         does not give: its entries are others. Two nodes with one key, or a journal put together \
         from several copies, can be why. Nothing is signed. Restore the journal that belongs to \
         this key; if that is lost, 'entente log restart' closes this log and begins a new one \
         under a new key"
    )]
    Forked {
        /// What says so.
        record: String,
        /// Entries in the checkpoint.
        signed: u64,
    },
    /// Another process signs with this key.
    #[error(
        "{} is locked: another process signs this log. If it is a copy of this data directory, \
         only one of the two may go on", .0.display()
    )]
    Guarded(PathBuf),
    /// The guard could not be read or written.
    #[error(
        "the guard {}: {source}; it records outside the data directory what the log signed: name a \
         folder that this user may write with ENTENTE_GUARDS, or set that empty to do without",
        path.display()
    )]
    Guard {
        /// The guard's file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A record of what was signed is no checkpoint of this key.
    #[error("{0} does not hold a checkpoint of this log: {1}")]
    Record(String, String),
    /// The key's name, or the size, cannot stand in a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Signing was stopped.
    #[error("{0}")]
    Halted(String),
    /// The tree could not be read.
    #[error(transparent)]
    Tree(#[from] ProofError),
    /// What witnesses are said to have seen is not of this log.
    #[error("the cosigned checkpoint is not one of this log")]
    Foreign,
    /// A tile is damaged, and the journal does not give it either.
    #[error("tile {index} of level {level} is damaged, and the journal gives another")]
    Damaged {
        /// The tile's level.
        level: u32,
        /// Its index.
        index: u64,
    },
}
