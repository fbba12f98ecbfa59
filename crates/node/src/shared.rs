//! What the writer and the readers of a node share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use journal::cluster::Cluster;
use journal::log::store::Log;
use journal::{Journal, Position};
use matching::{Index, pdq};
use tokio::sync::watch;

use crate::batch::Salts;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::evidence::Evidences;
use crate::fetches::Fetches;
use crate::indexes::Indexes;
use crate::replay::CatchUpError;
use crate::view::store::{self, Store};
use crate::view::{Applied, signals};

/// Journal, views and the state in memory that follows them.
pub(crate) struct Shared {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) log: Log,
    /// The others, where the journal is shared.
    pub(crate) cluster: Option<Arc<dyn Cluster>>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) salts: Salts,
    pub(crate) fetches: Fetches,
    pub(crate) evidence: Evidences,
    directory: RwLock<Arc<Directory>>,
    matches: RwLock<Matches>,
    /// Changes that came while the match index was being filled.
    waiting: Mutex<Vec<Applied>>,
    /// Whether hashes of images are being merged.
    merging: AtomicBool,
    /// The number of entries, for those who wait for more.
    entries: watch::Sender<u64>,
}

/// The match indexes and how far they are.
enum Matches {
    /// This node was started without it.
    Off,
    /// It is being filled.
    Filling,
    /// It follows every publish.
    Ready(Box<Indexes>),
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
        (journal, log, cluster): (Arc<dyn Journal>, Log, Option<Arc<dyn Cluster>>),
        store: Store,
        clock: Clock,
        (fetches, evidence): (Fetches, Evidences),
        directory: Arc<Directory>,
        matching: bool,
    ) -> Self {
        let entries = watch::Sender::new(journal.next().0);
        Shared {
            entries,
            journal,
            log,
            cluster,
            store,
            clock,
            salts: Salts::default(),
            fetches,
            evidence,
            directory: RwLock::new(directory),
            matches: RwLock::new(if matching {
                Matches::Filling
            } else {
                Matches::Off
            }),
            waiting: Mutex::new(Vec::new()),
            merging: AtomicBool::new(false),
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

    /// Erases, at a start, what a crash left unfinished: bodies whose erasure is recorded, and what
    /// the views' file still holds of them.
    pub(crate) fn finish_erasures(&self) -> Result<(), CatchUpError> {
        match self.erase_due() {
            // Whoever leads takes them off the stream.
            Err(error) if self.cluster.is_some() => {
                tracing::warn!("bodies are not erased yet, and will be: {error}");
            }
            done => done?,
        }
        let directory = self.directory();
        if self.store.scrub_wanted()? {
            self.store.scrub_at_start(directory.erasures().done())?;
        }
        Ok(())
    }

    /// Erases bodies whose erasure is recorded.
    pub(crate) fn erase_due(&self) -> Result<(), CatchUpError> {
        let directory = self.directory();
        let due: Vec<Position> = directory.erasures().positions().map(Position).collect();
        if !due.is_empty() {
            let done = self.journal.erase(&due)?;
            if done.erased > 0 {
                tracing::warn!("{} entries were erased that had to be", done.erased);
            }
        }
        Ok(())
    }

    /// Brings the match indexes up to a batch.
    pub(crate) fn change_index(self: &Arc<Self>, changes: Vec<Applied>) {
        if changes.is_empty() {
            return;
        }
        // Under the lock that decides where changes go, so that none falls between.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *self.matches.write().unwrap_or_else(PoisonError::into_inner) {
            Matches::Off => {}
            Matches::Filling => waiting.extend(changes),
            Matches::Ready(indexes) => {
                for change in changes {
                    indexes.apply(change);
                }
                if indexes.images.merge_due() {
                    self.merge_images();
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
            // change seen twice does no harm.
            let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.store.read()?
        };
        let mut indexes = Indexes::default();
        signals::each(&read, |position, signal| indexes.fill(position, &signal))?;
        indexes.images.merge();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for change in waiting.drain(..) {
            indexes.apply_again(change);
        }
        *self.matches.write().unwrap_or_else(PoisonError::into_inner) =
            Matches::Ready(Box::new(indexes));
        Ok(())
    }

    /// Merges hashes of images beside searches and changes, one merge at a time.
    fn merge_images(self: &Arc<Self>) {
        if self.merging.swap(true, Ordering::AcqRel) {
            return;
        }
        // A node that is closed does not wait for it.
        let shared = Arc::downgrade(self);
        let merge = move || {
            let begun = shared.upgrade().and_then(|shared| {
                shared.change_images(|images| images.merge_due().then(|| images.begin_merge()))
            });
            let merged = begun.flatten().map(pdq::index::Merge::run);
            let Some(shared) = shared.upgrade() else {
                return;
            };
            if let Some(merged) = merged {
                shared.change_images(|images| images.finish_merge(merged));
            }
            shared.merging.store(false, Ordering::Release);
        };
        let named = std::thread::Builder::new().name("merge of images".into());
        if named.spawn(merge).is_err() {
            // The next publish tries again; until then searches are right, and slower.
            self.merging.store(false, Ordering::Release);
        }
    }

    /// Runs `change` on the index of images, if there is one.
    fn change_images<T>(&self, change: impl FnOnce(&mut pdq::Index) -> T) -> Option<T> {
        match &mut *self.matches.write().unwrap_or_else(PoisonError::into_inner) {
            Matches::Off | Matches::Filling => None,
            Matches::Ready(indexes) => Some(change(&mut indexes.images)),
        }
    }

    /// Runs `ask` on the match index.
    pub(crate) fn with_index<T>(&self, ask: impl FnOnce(&Index) -> T) -> Result<T, NoIndex> {
        self.with_indexes(|indexes| ask(&indexes.values))
    }

    /// Runs `ask` on the match index and that of images.
    pub(crate) fn with_indexes<T>(&self, ask: impl FnOnce(&Indexes) -> T) -> Result<T, NoIndex> {
        let matches: RwLockReadGuard<'_, Matches> =
            self.matches.read().unwrap_or_else(PoisonError::into_inner);
        match &*matches {
            Matches::Off => Err(NoIndex::Off),
            Matches::Filling => Err(NoIndex::Filling),
            Matches::Ready(indexes) => Ok(ask(indexes)),
        }
    }
}
