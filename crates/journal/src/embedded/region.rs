//! The records of one span of a segment: where each is, and how to get it.

use std::sync::Arc;

use bytes::Bytes;
use lz4_flex::block::decompress_into;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    cache::{Cache, Kept},
    frame::{Hash, Header, Tables, leaf_hash},
    segment::{Source, Span},
    walk,
    window::Window,
};
use crate::{Error, Position, Stored};

/// How much is read at once when looking for frames: the tables of a full frame fit.
const STEP: usize = 32 << 10;

/// The record and block tables of consecutive frames, decoded.
pub(super) struct Region {
    source: Arc<Source>,
    base: u64,
    slots: Vec<Slot>,
    blocks: Vec<Block>,
}

struct Slot {
    hash: Hash,
    leaf: Piece,
    body: Piece,
}

/// A part of a block, after decompression.
#[derive(Copy, Clone)]
struct Piece {
    block: u32,
    start: u32,
    length: u32,
}

#[derive(Copy, Clone)]
struct Block {
    offset: u64,
    raw: u32,
    stored: u32,
    lz4: bool,
    checksum: u64,
}

impl Region {
    pub(super) fn empty(source: Arc<Source>, base: u64) -> Self {
        Self {
            source,
            base,
            slots: Vec::new(),
            blocks: Vec::new(),
        }
    }

    pub(super) fn load(span: &Span) -> Result<Self, Error> {
        let mut region = Self::empty(Arc::clone(&span.source), span.base);
        let mut window = Window::new(&span.source, span.end, STEP);
        let mut offset = span.start;
        while offset < span.end {
            let (header, tables) = walk::frame(&span.source, &mut window, offset)?
                .map_err(|what| span.source.corrupt(offset, what))?;
            region.add(offset, &header, &tables)?;
            offset += u64::from(header.length);
        }
        if region.next() == span.next {
            Ok(region)
        } else {
            Err(span
                .source
                .corrupt(span.start, "frames do not lead to the next indexed frame"))
        }
    }

    /// Adds the records of the frame at `offset`.
    pub(super) fn add(
        &mut self,
        offset: u64,
        header: &Header,
        tables: &Tables<'_>,
    ) -> Result<(), Error> {
        if header.base != self.next() {
            return Err(self
                .source
                .corrupt(offset, "a frame has the base position of another"));
        }
        let first = self.blocks.len();
        let mut stored_at = offset + u64::from(header.length);
        stored_at -= tables
            .blocks()
            .map(|block| u64::from(block.stored))
            .sum::<u64>();
        let mut leaf_blocks = 0;
        for block in tables.blocks() {
            leaf_blocks += usize::from(!block.bodies);
            self.blocks.push(Block {
                offset: stored_at,
                raw: block.raw,
                stored: block.stored,
                lz4: block.lz4,
                checksum: block.checksum,
            });
            stored_at += u64::from(block.stored);
        }
        let middle = first + leaf_blocks;
        let mut leaves = Cursor::new(&self.blocks, first, middle);
        let mut bodies = Cursor::new(&self.blocks, middle, self.blocks.len());
        for row in tables.records() {
            let (Some(leaf), Some(body)) = (leaves.take(row.leaf), bodies.take(row.body)) else {
                return Err(self
                    .source
                    .corrupt(offset, "the tables of a frame disagree"));
            };
            self.slots.push(Slot {
                hash: row.hash,
                leaf,
                body,
            });
        }
        Ok(())
    }

    /// Position after the last record.
    pub(super) fn next(&self) -> u64 {
        self.base + self.slots.len() as u64
    }

    /// Approximate bytes of memory.
    pub(super) fn weight(&self) -> usize {
        self.slots.len() * size_of::<Slot>() + self.blocks.len() * size_of::<Block>()
    }

    fn slot(&self, position: u64) -> Option<&Slot> {
        let index = usize::try_from(position.checked_sub(self.base)?).ok()?;
        self.slots.get(index)
    }

    /// Checks every leaf of a block that was just decoded against its hash, once: what is kept of
    /// the block afterwards is right.
    fn check_leaves(&self, block: u32, bytes: &[u8]) -> Result<(), Error> {
        let slots = self.slots.iter().filter(|slot| slot.leaf.length > 0);
        for slot in slots.filter(|slot| slot.leaf.block == block) {
            let start = slot.leaf.start as usize;
            let leaf = bytes
                .get(start..start + slot.leaf.length as usize)
                .unwrap_or_default();
            self.check_leaf(slot, leaf)?;
        }
        Ok(())
    }

    fn check_leaf(&self, slot: &Slot, leaf: &[u8]) -> Result<(), Error> {
        if leaf_hash(leaf) == slot.hash {
            return Ok(());
        }
        let offset = self
            .blocks
            .get(slot.leaf.block as usize)
            .map_or(0, |block| block.offset);
        Err(self.source.corrupt(offset, "a leaf does not have its hash"))
    }

    /// Whether the record at `position` has a body; `None` outside the region.
    pub(super) fn has_body(&self, position: u64) -> Option<bool> {
        self.slot(position).map(|slot| slot.body.length > 0)
    }

    /// Bytes of the leaf and body at `position`; `None` outside the region.
    pub(super) fn size(&self, position: u64) -> Option<usize> {
        self.slot(position)
            .map(|slot| slot.leaf.length as usize + slot.body.length as usize)
    }

    /// Bytes of the leaf at `position`; `None` outside the region.
    pub(super) fn leaf_size(&self, position: u64) -> Option<usize> {
        self.slot(position).map(|slot| slot.leaf.length as usize)
    }
}

/// Hands out the pieces of consecutive records from consecutive blocks.
struct Cursor<'b> {
    blocks: &'b [Block],
    block: usize,
    end: usize,
    start: u32,
}

impl<'b> Cursor<'b> {
    fn new(blocks: &'b [Block], block: usize, end: usize) -> Self {
        Self {
            blocks,
            block,
            end,
            start: 0,
        }
    }

    fn take(&mut self, length: u32) -> Option<Piece> {
        if length == 0 {
            return Some(Piece {
                block: 0,
                start: 0,
                length,
            });
        }
        if self.blocks.get(self.block)?.raw == self.start {
            self.block += 1;
            self.start = 0;
        }
        let end = self.start.checked_add(length)?;
        let inside = self.block < self.end && end <= self.blocks.get(self.block)?.raw;
        let piece = Piece {
            block: u32::try_from(self.block).ok()?,
            start: self.start,
            length,
        };
        self.start = end;
        inside.then_some(piece)
    }
}

/// What a block holds.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Part {
    Leaves,
    Bodies,
}

/// Reads records of a region, keeping the blocks of the last one at hand.
pub(super) struct Reader<'r> {
    region: &'r Region,
    window: Window<'r>,
    cache: Option<&'r Cache<Kept>>,
    leaf: Option<(u32, Bytes)>,
    body: Option<(u32, Bytes)>,
}

impl<'r> Reader<'r> {
    /// `ahead`: least bytes to read at once, for reading in order.
    pub(super) fn new(region: &'r Region, cache: Option<&'r Cache<Kept>>, ahead: usize) -> Self {
        let end = region
            .blocks
            .last()
            .map_or(0, |block| block.offset + u64::from(block.stored));
        let window = Window::new(&region.source, end, ahead);
        Self {
            region,
            window,
            cache,
            leaf: None,
            body: None,
        }
    }

    /// The record at `position`, verified; `None` outside the region.
    pub(super) fn record(&mut self, position: u64) -> Result<Option<Stored>, Error> {
        let (Some(slot), Some(leaf)) = (self.region.slot(position), self.leaf(position)?) else {
            return Ok(None);
        };
        let mut held = self.body.take();
        let body = self.piece(slot.body, Part::Bodies, &mut held);
        self.body = held;
        Ok(Some(Stored {
            position: Position(position),
            leaf,
            body: body?,
        }))
    }

    /// The leaf at `position`, verified; `None` outside the region.
    pub(super) fn leaf(&mut self, position: u64) -> Result<Option<Bytes>, Error> {
        let Some(slot) = self.region.slot(position) else {
            return Ok(None);
        };
        let mut held = self.leaf.take();
        let leaf = self.piece(slot.leaf, Part::Leaves, &mut held);
        self.leaf = held;
        let leaf = leaf?;
        if leaf.is_empty() {
            // It is in no block, whose decoding would have checked it.
            self.region.check_leaf(slot, &leaf)?;
        }
        Ok(Some(leaf))
    }

    /// The hash of the leaf at `position`; `None` outside the region.
    pub(super) fn leaf_hash(&self, position: u64) -> Option<Hash> {
        self.region.slot(position).map(|slot| slot.hash)
    }

    fn piece(
        &mut self,
        piece: Piece,
        part: Part,
        held: &mut Option<(u32, Bytes)>,
    ) -> Result<Bytes, Error> {
        if piece.length == 0 {
            return Ok(Bytes::new());
        }
        let range = piece.start as usize..piece.start as usize + piece.length as usize;
        if let Some((_, bytes)) = held.as_ref().filter(|(block, _)| *block == piece.block) {
            return Ok(bytes.slice(range));
        }
        let bytes = self.block(piece.block, part)?;
        let slice = bytes.slice(range);
        *held = Some((piece.block, bytes));
        Ok(slice)
    }

    fn block(&mut self, index: u32, part: Part) -> Result<Bytes, Error> {
        let source = &*self.region.source;
        let Some(block) = self.region.blocks.get(index as usize) else {
            return Err(source.corrupt(0, "a record is in a block that does not exist"));
        };
        let key = (source.id, block.offset);
        if let Some(Kept::Block(bytes)) = self.cache.and_then(|cache| cache.get(key)) {
            return Ok(bytes);
        }
        let stored = self.window.bytes(block.offset, block.stored as usize)?;
        let bytes = stored
            .ok_or("the file ends within a block")
            .and_then(|stored| decode(source, block, stored))
            .map_err(|what| source.corrupt(block.offset, what))?;
        if part == Part::Leaves {
            self.region.check_leaves(index, &bytes)?;
        }
        if let Some(cache) = self.cache {
            cache.put(key, Kept::Block(bytes.clone()), bytes.len());
            if source.is_retired() {
                cache.forget(source.id);
            }
        }
        Ok(bytes)
    }
}

/// The raw bytes of a block: exactly `block.raw` of them.
fn decode(source: &Source, block: &Block, stored: &[u8]) -> Result<Bytes, &'static str> {
    if xxh3_64_with_seed(stored, source.salt) != block.checksum {
        return Err("the checksum of a block is wrong");
    }
    let length = block.raw as usize;
    if block.lz4 {
        let mut raw = vec![0; length];
        match decompress_into(stored, &mut raw) {
            Ok(written) if written == length => Ok(raw.into()),
            _ => Err("a block cannot be decompressed"),
        }
    } else if stored.len() == length {
        Ok(Bytes::copy_from_slice(stored))
    } else {
        Err("a block has another length than its table says")
    }
}
