//! Tiles in a directory, as `entente log export` writes them and web servers carry them.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::note::SIZE_LIMIT;
use super::tile::{Tile, TileError, Tiles};

/// A directory with `checkpoint` and `tile/`.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// The directory at `path`; nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The octets of the checkpoint.
    ///
    /// # Errors
    /// When it is missing, cannot be read or is larger than a note may be.
    pub fn checkpoint(&self) -> io::Result<Vec<u8>> {
        bounded(&self.path.join("checkpoint"), SIZE_LIMIT)
    }

    /// The partial tiles of earlier checkpoints, which were smaller than `size`, that are still
    /// there.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn older(&self, size: u64) -> io::Result<Vec<Tile>> {
        let mut older = Vec::new();
        let mut folders = vec![self.path.join("tile")];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let path = entry.path();
                let path = path.strip_prefix(&self.path).ok().and_then(Path::to_str);
                let tile = path.and_then(Tile::parse).filter(|tile| !tile.is_full());
                older.extend(tile.filter(|tile| {
                    let has = Tile::at(tile.level(), tile.index(), size);
                    has.is_some_and(|has| has.width() > tile.width())
                }));
            }
        }
        older.sort_unstable();
        Ok(older)
    }

    fn octets(&self, tile: Tile) -> io::Result<Vec<u8>> {
        bounded(&self.path.join(tile.to_string()), tile.limit())
    }
}

impl Tiles for Directory {
    /// A partial tile that is gone is taken from the full one.
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        let absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let unreadable = |source: io::Error| TileError::Unreadable {
            tile,
            source: source.into(),
        };
        match self.octets(tile) {
            Ok(octets) => return Ok(octets),
            Err(error) if absent(&error) && !tile.is_full() => {}
            Err(error) if absent(&error) => return Err(TileError::Absent { tile }),
            Err(error) => return Err(unreadable(error)),
        }
        match self.octets(tile.full()) {
            Ok(octets) => Ok(tile.prefix(&octets)?.to_vec()),
            Err(error) if absent(&error) => Err(TileError::Absent { tile }),
            Err(error) => Err(unreadable(error)),
        }
    }
}

/// A file of at most `limit` octets.
fn bounded(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let limit = limit as u64;
    File::open(path)?.take(limit + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > limit {
        let words = format!("has more than {limit} octets");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
    }
    Ok(octets)
}
