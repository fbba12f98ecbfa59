//! A batch as the stream carries it. All numbers are little-endian.
//!
//! ```text
//! batch    magic "eJb1", base position u64, records u32, previous chain hash 32 bytes, length of what
//!          follows before it was compressed u64, checksum (XXH3-64) of all but this field u64, lz4 block
//! block    of each record: leaf length u32, body length u32, leaf, body
//! piece    magic "eJp1", number from 0 u32, pieces u32, base position u64, id of the batch 16 bytes, bytes
//! ```
//!
//! A batch is cut into pieces of at most [`PIECE`] bytes, one message each; it is there when its last piece
//! is. The chain hash is SHA-256 over a label, the base position, the previous chain hash and the leaf
//! hashes. It never covers bodies, so that these can be erased later.

use bytes::Bytes;
use lz4_flex::block::{compress, decompress};
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::log::hash::{Hash, leaf_hash};
use crate::{BATCH_LIMIT, Record};

/// Bytes of a batch in one message.
pub(super) const PIECE: usize = 512 << 10;
const BATCH: [u8; 4] = *b"eJb1";
const PART: [u8; 4] = *b"eJp1";
/// Bytes before the compressed block.
const HEAD: usize = 4 + 8 + 4 + 32 + 8 + 8;
/// Where the checksum is.
const SUM: usize = HEAD - 8;
/// Bytes before a piece's part of the batch.
const PIECE_HEAD: usize = 4 + 4 + 4 + 8 + 16;

/// A batch that was read back and holds.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) base: u64,
    pub(super) previous: Hash,
    pub(super) chain: Hash,
    pub(super) records: Vec<(Bytes, Bytes)>,
}

/// A batch in the form in which it is published.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    pub(super) id: [u8; 16],
    pub(super) pieces: Vec<Bytes>,
}

/// The chain hash after the first of all batches.
pub(super) const GENESIS: Hash = [0; 32];

pub(super) fn encode(base: u64, previous: &Hash, records: &[Record<'_>]) -> Encoded {
    let size = records
        .iter()
        .map(|r| 8 + r.leaf.len() + r.body.len())
        .sum();
    let mut raw = Vec::with_capacity(size);
    for record in records {
        for part in [record.leaf, record.body] {
            raw.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        raw.extend_from_slice(record.leaf);
        raw.extend_from_slice(record.body);
    }
    let block = compress(&raw);
    let mut bytes = Vec::with_capacity(HEAD + block.len());
    bytes.extend_from_slice(&BATCH);
    bytes.extend_from_slice(&base.to_le_bytes());
    bytes.extend_from_slice(
        &u32::try_from(records.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    bytes.extend_from_slice(previous);
    bytes.extend_from_slice(&(raw.len() as u64).to_le_bytes());
    let sum = checksum(&bytes, &block);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes.extend_from_slice(&block);
    let mut id = [0; 16];
    id.iter_mut()
        .zip(Sha256::digest(&bytes))
        .for_each(|(to, from)| *to = from);
    let chunks: Vec<&[u8]> = bytes.chunks(PIECE).collect();
    let count = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
    let pieces = (0u32..).zip(chunks).map(|(number, chunk)| {
        let mut piece = Vec::with_capacity(PIECE_HEAD + chunk.len());
        piece.extend_from_slice(&PART);
        piece.extend_from_slice(&number.to_le_bytes());
        piece.extend_from_slice(&count.to_le_bytes());
        piece.extend_from_slice(&base.to_le_bytes());
        piece.extend_from_slice(&id);
        piece.extend_from_slice(chunk);
        Bytes::from(piece)
    });
    Encoded {
        id,
        pieces: pieces.collect(),
    }
}

/// The batch in these bytes.
///
/// # Errors
/// What does not hold.
pub(super) fn decode(bytes: &[u8]) -> Result<Batch, &'static str> {
    let head = bytes.get(..HEAD).ok_or("it is too short")?;
    let block = bytes.get(HEAD..).unwrap_or_default();
    let (before, sum) = head.split_at_checked(SUM).ok_or("it is too short")?;
    if !head.starts_with(&BATCH) {
        return Err("it is no batch of a journal");
    }
    if sum != checksum(before, block).to_le_bytes() {
        return Err("its checksum does not hold");
    }
    let base = u64::from_le_bytes(array(head, 4)?);
    let count = u32::from_le_bytes(array(head, 12)?);
    let previous: Hash = array(head, 16)?;
    let raw_length = usize::try_from(u64::from_le_bytes(array(head, 48)?)).unwrap_or(usize::MAX);
    if raw_length > BATCH_LIMIT {
        return Err("it is over the limit of a batch");
    }
    let raw = Bytes::from(decompress(block, raw_length).map_err(|_| "it does not decompress")?);
    let mut chain = Chain::new(base, &previous);
    let (mut records, mut at) = (Vec::new(), 0_usize);
    for _ in 0..count {
        let leaf = u32::from_le_bytes(array(&raw, at)?) as usize;
        let body = u32::from_le_bytes(array(&raw, at + 4)?) as usize;
        let (start, middle) = (at + 8, at + 8 + leaf);
        let end = middle + body;
        if end > raw.len() {
            return Err("a record reaches beyond its end");
        }
        chain.add(&leaf_hash(raw.get(start..middle).unwrap_or_default()));
        records.push((raw.slice(start..middle), raw.slice(middle..end)));
        at = end;
    }
    if at != raw.len() {
        return Err("it has bytes behind its last record");
    }
    Ok(Batch {
        base,
        previous,
        chain: chain.finish(),
        records,
    })
}

impl Batch {
    /// The position after its last record.
    pub(super) fn next(&self) -> u64 {
        self.base.saturating_add(self.records.len() as u64)
    }
}

/// A message: part of a batch.
pub(super) struct Piece {
    pub(super) number: u32,
    pub(super) pieces: u32,
    /// The base position of its batch.
    pub(super) base: u64,
    pub(super) id: [u8; 16],
    pub(super) bytes: Bytes,
}

impl Piece {
    pub(super) fn decode(message: &Bytes) -> Result<Self, &'static str> {
        if !message.starts_with(&PART) || message.len() < PIECE_HEAD {
            return Err("it is no piece of a batch");
        }
        Ok(Piece {
            number: u32::from_le_bytes(array(message, 4)?),
            pieces: u32::from_le_bytes(array(message, 8)?),
            base: u64::from_le_bytes(array(message, 12)?),
            id: array(message, 20)?,
            bytes: message.slice(PIECE_HEAD..),
        })
    }
}

/// Puts pieces together. Those of a batch whose writer was overtaken are left behind.
#[derive(Default)]
pub(super) struct Assembly {
    id: [u8; 16],
    next: u32,
    bytes: Vec<u8>,
}

impl Assembly {
    /// Takes a piece; gives the batch when it was the last one.
    pub(super) fn take(&mut self, piece: &Piece) -> Option<Result<Batch, &'static str>> {
        if piece.number == 0 {
            *self = Assembly {
                id: piece.id,
                next: 0,
                bytes: Vec::new(),
            };
        }
        if piece.id != self.id || piece.number != self.next {
            *self = Assembly::default();
            return None;
        }
        self.bytes.extend_from_slice(&piece.bytes);
        self.next += 1;
        if self.next < piece.pieces {
            return None;
        }
        let bytes = std::mem::take(&mut self.bytes);
        *self = Assembly::default();
        Some(decode(&bytes))
    }
}

struct Chain(Sha256);

impl Chain {
    fn new(base: u64, previous: &Hash) -> Self {
        let mut hash = Sha256::new_with_prefix(b"entente/stream-chain/v1\n");
        hash.update(base.to_le_bytes());
        hash.update(previous);
        Chain(hash)
    }

    fn add(&mut self, leaf: &Hash) {
        self.0.update(leaf);
    }

    fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

fn checksum(head: &[u8], block: &[u8]) -> u64 {
    let mut sum = Xxh3::new();
    sum.update(&xxh3_64(head).to_le_bytes());
    sum.update(block);
    sum.digest()
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], &'static str> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.copied().ok_or("it is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn batches_come_back_as_they_were(
            base in 0..u64::MAX / 2,
            records in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..90), prop::collection::vec(any::<u8>(), 0..300)), 1..40),
            flip in any::<prop::sample::Index>(),
        ) {
            let borrowed: Vec<Record<'_>> = records.iter().map(|(leaf, body)| Record { leaf, body }).collect();
            let encoded = encode(base, &GENESIS, &borrowed);
            let mut assembly = Assembly::default();
            let mut found = None;
            for piece in &encoded.pieces {
                found = assembly.take(&Piece::decode(piece).unwrap());
            }
            let batch = found.unwrap().unwrap();
            prop_assert_eq!(batch.base, base);
            prop_assert_eq!(batch.next(), base + records.len() as u64);
            let back: Vec<(Vec<u8>, Vec<u8>)> = batch.records.iter().map(|(l, b)| (l.to_vec(), b.to_vec())).collect();
            prop_assert_eq!(back, records);
            let whole = Piece::decode(&encoded.pieces[0]).unwrap().bytes;
            let mut changed = whole.to_vec();
            let at = flip.index(changed.len());
            changed[at] ^= 0x20;
            prop_assert!(decode(&changed).is_err());
        }
    }
}
