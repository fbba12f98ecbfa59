//! Rows that go: of what is withdrawn, and of what is erased.

use redb::{ReadableTable as _, WriteTransaction};

use super::{IDS, ObjectsView, ROWS, attributions};
use crate::directory::COMPANION;
use crate::entry::Withdrawn;
use crate::erasure::{GoneObject, GoneVersion};
use crate::view::object_key;
use crate::view::row::{ObjectKey, ROW, Row, attribution_key, id_key, row_key};
use crate::view::standing::Version;
use crate::view::store::Error;

/// Writes the pages anew on which the rows of these objects stood, none of which is there any more.
pub(crate) fn rewrite<'g>(
    write: &WriteTransaction,
    gone: impl Iterator<Item = &'g GoneObject>,
) -> Result<(), Error> {
    let mut rows = write.open_table(ROWS)?;
    let mut ids = write.open_table(IDS)?;
    for object in gone {
        for (version, of) in object
            .versions
            .iter()
            .map(|version| (version, 0))
            .chain(object.notices.iter().map(|notice| (notice, COMPANION)))
        {
            let key = row_key(object.collection | of, version.added);
            if rows.get(&key)?.is_none() {
                rows.insert(&key, &[0; ROW])?;
                rows.remove(&key)?;
            }
            let Some(id) = object.id.as_deref().and_then(object_key) else {
                continue;
            };
            let key = id_key(id, object.collection, version.version, object.publisher);
            if ids.get(&key)?.is_none() {
                ids.insert(&key, version.added)?;
                ids.remove(&key)?;
            }
        }
    }
    Ok(())
}

impl ObjectsView<'_> {
    /// Withdraws versions, at an instant in microseconds; gives the rows that are gone, with their
    /// `date_added`.
    pub(crate) fn withdraw(
        &mut self,
        object: ObjectKey,
        collection: u32,
        withdrawn: &[Withdrawn],
        at: i64,
    ) -> Result<Vec<(i64, Row)>, Error> {
        let before = self.days_of(object, collection)?;
        let mut gone = Vec::new();
        for Version { added, row, .. } in self.versions(object, collection)? {
            if withdrawn.iter().any(|gone| gone.position == row.position) {
                self.unshare(collection, added, &row)?;
                self.remove(collection, added, &row)?;
                gone.push((added, row));
            }
        }
        self.reflag(object, collection)?;
        let after = self.days_of(object, collection)?;
        self.days.change(collection, object, (&before, &after), at);
        Ok(gone)
    }

    /// Removes the row of an erased version, if it is there, at an instant in microseconds.
    pub(crate) fn erase(
        &mut self,
        collection: u32,
        gone: &GoneVersion,
        at: i64,
    ) -> Result<(), Error> {
        let row = self.row(collection, gone.added)?;
        let Some(row) = row.filter(|row| row.position == gone.position) else {
            return Ok(());
        };
        let before = self.days_of(row.key, collection)?;
        self.unshare(collection, gone.added, &row)?;
        self.remove(collection, gone.added, &row)?;
        self.reflag(row.key, collection)?;
        let after = self.days_of(row.key, collection)?;
        self.days.change(collection, row.key, (&before, &after), at);
        Ok(())
    }

    /// What was told on a day in a collection counts as changed.
    pub(crate) fn touch(&mut self, collection: u32, day: u32, at: i64) {
        self.days.touch(collection, day, at);
    }

    /// Forgets who else publishes a row's object.
    pub(super) fn unshare(&mut self, collection: u32, added: i64, row: &Row) -> Result<(), Error> {
        for party in attributions(&self.attributions, collection, added, row)? {
            self.attributions
                .remove(&attribution_key(collection, added, party))?;
            self.count_shared(collection, party, row, -1)?;
        }
        Ok(())
    }
}
