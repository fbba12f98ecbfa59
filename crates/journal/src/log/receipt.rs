//! Receipts: the text that proves offline that an entry is in a log (C2SP tlog-proof, version 1).
//!
//! It holds the entry's position, the hashes up to the root, the signed checkpoint, and octets
//! that belong to the application (`extra`), which nothing authenticates.

use std::{fmt, str};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::hash::Hash;
use super::note::{self, Note, NoteError};
use super::proof::{self, ProofError};
use super::{decimal, hash_of_base64};

/// The largest `extra`, in octets.
pub const EXTRA_LIMIT: usize = 1 << 20;
/// The largest receipt taken, in octets.
pub const SIZE_LIMIT: usize = note::SIZE_LIMIT + EXTRA_LIMIT / 3 * 4 + 4096;

const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// A receipt, well-formed and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What the application adds; not authenticated.
    pub extra: Option<Vec<u8>>,
    /// The entry's position in the log.
    pub index: u64,
    /// From the leaf's sibling up to the root's child.
    pub hashes: Vec<Hash>,
    /// The log's checkpoint, with the signatures of the log and of witnesses.
    pub checkpoint: Note,
}

/// What is wrong with a receipt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// Over [`SIZE_LIMIT`].
    #[error("the receipt has {octets} octets; the limit is {SIZE_LIMIT}")]
    TooLarge {
        /// Its length.
        octets: usize,
    },
    /// Not the text of a receipt.
    #[error("line {line} of the receipt {what}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it, as a verb phrase.
        what: &'static str,
    },
    /// The note at its end is malformed.
    #[error("the checkpoint, which starts at line {line} of the receipt: {source}")]
    Note {
        /// The line of the receipt that is line 1 of the note.
        line: usize,
        /// What is wrong with the note.
        source: NoteError,
    },
}

/// Why a receipt does not prove that the entry is in the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InclusionError {
    /// The text of the checkpoint is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead from this entry to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl Receipt {
    /// Reads a receipt; neither proof nor signatures are checked.
    ///
    /// # Errors
    /// Any [`ReceiptError`].
    pub fn parse(octets: &[u8]) -> Result<Self, ReceiptError> {
        if octets.len() > SIZE_LIMIT {
            let octets = octets.len();
            return Err(ReceiptError::TooLarge { octets });
        }
        let mut lines = Lines {
            rest: octets,
            line: 0,
        };
        if lines.next()? != HEAD {
            return Err(lines.malformed("is not 'c2sp.org/tlog-proof@v1'"));
        }
        let mut text = lines.next()?;
        let mut extra = None;
        if let Some(encoded) = text.strip_prefix("extra ") {
            let decoded = STANDARD.decode(encoded).ok();
            let decoded = decoded.filter(|octets| octets.len() <= EXTRA_LIMIT);
            extra = Some(decoded.ok_or_else(|| lines.malformed("is no base64, or too much"))?);
            text = lines.next()?;
        }
        let index = text.strip_prefix("index ").and_then(decimal);
        let index =
            index.ok_or_else(|| lines.malformed("is not 'index', a space and decimal digits"))?;
        let mut hashes = Vec::new();
        loop {
            let text = lines.next()?;
            if text.is_empty() {
                break;
            }
            if hashes.len() == proof::LONGEST {
                return Err(lines.malformed("is a hash too many"));
            }
            let hash = hash_of_base64(text);
            hashes.push(hash.ok_or_else(|| lines.malformed("is no hash in base64"))?);
        }
        let checkpoint = Note::parse(lines.rest).map_err(|source| ReceiptError::Note {
            line: lines.line + 1,
            source,
        })?;
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint,
        })
    }

    /// The checkpoint whose root the proof leads to from the entry of this hash. Its signatures
    /// are another matter: see [`Note::verify`] and [`super::policy`].
    ///
    /// # Errors
    /// Any [`InclusionError`].
    pub fn check(&self, leaf: &Hash) -> Result<Checkpoint, InclusionError> {
        let checkpoint = Checkpoint::parse(self.checkpoint.text())?;
        let (size, root) = (checkpoint.size(), checkpoint.root());
        proof::verify_inclusion(leaf, self.index, size, root, &self.hashes)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for Receipt {
    /// The text that [`Receipt::parse`] reads.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{HEAD}")?;
        if let Some(extra) = &self.extra {
            writeln!(out, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(out, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(out, "{}", STANDARD.encode(hash))?;
        }
        write!(out, "\n{}", self.checkpoint)
    }
}

/// Lines of ASCII, one at a time, without their newlines.
pub(super) struct Lines<'t> {
    pub(super) rest: &'t [u8],
    /// Of the line read last, counted from 1.
    pub(super) line: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn next(&mut self) -> Result<&'t str, ReceiptError> {
        self.line += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| self.malformed("is missing, or ends in no newline"))?;
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest.get(1..).unwrap_or_default();
        str::from_utf8(text).map_err(|_| self.malformed("is no text"))
    }

    pub(super) fn malformed(&self, what: &'static str) -> ReceiptError {
        let line = self.line;
        ReceiptError::Malformed { line, what }
    }
}
