//! Which documents have a fingerprint.

use super::protected::Protected;

/// A fingerprint's low bits that share a bucket, so that a bucket holds about four.
const IN_BUCKET: usize = 4;

/// The fingerprints of a set, to look up; what more than the set's `most` documents have is left
/// out. About 14 bytes a fingerprint.
#[derive(Debug)]
pub struct Index {
    /// Sorted; twice where two documents have one.
    hashes: Vec<u64>,
    /// The document of each.
    documents: Vec<u32>,
    /// Where the fingerprints with these first bits begin; one more at the end.
    buckets: Vec<u32>,
    /// Bits that a bucket does not look at.
    shift: u32,
    /// For each document, its fingerprints that are counted.
    counted: Vec<u32>,
}

impl Index {
    /// The index of a set.
    pub fn of(set: &Protected) -> Self {
        let total = set.documents.iter().map(|one| one.fingerprints.len()).sum();
        let mut pairs: Vec<(u64, u32)> = Vec::with_capacity(total);
        for (at, document) in (0_u32..).zip(&set.documents) {
            pairs.extend(document.fingerprints.iter().map(|&hash| (hash, at)));
        }
        pairs.sort_unstable();
        let mut counted = vec![0_u32; set.documents.len()];
        let (mut hashes, mut documents) = (Vec::new(), Vec::new());
        for same in pairs.chunk_by(|a, b| a.0 == b.0) {
            if same.len() > set.settings.most as usize {
                continue;
            }
            for &(hash, document) in same {
                hashes.push(hash);
                documents.push(document);
                if let Some(count) = counted.get_mut(document as usize) {
                    *count += 1;
                }
            }
        }
        let wanted = (hashes.len() / IN_BUCKET).max(1).next_power_of_two();
        let bits = wanted.trailing_zeros().clamp(1, 30);
        let shift = 64 - bits;
        let mut buckets = vec![0_u32; (1 << bits) + 1];
        for &hash in &hashes {
            if let Some(next) = buckets.get_mut(bucket(hash, shift) + 1) {
                *next += 1;
            }
        }
        let mut before = 0;
        for bucket in &mut buckets {
            before += *bucket;
            *bucket = before;
        }
        Self {
            hashes,
            documents,
            buckets,
            shift,
            counted,
        }
    }

    /// The documents, as places in [`Protected::documents`], that have a fingerprint.
    pub fn get(&self, hash: u64) -> &[u32] {
        let at = bucket(hash, self.shift);
        let (Some(&from), Some(&to)) = (self.buckets.get(at), self.buckets.get(at + 1)) else {
            return &[];
        };
        let (from, to) = (from as usize, to as usize);
        let Some(hashes) = self.hashes.get(from..to) else {
            return &[];
        };
        let first = hashes.partition_point(|one| *one < hash);
        let count = hashes.iter().skip(first).take_while(|one| **one == hash);
        let count = count.count();
        self.documents
            .get(from + first..from + first + count)
            .unwrap_or_default()
    }

    /// How many fingerprints of a document are counted.
    pub fn counted(&self, document: u32) -> u32 {
        let counted = self.counted.get(document as usize);
        counted.copied().unwrap_or_default()
    }

    /// How many different pairs of document and fingerprint there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 30 bits are left")]
fn bucket(hash: u64, shift: u32) -> usize {
    (hash >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::super::protected::tests::{document, key};
    use super::super::protected::{Protected, Settings};
    use super::*;

    #[test]
    fn what_many_documents_have_is_not_counted() {
        let mut set = Protected::new(Settings::default(), &key());
        for id in 0..4 {
            set.put(
                id,
                vec![document(id, &[1, u64::MAX, id + 10, (1 << 63) | (id / 2)])],
            );
        }
        let index = Index::of(&set);
        assert!(index.get(1).is_empty());
        assert!(index.get(u64::MAX).is_empty());
        assert_eq!(index.get(11), [1]);
        assert_eq!(index.get(1 << 63), [0, 1]);
        assert_eq!(index.get(1 << 63 | 1), [2, 3]);
        assert!(index.get(99).is_empty());
        assert_eq!((index.counted(0), index.len()), (2, 8));
        assert!(
            Index::of(&Protected::new(Settings::default(), &key()))
                .get(0)
                .is_empty()
        );
    }
}
