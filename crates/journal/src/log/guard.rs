//! The record of what was signed, outside the data directory.
//!
//! A data directory that is restored from an older copy brings its own, older, record with it. This
//! one stays, so that a node notices that it was here before. It is locked while a node signs, so
//! that two copies of one data directory on one machine notice each other.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;

use super::error::LogError;
use super::slots::Slots;

pub(super) struct Guard {
    path: PathBuf,
    slots: Slots,
    /// Held while this node signs.
    lock: Arc<File>,
}

impl Guard {
    /// Takes the guard, and gives the checkpoint that was signed last.
    pub(super) fn open(path: PathBuf) -> Result<(Self, Option<Vec<u8>>), LogError> {
        let io = |source| LogError::Guard {
            path: path.clone(),
            source,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = Arc::new(options.open(&path).map_err(io)?);
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Guarded(path)),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let lock = Arc::clone(&file);
        let (slots, last) = Slots::open(file).map_err(io)?;
        Ok((Guard { path, slots, lock }, last))
    }

    /// How an error names it.
    pub(super) fn name(&self) -> String {
        format!("the guard {}", self.path.display())
    }

    fn failed(&self, source: std::io::Error) -> LogError {
        LogError::Guard {
            path: self.path.clone(),
            source,
        }
    }

    pub(super) fn write(&mut self, note: &[u8]) -> Result<(), LogError> {
        let written = self.slots.write(note);
        written.map_err(|source| self.failed(source))
    }

    pub(super) fn sync(&self) -> Result<(), LogError> {
        self.slots.sync().map_err(|source| self.failed(source))
    }
}

impl Drop for Guard {
    /// Closing alone would not do while a child process, between its fork and its exec, has a copy.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}
