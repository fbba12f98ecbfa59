//! Who fetched what: for publishers to ask, and for withdrawals to know whom they concern.
//!
//! Reads write nothing to the journal; this ledger lies beside it, in `fetches.redb`. A page that was
//! served is one row: who, when, and the positions of the entries it held, as runs. Rows wait in
//! memory for at most a second, so a crash may lose the last second of them; losing the file loses the
//! answers and nothing else. Rows are kept for 400 days.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::{Deserialize, Serialize};

use crate::clock::DAY;
use crate::view::store;

/// By collection, time in microseconds, and a number that tells rows of one instant apart.
const FETCHES: TableDefinition<'static, (u32, i64, u32), &[u8]> = TableDefinition::new("fetches");
/// How long rows are kept, in microseconds.
const KEPT: i64 = 400 * DAY;
/// How far an entry's time may be ahead of the clock, in microseconds.
const SLACK: i64 = 3600 * 1_000_000;
/// Rows that wait in memory at most.
const WAITING: usize = 10_000;
/// How long they wait at most.
const FLUSH: Duration = Duration::from_secs(1);

/// Stands for callers without an account.
pub(crate) const ANYONE: u32 = u32::MAX;

/// One page that was served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fetch {
    /// The collection's number.
    pub(crate) collection: u32,
    /// When, in microseconds since 1970.
    pub(crate) at: i64,
    /// The party, or [`ANYONE`].
    pub(crate) party: u32,
    /// The account.
    pub(crate) account: String,
    /// First position and number of each run of entries.
    pub(crate) runs: Vec<(u64, u32)>,
}

impl Fetch {
    fn holds(&self, position: u64) -> bool {
        let mut runs = self.runs.iter();
        runs.any(|(first, count)| (*first..*first + u64::from(*count)).contains(&position))
    }
}

/// Positions in rising order, as runs.
pub(crate) fn runs(positions: impl Iterator<Item = u64>) -> Vec<(u64, u32)> {
    let mut runs: Vec<(u64, u32)> = Vec::new();
    for position in positions {
        match runs.last_mut() {
            Some((first, count)) if *first + u64::from(*count) == position => *count += 1,
            _ => runs.push((position, 1)),
        }
    }
    runs
}

/// When a party fetched something.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) party: u32,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) times: u64,
}

/// The ledger of one node.
pub(crate) struct Fetches {
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    database: Database,
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    rows: Vec<Fetch>,
    closed: bool,
}

impl Fetches {
    /// Opens or makes the ledger at `path`; in memory when there is none. One that is damaged is set
    /// aside.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, store::Error> {
        let database = match path {
            None => {
                let backend = redb::backends::InMemoryBackend::new();
                Database::builder().create_with_backend(backend)?
            }
            Some(path) => {
                let open = || Database::builder().set_cache_size(1 << 20).create(path);
                open().or_else(|error| {
                    tracing::warn!("{}: {error}; starting it anew", path.display());
                    drop(std::fs::rename(path, path.with_extension("damaged")));
                    open()
                })?
            }
        };
        let write = database.begin_write()?;
        write.open_table(FETCHES)?;
        write.commit()?;
        let inner = Arc::new(Inner {
            database,
            waiting: Mutex::default(),
            wake: Condvar::new(),
        });
        let worker = Arc::clone(&inner);
        let thread = std::thread::Builder::new()
            .name("fetch ledger".into())
            .spawn(move || worker.run())
            .ok();
        Ok(Fetches { inner, thread })
    }

    /// Notes a page. Waits for the disk only when too many wait already.
    pub(crate) fn note(&self, fetch: Fetch) {
        if fetch.runs.is_empty() {
            return;
        }
        let mut waiting = self.inner.lock();
        waiting.rows.push(fetch);
        if waiting.rows.len() < WAITING {
            return;
        }
        let rows = std::mem::take(&mut waiting.rows);
        drop(waiting);
        self.inner.flush(rows);
    }

    /// Who fetched any of these entries of a collection, the first of which was added at `since`, by
    /// party.
    pub(crate) fn of(
        &self,
        collection: u32,
        positions: &[u64],
        since: i64,
    ) -> Result<Vec<Fetched>, store::Error> {
        let rows = std::mem::take(&mut self.inner.lock().rows);
        self.inner.flush(rows);
        let read = self.inner.database.begin_read()?;
        let table = read.open_table(FETCHES)?;
        let mut found: Vec<Fetched> = Vec::new();
        // An entry's time runs ahead of the clock where the clock stands still or was set back.
        let since = since.saturating_sub(SLACK);
        for row in table.range((collection, since, 0)..=(collection, i64::MAX, u32::MAX))? {
            let (_, bytes) = row?;
            let Ok(fetch) = postcard::from_bytes::<Fetch>(bytes.value()) else {
                continue;
            };
            if !positions.iter().any(|position| fetch.holds(*position)) {
                continue;
            }
            match found.iter_mut().find(|known| known.party == fetch.party) {
                Some(known) => {
                    known.last = known.last.max(fetch.at);
                    known.times += 1;
                }
                None => found.push(Fetched {
                    party: fetch.party,
                    first: fetch.at,
                    last: fetch.at,
                    times: 1,
                }),
            }
        }
        Ok(found)
    }
}

impl Drop for Fetches {
    fn drop(&mut self) {
        self.inner.lock().closed = true;
        self.inner.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        loop {
            let waiting = self.lock();
            let mut waiting = if waiting.closed {
                waiting
            } else {
                let woken = self.wake.wait_timeout(waiting, FLUSH);
                woken.unwrap_or_else(PoisonError::into_inner).0
            };
            let (rows, closed) = (std::mem::take(&mut waiting.rows), waiting.closed);
            drop(waiting);
            self.flush(rows);
            if closed {
                return;
            }
        }
    }

    /// Writes rows. What cannot be written is told in the log: answers will lack it.
    fn flush(&self, rows: Vec<Fetch>) {
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.write(rows) {
            tracing::error!("the fetch ledger was not written: {error}");
        }
    }

    fn write(&self, rows: Vec<Fetch>) -> Result<(), store::Error> {
        let write = self.database.begin_write()?;
        {
            let mut table = write.open_table(FETCHES)?;
            for fetch in rows {
                let oldest = fetch.at - KEPT;
                let mut key = (fetch.collection, fetch.at, 0);
                while table.get(key)?.is_some() {
                    key.2 += 1;
                }
                if let Ok(bytes) = postcard::to_stdvec(&fetch) {
                    table.insert(key, bytes.as_slice())?;
                }
                // A few old rows go with every new one.
                for _ in 0..2 {
                    let first = table
                        .range((fetch.collection, 0, 0)..(fetch.collection, oldest, 0))?
                        .next()
                        .transpose()?
                        .map(|(key, _)| key.value());
                    let Some(first) = first else { break };
                    table.remove(first)?;
                }
            }
        }
        write.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(party: u32, at: i64, positions: &[u64]) -> Fetch {
        Fetch {
            collection: 7,
            at,
            party,
            account: "feeds".into(),
            runs: runs(positions.iter().copied()),
        }
    }

    #[test]
    fn positions_become_runs() {
        assert_eq!(
            runs([3, 4, 5, 9, 11, 12].into_iter()),
            [(3, 3), (9, 1), (11, 2)]
        );
        assert_eq!(runs(std::iter::empty()), []);
    }

    #[test]
    fn who_fetched_is_told_by_party() {
        let ledger = Fetches::open(None).unwrap();
        ledger.note(fetch(1, 100, &[3, 4, 5]));
        ledger.note(fetch(2, 100, &[9]));
        ledger.note(fetch(1, 300, &[4]));
        let of = |positions: &[u64], since| {
            let mut found = ledger.of(7, positions, since).unwrap();
            found.sort_by_key(|fetched| fetched.party);
            found
                .iter()
                .map(|f| (f.party, f.first, f.last, f.times))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&[4], 0), [(1, 100, 300, 2)]);
        assert_eq!(of(&[5, 9], 0), [(1, 100, 100, 1), (2, 100, 100, 1)]);
        assert_eq!(of(&[4], 200 + SLACK), [(1, 300, 300, 1)]);
        assert_eq!(of(&[6], 0), []);
        assert_eq!(ledger.of(8, &[4], 0).unwrap(), []);
    }

    #[test]
    fn it_is_there_after_a_start_and_survives_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fetches.redb");
        let ledger = Fetches::open(Some(&path)).unwrap();
        ledger.note(fetch(1, 100, &[3]));
        drop(ledger);
        let ledger = Fetches::open(Some(&path)).unwrap();
        assert_eq!(ledger.of(7, &[3], 0).unwrap().len(), 1);
        drop(ledger);
        std::fs::write(&path, b"this is no database").unwrap();
        let ledger = Fetches::open(Some(&path)).unwrap();
        assert_eq!(ledger.of(7, &[3], 0).unwrap(), []);
    }
}
