//! XARF v4: reports of abuse, read and written (xarf-spec, schemas of 4.2).
//!
//! [`Report::read`] takes what the schemas take, and says of anything else where it fails. The
//! schemas are others' files: [`tables`] states what they say, and `tests/outside/xarf.py` holds both
//! against each other.

mod check;
mod form;
mod mail;
mod meaning;
mod report;
mod rule;
mod tables;
mod taken;
mod text;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use check::Fault;
pub(crate) use form::is_email;
pub(crate) use mail::{Envelope, mail};
pub(crate) use report::{LARGEST, Report, examine, hex};
pub(crate) use taken::{Attachment, Taken, plain};
#[cfg(test)]
pub(crate) use written::Unwritable;
pub(crate) use written::{Wanted, report_of};
