//! What a log gives to read: roots, tiles, entries. A damaged hash is mended from the journal.

use std::sync::PoisonError;

use bytes::Bytes;

use super::{Log, LogError};
use crate::Position;
use crate::log::hash::Hash;
use crate::log::levels::WIDTH;
use crate::log::tile::{Level, Tile, TileError, Tiles, push_entry};
use crate::log::{frontier, proof};

impl Log {
    /// The root when the log had `size` entries; `None` for more than were signed.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn root_at(&self, size: u64) -> Result<Option<Hash>, LogError> {
        if size > self.signed().checkpoint.size() {
            return Ok(None);
        }
        Ok(Some(proof::root(self, size)?))
    }

    /// The first `width` hashes of a tile; `None` when the signed tree does not have as many.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged beyond mending.
    pub fn tile(&self, level: u32, index: u64, width: u64) -> Result<Option<Vec<Hash>>, LogError> {
        let signed = self.signed().checkpoint.size();
        let count = signed.checked_shr(8 * level).unwrap_or(0);
        let end = index
            .checked_mul(WIDTH)
            .and_then(|first| first.checked_add(width));
        if width == 0 || width > WIDTH || end.is_none_or(|end| end > count) {
            return Ok(None);
        }
        let io = |error| LogError::Io("level", error);
        {
            let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
            let whole = (tree.size() >> (8 * level)) / WIDTH;
            if index >= whole {
                // In memory, and part of the root that was signed.
                return tree.tile(level, index, width).map_err(io);
            }
            if let Ok(Some(mut tile)) = tree.checked(level, index) {
                tile.truncate(usize::try_from(width).unwrap_or_default());
                return Ok(Some(tile));
            }
        }
        let mut tile = self.mend(level, index)?;
        tile.truncate(usize::try_from(width).unwrap_or_default());
        Ok(Some(tile))
    }

    /// The first `width` leaves from `index` × 256 on; `None` when fewer were signed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn entries(&self, index: u64, width: u64) -> Result<Option<Vec<Bytes>>, LogError> {
        let first = index.checked_mul(WIDTH);
        let Some(first) = first.filter(|_| width > 0 && width <= WIDTH) else {
            return Ok(None);
        };
        if first.saturating_add(width) > self.signed().checkpoint.size() {
            return Ok(None);
        }
        let count = usize::try_from(width).unwrap_or_default();
        let mut leaves = Vec::with_capacity(count);
        while leaves.len() < count {
            let at = Position(first).plus(leaves.len());
            let more = self.journal.leaves(at, count - leaves.len(), usize::MAX)?;
            if more.is_empty() {
                return Ok(None);
            }
            leaves.extend(more);
        }
        Ok(Some(leaves))
    }

    /// Computes a full tile from the journal, and writes it over the damaged one.
    fn mend(&self, level: u32, index: u64) -> Result<Vec<Hash>, LogError> {
        let tile = self.compute(level, index)?;
        let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        let io = |error| LogError::Io("level", error);
        tree.mend(level, index, &tile).map_err(io)?;
        // What it is checked against may be damaged as well: then that is mended first.
        let above = (level + 1, index / WIDTH);
        let right = tree.checked(level, index).map_err(io)?.is_some();
        drop(tree);
        if !right {
            let known = self.tile(above.0, above.1, index % WIDTH + 1)?;
            if known.is_none_or(|hashes| hashes.last() != Some(&frontier::root_of(&tile))) {
                return Err(LogError::Damaged { level, index });
            }
        }
        Ok(tile)
    }

    fn compute(&self, level: u32, index: u64) -> Result<Vec<Hash>, LogError> {
        let below = index * WIDTH..(index + 1) * WIDTH;
        if level > 0 {
            let roots = below.map(|tile| {
                let tile = self.compute(level - 1, tile)?;
                Ok(frontier::root_of(&tile))
            });
            return roots.collect();
        }
        let mut hashes = Vec::new();
        while hashes.len() < 256 {
            let at = Position(below.start).plus(hashes.len());
            let more = self.journal.leaf_hashes(at, 256 - hashes.len())?;
            if more.is_empty() {
                return Err(LogError::Damaged { level, index });
            }
            hashes.extend(more);
        }
        Ok(hashes)
    }
}

impl Tiles for Log {
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        let (index, width) = (tile.index(), u64::from(tile.width()));
        let found = match tile.level() {
            Level::Hashes(level) => {
                let hashes = self.tile(u32::from(level), index, width);
                hashes.map(|hashes| hashes.map(Vec::into_flattened))
            }
            Level::Entries => self
                .entries(index, width)
                .map(|leaves| leaves.as_deref().map(bundle)),
        };
        let source = |error: LogError| TileError::Unreadable {
            tile,
            source: Box::new(error),
        };
        found.map_err(source)?.ok_or(TileError::Absent { tile })
    }
}

fn bundle(leaves: &[Bytes]) -> Vec<u8> {
    let mut bundle = Vec::with_capacity(leaves.iter().map(|leaf| leaf.len() + 2).sum());
    for leaf in leaves {
        // A journal takes no leaf that does not fit.
        let _fits = push_entry(&mut bundle, leaf);
    }
    bundle
}
