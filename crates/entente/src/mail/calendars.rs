//! The addresses at which members' calendars are read, beside who wants mail.

use redb::{ReadableDatabase as _, ReadableTable as _, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::store::{Account, Error, Store, decode, encode};

/// [`Calendar`] by id.
const CALENDARS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("calendars");
/// Addresses of calendars of one account at most.
const MOST_CALENDARS: usize = 10;

/// An address at which a member's calendar is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Calendar {
    /// Random.
    pub(crate) id: String,
    /// On whose behalf.
    pub(crate) account: Account,
    /// When it was made, in microseconds.
    pub(crate) made: i64,
}

/// Makes the table.
pub(super) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(CALENDARS)?;
    Ok(())
}

impl Store {
    /// Takes the address of a calendar in; not one too many of its account.
    pub(super) fn put_calendar(&self, new: &Calendar) -> Result<bool, Error> {
        self.write(|write| {
            let mut table = write.open_table(CALENDARS)?;
            let mut own = 0;
            for row in table.iter()? {
                let known = decode::<Calendar>(row?.1.value());
                own += usize::from(known.is_some_and(|known| known.account.same(&new.account)));
            }
            if own >= MOST_CALENDARS {
                return Ok(false);
            }
            table.insert(new.id.as_str(), encode(new).as_slice())?;
            Ok(true)
        })
    }

    /// The address of a calendar by its id.
    pub(super) fn calendar(&self, id: &str) -> Result<Option<Calendar>, Error> {
        let read = self.0.begin_read()?;
        let row = read.open_table(CALENDARS)?.get(id)?;
        Ok(row.and_then(|row| decode(row.value())))
    }

    /// Those of an account, by when they were made.
    pub(super) fn calendars(&self, of: &Account) -> Result<Vec<Calendar>, Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(CALENDARS)?;
        let rows = table
            .iter()?
            .map(|row| Ok(decode::<Calendar>(row?.1.value())));
        let all = rows
            .collect::<Result<Vec<_>, Error>>()?
            .into_iter()
            .flatten();
        let mut own: Vec<_> = all.filter(|known| known.account.same(of)).collect();
        own.sort_by_key(|known| known.made);
        Ok(own)
    }

    /// Forgets one of an account; whether there was one.
    pub(super) fn forget_calendar(&self, of: &Account, id: &str) -> Result<bool, Error> {
        self.write(|write| {
            let mut table = write.open_table(CALENDARS)?;
            let known = table
                .get(id)?
                .and_then(|row| decode::<Calendar>(row.value()));
            let own = known.is_some_and(|known| known.account.same(of));
            if own {
                table.remove(id)?;
            }
            Ok(own)
        })
    }
}
