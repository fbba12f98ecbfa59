//! The right edge of a growing tree: what is needed to add leaves and to tell the root.

use super::hash::{EMPTY_ROOT, Hash, node_hash};

/// The roots of the complete subtrees that a tree of `size` leaves consists of, largest first: one
/// for each bit of `size` that is set. At most 64 hashes, whatever the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash. `complete` is told each larger subtree that this completes, from
    /// the smallest on: its height (1 for two leaves) and its root.
    pub fn push(&mut self, leaf: Hash, complete: impl FnMut(u32, Hash)) {
        self.push_subtree(0, leaf, complete);
    }

    /// Adds a complete subtree of 2^`height` leaves by its root. The size has to be a multiple of
    /// its leaves; otherwise nothing is added.
    pub fn push_subtree(&mut self, height: u32, root: Hash, mut complete: impl FnMut(u32, Hash)) {
        let Some(leaves) = 1_u64.checked_shl(height) else {
            return;
        };
        if !self.size.is_multiple_of(leaves) {
            return;
        }
        let mut root = root;
        let merges = (self.size >> height).trailing_ones();
        for merged in 1..=merges {
            let Some(left) = self.peaks.pop() else {
                break;
            };
            root = node_hash(&left, &root);
            complete(height + merged, root);
        }
        self.peaks.push(root);
        self.size += leaves;
    }

    /// The root of the tree (RFC 9162, section 2.1.1).
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return EMPTY_ROOT;
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root over the hashes of one tile, or of the first of them.
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for hash in hashes {
        frontier.push(*hash, |_, _| {});
    }
    frontier.root()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::hash::leaf_hash;

    /// RFC 9162, section 2.1.1, as it stands there.
    fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => EMPTY_ROOT,
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node_hash(&naive(&many[..split]), &naive(&many[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition_at_every_size() {
        let leaves: Vec<Hash> = (0..600_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut frontier = Frontier::default();
        for (size, leaf) in leaves.iter().enumerate() {
            assert_eq!(frontier.root(), naive(&leaves[..size]), "size {size}");
            frontier.push(*leaf, |height, root| {
                let whole = 1 << height;
                assert_eq!(root, naive(&leaves[size + 1 - whole..=size]));
            });
        }
        let mut restored = Frontier::default();
        restored.push_subtree(9, naive(&leaves[..512]), |_, _| {});
        restored.push_subtree(6, naive(&leaves[512..576]), |_, _| {});
        for leaf in &leaves[576..] {
            restored.push(*leaf, |_, _| {});
        }
        assert_eq!(restored, frontier);
    }
}
