//! Reads a whole log and computes everything anew: entries, tiles of all levels, the root.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::checkpoint::Checkpoint;
use super::directory::Directory;
use super::frontier::{Frontier, root_of};
use super::hash::{Hash, leaf_hash};
use super::tile::{FULL, HIGHEST_LEVEL, Level, Tile, TileError, Tiles};

/// What was read.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    /// Entries.
    pub entries: u64,
    /// Tiles and bundles.
    pub tiles: u64,
    /// Octets of both.
    pub octets: u64,
}

/// Why a log is not sound: the first thing, from the left and from the entries up, that does not
/// hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// An entry is not what the tile above it says, or a tile not what those below it give.
    #[error("{path}: {what}")]
    Differs {
        /// The path of the tile or bundle, or `checkpoint`.
        path: String,
        /// What does not hold.
        what: String,
    },
    /// A tile is missing or malformed.
    #[error(transparent)]
    Tile(TileError),
    /// A tile could not be read: this says nothing of the log.
    #[error(transparent)]
    Unreadable(TileError),
    /// A folder could not be read: this says nothing of the log.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl From<TileError> for Unsound {
    fn from(error: TileError) -> Self {
        match error {
            TileError::Unreadable { .. } => Self::Unreadable(error),
            error => Self::Tile(error),
        }
    }
}

/// Reads everything that a log of this checkpoint has, with `threads` threads, and tells `progress`
/// how many more entries were read. The checkpoint's signature is not checked here.
///
/// # Errors
/// [`Unsound`].
pub fn check(
    tiles: &dyn Tiles,
    checkpoint: &Checkpoint,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Sound, Unsound> {
    let size = checkpoint.size();
    let run = Run {
        tiles,
        size,
        threads: threads.max(1),
        read: AtomicU64::new(0),
        octets: AtomicU64::new(0),
    };
    let mut below = run.level(0, &|tile| {
        let leaves = run.leaves(tile)?;
        progress(leaves.len() as u64);
        Ok(leaves)
    })?;
    let mut rests = vec![below.rest];
    for level in 1..=HIGHEST_LEVEL {
        let hashes = below.roots;
        below = run.level(level, &|tile| {
            let first = usize::try_from(tile.index() * u64::from(FULL)).unwrap_or(usize::MAX);
            let under = hashes.get(first..).unwrap_or_default();
            Ok(under
                .get(..usize::from(tile.width()))
                .unwrap_or(under)
                .to_vec())
        })?;
        rests.push(below.rest);
    }
    let mut tree = Frontier::default();
    for (level, rest) in rests.iter().enumerate().rev() {
        let height = u32::try_from(8 * level).unwrap_or(u32::MAX);
        for hash in rest {
            tree.push_subtree(height, *hash, |_, _| {});
        }
    }
    if (tree.size(), &tree.root()) != (size, checkpoint.root()) {
        return Err(Unsound::Differs {
            path: "checkpoint".to_owned(),
            what: format!("its root is not that of the {size} entries"),
        });
    }
    Ok(Sound {
        entries: size,
        tiles: run.read.into_inner(),
        octets: run.octets.into_inner(),
    })
}

/// Compares the partial tiles of earlier checkpoints that a directory still holds with what they
/// became; how many there are.
///
/// # Errors
/// [`Unsound`].
pub fn check_older(directory: &Directory, checkpoint: &Checkpoint) -> Result<u64, Unsound> {
    let size = checkpoint.size();
    let unreadable = |source: io::Error| Unsound::Folder {
        path: directory.path().join("tile"),
        source,
    };
    let older = directory.older(size).map_err(unreadable)?;
    for tile in &older {
        let absent = TileError::Absent { tile: *tile };
        let now = Tile::at(tile.level(), tile.index(), size).ok_or(absent)?;
        if directory.read(*tile)? != tile.prefix(&directory.read(now)?)? {
            return Err(Unsound::Differs {
                path: tile.to_string(),
                what: format!("is not the beginning of {now}"),
            });
        }
    }
    Ok(older.len() as u64)
}

struct Run<'r> {
    tiles: &'r dyn Tiles,
    size: u64,
    threads: usize,
    read: AtomicU64,
    octets: AtomicU64,
}

/// What a level gives to the next.
#[derive(Default)]
struct Below {
    /// Roots of its full tiles.
    roots: Vec<Hash>,
    /// Hashes of its partial tile.
    rest: Vec<Hash>,
}

/// What one thread, or all of them, found.
#[derive(Default)]
struct Found {
    roots: BTreeMap<u64, Hash>,
    rest: Vec<Hash>,
    wrong: BTreeMap<u64, Unsound>,
}

impl Run<'_> {
    /// Compares all tiles of a level with what `expected` computes for each.
    fn level(
        &self,
        level: u8,
        expected: &(dyn Fn(Tile) -> Result<Vec<Hash>, Unsound> + Sync),
    ) -> Result<Below, Unsound> {
        let level = Level::Hashes(level);
        let count = level.count(self.size).div_ceil(u64::from(FULL));
        let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let all = Mutex::new(Found::default());
        let work = || {
            let mut own = Found::default();
            // Tiles are taken in order, so what stands before a wrong one is looked at as well.
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(tile) = Tile::at(level, index, self.size).filter(|_| index < count) else {
                    break;
                };
                match self.tile(tile, expected) {
                    Ok(hashes) if tile.is_full() => drop(own.roots.insert(index, root_of(&hashes))),
                    Ok(hashes) => own.rest = hashes,
                    Err(wrong) => {
                        stop.store(true, Ordering::Relaxed);
                        own.wrong.insert(index, wrong);
                    }
                }
            }
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.roots.append(&mut own.roots);
            all.wrong.append(&mut own.wrong);
            if !own.rest.is_empty() {
                all.rest = own.rest;
            }
        };
        let threads = u64::try_from(self.threads).unwrap_or(1).min(count);
        if threads < 2 {
            work();
        } else {
            thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        }
        let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        match all.wrong.pop_first() {
            Some((_, wrong)) => Err(wrong),
            None => Ok(Below {
                roots: all.roots.into_values().collect(),
                rest: all.rest,
            }),
        }
    }

    fn tile(
        &self,
        tile: Tile,
        expected: &dyn Fn(Tile) -> Result<Vec<Hash>, Unsound>,
    ) -> Result<Vec<Hash>, Unsound> {
        let expected = expected(tile)?;
        let found = tile.hashes(&self.read(tile)?)?;
        let differs = |(found, expected): (&Hash, &Hash)| found != expected;
        let Some(at) = found.iter().zip(&expected).position(differs) else {
            return Ok(found);
        };
        let first = tile.index() * u64::from(FULL) + at as u64;
        Err(match tile.level() {
            Level::Hashes(0) | Level::Entries => Unsound::Differs {
                path: Tile::at(Level::Entries, tile.index(), self.size)
                    .map_or_else(String::new, |bundle| bundle.to_string()),
                what: format!("entry {first} is not the one that {tile} has the hash of"),
            },
            Level::Hashes(level) => Unsound::Differs {
                path: tile.to_string(),
                what: format!(
                    "hash {at} is not the root of tile {first} of level {}",
                    level - 1
                ),
            },
        })
    }

    /// The hashes of the entries under a tile of level 0.
    fn leaves(&self, tile: Tile) -> Result<Vec<Hash>, Unsound> {
        let absent = TileError::Absent { tile };
        let bundle = Tile::at(Level::Entries, tile.index(), self.size).ok_or(absent)?;
        let octets = self.read(bundle)?;
        let entries = bundle.entries(&octets)?;
        Ok(entries.into_iter().map(leaf_hash).collect())
    }

    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        let octets = self.tiles.read(tile)?;
        self.read.fetch_add(1, Ordering::Relaxed);
        self.octets
            .fetch_add(octets.len() as u64, Ordering::Relaxed);
        Ok(octets)
    }
}
