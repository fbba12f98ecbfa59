//! A secret of a node in its data directory: 256 random bits, for its owner alone, never in the
//! journal.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// A key of a node, on disk.
#[derive(Clone, Debug)]
pub(crate) struct KeyFile(PathBuf);

impl KeyFile {
    /// The key of this name in a data directory.
    pub(crate) fn of(data: &Path, name: &str) -> Self {
        KeyFile(data.join(name))
    }

    /// The key.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub(crate) fn read(&self) -> io::Result<[u8; 32]> {
        let mut key = [0; 32];
        let mut file = fs::File::open(&self.0)?;
        file.read_exact(&mut key)?;
        Ok(key)
    }

    /// The key; makes it if there is none.
    ///
    /// # Errors
    /// When it can be neither read nor made.
    pub(crate) fn read_or_make(&self) -> io::Result<[u8; 32]> {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make(),
            read => read,
        }
    }

    fn make(&self) -> io::Result<[u8; 32]> {
        let text = node::act::manage::random_text();
        let key: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let folder = self.0.parent().unwrap_or(Path::new("."));
        // Its owner alone may read it, from the start.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&key)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(&self.0) {
            Ok(_) => fs::File::open(folder)?.sync_all().map(|()| key),
            // Two that make it at once: the second takes what the first made.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => self.read(),
            Err(error) => Err(error.error),
        }
    }
}

/// HMAC-SHA256 with a key of at most 64 octets.
pub(crate) fn authenticated(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key that is shorter than a block is padded with zeros (RFC 2104 §2).
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut code = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        code.update(part);
    }
    code.finalize().into_bytes().into()
}
