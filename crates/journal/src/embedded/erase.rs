//! Erasing bodies: the segment that holds them is written anew without them, and takes the place of
//! the old one by a rename.
//!
//! Several records share a block, so a body cannot be overwritten where it lies. The new file has the
//! same positions, batches, leaves and chain; it gets a salt of its own, so that neither the index
//! of the old file nor what disk blocks still hold of it passes for a part of the new. Memory is
//! bounded by one frame and a write buffer. The directory needs room for one more segment meanwhile.
//!
//! Bodies in the segment that is appended to: while it is small, appends wait until it is written
//! anew; otherwise the next segment is started first, and appends wait for that alone.
//!
//! | step that fails, or at which a crash comes | what it leaves |
//! |---|---|
//! | starting the next segment, writing, syncing, checking | the old file; the new one is removed, at the latest by the next open |
//! | the rename | the old file or the new one |
//! | making the rename durable | the new one, until a power loss may bring back the old: asking again finishes it; if it is appended to, appends are refused until the journal is opened again |
//! | the index | the new file; its index is rebuilt at the next open |
//!
//! What this cannot reach: blocks that the file system or the disk freed but did not overwrite,
//! snapshots, and copies.

use std::{
    fs,
    os::unix::fs::FileExt,
    sync::{Arc, MutexGuard, PoisonError},
};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    Embedded,
    encode::{Encoder, Place},
    file,
    frame::{HEADER, Header, Tables},
    index::{Index, STRIDE},
    region::{Reader, Region},
    segment::{Point, SEGMENT_HEADER, Segment, Source, Span},
    walk,
    window::Window,
    writer::Writer,
};
use crate::{Erased, Error, Position, Record, Stored};

/// An active segment of at most so many bytes is written anew while appends wait: a new segment for
/// every erasure would make a lot of small files.
const SMALL: u64 = 8 << 20;
/// How much is read at once.
const STEP: usize = 256 << 10;
/// Encoded bytes that are gathered before they are written.
const FLUSH: usize = 4 << 20;

/// What an erasure does in a segment, in this order.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Seal,
    Write,
    Sync,
    Check,
    Rename,
    SyncDirectory,
    Index,
}

/// Told before (`false`) and after (`true`) each step; an error stops the erasure there. Tests stand
/// in for a disk that fails.
pub(super) type Watch<'w> = &'w dyn Fn(Step, bool) -> Result<(), Error>;

fn watched<T>(
    watch: Watch<'_>,
    step: Step,
    act: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    watch(step, false)?;
    let done = act()?;
    watch(step, true)?;
    Ok(done)
}

impl Embedded {
    pub(super) fn erase_watched(
        &self,
        positions: &[Position],
        watch: Watch<'_>,
    ) -> Result<Erased, Error> {
        let _one_at_a_time = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = positions.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let next = crate::Journal::next(self);
        if let Some(position) = wanted.last().copied().filter(|last| *last >= next) {
            return Err(Error::Absent { position, next });
        }
        let mut done = Erased::default();
        let mut rest = wanted.as_slice();
        let mut directory = None;
        while let Some(first) = rest.first() {
            let Some(span) = self.segment_of(*first) else {
                break;
            };
            let here = rest.partition_point(|position| position.0 < span.next);
            let (here, after) = rest.split_at(here.clamp(1, rest.len()));
            rest = after;
            directory = span.source.path.parent().map(ToOwned::to_owned);
            let mut bodies = Vec::new();
            for position in here {
                if self.has_body(*position)? {
                    bodies.push(position.0);
                }
            }
            done.already += (here.len() - bodies.len()) as u64;
            if !bodies.is_empty() {
                self.erase_in(&span, &bodies, watch)?;
                done.erased += bodies.len() as u64;
            }
        }
        // Also when nothing was left to do: an earlier rename may not be durable yet.
        if let Some(directory) = directory {
            file::sync_directory(&directory)?;
        }
        Ok(done)
    }

    /// The whole of the segment that holds a position.
    fn segment_of(&self, position: Position) -> Option<Span> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let after = segments.partition_point(|segment| segment.source.base <= position.0);
        segments.get(after.checked_sub(1)?).map(Segment::whole)
    }

    fn has_body(&self, position: Position) -> Result<bool, Error> {
        let Some(span) = self.span(position) else {
            return Ok(false);
        };
        let region = self.region(&span, position)?;
        Ok(region.has_body(position.0).unwrap_or(false))
    }

    /// Erases the bodies at these positions, which are all in one segment, in rising order.
    fn erase_in(&self, span: &Span, bodies: &[u64], watch: Watch<'_>) -> Result<(), Error> {
        let mut writer = self.writer.lock().map_err(|_| Error::Poisoned)?;
        let mut active = None;
        if writer.source.base == span.source.base {
            if writer.poisoned {
                return Err(Error::Poisoned);
            }
            if writer.end.offset > SMALL.min(writer.segment_bytes / 8) {
                watched(watch, Step::Seal, || writer.roll(&self.segments))?;
                drop(writer);
            } else {
                active = Some(writer);
            }
        } else {
            drop(writer);
        }
        // Appends may have come between: the segment does not grow from here on.
        let Some(span) = self.segment_of(Position(span.source.base)) else {
            return Ok(());
        };
        let (source, unfinished) = span.source.successor()?;
        let source = Arc::new(source);
        let made = watched(watch, Step::Write, || write(&span, &source, bodies))
            .and_then(|made| {
                watched(watch, Step::Sync, || {
                    source.file.sync_all().map_err(source.failed("sync it"))
                })?;
                watched(watch, Step::Check, || {
                    check(&span, &source, made.end, bodies)
                })?;
                watch(Step::Rename, false)?;
                fs::rename(&unfinished, &source.path).map_err(source.failed("replace it"))?;
                Ok(made)
            })
            .inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        // The new file stands under the name: from here on it is the one to be read.
        self.replace(&span, source, made, active, watch)
    }

    /// Lets everybody read the file that took the place of another.
    fn replace(
        &self,
        span: &Span,
        source: Arc<Source>,
        made: Made,
        active: Option<MutexGuard<'_, Writer>>,
        watch: Watch<'_>,
    ) -> Result<(), Error> {
        let mut segment = Segment::new(Arc::clone(&source));
        let index = watch(Step::Index, false).and_then(|()| Index::open(&mut segment, made.end));
        let points = segment.points.iter().copied().take(1);
        segment.points = points.chain(made.points).collect();
        segment.end = made.end;
        segment.next = span.next;
        let last_point = segment.points.last().map_or(0, |at| u64::from(at.offset));
        let index = index.map(|mut index| {
            index.add(segment.points.get(1..).unwrap_or_default());
            index
        });
        {
            let mut segments = (self.segments.write()).unwrap_or_else(PoisonError::into_inner);
            let place = segments
                .iter_mut()
                .find(|held| held.source.base == source.base);
            if let Some(place) = place {
                *place = segment;
            }
        }
        span.source.retire();
        self.cache.forget(span.source.id);
        let synced = watch(Step::Rename, true).and_then(|()| {
            watched(watch, Step::SyncDirectory, || match source.path.parent() {
                Some(directory) => file::sync_directory(directory),
                None => Ok(()),
            })
        });
        if let Some(mut writer) = active {
            writer.source = source;
            writer.end.offset = made.end;
            writer.last_point = last_point;
            // Without its index the old one is kept: what it adds is not taken for the new file's.
            if let Ok(index) = index {
                writer.index = index;
            }
            // A power loss would bring back the old file, without what is appended to the new.
            writer.poisoned |= synced.is_err();
        }
        synced.and_then(|()| watch(Step::Index, true))
    }
}

/// What was written.
struct Made {
    /// Index points behind the first frame.
    points: Vec<Point>,
    /// Where the last frame ends.
    end: u64,
}

/// Writes all frames of `span` to `to`, without these bodies.
fn write(span: &Span, to: &Source, bodies: &[u64]) -> Result<Made, Error> {
    let mut frames = Frames::new(span);
    let mut encoder = Encoder::default();
    let mut made = Made {
        points: Vec::new(),
        end: SEGMENT_HEADER,
    };
    let (mut last_point, mut left) = (SEGMENT_HEADER, bodies);
    while let Some(frame) = frames.next()? {
        let offset = made.end + encoder.out.len() as u64;
        if offset >= last_point + STRIDE {
            made.points
                .extend(Point::new(to, frame.header.base, offset));
            last_point = offset;
        }
        let here = left.partition_point(|position| *position < frame.header.next());
        let (erased, after) = left.split_at(here);
        left = after;
        if erased.is_empty() {
            encoder.copy(&frame.header, &frame.tables, frame.stored, to.salt);
        } else {
            let records = frame.records()?;
            let records: Vec<Record<'_>> = records
                .iter()
                .map(|stored| Record {
                    leaf: &stored.leaf,
                    body: body_of(stored, erased),
                })
                .collect();
            let place = Place {
                base: frame.header.base,
                batch: frame.header.batch,
                last: frame.header.last,
                previous: frame.header.previous,
                salt: to.salt,
            };
            encoder.frame(&place, &records);
        }
        if encoder.out.len() >= FLUSH {
            flush(to, &mut encoder, &mut made)?;
        }
    }
    flush(to, &mut encoder, &mut made)?;
    Ok(made)
}

fn flush(to: &Source, encoder: &mut Encoder, made: &mut Made) -> Result<(), Error> {
    to.file
        .write_all_at(&encoder.out, made.end)
        .map_err(to.failed("write it anew"))?;
    made.end += encoder.out.len() as u64;
    encoder.recycle();
    Ok(())
}

fn body_of<'s>(stored: &'s Stored, erased: &[u64]) -> &'s [u8] {
    if erased.binary_search(&stored.position.0).is_ok() {
        &[]
    } else {
        &stored.body
    }
}

/// Reads back what was written and compares it with the old segment: the same frames, leaves and
/// chain, the same bodies but for those erased, which are empty.
fn check(old: &Span, new: &Arc<Source>, end: u64, bodies: &[u64]) -> Result<(), Error> {
    let differs = |at: u64| new.corrupt(at, "it does not read back as it was to be written");
    let mut before = Frames::new(old);
    let mut after = Frames::of(new, SEGMENT_HEADER, end);
    let mut chain = old.source.chain;
    while let Some(was) = before.next()? {
        let at = after.offset;
        let is = after.next()?.ok_or_else(|| differs(at))?;
        let same_place = (
            is.header.base,
            is.header.batch,
            is.header.last,
            is.header.records,
        ) == (
            was.header.base,
            was.header.batch,
            was.header.last,
            was.header.records,
        );
        if !same_place || is.header.previous != chain {
            return Err(differs(at));
        }
        chain = was.tables.chain(&was.header);
        if is.tables.chain(&is.header) != chain {
            return Err(differs(at));
        }
        let touched = bodies
            .iter()
            .any(|position| (was.header.base..was.header.next()).contains(position));
        let holds = if touched {
            let (was, is) = (was.records()?, is.records()?);
            was.iter().zip(&is).all(|(was, is)| {
                was.leaf == is.leaf
                    && is.body == body_of(was, bodies)
                    && was.position == is.position
            })
        } else {
            was.tables.record_rows() == is.tables.record_rows() && was.stored == is.stored
        };
        if !holds {
            return Err(differs(at));
        }
    }
    match after.next()? {
        None => Ok(()),
        Some(_) => Err(differs(after.offset)),
    }
}

/// The frames of a segment, one after the other, with the stored bytes of their blocks.
struct Frames<'s> {
    source: &'s Arc<Source>,
    tables: Window<'s>,
    blocks: Window<'s>,
    offset: u64,
    end: u64,
}

/// A frame whose checksums hold.
struct Frame<'f> {
    source: &'f Arc<Source>,
    offset: u64,
    header: Header,
    tables: Tables<'f>,
    stored: &'f [u8],
}

impl<'s> Frames<'s> {
    fn new(span: &'s Span) -> Self {
        Self::of(&span.source, span.start, span.end)
    }

    fn of(source: &'s Arc<Source>, start: u64, end: u64) -> Self {
        Self {
            source,
            tables: Window::new(source, end, STEP),
            blocks: Window::new(source, end, STEP),
            offset: start,
            end,
        }
    }

    fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        let (source, offset) = (self.source, self.offset);
        if offset >= self.end {
            return Ok(None);
        }
        let corrupt = |what| source.corrupt(offset, what);
        let (header, tables) = walk::frame(source, &mut self.tables, offset)?.map_err(corrupt)?;
        let before = HEADER + header.tables_length();
        let length = (header.length as usize).saturating_sub(before);
        let stored = self
            .blocks
            .bytes(offset + before as u64, length)?
            .ok_or_else(|| corrupt("the file ends within a block"))?;
        let mut rest = stored;
        for block in tables.blocks() {
            let (bytes, after) = rest
                .split_at_checked(block.stored as usize)
                .ok_or_else(|| corrupt("the tables of a frame disagree"))?;
            if xxh3_64_with_seed(bytes, source.salt) != block.checksum {
                return Err(corrupt("the checksum of a block is wrong"));
            }
            rest = after;
        }
        self.offset += u64::from(header.length);
        Ok(Some(Frame {
            source,
            offset,
            header,
            tables,
            stored,
        }))
    }
}

impl Frame<'_> {
    /// Its records, leaves checked against their hashes.
    fn records(&self) -> Result<Vec<Stored>, Error> {
        let base = self.header.base;
        let mut region = Region::empty(Arc::clone(self.source), base);
        region.add(self.offset, &self.header, &self.tables)?;
        let mut reader = Reader::new(&region, None, STEP);
        let mut records = Vec::with_capacity(self.header.records as usize);
        for position in base..self.header.next() {
            records.extend(reader.record(position)?);
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests;
