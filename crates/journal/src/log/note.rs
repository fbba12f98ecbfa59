//! Signed notes: a text, an empty line, and one line for each signature (C2SP signed-note).
//!
//! A text means nothing until [`Note::verify`] has found a signature of a key that was trusted
//! before.

mod key;

use std::{fmt, str};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use key::{CosigningKey, KeyError, KeyId, Kind, SigningKey, VerifierKey};

/// The largest note taken, in octets; the same as Go's `sumdb/note`.
pub const SIZE_LIMIT: usize = 1_000_000;
/// The most signatures of one note; the same as Go's `sumdb/note`.
pub const SIGNATURES_LIMIT: usize = 100;

/// A text with its signatures, none of which is checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A line of signature: whose it is said to be, and its octets after the key id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: KeyId,
    octets: Vec<u8>,
}

/// A signature that was checked.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Verified<'k> {
    /// Whose it is.
    pub key: &'k VerifierKey,
    /// When it was made, in seconds since 1970, as its maker says; cosignatures alone have it.
    pub time: Option<u64>,
}

/// What is wrong with a note.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// Over [`SIZE_LIMIT`].
    #[error("the note has {octets} octets; the limit is {SIZE_LIMIT}")]
    TooLarge {
        /// Its length.
        octets: usize,
    },
    /// Not UTF-8.
    #[error("line {line} of the note is not valid UTF-8")]
    NotUtf8 {
        /// Counted from 1.
        line: usize,
    },
    /// A control character other than the newline.
    #[error("line {line} of the note has a control character")]
    Control {
        /// Counted from 1.
        line: usize,
    },
    /// The text is empty or does not end in a newline.
    #[error("the text of a note ends in a newline")]
    Unended,
    /// No empty line with signatures after it.
    #[error("line {line}: the note ends without an empty line and signatures after it")]
    Unsigned {
        /// The last line.
        line: usize,
    },
    /// Not of the form `— name base64`.
    #[error("line {line} is no signature: {what}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Over [`SIGNATURES_LIMIT`].
    #[error("line {line}: a note has at most {SIGNATURES_LIMIT} signatures")]
    TooManySignatures {
        /// The line of the first that is too many.
        line: usize,
    },
    /// A signature by a known key that does not hold: the text, or the signature, was changed.
    #[error("line {line}: the signature of {name}+{id} does not hold for this text")]
    Forged {
        /// Counted from 1.
        line: usize,
        /// The key's name.
        name: String,
        /// The key's id.
        id: KeyId,
    },
    /// No signature by a known key.
    #[error("the note has no signature by a known key; it is signed by {signers}")]
    NoKnownKey {
        /// Names and ids of those that signed, at most five.
        signers: String,
    },
}

impl Note {
    /// Reads a whole note; signatures are not checked.
    ///
    /// # Errors
    /// Any [`NoteError`] but those of [`Note::verify`].
    pub fn parse(octets: &[u8]) -> Result<Self, NoteError> {
        if octets.len() > SIZE_LIMIT {
            let octets = octets.len();
            return Err(NoteError::TooLarge { octets });
        }
        let whole = str::from_utf8(octets).map_err(|error| NoteError::NotUtf8 {
            line: line_at(octets, error.valid_up_to()),
        })?;
        check_control(whole)?;
        let unsigned = || NoteError::Unsigned {
            line: line_at(octets, octets.len().saturating_sub(1)),
        };
        // The last empty line ends the text, which may have others.
        let (text, lines) = whole.rsplit_once("\n\n").ok_or_else(unsigned)?;
        if lines.is_empty() {
            return Err(unsigned());
        }
        let text = format!("{text}\n");
        let first = text.matches('\n').count() + 2;
        let mut signatures = Vec::new();
        for (line, text) in (first..).zip(lines.split_inclusive('\n')) {
            if signatures.len() == SIGNATURES_LIMIT {
                return Err(NoteError::TooManySignatures { line });
            }
            let parsed = Signature::parse(text);
            signatures.push(parsed.map_err(|what| NoteError::Malformed { line, what })?);
        }
        Ok(Self { text, signatures })
    }

    /// A note with one signature.
    ///
    /// # Errors
    /// When the text does not end in a newline, has control characters, or is too long.
    pub fn new(text: impl Into<String>, signature: Signature) -> Result<Self, NoteError> {
        let text = text.into();
        if !text.ends_with('\n') {
            return Err(NoteError::Unended);
        }
        check_control(&text)?;
        let mut note = Self {
            text,
            signatures: Vec::new(),
        };
        note.add(signature)?;
        Ok(note)
    }

    /// Adds a signature at the end, unchecked; one that is there already is not added again.
    ///
    /// # Errors
    /// When the note becomes too large. It is unchanged then.
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() >= SIGNATURES_LIMIT {
            let line = self.line_of(self.signatures.len());
            return Err(NoteError::TooManySignatures { line });
        }
        self.signatures.push(signature);
        let octets = self.to_string().len();
        if octets > SIZE_LIMIT {
            self.signatures.pop();
            return Err(NoteError::TooLarge { octets });
        }
        Ok(())
    }

    /// What is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in the note's order.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The signatures by these keys, in the note's order, each checked; there is at least one.
    /// Signatures by other keys are ignored.
    ///
    /// # Errors
    /// [`NoteError::Forged`] when a signature by one of these keys does not hold: the whole note
    /// is refused then. [`NoteError::NoKnownKey`] when there is none.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut found = Vec::new();
        for (at, signature) in self.signatures.iter().enumerate() {
            let mut known = keys.iter().filter(|key| key.is_named_by(signature));
            let Some(first) = known.next() else {
                continue;
            };
            // Two keys of one name and id: the id is only 32 bits.
            let verified = first
                .verify(&self.text, signature)
                .or_else(|| known.find_map(|key| key.verify(&self.text, signature)));
            found.push(verified.ok_or_else(|| NoteError::Forged {
                line: self.line_of(at),
                name: signature.name.clone(),
                id: signature.id,
            })?);
        }
        if found.is_empty() {
            let signers: Vec<String> = self
                .signatures
                .iter()
                .take(5)
                .map(|signature| format!("{}+{}", signature.name, signature.id))
                .collect();
            let signers = signers.join(", ");
            return Err(NoteError::NoKnownKey { signers });
        }
        Ok(found)
    }

    /// The line of a signature, counted from 1.
    fn line_of(&self, signature: usize) -> usize {
        self.text.matches('\n').count() + 2 + signature
    }
}

impl fmt::Display for Note {
    /// The note as it is stored and sent.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| write!(out, "{signature}"))
    }
}

impl Signature {
    /// Reads one line, with its newline.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(line: &str) -> Result<Self, &'static str> {
        let line = line.strip_suffix('\n').ok_or("it ends in no newline")?;
        let line = line
            .strip_prefix("— ")
            .ok_or("it does not start with a dash (U+2014) and a space")?;
        let (name, encoded) = line
            .split_once(' ')
            .ok_or("it is not a name, a space and base64")?;
        if !key::is_name(name) {
            return Err("the name is empty, or has spaces or a plus sign");
        }
        let octets = STANDARD
            .decode(encoded)
            .map_err(|_| "the signature is no base64")?;
        match octets.split_first_chunk() {
            Some((id, rest)) if !rest.is_empty() => Ok(Self {
                name: name.to_owned(),
                id: KeyId::from(*id),
                octets: rest.to_vec(),
            }),
            _ => Err("the signature is too short"),
        }
    }

    /// The name of the key that is said to have made it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that is said to have made it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What follows the key id.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl fmt::Display for Signature {
    /// The line, with its newline.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets = [&self.id.octets()[..], &self.octets].concat();
        writeln!(out, "— {} {}", self.name, STANDARD.encode(octets))
    }
}

fn check_control(text: &str) -> Result<(), NoteError> {
    let control = |byte: u8| byte < b' ' && byte != b'\n';
    match text.bytes().position(control) {
        None => Ok(()),
        Some(at) => Err(NoteError::Control {
            line: line_at(text.as_bytes(), at),
        }),
    }
}

/// The line that an octet is in, counted from 1.
fn line_at(octets: &[u8], at: usize) -> usize {
    let before = octets.get(..at).unwrap_or(octets);
    before.split(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests;
