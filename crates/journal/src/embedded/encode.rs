//! Records to frames.

use std::ops::Range;

use lz4_flex::block::{compress_into, get_maximum_output_size};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::frame::{
    BLOCK_BYTES, BLOCK_ROW, BlockRow, Chain, FRAME_BYTES, FRAME_RECORDS, HEADER, Hash, Header,
    RECORD_ROW, RecordRow, Tables, leaf_hash,
};
use crate::Record;

/// Most bytes of a buffer that are kept from append to append.
const KEPT: usize = 1 << 20;

/// Cuts a batch into the records of each frame.
pub(super) fn frames<'r, 'a>(
    records: &'r [Record<'a>],
) -> impl Iterator<Item = &'r [Record<'a>]> + use<'r, 'a> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = rest.iter().take(FRAME_RECORDS).take_while(|record| {
            bytes += record.leaf.len() + record.body.len();
            bytes <= FRAME_BYTES
        });
        let count = fitting.count().max(1);
        let (frame, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(frame)
    })
}

/// Where a frame stands.
pub(super) struct Place {
    pub(super) base: u64,
    pub(super) batch: u64,
    pub(super) last: bool,
    pub(super) previous: Hash,
    pub(super) salt: u64,
}

/// Frames in the making; the buffers are kept from frame to frame.
#[derive(Default)]
pub(super) struct Encoder {
    /// Encoded frames that are not written yet.
    pub(super) out: Vec<u8>,
    raw: Vec<u8>,
}

impl Encoder {
    /// Adds one frame to `out` and returns the chain hash after it.
    pub(super) fn frame(&mut self, place: &Place, records: &[Record<'_>]) -> Hash {
        let start = self.out.len();
        let plan = Plan::new(records);
        let rows = HEADER + records.len() * RECORD_ROW;
        let tables = rows + plan.blocks.len() * BLOCK_ROW;
        self.out.resize(start + rows, 0);
        let mut chain = Chain::new(place.base, &place.previous);
        for (index, record) in records.iter().enumerate() {
            let hash = leaf_hash(record.leaf);
            chain.add(&hash);
            let row = RecordRow {
                hash,
                leaf: length(record.leaf),
                body: length(record.body),
            };
            self.put(start + HEADER + index * RECORD_ROW, &row.encode());
        }
        self.out.resize(start + tables, 0);
        for (index, block) in plan.blocks.iter().enumerate() {
            let row = self.block(
                records.get(block.records.clone()).unwrap_or(&[]),
                block,
                place.salt,
            );
            self.put(start + rows + index * BLOCK_ROW, &row.encode());
        }
        let tables = self
            .out
            .get(start + HEADER..start + tables)
            .unwrap_or_default();
        let header = Header {
            length: u32::try_from(self.out.len() - start).unwrap_or(u32::MAX),
            base: place.base,
            batch: place.batch,
            records: u32::try_from(records.len()).unwrap_or(u32::MAX),
            blocks: u32::try_from(plan.blocks.len()).unwrap_or(u32::MAX),
            last: place.last,
            previous: place.previous,
            tables: xxh3_64_with_seed(tables, place.salt),
        };
        self.put(start, &header.encode(place.salt));
        chain.finish()
    }

    /// Adds a frame of another segment as it is, under this one's salt. `stored` are the bytes of
    /// its blocks, whose checksums were found to hold.
    pub(super) fn copy(&mut self, header: &Header, tables: &Tables<'_>, stored: &[u8], salt: u64) {
        let mut rows = tables.record_rows().to_vec();
        let mut rest = stored;
        for block in tables.blocks() {
            let at = (block.stored as usize).min(rest.len());
            let (bytes, after) = rest.split_at(at);
            let checksum = xxh3_64_with_seed(bytes, salt);
            rows.extend_from_slice(&BlockRow { checksum, ..block }.encode());
            rest = after;
        }
        let header = Header {
            tables: xxh3_64_with_seed(&rows, salt),
            ..*header
        };
        self.out.extend_from_slice(&header.encode(salt));
        self.out.extend_from_slice(&rows);
        self.out.extend_from_slice(stored);
    }

    /// Empties the buffers, and gives back what an unusually large record took.
    pub(super) fn recycle(&mut self) {
        for buffer in [&mut self.out, &mut self.raw] {
            buffer.clear();
            buffer.shrink_to(KEPT);
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    /// Adds the stored bytes of one block, compressed where that makes them fewer.
    fn block(&mut self, records: &[Record<'_>], block: &Planned, salt: u64) -> BlockRow {
        self.raw.clear();
        let raw = if let [record] = records {
            block.part(record)
        } else {
            for record in records {
                self.raw.extend_from_slice(block.part(record));
            }
            self.raw.as_slice()
        };
        let start = self.out.len();
        self.out
            .resize(start + get_maximum_output_size(raw.len()), 0);
        let space = self.out.get_mut(start..).unwrap_or_default();
        let packed = compress_into(raw, space)
            .ok()
            .filter(|packed| *packed < raw.len());
        self.out.truncate(start + packed.unwrap_or(0));
        if packed.is_none() {
            self.out.extend_from_slice(raw);
        }
        let stored = self.out.get(start..).unwrap_or_default();
        BlockRow {
            raw: length(raw),
            stored: length(stored),
            lz4: packed.is_some(),
            bodies: block.bodies,
            checksum: xxh3_64_with_seed(stored, salt),
        }
    }
}

/// Lengths are far below 4 GiB by [`crate::LEAF_LIMIT`] and [`crate::BODY_LIMIT`].
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Which records' leaves or bodies go into which block.
struct Plan {
    blocks: Vec<Planned>,
}

struct Planned {
    records: Range<usize>,
    bodies: bool,
}

impl Planned {
    fn part<'a>(&self, record: &Record<'a>) -> &'a [u8] {
        if self.bodies {
            record.body
        } else {
            record.leaf
        }
    }
}

impl Plan {
    /// A block ends with the record that fills it, so that a record is never in two.
    fn new(records: &[Record<'_>]) -> Self {
        let mut blocks = Vec::new();
        for bodies in [false, true] {
            let mut open = Planned {
                records: 0..0,
                bodies,
            };
            let mut bytes = 0;
            for (index, record) in records.iter().enumerate() {
                bytes += open.part(record).len();
                open.records.end = index + 1;
                if bytes >= BLOCK_BYTES {
                    let next = Planned {
                        records: index + 1..index + 1,
                        bodies,
                    };
                    blocks.push(std::mem::replace(&mut open, next));
                    bytes = 0;
                }
            }
            if bytes > 0 {
                blocks.push(open);
            }
        }
        Self { blocks }
    }
}
