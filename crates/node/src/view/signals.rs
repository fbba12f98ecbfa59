//! The view `signals`: what each object says can be matched, by the position of its entry, so that
//! the match index is filled at a start without reading a single body.

use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::Kind;
use super::store::Error;
use crate::facts::Facts;

pub(crate) const KIND: Kind = Kind {
    name: "signals",
    version: 2,
};

const SIGNALS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("signals.observables");

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(SIGNALS)?;
    Ok(())
}

/// A row of the view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signal {
    /// The collection's number.
    pub(crate) collection: u32,
    /// `date_added` of the object's row.
    pub(crate) added: i64,
    pub(crate) valid_from: Option<i64>,
    pub(crate) valid_until: Option<i64>,
    /// Kind and canonical value of each observable, in the form of `matching` when it was written.
    pub(crate) observables: Vec<(u8, String)>,
    /// The words of each PDQ hash.
    pub(crate) images: Vec<[u64; 4]>,
}

/// Writes the pages anew on which the rows of these entries stood, none of which is there any more.
pub(crate) fn rewrite(write: &WriteTransaction, positions: &[u64]) -> Result<(), Error> {
    let mut table = write.open_table(SIGNALS)?;
    for position in positions {
        if table.get(position)?.is_none() {
            table.insert(position, &[][..])?;
            table.remove(position)?;
        }
    }
    Ok(())
}

/// The view within one batch.
pub(crate) struct SignalsView<'t> {
    signals: Table<'t, u64, &'static [u8]>,
}

impl<'t> SignalsView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(SignalsView {
            signals: write.open_table(SIGNALS)?,
        })
    }

    pub(crate) fn add(
        &mut self,
        facts: &Facts,
        collection: u32,
        added: i64,
        position: u64,
    ) -> Result<(), Error> {
        if !facts.is_matchable() {
            return Ok(());
        }
        let signal = Signal {
            collection,
            added,
            valid_from: facts.valid_from,
            valid_until: facts.valid_until,
            observables: facts
                .observables
                .iter()
                .map(|o| (o.kind() as u8, o.as_str().to_owned()))
                .collect(),
            images: facts.images.iter().map(|hash| *hash.words()).collect(),
        };
        if let Ok(bytes) = postcard::to_stdvec(&signal) {
            self.signals.insert(position, bytes.as_slice())?;
        }
        Ok(())
    }

    /// Removes a row; gives what it said, so that the match index can forget it.
    pub(crate) fn remove(&mut self, position: u64) -> Result<Option<Signal>, Error> {
        let removed = self.signals.remove(position)?;
        Ok(removed.and_then(|bytes| postcard::from_bytes(bytes.value()).ok()))
    }
}

/// One row of a consistent state.
pub(crate) fn get(read: &ReadTransaction, position: u64) -> Result<Option<Signal>, Error> {
    let row = read.open_table(SIGNALS)?.get(position)?;
    Ok(row.and_then(|bytes| postcard::from_bytes(bytes.value()).ok()))
}

/// All rows of a consistent state, in the order of their positions.
pub(crate) fn each(read: &ReadTransaction, mut take: impl FnMut(u64, Signal)) -> Result<(), Error> {
    for row in read.open_table(SIGNALS)?.iter()? {
        let (position, bytes) = row?;
        if let Ok(signal) = postcard::from_bytes(bytes.value()) {
            take(position.value(), signal);
        }
    }
    Ok(())
}
