//! Which messages of the stream carry which batch: 20 bytes a batch, in a file beside the copy. Without
//! it, or behind the place where it is damaged, the stream is read again.
//!
//! A row: base position u64, sequence of the first message u64, messages u32; little-endian.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const ROW: usize = 20;

/// The messages of a batch.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Messages {
    pub(super) base: u64,
    pub(super) first: u64,
    pub(super) count: u32,
}

impl Messages {
    /// The last of them.
    pub(super) fn last(&self) -> u64 {
        self.first + u64::from(self.count.saturating_sub(1))
    }
}

#[derive(Debug)]
pub(super) struct Index {
    file: File,
    rows: u64,
}

impl Index {
    /// Opens the index, and cuts off what it has of batches from `next` on.
    pub(super) fn open(path: &Path, next: u64) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let rows = file.metadata()?.len() / ROW as u64;
        let mut index = Index { file, rows };
        index.rows = index.before(next)?;
        index.file.set_len(index.rows * ROW as u64)?;
        Ok(index)
    }

    /// Whether it has a row for every batch before `next`, as far as its first row tells.
    pub(super) fn begins(&self) -> bool {
        self.row(0).is_ok_and(|row| row.base == 0)
    }

    pub(super) fn add(&mut self, messages: Messages) -> io::Result<()> {
        let mut row = [0; ROW];
        let fields = messages.base.to_le_bytes().into_iter();
        let fields = fields
            .chain(messages.first.to_le_bytes())
            .chain(messages.count.to_le_bytes());
        row.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        self.file.write_all_at(&row, self.rows * ROW as u64)?;
        self.rows += 1;
        Ok(())
    }

    /// Makes the rows durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// The messages of the batch that holds a position.
    pub(super) fn of(&self, position: u64) -> io::Result<Option<Messages>> {
        match self.before(position.saturating_add(1))?.checked_sub(1) {
            Some(row) => self.row(row).map(Some),
            None => Ok(None),
        }
    }

    /// How many batches begin before a position.
    fn before(&self, position: u64) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low.midpoint(high);
            if self.row(middle)?.base < position {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn row(&self, row: u64) -> io::Result<Messages> {
        let mut bytes = [0; ROW];
        self.file.read_exact_at(&mut bytes, row * ROW as u64)?;
        let field = |at: usize| {
            let field = bytes.get(at..).and_then(|rest| rest.first_chunk());
            field.map_or(0, |field| u64::from_le_bytes(*field))
        };
        let count = bytes
            .last_chunk()
            .map_or(0, |count| u32::from_le_bytes(*count));
        Ok(Messages {
            base: field(0),
            first: field(8),
            count,
        })
    }
}
