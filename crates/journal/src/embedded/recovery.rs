//! Opening the files of a journal, and mending what a crash left.

use std::path::{Path, PathBuf};

use super::{
    encode::Encoder,
    file,
    frame::Chain,
    head::Head,
    index::Index,
    scan::{self, End, Scanned},
    segment::{self, Segment, Source},
    writer::Writer,
};
use crate::{Error, Position};

/// What opening a journal had to mend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes cut off at the end: an append that was never acknowledged. 0 after a clean stop.
    pub truncated_bytes: u64,
    /// The file they were cut off from, and what was wrong with them.
    pub truncated: Option<(PathBuf, &'static str)>,
    /// Index entries that were missing or damaged, and are there again.
    pub index_entries_rebuilt: usize,
    /// The position after the last record that was found.
    pub next: Position,
}

/// An opened journal.
pub(super) struct Opened {
    pub(super) segments: Vec<Segment>,
    pub(super) writer: Writer,
    pub(super) recovery: Recovery,
}

/// Opens all segments, checks that each continues the one before, and cuts off an unfinished
/// append. Nothing is cut off before everything else was found to hold.
pub(super) fn open(directory: &Path, segment_bytes: u64) -> Result<Opened, Error> {
    let bases = segment::list(directory)?;
    let head = Head::open(directory)?;
    let mut recovery = Recovery::default();
    let mut segments = Vec::with_capacity(bases.len());
    let mut end = End {
        offset: 0,
        next: 0,
        chain: Chain::START,
    };
    let (&last, sealed) = bases.split_last().unwrap_or((&0, &[]));
    for base in sealed {
        let source = continued(Source::open(directory, *base)?, &end)?;
        let (segment, _, scanned, _) = look(source, false, &mut recovery)?;
        if let Some(fault) = scanned.fault {
            return Err(segment.source.corrupt(fault.offset, fault.what));
        }
        end = scanned.end;
        segments.push(segment);
    }
    let source = if bases.is_empty() {
        // A head without segments speaks of records that are gone.
        head.check(directory, &end)?;
        Source::create(directory, 0, end.chain)?
    } else {
        continued(Source::open(directory, last)?, &end)?
    };
    let (segment, index, scanned, length) = look(source, true, &mut recovery)?;
    let source = &segment.source;
    if let Some(fault) = scanned.fault
        && scan::continues(source, &fault, length)?
    {
        return Err(source.corrupt(fault.offset, fault.what));
    }
    end = scanned.end;
    let durable = head.check(directory, &end)?;
    if let Some(fault) = scanned.fault {
        source
            .file
            .set_len(end.offset)
            .map_err(source.failed("cut off an unfinished append"))?;
        recovery.truncated_bytes = length - end.offset;
        recovery.truncated = Some((source.path.clone(), fault.what));
    }
    if !durable || scanned.fault.is_some() {
        // After a crash of the process alone the last append may be whole, but not durable yet.
        source
            .file
            .sync_all()
            .map_err(source.failed("make it durable"))?;
        head.write(end.next, &end.chain);
    }
    recovery.next = Position(end.next);
    let writer = Writer {
        directory: directory.to_owned(),
        segment_bytes,
        source: std::sync::Arc::clone(source),
        end,
        last_point: segment
            .points
            .last()
            .map_or(0, |point| u64::from(point.offset)),
        index,
        head,
        encoder: Encoder::default(),
        poisoned: false,
    };
    segments.push(segment);
    Ok(Opened {
        segments,
        writer,
        recovery,
    })
}

fn continued(source: Source, end: &End) -> Result<Source, Error> {
    if source.base != end.next {
        return Err(source.corrupt(0, "it does not continue the segment before: one is missing"));
    }
    if source.chain != end.chain {
        return Err(source.corrupt(0, "the hash chain is broken between two segments"));
    }
    Ok(source)
}

/// Reads the index of a segment and scans the rest; completes the index.
fn look(
    source: Source,
    blocks: bool,
    recovery: &mut Recovery,
) -> Result<(Segment, Index, Scanned, u64), Error> {
    let length = source
        .file
        .metadata()
        .map_err(source.failed("look at it"))?
        .len();
    let mut segment = Segment::new(source);
    let mut index = Index::open(&mut segment, length)?;
    let mut scanned = scan::scan(&segment, length, blocks)?;
    recovery.index_entries_rebuilt += scanned.points.len();
    index.add(&scanned.points);
    segment.points.append(&mut scanned.points);
    segment.end = scanned.end.offset;
    segment.next = scanned.end.next;
    Ok((segment, index, scanned, length))
}

/// Makes sure that the directory exists, also after a crash.
pub(super) fn create_directory(directory: &Path) -> Result<(), Error> {
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(directory).map_err(file::failed("create it", directory))?;
    match directory
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        Some(parent) => file::sync_directory(parent),
        None => file::sync_directory(Path::new(".")),
    }
}
