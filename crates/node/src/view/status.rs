//! Statuses of publish requests (TAXII 2.1 §4.3): kept for two days on this node.
//!
//! Not a view of the journal: a status also tells what was refused, which left no entry. It shares
//! the views' database and a batch's transaction.

use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::store::Error;
use crate::clock::Instant;

/// By id: a `UUIDv7`, so that keys rise with time.
const STATUSES: TableDefinition<'static, &[u8; 16], &[u8]> = TableDefinition::new("status.kept");
/// What statuses without entries were kept in.
const EARLIER: TableDefinition<'static, &[u8; 16], &[u8]> = TableDefinition::new("status.records");

/// How long a status is kept, in microseconds. TAXII asks for 24 hours at least.
const KEPT: i64 = 48 * 3600 * 1_000_000;

/// What became of one publish request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its id, a `UUIDv7`.
    pub id: [u8; 16],
    /// When the request came.
    pub requested: Instant,
    /// The party that sent it; the only one that may ask for it.
    pub party: String,
    /// Objects taken, with their versions: what was already here counts too.
    pub successes: Vec<Taken>,
    /// Objects refused, and why.
    pub failures: Vec<Failed>,
}

/// An object that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The STIX id.
    pub id: String,
    /// Its version in microseconds since 1970; `date_added` for an unversioned object.
    pub version: i64,
    /// Whether it was here already, so that nothing was written.
    pub known: bool,
    /// The position of the entry that was written, by which its receipt is had.
    pub entry: Option<u64>,
}

/// An object that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The STIX id, as far as one could be read.
    pub id: String,
    /// Its version, when it carries one.
    pub version: Option<i64>,
    /// Which place of the object is wrong and why.
    pub reason: String,
}

impl Status {
    /// Its id as text.
    pub fn id_text(&self) -> String {
        uuid::Uuid::from_bytes(self.id).to_string()
    }
}

/// A status id back from its text; none when it is not one.
pub fn parse_id(text: &str) -> Option<[u8; 16]> {
    uuid::Uuid::try_parse(text).ok().map(uuid::Uuid::into_bytes)
}

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(STATUSES)?;
    write.delete_table(EARLIER)?;
    Ok(())
}

/// What is told instead of why an object was refused that is erased.
const ERASED: &str = "erased";

/// Writes the pages anew on which it stood why objects were refused that are erased.
pub(crate) fn rewrite(write: &WriteTransaction) -> Result<(), Error> {
    let mut table = write.open_table(STATUSES)?;
    let mut about = Vec::new();
    for row in table.iter()? {
        let (key, bytes) = row?;
        let status = postcard::from_bytes::<Status>(bytes.value());
        let names = |status: Status| status.failures.iter().any(|one| one.reason == ERASED);
        if status.is_ok_and(names) {
            about.push((*key.value(), bytes.value().to_vec()));
        }
    }
    for (key, bytes) in about {
        table.insert(&key, bytes.as_slice())?;
    }
    Ok(())
}

/// The statuses within one batch.
pub(crate) struct Statuses<'t> {
    table: Table<'t, &'static [u8; 16], &'static [u8]>,
}

impl<'t> Statuses<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(Statuses {
            table: write.open_table(STATUSES)?,
        })
    }

    /// Keeps a status, and forgets a few that are too old.
    pub(crate) fn keep(&mut self, status: &Status) -> Result<(), Error> {
        if let Ok(bytes) = postcard::to_stdvec(status) {
            self.table.insert(&status.id, bytes.as_slice())?;
        }
        for _ in 0..4 {
            let oldest = self.table.first()?.map(|(key, _)| *key.value());
            match oldest {
                Some(key) if time_of(&key) < status.requested.0 - KEPT => {
                    self.table.remove(&key)?;
                }
                _ => break,
            }
        }
        Ok(())
    }
}

impl Statuses<'_> {
    /// Forgets why objects with these ids were refused: the words may repeat of them what is erased.
    pub(crate) fn forget(&mut self, ids: &[String]) -> Result<(), Error> {
        let mut changed = Vec::new();
        for row in self.table.iter()? {
            let (_, bytes) = row?;
            let Ok(mut status) = postcard::from_bytes::<Status>(bytes.value()) else {
                continue;
            };
            let about = status.failures.iter_mut();
            let mut about = about.filter(|failed| ids.contains(&failed.id)).peekable();
            if about.peek().is_some() {
                about.for_each(|failed| ERASED.clone_into(&mut failed.reason));
                changed.push(status);
            }
        }
        for status in changed {
            if let Ok(bytes) = postcard::to_stdvec(&status) {
                self.table.insert(&status.id, bytes.as_slice())?;
            }
        }
        Ok(())
    }
}

/// The status with this id.
pub(crate) fn get(read: &ReadTransaction, id: [u8; 16]) -> Result<Option<Status>, Error> {
    let row = read.open_table(STATUSES)?.get(&id)?;
    Ok(row.and_then(|bytes| postcard::from_bytes(bytes.value()).ok()))
}

/// A new id whose first 48 bits are the time in milliseconds (RFC 9562 §5.7).
pub(crate) fn new_id(now: Instant, random: &[u8; 10]) -> [u8; 16] {
    let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random)
        .into_uuid()
        .into_bytes()
}

fn time_of(id: &[u8; 16]) -> i64 {
    let millis = id
        .iter()
        .take(6)
        .fold(0, |sum, byte| (sum << 8) | i64::from(*byte));
    millis * 1000
}
