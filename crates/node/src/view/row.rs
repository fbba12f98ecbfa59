//! One row per object and version: everything that a list, a manifest or a policy verdict needs,
//! so that bodies are read only for what is served.

use stix::Pap;

use crate::clock::Instant;
use crate::facts::pap_of;
use crate::model::{Harm, Marking};
use crate::policy::Audience;

/// Set on the newest version of an object within its collection.
pub(crate) const LAST: u8 = 1;
/// Set on the oldest version of an object within its collection.
pub(crate) const FIRST: u8 = 1 << 1;
/// [`LAST`] among the versions of the same STIX specification version.
pub(crate) const LAST_IN_SPEC: u8 = 1 << 2;
/// [`FIRST`] among the versions of the same STIX specification version.
pub(crate) const FIRST_IN_SPEC: u8 = 1 << 3;
/// Set when the object says `"revoked": true`.
pub(crate) const REVOKED: u8 = 1 << 4;
/// Set when the object carries no version of its own, so that `date_added` stands for it.
pub(crate) const UNVERSIONED: u8 = 1 << 5;
/// Set when the object is STIX 2.0.
pub(crate) const SPEC_20: u8 = 1 << 6;

/// Set on all versions of an object in a collection when not all have the same [`Audience`]: which is
/// the first and which the last then depends on who asks.
pub(crate) const MIXED: u8 = 1 << 3;
/// Set when another party publishes the same object as well.
pub(crate) const SHARED: u8 = 1 << 4;
/// Set when the operator added it, who may version what any party published.
pub(crate) const OPERATOR: u8 = 1 << 5;
/// The bits of `more` that hold the PAP marking.
const PAP: u8 = 0b111;

/// The key by which all versions of one object are found: UUID and type.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    /// The UUID of the STIX id.
    pub uuid: [u8; 16],
    /// [`type_code`] of its type.
    pub kind: u32,
}

/// A type's name as a fixed-size code; the names stand in a table of their own.
pub(crate) fn type_code(name: &str) -> u32 {
    // FNV-1a: stable, tiny, and a collision is refused when the second name is first seen.
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// What the views know about one version of one object in one collection.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where the body is in the journal.
    pub position: u64,
    /// The version in microseconds since 1970; `date_added` for an unversioned object.
    pub version: i64,
    /// Which object.
    pub key: ObjectKey,
    /// The party that published it, by its number in the directory.
    pub publisher: u32,
    /// Bits: see the constants of this module.
    pub(crate) flags: u8,
    /// More bits: PAP, [`MIXED`], [`SHARED`].
    pub(crate) more: u8,
    /// Its own marking, or the collection's default when it has none.
    pub marking: Marking,
    /// The circle that a marking of its own confines it to, by its number; 0 for none.
    pub circle: u32,
    /// The harm its labels name, 0 for none.
    pub(crate) harm: u8,
    /// A hash of its bytes, to recognise the same content sent again.
    pub(crate) content: u64,
    /// What no version may change.
    pub(crate) origin: Origin,
}

/// Hashes of what all versions of an object share (STIX 2.1 §3.6).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Of `created_by_ref`, 0 for none.
    pub(crate) creator: u32,
    /// Of `created`, 0 for none.
    pub(crate) created: u32,
}

/// Octets of an encoded row.
pub(crate) const ROW: usize = 64;

impl Row {
    /// Whether this is the newest version in its collection.
    pub fn is_last(&self) -> bool {
        self.flags & LAST != 0
    }

    /// Whether the object is revoked.
    pub fn is_revoked(&self) -> bool {
        self.flags & REVOKED != 0
    }

    /// Whether the object carries no version of its own.
    pub fn is_unversioned(&self) -> bool {
        self.flags & UNVERSIONED != 0
    }

    /// Who it is for.
    pub fn audience(&self) -> Audience {
        Audience {
            marking: self.marking,
            publisher: self.publisher,
            circle: self.circle,
        }
    }

    /// What its recipients may do with it.
    pub fn pap(&self) -> Option<Pap> {
        pap_of(self.more & PAP)
    }

    /// Whether another party publishes the same object as well.
    pub fn is_shared(&self) -> bool {
        self.more & SHARED != 0
    }

    /// Whether first and last of its object depend on who asks.
    pub(crate) fn is_mixed(&self) -> bool {
        self.more & MIXED != 0
    }

    /// The version, RFC 3339: the object's own, or when it was added.
    pub fn version_text(&self) -> String {
        let version = Instant(self.version);
        if self.is_unversioned() {
            version.to_micro_string()
        } else {
            version.to_version_string()
        }
    }

    /// `2.0` or `2.1`.
    pub fn spec_version(&self) -> &'static str {
        if self.flags & SPEC_20 != 0 {
            "2.0"
        } else {
            "2.1"
        }
    }

    /// The harm that the object's labels name.
    pub fn harm(&self) -> Option<Harm> {
        Harm::from_code(self.harm)
    }

    pub(crate) fn encode(&self) -> [u8; ROW] {
        let mut out = [0; ROW];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            if let Some(slot) = out.get_mut(at..at + bytes.len()) {
                slot.copy_from_slice(bytes);
            }
            at += bytes.len();
        };
        put(&self.position.to_le_bytes());
        put(&self.version.to_le_bytes());
        put(&self.key.uuid);
        put(&self.key.kind.to_le_bytes());
        put(&self.publisher.to_le_bytes());
        put(&[self.flags, self.marking as u8, self.harm, self.more]);
        put(&self.content.to_le_bytes());
        put(&self.origin.creator.to_le_bytes());
        put(&self.origin.created.to_le_bytes());
        put(&self.circle.to_le_bytes());
        out
    }

    pub(crate) fn decode(bytes: &[u8; ROW]) -> Self {
        let mut at = 0;
        let position = u64::from_le_bytes(take(bytes, &mut at));
        let version = i64::from_le_bytes(take(bytes, &mut at));
        let uuid = take(bytes, &mut at);
        let kind = u32::from_le_bytes(take(bytes, &mut at));
        let publisher = u32::from_le_bytes(take(bytes, &mut at));
        let [flags, marking, harm, more] = take(bytes, &mut at);
        let content = u64::from_le_bytes(take(bytes, &mut at));
        let creator = u32::from_le_bytes(take(bytes, &mut at));
        let created = u32::from_le_bytes(take(bytes, &mut at));
        let circle = u32::from_le_bytes(take(bytes, &mut at));
        let marking = Marking::from_code(marking);
        let key = ObjectKey { uuid, kind };
        Row {
            position,
            version,
            key,
            publisher,
            flags,
            more,
            marking,
            circle,
            harm,
            content,
            origin: Origin { creator, created },
        }
    }
}

/// The next `N` octets; the sizes add up to [`ROW`], so the default is never taken.
fn take<const N: usize>(bytes: &[u8; ROW], at: &mut usize) -> [u8; N] {
    let slice = bytes.get(*at..*at + N).unwrap_or(&[]);
    *at += N;
    slice.try_into().unwrap_or([0; N])
}

/// Key of a row: collection, then `date_added`, big-endian so that order is commit order.
pub(crate) fn row_key(collection: u32, added: i64) -> [u8; 12] {
    let mut key = [0; 12];
    let (head, tail) = key.split_at_mut(4);
    head.copy_from_slice(&collection.to_be_bytes());
    tail.copy_from_slice(&added.to_be_bytes());
    key
}

/// `date_added` back from a row's key.
pub(crate) fn added_of(key: &[u8]) -> i64 {
    key.last_chunk()
        .map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// Key of the type index: collection, type, `date_added`.
pub(crate) fn type_key(collection: u32, kind: u32, added: i64) -> [u8; 16] {
    let mut key = [0; 16];
    let (head, tail) = key.split_at_mut(4);
    head.copy_from_slice(&collection.to_be_bytes());
    let (middle, tail) = tail.split_at_mut(4);
    middle.copy_from_slice(&kind.to_be_bytes());
    tail.copy_from_slice(&added.to_be_bytes());
    key
}

/// Key of the id index: UUID, type, collection, version, publisher.
pub(crate) fn id_key(object: ObjectKey, collection: u32, version: i64, publisher: u32) -> [u8; 36] {
    let mut key = [0; 36];
    let (head, tail) = key.split_at_mut(16);
    head.copy_from_slice(&object.uuid);
    let (kind, tail) = tail.split_at_mut(4);
    kind.copy_from_slice(&object.kind.to_be_bytes());
    let (number, tail) = tail.split_at_mut(4);
    number.copy_from_slice(&collection.to_be_bytes());
    // Flipping the sign bit makes byte order the order of the numbers.
    let (instant, tail) = tail.split_at_mut(8);
    instant.copy_from_slice(&(version.cast_unsigned() ^ (1 << 63)).to_be_bytes());
    tail.copy_from_slice(&publisher.to_be_bytes());
    key
}

/// The least and the greatest key of an object's versions in some collections.
pub(crate) fn id_range(object: ObjectKey, collections: (u32, u32)) -> ([u8; 36], [u8; 36]) {
    (
        id_key(object, collections.0, i64::MIN, 0),
        id_key(object, collections.1, i64::MAX, u32::MAX),
    )
}

/// The collection's number back from a key of the id index.
pub(crate) fn collection_of(id_key: &[u8]) -> u32 {
    id_key
        .get(20..24)
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

/// Key of an attribution: collection, `date_added`, publisher.
pub(crate) fn attribution_key(collection: u32, added: i64, publisher: u32) -> [u8; 16] {
    let mut key = [0; 16];
    let (head, tail) = key.split_at_mut(12);
    head.copy_from_slice(&row_key(collection, added));
    tail.copy_from_slice(&publisher.to_be_bytes());
    key
}

/// The publisher back from the key of an attribution.
pub(crate) fn publisher_of(key: &[u8]) -> u32 {
    key.last_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_its_encoding() {
        let row = Row {
            position: u64::MAX - 3,
            version: -5,
            key: ObjectKey {
                uuid: [7; 16],
                kind: type_code("indicator"),
            },
            publisher: 9,
            flags: LAST | SPEC_20,
            more: MIXED | 2,
            circle: 19,
            marking: Marking::AmberStrict,
            harm: 3,
            content: 11,
            origin: Origin {
                creator: 13,
                created: 17,
            },
        };
        assert_eq!(Row::decode(&row.encode()), row);
    }

    #[test]
    fn keys_sort_as_their_parts() {
        let object = ObjectKey {
            uuid: [1; 16],
            kind: 2,
        };
        assert!(id_key(object, 1, -1, 9) < id_key(object, 1, 0, 0));
        assert!(id_key(object, 1, i64::MAX, 9) < id_key(object, 2, i64::MIN, 0));
        assert!(row_key(1, 9) < row_key(1, 10));
        assert_eq!(added_of(&row_key(3, 77)), 77);
        assert_eq!(collection_of(&id_key(object, 42, 5, 6)), 42);
    }
}
