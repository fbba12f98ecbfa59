//! Appending: one writer, which alone changes files.

use std::{
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    encode::{self, Encoder, Place},
    head::Head,
    index::{Index, STRIDE},
    scan::End,
    segment::{Point, SEGMENT_HEADER, Segment, Source},
};
use crate::{Error, Position, Record, record};

/// Encoded bytes that are gathered before they are written.
const FLUSH: usize = 4 << 20;

/// The state of the writer between two appends.
pub(super) struct Writer {
    pub(super) directory: PathBuf,
    pub(super) segment_bytes: u64,
    pub(super) source: Arc<Source>,
    pub(super) end: End,
    /// Offset of the last frame with an index point.
    pub(super) last_point: u64,
    pub(super) index: Index,
    pub(super) head: Head,
    pub(super) encoder: Encoder,
    /// What the file holds is unknown: nothing may be written any more.
    pub(super) poisoned: bool,
}

/// What an append adds to the active segment.
struct Added {
    end: End,
    points: Vec<Point>,
}

impl Writer {
    /// The whole of an append. `segments` learns of it once it is durable.
    pub(super) fn append(
        &mut self,
        segments: &RwLock<Vec<Segment>>,
        expected: Position,
        records: &[Record<'_>],
    ) -> Result<Position, Error> {
        let actual = Position(self.end.next);
        if expected != actual {
            return Err(Error::Conflict { expected, actual });
        }
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        record::check(expected, records)?;
        if records.is_empty() {
            return Ok(actual);
        }
        if self.end.offset >= self.segment_bytes {
            self.roll(segments)?;
        }
        let added = self.write(records).inspect_err(|_| self.take_back())?;
        self.source.file.sync_data().map_err(|error| {
            // The kernel may have dropped the pages: a second sync would succeed and mean nothing.
            self.poisoned = true;
            self.source.failed("make an append durable")(error)
        })?;
        self.end = added.end;
        if let Some(point) = added.points.last() {
            self.last_point = u64::from(point.offset);
        }
        self.index.add(&added.points);
        self.head.write(self.end.next, &self.end.chain);
        let mut segments = segments.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(active) = segments.last_mut() {
            active.points.extend(added.points);
            active.end = self.end.offset;
            active.next = self.end.next;
        }
        Ok(Position(self.end.next))
    }

    /// Starts the next segment. After a failure the old one is still the active one; the new file,
    /// if it exists, is empty and replaced at the next try.
    pub(super) fn roll(&mut self, segments: &RwLock<Vec<Segment>>) -> Result<(), Error> {
        let source = Source::create(&self.directory, self.end.next, self.end.chain)?;
        let mut segment = Segment::new(source);
        self.index = Index::open(&mut segment, SEGMENT_HEADER)?;
        self.source = Arc::clone(&segment.source);
        self.end.offset = segment.end;
        self.last_point = segment.end;
        segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(segment);
        Ok(())
    }

    /// Writes the frames behind the last durable one.
    fn write(&mut self, records: &[Record<'_>]) -> Result<Added, Error> {
        let source = Arc::clone(&self.source);
        let mut end = self.end;
        let mut points = Vec::new();
        let mut last_point = self.last_point;
        self.encoder.out.clear();
        let mut frames = encode::frames(records).peekable();
        while let Some(frame) = frames.next() {
            let offset = end.offset + self.encoder.out.len() as u64;
            if offset >= last_point + STRIDE {
                points.extend(Point::new(&source, end.next, offset));
                last_point = offset;
            }
            let place = Place {
                base: end.next,
                batch: self.end.next,
                last: frames.peek().is_none(),
                previous: end.chain,
                salt: source.salt,
            };
            end.chain = self.encoder.frame(&place, frame);
            end.next += frame.len() as u64;
            if place.last || self.encoder.out.len() >= FLUSH {
                (source.file.write_all_at(&self.encoder.out, end.offset))
                    .map_err(source.failed("append to it"))?;
                end.offset += self.encoder.out.len() as u64;
                self.encoder.recycle();
            }
        }
        Ok(Added { end, points })
    }

    /// Cuts off what a failed write left, so that the next append can be tried.
    fn take_back(&mut self) {
        self.encoder.recycle();
        self.poisoned = self.source.file.set_len(self.end.offset).is_err();
    }
}
