//! Files, with errors that name the path and what was tried.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::Error;

/// Turns a system error into ours.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        action,
        path,
        source,
    }
}

/// Opens for reading and writing, creating the file if it is missing.
pub(super) fn open_or_create(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed("open it", path))
}

/// Opens for reading and writing; an error if the file is missing.
pub(super) fn open_existing(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(failed("open it", path))
}

/// Fills `buffer` from `offset`; `false` when the file ends before that.
pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<bool> {
    match file.read_exact_at(buffer, offset) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_directory(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(failed("make the directory durable", path))
}

/// Creates a file that is whole or absent after a crash. The caller syncs the directory.
pub(super) fn create_whole(path: &Path, bytes: &[u8]) -> Result<File, Error> {
    let unfinished = unfinished(path);
    let file = open_or_create(&unfinished)?;
    file.set_len(0)
        .and_then(|()| file.write_all_at(bytes, 0))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(failed("create it", path))?;
    Ok(file)
}

/// Where a file is made that is not whole yet; what a crash leaves there is removed at the next open.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("tmp")
}
