//! Checkpoints: origin, size and root of a log, as the text of a signed note (C2SP
//! tlog-checkpoint).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::hash::{EMPTY_ROOT, Hash};
use super::note::{Note, NoteError, SigningKey, VerifierKey};
use super::{LARGEST_SIZE, decimal, hash_of_base64};

/// What a log says of itself at one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    /// Lines that are signed and mean nothing here, each with its newline.
    extension: String,
}

/// What is wrong with a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The text is none of a checkpoint.
    #[error("line {line} of the checkpoint {what}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it, as a verb phrase.
        what: &'static str,
    },
    /// It is of another log than the key.
    #[error("the checkpoint is of '{origin}', and the key of '{name}'")]
    Origin {
        /// The checkpoint's origin.
        origin: String,
        /// The key's name.
        name: String,
    },
    /// The note around it is malformed, forged, or signed by nobody known.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] when the origin is empty or has control characters, the size
    /// is over [`LARGEST_SIZE`], or the root is not that of an empty log, which it is.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.contains(char::is_control) {
            let what = "is no origin: it is empty, or has control characters";
            return Err(CheckpointError::Malformed { line: 1, what });
        }
        if size > LARGEST_SIZE {
            let what = "is no size: it is too large";
            return Err(CheckpointError::Malformed { line: 2, what });
        }
        if size == 0 && root != EMPTY_ROOT {
            let what = "is not the root of an empty log";
            return Err(CheckpointError::Malformed { line: 3, what });
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extension: String::new(),
        })
    }

    /// Reads a note's text.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let malformed = |line, what| CheckpointError::Malformed { line, what };
        let mut lines = text.split_inclusive('\n');
        let mut next = |line| {
            let found = lines.next().and_then(|text| text.strip_suffix('\n'));
            found.ok_or(malformed(line, "is missing"))
        };
        let (origin, size, root) = (next(1)?, next(2)?, next(3)?);
        let size = decimal(size).ok_or(malformed(2, "is no size: use decimal digits"))?;
        let root = hash_of_base64(root).ok_or(malformed(3, "is no hash in base64"))?;
        let mut checkpoint = Self::new(origin, size, root)?;
        for (at, line) in lines.enumerate() {
            if line == "\n" {
                return Err(malformed(at + 4, "is empty"));
            }
            if !line.ends_with('\n') {
                return Err(malformed(at + 4, "ends in no newline"));
            }
            checkpoint.extension.push_str(line);
        }
        Ok(checkpoint)
    }

    /// The checkpoint of a note that one of a log's keys signed. Other signatures are ignored.
    ///
    /// # Errors
    /// Any [`CheckpointError`]; [`CheckpointError::Origin`] when the key that signed has another
    /// name than the checkpoint's origin.
    pub fn open(note: &Note, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(note.text())?;
        let verified = note.verify(keys)?;
        if let Some(other) = verified
            .iter()
            .find(|found| found.key.name() != checkpoint.origin)
        {
            return Err(CheckpointError::Origin {
                origin: checkpoint.origin,
                name: other.key.name().to_owned(),
            });
        }
        Ok(checkpoint)
    }

    /// The signed note of it. A log signs no two that are inconsistent: see to it before.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] when the key has another name than the origin;
    /// [`CheckpointError::Note`] when the origin is too long for a note.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, CheckpointError> {
        if key.name() != self.origin {
            return Err(CheckpointError::Origin {
                origin: self.origin.clone(),
                name: key.name().to_owned(),
            });
        }
        Ok(key.sign_note(&self.to_string())?)
    }

    /// Which log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree of all entries.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The lines after the root, with their newlines: opaque, mostly none.
    pub fn extension(&self) -> &str {
        &self.extension
    }
}

impl fmt::Display for Checkpoint {
    /// The text that is signed, as [`Checkpoint::parse`] reads it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = STANDARD.encode(self.root);
        write!(
            out,
            "{}\n{}\n{root}\n{}",
            self.origin, self.size, self.extension
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn what_is_printed_is_what_was_read() {
        for text in [TEXT.to_owned(), format!("{TEXT}an extension\nanother\n")] {
            assert_eq!(Checkpoint::parse(&text).unwrap().to_string(), text);
        }
        let read = Checkpoint::parse(TEXT).unwrap();
        assert_eq!(
            (read.origin(), read.size()),
            ("example.com/behind-the-sofa", 20_852_163)
        );
    }

    #[test]
    fn an_error_names_the_line() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        let cases = [
            (String::new(), 1),
            (format!("\n1\n{root}\n"), 1),
            (format!("o\n01\n{root}\n"), 2),
            (format!("o\n+1\n{root}\n"), 2),
            (format!("o\n\n{root}\n"), 2),
            (format!("o\n9223372036854775808\n{root}\n"), 2),
            (format!("o\n0\n{root}\n"), 3),
            (format!("o\n1\n{root}"), 3),
            (
                "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n".to_owned(),
                3,
            ),
            (format!("o\n1\n{root}\n\n"), 4),
            (format!("o\n1\n{root}\nx\ny"), 5),
        ];
        for (text, expected) in cases {
            let Err(CheckpointError::Malformed { line, .. }) = Checkpoint::parse(&text) else {
                panic!("{text:?} was taken");
            };
            assert_eq!(line, expected, "{text:?}");
        }
    }

    #[test]
    fn only_the_logs_own_key_signs_and_opens() {
        let key = SigningKey::generate([1; 32], "example.com/behind-the-sofa").unwrap();
        let other = SigningKey::generate([2; 32], "example.com/other").unwrap();
        let checkpoint = Checkpoint::parse(TEXT).unwrap();
        let note = checkpoint.sign(&key).unwrap();
        assert_eq!(
            Checkpoint::open(&note, &[key.verifier().clone()]).unwrap(),
            checkpoint
        );
        assert!(matches!(
            checkpoint.sign(&other),
            Err(CheckpointError::Origin { .. })
        ));
        let foreign = other.sign_note(TEXT).unwrap();
        let keys = [other.verifier().clone()];
        assert!(matches!(
            Checkpoint::open(&foreign, &keys),
            Err(CheckpointError::Origin { .. })
        ));
        assert!(matches!(
            Checkpoint::open(&note, &keys),
            Err(CheckpointError::Note(NoteError::NoKnownKey { .. }))
        ));
    }
}
