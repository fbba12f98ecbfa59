//! Requests between parties: what is sent, what is done about it, and what a caller sees of it.

mod case;
mod contest;
mod list;
mod new;
mod words;

pub(crate) use case::{Case, Contact, Evidence, Ground, Step, one};
pub(crate) use contest::{Contest, Contestable};
pub(crate) use list::{Ask, Cases};
pub(crate) use new::{NewCase, NewEvidence, NewStep, Stepped, Wanted};
pub(crate) use words::{defanged, left, past, unlinked};

use node::Error;
use node::clock::Instant;

/// The instant that a text in RFC 3339 names, in any zone.
///
/// # Errors
/// [`Error::Invalid`] with the field's name.
fn instant(what: &str, text: &str) -> Result<Instant, Error> {
    let parsed = text.parse::<jiff::Timestamp>();
    parsed
        .map(|at| Instant(at.as_microsecond()))
        .map_err(|_| Error::Invalid(format!("{what}: a time such as 2026-12-01T12:00:00Z")))
}

/// A word of a closed vocabulary.
///
/// # Errors
/// [`Error::Invalid`] with the field's name and the words that there are.
fn word<T: std::str::FromStr<Err = String>>(what: &str, text: &str) -> Result<T, Error> {
    let word = text.parse();
    word.map_err(|words| Error::Invalid(format!("{what}: {words}")))
}
