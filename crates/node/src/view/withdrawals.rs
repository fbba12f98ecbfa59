//! The view `withdrawals`: what parties withdrew or revoked, and who acknowledged it.

use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::Kind;
use super::store::Error;

pub(crate) const KIND: Kind = Kind {
    name: "withdrawals",
    version: 2,
};

/// By position of the entry.
const ENTRIES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("withdrawals.entries");
/// Positions by the party that withdrew.
const PARTIES: TableDefinition<'static, (u32, u64), ()> =
    TableDefinition::new("withdrawals.parties");
/// When a party acknowledged the entry at a position: position, party.
const ACKNOWLEDGED: TableDefinition<'static, (u64, u32), i64> =
    TableDefinition::new("withdrawals.acknowledged");

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(ENTRIES)?;
    write.open_table(PARTIES)?;
    write.open_table(ACKNOWLEDGED)?;
    Ok(())
}

/// What was withdrawn or revoked by one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gone {
    /// The collection's number.
    pub(crate) collection: u32,
    /// The object's STIX id.
    pub(crate) object: String,
    /// When.
    pub(crate) at: i64,
    /// Whether it was revoked: a version that says so, instead of the object's absence.
    pub(crate) revoked: bool,
    /// The number of the party that withdrew it, or that had published what was erased.
    pub(crate) party: u32,
    /// The positions of the versions that are gone; of a revocation none, as the versions stay.
    pub(crate) positions: Vec<u64>,
}

/// Writes the pages anew on which the rows of these entries stood, none of which is there any more.
pub(crate) fn rewrite(write: &WriteTransaction, positions: &[u64]) -> Result<(), Error> {
    let mut table = write.open_table(ENTRIES)?;
    for position in positions {
        if table.get(position)?.is_none() {
            table.insert(position, &[][..])?;
            table.remove(position)?;
        }
    }
    Ok(())
}

/// The view within one batch.
pub(crate) struct WithdrawalsView<'t> {
    entries: Table<'t, u64, &'static [u8]>,
    parties: Table<'t, (u32, u64), ()>,
    acknowledged: Table<'t, (u64, u32), i64>,
}

impl<'t> WithdrawalsView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(WithdrawalsView {
            entries: write.open_table(ENTRIES)?,
            parties: write.open_table(PARTIES)?,
            acknowledged: write.open_table(ACKNOWLEDGED)?,
        })
    }

    pub(crate) fn add(&mut self, position: u64, gone: &Gone) -> Result<(), Error> {
        if let Ok(bytes) = postcard::to_stdvec(gone) {
            self.entries.insert(position, bytes.as_slice())?;
            self.parties.insert((gone.party, position), ())?;
        }
        Ok(())
    }

    /// Forgets the entry at a position.
    pub(crate) fn remove(&mut self, position: u64) -> Result<(), Error> {
        let removed = self.entries.remove(position)?;
        let gone = removed.and_then(|bytes| postcard::from_bytes::<Gone>(bytes.value()).ok());
        if let Some(gone) = gone {
            self.parties.remove((gone.party, position))?;
        }
        Ok(())
    }

    /// The withdrawals of an object, oldest first; revocations are none.
    pub(crate) fn of_object(&self, id: &str) -> Result<Vec<(u64, Gone)>, Error> {
        let mut found = Vec::new();
        for row in self.entries.iter()? {
            let (position, bytes) = row?;
            if let Ok(gone) = postcard::from_bytes::<Gone>(bytes.value())
                && !gone.revoked
                && gone.object == id
            {
                found.push((position.value(), gone));
            }
        }
        Ok(found)
    }

    /// The first acknowledgement of a party counts.
    pub(crate) fn acknowledge(&mut self, position: u64, party: u32, at: i64) -> Result<(), Error> {
        let known = self.acknowledged.get((position, party))?.is_some();
        if !known {
            self.acknowledged.insert((position, party), at)?;
        }
        Ok(())
    }
}

/// What was withdrawn, newest first, at most so many.
pub(crate) fn newest(read: &ReadTransaction, limit: usize) -> Result<Vec<(u64, Gone)>, Error> {
    let mut found = Vec::new();
    for row in read.open_table(ENTRIES)?.iter()?.rev().take(limit) {
        let (position, bytes) = row?;
        if let Ok(gone) = postcard::from_bytes(bytes.value()) {
            found.push((position.value(), gone));
        }
    }
    Ok(found)
}

/// What was withdrawn between two instants, in microseconds, the second not included; newest first.
pub(crate) fn between(
    read: &ReadTransaction,
    from: i64,
    until: i64,
) -> Result<Vec<(u64, Gone)>, Error> {
    let mut found = Vec::new();
    for row in read.open_table(ENTRIES)?.iter()?.rev() {
        let (position, bytes) = row?;
        let Ok(gone) = postcard::from_bytes::<Gone>(bytes.value()) else {
            continue;
        };
        // Later entries have later dates.
        if gone.at < from {
            break;
        }
        if gone.at < until {
            found.push((position.value(), gone));
        }
    }
    Ok(found)
}

/// What a party withdrew, newest first, at most so many from before a position.
pub(crate) fn of_party(
    read: &ReadTransaction,
    party: u32,
    before: u64,
    limit: usize,
) -> Result<Vec<(u64, Gone)>, Error> {
    let entries = read.open_table(ENTRIES)?;
    let mut found = Vec::new();
    for key in read
        .open_table(PARTIES)?
        .range((party, 0)..(party, before))?
        .rev()
        .take(limit)
    {
        let (_, position) = key?.0.value();
        let row = entries.get(position)?;
        let gone = row.and_then(|bytes| postcard::from_bytes(bytes.value()).ok());
        found.extend(gone.map(|gone| (position, gone)));
    }
    Ok(found)
}

/// Who acknowledged the entry at a position, and when.
pub(crate) fn acknowledged(
    read: &ReadTransaction,
    position: u64,
) -> Result<Vec<(u32, i64)>, Error> {
    let table = read.open_table(ACKNOWLEDGED)?;
    let mut found = Vec::new();
    for row in table.range((position, 0)..=(position, u32::MAX))? {
        let (key, at) = row?;
        found.push((key.value().1, at.value()));
    }
    Ok(found)
}
