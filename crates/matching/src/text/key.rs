//! The key that a circle hashes its texts with.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

/// Bytes of the shortest key.
pub const SHORTEST_KEY: usize = 16;

/// A key of HMAC-SHA256 (RFC 2104, FIPS 198-1). Whoever holds it can guess short texts; it stays
/// within the circle that shares the hashes. It is never shown.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

/// A key has fewer than [`SHORTEST_KEY`] bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key has at least {SHORTEST_KEY} bytes, this one has {length}")]
pub struct KeyTooShort {
    /// How many there are.
    pub length: usize,
}

impl Key {
    /// A key of these bytes, which are best drawn at random.
    ///
    /// # Errors
    /// When there are fewer than [`SHORTEST_KEY`].
    pub fn new(bytes: &[u8]) -> Result<Self, KeyTooShort> {
        let short = KeyTooShort {
            length: bytes.len(),
        };
        if bytes.len() < SHORTEST_KEY {
            return Err(short);
        }
        Hmac::new_from_slice(bytes).map(Self).map_err(|_| short)
    }

    /// A key of its own for another purpose: who learns one learns nothing of the other.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Self {
        let bytes = self.authenticate(purpose.as_bytes());
        // 32 bytes are a key; HMAC takes any length (RFC 2104, section 3)
        Self::new(&bytes).unwrap_or_else(|_| self.clone())
    }

    /// The HMAC of a message.
    pub fn authenticate(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// The first 64 bits, big-endian, of the HMAC of a text in pieces.
    pub fn hash(&self, pieces: &[&str]) -> u64 {
        let mut mac = self.0.clone();
        for piece in pieces {
            mac.update(piece.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let first = digest.iter().take(8);
        first.fold(0, |hash, &byte| hash << 8 | u64::from(byte))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1 and 3.
    #[test]
    fn hashes_are_those_of_the_rfc() {
        let key = Key::new(&[0x0b; 20]).unwrap();
        assert_eq!(key.hash(&["Hi There"]), 0xb034_4c61_d8db_3853);
        assert_eq!(key.hash(&["Hi ", "", "There"]), 0xb034_4c61_d8db_3853);
        assert_eq!(format!("{key:?}"), "Key(..)");
        assert!(Key::new(&[7; 15]).is_err());
        let (one, other) = (key.derived("one"), key.derived("other"));
        assert_ne!(one.hash(&["Hi There"]), other.hash(&["Hi There"]));
        assert_eq!(one.hash(&["Hi"]), key.derived("one").hash(&["Hi"]));
    }
}
