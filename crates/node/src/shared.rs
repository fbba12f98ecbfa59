//! What the writer and the readers of a node share.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use journal::Journal;
use matching::{Index, Kind, Observable};
use tokio::sync::watch;

use crate::batch::Salts;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::fetches::Fetches;
use crate::view::signals::Signal;
use crate::view::store::{self, Store};
use crate::view::{Applied, signals as signals_view};

/// Journal, views and the state in memory that follows them.
pub(crate) struct Shared {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) salts: Salts,
    pub(crate) fetches: Fetches,
    directory: RwLock<Arc<Directory>>,
    matches: RwLock<Matches>,
    /// Changes that came while the match index was being filled.
    waiting: Mutex<Vec<Applied>>,
    /// The number of entries, for those who wait for more.
    entries: watch::Sender<u64>,
}

/// The match index and how far it is.
enum Matches {
    /// This node was started without it.
    Off,
    /// It is being filled.
    Filling,
    /// It follows every publish.
    Ready(Box<Index>),
}

/// Why nothing can be matched now.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoIndex {
    /// The node was started without a match index.
    #[error("this node runs without a match index: start it without --no-match")]
    Off,
    /// The index is being filled after a start.
    #[error("the match index is being filled after a start: try again in a few seconds")]
    Filling,
}

impl Shared {
    pub(crate) fn new(
        journal: Arc<dyn Journal>,
        store: Store,
        clock: Clock,
        fetches: Fetches,
        directory: Directory,
        matching: bool,
    ) -> Self {
        let entries = watch::Sender::new(journal.next().0);
        Shared {
            entries,
            journal,
            store,
            clock,
            salts: Salts::default(),
            fetches,
            directory: RwLock::new(Arc::new(directory)),
            matches: RwLock::new(if matching {
                Matches::Filling
            } else {
                Matches::Off
            }),
            waiting: Mutex::new(Vec::new()),
        }
    }

    /// The directory as of the last batch.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(
            &self
                .directory
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub(crate) fn set_directory(&self, directory: Arc<Directory>) {
        *self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = directory;
    }

    /// Tells those who wait that the views hold everything up to this position.
    pub(crate) fn advance(&self, next: u64) {
        self.entries.send_replace(next);
    }

    /// The number of entries that the views hold, to wait for more.
    pub(crate) fn entries(&self) -> watch::Receiver<u64> {
        self.entries.subscribe()
    }

    /// Brings the match index up to a batch.
    pub(crate) fn change_index(&self, changes: Vec<Applied>) {
        if changes.is_empty() {
            return;
        }
        // Under the lock that decides where changes go, so that none falls between.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *self.matches.write().unwrap_or_else(PoisonError::into_inner) {
            Matches::Off => {}
            Matches::Filling => waiting.extend(changes),
            Matches::Ready(index) => {
                for change in changes {
                    apply(index, change);
                }
            }
        }
    }

    /// Fills the match index from the view; meanwhile changes wait, and are applied at the end.
    pub(crate) fn fill_index(&self) -> Result<(), store::Error> {
        if matches!(
            *self.matches.read().unwrap_or_else(PoisonError::into_inner),
            Matches::Off
        ) {
            return Ok(());
        }
        let read = {
            // What was committed before this lock is in the snapshot; what comes after, waits. A
            // change seen twice does no harm: inserting and removing are idempotent.
            let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.store.read()?
        };
        let mut index = Index::default();
        signals_view::each(&read, |position, signal| {
            for observable in observables(&signal) {
                index.insert(&observable, position);
            }
        })?;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for change in waiting.drain(..) {
            apply(&mut index, change);
        }
        *self.matches.write().unwrap_or_else(PoisonError::into_inner) =
            Matches::Ready(Box::new(index));
        Ok(())
    }

    /// Runs `ask` on the match index.
    pub(crate) fn with_index<T>(&self, ask: impl FnOnce(&Index) -> T) -> Result<T, NoIndex> {
        let matches: RwLockReadGuard<'_, Matches> =
            self.matches.read().unwrap_or_else(PoisonError::into_inner);
        match &*matches {
            Matches::Off => Err(NoIndex::Off),
            Matches::Filling => Err(NoIndex::Filling),
            Matches::Ready(index) => Ok(ask(index)),
        }
    }
}

fn apply(index: &mut Index, change: Applied) {
    match change {
        Applied::Add(position, observables) => {
            for observable in observables {
                index.insert(&observable, position);
            }
        }
        Applied::Remove(position, signal) => {
            for observable in observables(&signal) {
                index.remove(&observable, position);
            }
        }
    }
}

/// The observables of a row. A change of what is canonical raises the version of the view.
fn observables(signal: &Signal) -> impl Iterator<Item = Observable> + '_ {
    signal.observables.iter().filter_map(|(code, value)| {
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == *code)?;
        Some(Observable::of_canonical(kind, value.as_str()))
    })
}
