//! The rules of TAXII 2.1 that clients rely on, tried one by one.

mod access;
mod discovery;
mod errors;
mod filters;
mod lists;
mod paging;
pub(super) mod write;

use std::io;

use super::report::Report;
use super::session::Session;

/// Tries all that writes nothing.
///
/// # Errors
/// When stdout takes no more.
pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    discovery::run(session, report)?;
    if session.root.is_empty() {
        return Ok(());
    }
    access::run(session, report)?;
    errors::run(session, report)?;
    lists::run(session, report)?;
    paging::run(session, report)?;
    filters::run(session, report)
}
