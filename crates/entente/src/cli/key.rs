//! Where a circle's key comes from: a file, or the environment; never the command line, which
//! others on the machine can read.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use matching::text::{Key, SHORTEST_KEY};

use crate::cli::{Exit, Failure};

/// The key itself, when no file is named.
const VARIABLE: &str = "ENTENTE_TEXT_KEY";
/// Octets of the largest key file.
const LARGEST: u64 = 64 << 10;

/// The flag for a key.
#[derive(Debug, Args)]
pub(crate) struct KeyFile {
    /// File with the circle's key, of 16 octets or more (or the key in `ENTENTE_TEXT_KEY`)
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl KeyFile {
    /// The key, where there is one.
    ///
    /// # Errors
    /// When its file cannot be read, or it is too short.
    pub(crate) fn read(&self) -> anyhow::Result<Option<Key>> {
        let (bytes, name) = match &self.key_file {
            Some(path) => {
                let name = path.display().to_string();
                let mut bytes = Vec::new();
                let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
                let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
                read.with_context(|| format!("cannot read {name}"))?;
                if bytes.len() as u64 > LARGEST {
                    let words = format!("{name} is larger than 64 KiB: is it a key?");
                    return Err(Failure::new(Exit::Local, words).into());
                }
                (bytes, name)
            }
            None => match std::env::var_os(VARIABLE) {
                Some(value) => (value.into_encoded_bytes(), VARIABLE.to_owned()),
                None => return Ok(None),
            },
        };
        // Editors end a file with a line's end; a key with one inside stays as it is.
        let bare = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        let key = Key::new(bare).map_err(|short| {
            let words = format!("{name}: {short}; make one with 'openssl rand -hex 32'");
            Failure::new(Exit::Local, words)
        })?;
        Ok(Some(key))
    }

    /// The key that a command cannot do without.
    ///
    /// # Errors
    /// As [`Self::read`], and when none is named.
    pub(crate) fn require(&self) -> anyhow::Result<Key> {
        self.read()?.ok_or_else(|| {
            let words = format!(
                "a key is needed: name its file with --key-file, or put it into {VARIABLE} \
                 (at least {SHORTEST_KEY} octets)"
            );
            Failure::usage(words).into()
        })
    }
}
