//! The feed of changes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use node::act::changes::{self, ChangeKind};
use serde::Serialize;
use serde_json::value::RawValue;

use super::time;

/// A page of the feed: `GET /api/v1/changes`.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Changes<'a> {
    pub(crate) changes: Vec<Change<'a>>,
    /// The place after this page: `after` of the next request, also when nothing is left now.
    pub(crate) next: String,
    /// Whether more follow at once.
    pub(crate) more: bool,
}

/// What happened to an object.
#[derive(Debug, Serialize)]
pub(crate) struct Change<'a> {
    /// Its place in the feed.
    pub(crate) id: String,
    pub(crate) at: String,
    /// `added`, `revoked`, `withdrawn`, `versions-withdrawn`.
    pub(crate) kind: &'static str,
    /// The collection's alias.
    pub(crate) collection: &'a str,
    /// The object's STIX id.
    pub(crate) object_id: &'a str,
    /// The versions: the one that was added, or those that are gone.
    pub(crate) versions: &'a [String],
    /// The party that published it.
    pub(crate) publisher: &'a str,
    pub(crate) marking: &'static str,
    /// The STIX id by which a withdrawal or a revocation is acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acknowledge: Option<&'a str>,
    /// The object, byte for byte as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<&'a RawValue>,
}

impl<'a> Change<'a> {
    /// A change, with its object where there is one and it is wanted.
    pub(crate) fn of(change: &'a changes::Change, objects: bool) -> Self {
        let bytes = change.bytes.as_deref().filter(|_| objects);
        Change {
            id: cursor(change.at),
            at: time(change.at),
            kind: kind(change.kind),
            collection: &change.collection,
            object_id: &change.object,
            versions: &change.versions,
            publisher: &change.publisher,
            marking: change.marking.as_str(),
            acknowledge: change.acknowledge.as_deref(),
            // What is in the journal was parsed before it came there.
            object: bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()),
        }
    }

    /// The change as JSON on one line: line breaks between the members of an object become spaces.
    pub(crate) fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        for byte in line.iter_mut().filter(|b| matches!(b, b'\n' | b'\r')) {
            *byte = b' ';
        }
        Ok(line)
    }
}

/// The word for a kind of change.
pub(crate) fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Revoked => "revoked",
        ChangeKind::Withdrawn => "withdrawn",
        ChangeKind::VersionsWithdrawn => "versions-withdrawn",
    }
}

/// A place in the feed as clients are given it. It holds nothing but the place, so it can be used
/// twice, after a restart, and sees what came since.
pub(crate) fn cursor(at: i64) -> String {
    URL_SAFE_NO_PAD.encode(at.to_be_bytes())
}

/// The place that a cursor means; none when no node gave it.
pub(crate) fn place(cursor: &str) -> Option<i64> {
    let bytes: [u8; 8] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
    Some(i64::from_be_bytes(bytes)).filter(|at| *at >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_the_place_and_nothing_else_is_one() {
        let at = 1_600_000_000_000_001;
        assert_eq!(place(&cursor(at)), Some(at));
        for wrong in ["", "0", "AAAA", "2018-11-12T09:00:00Z", &cursor(-1)] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
