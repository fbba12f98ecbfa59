//! What a segment holds after its last index point: looked at when a journal is opened.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    frame::{HEADER, Hash, Header},
    index::STRIDE,
    segment::{Point, Segment, Source},
    walk,
    window::Window,
};
use crate::Error;

/// How much is read at once.
const STEP: usize = 256 << 10;

/// Where a segment's complete batches end.
#[derive(Copy, Clone)]
pub(super) struct End {
    /// Offset after the last frame.
    pub(super) offset: u64,
    /// Position after the last record.
    pub(super) next: u64,
    /// Chain hash after the last frame.
    pub(super) chain: Hash,
}

/// The outcome of a scan.
pub(super) struct Scanned {
    pub(super) end: End,
    /// Index points that were not known before.
    pub(super) points: Vec<Point>,
    /// What ended the scan before the file did.
    pub(super) fault: Option<Fault>,
}

/// A frame that does not hold, and where.
#[derive(Copy, Clone)]
pub(super) struct Fault {
    pub(super) offset: u64,
    pub(super) what: &'static str,
    /// Position that the frame should start with.
    position: u64,
}

/// Walks from the last known point of `segment` to the end of its file. With `blocks` also the
/// checksums of the blocks are checked.
///
/// # Errors
/// [`Error::Corrupt`] when a frame is whole, yet does not continue the one before.
pub(super) fn scan(segment: &Segment, length: u64, blocks: bool) -> Result<Scanned, Error> {
    let source = &*segment.source;
    let mut window = Window::new(source, length, STEP);
    let mut walked = Walked::start(segment, &mut window)?;
    let mut points = Vec::new();
    let mut last_point = walked.end.offset;
    let mut complete = walked.clone();
    let mut fault = None;
    while walked.end.offset < length {
        let offset = walked.end.offset;
        match walked.step(source, &mut window, blocks)? {
            Ok(()) => {}
            Err(what) => {
                fault = Some(Fault {
                    offset,
                    what,
                    position: walked.end.next,
                });
                break;
            }
        }
        if offset >= last_point + STRIDE {
            points.push((offset, walked.frame_base));
            last_point = offset;
        }
        if walked.batch.is_none() {
            complete = walked.clone();
        }
    }
    if complete.batch.is_some() {
        return Err(source.corrupt(complete.end.offset, "its last batch has no end"));
    }
    if fault.is_none() && walked.batch.is_some() {
        let what = "the last batch has no end";
        fault = Some(Fault {
            offset: complete.end.offset,
            what,
            position: complete.end.next,
        });
    }
    let points = points
        .into_iter()
        .filter(|(offset, _)| *offset < complete.end.offset)
        .filter_map(|(offset, base)| Point::new(source, base, offset))
        .collect();
    Ok(Scanned {
        end: complete.end,
        points,
        fault,
    })
}

/// Where a scan is.
#[derive(Clone)]
struct Walked {
    end: End,
    /// Base position of the last frame.
    frame_base: u64,
    /// The batch that the last frame did not complete.
    batch: Option<u64>,
}

impl Walked {
    fn start(segment: &Segment, window: &mut Window<'_>) -> Result<Self, Error> {
        let source = &*segment.source;
        let first = Self {
            end: End {
                offset: segment.end,
                next: source.base,
                chain: source.chain,
            },
            frame_base: source.base,
            batch: None,
        };
        let Some(point) = segment.points.last().filter(|point| point.records > 0) else {
            return Ok(first);
        };
        let offset = u64::from(point.offset);
        let header = window
            .bytes(offset, HEADER)?
            .and_then(|bytes| Header::decode(bytes, source.salt))
            .ok_or_else(|| source.corrupt(offset, "a frame header is damaged"))?;
        Ok(Self {
            end: End {
                offset,
                next: header.base,
                chain: header.previous,
            },
            frame_base: header.base,
            batch: Some(header.batch).filter(|batch| *batch != header.base),
        })
    }

    /// Takes one frame, or says what is wrong with it.
    fn step(
        &mut self,
        source: &Source,
        window: &mut Window<'_>,
        blocks: bool,
    ) -> Result<Result<(), &'static str>, Error> {
        let offset = self.end.offset;
        let (header, stored, chain) = match walk::frame(source, window, offset)? {
            Ok((header, tables)) => {
                let stored = tables
                    .blocks()
                    .map(|block| (block.stored as usize, block.checksum));
                let stored: Vec<_> = stored.take_while(|_| blocks).collect();
                (header, stored, tables.chain(&header))
            }
            Err(what) => return Ok(Err(what)),
        };
        if header.base != self.end.next || header.batch != self.batch.unwrap_or(header.base) {
            return Err(source.corrupt(offset, "a frame has the position of another"));
        }
        if header.previous != self.end.chain {
            return Err(source.corrupt(offset, "the hash chain is broken"));
        }
        let after = offset + u64::from(header.length);
        if after > window.end() {
            return Ok(Err("the file ends within a block"));
        }
        let mut block = offset + (HEADER + header.tables_length()) as u64;
        for (length, checksum) in stored {
            let bytes = window.bytes(block, length)?.unwrap_or_default();
            if xxh3_64_with_seed(bytes, source.salt) != checksum {
                return Ok(Err("the checksum of a block is wrong"));
            }
            block += length as u64;
        }
        self.end = End {
            offset: after,
            next: header.next(),
            chain,
        };
        self.frame_base = header.base;
        self.batch = (!header.last).then_some(header.batch);
        Ok(Ok(()))
    }
}

/// Whether a frame of a later batch stands behind the fault. Then the batch with the fault had been
/// durable, as the next is written only after that: it is damage, not an append cut short.
pub(super) fn continues(source: &Source, fault: &Fault, length: u64) -> Result<bool, Error> {
    let mut window = Window::new(source, length, STEP);
    let mut offset = fault.offset + 1;
    while offset + HEADER as u64 <= length {
        let size = usize::try_from(length - offset)
            .unwrap_or(usize::MAX)
            .min(STEP);
        let Some(bytes) = window.bytes(offset, size)? else {
            return Ok(false);
        };
        let starts = bytes
            .windows(HEADER)
            .enumerate()
            .filter(|(_, at)| at.starts_with(&Header::MAGIC));
        let mut headers = starts.filter_map(|(_, at)| Header::decode(at, source.salt));
        if headers.any(|header| header.batch > fault.position) {
            return Ok(true);
        }
        offset += (size - (HEADER - 1)) as u64;
    }
    Ok(false)
}
