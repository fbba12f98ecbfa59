//! Files with the private key of a party: one line, `PRIVATE+KEY+name+id+base64`, as Go's
//! `sumdb/note` writes it, for its owner's eyes alone.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::Context as _;
use node::identity::SigningKey;

use super::{Exit, Failure};

/// Octets of the largest file taken.
const LARGEST: u64 = 4096;

/// Reads a key. A file that others may read is refused: they may have it already.
///
/// # Errors
/// When it cannot be read, or holds no key.
pub(crate) fn read(path: &Path) -> anyhow::Result<SigningKey> {
    let name = path.display();
    let file = fs::File::open(path).with_context(|| format!("cannot open {name}"))?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        let words = format!("{name} is readable for others: 'chmod 600 {name}', or make a new key");
        return Err(Failure::new(Exit::Local, words).into());
    }
    let mut text = String::new();
    let read = file.take(LARGEST).read_to_string(&mut text);
    read.with_context(|| format!("cannot read {name}"))?;
    SigningKey::parse(text.trim_end()).map_err(|error| {
        Failure::new(
            Exit::Local,
            format!("{name}: {error}; make one with 'entente key new'"),
        )
        .into()
    })
}

/// Makes a new key in a file that is not there yet.
///
/// # Errors
/// When the name is none, or the file is there or cannot be written.
pub(crate) fn make(path: &Path, name: &str) -> anyhow::Result<SigningKey> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let key =
        SigningKey::generate(seed, name).map_err(|error| Failure::usage(error.to_string()))?;
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    writeln!(file, "{}", key.secret_text())?;
    file.sync_all()?;
    Ok(key)
}
