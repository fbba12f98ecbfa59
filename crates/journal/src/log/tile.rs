//! Tiles: the hashes and the entries of a log as static files (C2SP tlog-tiles).
//!
//! A tile holds up to 256 consecutive hashes of every eighth level of the tree; a bundle holds the
//! entries under a tile of level 0. One that is not full yet has its width in its path, so that no
//! path ever changes its content.

use std::{error, fmt};

use super::LARGEST_SIZE;
use super::hash::Hash;

/// Hashes of a full tile, entries of a full bundle.
pub const FULL: u16 = 256;
/// The highest level that a log of [`LARGEST_SIZE`] entries has.
pub const HIGHEST_LEVEL: u8 = 7;
/// The longest entry: its length is told in 16 bits.
pub const ENTRY_LIMIT: usize = u16::MAX as usize;
/// The most octets of a bundle.
pub const BUNDLE_LIMIT: usize = FULL as usize * (ENTRY_LIMIT + 2);

/// What a tile holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Entries: the tile is a bundle.
    Entries,
    /// Hashes of subtrees of 256^n entries; at 0, of the entries themselves.
    Hashes(u8),
}

/// One tile or bundle. Its text form is its path: `tile/0/x001/234.p/12`, `tile/entries/000`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: Level,
    index: u64,
    width: u16,
}

/// Where tiles are read.
///
/// The octets are those of the tile asked for, of its width; whoever calls checks them. An
/// implementation that has only the wider tile shortens it by [`Tile::prefix`].
pub trait Tiles: Send + Sync {
    /// Reads one tile.
    ///
    /// # Errors
    /// [`TileError::Absent`] where there is none, [`TileError::Unreadable`] where it cannot be told.
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError>;
}

/// Why a tile gives nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileError {
    /// There is no such tile, nor a wider one.
    #[error("{tile} is missing")]
    Absent {
        /// Which.
        tile: Tile,
    },
    /// It does not hold what a tile of its path holds.
    #[error("{tile} {what}")]
    Malformed {
        /// Which.
        tile: Tile,
        /// What is wrong, as a verb phrase.
        what: String,
    },
    /// Whoever keeps it did not answer.
    #[error("{tile} cannot be read: {source}")]
    Unreadable {
        /// Which.
        tile: Tile,
        /// Why.
        source: Box<dyn error::Error + Send + Sync>,
    },
}

impl Level {
    /// Entries under one hash or entry of this level, as a power of two.
    fn height(self) -> u32 {
        match self {
            Level::Entries => 0,
            Level::Hashes(level) => 8 * u32::from(level),
        }
    }

    /// Levels that a log of any size may have, bundles first.
    fn all() -> impl Iterator<Item = Self> {
        let hashes = (0..=HIGHEST_LEVEL).map(Level::Hashes);
        std::iter::once(Level::Entries).chain(hashes)
    }

    /// Hashes or entries that a log of this size has at this level in full.
    pub fn count(self, size: u64) -> u64 {
        size >> self.height()
    }
}

impl Tile {
    /// The tile that a log of `size` entries has there, full or partial; none where it has none.
    pub fn at(level: Level, index: u64, size: u64) -> Option<Self> {
        if size > LARGEST_SIZE || matches!(level, Level::Hashes(high) if high > HIGHEST_LEVEL) {
            return None;
        }
        let full = u64::from(FULL);
        let left = level.count(size).checked_sub(index.checked_mul(full)?)?;
        let width = u16::try_from(left.min(full))
            .ok()
            .filter(|width| *width > 0)?;
        Some(Self {
            level,
            index,
            width,
        })
    }

    /// All bundles and tiles of a log of `size` entries, level by level from the left, bundles
    /// first.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        Self::grown(0, size)
    }

    /// The bundles and tiles that a log of `size` entries has and one of `old` had not.
    pub fn grown(old: u64, size: u64) -> impl Iterator<Item = Self> {
        Level::all().flat_map(move |level| {
            let (had, has) = (level.count(old), level.count(size));
            let first = had / u64::from(FULL);
            let end = if has > had {
                has.div_ceil(u64::from(FULL))
            } else {
                first
            };
            (first..end).filter_map(move |index| Self::at(level, index, size))
        })
    }

    /// Reads a path: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`; none when it is no
    /// path of a tile, or not its only one.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => Level::Entries,
            level => {
                let number = level.parse().ok().filter(|level| *level <= HIGHEST_LEVEL)?;
                Level::Hashes(number)
            }
        };
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, FULL),
            Some((index, width)) => {
                let width = width
                    .parse()
                    .ok()
                    .filter(|width| (1..FULL).contains(width))?;
                (index, width)
            }
        };
        // 63 bits are at most seven groups.
        if index.len() > 7 * 5 {
            return None;
        }
        let mut number: u64 = 0;
        for group in index.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let group: u64 = digits.parse().ok()?;
            number = number.checked_mul(1000)?.checked_add(group)?;
        }
        let tile = Self {
            level,
            index: number,
            width,
        };
        // Signs, missing or superfluous zeros and an `x` too many do not print the same.
        (tile.end()? <= LARGEST_SIZE && tile.to_string() == path).then_some(tile)
    }

    /// What it holds.
    pub fn level(self) -> Level {
        self.level
    }

    /// Its place in its level.
    pub fn index(self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds: 1 to [`FULL`].
    pub fn width(self) -> u16 {
        self.width
    }

    /// Whether it can grow no more.
    pub fn is_full(self) -> bool {
        self.width == FULL
    }

    /// The full tile at its place.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: FULL,
            ..self
        }
    }

    /// The position of the first entry under it.
    pub fn start(self) -> u64 {
        (self.index * u64::from(FULL)) << self.level.height()
    }

    /// The position after the last entry under it.
    fn end(self) -> Option<u64> {
        let hashes = self.index.checked_mul(u64::from(FULL))?;
        let hashes = hashes.checked_add(u64::from(self.width))?;
        hashes.checked_mul(1 << self.level.height())
    }

    /// The most octets it may have: of a tile of hashes, just as many.
    pub fn limit(self) -> usize {
        match self.level {
            Level::Entries => usize::from(self.width) * (ENTRY_LIMIT + 2),
            Level::Hashes(_) => usize::from(self.width) * size_of::<Hash>(),
        }
    }

    /// The hashes in its octets.
    ///
    /// # Errors
    /// [`TileError::Malformed`] when they are not as many as its width.
    pub fn hashes(self, octets: &[u8]) -> Result<Vec<Hash>, TileError> {
        let (hashes, rest) = octets.as_chunks();
        if hashes.len() == usize::from(self.width) && rest.is_empty() {
            return Ok(hashes.to_vec());
        }
        let expected = usize::from(self.width) * size_of::<Hash>();
        Err(self.malformed(format!("has {} octets, not {expected}", octets.len())))
    }

    /// The entries in its octets: each after its length in 16 bits, big-endian.
    ///
    /// # Errors
    /// [`TileError::Malformed`] when they are not as many as its width.
    pub fn entries(self, octets: &[u8]) -> Result<Vec<&[u8]>, TileError> {
        let (entries, rest) = self.split(octets)?;
        if rest.is_empty() {
            return Ok(entries);
        }
        Err(self.malformed(format!(
            "goes on after its {} entries for {} octets",
            self.width,
            rest.len()
        )))
    }

    /// The octets of this tile out of those of a wider one at its place.
    ///
    /// # Errors
    /// [`TileError::Malformed`] when there are not enough.
    pub fn prefix(self, wider: &[u8]) -> Result<&[u8], TileError> {
        let length = match self.level {
            Level::Hashes(_) => self.limit(),
            Level::Entries => wider.len() - self.split(wider)?.1.len(),
        };
        let short = || self.malformed(format!("has {} octets, not {length}", wider.len()));
        wider.get(..length).ok_or_else(short)
    }

    /// As many entries as its width, and what follows them.
    fn split(self, octets: &[u8]) -> Result<(Vec<&[u8]>, &[u8]), TileError> {
        let mut entries = Vec::with_capacity(usize::from(self.width));
        let mut rest = octets;
        for at in 0..self.width {
            let entry = rest.split_first_chunk().and_then(|(length, rest)| {
                rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
            });
            let Some((entry, after)) = entry else {
                let what = format!("ends within entry {at} of {}", self.width);
                return Err(self.malformed(what));
            };
            entries.push(entry);
            rest = after;
        }
        Ok((entries, rest))
    }

    fn malformed(self, what: String) -> TileError {
        TileError::Malformed { tile: self, what }
    }
}

/// Appends an entry to a bundle; false, and nothing is appended, when it is over [`ENTRY_LIMIT`].
#[must_use]
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(length) = u16::try_from(entry.len()) else {
        return false;
    };
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    true
}

impl fmt::Display for Tile {
    /// The path under the log's prefix.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => out.write_str("tile/entries")?,
            Level::Hashes(level) => write!(out, "tile/{level}")?,
        }
        let mut power: u64 = 1;
        while self.index / power >= 1000 {
            power *= 1000;
        }
        while power > 1 {
            write!(out, "/x{:03}", self.index / power % 1000)?;
            power /= 1000;
        }
        write!(out, "/{:03}", self.index % 1000)?;
        if !self.is_full() {
            write!(out, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(tiles: impl Iterator<Item = Tile>) -> Vec<String> {
        tiles.map(|tile| tile.to_string()).collect()
    }

    #[test]
    fn paths_are_those_of_the_standard() {
        let tile = Tile::parse("tile/0/x001/x234/067").unwrap();
        assert_eq!(
            (tile.level(), tile.index(), tile.width()),
            (Level::Hashes(0), 1_234_067, 256)
        );
        for path in [
            "tile/0/000",
            "tile/7/000.p/1",
            "tile/entries/x001/000.p/255",
            "tile/3/999",
        ] {
            assert_eq!(Tile::parse(path).unwrap().to_string(), path);
        }
        for path in [
            "",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/001/001",
            "tile/0/x001/x001",
            "tile/00/000",
            "tile/8/000",
            "tile/+1/000",
            "tile/0/+01",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p",
            "tile/0/000.p/1.p/1",
            "tile/-1/000",
            "tile/8/0/000",
            "tile/data/000",
            "tile/0/-01",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/7/x001/000",
            "tile/0/x01/000",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_log_of_70_000_entries_has_the_tiles_that_the_standard_counts() {
        let all: Vec<_> = Tile::all(70_000).collect();
        let at = |level| all.iter().filter(move |tile| tile.level() == level);
        assert_eq!(at(Level::Hashes(0)).count(), 274);
        assert_eq!(at(Level::Entries).count(), 274);
        let partial = all.iter().filter(|tile| !tile.is_full()).copied();
        assert_eq!(
            paths(partial),
            [
                "tile/entries/273.p/112",
                "tile/0/273.p/112",
                "tile/1/001.p/17",
                "tile/2/000.p/1",
            ]
        );
        assert_eq!(
            paths(Tile::all(256)),
            ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
        );
        assert_eq!(paths(Tile::all(0)), [""; 0]);
    }

    #[test]
    fn a_log_that_grows_has_new_tiles_where_it_grew() {
        assert_eq!(paths(Tile::grown(5, 5)), [""; 0]);
        assert_eq!(
            paths(Tile::grown(255, 257)),
            [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1",
            ]
        );
        assert_eq!(
            paths(Tile::grown(65_537, 65_538)),
            ["tile/entries/256.p/2", "tile/0/256.p/2",]
        );
        assert_eq!(
            paths(Tile::grown(512, 513)),
            ["tile/entries/002.p/1", "tile/0/002.p/1"]
        );
    }

    #[test]
    fn a_bundle_gives_back_its_entries_and_nothing_else() {
        let tile = Tile::at(Level::Entries, 0, 3).unwrap();
        let longest = vec![7; ENTRY_LIMIT];
        let entries = [&b""[..], b"one", &longest];
        let mut bundle = Vec::new();
        assert!(entries.iter().all(|entry| push_entry(&mut bundle, entry)));
        assert!(!push_entry(&mut bundle, &vec![0; ENTRY_LIMIT + 1]));
        assert_eq!(tile.entries(&bundle).unwrap(), entries);
        let two = Tile::at(Level::Entries, 0, 2).unwrap();
        assert!(two.entries(&bundle).is_err(), "an entry too many");
        assert_eq!(two.prefix(&bundle).unwrap(), b"\0\0\0\x03one");
        for end in 0..bundle.len() {
            assert!(tile.entries(&bundle[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_tile_of_hashes_has_just_its_length() {
        let tile = Tile::at(Level::Hashes(0), 0, 2).unwrap();
        assert_eq!(tile.hashes(&[1; 64]).unwrap(), [[1; 32]; 2]);
        for length in [0, 32, 63, 65, 96] {
            assert!(tile.hashes(&vec![0; length]).is_err());
        }
        assert_eq!(tile.prefix(&[1; 8192]).unwrap(), [1; 64]);
        assert!(tile.prefix(&[1; 63]).is_err());
    }
}
