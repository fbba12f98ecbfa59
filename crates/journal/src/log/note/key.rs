//! The keys of notes, in the text forms of Go's `sumdb/note`.
//!
//! `name+id+base64(type and public key)` is a verifier key ("vkey"),
//! `PRIVATE+KEY+name+id+base64(type and seed)` its private half.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature as Ed25519, Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{Note, NoteError, Signature, Verified};
use crate::log::LARGEST_SIZE;

/// The first octets of SHA-256 of a key's name, a newline, its type and the public key. It tells
/// keys apart; it proves nothing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

/// What a key signs (C2SP signed-note, "Signature types").
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// The text of a note, with Ed25519: a log's key.
    Note = 1,
    /// The text and the time, with Ed25519: a witness's key (C2SP tlog-cosignature,
    /// `cosignature/v1`).
    Cosignature = 4,
}

/// The public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    kind: Kind,
    key: VerifyingKey,
}

/// A log's private key, [`Kind::Note`].
pub struct SigningKey(Private);

/// A witness's private key, [`Kind::Cosignature`].
pub struct CosigningKey(Private);

/// What is wrong with the text of a key. It never repeats a private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Names are not empty and have no white space, control characters or plus signs.
    #[error("a key's name is not empty, and has no spaces and no plus sign")]
    Name,
    /// Not the text form of such a key.
    #[error("is no {expected}")]
    Form {
        /// What was to be read.
        expected: &'static str,
    },
    /// The id is not that of the name and the key.
    #[error("the id does not belong to this name and key: it would be {computed}")]
    Id {
        /// The id of the name and the key.
        computed: KeyId,
    },
    /// A type that is not one of [`Kind`], or not the one that is needed.
    #[error("is a key of type {kind:#04x}; {expected} is needed")]
    Kind {
        /// The type's number.
        kind: u8,
        /// What is needed.
        expected: &'static str,
    },
    /// No point of the curve, or one for which anybody can sign.
    #[error("is no usable Ed25519 key")]
    Unusable,
}

const VKEY: &str = "verifier key: name+id+base64";
const SKEY: &str = "private key: PRIVATE+KEY+name+id+base64";

impl VerifierKey {
    /// Reads `name+id+base64`.
    ///
    /// # Errors
    /// Any [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, id, kind, octets) = split(text, VKEY)?;
        let kind = match kind {
            1 => Kind::Note,
            4 => Kind::Cosignature,
            kind => {
                let expected = "0x01 (Ed25519) or 0x04 (Ed25519 cosignature)";
                return Err(KeyError::Kind { kind, expected });
            }
        };
        let key = Self::new(name, kind, &octets)?;
        check_id(key.id, id)?;
        Ok(key)
    }

    /// A key out of its parts.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Unusable`].
    pub fn new(name: &str, kind: Kind, public: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let key = VerifyingKey::from_bytes(public).map_err(|_| KeyError::Unusable)?;
        if key.is_weak() {
            return Err(KeyError::Unusable);
        }
        Ok(Self::of(name, kind, key))
    }

    fn of(name: &str, kind: Kind, key: VerifyingKey) -> Self {
        let hash = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', kind as u8])
            .chain_update(key.as_bytes())
            .finalize();
        let mut id = [0; 4];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self {
            name: name.to_owned(),
            id: KeyId(id),
            kind,
            key,
        }
    }

    /// Its name: of a log, the origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What it signs.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The Ed25519 key.
    pub fn public(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether a signature says that it is by this key.
    pub fn is_named_by(&self, signature: &Signature) -> bool {
        signature.id() == self.id && signature.name() == self.name
    }

    /// Checks a signature over a note's text, as strictly as RFC 8032 allows; none when it does
    /// not hold.
    pub fn verify(&self, text: &str, signature: &Signature) -> Option<Verified<'_>> {
        let octets = signature.octets();
        let (time, message, octets) = match self.kind {
            Kind::Note => (None, text.to_owned(), octets),
            Kind::Cosignature => {
                let (time, octets) = octets.split_first_chunk()?;
                let time = u64::from_be_bytes(*time);
                if time > LARGEST_SIZE {
                    return None;
                }
                (Some(time), cosigned(time, text), octets)
            }
        };
        let octets: &[u8; 64] = octets.try_into().ok()?;
        let held = self
            .key
            .verify_strict(message.as_bytes(), &Ed25519::from_bytes(octets));
        held.is_ok().then_some(Verified { key: self, time })
    }
}

impl fmt::Display for VerifierKey {
    /// `name+id+base64`, as [`VerifierKey::parse`] reads it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = encode(self.kind, self.public());
        write!(out, "{}+{}+{encoded}", self.name, self.id)
    }
}

impl SigningKey {
    /// The key of a seed, which is 32 random octets.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn generate(seed: [u8; 32], name: &str) -> Result<Self, KeyError> {
        Private::new(&seed, name, Kind::Note).map(Self)
    }

    /// Reads `PRIVATE+KEY+name+id+base64` of type 0x01.
    ///
    /// # Errors
    /// Any [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Private::parse(text, Kind::Note).map(Self)
    }

    /// The text that [`SigningKey::parse`] reads. Whoever has it can sign.
    pub fn secret_text(&self) -> String {
        self.0.secret_text()
    }

    /// Its name: the log's origin.
    pub fn name(&self) -> &str {
        self.0.verifier.name()
    }

    /// Its public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.0.verifier
    }

    /// Signs a note's text.
    pub fn sign(&self, text: &str) -> Signature {
        let octets = self.0.key.sign(text.as_bytes()).to_bytes().to_vec();
        self.0.signature(octets)
    }

    /// A note of this text with this key's signature.
    ///
    /// # Errors
    /// When the text does not end in a newline, has control characters, or is too long.
    pub fn sign_note(&self, text: &str) -> Result<Note, NoteError> {
        Note::new(text, self.sign(text))
    }
}

impl CosigningKey {
    /// The key of a seed, which is 32 random octets.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn generate(seed: [u8; 32], name: &str) -> Result<Self, KeyError> {
        Private::new(&seed, name, Kind::Cosignature).map(Self)
    }

    /// Reads `PRIVATE+KEY+name+id+base64` of type 0x04.
    ///
    /// # Errors
    /// Any [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Private::parse(text, Kind::Cosignature).map(Self)
    }

    /// The text that [`CosigningKey::parse`] reads. Whoever has it can sign.
    pub fn secret_text(&self) -> String {
        self.0.secret_text()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.verifier.name()
    }

    /// Its public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.0.verifier
    }

    /// Signs a checkpoint's text as seen at `time`, in seconds since 1970. What it says: this is
    /// the largest consistent tree of that origin seen so far. So only a witness calls it.
    pub fn cosign(&self, text: &str, time: u64) -> Signature {
        let time = time.min(LARGEST_SIZE);
        let signature = self.0.key.sign(cosigned(time, text).as_bytes());
        let octets = [&time.to_be_bytes()[..], &signature.to_bytes()].concat();
        self.0.signature(octets)
    }
}

impl fmt::Debug for SigningKey {
    /// The public half.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.verifier())
    }
}

impl fmt::Debug for CosigningKey {
    /// The public half.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CosigningKey({})", self.verifier())
    }
}

impl KeyId {
    /// The four octets, as they stand before a signature.
    pub fn octets(self) -> [u8; 4] {
        self.0
    }
}

impl From<[u8; 4]> for KeyId {
    fn from(octets: [u8; 4]) -> Self {
        Self(octets)
    }
}

impl fmt::Display for KeyId {
    /// Eight hexadecimal digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:08x}", u32::from_be_bytes(self.0))
    }
}

struct Private {
    key: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl Private {
    fn new(seed: &[u8; 32], name: &str, kind: Kind) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::of(name, kind, key.verifying_key());
        Ok(Self { key, verifier })
    }

    fn parse(text: &str, kind: Kind) -> Result<Self, KeyError> {
        let form = KeyError::Form { expected: SKEY };
        let text = text.strip_prefix("PRIVATE+KEY+").ok_or(form)?;
        let (name, id, number, seed) = split(text, SKEY)?;
        if number != kind as u8 {
            let expected = match kind {
                Kind::Note => "0x01 (Ed25519)",
                Kind::Cosignature => "0x04 (Ed25519 cosignature)",
            };
            return Err(KeyError::Kind {
                kind: number,
                expected,
            });
        }
        let key = Self::new(&seed, name, kind)?;
        check_id(key.verifier.id, id)?;
        Ok(key)
    }

    fn secret_text(&self) -> String {
        let VerifierKey { name, id, kind, .. } = &self.verifier;
        let encoded = encode(*kind, self.key.as_bytes());
        format!("PRIVATE+KEY+{name}+{id}+{encoded}")
    }

    fn signature(&self, octets: Vec<u8>) -> Signature {
        Signature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            octets,
        }
    }
}

/// What a cosignature signs (C2SP tlog-cosignature, "Ed25519 signed message").
fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// Whether a text may name a key.
pub(super) fn is_name(text: &str) -> bool {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    !text.is_empty() && !text.contains(wrong)
}

fn encode(kind: Kind, octets: &[u8; 32]) -> String {
    STANDARD.encode([&[kind as u8], &octets[..]].concat())
}

/// Name, id, type and 32 octets of a key.
type Parts<'t> = (&'t str, [u8; 4], u8, [u8; 32]);

/// The parts of `name+id+base64`. Neither the id nor the type is checked.
fn split<'t>(text: &'t str, expected: &'static str) -> Result<Parts<'t>, KeyError> {
    let form = || KeyError::Form { expected };
    let mut parts = text.splitn(3, '+');
    let mut part = || parts.next().ok_or_else(form);
    let (name, id, encoded) = (part()?, part()?, part()?);
    if !is_name(name) {
        return Err(KeyError::Name);
    }
    if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(form());
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| form())?;
    let octets = STANDARD.decode(encoded).map_err(|_| form())?;
    let (kind, octets) = octets.split_first().ok_or_else(form)?;
    // Keys of other types have other lengths.
    let other = KeyError::Kind {
        kind: *kind,
        expected: "an Ed25519 key, 0x01 or 0x04,",
    };
    let known = matches!(kind, 1 | 4);
    let octets = octets
        .try_into()
        .map_err(|_| if known { form() } else { other })?;
    Ok((name, id.to_be_bytes(), *kind, octets))
}

fn check_id(computed: KeyId, id: [u8; 4]) -> Result<(), KeyError> {
    if computed.0 == id {
        return Ok(());
    }
    Err(KeyError::Id { computed })
}
