//! Who wants mail, and what waits to be sent: a small database of its own beside the views.
//!
//! Addresses are personal data: they stand here and nowhere else, and are gone when their owner says so.
//! No message is kept: what is sent is composed when it is sent, so that what may be seen is decided
//! then. When the file is lost, people subscribe anew.

use std::path::Path;

use node::clock::DAY;
use redb::{
    Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    TableDefinition, WriteTransaction,
};
use serde::{Deserialize, Serialize};

use super::schedule::Schedule;

/// The database's name in a data directory.
pub(super) const NAME: &str = "mail.redb";
/// Octets of pages kept in memory.
const CACHE: usize = 4 << 20;
/// How long a confirmation is waited for.
pub(super) const PENDING: i64 = 2 * DAY;
/// How long a subscription whose recipient takes no mail is kept for the operator to see.
const STOPPED: i64 = 30 * DAY;
/// Subscriptions at most, and those that wait for a confirmation.
const MOST: u64 = 200_000;
const MOST_PENDING: u64 = 20_000;
/// Confirmations that digests wait behind: of more of them digests go first, so that nobody's morning
/// is late because somebody asks for a great many.
const CONFIRMATIONS: usize = 30;
/// Confirmations sent to one address within a day at most, and its subscriptions.
const MOST_ASKED: usize = 3;
const MOST_OF_ADDRESS: usize = 10;

/// [`Subscription`] by id.
const SUBSCRIPTIONS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("subscriptions");
/// Subscriptions by address, in lower case.
const ADDRESSES: TableDefinition<'static, (&str, &str), ()> = TableDefinition::new("addresses");
/// Subscriptions that wait for a confirmation.
const PENDINGS: TableDefinition<'static, &str, ()> = TableDefinition::new("pending");
/// Subscriptions by when something is to be done about them: a digest is due, or they are forgotten.
const DUE: TableDefinition<'static, (i64, &str), ()> = TableDefinition::new("due");
/// [`Waiting`] by when the next try is due, subscription and time of the digest; 0 for a confirmation.
const OUTBOX: TableDefinition<'static, (i64, &str, i64), &[u8]> = TableDefinition::new("outbox");
/// When confirmations were asked for, by a keyed hash of the address: outlives what was forgotten.
const ASKED: TableDefinition<'static, &[u8; 32], &[u8]> = TableDefinition::new("asked");

/// Why the database failed.
#[derive(Debug, thiserror::Error)]
#[error("{NAME}: {0}")]
pub(crate) struct Error(Box<redb::Error>);

impl<E: Into<redb::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Error(Box::new(error.into()))
    }
}

/// The account on whose behalf a member's digest is composed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the words that tokens use")]
pub(crate) struct Account {
    /// The party's id.
    pub(crate) party: String,
    /// The account's name.
    pub(crate) account: String,
    /// The id of the token it asked with; none for the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
}

/// What somebody wants to be told, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    /// Random.
    pub(crate) id: String,
    /// Where to.
    pub(crate) address: String,
    /// Topics, as [`super::topics`] writes them.
    pub(crate) topics: Vec<String>,
    /// When.
    pub(crate) schedule: Schedule,
    /// On whose behalf; public things alone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<Account>,
    /// When it was asked for, in microseconds.
    pub(crate) made: i64,
    /// When the address's owner confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confirmed: Option<i64>,
    /// What was recorded up to here was told, or waits in the outbox.
    pub(crate) told: i64,
    /// When the next digest is due, or a subscription that nobody confirmed is forgotten.
    pub(crate) due: i64,
    /// When a digest was last taken by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<i64>,
    /// When and why nothing is sent any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<(i64, String)>,
}

/// A message that waits to be composed and sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// What is told was recorded after this instant, in microseconds,
    pub(super) after: i64,
    /// and up to this one.
    pub(super) until: i64,
    /// Tries so far.
    pub(super) tries: u32,
    /// Why the last one failed.
    #[serde(default)]
    pub(super) failed: Option<String>,
}

/// A message that is due, and whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) at: i64,
    pub(super) subscription: Subscription,
    /// The time at which its digest was due; none for a confirmation.
    pub(super) digest: Option<i64>,
    pub(super) waiting: Waiting,
}

/// How much there is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Subscriptions, confirmed or not.
    pub(crate) subscriptions: u64,
    /// Those among them that wait for a confirmation.
    pub(crate) pending: u64,
    /// Messages that wait to be sent.
    pub(crate) waiting: u64,
}

/// The database.
#[derive(Debug)]
pub(crate) struct Store(pub(super) Database);

impl Store {
    /// Opens the database, or makes it. One that is damaged is set aside.
    ///
    /// # Errors
    /// When it can be neither read nor made anew.
    pub(crate) fn open(data: &Path) -> Result<Self, Error> {
        let path = data.join(NAME);
        let open = || Database::builder().set_cache_size(CACHE).create(&path);
        let mut database = match open() {
            Err(error @ redb::DatabaseError::Storage(redb::StorageError::Corrupted(_))) => {
                tracing::error!(
                    "{NAME}: {error}; it is set aside, and who wants mail subscribes anew"
                );
                drop(std::fs::rename(&path, path.with_extension("damaged")));
                open()?
            }
            opened => opened?,
        };
        let write = database.begin_write()?;
        write.open_table(SUBSCRIPTIONS)?;
        write.open_table(ADDRESSES)?;
        write.open_table(PENDINGS)?;
        write.open_table(DUE)?;
        write.open_table(OUTBOX)?;
        write.open_table(ASKED)?;
        super::calendars::create(&write)?;
        write.commit()?;
        // Pages that are free still hold the addresses that were deleted: they leave the file.
        database.compact()?;
        Ok(Store(database))
    }

    /// How much there is in a data directory; nothing where nobody ever asked for mail.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn counts_in(data: &Path) -> Result<Option<Counts>, Error> {
        if !data.join(NAME).exists() {
            return Ok(None);
        }
        Store::open(data)?.counts().map(Some)
    }

    /// A subscription by its id.
    pub(crate) fn get(&self, id: &str) -> Result<Option<Subscription>, Error> {
        let read = self.0.begin_read()?;
        let row = read.open_table(SUBSCRIPTIONS)?.get(id)?;
        Ok(row.and_then(|row| decode(row.value())))
    }

    /// All of them, by id.
    pub(crate) fn all(&self) -> Result<Vec<Subscription>, Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(SUBSCRIPTIONS)?;
        let rows = table.iter()?.map(|row| Ok(decode(row?.1.value())));
        Ok(rows
            .collect::<Result<Vec<_>, Error>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// How much there is.
    pub(crate) fn counts(&self) -> Result<Counts, Error> {
        let read = self.0.begin_read()?;
        Ok(Counts {
            subscriptions: read.open_table(SUBSCRIPTIONS)?.len()?,
            pending: read.open_table(PENDINGS)?.len()?,
            waiting: read.open_table(OUTBOX)?.len()?,
        })
    }

    /// Takes a new subscription in, to be confirmed; whether it was. One too many is not: of its
    /// address, of all, or within a day (`asked` is the address under a key).
    pub(super) fn ask(&self, new: &Subscription, asked: &[u8; 32]) -> Result<bool, Error> {
        self.write(|write| {
            let now = new.made;
            let mut table = write.open_table(ASKED)?;
            let known = table
                .get(asked)?
                .and_then(|row| decode::<Vec<i64>>(row.value()));
            let mut times = known.unwrap_or_default();
            times.retain(|at| *at > now - DAY);
            if times.len() >= MOST_ASKED
                || write.open_table(SUBSCRIPTIONS)?.len()? >= MOST
                || write.open_table(PENDINGS)?.len()? >= MOST_PENDING
            {
                return Ok(false);
            }
            let address = new.address.to_ascii_lowercase();
            let of_address = write.open_table(ADDRESSES)?;
            let known = of_address.range((address.as_str(), "")..=(address.as_str(), "~"))?;
            if known.count() >= MOST_OF_ADDRESS {
                return Ok(false);
            }
            drop(of_address);
            times.push(now);
            table.insert(asked, encode(&times).as_slice())?;
            table.retain(|_, row| {
                decode::<Vec<i64>>(row).is_some_and(|times| times.iter().any(|at| *at > now - DAY))
            })?;
            put(write, new)?;
            let confirm = encode(&Waiting::default());
            write
                .open_table(OUTBOX)?
                .insert((now, new.id.as_str(), 0), confirm.as_slice())?;
            Ok(true)
        })
    }

    /// The address's owner confirms; the first digest is due at `due`. Nothing when there is no such
    /// subscription any more.
    pub(super) fn confirm(
        &self,
        id: &str,
        now: i64,
        due: i64,
    ) -> Result<Option<Subscription>, Error> {
        self.write(|write| {
            let Some(mut known) = find(write, id)? else {
                return Ok(None);
            };
            if known.confirmed.is_none() {
                unput(write, &known)?;
                (known.confirmed, known.told, known.due) = (Some(now), now, due);
                put(write, &known)?;
                forget_waiting(write, id)?;
            }
            Ok(Some(known))
        })
    }

    /// Forgets a subscription, its address and what waits; gives what it was.
    pub(crate) fn forget(&self, id: &str) -> Result<Option<Subscription>, Error> {
        self.write(|write| forget(write, id))
    }

    /// Forgets what was never confirmed, and what was stopped long ago; lets the digests that are due
    /// wait to be sent. `next` tells when a digest was last due, and when the next one is.
    pub(super) fn collect(
        &self,
        now: i64,
        read_up_to: i64,
        next: impl Fn(&Subscription) -> (i64, i64),
    ) -> Result<(), Error> {
        loop {
            let due = self.due(now)?;
            if due.is_empty() {
                return Ok(());
            }
            self.write(|write| {
                for id in &due {
                    let Some(mut known) = find(write, id)? else {
                        continue;
                    };
                    if known.confirmed.is_none() || known.stopped.is_some() {
                        forget(write, id)?;
                        continue;
                    }
                    let (scheduled, due) = next(&known);
                    unput(write, &known)?;
                    let until = scheduled.min(read_up_to);
                    if until > known.told {
                        let waiting = encode(&Waiting {
                            after: known.told,
                            until,
                            ..Waiting::default()
                        });
                        let mut outbox = write.open_table(OUTBOX)?;
                        outbox.insert((now, id.as_str(), scheduled), waiting.as_slice())?;
                        known.told = until;
                    }
                    known.due = due;
                    put(write, &known)?;
                }
                Ok(())
            })?;
        }
    }

    fn due(&self, now: i64) -> Result<Vec<String>, Error> {
        const AT_ONCE: usize = 500;
        let read = self.0.begin_read()?;
        let table = read.open_table(DUE)?;
        let rows = table.range(..=(now, "~"))?.take(AT_ONCE);
        rows.map(|row| Ok(row?.0.value().1.to_owned())).collect()
    }

    /// When something has to be done next.
    pub(super) fn next(&self) -> Result<Option<i64>, Error> {
        let read = self.0.begin_read()?;
        let due = read.open_table(DUE)?;
        let out = read.open_table(OUTBOX)?;
        let due = due.first()?.map(|row| row.0.value().0);
        let out = out.first()?.map(|row| row.0.value().0);
        Ok(due.into_iter().chain(out).min())
    }

    /// The message that is due first, by now: the oldest, or the oldest digest where more than
    /// [`CONFIRMATIONS`] are before it.
    pub(super) fn next_message(&self, now: i64) -> Result<Option<Due>, Error> {
        loop {
            let read = self.0.begin_read()?;
            let out = read.open_table(OUTBOX)?;
            let (mut first, mut before) = (None, 0);
            for row in out.range(..=(now, "~", i64::MAX))? {
                let row = row?;
                let is_digest = row.0.value().2 != 0;
                if first.is_none() || (is_digest && before > CONFIRMATIONS) {
                    first = Some(row);
                }
                if is_digest {
                    break;
                }
                before += 1;
            }
            let Some(row) = first else {
                return Ok(None);
            };
            let (at, id, digest) = row.0.value();
            let known = read.open_table(SUBSCRIPTIONS)?.get(id)?;
            let known = known.and_then(|row| decode::<Subscription>(row.value()));
            if let Some(subscription) = known {
                return Ok(Some(Due {
                    at,
                    subscription,
                    digest: Some(digest).filter(|digest| *digest != 0),
                    waiting: decode(row.1.value()).unwrap_or_default(),
                }));
            }
            // Its subscription is gone, and so is it.
            let key = (at, id.to_owned(), digest);
            self.write(|write| {
                let mut out = write.open_table(OUTBOX)?;
                out.remove((key.0, key.1.as_str(), key.2))?;
                Ok(())
            })?;
        }
    }

    /// Strikes out messages that were taken: subscriptions, and the times of their digests.
    pub(super) fn strike(&self, taken: &[(String, i64)]) -> Result<(), Error> {
        if taken.is_empty() {
            return Ok(());
        }
        self.write(|write| {
            let mut out = write.open_table(OUTBOX)?;
            let is_taken = |of: &str, at: i64| {
                let mut taken = taken.iter();
                taken.any(|(id, digest)| id == of && *digest == at)
            };
            out.retain(|(_, of, at), _| !is_taken(of, at))?;
            Ok(())
        })
    }

    /// A message was taken (at `taken`), or is not to be sent.
    pub(super) fn done(&self, due: &Due, taken: Option<i64>) -> Result<(), Error> {
        self.write(|write| {
            take_out(write, due)?;
            if let (Some(at), Some(_), Some(mut known)) =
                (taken, due.digest, find(write, &due.subscription.id)?)
            {
                known.sent = Some(at);
                keep(write, &known)?;
            }
            Ok(())
        })
    }

    /// A try failed: the message waits on for another at `again`.
    pub(super) fn failed(&self, due: &Due, again: i64, reason: &str) -> Result<(), Error> {
        self.write(|write| {
            take_out(write, due)?;
            let waiting = encode(&Waiting {
                tries: due.waiting.tries.saturating_add(1),
                failed: Some(reason.to_owned()),
                ..due.waiting.clone()
            });
            let id = due.subscription.id.as_str();
            let key = (again, id, due.digest.unwrap_or(0));
            write.open_table(OUTBOX)?.insert(key, waiting.as_slice())?;
            Ok(())
        })
    }

    /// A recipient takes no mail: nothing more is sent, and the subscription is forgotten in a month.
    pub(super) fn stop(&self, due: &Due, now: i64, reason: &str) -> Result<(), Error> {
        self.write(|write| {
            let id = &due.subscription.id;
            forget_waiting(write, id)?;
            let Some(mut known) = find(write, id)? else {
                return Ok(());
            };
            unput(write, &known)?;
            if known.confirmed.is_none() {
                return Ok(());
            }
            known.stopped = Some((now, reason.to_owned()));
            known.due = now + STOPPED;
            put(write, &known)
        })
    }

    /// Every write is made durable: nothing is sent twice for want of an fsync.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let write = self.0.begin_write()?;
        let done = work(&write)?;
        write.commit()?;
        Ok(done)
    }
}

fn find(write: &WriteTransaction, id: &str) -> Result<Option<Subscription>, Error> {
    let table = write.open_table(SUBSCRIPTIONS)?;
    let row = table.get(id)?;
    Ok(row.and_then(|row| decode(row.value())))
}

fn keep(write: &WriteTransaction, known: &Subscription) -> Result<(), Error> {
    let mut table = write.open_table(SUBSCRIPTIONS)?;
    table.insert(known.id.as_str(), encode(known).as_slice())?;
    Ok(())
}

/// Enters a subscription where it is looked for.
fn put(write: &WriteTransaction, known: &Subscription) -> Result<(), Error> {
    let (id, address) = (known.id.as_str(), known.address.to_ascii_lowercase());
    keep(write, known)?;
    write
        .open_table(ADDRESSES)?
        .insert((address.as_str(), id), ())?;
    write.open_table(DUE)?.insert((known.due, id), ())?;
    if known.confirmed.is_none() {
        write.open_table(PENDINGS)?.insert(id, ())?;
    }
    Ok(())
}

fn unput(write: &WriteTransaction, known: &Subscription) -> Result<(), Error> {
    let (id, address) = (known.id.as_str(), known.address.to_ascii_lowercase());
    write.open_table(SUBSCRIPTIONS)?.remove(id)?;
    write
        .open_table(ADDRESSES)?
        .remove((address.as_str(), id))?;
    write.open_table(DUE)?.remove((known.due, id))?;
    write.open_table(PENDINGS)?.remove(id)?;
    Ok(())
}

fn forget(write: &WriteTransaction, id: &str) -> Result<Option<Subscription>, Error> {
    let known = find(write, id)?;
    if let Some(known) = &known {
        unput(write, known)?;
    }
    forget_waiting(write, id)?;
    Ok(known)
}

fn forget_waiting(write: &WriteTransaction, id: &str) -> Result<(), Error> {
    let mut out = write.open_table(OUTBOX)?;
    out.retain(|(_, of, _), _| of != id)?;
    Ok(())
}

fn take_out(write: &WriteTransaction, due: &Due) -> Result<(), Error> {
    let key = (
        due.at,
        due.subscription.id.as_str(),
        due.digest.unwrap_or(0),
    );
    write.open_table(OUTBOX)?.remove(key)?;
    Ok(())
}

pub(super) fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

pub(super) fn encode(row: &impl Serialize) -> Vec<u8> {
    // Serialising numbers and text does not fail.
    serde_json::to_vec(row).unwrap_or_default()
}

impl Account {
    /// Whether it is the same account, by whatever token.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.party == other.party && self.account == other.account
    }

    /// As the policy asks for it.
    pub(crate) fn subscriber(&self) -> node::policy::Subscriber<'_> {
        node::policy::Subscriber {
            party: &self.party,
            account: &self.account,
            token: self.token.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests;
