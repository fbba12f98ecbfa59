//! Texts that were seen before, whatever was done to their letters: short posts by keyed deletion
//! neighbourhoods, longer ones and passages of them by winnowing.
//!
//! - [`Skeleton`]: the letters of a short text, without case, marks, homoglyphs, leet and repeats.
//! - [`Neighbourhood`]: its keyed hashes; two that share one are an edit apart. [`ShortIndex`]: which
//!   of many share one.
//! - [`Winnower`]: the fingerprints of a text of any length, as it streams by.
//! - [`NearIndex`]: which of many texts share fingerprints with one, how many, and where.
//! - [`published()`]: fingerprints as they leave the house, under a [`Key`].

mod decode;
mod fold;
mod key;
mod near;
mod neighbourhood;
mod normal;
mod postings;
mod short;
mod skeleton;
mod slots;
mod winnow;

pub use key::{Key, KeyTooShort, SHORTEST_KEY};
pub use near::{Near, NearIndex, NearScratch};
pub use neighbourhood::Neighbourhood;
pub use normal::{Normal, normal};
pub use short::{ShortHit, ShortIndex};
pub use skeleton::{LONGEST_SKELETON, SHORTEST_SKELETON, Skeleton, Unfit};
pub use winnow::{Fingerprint, Grain, OutOfRange, Selected, Winnower, fingerprints, published};
