//! The public log of a node: its key, and how the log is opened beside the journal. What checks a log
//! is the journal's, and handed on here.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::Journal;
use journal::cluster::Cluster;
use journal::log::medium::{Disk, Folder, Memory};
use journal::log::note::{CosigningKey, KeyError, SigningKey};
use journal::log::store::{Log, LogError};
use sha2::{Digest as _, Sha256};

pub use journal::log::{
    checkpoint, directory, frontier, fsck, hash, note, policy, proof, receipt, store, tile, witness,
};

use crate::batch::fill;
use crate::entry::LogRestart;

/// The log's folder in a data directory.
const FOLDER: &str = "log";
/// The file of its key, in that folder.
const KEY: &str = "key";

/// Why the log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenLogError {
    /// The key's file could not be read or made.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The key's file holds no key.
    #[error("{0}: {1}; put the key of this log back from a backup")]
    Key(PathBuf, KeyError),
    /// The log itself says no.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Opens the log of a data directory, and makes its key when there is none yet.
pub(crate) fn open(
    data: &Path,
    journal: Arc<dyn Journal>,
    origin: Option<&str>,
    guards: Option<&Path>,
    cluster: Option<Arc<dyn Cluster>>,
) -> Result<Log, OpenLogError> {
    let folder = data.join(FOLDER);
    let key = if let Some(key) = read(&folder.join(KEY))? {
        key
    } else {
        let key = make(&folder.join(KEY), origin)?;
        let (entries, name) = (journal.next().0, key.name());
        if entries > 0 {
            tracing::warn!(
                "a new public log begins under a new key, {name}, over the {entries} entries of \
                     the journal. If this directory had a log before, stop this node and put \
                     log/key back from the backup"
            );
        }
        key
    };
    let guard = guard(guards, &key);
    let folder: Arc<dyn Folder> = Arc::new(Disk(folder));
    Ok(Log::open_among(journal, &folder, key, guard, cluster)?)
}

/// The guard of a key: named after it, so that copies of a data directory share it.
fn guard(guards: Option<&Path>, key: &SigningKey) -> Option<PathBuf> {
    let name = Sha256::digest(key.verifier().to_string());
    let (name, _) = name.split_first_chunk().unwrap_or((&[0; 16], &[]));
    let name = uuid::Uuid::from_bytes(*name).simple();
    guards.map(|guards| guards.join(format!("{name}.log")))
}

/// Closes the log of a data directory: what it signed stays in a folder beside it, and the next node
/// that is opened there begins a new one. Gives what is to be recorded there.
///
/// # Errors
/// [`OpenLogError`], when there is no log, it is signed by a node that runs, or its files cannot be
/// read or moved.
pub(crate) fn close(
    data: &Path,
    guards: Option<&Path>,
    reason: &str,
) -> Result<LogRestart, OpenLogError> {
    let folder = data.join(FOLDER);
    let path = folder.join(KEY);
    let missing = || OpenLogError::File(path.clone(), io::ErrorKind::NotFound.into());
    let key = read(&path)?.ok_or_else(missing)?;
    let files: Arc<dyn Folder> = Arc::new(Disk(folder.clone()));
    let signed = store::last_signed(&files, &key, guard(guards, &key))?;
    let moved = data.join(format!("{FOLDER}-closed-{}", key.verifier().id()));
    fs::rename(&folder, &moved).map_err(|error| OpenLogError::File(folder, error))?;
    Ok(LogRestart {
        closed: key.verifier().to_string(),
        signed: signed.map_or(0, |checkpoint| checkpoint.size()),
        reason: reason.to_owned(),
    })
}

/// The key that a witness cosigns with, in `folder`; makes one of this name when there is none.
///
/// # Errors
/// [`OpenLogError`] when it can be neither read nor made.
pub fn cosigning_key(folder: &Path, name: &str) -> Result<CosigningKey, OpenLogError> {
    let path = folder.join(KEY);
    let wrong = |error| OpenLogError::Key(path.clone(), error);
    match fs::read_to_string(&path) {
        Ok(text) => CosigningKey::parse(text.trim_end()).map_err(wrong),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = CosigningKey::generate(random(), name).map_err(wrong)?;
            let file = |error| OpenLogError::File(path.clone(), error);
            write(&path, &key.secret_text()).map_err(file)?;
            Ok(key)
        }
        Err(error) => Err(OpenLogError::File(path, error)),
    }
}

/// A log in memory, under a key that nobody keeps.
pub(crate) fn in_memory(journal: Arc<dyn Journal>) -> Result<Log, OpenLogError> {
    let (origin, seed) = (new_origin(), random());
    let wrong = |error| OpenLogError::Key(PathBuf::from("memory"), error);
    let key = SigningKey::generate(seed, &origin).map_err(wrong)?;
    let folder: Arc<dyn Folder> = Arc::new(Memory);
    Ok(Log::open(journal, &folder, key, None)?)
}

fn read(path: &Path) -> Result<Option<SigningKey>, OpenLogError> {
    match fs::read_to_string(path) {
        Ok(text) => SigningKey::parse(text.trim_end())
            .map(Some)
            .map_err(|error| OpenLogError::Key(path.to_owned(), error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenLogError::File(path.to_owned(), error)),
    }
}

fn make(path: &Path, origin: Option<&str>) -> Result<SigningKey, OpenLogError> {
    let wrong = |error| OpenLogError::Key(path.to_owned(), error);
    let origin = origin.map_or_else(new_origin, str::to_owned);
    let key = SigningKey::generate(random(), &origin).map_err(wrong)?;
    let file = |error| OpenLogError::File(path.to_owned(), error);
    write(path, &key.secret_text()).map_err(file)?;
    Ok(key)
}

/// Whole or absent after a crash, for its owner alone. The journal's lock keeps others out.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let unfinished = path.with_extension("tmp");
    drop(fs::remove_file(&unfinished));
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    fs::File::open(folder)?.sync_all()
}

/// An origin for a log whose operator names none: unique, and no one's domain.
fn new_origin() -> String {
    let [a, b, c, d, ..] = random();
    format!("entente.invalid/{a:02x}{b:02x}{c:02x}{d:02x}")
}

fn random() -> [u8; 32] {
    let mut seed = [0; 32];
    fill(&mut seed);
    seed
}
