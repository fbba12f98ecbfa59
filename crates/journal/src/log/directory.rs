//! Tiles in a directory, as `entente log export` writes them and web servers carry them.

use std::fs::File;
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
