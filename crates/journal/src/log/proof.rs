//! Proofs: that an entry is in a log, and that a log only grew (RFC 9162, sections 2.1.3 and
//! 2.1.4), made out of tiles and verified with hashes alone.

use std::collections::HashMap;

use super::LARGEST_SIZE;
use super::frontier::{Frontier, root_of};
use super::hash::{EMPTY_ROOT, Hash, node_hash};
use super::tile::{FULL, Level, Tile, TileError, Tiles};

/// The most hashes of a proof.
pub const LONGEST: usize = 64;

/// An entry's hash and the proof that it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The hash of the entry.
    pub leaf: Hash,
    /// From the leaf's sibling up to the root's child.
    pub hashes: Vec<Hash>,
}

/// Why there is no proof, or why it proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The entry is not in a log of that size.
    #[error("entry {index} is not in a log of {size} entries")]
    Beyond {
        /// The position asked for.
        index: u64,
        /// The log's size.
        size: u64,
    },
    /// The log was larger before than after.
    #[error("a log of {old} entries does not grow to one of {size}")]
    Backwards {
        /// The size before.
        old: u64,
        /// The size after.
        size: u64,
    },
    /// Not as many hashes as such a proof has.
    #[error("the proof has {hashes} hashes; it would have {expected}")]
    Length {
        /// How many it has.
        hashes: usize,
        /// How many it would have.
        expected: usize,
    },
    /// The proof does not lead to the root.
    #[error("the proof does not lead to the root of the {size} entries")]
    Root {
        /// The size of the tree that it should lead to.
        size: u64,
    },
    /// A tile cannot be read, or holds what no tile holds.
    #[error(transparent)]
    Tile(#[from] TileError),
}

/// The root of a log's first `size` entries. Partial tiles are read and nothing else: what they
/// hold is trusted, so compare the root with a signed one.
///
/// # Errors
/// [`ProofError::Tile`].
pub fn root(tiles: &dyn Tiles, size: u64) -> Result<Hash, ProofError> {
    Tree::new(tiles, size).root()
}

/// The right edge of a log's first `size` entries, to which more can be added. Compare its root
/// with a signed one.
///
/// # Errors
/// [`ProofError::Tile`].
pub fn frontier(tiles: &dyn Tiles, size: u64) -> Result<Frontier, ProofError> {
    let mut tree = Tree::new(tiles, size);
    let mut frontier = Frontier::default();
    while frontier.size() < size {
        let start = frontier.size();
        let height = (size - start).ilog2();
        let root = tree.perfect(height, start >> height)?;
        frontier.push_subtree(height, root, |_, _| {});
    }
    Ok(frontier)
}

/// Proves that entry `index` is in the log of `size` entries and this root.
///
/// # Errors
/// [`ProofError::Beyond`]; [`ProofError::Tile`]; [`ProofError::Root`] when the tiles are not of
/// that log: a proof that is returned holds.
pub fn prove_inclusion(
    tiles: &dyn Tiles,
    index: u64,
    size: u64,
    root: &Hash,
) -> Result<Inclusion, ProofError> {
    if index >= size || size > LARGEST_SIZE {
        return Err(ProofError::Beyond { index, size });
    }
    let mut tree = Tree::new(tiles, size);
    let leaf = tree.perfect(0, index)?;
    let mut hashes = Vec::new();
    // RFC 9162, 2.1.3.1, from the root down; the proof is told from the leaf up.
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            hashes.push(tree.range(middle, end)?);
            end = middle;
        } else {
            hashes.push(tree.range(start, middle)?);
            start = middle;
        }
    }
    hashes.reverse();
    verify_inclusion(&leaf, index, size, root, &hashes)?;
    Ok(Inclusion { leaf, hashes })
}

/// Proves that the log of `old` entries became the log of `size` entries and this root by growing.
///
/// # Errors
/// [`ProofError::Backwards`]; [`ProofError::Tile`]; [`ProofError::Root`] when the tiles are not of
/// that log: a proof that is returned holds, from the root that [`root`] gives for `old`.
pub fn prove_consistency(
    tiles: &dyn Tiles,
    old: u64,
    size: u64,
    root: &Hash,
) -> Result<Vec<Hash>, ProofError> {
    if old > size || size > LARGEST_SIZE {
        return Err(ProofError::Backwards { old, size });
    }
    let mut tree = Tree::new(tiles, size);
    let mut hashes = Vec::new();
    if old > 0 && old < size {
        // RFC 9162, 2.1.4.1, from the root down.
        let (mut start, mut end) = (0, size);
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                hashes.push(tree.range(middle, end)?);
                end = middle;
            } else {
                hashes.push(tree.range(start, middle)?);
                start = middle;
            }
        }
        // The old log is itself a subtree of the new one: its root is known to whoever asks.
        if start > 0 {
            hashes.push(tree.range(start, end)?);
        }
        hashes.reverse();
    }
    let old_root = tree.root_of_first(old)?;
    verify_consistency(old, &old_root, size, root, &hashes)?;
    Ok(hashes)
}

/// Verifies that the entry of this hash is at `index` of the log of `size` entries and this root
/// (RFC 9162, 2.1.3.2).
///
/// # Errors
/// [`ProofError::Beyond`], [`ProofError::Length`], [`ProofError::Root`].
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Beyond { index, size });
    }
    // Up to where the paths to this entry and to the last one part, each level has a sibling;
    // above, only those where the path turns right.
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let above = index.checked_shr(inner).unwrap_or(0);
    let expected = (inner + above.count_ones()) as usize;
    check_length(proof, expected)?;
    let (inner_hashes, right) = proof
        .split_at_checked(inner as usize)
        .unwrap_or((proof, &[]));
    let mut hash = *leaf;
    for (level, sibling) in inner_hashes.iter().enumerate() {
        hash = match index >> level & 1 {
            0 => node_hash(&hash, sibling),
            _ => node_hash(sibling, &hash),
        };
    }
    for sibling in right {
        hash = node_hash(sibling, &hash);
    }
    check_root(&hash, root, size)
}

/// Verifies that the log of `old` entries and `old_root` became the one of `size` entries and
/// `root` by growing (RFC 9162, 2.1.4.2). An empty log becomes any other, and needs no proof.
///
/// # Errors
/// [`ProofError::Backwards`]; [`ProofError::Length`]; [`ProofError::Root`], with the size of the
/// root that the proof does not lead to.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > size {
        return Err(ProofError::Backwards { old, size });
    }
    if old == 0 || old == size {
        check_length(proof, 0)?;
        let same = if old == 0 { &EMPTY_ROOT } else { root };
        return check_root(old_root, same, old);
    }
    // The proof starts at the largest subtree that ends with the old log; where that is the whole
    // old log, its root is left out.
    let shift = old.trailing_zeros();
    let last = (old - 1) >> shift;
    let inner = u64::BITS - (last ^ ((size - 1) >> shift)).leading_zeros();
    let above = last.checked_shr(inner).unwrap_or(0);
    let whole = old.is_power_of_two();
    let expected = (inner + above.count_ones()) as usize + usize::from(!whole);
    check_length(proof, expected)?;
    let (seed, path) = match proof.split_first() {
        Some((first, rest)) if !whole => (first, rest),
        _ => (old_root, proof),
    };
    let (inner_hashes, right) = path.split_at_checked(inner as usize).unwrap_or((path, &[]));
    let (mut before, mut after) = (*seed, *seed);
    for (level, sibling) in inner_hashes.iter().enumerate() {
        if last >> level & 1 == 1 {
            before = node_hash(sibling, &before);
            after = node_hash(sibling, &after);
        } else {
            after = node_hash(&after, sibling);
        }
    }
    for sibling in right {
        before = node_hash(sibling, &before);
        after = node_hash(sibling, &after);
    }
    check_root(&before, old_root, old)?;
    check_root(&after, root, size)
}

fn check_length(proof: &[Hash], expected: usize) -> Result<(), ProofError> {
    let hashes = proof.len();
    if hashes == expected {
        return Ok(());
    }
    Err(ProofError::Length { hashes, expected })
}

fn check_root(computed: &Hash, root: &Hash, size: u64) -> Result<(), ProofError> {
    if computed == root {
        return Ok(());
    }
    Err(ProofError::Root { size })
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// Subtrees of a log of one size; each tile is read once.
struct Tree<'t> {
    tiles: &'t dyn Tiles,
    size: u64,
    read: HashMap<Tile, Vec<Hash>>,
}

impl<'t> Tree<'t> {
    fn new(tiles: &'t dyn Tiles, size: u64) -> Self {
        Self {
            tiles,
            size,
            read: HashMap::new(),
        }
    }

    fn root(&mut self) -> Result<Hash, ProofError> {
        self.root_of_first(self.size)
    }

    fn root_of_first(&mut self, size: u64) -> Result<Hash, ProofError> {
        if size == 0 {
            return Ok(EMPTY_ROOT);
        }
        self.range(0, size)
    }

    /// The hash over the entries from `start` to before `end`, which is a subtree of a log of some
    /// size: it starts at a multiple of the power of two that holds it.
    fn range(&mut self, start: u64, end: u64) -> Result<Hash, ProofError> {
        let (mut start, mut left) = (start, Vec::new());
        // From the left, ever smaller perfect trees; the smallest are hashed together first.
        while start < end {
            let height = (end - start).ilog2();
            left.push(self.perfect(height, start >> height)?);
            start += 1 << height;
        }
        let last = left.pop().unwrap_or(EMPTY_ROOT);
        Ok(left
            .iter()
            .rfold(last, |right, left| node_hash(left, &right)))
    }

    /// The hash of the `index`-th perfect tree of 2^height entries.
    fn perfect(&mut self, height: u32, index: u64) -> Result<Hash, ProofError> {
        let level = Level::Hashes(u8::try_from(height / 8).unwrap_or(u8::MAX));
        let within = height % 8;
        let first = index << within;
        let beyond = ProofError::Beyond {
            index: first,
            size: self.size,
        };
        let tile = Tile::at(level, first / u64::from(FULL), self.size).ok_or(beyond)?;
        let hashes = self.read(tile)?;
        let at = usize::try_from(first % u64::from(FULL)).unwrap_or(usize::MAX);
        let short = || TileError::Malformed {
            tile,
            what: "is too short".to_owned(),
        };
        let under = hashes.get(at..at + (1 << within)).ok_or_else(short)?;
        Ok(root_of(under))
    }

    fn read(&mut self, tile: Tile) -> Result<&[Hash], TileError> {
        // Not `entry`: reading may fail.
        if !self.read.contains_key(&tile) {
            let hashes = tile.hashes(&self.tiles.read(tile)?)?;
            self.read.insert(tile, hashes);
        }
        Ok(self.read.get(&tile).map_or(&[], Vec::as_slice))
    }
}
