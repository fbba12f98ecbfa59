//! What users of a journal rely on.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and so may what it calls"
)]

/// Damage that is not a torn end: refused, with a message that says what to do.
mod damage;
/// Records of all shapes, and journals in temporary directories.
mod fixture;
/// Every byte of every file flipped: an error or the same bytes, never others.
mod flips;
/// A disk that refuses to take more.
mod full;
/// The journal on NATS JetStream: three servers, nodes that race, servers that die.
#[cfg(feature = "jetstream")]
mod jetstream;
/// Killed while it appends: what was acknowledged is there, and nothing is half there.
mod killed;
/// One process per directory.
mod lock;
/// The public log: notes, tiles, proofs, receipts, against naive twins and programs of others.
mod log;
/// The log: each step of an append fails, and no two checkpoints ever disagree.
mod log_faults;
/// Random appends, reads and reopens, against a plain vector.
mod model;
/// Group commit.
mod sequencer;
/// The laws of the trait, on every backend.
mod story;
/// The end cut off or overwritten: what was whole survives, and appends go on.
mod torn;
