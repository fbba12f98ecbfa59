//! MISP: what its words are in STIX and the other way round.
//!
//! [`event`] writes what a party told on one day as an event of a feed (the MISP core format, and
//! `manifest.json` and `hashes.csv` as `PyMISP`'s feed generator writes them); [`attributes`] says
//! which attributes an object becomes. [`document`] reads events that others wrote, and [`taken`]
//! makes STIX objects of them. [`kind`] and [`tag`] are the tables that both directions share.
//! `docs/misp.md` lists what is lost on either way.

pub(crate) mod attributes;
pub(crate) mod document;
pub(crate) mod event;
pub(crate) mod galaxy;
pub(crate) mod kind;
mod meaning;
pub(crate) mod tag;
pub(crate) mod taken;
pub(crate) mod written;

use uuid::Uuid;

/// The namespace of every UUID that is made here. Ids depend on it: it never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x0b1d_93b6_5a1f_4c1c_9a49_1f8e_4f2c_7d11);

/// An MD5 digest as MISP writes it.
pub(crate) fn hex(digest: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(digest))
}

/// A UUID that depends on these words alone.
fn uuid_of(words: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, words.join("\n").as_bytes())
}
