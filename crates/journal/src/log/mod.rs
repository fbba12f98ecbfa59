//! The public log: a Merkle tree over the leaves of the journal, as C2SP tlog-tiles has it, that
//! anyone can check without trusting whoever runs it.

pub mod frontier;
pub mod hash;
pub mod medium;

mod levels;
mod slots;
