//! What the log keeps its files on: a folder, or memory.
//!
//! Behind a trait so that tests can let each step fail.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// A file of the log. All calls may come from several threads.
pub trait Medium: Send + Sync {
    /// Its length in bytes.
    fn length(&self) -> io::Result<u64>;
    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file ends before that.
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes `bytes` at `offset`; what is not synced may be lost when the machine stops.
    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&self) -> io::Result<()>;
}

/// Where files of the log are opened, by name.
pub trait Folder: Send + Sync {
    /// Opens a file for reading and writing; makes an empty one if there is none.
    fn open(&self, name: &str) -> io::Result<Arc<dyn Medium>>;
}

/// A directory.
#[derive(Clone, Debug)]
pub struct Disk(pub PathBuf);

impl Folder for Disk {
    fn open(&self, name: &str) -> io::Result<Arc<dyn Medium>> {
        std::fs::create_dir_all(&self.0)?;
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.0.join(name))?;
        Ok(Arc::new(file))
    }
}

impl Medium for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }

    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Files in memory, for nodes that keep nothing: gone with the last of them.
#[derive(Clone, Debug, Default)]
pub struct Memory;

impl Folder for Memory {
    fn open(&self, _name: &str) -> io::Result<Arc<dyn Medium>> {
        Ok(Arc::new(Mutex::new(Vec::new())))
    }
}

impl Medium for Mutex<Vec<u8>> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.lock().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = self.lock().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let found = bytes
            .get(from..)
            .and_then(|rest| rest.get(..buffer.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }

    fn write(&self, written: &[u8], offset: u64) -> io::Result<()> {
        let mut bytes = self.lock().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let end = from + written.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        if let Some(place) = bytes.get_mut(from..end) {
            place.copy_from_slice(written);
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
