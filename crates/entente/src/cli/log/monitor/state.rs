//! What was seen, kept in a file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use node::log::checkpoint::Checkpoint;
use node::log::note::Note;
use serde::{Deserialize, Serialize};

/// All logs that were ever looked at with this file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By origin.
    #[serde(default)]
    pub(super) logs: BTreeMap<String, Seen>,
    /// The largest size that each place showed.
    #[serde(default)]
    pub(super) places: BTreeMap<String, u64>,
}

/// The largest checkpoint of a log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The signed note.
    pub(super) checkpoint: String,
    /// When it had last grown, in seconds since 1970, by this machine's clock.
    pub(super) grew: u64,
    /// The key that was met first, when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
}

impl State {
    /// Reads the file; one that is not there yet is empty.
    ///
    /// # Errors
    /// When it cannot be read, or is none: starting anew would forget what was seen.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).context(path.display().to_string()),
        };
        let state: State = serde_json::from_slice(&text)
            .with_context(|| format!("{}: holds no state of a monitor", path.display()))?;
        for (origin, seen) in &state.logs {
            let parsed = seen.parse();
            let (checkpoint, _) = parsed.with_context(|| path.display().to_string())?;
            anyhow::ensure!(
                checkpoint.origin() == origin,
                "{}: is damaged",
                path.display()
            );
        }
        Ok(state)
    }

    /// Writes the file, whole or not at all.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let mut file = File::create(&name)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&name, path)
    }
}

impl Seen {
    pub(super) fn parse(&self) -> anyhow::Result<(Checkpoint, Note)> {
        let note = Note::parse(self.checkpoint.as_bytes())?;
        Ok((Checkpoint::parse(note.text())?, note))
    }
}
