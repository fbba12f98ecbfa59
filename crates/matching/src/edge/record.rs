//! Values with the signals about them, and signals, as they stand in the file.

use super::bytes::Cursor;
use super::header::Section;
use super::{Broken, Source};
use crate::Kind;
use crate::address::Network;
use crate::index::Key;

/// Values of a group: they are read at once, and checked by one checksum.
pub(super) const GROUP: usize = 8;
/// Most bytes of a group, with its checksum.
pub(super) const LARGEST_GROUP: u64 = 16 << 20;
/// Most bytes of facts about a signal.
pub(super) const LONGEST_FACTS: usize = 64 << 10;
/// Bytes of a signal before its facts: how many these are, the checksum, two instants.
const SIGNAL_HEAD: usize = 24;

/// What a file says of a signal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signal {
    /// From when on it holds, in microseconds since 1970.
    pub valid_from: Option<i64>,
    /// When it ends, in microseconds since 1970.
    pub valid_until: Option<i64>,
    /// What to show of it, as whoever built the file gave it; at most 64 KiB.
    pub facts: Vec<u8>,
}

impl Signal {
    /// Whether it holds at this instant, in microseconds since 1970.
    pub fn holds_at(&self, now: i64) -> bool {
        self.valid_from.is_none_or(|from| from <= now)
            && self.valid_until.is_none_or(|until| until > now)
    }

    /// Its bytes at this place.
    pub(super) fn write(&self, place: u64) -> Vec<u8> {
        let length = u32::try_from(self.facts.len()).unwrap_or(u32::MAX);
        let from = self.valid_from.unwrap_or(i64::MIN).to_le_bytes();
        let until = self.valid_until.unwrap_or(i64::MAX).to_le_bytes();
        let checksum = checksum(place, &[&length.to_le_bytes(), &from, &until, &self.facts]);
        let parts: [&[u8]; 5] = [
            &length.to_le_bytes(),
            &checksum.to_le_bytes(),
            &from,
            &until,
            &self.facts,
        ];
        parts.concat()
    }
}

pub(super) fn read_signal(
    source: &impl Source,
    section: &Section,
    place: u64,
) -> Result<Signal, Broken> {
    let outside = || Broken::malformed("signals", "end before the one asked for");
    let left = section.length.checked_sub(place).ok_or_else(outside)?;
    if left < SIGNAL_HEAD as u64 {
        return Err(outside());
    }
    let mut head = [0; SIGNAL_HEAD];
    source.read_at(&mut head, section.offset + place)?;
    let mut cursor = Cursor(&head);
    let (Some(length), Some(said), Some(from), Some(until)) =
        (cursor.u32(), cursor.u32(), cursor.i64(), cursor.i64())
    else {
        return Err(outside());
    };
    let too_long = length as usize > LONGEST_FACTS;
    if too_long || u64::from(length) > left - SIGNAL_HEAD as u64 {
        return Err(Broken::Checksum("signals"));
    }
    let mut facts = vec![0; length as usize];
    source.read_at(&mut facts, section.offset + place + SIGNAL_HEAD as u64)?;
    let parts: [&[u8]; 4] = [
        &length.to_le_bytes(),
        &from.to_le_bytes(),
        &until.to_le_bytes(),
        &facts,
    ];
    if checksum(place, &parts) != said {
        return Err(Broken::Checksum("signals"));
    }
    Ok(Signal {
        valid_from: Some(from).filter(|&from| from != i64::MIN),
        valid_until: Some(until).filter(|&until| until != i64::MAX),
        facts,
    })
}

/// CRC-32 (IEEE 802.3) of parts that stand at `place`: moved elsewhere, they have another.
pub(super) fn checksum(place: u64, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&place.to_le_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

/// Appends a value.
pub(super) fn write_key(key: Key<'_>, out: &mut Vec<u8>) {
    match key {
        Key::Network(Network::V4 { address, prefix }) => {
            out.extend([Kind::Ipv4 as u8, prefix]);
            out.extend(address.to_be_bytes());
        }
        Key::Network(Network::V6 { address, prefix }) => {
            out.extend([Kind::Ipv6 as u8, prefix]);
            out.extend(address.to_be_bytes());
        }
        Key::Bytes(kind, bytes) => {
            out.push(kind as u8);
            if digest_length(kind).is_none() {
                // Canonical values are at most 8 KiB and a few bytes long.
                let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
                out.extend(length.to_le_bytes());
            }
            out.extend(bytes);
        }
    }
}

/// The next value; none when it is no value, or not whole.
pub(super) fn read_key<'b>(cursor: &mut Cursor<'b>) -> Option<Key<'b>> {
    let kind = *Kind::ALL.get(usize::from(cursor.u8()?))?;
    let network = match kind {
        Kind::Ipv4 => Network::V4 {
            prefix: cursor.u8().filter(|&prefix| prefix <= 32)?,
            address: u32::from_be_bytes(cursor.array()?),
        },
        Kind::Ipv6 => Network::V6 {
            prefix: cursor.u8().filter(|&prefix| prefix <= 128)?,
            address: u128::from_be_bytes(cursor.array()?),
        },
        kind => {
            let length = match digest_length(kind) {
                Some(length) => length,
                None => usize::from(cursor.u16()?),
            };
            return Some(Key::Bytes(kind, cursor.take(length)?));
        }
    };
    Some(Key::Network(network))
}

const fn digest_length(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Md5 => Some(16),
        Kind::Sha1 => Some(20),
        Kind::Sha256 => Some(32),
        Kind::Sha512 => Some(64),
        Kind::Ipv4 | Kind::Ipv6 | Kind::Domain | Kind::Url | Kind::Email => None,
    }
}

/// Whether a value that was seen is the published one.
pub(super) fn is_same(published: Key<'_>, seen: Key<'_>) -> bool {
    match (published, seen) {
        (Key::Network(published), Key::Network(seen)) => published == seen,
        (Key::Bytes(Kind::Domain, published), Key::Bytes(Kind::Domain, seen)) => {
            published.eq_ignore_ascii_case(seen)
        }
        (Key::Bytes(kind, published), Key::Bytes(seen_kind, seen)) => {
            kind == seen_kind && published == seen
        }
        _ => false,
    }
}
