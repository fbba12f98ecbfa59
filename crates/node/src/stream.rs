//! Moving the journal of a data directory to a stream, and back.

use std::path::{Path, PathBuf};

use journal::Journal as _;
use journal::embedded::Embedded;
#[cfg(feature = "jetstream")]
use journal::jetstream::{self, JetStream};

use crate::node::{JOURNAL, OpenError, STREAM};

/// Puts the journal of a data directory on a stream that is empty, or has the first part of it from an
/// earlier try. The directory is a node's on that stream from then on. `progress` is told the position now
/// and then; gives how many entries there are.
///
/// # Errors
/// [`OpenError`]: missing, in use; [`OpenError::Journal`] when the stream cannot be used.
#[cfg(feature = "jetstream")]
pub fn join(
    directory: &Path,
    stream: &jetstream::Options,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, OpenError> {
    let path = journal_of(directory)?;
    Ok(JetStream::fill(&path, stream, &mut |position| progress(position.0))?.0)
}

/// Takes a data directory off its stream, once it has all of it and no node leads: its journal goes on here
/// alone, and no node follows the stream after that. Gives how many entries there are.
///
/// # Errors
/// [`OpenError`]: missing, in use; [`OpenError::Journal`] when the stream cannot be asked, or a node leads.
#[cfg(feature = "jetstream")]
pub fn leave(directory: &Path, stream: &jetstream::Options) -> Result<u64, OpenError> {
    let path = journal_of(directory)?;
    JetStream::leave(&path, stream)?;
    abandon(directory)
}

/// Takes a data directory off a stream that is lost: what it has of it is its own journal from then on.
///
/// # Errors
/// [`OpenError`]: missing, in use, or not writable.
pub fn abandon(directory: &Path) -> Result<u64, OpenError> {
    let path = journal_of(directory)?;
    // Its lock keeps a running node out.
    let journal = Embedded::open(&path, &journal::embedded::Options::default())?;
    for name in [STREAM, "stream.idx"] {
        match std::fs::remove_file(path.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(OpenError::Io(path.join(name), error));
            }
            _ => {}
        }
    }
    Ok(journal.next().0)
}

/// The journal's folder.
fn journal_of(directory: &Path) -> Result<PathBuf, OpenError> {
    let path = directory.join(JOURNAL);
    if path.is_dir() {
        Ok(path)
    } else {
        Err(OpenError::Missing(directory.to_owned()))
    }
}
