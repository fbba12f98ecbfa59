//! How far appends were acknowledged, beside the segments.
//!
//! Written after each durable append and never synced, so what it says was durable then. A tail
//! that ends before it was shortened or damaged, not cut short by a crash; without it a flipped bit
//! in the last frame could not be told from an append that was never finished.
//!
//! ```text
//! 56 bytes   magic 8 bytes, next position u64, chain hash 32 bytes, checksum u64
//! ```

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use xxhash_rust::xxh3::xxh3_64;

use super::{
    field::{array, u64_at},
    file,
    frame::{Hash, put},
    scan::End,
};
use crate::{Error, Position};

const MAGIC: [u8; 8] = *b"ENTHEAD1";
const LENGTH: usize = 56;

/// The open file.
#[derive(Debug)]
pub(super) struct Head {
    file: File,
}

impl Head {
    pub(super) fn path(directory: &Path) -> PathBuf {
        directory.join("HEAD")
    }

    pub(super) fn open(directory: &Path) -> Result<Self, Error> {
        Ok(Self {
            file: file::open_or_create(&Self::path(directory))?,
        })
    }

    /// Refuses an end that is before the acknowledged one, or another. Returns whether all up to
    /// the end was acknowledged, so is durable.
    pub(super) fn check(&self, directory: &Path, end: &End) -> Result<bool, Error> {
        let path = Self::path(directory);
        let Some((next, chain)) = self.read().map_err(file::failed("read it", &path))? else {
            return Ok(false);
        };
        if end.next < next {
            return Err(Error::Shortened {
                directory: directory.to_owned(),
                acknowledged: Position(next),
                found: Position(end.next),
            });
        }
        if end.next == next && end.chain != chain {
            let what = "the journal ends with other records than were acknowledged";
            return Err(Error::Corrupt {
                segment: path,
                offset: 0,
                what,
            });
        }
        Ok(end.next == next)
    }

    /// `None` when there is nothing whole to read: a new journal, or a write cut short.
    fn read(&self) -> std::io::Result<Option<(u64, Hash)>> {
        let mut bytes = [0; LENGTH];
        if !file::read_exact_at(&self.file, &mut bytes, 0)? {
            return Ok(None);
        }
        let (body, end) = bytes.split_at(LENGTH - 8);
        let whole = body.starts_with(&MAGIC) && array(end, 0) == Some(xxh3_64(body).to_le_bytes());
        Ok(u64_at(body, 8).zip(array(body, 16)).filter(|_| whole))
    }

    /// A failure is passed over: an older head is still true.
    pub(super) fn write(&self, next: u64, chain: &Hash) {
        let mut bytes = [0; LENGTH];
        put(&mut bytes, &[&MAGIC, &next.to_le_bytes(), chain]);
        let (body, end) = bytes.split_at_mut(LENGTH - 8);
        end.copy_from_slice(&xxh3_64(body).to_le_bytes());
        let _ = self.file.write_all_at(&bytes, 0);
    }
}
