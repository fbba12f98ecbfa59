//! The database that the views share: tables, cursors, durability.

use std::path::{Path, PathBuf};

use redb::{
    Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable as _, TableDefinition,
    TableHandle as _, WriteTransaction,
};

use super::{ALL, Kind};
use crate::erasure::Done;

/// Cursor and version of each view, by `<name>.cursor` and `<name>.version`.
const META: TableDefinition<'static, &str, u64> = TableDefinition::new("meta");

/// Why the view database failed. It can always be deleted: the views rebuild from the journal.
#[derive(Debug, thiserror::Error)]
#[error("view database: {0}")]
pub struct Error(#[from] Box<redb::Error>);

macro_rules! from_redb {
    ($($kind:ident),*) => {$(
        impl From<redb::$kind> for Error {
            fn from(error: redb::$kind) -> Self {
                Error(Box::new(error.into()))
            }
        }
    )*};
}
from_redb!(
    CommitError,
    DatabaseError,
    SetDurabilityError,
    StorageError,
    TableError,
    TransactionError
);

/// The view database of one node.
#[derive(Debug)]
pub struct Store {
    database: Database,
    /// Where it is; none in memory.
    path: Option<PathBuf>,
}

impl Store {
    /// Opens or creates the database at `path`, with at most `cache` bytes of cached pages.
    pub fn open(path: &Path, cache: usize) -> Result<Self, Error> {
        let mut builder = Database::builder();
        builder.set_cache_size(cache);
        Self::prepare(builder.create(path)?, Some(path.to_owned()))
    }

    /// A database that lives in memory alone.
    pub fn in_memory() -> Result<Self, Error> {
        let backend = redb::backends::InMemoryBackend::new();
        Self::prepare(Database::builder().create_with_backend(backend)?, None)
    }

    /// Clears views whose version has changed, so that they replay from the start.
    fn prepare(database: Database, path: Option<PathBuf>) -> Result<Self, Error> {
        let store = Store { database, path };
        let write = store.database.begin_write()?;
        {
            let mut meta = write.open_table(META)?;
            for kind in ALL {
                let key = format!("{}.version", kind.name);
                let known = meta.get(key.as_str())?.map(|value| value.value());
                if known != Some(kind.version) {
                    meta.insert(key.as_str(), kind.version)?;
                    meta.insert(format!("{}.cursor", kind.name).as_str(), 0)?;
                    clear(&write, kind)?;
                }
            }
        }
        super::status::create(&write)?;
        write.commit()?;
        Ok(store)
    }

    /// Starts reading a consistent state.
    pub fn read(&self) -> Result<ReadTransaction, Error> {
        Ok(self.database.begin_read()?)
    }

    /// Starts a batch; what it commits is visible at once and durable later.
    pub fn write(&self) -> Result<WriteTransaction, Error> {
        let mut write = self.database.begin_write()?;
        write.set_durability(Durability::None)?;
        Ok(write)
    }

    /// Makes everything committed so far durable, in a form that opens quickly after a crash.
    pub fn make_durable(&self) -> Result<(), Error> {
        let mut write = self.database.begin_write()?;
        write.set_durability(Durability::Immediate)?;
        write.set_quick_repair(true);
        Ok(write.commit()?)
    }

    /// Empties one view and sets its cursor to the start; it rebuilds at the next start.
    pub fn reset(&self, kind: Kind) -> Result<(), Error> {
        let write = self.database.begin_write()?;
        clear(&write, kind)?;
        write
            .open_table(META)?
            .insert(format!("{}.cursor", kind.name).as_str(), 0)?;
        Ok(write.commit()?)
    }

    /// The journal position that each view has reached, in the order of [`ALL`].
    pub fn cursors(&self) -> Result<[u64; ALL.len()], Error> {
        let read = self.read()?;
        let meta = read.open_table(META)?;
        let mut cursors = [0; ALL.len()];
        for (cursor, kind) in cursors.iter_mut().zip(ALL) {
            let key = format!("{}.cursor", kind.name);
            *cursor = meta.get(key.as_str())?.map_or(0, |value| value.value());
        }
        Ok(cursors)
    }
}

/// The key under which it is noted that free pages are to be overwritten.
const SCRUB: &str = "scrub";
/// Holds nothing but filler while free pages are overwritten.
const FILLER: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("filler");
/// Octets of a value that fills a page of 4 KiB alone, but for a few octets of its own.
const FILLING: usize = 4064;
/// Pages that are overwritten in one transaction: batches wait no longer than for these.
const AT_ONCE: u64 = 2048;

/// Notes within a batch that what it removes is to be overwritten.
pub(crate) fn want_scrub(write: &WriteTransaction) -> Result<(), Error> {
    let mut meta = write.open_table(META)?;
    let wanted = meta.get(SCRUB)?.map_or(0, |value| value.value());
    meta.insert(SCRUB, wanted + 1)?;
    Ok(())
}

impl Store {
    /// Whether something was removed since free pages were last overwritten.
    pub(crate) fn scrub_wanted(&self) -> Result<bool, Error> {
        let meta = self.read()?.open_table(META)?;
        let wanted = meta.get(SCRUB)?.map_or(0, |value| value.value());
        Ok(wanted > 0)
    }

    /// Overwrites free pages while nobody reads, so that all of them are free.
    pub(crate) fn scrub_at_start(&self, done: &[Done]) -> Result<(), Error> {
        self.scrub(done)?;
        let write = self.database.begin_write()?;
        write.open_table(META)?.insert(SCRUB, 0)?;
        write.commit()?;
        self.make_durable()
    }

    /// Overwrites what the database's file still holds of what was removed by these erasures. Pages
    /// from which a row was removed in the transaction that had just written them are written anew:
    /// redb leaves its octets in them. Free pages are overwritten: redb writes to new
    /// pages and leaves the old ones as they are. A table of filler takes all free
    /// pages, which shows in the file growing, and is dropped again. Pages that a reader still needs
    /// are not free yet: that is why the next start does it once more.
    ///
    /// A crash meanwhile leaves the filler, which the next scrub drops, and the note that one is due.
    pub(crate) fn scrub(&self, done: &[Done]) -> Result<(), Error> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        self.drop_filler()?;
        let write = self.write()?;
        super::rewrite(&write, done)?;
        write.commit()?;
        // What was freed without waiting for the disk can be taken after two commits that do.
        self.make_durable()?;
        self.make_durable()?;
        let length = || path.metadata().map_or(0, |about| about.len());
        let before = length();
        let most = before / 4096 + AT_ONCE;
        let mut filled = 0;
        let mut value = [0_u8; FILLING];
        while filled < most && length() <= before {
            crate::batch::fill(&mut value);
            let mut write = self.database.begin_write()?;
            write.set_durability(Durability::Immediate)?;
            {
                let mut filler = write.open_table(FILLER)?;
                for at in filled..filled + AT_ONCE {
                    filler.insert(at, value.as_slice())?;
                }
            }
            write.commit()?;
            filled += AT_ONCE;
        }
        self.drop_filler()?;
        self.make_durable()
    }

    fn drop_filler(&self) -> Result<(), Error> {
        let write = self.database.begin_write()?;
        write.delete_table(FILLER)?;
        Ok(write.commit()?)
    }
}

/// Writes the cursors of all views within a batch.
pub(crate) fn set_cursors(write: &WriteTransaction, to: [u64; ALL.len()]) -> Result<(), Error> {
    let mut meta = write.open_table(META)?;
    for (key, next) in CURSOR_KEYS.into_iter().zip(to) {
        meta.insert(key, next)?;
    }
    Ok(())
}

/// The cursors' keys, spelt out so that no batch has to format them.
const CURSOR_KEYS: [&str; ALL.len()] = [
    "directory.cursor",
    "objects.cursor",
    "signals.cursor",
    "withdrawals.cursor",
    "feedback.cursor",
    "requests.cursor",
    "account.cursor",
];

fn clear(write: &WriteTransaction, kind: Kind) -> Result<(), Error> {
    let prefix = format!("{}.", kind.name);
    let tables: Vec<_> = write
        .list_tables()?
        .filter(|table| table.name().starts_with(&prefix))
        .collect();
    for table in tables {
        write.delete_table(table)?;
    }
    match kind.name {
        "directory" => super::directory::create(write),
        "objects" => super::objects::create(write),
        "withdrawals" => super::withdrawals::create(write),
        "feedback" => super::feedback::create(write),
        "requests" => super::requests::create(write),
        "account" => super::account::create(write),
        _ => super::signals::create(write),
    }
}
