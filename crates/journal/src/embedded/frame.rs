//! A frame: the header, the tables and the chain. All numbers are little-endian.
//!
//! ```text
//! header   88 bytes   magic u32, length u32 (of the whole frame), base position u64, batch u64 (base
//!                     position of the append that the frame is part of), records u32, blocks u32,
//!                     flags u32 (1: last frame of its batch), reserved u32 (0), previous chain hash
//!                     32 bytes, checksum of the tables u64, checksum of the header u64
//! records  40 bytes each   leaf hash 32 bytes, leaf length u32, body length u32
//! blocks   20 bytes each   raw length u32, stored length u32, flags u32 (1: lz4, 2: bodies),
//!                          checksum of the stored bytes u64
//! stored bytes of the blocks, those of leaves first
//! ```
//!
//! Checksums are XXH3-64 seeded with the segment's salt: they find accidents. The chain hash is
//! SHA-256 over a label, the base position, the previous chain hash and the leaf hashes: it finds
//! forks and replaced files. It never covers bodies, so that these can be erased later.

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::field::{array, u32_at, u64_at};
pub(super) use crate::log::hash::{Hash, leaf_hash};

pub(super) const HEADER: usize = 88;
pub(super) const RECORD_ROW: usize = 40;
pub(super) const BLOCK_ROW: usize = 20;

/// Most records in a frame.
pub(super) const FRAME_RECORDS: usize = 500;
/// Most raw bytes in a frame of more than one record.
pub(super) const FRAME_BYTES: usize = 256 << 10;
/// A block is closed when it has this many raw bytes.
pub(super) const BLOCK_BYTES: usize = 16 << 10;

const MAGIC: [u8; 4] = *b"eFr1";
const LAST: u32 = 1;
const LZ4: u32 = 1;
const BODIES: u32 = 2;

/// The first bytes of a frame.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Bytes of the whole frame.
    pub(super) length: u32,
    pub(super) base: u64,
    pub(super) batch: u64,
    pub(super) records: u32,
    pub(super) blocks: u32,
    /// Whether the frame completes its batch.
    pub(super) last: bool,
    pub(super) previous: Hash,
    pub(super) tables: u64,
}

impl Header {
    pub(super) const MAGIC: [u8; 4] = MAGIC;

    pub(super) fn encode(&self, salt: u64) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let flags = if self.last { LAST } else { 0 };
        let fields: [&[u8]; 9] = [
            &MAGIC,
            &self.length.to_le_bytes(),
            &self.base.to_le_bytes(),
            &self.batch.to_le_bytes(),
            &self.records.to_le_bytes(),
            &self.blocks.to_le_bytes(),
            &u64::from(flags).to_le_bytes(),
            &self.previous,
            &self.tables.to_le_bytes(),
        ];
        put(&mut bytes, &fields);
        let (body, end) = bytes.split_at_mut(HEADER - 8);
        end.copy_from_slice(&xxh3_64_with_seed(body, salt).to_le_bytes());
        bytes
    }

    /// `None` when the bytes are not a header, whole and unchanged.
    pub(super) fn decode(bytes: &[u8], salt: u64) -> Option<Self> {
        let body = bytes.get(..HEADER - 8)?;
        let whole =
            body.starts_with(&MAGIC) && u64_at(bytes, HEADER - 8)? == xxh3_64_with_seed(body, salt);
        let header = Self {
            length: u32_at(bytes, 4)?,
            base: u64_at(bytes, 8)?,
            batch: u64_at(bytes, 16)?,
            records: u32_at(bytes, 24)?,
            blocks: u32_at(bytes, 28)?,
            last: u32_at(bytes, 32)? & LAST != 0,
            previous: array(bytes, 40)?,
            tables: u64_at(bytes, 72)?,
        };
        let sane = header.records > 0 && header.tables_end() <= u64::from(header.length);
        (whole && sane).then_some(header)
    }

    /// Bytes of both tables.
    pub(super) fn tables_length(&self) -> usize {
        self.records as usize * RECORD_ROW + self.blocks as usize * BLOCK_ROW
    }

    fn tables_end(&self) -> u64 {
        (HEADER + self.tables_length()) as u64
    }

    /// The position after the last record of the frame.
    pub(super) fn next(&self) -> u64 {
        self.base.saturating_add(u64::from(self.records))
    }
}

/// Copies `fields` one after the other to the front of `bytes`.
pub(super) fn put(bytes: &mut [u8], fields: &[&[u8]]) {
    let mut rest = bytes;
    for field in fields {
        let Some((place, after)) = rest.split_at_mut_checked(field.len()) else {
            return;
        };
        place.copy_from_slice(field);
        rest = after;
    }
}

/// A row of the record table.
#[derive(Copy, Clone, Debug)]
pub(super) struct RecordRow {
    pub(super) hash: Hash,
    pub(super) leaf: u32,
    pub(super) body: u32,
}

impl RecordRow {
    pub(super) fn encode(&self) -> [u8; RECORD_ROW] {
        let mut bytes = [0; RECORD_ROW];
        put(
            &mut bytes,
            &[
                &self.hash,
                &self.leaf.to_le_bytes(),
                &self.body.to_le_bytes(),
            ],
        );
        bytes
    }

    fn decode(row: &[u8]) -> Option<Self> {
        Some(Self {
            hash: array(row, 0)?,
            leaf: u32_at(row, 32)?,
            body: u32_at(row, 36)?,
        })
    }
}

/// A row of the block table.
#[derive(Copy, Clone, Debug)]
pub(super) struct BlockRow {
    pub(super) raw: u32,
    pub(super) stored: u32,
    pub(super) lz4: bool,
    pub(super) bodies: bool,
    pub(super) checksum: u64,
}

impl BlockRow {
    pub(super) fn encode(&self) -> [u8; BLOCK_ROW] {
        let mut bytes = [0; BLOCK_ROW];
        let flags = (if self.lz4 { LZ4 } else { 0 }) | (if self.bodies { BODIES } else { 0 });
        let fields: [&[u8]; 4] = [
            &self.raw.to_le_bytes(),
            &self.stored.to_le_bytes(),
            &flags.to_le_bytes(),
            &self.checksum.to_le_bytes(),
        ];
        put(&mut bytes, &fields);
        bytes
    }

    fn decode(row: &[u8]) -> Option<Self> {
        let flags = u32_at(row, 8)?;
        Some(Self {
            raw: u32_at(row, 0)?,
            stored: u32_at(row, 4)?,
            lz4: flags & LZ4 != 0,
            bodies: flags & BODIES != 0,
            checksum: u64_at(row, 12)?,
        })
    }
}

/// The tables of a frame, unchanged since they were written.
#[derive(Copy, Clone)]
pub(super) struct Tables<'a> {
    records: &'a [u8],
    blocks: &'a [u8],
}

impl<'a> Tables<'a> {
    /// `None` when `bytes` are not the tables that `header` speaks of.
    pub(super) fn decode(header: &Header, bytes: &'a [u8], salt: u64) -> Option<Self> {
        if bytes.len() != header.tables_length() || xxh3_64_with_seed(bytes, salt) != header.tables
        {
            return None;
        }
        let (records, blocks) = bytes.split_at_checked(header.records as usize * RECORD_ROW)?;
        let tables = Self { records, blocks };
        let stored: u64 = tables.blocks().map(|block| u64::from(block.stored)).sum();
        (header.tables_end() + stored == u64::from(header.length)).then_some(tables)
    }

    pub(super) fn records(&self) -> impl Iterator<Item = RecordRow> + use<'a> {
        self.records
            .chunks_exact(RECORD_ROW)
            .filter_map(RecordRow::decode)
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = BlockRow> + use<'a> {
        self.blocks
            .chunks_exact(BLOCK_ROW)
            .filter_map(BlockRow::decode)
    }

    /// The encoded rows of the records.
    pub(super) fn record_rows(&self) -> &'a [u8] {
        self.records
    }

    /// The chain hash after the frame.
    pub(super) fn chain(&self, header: &Header) -> Hash {
        let mut chain = Chain::new(header.base, &header.previous);
        self.records().for_each(|row| chain.add(&row.hash));
        chain.finish()
    }
}

/// The chain hash of a frame in the making.
pub(super) struct Chain(Sha256);

impl Chain {
    /// The chain hash before the first record.
    pub(super) const START: Hash = [0; 32];

    pub(super) fn new(base: u64, previous: &Hash) -> Self {
        let label = Sha256::new_with_prefix(b"entente journal chain 1\n");
        Self(
            label
                .chain_update(base.to_le_bytes())
                .chain_update(previous),
        )
    }

    pub(super) fn add(&mut self, leaf_hash: &Hash) {
        self.0.update(leaf_hash);
    }

    pub(super) fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_and_no_flipped_bit_does() {
        let header = Header {
            length: 88 + 2 * 40 + 20 + 7,
            base: 3,
            batch: 1,
            records: 2,
            blocks: 1,
            last: true,
            previous: [9; 32],
            tables: 77,
        };
        let bytes = header.encode(5);
        assert_eq!(Header::decode(&bytes, 5), Some(header));
        assert_eq!(Header::decode(&bytes, 6), None, "another segment's salt");
        for bit in 0..HEADER * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&flipped, 5), None, "bit {bit}");
        }
    }
}
