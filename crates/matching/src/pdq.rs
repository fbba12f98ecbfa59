//! PDQ, the perceptual hash of images: from pixels to a hash, and from a hash to those near it.
//!
//! Source: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm"
//! (2019), and its C++ implementation in facebook/ThreatExchange. Where implementations differ, the
//! reference is the Python package `pdqhash`, which `threatexchange` and HMA use; hashes and
//! qualities are equal to its own, bit for bit:
//! - Luma is 0.299 R + 0.587 G + 0.114 B of 8-bit samples, rounded once to 32 bits. Alpha counts for
//!   nothing.
//! - Images of any size are filtered as they are. (The C++ command `pdq-photo-hasher` first shrinks
//!   those above 512 × 512 by dropping pixels; its hashes of such images differ by a few bits, as
//!   those of two encoders do.)

mod dct;
mod grid;
mod hasher;
pub mod index;
mod jarosz;
mod pixels;

use std::fmt;
use std::str::FromStr;

pub use dct::Dihedral;
pub use hasher::{Hashed, Hasher, MIN_SIDE, TooSmall};
pub use index::{Index, Near};
pub use pixels::{Pixels, PixelsRefusal};

/// The distance up to which hashes are held to show the same picture, as PDQ's authors advise.
pub const NEAR: u32 = 31;

/// The quality below which a hash says too little to act on, as PDQ's authors advise.
pub const LOW_QUALITY: u8 = 50;

/// A PDQ hash of 256 bits. Bit `k` is bit `k % 64` of word `k / 64`, and tells whether frequency
/// `(k / 16 + 1, k % 16 + 1)` is stronger than the median one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
// Never across two lines of a cache.
#[repr(align(32))]
pub struct Pdq([u64; 4]);

impl Pdq {
    /// From its words, the lowest bits first.
    pub const fn from_words(words: [u64; 4]) -> Self {
        Self(words)
    }

    /// Its words, the lowest bits first.
    pub const fn words(&self) -> &[u64; 4] {
        &self.0
    }

    /// How many bits differ, 0 to 256.
    #[inline]
    pub fn distance(&self, other: &Self) -> u32 {
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = other.0;
        (a0 ^ b0).count_ones()
            + (a1 ^ b1).count_ones()
            + (a2 ^ b2).count_ones()
            + (a3 ^ b3).count_ones()
    }
}

impl fmt::Display for Pdq {
    /// 64 hexadecimal digits, the highest bits first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, second, third, high] = self.0;
        write!(f, "{high:016x}{third:016x}{second:016x}{low:016x}")
    }
}

impl fmt::Debug for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pdq({self})")
    }
}

/// The text is no PDQ hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a PDQ hash has 64 hexadecimal digits: {0:?}")]
pub struct NotPdq(pub String);

impl FromStr for Pdq {
    type Err = NotPdq;

    /// Reads 64 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, NotPdq> {
        let refused = || NotPdq(text.chars().take(80).collect());
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let mut words = [0; 4];
        for (word, start) in words.iter_mut().rev().zip((0..64).step_by(16)) {
            let digits = text.get(start..start + 16).ok_or_else(refused)?;
            *word = u64::from_str_radix(digits, 16).map_err(|_| refused())?;
        }
        Ok(Self(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back() {
        let text = "f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95";
        let hash: Pdq = text.parse().unwrap();
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(hash));
        assert_eq!(hash.words()[0], 0x7424_ebbc_8a83_5c95);
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "f162",
            &"g".repeat(64),
            &"é".repeat(32),
            &"+1".repeat(32),
        ] {
            assert!(text.parse::<Pdq>().is_err(), "{text}");
        }
    }

    #[test]
    fn distance_counts_bits() {
        let zero = Pdq::default();
        let ones = Pdq::from_words([u64::MAX; 4]);
        assert_eq!(zero.distance(&ones), 256);
        assert_eq!(
            ones.distance(&Pdq::from_words([u64::MAX, 0, 1, !1])),
            64 + 63 + 1
        );
    }
}
