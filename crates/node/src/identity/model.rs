//! What entries about identities say. Fields are encoded in order: none is renamed, reordered or
//! left out.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::clock::Instant;

/// A key is enrolled for a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The party's id.
    pub party: String,
    /// The public key: `name+id+base64`, of the type 0x01 (Ed25519).
    pub key: String,
    /// What the party calls it; may be empty.
    pub label: String,
    /// The key (`name+id`) that it takes the place of, which makes nothing from here on.
    pub replaces: Option<String>,
    /// On whose word.
    pub vouch: Vouch,
    /// The signed note that asked for it: with the new key's signature, which shows that whoever
    /// asked has it.
    pub note: String,
}

/// On whose word a key was enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vouch {
    /// An account of the party, for its first key.
    Account,
    /// A key of the party (`name+id`) signed for it.
    Key(String),
    /// Whoever manages the node.
    Administrator,
}

/// A key makes nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedKey {
    /// The key: `name+id`.
    pub key: String,
    /// Why.
    pub reason: String,
    /// From when on what it signed is not taken for its party's; what it signed before stays.
    pub since: Instant,
}

/// A party says that a domain is its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainClaim {
    /// The party's id.
    pub party: String,
    /// The domain.
    pub domain: String,
    /// What its TXT record has to hold: 256 random bits, of this claim alone.
    pub token: String,
}

/// How a domain is proved.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Method {
    /// The token in a TXT record.
    DnsTxt,
    /// The key document on its web site.
    WellKnown,
}

impl Method {
    /// Both.
    pub const ALL: [Method; 2] = [Method::DnsTxt, Method::WellKnown];

    /// The word used in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::DnsTxt => "dns-txt",
            Method::WellKnown => "well-known",
        }
    }
}

/// What a look at a domain's proof found.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It is there and holds.
    Good,
    /// There is none.
    Missing,
    /// There is one, which proves something else: another token, another party, none of its keys.
    Wrong,
    /// Nothing could be learned: no answer, or one that is a failure. It neither proves nor ends.
    Unreachable,
}

impl Outcome {
    /// The word used in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Good => "good",
            Outcome::Missing => "missing",
            Outcome::Wrong => "wrong",
            Outcome::Unreachable => "unreachable",
        }
    }

    /// Whether it ends a proof, after a grace.
    pub fn ends(self) -> bool {
        matches!(self, Outcome::Missing | Outcome::Wrong)
    }
}

/// What was seen of a domain's proof, when the entry was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The party's id.
    pub party: String,
    /// The domain.
    pub domain: String,
    /// Where was looked.
    pub method: Method,
    /// What was found.
    pub outcome: Outcome,
    /// The same in words.
    pub words: String,
    /// The records or the document, as far as they are about this; shortened.
    pub seen: Vec<String>,
    /// Whether the resolver says that it checked DNSSEC; none where nothing was looked up by name.
    pub authenticated: Option<bool>,
    /// The keys (`name+id`) of the party that the document names.
    pub keys: Vec<String>,
    /// Where it is good: until when it proves the domain. Where it ends a proof: when that ends.
    pub until: Instant,
}

/// A party that signed vouches for another: the second way to be verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sponsorship {
    /// Who vouches.
    pub sponsor: String,
    /// The sponsor's key: `name+id`.
    pub key: String,
    /// For whom.
    pub party: String,
    /// The key of that party, `name+id`.
    pub for_key: String,
    /// The day it was signed, as the note says.
    pub date: Date,
    /// The last day on which it holds.
    pub expires: Date,
    /// The signed note; empty when the sponsor takes it back.
    pub note: String,
}

/// What a party will not be held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The principle's number.
    pub principle: u16,
    /// Why, or how far; may be empty.
    pub reason: String,
}

/// A party signs the pledge with its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The party's id.
    pub party: String,
    /// The key: `name+id`.
    pub key: String,
    /// The pledge's id.
    pub pledge: String,
    /// The pledge's version.
    pub version: u32,
    /// SHA-256 of the pledge's text ([`crate::pledge::text`]).
    pub text: [u8; 32],
    /// The domain it signs for, proved when it signed.
    pub domain: Option<String>,
    /// What it will not be held to.
    pub reservations: Vec<Reservation>,
    /// The day it was signed, as the note says.
    pub date: Date,
    /// The last day on which it holds.
    pub expires: Date,
    /// The signed note.
    pub note: String,
}

/// Whether a collection takes signed requests alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPublishes {
    /// The collection's TAXII id.
    pub collection: String,
    /// Whether it does.
    pub demanded: bool,
}
