//! Requests that are signed with a key of a party: HTTP Message Signatures (RFC 9421) with Ed25519,
//! and Content-Digest (RFC 9530) for their bodies.
//!
//! Structured fields are read and written by the crate `sfv`; keys sign and verify in the node. What
//! is here is RFC 9421 §2 and §3 for the components that a request needs. The crate `httpsig` was
//! looked at (0.0.26) and turned down: it rebuilds the parameters in an order of its own before it
//! verifies, where §3.2 asks for those that were received, so that it refuses what other
//! implementations sign; it drops parameters it does not know, and tells time by itself.

mod base;
mod digest;
mod replay;
mod sign;
mod verify;

#[cfg(test)]
mod tests;

pub(crate) use base::Message;
pub(crate) use digest::{Digested, Wanted, content_digest};
pub(crate) use replay::Replays;
pub(crate) use sign::sign;
pub(crate) use verify::{Wrong, verify};

/// Seconds that a signature may hold, and that its time may lie back.
pub(crate) const LONGEST: i64 = 300;
/// Seconds by which the clocks of both sides may differ.
pub(crate) const SKEW: i64 = 30;
