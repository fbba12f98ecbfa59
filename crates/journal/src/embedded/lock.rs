//! One process per data directory.

use std::{
    fs::{File, TryLockError},
    os::unix::fs::FileExt,
    path::Path,
    process,
};

use super::file;
use crate::Error;

/// The lock; the system lifts it when the file is closed, also by a crash.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    pub(super) fn take(directory: &Path) -> Result<Self, Error> {
        let path = directory.join("LOCK");
        let file = file::open_or_create(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = std::fs::read_to_string(&path).unwrap_or_default();
                return Err(Error::Locked {
                    path,
                    pid: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(file::failed("lock it", &path)(error)),
        }
        let pid = format!("{}\n", process::id());
        file.set_len(0)
            .and_then(|()| file.write_all_at(pid.as_bytes(), 0))
            .map_err(file::failed("write the process id into it", &path))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    /// Closing alone would not do while a child process, between its fork and its exec, has a copy.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
