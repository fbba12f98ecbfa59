//! What is sent twice is taken once: by a key that the sender makes up (`Idempotency-Key`).
//!
//! The entry holds a digest of party and key; ids are random, so that nobody can tell from an id, which is
//! public, which key it was sent with. Another party's key has another digest, so that guessing keys
//! finds nothing but one's own.

use sha2::{Digest as _, Sha256};

use crate::act::Error;

/// Octets of a key.
const MOST: usize = 300;

/// The digest of a party's key for one kind of act, by which its entry is found again.
///
/// # Errors
/// [`Error::Invalid`] for what is no key.
pub(crate) fn digest(act: &str, party: &str, key: &str) -> Result<[u8; 16], Error> {
    if key.trim().is_empty() || key.len() > MOST || key.chars().any(char::is_control) {
        return Err(Error::Invalid(format!(
            "Idempotency-Key: one line of 1 to {MOST} octets"
        )));
    }
    let mut hash = Sha256::new_with_prefix(b"entente/idempotency/v1\n");
    // Neither has a line break in it.
    hash.update(act.as_bytes());
    hash.update(b"\n");
    hash.update(party.as_bytes());
    hash.update(b"\n");
    hash.update(key.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut short = [0; 16];
    short
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    Ok(short)
}
