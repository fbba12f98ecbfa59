//! Nodes that share a journal: who leads, and what was signed last.
//!
//! One node at a time leads: it writes, and signs the log. Who leads is a lease that the others see end;
//! what was signed last is a record that only who holds the lease moves on, by compare-and-set. So no two
//! nodes sign at once, and none signs what does not continue what was signed.

use std::io;

/// The others, as one node sees them.
pub trait Cluster: Send + Sync {
    /// Whether this node leads now. Turns false before another node can.
    fn leads(&self) -> bool;

    /// What the node that leads calls itself; none while there is none, or nothing is heard of it.
    fn leader(&self) -> Option<String>;

    /// How many messages of the stream this node has not taken yet, as far as it knows.
    fn behind(&self) -> u64;

    /// Why this node follows no more, if so: what it shows grows old.
    fn stopped(&self) -> Option<String>;

    /// Leads no more, and does not stand for it again: another one can.
    fn resign(&self);

    /// The checkpoint that was signed last, if any.
    fn signed(&self) -> Option<Vec<u8>>;

    /// Moves on what was signed last, if nobody else did meanwhile.
    ///
    /// # Errors
    /// When somebody else did, or no quorum took it: nothing may be shown then.
    fn sign(&self, note: &[u8]) -> io::Result<()>;

    /// Calls back, from any thread, whenever records came, somebody signed, or who leads changed.
    fn on_change(&self, call: Box<dyn Fn() + Send + Sync>);
}
