//! The view `directory`: the entries other than objects, so that a start reads them alone.

use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};

use super::Kind;
use super::store::Error;
use crate::directory::Directory;
use crate::entry;

pub(crate) const KIND: Kind = Kind {
    name: "directory",
    version: 1,
};

/// Bodies of entries by position.
const ENTRIES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("directory.entries");

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(ENTRIES)?;
    Ok(())
}

/// The view within one batch.
pub(crate) struct DirectoryView<'t> {
    entries: Table<'t, u64, &'static [u8]>,
}

impl<'t> DirectoryView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(DirectoryView {
            entries: write.open_table(ENTRIES)?,
        })
    }

    pub(crate) fn apply(&mut self, position: u64, body: &[u8]) -> Result<(), Error> {
        self.entries.insert(position, body)?;
        Ok(())
    }
}

/// Folds the view's entries into the directory they describe. An entry that does not decode is
/// left out here; the journal's check names it.
pub(crate) fn load(read: &ReadTransaction) -> Result<Directory, Error> {
    let mut directory = Directory::default();
    for row in read.open_table(ENTRIES)?.iter()? {
        let (position, body) = row?;
        if let Ok(entry) = entry::decode(body.value()) {
            directory.apply(position.value(), &entry);
        }
    }
    Ok(directory)
}
