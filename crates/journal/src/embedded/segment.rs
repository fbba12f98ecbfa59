//! A segment file: its name, its header, and what is known about it while the journal is open.
//!
//! ```text
//! header  72 bytes   magic 8 bytes, version u32, reserved u32 (0), base position u64, salt u64,
//!                    chain hash before the first frame 32 bytes, checksum of the above u64
//! frames, one after the other
//! ```

use std::{
    fs::File,
    hash::{BuildHasher, RandomState},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use xxhash_rust::xxh3::xxh3_64;

use super::{
    field::{array, u32_at, u64_at},
    file,
    frame::{Hash, put},
};
use crate::{Error, Position};

/// Bytes before the first frame.
pub(super) const SEGMENT_HEADER: u64 = 72;
const HEADER: usize = 72;
const MAGIC: [u8; 8] = *b"ENTSEGMT";
const VERSION: u32 = 1;

/// An open segment file.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// Position of the first record.
    pub(super) base: u64,
    /// Seeds all checksums, so that neither stale disk blocks nor bytes that somebody placed in a
    /// body pass for frames of this segment.
    pub(super) salt: u64,
    /// The chain hash before the first frame.
    pub(super) chain: Hash,
    /// Tells this file from one that took its place, while the process runs.
    pub(super) id: u64,
    /// Another file took its place: nothing of it may be kept.
    retired: AtomicBool,
}

/// The id of the next source.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Source {
    fn new(file: File, path: PathBuf, base: u64, salt: u64, chain: Hash) -> Self {
        Self {
            file,
            path,
            base,
            salt,
            chain,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            retired: AtomicBool::new(false),
        }
    }

    /// Notes that another file took its place.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::SeqCst)
    }

    pub(super) fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        file::failed(action, &self.path)
    }

    pub(super) fn corrupt(&self, offset: u64, what: &'static str) -> Error {
        Error::Corrupt {
            segment: self.path.clone(),
            offset,
            what,
        }
    }

    /// Creates an empty segment, durable when this returns.
    pub(super) fn create(directory: &Path, base: u64, chain: Hash) -> Result<Self, Error> {
        let path = directory.join(name(base));
        let salt = RandomState::new().hash_one(base);
        let file = file::create_whole(&path, &header(base, salt, &chain))?;
        file::sync_directory(directory)?;
        Ok(Self::new(file, path, base, salt, chain))
    }

    /// Starts a file that is to take the place of this segment: its header, under another salt, in
    /// a file that a crash leaves to be removed. Gives that file's path too; the source's own is the
    /// one it will have.
    pub(super) fn successor(&self) -> Result<(Self, PathBuf), Error> {
        let unfinished = file::unfinished(&self.path);
        let salt = RandomState::new().hash_one(self.base);
        let file = file::open_or_create(&unfinished)?;
        file.set_len(0)
            .and_then(|()| file.write_all_at(&header(self.base, salt, &self.chain), 0))
            .map_err(file::failed("write it", &unfinished))?;
        let source = Self::new(file, self.path.clone(), self.base, salt, self.chain);
        Ok((source, unfinished))
    }

    /// Opens an existing segment and checks its header.
    pub(super) fn open(directory: &Path, base: u64) -> Result<Self, Error> {
        let path = directory.join(name(base));
        let file = file::open_existing(&path)?;
        let mut bytes = [0; HEADER];
        let corrupt = |what| Error::Corrupt {
            segment: path.clone(),
            offset: 0,
            what,
        };
        match file::read_exact_at(&file, &mut bytes, 0) {
            Ok(true) => {}
            Ok(false) => return Err(corrupt("the file is too short for its header")),
            Err(error) => return Err(file::failed("read it", &path)(error)),
        }
        if !bytes.starts_with(&MAGIC) {
            return Err(corrupt("it does not start as a journal segment does"));
        }
        let header = (|| {
            let salt = u64_at(&bytes, 24)?;
            let chain = array(&bytes, 32)?;
            let sum = u64_at(&bytes, HEADER - 8)?;
            (xxh3_64(bytes.get(..HEADER - 8)?) == sum).then_some((salt, chain))
        })();
        let Some((salt, chain)) = header else {
            return Err(corrupt("the checksum of the segment header is wrong"));
        };
        if u32_at(&bytes, 8) != Some(VERSION) {
            return Err(corrupt("its format is of another version of this program"));
        }
        if u64_at(&bytes, 16) != Some(base) {
            return Err(corrupt(
                "its name and its header give different base positions",
            ));
        }
        Ok(Self::new(file, path, base, salt, chain))
    }
}

/// The bytes before the first frame.
fn header(base: u64, salt: u64, chain: &Hash) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    let fields: [&[u8]; 5] = [
        &MAGIC,
        &u64::from(VERSION).to_le_bytes(),
        &base.to_le_bytes(),
        &salt.to_le_bytes(),
        chain,
    ];
    put(&mut bytes, &fields);
    let (body, end) = bytes.split_at_mut(HEADER - 8);
    end.copy_from_slice(&xxh3_64(body).to_le_bytes());
    bytes
}

/// Base positions of the segments in a directory, in order. Removes what a crash left unfinished.
pub(super) fn list(directory: &Path) -> Result<Vec<u64>, Error> {
    let mut bases = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(file::failed("list it", directory))? {
        let path = entry.map_err(file::failed("list it", directory))?.path();
        let base: Option<u64> = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("seg") => bases.extend(base),
            Some("tmp") if base.is_some() => {
                std::fs::remove_file(&path).map_err(file::failed("remove it", &path))?;
            }
            _ => {}
        }
    }
    bases.sort_unstable();
    Ok(bases)
}

fn name(base: u64) -> String {
    format!("{base:020}.seg")
}

/// What is known about a segment while the journal is open.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) source: Arc<Source>,
    /// Sparse index: where frames start, at least [`super::index::STRIDE`] apart, the first frame
    /// included.
    pub(super) points: Vec<Point>,
    /// Where the last durable frame ends.
    pub(super) end: u64,
    /// Position after the last durable record.
    pub(super) next: u64,
}

/// A place in the sparse index, relative to its segment to keep it small: a segment has fewer than
/// 2^32 bytes and records.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// Records of the segment before the frame.
    pub(super) records: u32,
    /// Offset of the frame.
    pub(super) offset: u32,
}

impl Point {
    /// The point for the frame of base position `base` at `offset` of a segment.
    pub(super) fn new(source: &Source, base: u64, offset: u64) -> Option<Self> {
        let records = u32::try_from(base.checked_sub(source.base)?).ok()?;
        Some(Self {
            records,
            offset: u32::try_from(offset).ok()?,
        })
    }
}

/// A part of a segment that starts at an index point: where to look for a position.
#[derive(Clone)]
pub(super) struct Span {
    pub(super) source: Arc<Source>,
    /// Offset of its first frame.
    pub(super) start: u64,
    /// Offset after its last durable frame.
    pub(super) end: u64,
    /// Position of its first record.
    pub(super) base: u64,
    /// Position after its last record.
    pub(super) next: u64,
}

impl Segment {
    /// A segment of which nothing is known yet but its header.
    pub(super) fn new(source: impl Into<Arc<Source>>) -> Self {
        let source = source.into();
        let base = source.base;
        Self {
            points: Point::new(&source, base, SEGMENT_HEADER)
                .into_iter()
                .collect(),
            source,
            end: SEGMENT_HEADER,
            next: base,
        }
    }

    /// The span that holds `position`, which is before `next`.
    pub(super) fn span(&self, position: Position) -> Option<Span> {
        let base = self.source.base;
        let records = position.0.checked_sub(base)?;
        let after = self
            .points
            .partition_point(|point| u64::from(point.records) <= records);
        self.nth_span(after.checked_sub(1)?)
    }

    /// The span of all frames.
    pub(super) fn whole(&self) -> Span {
        Span {
            source: Arc::clone(&self.source),
            start: SEGMENT_HEADER,
            end: self.end,
            base: self.source.base,
            next: self.next,
        }
    }

    fn nth_span(&self, index: usize) -> Option<Span> {
        let base = self.source.base;
        let from = self.points.get(index)?;
        let to = self.points.get(index + 1);
        Some(Span {
            source: Arc::clone(&self.source),
            start: u64::from(from.offset),
            end: to.map_or(self.end, |point| u64::from(point.offset)),
            base: base + u64::from(from.records),
            next: to.map_or(self.next, |point| base + u64::from(point.records)),
        })
    }
}
