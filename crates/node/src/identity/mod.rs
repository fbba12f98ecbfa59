//! Who a party provably is: its keys, the domains it proved, who vouches for it, what it signed.
//!
//! Everything follows from entries. Each entry says until when what was seen holds, so that a
//! party's [`Standing`] at any instant follows from the journal alone, whatever the node's settings
//! were or become. Signatures are C2SP signed notes; what is signed are [`statement`]s.

mod domain;
mod model;
mod standing;
mod state;
pub mod statement;

#[cfg(test)]
mod tests;

pub use domain::{CHALLENGE, DomainName, VERIFICATION, WELL_KNOWN};
pub use journal::log::note::{
    KeyError, KeyId, Kind as KeyKind, Note, NoteError, Signature as NoteSignature, SigningKey,
    VerifierKey,
};
pub use model::{
    DomainClaim, Key, Method, Observation, Outcome, Reservation, RevokedKey, Signature,
    SignedPublishes, Sponsorship, Vouch,
};
pub use standing::{Proof, ProofState, Proven, SignatureState, Standing};
pub use state::{EnrolledKey, Held, Identities, KeyState, Revocation};

/// A key as it is named here: `name+id`, the first two parts of its text form. The id alone has 32
/// bits, which anybody can find a second key for.
pub fn key_name(key: &VerifierKey) -> String {
    format!("{}+{}", key.name(), key.id())
}

/// The text of a signed note whose signature is `octets` over something else than a note's text, by
/// the key of this name: for checking signatures that travel in another form (RFC 9421).
///
/// # Errors
/// What is wrong with it.
pub fn bare_signature(key: &VerifierKey, octets: &[u8]) -> Result<NoteSignature, &'static str> {
    use base64::Engine as _;
    let octets = [&key.id().octets()[..], octets].concat();
    let encoded = base64::engine::general_purpose::STANDARD.encode(octets);
    NoteSignature::parse(&format!("\u{2014} {} {encoded}\n", key.name()))
}
