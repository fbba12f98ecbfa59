//! What a bundle says of itself, and the note that signs it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The form of bundle that is written and read here.
pub(crate) const FORMAT: &str = "entente-case/v1";
/// The members that every bundle begins with.
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const NOTE: &str = "manifest.note";
/// The members that tell the case.
pub(crate) const REQUEST: &str = "request.json";
pub(crate) const PAGE: &str = "index.html";
pub(crate) const REPORT: &str = "xarf.json";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// [`FORMAT`].
    pub(crate) format: String,
    /// The request's id.
    pub(crate) request: String,
    pub(crate) from: Party,
    pub(crate) to: Party,
    pub(crate) kind: String,
    pub(crate) exported: Exported,
    /// How many steps were taken: there is an entry for each, and one for the request.
    pub(crate) steps: u64,
    /// The entries, in the order of the log.
    pub(crate) entries: Vec<Entry>,
    /// The attachments of all entries that are open.
    pub(crate) evidence: Vec<Attached>,
    /// Whom to ask and who contested. Entries hold commitments alone, so that they can be forgotten:
    /// who it is is as the signer tells it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) contacts: Vec<Named>,
    /// The other members of the archive, in its order.
    pub(crate) files: Vec<File>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// The entry that names it.
    pub(crate) entry: u64,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// One of the two sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Party {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Who made the bundle, when, and how much of the case they see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exported {
    /// RFC 3339, by the node's clock.
    pub(crate) at: String,
    /// The party's id, `operator`, or `anyone`.
    pub(crate) by: String,
    /// The log that the entries are in.
    pub(crate) log: String,
    pub(crate) program: String,
    /// `whole`, `words` or `facts`.
    pub(crate) sight: String,
}

/// An entry and its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Its number in the log.
    pub(crate) position: u64,
    /// The member that holds its receipt.
    pub(crate) receipt: String,
    /// Why what it says is not in the receipt; absent when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hidden: Option<String>,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attached {
    /// SHA-256 in hexadecimal digits.
    pub(crate) sha256: String,
    pub(crate) name: String,
    /// The entry that it came with.
    pub(crate) entry: u64,
    /// The member that holds its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// Why its bytes are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hidden: Option<String>,
}

/// A member of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) path: String,
    /// SHA-256 in hexadecimal digits.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// The text that is signed: which request, and the digest of the manifest. Its second line keeps it
/// from being a checkpoint, whose second line is a number.
pub(crate) fn statement(request: &str, manifest: &[u8]) -> String {
    let digest = BASE64.encode(Sha256::digest(manifest));
    format!("{FORMAT}\nrequest {request}\nmanifest {digest}\n")
}
