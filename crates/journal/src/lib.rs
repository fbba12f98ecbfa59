//! The journal: the ordered, durable, hash-chained record of every accepted write.
//!
//! It knows bytes and nothing else. A [`Record`] is a *leaf* (the public trace that later goes
//! into the transparency log) and a *body* (private, and erasable without touching the leaf).
//! Records get consecutive [`Position`]s from 0; commit order is the order of positions.
//!
//! All backends keep the same laws, written down at the [`Journal`] trait:
//!
//! - [`memory::Memory`] promises nothing after a crash; it is for tests and demonstrations.
//! - [`embedded::Embedded`] keeps checksummed segment files in one directory, fsynced before an
//!   append returns.
//!
//! [`sequencer::Sequencer`] is the queue in front of a journal: it turns many concurrent asks into
//! few batches, so that they share one fsync (group commit).

pub mod cluster;
pub mod embedded;
#[cfg(feature = "jetstream")]
pub mod jetstream;
pub mod log;
pub mod memory;
pub mod sequencer;

mod error;
mod journal;
mod position;
mod record;

pub use error::Error;
pub use journal::{Durability, Erased, Journal};
pub use position::Position;
pub use record::{BATCH_LIMIT, BODY_LIMIT, LEAF_LIMIT, Record, Stored};
