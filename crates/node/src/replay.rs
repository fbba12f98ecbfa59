//! Catching up: the views apply the entries that they missed, at a start or after a commit that
//! failed.

use journal::{Journal, Position};

use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::{self, Act, Seal};
use crate::view::store::{self, Store};
use crate::view::{self, Applied, Views};

/// Entries applied in one transaction.
pub(crate) const REPLAY: usize = 4096;

/// Why the views could not catch up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatchUpError {
    /// The views could not be read or written.
    #[error(transparent)]
    Views(#[from] store::Error),
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// An entry could not be read.
    #[error("journal position {0}: {1}")]
    Entry(Position, entry::DecodeError),
}

/// Replays what the views missed; gives the directory and the time of the last entry. `changed` is told
/// what the match index has to learn and forget.
pub(crate) fn catch_up(
    journal: &dyn Journal,
    store: &Store,
    changed: &mut dyn FnMut(Applied),
) -> Result<(Directory, Instant), CatchUpError> {
    let next = journal.next().0;
    let mut cursors = store.cursors()?;
    if cursors.iter().any(|cursor| *cursor > next) {
        // The journal is older than the views: it was restored, and they follow it.
        for kind in view::ALL {
            store.reset(kind)?;
        }
        cursors = store.cursors()?;
    }
    let behind = cursors.iter().any(|cursor| *cursor < next);
    let start = cursors.first().copied().unwrap_or(0);
    // Unless all views stand at one place, the directory has to be folded from the beginning:
    // defaults may have changed since the place where a view goes on.
    let (mut directory, mut at) = if cursors.iter().all(|cursor| *cursor == start) {
        let read = store.read()?;
        (view::directory::load(&read)?, start)
    } else {
        (Directory::default(), 0)
    };
    while at < next {
        at = replay(journal, store, &mut directory, at, cursors, changed)?;
    }
    if behind {
        store.make_durable()?;
    }
    Ok((directory, last_instant(journal)?))
}

fn replay(
    journal: &dyn Journal,
    store: &Store,
    directory: &mut Directory,
    at: u64,
    cursors: [u64; view::ALL.len()],
    changed: &mut dyn FnMut(Applied),
) -> Result<u64, CatchUpError> {
    let records = journal.read(Position(at), REPLAY, 16 << 20)?;
    let write = store.write()?;
    let (mut at, mut scrub) = (at, false);
    {
        let mut views = Views::open_behind(&write, cursors)?;
        for record in &records {
            at = record.position.0 + 1;
            if record.body.is_empty() {
                // Erased: what it said decides nothing any more. That it was is still counted.
                views.apply_erased(record.position.0, &record.leaf, directory);
                continue;
            }
            let entry = entry::decode_verified(&record.leaf, &record.body)
                .map_err(|error| CatchUpError::Entry(record.position, error))?;
            scrub |= matches!(entry.act, Act::Erasure(_));
            let position = record.position.0;
            if entry.act.is_for_directory() {
                directory.apply(position, &entry);
            }
            let seal = if entry::is_sealed(&record.leaf) {
                Seal::Sealed
            } else {
                Seal::Open
            };
            let (entry, body) = ((&entry, seal), &record.body);
            let applied = views.apply(position, entry, body, directory, None)?;
            applied.into_iter().for_each(&mut *changed);
        }
        views.finish()?;
    }
    store::set_cursors(&write, cursors.map(|cursor| cursor.max(at)))?;
    if scrub {
        store::want_scrub(&write)?;
    }
    write.commit().map_err(store::Error::from)?;
    Ok(at)
}

fn last_instant(journal: &dyn Journal) -> Result<Instant, CatchUpError> {
    // Entries rise in time, and one that erases stands behind what it erases.
    for position in (0..journal.next().0).rev().map(Position) {
        let record = journal.get(position)?;
        if !record.body.is_empty() {
            let entry = entry::decode(&record.body)
                .map_err(|error| CatchUpError::Entry(record.position, error))?;
            return Ok(entry.at);
        }
    }
    Ok(Instant::default())
}
