//! The view `account`: how many signals each party published and withdrew in each month.
//!
//! It counts open leaves of the public log and nothing else: what is marked RED is in none of it,
//! and what is erased stays counted, as its leaf does.

use std::collections::HashMap;

use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};
use serde::Deserialize;

use super::Kind;
use super::store::Error;
use super::tally::EVERYBODY;
use crate::account::Month;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::{Act, Entry};

pub(crate) const KIND: Kind = Kind {
    name: "account",
    version: 1,
};

/// Published and withdrawn by party, or by [`EVERYBODY`], and month.
const SHARED: TableDefinition<'static, (u32, u16), (u64, u64)> =
    TableDefinition::new("account.shared");

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(SHARED)?;
    Ok(())
}

/// The view within one batch.
pub(crate) struct AccountView<'t> {
    shared: Table<'t, (u32, u16), (u64, u64)>,
    changes: HashMap<(u32, u16), (u64, u64)>,
}

/// What a leaf tells.
#[derive(Deserialize)]
struct Told<'l> {
    time: &'l str,
    party: &'l str,
    act: &'l str,
}

impl<'t> AccountView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(AccountView {
            shared: write.open_table(SHARED)?,
            changes: HashMap::new(),
        })
    }

    /// Counts an entry whose leaf is open.
    pub(crate) fn count(&mut self, entry: &Entry<'_>, party: u32) {
        let by = match &entry.act {
            Act::Object { .. } => (1, 0),
            Act::Withdrawal { .. } => (0, 1),
            _ => return,
        };
        self.add(party, Month::of(entry.at), by);
    }

    /// Counts an entry that is erased, by its leaf.
    pub(crate) fn count_leaf(&mut self, leaf: &[u8], directory: &Directory) {
        let Ok(told) = serde_json::from_slice::<Told<'_>>(leaf) else {
            return;
        };
        let by = match told.act {
            "object" => (1, 0),
            "withdrawal" => (0, 1),
            _ => return,
        };
        let party = directory.party_number(told.party).unwrap_or(EVERYBODY);
        if let Ok(time) = stix::Timestamp::parse(told.time) {
            self.add(party, Month::of(Instant(time.micros())), by);
        }
    }

    fn add(&mut self, party: u32, month: Month, (published, withdrawn): (u64, u64)) {
        let known = (party != EVERYBODY).then_some(party);
        for party in known.into_iter().chain([EVERYBODY]) {
            let row = self.changes.entry((party, month.0)).or_default();
            *row = (row.0 + published, row.1 + withdrawn);
        }
    }

    /// Writes what was gathered over the batch.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        for (key, (published, withdrawn)) in self.changes {
            let known = self.shared.get(key)?.map_or((0, 0), |row| row.value());
            let all = (known.0 + published, known.1 + withdrawn);
            self.shared.insert(key, all)?;
        }
        Ok(())
    }
}

/// Signals of a party, or of all for [`EVERYBODY`], by month: published and withdrawn.
pub(crate) fn shared(
    read: &ReadTransaction,
    party: u32,
    through: Month,
) -> Result<Vec<(Month, u64, u64)>, Error> {
    let mut found = Vec::new();
    let table = read.open_table(SHARED)?;
    for row in table.range((party, 0)..=(party, through.0))? {
        let (key, value) = row?;
        let (published, withdrawn) = value.value();
        found.push((Month(key.value().1), published, withdrawn));
    }
    Ok(found)
}

/// Signals of each party over the months up to one: published and withdrawn.
pub(crate) fn shared_by_all(
    read: &ReadTransaction,
    through: Month,
) -> Result<HashMap<u32, (u64, u64)>, Error> {
    let mut found: HashMap<u32, (u64, u64)> = HashMap::new();
    for row in read.open_table(SHARED)?.iter()? {
        let (key, value) = row?;
        let ((party, month), (published, withdrawn)) = (key.value(), value.value());
        if month <= through.0 && party != EVERYBODY {
            let known = found.entry(party).or_default();
            *known = (known.0 + published, known.1 + withdrawn);
        }
    }
    Ok(found)
}
