//! Scanning a stream of lines, chunk by chunk, in bounded memory.

use memchr::{memchr, memchr_iter, memrchr};

use crate::Index;
use crate::hit::Hit;
use crate::index::lookup::Lookup;
use crate::scan::{Scratch, scan_for};

/// A line longer than this is scanned in parts. A scanner holds at most twice as much.
const LONGEST_LINE: usize = 1 << 20;
/// By how much the parts of a long line overlap: more than any reading is long.
const OVERLAP: usize = 1 << 15;

/// A hit in a stream of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineHit<'h> {
    /// The line's number; the first is 1.
    pub line: u64,
    /// Where the reading begins in its line, in bytes; the first is 1.
    pub column: u64,
    /// Where the reading begins in the stream, in bytes from 0.
    pub offset: u64,
    /// The reading as written.
    pub text: &'h [u8],
    /// The hit; its `start` and `end` are positions in the line.
    pub hit: Hit<'h>,
}

/// Scans one stream, which is fed in chunks of any size; lines end in `\n`. Whatever bytes are
/// fed, memory stays bounded.
#[derive(Debug, Default)]
pub struct LineScanner {
    scratch: Scratch,
    /// The line that has not ended yet, or the end of it.
    pending: Vec<u8>,
    /// Readings that begin before this in `pending` were reported.
    reported: usize,
    cursor: Cursor,
}

/// Where in the stream scanning is.
#[derive(Debug, Default, Clone, Copy)]
struct Cursor {
    /// Lines that have ended.
    lines: u64,
    /// Bytes scanned.
    offset: u64,
    /// Where the line that has not ended begins.
    line_start: u64,
}

impl LineScanner {
    /// At the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scans the lines that `chunk` goes on with or completes. Without copies, but for the lines
    /// at its two ends.
    pub fn feed(&mut self, index: &Index, chunk: &[u8], on_hit: &mut dyn FnMut(LineHit<'_>)) {
        self.feed_for(index, chunk, on_hit);
    }

    /// Scans what is left: a last line without its end.
    pub fn finish(&mut self, index: &Index, on_hit: &mut dyn FnMut(LineHit<'_>)) {
        self.finish_for(index, on_hit);
    }

    /// [`LineScanner::feed`] for what is published, however it is kept.
    pub(crate) fn feed_for<I: Lookup>(
        &mut self,
        index: &I,
        chunk: &[u8],
        on_hit: &mut dyn FnMut(LineHit<'_>),
    ) {
        for part in chunk.chunks(LONGEST_LINE) {
            self.feed_part(index, part, on_hit);
        }
    }

    /// [`LineScanner::finish`] for what is published, however it is kept.
    pub(crate) fn finish_for<I: Lookup>(&mut self, index: &I, on_hit: &mut dyn FnMut(LineHit<'_>)) {
        self.scan_pending(index, on_hit);
        if self.cursor.offset > self.cursor.line_start {
            self.cursor.lines += 1;
            self.cursor.line_start = self.cursor.offset;
        }
    }

    /// How many lines have ended.
    pub fn lines(&self) -> u64 {
        self.cursor.lines
    }

    /// How many bytes were fed.
    pub fn bytes(&self) -> u64 {
        self.cursor.offset + self.pending.len() as u64
    }

    fn feed_part<I: Lookup>(
        &mut self,
        index: &I,
        mut part: &[u8],
        on_hit: &mut dyn FnMut(LineHit<'_>),
    ) {
        if !self.pending.is_empty()
            && let Some((end, rest)) =
                memchr(b'\n', part).and_then(|at| part.split_at_checked(at + 1))
        {
            self.pending.extend_from_slice(end);
            self.scan_pending(index, on_hit);
            part = rest;
        }
        if self.pending.is_empty()
            && let Some((lines, rest)) =
                memrchr(b'\n', part).and_then(|at| part.split_at_checked(at + 1))
        {
            self.cursor
                .scan(index, lines, 0..lines.len(), &mut self.scratch, on_hit);
            self.cursor.pass(lines);
            part = rest;
        }
        self.pending.extend_from_slice(part);
        if self.pending.len() > LONGEST_LINE {
            self.scan_start_of_pending(index, on_hit);
        }
    }

    fn scan_pending<I: Lookup>(&mut self, index: &I, on_hit: &mut dyn FnMut(LineHit<'_>)) {
        let Self {
            scratch,
            pending,
            reported,
            cursor,
        } = self;
        cursor.scan(index, pending, *reported..pending.len(), scratch, on_hit);
        cursor.pass(pending);
        pending.clear();
        *reported = 0;
    }

    /// Scans a line that is too long to be held. Readings that begin in its last bytes may go on
    /// in the next chunk, so they wait; before those, as many bytes are kept to see what stands
    /// to their left.
    fn scan_start_of_pending<I: Lookup>(&mut self, index: &I, on_hit: &mut dyn FnMut(LineHit<'_>)) {
        let Self {
            scratch,
            pending,
            reported,
            cursor,
        } = self;
        let safe = pending.len() - OVERLAP;
        cursor.scan(index, pending, *reported..safe, scratch, on_hit);
        let kept = safe - OVERLAP;
        cursor.pass(pending.get(..kept).unwrap_or_default());
        pending.drain(..kept);
        *reported = OVERLAP;
    }
}

impl Cursor {
    /// Scans `text`, which begins at the cursor, and reports the hits that begin within `wanted`.
    fn scan<I: Lookup>(
        self,
        index: &I,
        text: &[u8],
        wanted: std::ops::Range<usize>,
        scratch: &mut Scratch,
        on_hit: &mut dyn FnMut(LineHit<'_>),
    ) {
        let mut here = self;
        let mut seen = 0;
        scan_for(index, text, scratch, &mut |hit| {
            if !wanted.contains(&hit.start) {
                return;
            }
            // Hits of one token may come in any order, and are all in one line.
            if let Some(between) = text.get(seen..hit.start) {
                here.pass(between);
                seen = hit.start;
            }
            let offset = self.offset + hit.start as u64;
            let column = offset - here.line_start;
            let start = usize::try_from(column).unwrap_or(usize::MAX);
            let end = start.saturating_add(hit.end - hit.start);
            on_hit(LineHit {
                line: here.lines + 1,
                column: column + 1,
                offset,
                text: text.get(hit.start..hit.end).unwrap_or_default(),
                hit: Hit { start, end, ..hit },
            });
        });
    }

    /// Moves over `text`.
    fn pass(&mut self, text: &[u8]) {
        if let Some(last) = memrchr(b'\n', text) {
            self.lines += memchr_iter(b'\n', text).count() as u64;
            self.line_start = self.offset + last as u64 + 1;
        }
        self.offset += text.len() as u64;
    }
}
