//! Hashes of canonical values.
//!
//! Text is hashed from its end, so that one pass over a name gives the hash of each of its parents
//! as it goes. Letters are hashed as lower case: text is looked up as it stands.

use crate::Kind;
use crate::address::Network;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const FINISH: u64 = 0xd6e8_feb8_6659_fd93;

/// The running hash of a text, fed from its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backward(u64);

impl Backward {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self(0x243f_6a88_85a3_08d3)
    }

    /// Takes the byte before those taken so far, already in lower case.
    #[inline]
    pub(crate) const fn push(&mut self, byte: u8) {
        self.0 = (self.0 ^ byte as u64).wrapping_mul(MULTIPLIER);
    }

    /// The hash of what was taken, as a value of `kind`.
    #[inline]
    pub(crate) const fn finish(self, kind: Kind) -> u32 {
        finish(self.0 ^ kind as u64)
    }
}

/// The hash of canonical text.
pub(crate) fn text(kind: Kind, canonical: &[u8]) -> u32 {
    let mut hash = Backward::new();
    for &byte in canonical.iter().rev() {
        hash.push(byte);
    }
    hash.finish(kind)
}

/// The hash of a name of ASCII bytes in any case.
#[inline]
pub(crate) fn name(seen: &[u8]) -> u32 {
    let mut hash = Backward::new();
    for byte in seen.iter().rev() {
        hash.push(byte.to_ascii_lowercase());
    }
    hash.finish(Kind::Domain)
}

/// The hash of a digest's bytes.
#[inline]
pub(crate) fn digest(kind: Kind, bytes: &[u8]) -> u32 {
    let folded = bytes.chunks(8).fold(kind as u64, |hash, chunk| {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(MULTIPLIER)
    });
    finish(folded)
}

/// The hash of an address or network.
#[inline]
pub(crate) fn network(network: Network) -> u32 {
    match network {
        Network::V4 { address, prefix } => {
            finish((u64::from(address) << 8 | u64::from(prefix)).wrapping_mul(MULTIPLIER))
        }
        Network::V6 { address, prefix } => {
            #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
            let (high, low) = ((address >> 64) as u64, address as u64);
            let mixed = (high ^ u64::from(prefix))
                .wrapping_mul(MULTIPLIER)
                .rotate_left(29);
            finish((mixed ^ low).wrapping_mul(MULTIPLIER))
        }
    }
}

#[inline]
const fn finish(mut value: u64) -> u32 {
    value ^= value >> 32;
    value = value.wrapping_mul(FINISH);
    (value >> 32) as u32
}

/// The 64 bits that the hash table takes its buckets and tags from.
#[inline]
pub(crate) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(MULTIPLIER)
}

/// The hash of two words, all of whose bits depend on all of theirs.
#[inline]
pub(crate) fn mix(high: u64, low: u64) -> u64 {
    let product = u128::from(high ^ MULTIPLIER) * u128::from(low ^ FINISH);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let folded = (product >> 64) as u64 ^ product as u64;
    folded.wrapping_mul(MULTIPLIER)
}
