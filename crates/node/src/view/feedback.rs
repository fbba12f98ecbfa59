//! The view `feedback`: what parties say of signals, by signal and by whom it is told.
//!
//! Items are removed by erasures alone: whether one that stands for a STIX object still counts is decided by
//! that object's row when it is asked.

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction,
};
use serde::{Deserialize, Serialize};

use super::row::ObjectKey;
use super::store::Error;
use super::tally::EVERYBODY;
use super::{Kind, object_key};
use crate::account::Month;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::{Entry, Seal};
use crate::model::{Feedback, FeedbackKind};

pub(crate) const KIND: Kind = Kind {
    name: "feedback",
    version: 2,
};

/// Items by the position of their entry.
const ITEMS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("feedback.items");
/// Items by signal: UUID, type, position.
const SIGNALS: TableDefinition<'static, &[u8; 28], ()> = TableDefinition::new("feedback.signals");
/// Items by the party they are told, by its number, and position.
const INBOXES: TableDefinition<'static, (u32, u64), ()> = TableDefinition::new("feedback.inboxes");

/// How often a party was told each kind of thing by others in a month, RED aside: party, month, kind.
const RECEIVED: TableDefinition<'static, (u32, u16, u8), u64> =
    TableDefinition::new("feedback.received");

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(ITEMS)?;
    write.open_table(SIGNALS)?;
    write.open_table(INBOXES)?;
    write.open_table(RECEIVED)?;
    Ok(())
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// When it was said.
    pub(crate) at: Instant,
    /// The id of the party that says it.
    pub(crate) author: String,
    pub(crate) said: Feedback,
    /// Whether its leaf is open.
    open: bool,
}

/// Writes the pages anew on which the rows of these entries stood, none of which is there any more.
pub(crate) fn rewrite(write: &WriteTransaction, positions: &[u64]) -> Result<(), Error> {
    let mut table = write.open_table(ITEMS)?;
    for position in positions {
        if table.get(position)?.is_none() {
            table.insert(position, &[][..])?;
            table.remove(position)?;
        }
    }
    Ok(())
}

/// The view within one batch.
pub(crate) struct FeedbackView<'t> {
    items: Table<'t, u64, &'static [u8]>,
    signals: Table<'t, &'static [u8; 28], ()>,
    inboxes: Table<'t, (u32, u64), ()>,
    received: Table<'t, (u32, u16, u8), u64>,
}

impl<'t> FeedbackView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(FeedbackView {
            items: write.open_table(ITEMS)?,
            signals: write.open_table(SIGNALS)?,
            inboxes: write.open_table(INBOXES)?,
            received: write.open_table(RECEIVED)?,
        })
    }

    pub(crate) fn add(
        &mut self,
        position: u64,
        (entry, seal): (&Entry<'_>, Seal),
        said: &Feedback,
        directory: &Directory,
    ) -> Result<(), Error> {
        let Some(signal) = object_key(&said.signal) else {
            return Ok(());
        };
        let item = Item {
            at: entry.at,
            author: entry.actor.party.clone().into_owned(),
            said: said.clone(),
            open: seal == Seal::Open,
        };
        let Ok(bytes) = postcard::to_stdvec(&item) else {
            return Ok(());
        };
        self.items.insert(position, bytes.as_slice())?;
        self.signals.insert(&signal_key(signal, position), ())?;
        for told in &said.to {
            if let Some(party) = directory.party_number(&told.party) {
                self.inboxes.insert((party, position), ())?;
            }
        }
        self.count(&item, 1, directory)
    }

    /// Counts an item, or takes it off again, for each party that is told of it by another.
    fn count(&mut self, item: &Item, by: i64, directory: &Directory) -> Result<(), Error> {
        if !item.open {
            return Ok(());
        }
        let mut told: Vec<&str> = item.said.to.iter().map(|to| to.party.as_str()).collect();
        told.sort_unstable();
        told.dedup();
        told.retain(|party| *party != item.author);
        let parties = told
            .iter()
            .filter_map(|party| directory.party_number(party));
        let everybody = (!told.is_empty()).then_some(EVERYBODY);
        for party in parties.chain(everybody) {
            let key = (party, Month::of(item.at).0, item.said.kind as u8);
            let known = self.received.get(key)?.map_or(0, |row| row.value());
            match known.saturating_add_signed(by) {
                0 => drop(self.received.remove(key)?),
                all => drop(self.received.insert(key, all)?),
            }
        }
        Ok(())
    }
}

impl FeedbackView<'_> {
    /// Forgets the item of the entry at a position.
    pub(crate) fn remove(&mut self, position: u64, directory: &Directory) -> Result<(), Error> {
        let removed = self.items.remove(position)?;
        let item = removed.and_then(|bytes| postcard::from_bytes::<Item>(bytes.value()).ok());
        let Some(item) = item else {
            return Ok(());
        };
        if let Some(signal) = object_key(&item.said.signal) {
            self.signals.remove(&signal_key(signal, position))?;
        }
        for told in &item.said.to {
            if let Some(party) = directory.party_number(&told.party) {
                self.inboxes.remove((party, position))?;
            }
        }
        self.count(&item, -1, directory)
    }

    /// What is said of a signal, oldest first, with the positions of the entries.
    pub(crate) fn of_signal(&self, signal: ObjectKey) -> Result<Vec<(u64, Item)>, Error> {
        let (low, high) = (signal_key(signal, 0), signal_key(signal, u64::MAX));
        let mut found = Vec::new();
        for entry in self.signals.range::<&[u8; 28]>(&low..=&high)? {
            let position = position_of(entry?.0.value());
            let bytes = self.items.get(position)?;
            let item = bytes.and_then(|bytes| postcard::from_bytes(bytes.value()).ok());
            found.extend(item.map(|item| (position, item)));
        }
        Ok(found)
    }
}

fn signal_key(signal: ObjectKey, position: u64) -> [u8; 28] {
    let mut key = [0; 28];
    let (head, tail) = key.split_at_mut(16);
    head.copy_from_slice(&signal.uuid);
    let (kind, tail) = tail.split_at_mut(4);
    kind.copy_from_slice(&signal.kind.to_be_bytes());
    tail.copy_from_slice(&position.to_be_bytes());
    key
}

fn position_of(key: &[u8; 28]) -> u64 {
    key.last_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// What a party, or everybody together, was told by others in each month up to one: how often of each
/// kind.
pub(crate) fn received(
    read: &ReadTransaction,
    party: u32,
    through: Month,
) -> Result<Vec<(Month, FeedbackKind, u64)>, Error> {
    let mut found = Vec::new();
    let table = read.open_table(RECEIVED)?;
    for row in table.range((party, 0, 0)..=(party, through.0, u8::MAX))? {
        let (key, count) = row?;
        let (_, month, code) = key.value();
        let kind = FeedbackKind::ALL
            .into_iter()
            .find(|kind| *kind as u8 == code);
        found.extend(kind.map(|kind| (Month(month), kind, count.value())));
    }
    Ok(found)
}

/// The items of one consistent state.
pub(crate) struct Items {
    by_position: ReadOnlyTable<u64, &'static [u8]>,
    signals: ReadOnlyTable<&'static [u8; 28], ()>,
    inboxes: ReadOnlyTable<(u32, u64), ()>,
}

impl Items {
    pub(crate) fn open(read: &ReadTransaction) -> Result<Self, Error> {
        Ok(Items {
            by_position: read.open_table(ITEMS)?,
            signals: read.open_table(SIGNALS)?,
            inboxes: read.open_table(INBOXES)?,
        })
    }

    /// What is said of a signal, newest first, until `take` says that it is enough.
    pub(crate) fn of_signal<E: From<Error>>(
        &self,
        signal: ObjectKey,
        mut take: impl FnMut(u64, Item) -> Result<bool, E>,
    ) -> Result<(), E> {
        let (low, high) = (signal_key(signal, 0), signal_key(signal, u64::MAX));
        let found = self.signals.range::<&[u8; 28]>(&low..=&high);
        for entry in found.map_err(Error::from)?.rev() {
            let position = position_of(entry.map_err(Error::from)?.0.value());
            if let Some(item) = self.item(position)?
                && !take(position, item)?
            {
                break;
            }
        }
        Ok(())
    }

    /// What a party is told, or everything for `None`, from after a position on, oldest first,
    /// until `take` says that it is enough.
    pub(crate) fn told<E: From<Error>>(
        &self,
        party: Option<u32>,
        after: Option<u64>,
        mut take: impl FnMut(u64, Item) -> Result<bool, E>,
    ) -> Result<(), E> {
        let from = after.map_or(0, |after| after.saturating_add(1));
        if let Some(party) = party {
            let found = self.inboxes.range((party, from)..=(party, u64::MAX));
            for entry in found.map_err(Error::from)? {
                let (_, position) = entry.map_err(Error::from)?.0.value();
                if let Some(item) = self.item(position)?
                    && !take(position, item)?
                {
                    break;
                }
            }
            return Ok(());
        }
        for entry in self.by_position.range(from..).map_err(Error::from)? {
            let (position, bytes) = entry.map_err(Error::from)?;
            if let Ok(item) = postcard::from_bytes(bytes.value())
                && !take(position.value(), item)?
            {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn item(&self, position: u64) -> Result<Option<Item>, Error> {
        let bytes = self.by_position.get(position)?;
        Ok(bytes.and_then(|bytes| postcard::from_bytes(bytes.value()).ok()))
    }
}
