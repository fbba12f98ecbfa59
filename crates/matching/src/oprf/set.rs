//! A set as its holder publishes it: outputs of the function, cut to 64 bits, with others among them
//! that stand for nothing.

use super::{Error, Output, ServerKey};
use crate::text::Grain;

const MAGIC: [u8; 8] = *b"\x89OPRF\r\n\x1a";
const VERSION: u32 = 1;
/// Sets are filled up to a multiple of this, so that their size says little.
const MULTIPLE: usize = 1024;

/// What the elements of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Observables, each as `kind:value` in its canonical form.
    Values,
    /// Runs of letters that winnowing chooses, under this grain.
    Passages(Grain),
}

impl Content {
    /// An element as the function's input: what it is stands before it, so that the same words as
    /// something else are something else.
    pub fn input(self, element: &str) -> Vec<u8> {
        let before = match self {
            Content::Values => "value:".to_owned(),
            Content::Passages(grain) => format!("passage {} {}:", grain.k(), grain.w()),
        };
        [before.as_bytes(), element.as_bytes()].concat()
    }
}

/// A published set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedSet {
    content: Content,
    key_id: [u8; 8],
    /// Sorted, each once.
    outputs: Vec<u64>,
}

/// Why bytes are no published set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenSet {
    /// They begin otherwise.
    #[error("this is no offered set")]
    Other,
    /// They are of another version of the format.
    #[error(
        "the offered set is of version {0} of the format; this program reads version {VERSION}"
    )]
    Version(u32),
    /// They are not as they were written.
    #[error("the offered set is damaged or cut off")]
    Damaged,
}

impl OfferedSet {
    /// How many outputs a set of so many elements has: up to the next multiple of 1,024.
    pub fn filled(elements: usize) -> usize {
        elements.max(1).next_multiple_of(MULTIPLE)
    }

    /// The inputs that fill a set up; nobody asks about them.
    pub fn filling(elements: usize) -> Vec<Vec<u8>> {
        let count = Self::filled(elements) - elements;
        (0..count)
            .map(|at| format!("nothing {at}").into_bytes())
            .collect()
    }

    /// A set of these outputs, those of [`OfferedSet::filling`] among them.
    pub fn new(content: Content, key_id: [u8; 8], outputs: &[Output]) -> Self {
        let mut outputs: Vec<u64> = outputs.iter().map(short).collect();
        outputs.sort_unstable();
        outputs.dedup();
        Self {
            content,
            key_id,
            outputs,
        }
    }

    /// The set of elements, in one go.
    ///
    /// # Errors
    /// [`Error::BadInput`].
    pub fn of(key: &ServerKey, content: Content, elements: &[String]) -> Result<Self, Error> {
        let inputs = elements.iter().map(|element| content.input(element));
        let inputs: Vec<Vec<u8>> = inputs.chain(Self::filling(elements.len())).collect();
        Ok(Self::new(content, key.id(), &key.outputs(&inputs)?))
    }

    /// What its elements are.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Which key it was made with.
    pub fn key_id(&self) -> [u8; 8] {
        self.key_id
    }

    /// How many outputs it has, those that stand for nothing among them.
    pub fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Whether an output is in it. One that is not is taken for one that is with a probability of
    /// `len` in 2⁶⁴.
    pub fn holds(&self, output: &Output) -> bool {
        self.outputs.binary_search(&short(output)).is_ok()
    }

    /// The set as bytes, little-endian: 8 of magic, version (u32), k and w (u32 each; 0 for values),
    /// the key's id (8 bytes), the number of outputs (u64), the outputs (u64 each, rising), CRC-32.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (k, w) = match self.content {
            Content::Values => (0, 0),
            Content::Passages(grain) => (grain.k(), grain.w()),
        };
        let mut bytes = Vec::with_capacity(40 + self.outputs.len() * 8);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        for number in [k, w] {
            bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend(self.key_id);
        bytes.extend((self.outputs.len() as u64).to_le_bytes());
        for one in &self.outputs {
            bytes.extend(one.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// The set that these bytes are.
    ///
    /// # Errors
    /// [`BrokenSet`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BrokenSet> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(BrokenSet::Other)?;
        let (version, _) = rest.split_first_chunk::<4>().ok_or(BrokenSet::Damaged)?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(BrokenSet::Version(version));
        }
        let (all, checksum) = bytes.split_last_chunk::<4>().ok_or(BrokenSet::Damaged)?;
        if crc32fast::hash(all) != u32::from_le_bytes(*checksum) {
            return Err(BrokenSet::Damaged);
        }
        parse(all).ok_or(BrokenSet::Damaged)
    }
}

fn parse(all: &[u8]) -> Option<OfferedSet> {
    let rest = all.get(MAGIC.len() + 4..)?;
    let (k, rest) = rest.split_first_chunk::<4>()?;
    let (w, rest) = rest.split_first_chunk::<4>()?;
    let (key_id, rest) = rest.split_first_chunk::<8>()?;
    let (count, rest) = rest.split_first_chunk::<8>()?;
    let content = match (u32::from_le_bytes(*k), u32::from_le_bytes(*w)) {
        (0, 0) => Content::Values,
        (k, w) => Content::Passages(Grain::new(k as usize, w as usize).ok()?),
    };
    let (outputs, after) = rest.as_chunks::<8>();
    let outputs: Vec<u64> = outputs.iter().map(|one| u64::from_le_bytes(*one)).collect();
    let is_whole = after.is_empty() && outputs.len() as u64 == u64::from_le_bytes(*count);
    (is_whole && outputs.is_sorted_by(|a, b| a < b)).then_some(OfferedSet {
        content,
        key_id: *key_id,
        outputs,
    })
}

/// The first 64 bits.
fn short(output: &Output) -> u64 {
    let first = output.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(count: usize) -> Vec<String> {
        (0..count)
            .map(|at| format!("domain:{at}.example"))
            .collect()
    }

    #[test]
    fn a_set_says_what_is_in_it_to_those_who_were_answered() {
        let key = ServerKey::derive(&[1; 32], b"x").unwrap();
        let set = OfferedSet::of(&key, Content::Values, &elements(10)).unwrap();
        assert_eq!(set.len(), 1024);
        let asked: Vec<Vec<u8>> = ["domain:3.example", "domain:10.example"]
            .map(|element| Content::Values.input(element))
            .into();
        let outputs = key.outputs(&asked).unwrap();
        assert!(set.holds(&outputs[0]) && !set.holds(&outputs[1]));
        assert_eq!(set.key_id(), key.id());
        assert_eq!(OfferedSet::from_bytes(&set.to_bytes()), Ok(set));
    }

    #[test]
    fn a_dictionary_says_nothing_without_the_key() {
        let key = ServerKey::derive(&[1; 32], b"x").unwrap();
        let set = OfferedSet::of(&key, Content::Values, &elements(10)).unwrap();
        // the function under a key of one's own, and hashes without one
        let own = ServerKey::derive(&[2; 32], b"x").unwrap();
        let inputs: Vec<Vec<u8>> = elements(10)
            .iter()
            .map(|element| Content::Values.input(element))
            .collect();
        for output in own.outputs(&inputs).unwrap() {
            assert!(!set.holds(&output));
        }
        for input in &inputs {
            use sha2::Digest as _;
            assert!(!set.holds(&sha2::Sha512::digest(input).into()));
        }
        // ten elements look like twenty
        let other = OfferedSet::of(&key, Content::Values, &elements(20)).unwrap();
        assert_eq!(set.to_bytes().len(), other.to_bytes().len());
        assert_eq!(
            (OfferedSet::filled(1024), OfferedSet::filled(1025)),
            (1024, 2048)
        );
    }

    #[test]
    fn whatever_is_changed_or_cut_is_found_out() {
        let key = ServerKey::derive(&[1; 32], b"x").unwrap();
        let content = Content::Passages(Grain::PASSAGES);
        let outputs = key.outputs(&["a", "b", "c"]).unwrap();
        let set = OfferedSet::new(content, key.id(), &outputs);
        let bytes = set.to_bytes();
        assert_eq!(OfferedSet::from_bytes(&bytes), Ok(set));
        for at in 0..bytes.len() {
            assert!(OfferedSet::from_bytes(&bytes[..at]).is_err());
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            assert!(OfferedSet::from_bytes(&changed).is_err());
        }
        assert_ne!(content.input("a"), Content::Values.input("a"));
    }
}
