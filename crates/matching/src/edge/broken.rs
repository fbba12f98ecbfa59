//! What can be wrong with an edge file.

use std::io;

/// An edge file cannot be used, or not any more.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It cannot be read.
    #[error("the edge file cannot be read")]
    Io(#[from] io::Error),
    /// It does not begin as edge files do.
    #[error("this is no edge file: it does not begin as one does")]
    NotAnEdgeFile,
    /// It is of another version of the format.
    #[error("the edge file is of version {0} of the format; this program reads version {1}")]
    Version(u32, u32),
    /// It ends before its end, or goes on after it.
    #[error("the edge file has {found} bytes where it says {told}: it was cut off, or added to")]
    Length {
        /// Bytes that there are.
        found: u64,
        /// Bytes that the header tells of.
        told: u64,
    },
    /// A part does not have the checksum that was written for it.
    #[error("the edge file is damaged: the checksum of its {0} is wrong; build or fetch it anew")]
    Checksum(&'static str),
    /// A part with the right checksum contradicts itself or another.
    #[error("the edge file is malformed: its {part} {problem}")]
    Malformed {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Broken {
    pub(super) const fn malformed(part: &'static str, problem: &'static str) -> Self {
        Self::Malformed { part, problem }
    }
}

/// More was given than an edge file holds, or it could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TooMuch {
    /// It cannot be written.
    #[error("the edge file cannot be written")]
    Io(#[from] io::Error),
    /// What is told of a signal is too long.
    #[error("a signal has {found} bytes of facts; at most {limit} fit")]
    Facts {
        /// Bytes given.
        found: usize,
        /// Bytes that fit.
        limit: usize,
    },
    /// Too many values, or too many signals about neighbouring values.
    #[error("an edge file holds at most {limit} {what}")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many fit.
        limit: u64,
    },
}
