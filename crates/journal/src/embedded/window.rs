//! Reading a file forwards through a buffer that is refilled in large steps.

use super::{file, segment::Source};
use crate::Error;

/// A view on a part of a segment.
pub(super) struct Window<'s> {
    source: &'s Source,
    /// Bytes at and after this offset are not looked at.
    end: u64,
    /// How much is read at least, where the segment has it.
    step: usize,
    start: u64,
    buffer: Vec<u8>,
}

impl<'s> Window<'s> {
    /// `end`: where the known part of the segment ends. `step`: least bytes a read fetches.
    pub(super) fn new(source: &'s Source, end: u64, step: usize) -> Self {
        Self {
            source,
            end,
            step,
            start: 0,
            buffer: Vec::new(),
        }
    }

    /// Where the known part of the segment ends.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Exactly `length` bytes at `offset`; `None` when they reach beyond the end.
    pub(super) fn bytes(&mut self, offset: u64, length: usize) -> Result<Option<&[u8]>, Error> {
        if !self.holds(offset, length) {
            let left = usize::try_from(self.end.saturating_sub(offset)).unwrap_or(usize::MAX);
            if left < length {
                return Ok(None);
            }
            let wanted = left.min(length.max(self.step));
            self.start = offset;
            self.buffer.resize(wanted, 0);
            let whole = file::read_exact_at(&self.source.file, &mut self.buffer, offset)
                .map_err(self.source.failed("read it"))?;
            if !whole {
                self.buffer.clear();
                return Ok(None);
            }
        }
        let start = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        Ok(self.buffer.get(start..start.saturating_add(length)))
    }

    fn holds(&self, offset: u64, length: usize) -> bool {
        offset >= self.start
            && offset.saturating_add(length as u64) <= self.start + self.buffer.len() as u64
    }
}
