//! The hashes of the tree, level by level: one file a level, of 32 bytes a hash.
//!
//! Level 0 holds the leaf hashes, level *l* the roots of complete subtrees of 256^*l* leaves: a tile
//! of C2SP tlog-tiles is 8,192 bytes at a multiple of 8,192, and a partial tile the front of one, so
//! that a tile of every width ever published can be read. The files follow from the journal: they
//! are not synced with it, and what is lost of them is made again.

use std::io;
use std::sync::Arc;

use super::frontier::{Frontier, root_of};
use super::hash::Hash;
use super::medium::{Folder, Medium};
use super::tile::{FULL, HIGHEST_LEVEL, Level as TileLevel, Tile, TileError, Tiles};

/// Hashes of a full tile.
pub(super) const WIDTH: u64 = FULL as u64;
/// Levels that the largest tree has.
const LEVELS: u32 = HIGHEST_LEVEL as u32 + 1;
const HASH: u64 = 32;

/// The hashes of a growing tree.
pub(super) struct Levels {
    folder: Arc<dyn Folder>,
    files: Vec<Level>,
    frontier: Frontier,
}

struct Level {
    file: Arc<dyn Medium>,
    /// The last hashes that do not fill a tile yet.
    edge: Vec<Hash>,
    /// Whether something was written since it was synced.
    dirty: bool,
}

impl Levels {
    /// A tree without leaves.
    pub(super) fn empty(folder: Arc<dyn Folder>) -> Self {
        Levels {
            folder,
            files: Vec::new(),
            frontier: Frontier::default(),
        }
    }

    /// The tree of `size` leaves, if the files hold one with this root.
    pub(super) fn load(
        folder: Arc<dyn Folder>,
        size: u64,
        root: &Hash,
    ) -> io::Result<Option<Self>> {
        let mut levels = Self::empty(folder);
        for level in 0..LEVELS {
            let count = size >> (8 * level);
            if count == 0 {
                break;
            }
            let file = levels.folder.open(&name(level))?;
            if file.length()? < count * HASH {
                return Ok(None);
            }
            let edge = read(&*file, count - count % WIDTH, count % WIDTH)?;
            levels.files.push(Level {
                file,
                edge,
                dirty: false,
            });
        }
        let mut frontier = Frontier::default();
        for (level, held) in (0..LEVELS)
            .zip(&levels.files)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            for hash in &held.edge {
                frontier.push_subtree(8 * level, *hash, |_, _| {});
            }
        }
        levels.frontier = frontier;
        Ok((levels.frontier.root() == *root).then_some(levels))
    }

    /// The number of leaves.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root of the tree.
    pub(super) fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Adds leaves by their hashes.
    ///
    /// # Errors
    /// When a file cannot be written. The tree is as it was then; what was written behind its end is
    /// written over later.
    pub(super) fn add(&mut self, leaves: &[Hash]) -> io::Result<()> {
        let mut frontier = self.frontier.clone();
        let mut added: Vec<Vec<Hash>> = vec![leaves.to_vec()];
        for leaf in leaves {
            frontier.push(*leaf, |height, root| {
                if height.is_multiple_of(8) {
                    let level = height as usize / 8;
                    if added.len() <= level {
                        added.resize_with(level + 1, Vec::new);
                    }
                    added.get_mut(level).into_iter().for_each(|l| l.push(root));
                }
            });
        }
        for (level, hashes) in (0_u32..).zip(&added) {
            if self.files.len() <= level as usize {
                self.files.push(Level {
                    file: self.folder.open(&name(level))?,
                    edge: Vec::new(),
                    dirty: false,
                });
            }
            let at = (self.size() >> (8 * level)) * HASH;
            if let Some(held) = self
                .files
                .get_mut(level as usize)
                .filter(|_| !hashes.is_empty())
            {
                held.dirty = true;
                held.file.write(hashes.as_flattened(), at)?;
            }
        }
        for (held, hashes) in self.files.iter_mut().zip(&added) {
            held.edge.extend_from_slice(hashes);
            let kept = held.edge.len() % 256;
            held.edge.drain(..held.edge.len() - kept);
        }
        self.frontier = frontier;
        Ok(())
    }

    /// Makes the files durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        for level in self.files.iter_mut().filter(|level| level.dirty) {
            level.file.sync()?;
            level.dirty = false;
        }
        Ok(())
    }

    /// The first `width` hashes of a tile; `None` when there are not as many. What is not in memory
    /// is read from the file, and not checked.
    pub(super) fn tile(&self, level: u32, index: u64, width: u64) -> io::Result<Option<Vec<Hash>>> {
        let count = self.size().checked_shr(8 * level).unwrap_or(0);
        let (Some(held), Some(first)) = (self.files.get(level as usize), index.checked_mul(WIDTH))
        else {
            return Ok(None);
        };
        if width == 0 || width > WIDTH || first.saturating_add(width) > count {
            return Ok(None);
        }
        if first == count - count % WIDTH {
            let width = usize::try_from(width).unwrap_or_default();
            return Ok(held.edge.get(..width).map(<[Hash]>::to_vec));
        }
        read(&*held.file, first, width).map(Some)
    }

    /// A full tile, if it is what the level above says it is.
    pub(super) fn checked(&self, level: u32, index: u64) -> io::Result<Option<Vec<Hash>>> {
        let Some(tile) = self.tile(level, index, WIDTH)? else {
            return Ok(None);
        };
        let above = self.tile(level + 1, index / WIDTH, index % WIDTH + 1)?;
        let above = above.and_then(|hashes| hashes.last().copied());
        Ok((above == Some(root_of(&tile))).then_some(tile))
    }

    /// Replaces a full tile that was damaged.
    pub(super) fn mend(&mut self, level: u32, index: u64, hashes: &[Hash]) -> io::Result<()> {
        match self.files.get_mut(level as usize) {
            Some(held) => {
                held.dirty = true;
                held.file.write(hashes.as_flattened(), index * WIDTH * HASH)
            }
            None => Ok(()),
        }
    }
}

impl Tiles for Levels {
    /// Hashes as they are in the files; entries are the journal's.
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        let TileLevel::Hashes(level) = tile.level() else {
            return Err(TileError::Absent { tile });
        };
        let hashes = self.tile(level.into(), tile.index(), tile.width().into());
        let source = |error: io::Error| TileError::Unreadable {
            tile,
            source: error.into(),
        };
        let hashes = hashes.map_err(source)?;
        Ok(hashes.ok_or(TileError::Absent { tile })?.into_flattened())
    }
}

fn name(level: u32) -> String {
    format!("level-{level}")
}

fn read(file: &dyn Medium, first: u64, count: u64) -> io::Result<Vec<Hash>> {
    let mut hashes = vec![[0; 32]; usize::try_from(count).unwrap_or_default()];
    file.read(hashes.as_flattened_mut(), first * HASH)?;
    Ok(hashes)
}
