use journal::log::hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
use journal::log::tile::{FULL, Level, Tile, TileError, Tiles, push_entry};

/// A log in memory.
pub(crate) struct Naive {
    entries: Vec<Vec<u8>>,
    pub(crate) leaves: Vec<Hash>,
}

impl Naive {
    pub(crate) fn new(size: u64) -> Self {
        let entry = |at| {
            format!(
                "entry {at} {}",
                "-".repeat(usize::try_from(at % 7).unwrap())
            )
        };
        let entries: Vec<Vec<u8>> = (0..size).map(|at| entry(at).into_bytes()).collect();
        let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
        Self { entries, leaves }
    }

    pub(crate) fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub(crate) fn root(&self, size: u64) -> Hash {
        tree_hash(&self.leaves[..usize::try_from(size).unwrap()])
    }
}

impl Tiles for Naive {
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        if Tile::at(tile.level(), tile.index(), self.size()).is_none_or(|has| has < tile) {
            return Err(TileError::Absent { tile });
        }
        let width = usize::from(tile.width());
        let start = usize::try_from(tile.start()).unwrap();
        let mut octets = Vec::new();
        match tile.level() {
            Level::Entries => {
                for entry in &self.entries[start..start + width] {
                    assert!(push_entry(&mut octets, entry));
                }
            }
            Level::Hashes(level) => {
                let under = usize::from(FULL).pow(level.into());
                for leaves in self.leaves[start..start + width * under].chunks(under) {
                    octets.extend(tree_hash(leaves));
                }
            }
        }
        Ok(octets)
    }
}

fn split(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

/// RFC 9162, 2.1.1.
pub(crate) fn tree_hash(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = split(leaves);
            node_hash(&tree_hash(left), &tree_hash(right))
        }
    }
}

/// RFC 9162, 2.1.3.1.
pub(crate) fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = split(leaves);
    let (mut path, other) = if index < left.len() {
        (path(index, left), right)
    } else {
        (path(index - left.len(), right), left)
    };
    path.push(tree_hash(other));
    path
}

/// RFC 9162, 2.1.4.1.
pub(crate) fn subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![tree_hash(leaves)]
        };
    }
    let (left, right) = split(leaves);
    let (mut proof, other) = if old <= left.len() {
        (subproof(old, left, whole), right)
    } else {
        (subproof(old - left.len(), right, false), left)
    };
    proof.push(tree_hash(other));
    proof
}
