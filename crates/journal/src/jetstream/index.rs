//! Which messages of the stream carry which batch: 20 bytes a batch, in a file beside the copy. Without
//! it, and where it was not made durable, the stream is read again.
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
    /// Opens the index, and cuts off what is behind its first `rows` rows: what was written there and
    /// never made durable may be anything.
    pub(super) fn open(path: &Path, rows: u64) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let rows = rows.min(file.metadata()?.len() / ROW as u64);
        file.set_len(rows * ROW as u64)?;
        Ok(Index { file, rows })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether its rows lead from the stream's beginning up to a position, as far as the outer ones tell.
    pub(super) fn reaches(&self, next: u64) -> bool {
        let Some(last) = self.rows.checked_sub(1) else {
            return next == 0;
        };
        let begins = self.row(0).is_ok_and(|row| row.base == 0 && row.count > 0);
        let ends = self.row(last);
        begins && ends.is_ok_and(|row| row.base < next && row.count > 0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_made_durable_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let rows: Vec<Messages> = (0..10)
            .map(|row| Messages {
                base: row * 3,
                first: row * 2 + 1,
                count: 2,
            })
            .collect();
        let mut index = Index::open(&path, 0).unwrap();
        assert!(index.reaches(0) && !index.reaches(3));
        for row in &rows {
            index.add(*row).unwrap();
        }
        index.sync().unwrap();
        // A power failure leaves a file that is longer than what was written to it.
        index.file.set_len(16 * ROW as u64).unwrap();
        let mut index = Index::open(&path, 10).unwrap();
        assert!(index.reaches(30));
        assert_eq!(index.of(29).unwrap(), Some(rows[9]));
        let next = Messages {
            base: 30,
            first: 21,
            count: 1,
        };
        index.add(next).unwrap();
        for position in 0..30_u64 {
            let row = usize::try_from(position / 3).unwrap();
            assert_eq!(index.of(position).unwrap(), Some(rows[row]));
        }
        assert_eq!(index.of(30).unwrap(), Some(next));
        // One that lost rows, or has nothing in their place, is read anew.
        index.file.set_len(0).unwrap();
        index.file.set_len(12 * ROW as u64).unwrap();
        assert!(!Index::open(&path, 11).unwrap().reaches(31));
        assert!(
            !Index::open(&folder.path().join("none"), 3)
                .unwrap()
                .reaches(9)
        );
    }
}
