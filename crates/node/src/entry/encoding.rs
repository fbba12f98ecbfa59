//! The encoding of entries: what one record of the journal says.
//!
//! A record has two parts. The **leaf** is the public trace: compact JSON with the act, the acting
//! party, the second it happened and a salted commitment to what was written. The **body** is
//! private: a version byte, the salt, and the entry in postcard's wire format. A body can be erased
//! without touching the leaf; with it, anyone can check that leaf and body belong together:
//! `commitment = SHA-256("entente/commitment/v1" ‖ salt ‖ committed bytes)`, where the committed
//! bytes are the object's own bytes for an object, the signed note for a signature of the pledge,
//! and the encoded entry for every other act.
//!
//! What is done about objects marked RED leaves a **sealed** leaf: its act is `sealed`, its party
//! empty, its time cut to the hour, and all such leaves have the same length. A second commitment is
//! to a line that tells party, act and second, under a salt of its own, so that who holds the body can
//! show either without the other ([`sealed_facts`]). Padding leaves sealed leaves too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use super::{Act, Entry};

/// The version of the body's encoding that this build writes.
pub const VERSION: u8 = 1;
/// Octets of the random salt of each commitment.
pub const SALT: usize = 16;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The body was written by a newer build.
    #[error(
        "entry has encoding version {0}, this build reads up to {VERSION}: install a newer one"
    )]
    Version(u8),
    /// The body is shorter than its fixed part or does not decode.
    #[error("entry does not decode: {0}")]
    Malformed(String),
    /// The body is not the one its leaf commits to.
    #[error("entry does not match the commitment in its leaf")]
    Commitment,
    /// The body was erased.
    #[error("entry was erased")]
    Erased,
}

/// How much a leaf tells.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Who acted, what kind of act, in which second.
    Open,
    /// That something was done, in which hour.
    Sealed,
}

/// Encodes an entry into its leaf and body.
///
/// # Errors
/// Only when serialisation fails, which for these types means memory ran out.
pub fn encode(
    entry: &Entry<'_>,
    salt: [u8; SALT],
    seal: Seal,
) -> Result<(Vec<u8>, Vec<u8>), DecodeError> {
    let mut body = Vec::with_capacity(
        1 + SALT
            + 64
            + if let Act::Object { bytes, .. } = &entry.act {
                bytes.len()
            } else {
                256
            },
    );
    body.push(VERSION);
    body.extend_from_slice(&salt);
    let body =
        postcard::to_extend(entry, body).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let payload = body.get(1 + SALT..).unwrap_or_default();
    let commitment = commitment(&salt, committed(entry, payload));
    let leaf = match seal {
        Seal::Open => leaf(entry, &commitment),
        Seal::Sealed => sealed_leaf(entry, &commitment, &salt),
    };
    Ok((leaf, body))
}

/// Decodes a body.
///
/// # Errors
/// [`DecodeError`] when the body is of another version or damaged.
pub fn decode(body: &[u8]) -> Result<Entry<'_>, DecodeError> {
    let (_, payload) = parts(body)?;
    postcard::from_bytes(payload).map_err(|e| DecodeError::Malformed(e.to_string()))
}

/// Decodes a body and checks it against the commitment in its leaf.
///
/// # Errors
/// [`DecodeError::Commitment`] when the two do not belong together.
pub fn decode_verified<'a>(leaf: &[u8], body: &'a [u8]) -> Result<Entry<'a>, DecodeError> {
    let (salt, payload) = parts(body)?;
    let entry: Entry<'a> =
        postcard::from_bytes(payload).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let told = commitment(salt, committed(&entry, payload));
    let holds = if is_sealed(leaf) {
        // It has no party and no second of its own that could be another's.
        leaf == sealed_leaf(&entry, &told, salt)
    } else {
        contains(leaf, BASE64.encode(told).as_bytes())
    };
    holds.then_some(entry).ok_or(DecodeError::Commitment)
}

/// What shows who did what when, though the leaf is sealed: whoever is given both finds the
/// [`commitment`] of the line under the salt among the leaf's commitments. It does not help to find
/// what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFacts {
    /// The salt.
    pub salt: [u8; SALT],
    /// Label, party, act and time, a line each.
    pub line: String,
}

/// What opens the facts in a sealed leaf, from the body.
///
/// # Errors
/// [`DecodeError`] when the body is of another version, damaged, or erased.
pub fn sealed_facts(body: &[u8]) -> Result<SealedFacts, DecodeError> {
    let (salt, payload) = parts(body)?;
    let entry: Entry<'_> =
        postcard::from_bytes(payload).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    Ok(facts_of(&entry, salt))
}

fn facts_of(entry: &Entry<'_>, salt: &[u8]) -> SealedFacts {
    // A salt of its own, from which the other does not follow.
    let mut hash = Sha256::new_with_prefix(b"entente/sealed-salt/v1");
    hash.update(salt);
    let derived: [u8; 32] = hash.finalize().into();
    let mut salt = [0; SALT];
    salt.iter_mut()
        .zip(derived)
        .for_each(|(to, from)| *to = from);
    let line = format!(
        "entente/sealed/v1\n{}\n{}\n{}\n",
        entry.actor.party,
        entry.act.name(),
        entry.at.to_second_string(),
    );
    SealedFacts { salt, line }
}

/// Whether a leaf tells neither party nor act.
pub fn is_sealed(leaf: &[u8]) -> bool {
    contains(leaf, br#","party":"","act":"sealed","#)
}

/// What shows that a leaf is about some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'b> {
    /// The salt of the commitment.
    pub salt: &'b [u8],
    /// What is committed to.
    pub committed: &'b [u8],
}

/// The opening of the commitment of an entry, from its body.
///
/// # Errors
/// [`DecodeError`] when the body is none.
pub fn opening<'b>(entry: &'b Entry<'_>, body: &'b [u8]) -> Result<Opening<'b>, DecodeError> {
    let (salt, payload) = parts(body)?;
    let committed = committed(entry, payload);
    Ok(Opening { salt, committed })
}

/// The entry that committed bytes are, when the leaf is its own: what an act says other than to add an
/// object or to sign.
///
/// # Errors
/// [`DecodeError::Commitment`] when leaf, salt and bytes do not belong together.
pub fn opened<'c>(leaf: &[u8], salt: &[u8], committed: &'c [u8]) -> Result<Entry<'c>, DecodeError> {
    let entry: Entry<'c> =
        postcard::from_bytes(committed).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let told = commitment(salt, committed);
    let written = if is_sealed(leaf) {
        sealed_leaf(&entry, &told, salt)
    } else {
        self::leaf(&entry, &told)
    };
    (written == leaf)
        .then_some(entry)
        .ok_or(DecodeError::Commitment)
}

/// The salted commitment to some bytes.
pub fn commitment(salt: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"entente/commitment/v1");
    hash.update(salt);
    hash.update(bytes);
    hash.finalize().into()
}

fn parts(body: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (version, rest) = body.split_first().ok_or(DecodeError::Erased)?;
    if *version != VERSION {
        return Err(DecodeError::Version(*version));
    }
    rest.split_at_checked(SALT)
        .ok_or_else(|| DecodeError::Malformed("body without a salt".into()))
}

fn committed<'b>(entry: &'b Entry<'_>, payload: &'b [u8]) -> &'b [u8] {
    match &entry.act {
        Act::Object { bytes, .. } => bytes,
        // All else that it says follows from the note, which anybody can check by itself.
        Act::Signature(signature) => signature.note.as_bytes(),
        _ => payload,
    }
}

/// `{"v":1,"time":…,"party":…,"act":…,"commitments":[…]}`: keys in this order, no white space. Of a
/// request and its steps `"request"`, `"from"`, `"to"` and `"kind"` follow the act, and where a deadline is
/// set `"due"`, so that anybody can count from the log alone who asked whom for what, and whether that
/// was answered in time.
fn leaf(entry: &Entry<'_>, commitment: &[u8; 32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    out.extend_from_slice(b"{\"v\":1,\"time\":\"");
    let time = entry.at.to_micro_string();
    out.extend_from_slice(time.get(..19).unwrap_or_default().as_bytes());
    out.extend_from_slice(b"Z\",\"party\":\"");
    // Party ids are ASCII slugs (`pledge::Party`), so nothing needs escaping.
    out.extend_from_slice(entry.actor.party.as_bytes());
    out.extend_from_slice(b"\",\"act\":\"");
    out.extend_from_slice(entry.act.name().as_bytes());
    if let Some([id, from, to, kind]) = entry.act.asked() {
        let told = format!(r#"","request":"{id}","from":"{from}","to":"{to}","kind":"{kind}"#);
        out.extend_from_slice(told.as_bytes());
    }
    if let Some(due) = entry.act.due() {
        out.extend_from_slice(b"\",\"due\":\"");
        out.extend_from_slice(due.to_second_string().as_bytes());
    }
    out.extend_from_slice(b"\",\"commitments\":[\"");
    out.extend_from_slice(BASE64.encode(commitment).as_bytes());
    out.extend_from_slice(b"\"]}");
    out
}

/// `{"v":1,"time":"<hour>","party":"","act":"sealed","commitments":[…,…]}`: as [`leaf`], and always
/// of the same length.
fn sealed_leaf(entry: &Entry<'_>, written: &[u8; 32], salt: &[u8]) -> Vec<u8> {
    let time = entry.at.to_micro_string();
    let facts = facts_of(entry, salt);
    let facts = commitment(&facts.salt, facts.line.as_bytes());
    format!(
        r#"{{"v":1,"time":"{}:00:00Z","party":"","act":"sealed","commitments":["{}","{}"]}}"#,
        time.get(..13).unwrap_or_default(),
        BASE64.encode(written),
        BASE64.encode(facts),
    )
    .into_bytes()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
