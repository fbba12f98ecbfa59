//! The note that a running node leaves in its data directory, so that commands on the same
//! directory find it and act through it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// What the note says. Only its owner may read it: the secret acts as the operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Where the node is.
    pub(crate) url: String,
    /// The operator's token for as long as this process runs.
    pub(crate) token: String,
    /// The process.
    pub(crate) pid: u32,
}

/// The note's name in a data directory.
const NAME: &str = "run.json";

/// The note while its node runs; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct RunFile(PathBuf);

impl RunFile {
    /// Leaves the note.
    ///
    /// # Errors
    /// When the data directory cannot be written.
    pub(crate) fn write(data: &Path, url: &str, token: &str) -> anyhow::Result<Self> {
        let path = data.join(NAME);
        // A note left by a process that was killed may belong to somebody else's umask.
        drop(fs::remove_file(&path));
        let running = Running {
            url: url.to_owned(),
            token: token.to_owned(),
            pid: std::process::id(),
        };
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        file.write_all(&serde_json::to_vec(&running)?)?;
        Ok(RunFile(path))
    }
}

impl Drop for RunFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// The node that runs on a data directory, if one left its note.
pub(crate) fn running(data: &Path) -> Option<Running> {
    serde_json::from_slice(&fs::read(data.join(NAME)).ok()?).ok()
}
