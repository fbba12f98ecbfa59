//! The acts: one verb a file, each the story of what happens when somebody asks for it.

pub mod accession;
pub mod account;
pub mod audience;
pub mod authenticate;
pub mod changes;
pub mod circles;
pub mod commitment;
pub mod erase;
pub mod feed;
pub mod feedback;
pub mod happenings;
pub mod history;
pub(crate) mod idempotency;
pub mod identity;
pub mod inbox;
pub mod lookup;
pub mod manage;
pub mod news;
pub mod private;
pub mod publish;
pub mod read;
pub mod reason;
pub mod receipt;
pub mod request;
pub mod terms;
pub mod warning;
pub mod webhooks;
pub mod withdraw;
pub mod withdrawals;
pub(crate) mod wording;

use crate::entry::DecodeError;
use crate::policy::Refusal;
use crate::shared::NoIndex;
use crate::view::store;

/// Why an act was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the caller may not know that it does.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The policy says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The credentials are unknown, revoked or expired.
    #[error("the token is unknown, revoked or expired")]
    Unauthenticated,
    /// What was sent is wrong; the words say where and what to do.
    #[error("{0}")]
    Invalid(String),
    /// It exists already, or changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// More was asked than is allowed; the words say when again.
    #[error("{0}")]
    Limit(String),
    /// It was here, and its bytes are lost or damaged; the words say what to do.
    #[error("{0}")]
    Lost(String),
    /// Nothing can be matched now.
    #[error(transparent)]
    NoIndex(#[from] NoIndex),
    /// Too much is waiting to be written.
    #[error("too many writes are waiting: try again in a moment")]
    Busy,
    /// The log signs nothing any more, so that nothing is written; the words say why and what to do.
    #[error("{0}")]
    Halted(String),
    /// Another node leads, by this URL if one does: writes are for that one.
    #[error(
        "another node writes for all now{}: try again in a moment",
        .0.as_ref().map_or_else(String::new, |leader| format!(" ({leader})"))
    )]
    Elsewhere(Option<String>),
    /// Journal or views failed; nothing was accepted.
    #[error("storage failed: {0}")]
    Storage(String),
}

impl From<journal::Error> for Error {
    fn from(error: journal::Error) -> Self {
        Error::Storage(error.to_string())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Error::Storage(error.to_string())
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Error::Storage(error.to_string())
    }
}
