//! Keyed deletion neighbourhoods: short texts compared by hashes alone.
//!
//! The hashes of a skeleton and of all that is left of it without one of its letters. Two skeletons
//! that are a letter apart (left out, put in, another one, two neighbours swapped) share a hash:
//! the `FastSS` of Bocek, Hunt and Stiller (2007), under a key. What shares a hash is at most a
//! deletion and an insertion apart.

use super::key::Key;
use super::skeleton::Skeleton;

/// The keyed hashes of a skeleton and of its deletions, 64 bits each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbourhood {
    hashes: Vec<u64>,
}

impl Neighbourhood {
    /// The neighbourhood of a skeleton: HMAC-SHA256 of its UTF-8 and of each string without one of
    /// its letters, cut to 64 bits.
    pub fn of(key: &Key, skeleton: &Skeleton) -> Self {
        let text = skeleton.as_str();
        let mut hashes = Vec::with_capacity(text.len() + 1);
        hashes.push(key.hash(&[text]));
        for (at, letter) in text.char_indices() {
            let (before, after) = (text.get(..at), text.get(at + letter.len_utf8()..));
            hashes.push(key.hash(&[before.unwrap_or_default(), after.unwrap_or_default()]));
        }
        Self::from_hashes(hashes)
    }

    /// A neighbourhood that someone else published.
    pub fn from_hashes(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self { hashes }
    }

    /// The hashes as they are published: sorted, each once, which hides which of them is whole.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Whether it shares a hash with another.
    pub fn meets(&self, other: &Self) -> bool {
        self.hashes
            .iter()
            .any(|hash| other.hashes.binary_search(hash).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Neighbourhood {
        let key = Key::new(b"a key for tests alone").unwrap();
        Neighbourhood::of(&key, &Skeleton::of(text.as_bytes()).unwrap())
    }

    #[test]
    fn an_edit_is_found_and_two_are_not() {
        let known = of("immigrants");
        assert_eq!(known.hashes().len(), 10);
        for near in [
            "imigrants",
            "imigrant",
            "xigrants",
            "imirgants",
            "imigrantsq",
            "1mm!gr4nts",
        ] {
            assert_eq!(known.meets(&of(near)), near != "xigrants", "{near}");
        }
        let whole = known.hashes().to_vec();
        assert_eq!(Neighbourhood::from_hashes(whole), known);
    }

    /// Whether deleting at most one letter of each gives the same.
    fn near(a: &[char], b: &[char]) -> bool {
        let left = |letters: &[char]| -> Vec<Vec<char>> {
            let without = |at| {
                let mut left = letters.to_vec();
                left.remove(at);
                left
            };
            let mut all = vec![letters.to_vec()];
            all.extend((0..letters.len()).map(without));
            all
        };
        let of_b = left(b);
        left(a).iter().any(|one| of_b.contains(one))
    }

    proptest! {
        #[test]
        fn hashes_meet_exactly_when_the_letters_do(a in "[abc]{12,20}", b in "[abc]{12,20}") {
            let skeletons = (Skeleton::of(a.as_bytes()), Skeleton::of(b.as_bytes()));
            if let (Ok(one), Ok(other)) = skeletons {
                let letters = |s: &Skeleton| s.as_str().chars().collect::<Vec<_>>();
                let close = near(&letters(&one), &letters(&other));
                prop_assert_eq!(of(&a).meets(&of(&b)), close);
            }
        }
    }
}
