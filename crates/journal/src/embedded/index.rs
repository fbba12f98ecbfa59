//! The side file of a segment's sparse index, so that opening a journal need not scan it.
//!
//! It is a hint: never synced, checked entry by entry when read, and completed or rebuilt by a scan
//! of the segment where it is missing, short or damaged. An entry is written only after the frame
//! it points to is durable.
//!
//! ```text
//! header  16 bytes        magic 8 bytes, salt of the segment u64
//! entry   16 bytes each   records of the segment before the frame u32, offset of the frame u32,
//!                         checksum u64
//! ```
//!
//! The first frame of a segment has no entry.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    field::{array, u32_at, u64_at},
    file,
    frame::{HEADER, Header, put},
    segment::{Point, Segment, Source},
};
use crate::Error;

/// Least distance between the frames that have an entry, in bytes of the segment.
pub(super) const STRIDE: u64 = 64 << 10;

const MAGIC: [u8; 8] = *b"ENTINDX1";
const ENTRY: usize = 16;

/// An open side file.
#[derive(Debug)]
pub(super) struct Index {
    file: File,
    salt: u64,
    entries: u64,
}

impl Index {
    /// Opens the side file of a segment and takes over the points that hold against the segment,
    /// of which `length` bytes exist. Every point is in order and the last one leads to a frame.
    pub(super) fn open(segment: &mut Segment, length: u64) -> Result<Self, Error> {
        let source = &segment.source;
        let path = path(&source.path);
        let file = file::open_or_create(&path)?;
        let size = file
            .metadata()
            .map_err(file::failed("look at it", &path))?
            .len();
        let most = usize::try_from(length / STRIDE + 2).unwrap_or(usize::MAX) * ENTRY;
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX).min(most)];
        file.read_exact_at(&mut bytes, 0)
            .map_err(file::failed("read it", &path))?;
        let known = array(&bytes, 0) == Some(MAGIC) && u64_at(&bytes, 8) == Some(source.salt);
        let mut points = segment.points.clone();
        if known {
            for entry in bytes.get(ENTRY..).unwrap_or_default().chunks_exact(ENTRY) {
                let Some(point) = decode(entry, source.salt) else {
                    break;
                };
                let after = points
                    .last()
                    .is_none_or(|last| point.records > last.records && point.offset > last.offset);
                if !after || u64::from(point.offset) >= length {
                    break;
                }
                points.push(point);
            }
            while points.len() > 1 && !points.last().is_some_and(|last| leads(source, *last)) {
                points.pop();
            }
        } else {
            let mut header = [0; ENTRY];
            put(&mut header, &[&MAGIC, &source.salt.to_le_bytes()]);
            file.set_len(0)
                .and_then(|()| file.write_all_at(&header, 0))
                .map_err(file::failed("write it", &path))?;
        }
        let index = Self {
            file,
            salt: source.salt,
            entries: points.len() as u64 - 1,
        };
        // What was not taken over must not be found behind entries that are added later.
        (index
            .file
            .set_len(index.entries * ENTRY as u64 + ENTRY as u64))
        .map_err(file::failed("shorten it", &path))?;
        segment.points = points;
        Ok(index)
    }

    /// Adds points. A failure is passed over: what is missing is found again by a scan.
    pub(super) fn add(&mut self, points: &[Point]) {
        let mut bytes = Vec::with_capacity(points.len() * ENTRY);
        for point in points {
            let entry = encode(*point, self.salt);
            bytes.extend_from_slice(&entry);
        }
        let place = (self.entries + 1) * ENTRY as u64;
        if self.file.write_all_at(&bytes, place).is_ok() {
            self.entries += points.len() as u64;
        }
    }
}

fn path(segment: &Path) -> PathBuf {
    segment.with_extension("idx")
}

fn encode(point: Point, salt: u64) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    put(
        &mut entry,
        &[&point.records.to_le_bytes(), &point.offset.to_le_bytes()],
    );
    let (body, end) = entry.split_at_mut(ENTRY - 8);
    end.copy_from_slice(&xxh3_64_with_seed(body, salt).to_le_bytes());
    entry
}

fn decode(entry: &[u8], salt: u64) -> Option<Point> {
    let whole = u64_at(entry, ENTRY - 8)? == xxh3_64_with_seed(entry.get(..ENTRY - 8)?, salt);
    whole.then_some(Point {
        records: u32_at(entry, 0)?,
        offset: u32_at(entry, 4)?,
    })
}

/// Whether a frame of the right position starts there.
fn leads(source: &Source, point: Point) -> bool {
    let mut bytes = [0; HEADER];
    let read = file::read_exact_at(&source.file, &mut bytes, u64::from(point.offset));
    read.unwrap_or(false)
        && Header::decode(&bytes, source.salt)
            .is_some_and(|header| header.base == source.base + u64::from(point.records))
}
