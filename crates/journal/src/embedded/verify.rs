//! The full check, for `doctor`: every header, table, block, leaf and link of the chain.

use super::{
    region::{Reader, Region},
    segment::Span,
    walk,
    window::Window,
};
use crate::{Error, Position};

/// How much is read at once.
const STEP: usize = 256 << 10;

/// What a full check went through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Segment files.
    pub segments: u64,
    /// Frames.
    pub frames: u64,
    /// Records.
    pub records: u64,
    /// Records without a body: those that were erased, and those appended so.
    pub without_body: u64,
    /// Bytes of leaves and bodies.
    pub bytes: u64,
    /// Bytes of the segment files.
    pub stored_bytes: u64,
    /// The chain hash after the last record: the same on every intact copy of the journal.
    pub chain: [u8; 32],
}

/// Checks one segment, given as the span from its first frame to its end.
pub(super) fn segment(
    span: &Span,
    summary: &mut Summary,
    progress: &mut dyn FnMut(Position),
) -> Result<(), Error> {
    let source = &span.source;
    if source.base != summary.records || source.chain != summary.chain {
        return Err(source.corrupt(0, "it does not continue the segment before"));
    }
    let mut window = Window::new(source, span.end, STEP);
    let mut offset = span.start;
    while offset < span.end {
        let (header, tables) = walk::frame(source, &mut window, offset)?
            .map_err(|what| source.corrupt(offset, what))?;
        if header.previous != summary.chain {
            return Err(source.corrupt(offset, "the hash chain is broken"));
        }
        let mut region = Region::empty(std::sync::Arc::clone(source), summary.records);
        region.add(offset, &header, &tables)?;
        summary.chain = tables.chain(&header);
        let (bytes, without_body) = records(&region, header.base)?;
        summary.bytes += bytes;
        summary.without_body += without_body;
        summary.records = header.next();
        summary.frames += 1;
        offset += u64::from(header.length);
        progress(Position(summary.records));
    }
    summary.segments += 1;
    summary.stored_bytes += span.end;
    Ok(())
}

/// Reads every record of a region; returns their bytes, and how many have no body.
fn records(region: &Region, base: u64) -> Result<(u64, u64), Error> {
    let mut reader = Reader::new(region, None, STEP);
    let (mut bytes, mut without_body) = (0, 0);
    for position in base..region.next() {
        if let Some(stored) = reader.record(position)? {
            bytes += (stored.leaf.len() + stored.body.len()) as u64;
            without_body += u64::from(stored.body.is_empty());
        }
    }
    Ok((bytes, without_body))
}
