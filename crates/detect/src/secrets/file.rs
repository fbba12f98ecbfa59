//! A protected set as bytes.
//!
//! Little-endian throughout: 8 bytes of magic, version (u32), k, w and most documents (u32 each),
//! the key's check (u64), the numbers of documents and of allowed fingerprints (u64 each); for each
//! document its id, source and content (u64 each), the length of its name (u32), the name in UTF-8, the
//! number of its fingerprints (u64) and these (u64 each, rising); then the allowed fingerprints (u64
//! each, rising); at the end XXH3-64 of all before. The same set gives the same bytes.

use matching::text::Grain;
use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use super::protected::{Document, Protected, Settings};

const MAGIC: [u8; 8] = *b"\x89SECR\r\n\x1a";
const VERSION: u32 = 1;

/// Why bytes are no protected set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Broken {
    /// They begin otherwise.
    #[error("this is no protected set: make one with 'entente secrets protect'")]
    Other,
    /// They are of another version of the format.
    #[error(
        "the protected set is of version {0} of the format; this program reads version {VERSION}"
    )]
    Version(u32),
    /// They are not as they were written.
    #[error("the protected set is damaged or cut off: its checksum is wrong; make it anew")]
    Checksum,
    /// They contradict themselves though the checksum is right.
    #[error("the protected set is malformed: make it anew")]
    Malformed,
}

impl Protected {
    /// The set as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        let Settings { grain, most } = self.settings;
        for number in [grain.k(), grain.w()] {
            bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend(most.to_le_bytes());
        bytes.extend(self.check.to_le_bytes());
        bytes.extend((self.documents.len() as u64).to_le_bytes());
        bytes.extend((self.allowed.len() as u64).to_le_bytes());
        for document in &self.documents {
            for number in [document.id, document.source, document.content] {
                bytes.extend(number.to_le_bytes());
            }
            let length = u32::try_from(document.name.len()).unwrap_or(u32::MAX);
            bytes.extend(length.to_le_bytes());
            bytes.extend(document.name.as_bytes());
            bytes.extend((document.fingerprints.len() as u64).to_le_bytes());
            for one in &document.fingerprints {
                bytes.extend(one.to_le_bytes());
            }
        }
        for one in &self.allowed {
            bytes.extend(one.to_le_bytes());
        }
        let checksum = xxh3_64(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// The set that these bytes are.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Broken> {
        let Some(rest) = bytes.strip_prefix(&MAGIC) else {
            return Err(Broken::Other);
        };
        let version = Cursor(rest).u32().ok_or(Broken::Checksum)?;
        if version != VERSION {
            return Err(Broken::Version(version));
        }
        let (all, checksum) = bytes.split_last_chunk::<8>().ok_or(Broken::Checksum)?;
        if xxh3_64(all) != u64::from_le_bytes(*checksum) {
            return Err(Broken::Checksum);
        }
        let mut cursor = Cursor(all.get(MAGIC.len() + 4..).unwrap_or_default());
        read(&mut cursor)
            .filter(|_| cursor.0.is_empty())
            .ok_or(Broken::Malformed)
    }
}

fn read(cursor: &mut Cursor<'_>) -> Option<Protected> {
    let (k, w) = (cursor.u32()? as usize, cursor.u32()? as usize);
    let grain = Grain::new(k, w).ok()?;
    let most = cursor.u32()?;
    let check = cursor.u64()?;
    let (count, allowed) = (cursor.u64()?, cursor.u64()?);
    let mut documents: Vec<Document> = Vec::new();
    for _ in 0..count {
        let (id, source, content) = (cursor.u64()?, cursor.u64()?, cursor.u64()?);
        let length = cursor.u32()? as usize;
        let name = std::str::from_utf8(cursor.take(length)?).ok()?.to_owned();
        let number = cursor.u64()?;
        let fingerprints = cursor.rising(number)?;
        if documents.last().is_some_and(|last| last.id >= id) {
            return None;
        }
        documents.push(Document {
            id,
            source,
            content,
            name,
            fingerprints,
        });
    }
    Some(Protected {
        settings: Settings { grain, most },
        check,
        documents,
        allowed: cursor.rising(allowed)?,
    })
}

struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    /// So many numbers, each larger than the one before.
    fn rising(&mut self, count: u64) -> Option<Vec<u64>> {
        let bytes = self.take(usize::try_from(count.checked_mul(8)?).ok()?)?;
        let (numbers, _) = bytes.as_chunks::<8>();
        let numbers: Vec<u64> = numbers.iter().map(|one| u64::from_le_bytes(*one)).collect();
        numbers.is_sorted_by(|a, b| a < b).then_some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::protected::tests::{document, key};
    use super::*;

    fn set() -> Protected {
        let mut set = Protected::new(Settings::default(), &key());
        set.put(9, vec![document(9, &[4, 1, u64::MAX])]);
        set.put(3, vec![document(3, &[])]);
        set.allow(&[2, 77]);
        set
    }

    #[test]
    fn a_set_is_what_its_bytes_say() {
        let bytes = set().to_bytes();
        assert_eq!(Protected::from_bytes(&bytes), Ok(set()));
        assert_eq!(Protected::from_bytes(b"PK\x03\x04"), Err(Broken::Other));
        let mut newer = bytes.clone();
        newer[8] = 2;
        assert_eq!(Protected::from_bytes(&newer), Err(Broken::Version(2)));
    }

    #[test]
    fn whatever_is_changed_or_cut_is_found_out() {
        let bytes = set().to_bytes();
        for at in 0..bytes.len() {
            assert!(Protected::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(Protected::from_bytes(&changed).is_err(), "changed at {at}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_breaks_it(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut whole = MAGIC.to_vec();
            whole.extend(VERSION.to_le_bytes());
            whole.append(&mut bytes);
            let checksum = xxh3_64(&whole);
            whole.extend(checksum.to_le_bytes());
            drop(Protected::from_bytes(&whole));
        }
    }
}
