//! The public log: a Merkle tree over the leaves of the journal, as C2SP tlog-tiles has it, that
//! anyone can check without trusting whoever runs it.

pub mod checkpoint;
pub mod directory;
pub mod frontier;
pub mod fsck;
pub mod hash;
pub mod medium;
pub mod note;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod store;
pub mod tile;
pub mod witness;

mod error;
mod guard;
mod levels;
mod slots;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use hash::Hash;

/// The most entries of a log that anything here deals with: what fits Go's `int64`, as other
/// readers of these formats have it.
pub const LARGEST_SIZE: u64 = i64::MAX as u64;

/// A number as these formats have it: decimal digits, no sign, no leading zero, at most
/// [`LARGEST_SIZE`].
fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = (canonical && digits).then(|| text.parse().ok())??;
    (number <= LARGEST_SIZE).then_some(number)
}

/// A hash as these formats have it: standard base64 with padding.
fn hash_of_base64(text: &str) -> Option<Hash> {
    // 44 characters; longer text is not even decoded.
    (text.len() == 44).then(|| STANDARD.decode(text).ok()?.try_into().ok())?
}
