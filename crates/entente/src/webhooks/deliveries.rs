//! How far each webhook is, what waits to be sent again, and what was given up: a small database of
//! its own beside the views.
//!
//! It holds places in the feed of changes and no messages: each try reads its change anew, so that
//! what may be seen is decided when it is sent. When the file is lost, every webhook starts from
//! where it was made: messages come again, with the ids they had.

use std::ops::RangeInclusive;
use std::path::Path;

use redb::{
    Database, Durability, ReadableDatabase as _, ReadableTable as _, TableDefinition,
    WriteTransaction,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The database's name in a data directory.
const NAME: &str = "deliveries.redb";
/// Octets of pages kept in memory.
const CACHE: usize = 4 << 20;
/// Messages of one webhook that were given up, at most.
pub(super) const MOST_DEAD: usize = 1000;

/// [`State`] by webhook.
const STATES: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("states");
/// Tries so far by webhook, when the next one is due, and place in the feed.
const WAITING: TableDefinition<'static, (&str, i64, i64), u32> = TableDefinition::new("waiting");
/// [`Dead`] by webhook and place in the feed.
const DEAD: TableDefinition<'static, (&str, i64), &[u8]> = TableDefinition::new("dead");

/// Why the database failed.
#[derive(Debug, thiserror::Error)]
#[error("{NAME}: {0}")]
pub(crate) struct Error(Box<redb::Error>);

impl<E: Into<redb::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Error(Box::new(error.into()))
    }
}

/// How far a webhook is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// Changes up to here wait, were sent, or were given up; none before it began.
    pub(super) cursor: Option<i64>,
    /// Why nothing is sent until its owner says so.
    pub(super) disabled: Option<String>,
    /// How many messages wait.
    pub(super) waiting: usize,
    /// How many were given up.
    pub(super) dead: usize,
    /// How many messages were taken.
    pub(super) delivered: u64,
    /// When the last one was.
    pub(super) last_success: Option<i64>,
    /// When a try failed last, and why.
    pub(super) last_failure: Option<(i64, String)>,
}

/// A message that waits to be sent.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// The place of its change in the feed.
    pub(super) at: i64,
    /// When the next try is due, in microseconds.
    pub(super) due: i64,
    /// Tries so far.
    pub(super) tries: u32,
}

/// A message that was given up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Dead {
    pub(super) tries: u32,
    /// When it was given up, in microseconds.
    pub(super) at: i64,
    /// Why the last try failed.
    pub(super) reason: String,
}

/// The database.
#[derive(Debug)]
pub(super) struct Deliveries(Database);

impl Deliveries {
    /// Opens the database, or makes it. One that is damaged is set aside: it can be done without.
    pub(super) fn open(data: &Path) -> Result<Self, Error> {
        let path = data.join(NAME);
        let open = || Database::builder().set_cache_size(CACHE).create(&path);
        let database = match open() {
            Err(error) if path.exists() => {
                tracing::warn!("{NAME}: {error}; webhooks start anew from where they were made");
                drop(std::fs::rename(&path, path.with_extension("damaged")));
                open()?
            }
            opened => opened?,
        };
        let write = database.begin_write()?;
        write.open_table(STATES)?;
        write.open_table(WAITING)?;
        write.open_table(DEAD)?;
        write.commit()?;
        Ok(Deliveries(database))
    }

    /// How far a webhook is.
    pub(super) fn state(&self, id: &str) -> Result<State, Error> {
        let read = self.0.begin_read()?;
        let row = read.open_table(STATES)?.get(id)?;
        Ok(row.map(|row| decode(row.value())).unwrap_or_default())
    }

    /// The message that is due next.
    pub(super) fn next(&self, id: &str) -> Result<Option<Waiting>, Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(WAITING)?;
        let first = table.range(waiting_of(id))?.next().transpose()?;
        Ok(first.map(|(key, tries)| {
            let (_, due, at) = key.value();
            let tries = tries.value();
            Waiting { at, due, tries }
        }))
    }

    /// Messages that were given up, oldest change first.
    pub(super) fn dead(&self, id: &str) -> Result<Vec<(i64, Dead)>, Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(DEAD)?;
        let rows = table.range(dead_of(id))?.map(|row| {
            let (key, row) = row?;
            Ok((key.value().1, decode(row.value())))
        });
        rows.collect()
    }

    /// Takes changes in, to be sent from now on: they wait, and the webhook has come up to the last.
    pub(super) fn take_in(&self, id: &str, changes: &[i64], now: i64) -> Result<(), Error> {
        self.write(Durability::Immediate, |write| {
            let mut waiting = write.open_table(WAITING)?;
            for at in changes {
                waiting.insert((id, now, *at), 0)?;
            }
            change(write, id, |state| {
                state.cursor = changes.last().copied().or(state.cursor);
                state.waiting += changes.len();
            })
        })
    }

    /// A message was taken, or is not to be sent any more.
    pub(super) fn done(&self, id: &str, sent: Waiting, taken: Option<i64>) -> Result<(), Error> {
        // Lost in a crash, it is sent once more.
        self.write(Durability::None, |write| {
            remove(write, id, sent)?;
            change(write, id, |state| {
                state.waiting = state.waiting.saturating_sub(1);
                state.delivered += u64::from(taken.is_some());
                state.last_success = taken.or(state.last_success);
            })
        })
    }

    /// A try failed: the message waits on for another, or is given up.
    pub(super) fn failed(
        &self,
        id: &str,
        sent: Waiting,
        again: Option<Waiting>,
        dead: &Dead,
    ) -> Result<(), Error> {
        self.write(Durability::Immediate, |write| {
            remove(write, id, sent)?;
            if let Some(Waiting { at, due, tries }) = again {
                write.open_table(WAITING)?.insert((id, due, at), tries)?;
            } else {
                let mut given_up = write.open_table(DEAD)?;
                given_up.insert((id, sent.at), encode(dead).as_slice())?;
            }
            change(write, id, |state| {
                state.last_failure = Some((dead.at, dead.reason.clone()));
                if again.is_none() {
                    state.waiting = state.waiting.saturating_sub(1);
                    state.dead += 1;
                }
                if state.dead >= MOST_DEAD {
                    state.disabled = Some(format!(
                        "{MOST_DEAD} messages were given up: retry or discard them"
                    ));
                }
            })
        })
    }

    /// Sends nothing until its owner says so.
    pub(super) fn disable(&self, id: &str, reason: &str) -> Result<(), Error> {
        self.write(Durability::Immediate, |write| {
            change(write, id, |state| state.disabled = Some(reason.to_owned()))
        })
    }

    /// Sends again what was given up, all of it or one message, and what waits for a later try; gives
    /// how many were given up.
    pub(super) fn revive(&self, id: &str, one: Option<i64>, now: i64) -> Result<usize, Error> {
        self.write(Durability::Immediate, |write| {
            let chosen = take_dead(write, id, one)?;
            let mut waiting = write.open_table(WAITING)?;
            let later = (id, now, i64::MIN)..=(id, i64::MAX, i64::MAX);
            let later = waiting.extract_from_if(later, |_, _| true)?.map(|row| {
                let (key, tries) = row?;
                Ok::<_, Error>((key.value().2, tries.value()))
            });
            let later: Vec<(i64, u32)> = later.collect::<Result<_, _>>()?;
            for (at, tries) in chosen.iter().map(|at| (*at, 0)).chain(later) {
                waiting.insert((id, now, at), tries)?;
            }
            change(write, id, |state| {
                state.disabled = None;
                state.waiting += chosen.len();
            })?;
            Ok(chosen.len())
        })
    }

    /// Forgets what was given up, all of it or one message; gives how many.
    pub(super) fn discard(&self, id: &str, one: Option<i64>) -> Result<usize, Error> {
        self.write(Durability::Immediate, |write| {
            Ok(take_dead(write, id, one)?.len())
        })
    }

    /// Forgets all of a webhook.
    pub(super) fn forget(&self, id: &str) -> Result<(), Error> {
        self.write(Durability::Immediate, |write| {
            write.open_table(STATES)?.remove(id)?;
            write
                .open_table(WAITING)?
                .retain_in(waiting_of(id), |_, _| false)?;
            write
                .open_table(DEAD)?
                .retain_in(dead_of(id), |_, _| false)?;
            Ok(())
        })
    }

    /// The ids of all webhooks that something is known of.
    pub(super) fn known(&self) -> Result<Vec<String>, Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(STATES)?;
        let ids = table.iter()?.map(|row| Ok(row?.0.value().to_owned()));
        ids.collect()
    }

    /// Keeps over a restart what was done so far.
    pub(super) fn make_durable(&self) -> Result<(), Error> {
        self.write(Durability::Immediate, |_| Ok(()))
    }

    fn write<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut write = self.0.begin_write()?;
        write.set_durability(durability)?;
        let done = work(&write)?;
        write.commit()?;
        Ok(done)
    }
}

fn waiting_of(id: &str) -> RangeInclusive<(&str, i64, i64)> {
    (id, i64::MIN, i64::MIN)..=(id, i64::MAX, i64::MAX)
}

fn dead_of(id: &str) -> RangeInclusive<(&str, i64)> {
    (id, i64::MIN)..=(id, i64::MAX)
}

fn remove(
    write: &WriteTransaction,
    id: &str,
    Waiting { at, due, .. }: Waiting,
) -> Result<(), Error> {
    write.open_table(WAITING)?.remove((id, due, at))?;
    Ok(())
}

fn change(
    write: &WriteTransaction,
    id: &str,
    change: impl FnOnce(&mut State),
) -> Result<(), Error> {
    let mut states = write.open_table(STATES)?;
    let known = states.get(id)?.map(|row| decode(row.value()));
    let mut state: State = known.unwrap_or_default();
    change(&mut state);
    states.insert(id, encode(&state).as_slice())?;
    Ok(())
}

/// Takes messages off the list of those that were given up; gives their places.
fn take_dead(write: &WriteTransaction, id: &str, one: Option<i64>) -> Result<Vec<i64>, Error> {
    let mut dead = write.open_table(DEAD)?;
    let range = match one {
        Some(at) => (id, at)..=(id, at),
        None => dead_of(id),
    };
    let places = dead
        .range(range)?
        .map(|row| Ok::<_, Error>(row?.0.value().1));
    let places: Vec<i64> = places.collect::<Result<_, _>>()?;
    for at in &places {
        dead.remove((id, *at))?;
    }
    change(write, id, |state| {
        state.dead = state.dead.saturating_sub(places.len());
    })?;
    Ok(places)
}

/// Rows that this build cannot read are as good as none: the file can be done without.
fn decode<T: DeserializeOwned + Default>(bytes: &[u8]) -> T {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn encode(row: &impl Serialize) -> Vec<u8> {
    // Serialising numbers and text does not fail.
    serde_json::to_vec(row).unwrap_or_default()
}
