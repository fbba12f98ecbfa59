//! One running node: opens the journal and the views, and hands asks to the writer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::cluster::Cluster;
use journal::embedded::Embedded;
#[cfg(feature = "jetstream")]
use journal::jetstream::{self, JetStream};
use journal::log::store::Log;
use journal::memory::Memory;
use journal::sequencer::{Limits, Rejected, Sequencer};
use journal::{Journal, Position};
use tokio::sync::oneshot;

use crate::act::Error;
use crate::clock::{Clock, Instant};
use crate::directory::Directory;
use crate::entry::{self, Act, DecodeError, LogRestart, Seal};
use crate::evidence::{self, Evidences};
use crate::fetches::Fetches;
use crate::log;
use crate::policy::{Caller, Viewer};
use crate::replay::{CatchUpError, REPLAY, catch_up};
use crate::shared::{NoIndex, Shared};
use crate::view::store::{self, Store};
use crate::writer::{Ask, Decide, Writer, Written};

/// How a node is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether to keep the match index in memory.
    pub matching: bool,
    /// Octets of view pages kept in memory.
    pub cache: usize,
    /// The folder outside the data directory that records what the log signed, so that a restore from
    /// an older copy is noticed.
    pub guards: Option<PathBuf>,
    /// The origin of the log (C2SP tlog-checkpoint), when its key is made.
    pub origin: Option<String>,
    /// The stream that the journal is on; none for a journal of this directory alone.
    #[cfg(feature = "jetstream")]
    pub stream: Option<jetstream::Options>,
    /// How much of attachments is kept.
    pub evidence: evidence::Limits,
}

impl Default for Options {
    /// With the match index, and 16 MiB of cached pages.
    fn default() -> Self {
        Options {
            matching: true,
            cache: 16 << 20,
            guards: None,
            origin: None,
            #[cfg(feature = "jetstream")]
            stream: None,
            evidence: evidence::Limits::default(),
        }
    }
}

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no journal at that place.
    #[error("{0} holds no Entente data: create it with 'entente init --data {0}'")]
    Missing(PathBuf),
    /// There is one already.
    #[error("{0} holds a journal already: choose another directory")]
    Exists(PathBuf),
    /// Its journal is a copy of what is on a stream.
    #[error(
        "the journal of {0} is on NATS JetStream: run it with 'entente serve --journal nats://...' (a \
         build with the feature jetstream), or take it off with 'entente journal leave'"
    )]
    OnStream(PathBuf),
    /// The journal could not be opened.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The views could not be opened or rebuilt.
    #[error("{0}; the views rebuild from the journal when {1} is deleted")]
    Views(store::Error, PathBuf),
    /// An entry could not be read.
    #[error("journal position {0}: {1}")]
    Entry(Position, entry::DecodeError),
    /// The public log could not be opened.
    #[error(transparent)]
    Log(#[from] crate::log::OpenLogError),
    /// The new log could not be told why it was begun.
    #[error("the new log could not be told of the old one: {0}")]
    Restart(Error),
    /// The directory could not be made.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
}

impl OpenError {
    fn of(error: CatchUpError, path: &Path) -> Self {
        match error {
            CatchUpError::Views(error) => OpenError::Views(error, path.to_owned()),
            CatchUpError::Journal(error) => OpenError::Journal(error),
            CatchUpError::Entry(position, error) => OpenError::Entry(position, error),
        }
    }

    /// Whether another process has the data directory open.
    pub fn in_use(&self) -> bool {
        matches!(self, OpenError::Journal(journal::Error::Locked { .. }))
    }

    /// Whether it can be reached through the process that serves it alone.
    pub fn only_served(&self) -> bool {
        self.in_use() || matches!(self, OpenError::OnStream(_))
    }
}

/// One running node.
pub struct Node {
    pub(crate) shared: Arc<Shared>,
    sequencer: Arc<Sequencer<Writer>>,
}

/// What a check of a journal found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Entries read.
    pub entries: u64,
    /// Entries among them whose body was erased.
    pub erased: u64,
    /// Entries that are to be erased and still have a body: the next start erases these.
    pub unfinished: u64,
    /// What the journal says of its files.
    pub summary: journal::embedded::Summary,
    /// What opening had to mend.
    pub recovery: journal::embedded::Recovery,
}

/// The journal's folder in a data directory.
pub(crate) const JOURNAL: &str = "journal";
/// The file in it that tells that it is a copy of what is on a stream.
pub(crate) const STREAM: &str = "stream";
/// The views' database in a data directory.
const VIEWS: &str = "views.redb";
/// The ledger of who fetched what, in a data directory.
const FETCHES: &str = "fetches.redb";
/// Attachments of requests, and whom to ask about them, in a data directory.
const EVIDENCE: &str = "evidence";

impl Node {
    /// Opens a data directory that [`Node::create`] made. Replays what the views missed; the match
    /// index is filled on a thread of its own, see [`Node::ready`].
    ///
    /// # Errors
    /// [`OpenError`]: missing, in use by another process, damaged, or not readable.
    pub fn open(directory: &Path, options: &Options) -> Result<Self, OpenError> {
        if !directory.join(JOURNAL).is_dir() {
            return Err(OpenError::Missing(directory.to_owned()));
        }
        Self::open_at(directory, options, Clock::System)
    }

    /// Makes a new data directory, for [`Node::open`] later.
    ///
    /// # Errors
    /// [`OpenError::Exists`] when there is a journal already.
    pub fn create(directory: &Path, options: &Options) -> Result<Self, OpenError> {
        Self::create_at(directory, options, Clock::System)
    }

    /// [`Node::create`] by another clock: for what is made up.
    ///
    /// # Errors
    /// As [`Node::create`].
    pub fn create_at(directory: &Path, options: &Options, clock: Clock) -> Result<Self, OpenError> {
        let journal = directory.join(JOURNAL);
        if journal.exists() {
            return Err(OpenError::Exists(directory.to_owned()));
        }
        std::fs::create_dir_all(&journal).map_err(|e| OpenError::Io(journal, e))?;
        Self::open_at(directory, options, clock)
    }

    fn open_at(directory: &Path, options: &Options, clock: Clock) -> Result<Self, OpenError> {
        let (journal, cluster) = open_journal(directory, options)?;
        let path = directory.join(VIEWS);
        let (origin, guards) = (options.origin.as_deref(), options.guards.as_deref());
        let log = log::open(
            directory,
            Arc::clone(&journal),
            origin,
            guards,
            cluster.clone(),
        )?;
        let store =
            open_views(&path, options.cache).map_err(|e| OpenError::Views(e, path.clone()))?;
        Self::start((journal, log, cluster), store, clock, options, &path)
    }

    /// Closes the log of a data directory whose journal lost entries that were signed, and begins a new
    /// one, whose newest entry says so. Gives the node.
    ///
    /// # Errors
    /// [`OpenError`]: missing, in use, or its files cannot be read; [`OpenError::Restart`] when the
    /// entry cannot be written.
    pub fn restart_log(
        directory: &Path,
        options: &Options,
        reason: &str,
    ) -> Result<(Self, LogRestart), OpenError> {
        if !directory.join(JOURNAL).is_dir() {
            return Err(OpenError::Missing(directory.to_owned()));
        }
        if directory.join(JOURNAL).join(STREAM).exists() {
            return Err(OpenError::OnStream(directory.to_owned()));
        }
        // Its lock keeps a running node out; opening it says whether the journal itself is sound.
        let journal = Embedded::open(
            &directory.join(JOURNAL),
            &journal::embedded::Options::default(),
        )?;
        let restart = log::close(directory, options.guards.as_deref(), reason)?;
        drop(journal);
        let node = Self::open_at(directory, options, Clock::System)?;
        let act = Act::LogRestart(restart.clone());
        let (reply, answer) = oneshot::channel();
        let written = Written::Acts {
            caller: Caller::Operator,
            seal: Seal::Open,
            decide: Box::new(move |_, _| Ok(vec![act])),
        };
        let ask = Ask::Record { written, reply };
        let recorded = node.submit(ask).and_then(|()| {
            let lost = |_| Error::Storage("the writer stopped".into());
            answer.blocking_recv().map_err(lost)?
        });
        recorded.map_err(OpenError::Restart)?;
        Ok((node, restart))
    }

    /// Reads and checks the whole journal of a data directory that nobody has open: checksums, hash
    /// chain, and that each entry decodes and is the one that its leaf commits to. `progress` is told
    /// the position now and then.
    ///
    /// # Errors
    /// [`OpenError`] for the first thing that does not hold.
    pub fn verify(directory: &Path, progress: &mut dyn FnMut(u64)) -> Result<Verified, OpenError> {
        if !directory.join(JOURNAL).is_dir() {
            return Err(OpenError::Missing(directory.to_owned()));
        }
        let options = journal::embedded::Options::default();
        let journal = Embedded::open(&directory.join(JOURNAL), &options)?;
        let summary = journal.verify(&mut |_| {})?;
        let mut at = Position(0);
        let (mut erased, mut due) = (Vec::new(), BTreeSet::new());
        while at < journal.next() {
            for record in journal.read(at, REPLAY, 16 << 20)? {
                at = Position(record.position.0 + 1);
                if record.body.is_empty() {
                    erased.push(record.position.0);
                    continue;
                }
                let entry = entry::decode_verified(&record.leaf, &record.body)
                    .map_err(|error| OpenError::Entry(record.position, error))?;
                if let entry::Act::Erasure(erasure) = entry.act {
                    due.extend(erasure.positions);
                }
            }
            progress(at.0);
        }
        if let Some(position) = erased.iter().find(|at| !due.contains(at)) {
            // What nobody erased has a body.
            return Err(OpenError::Entry(Position(*position), DecodeError::Erased));
        }
        Ok(Verified {
            entries: at.0,
            unfinished: (due.len() - erased.len()) as u64,
            erased: erased.len() as u64,
            summary,
            recovery: journal.recovery().clone(),
        })
    }

    /// A node in memory, for tests.
    ///
    /// # Errors
    /// As [`Node::open`].
    pub fn in_memory(clock: Clock) -> Result<Self, OpenError> {
        Self::on(Arc::new(Memory::default()), clock)
    }

    /// A node with views in memory on a given journal.
    ///
    /// # Errors
    /// As [`Node::open`].
    pub fn on(journal: Arc<dyn Journal>, clock: Clock) -> Result<Self, OpenError> {
        let path = PathBuf::from("memory");
        let store = Store::in_memory().map_err(|e| OpenError::Views(e, path.clone()))?;
        let log = log::in_memory(Arc::clone(&journal))?;
        Self::start(
            (journal, log, None),
            store,
            clock,
            &Options::default(),
            &path,
        )
    }

    fn start(
        (journal, log, cluster): (Arc<dyn Journal>, Log, Option<Arc<dyn Cluster>>),
        store: Store,
        clock: Clock,
        options: &Options,
        path: &Path,
    ) -> Result<Self, OpenError> {
        let caught = catch_up(journal.as_ref(), &store, &mut drop)
            .map_err(|error| OpenError::of(error, path))?;
        let beside = path.parent().filter(|folder| folder.is_dir());
        let fetches = beside.map(|folder| folder.join(FETCHES));
        let fetches = Fetches::open(fetches.as_deref())
            .map_err(|error| OpenError::Views(error, path.to_owned()))?;
        let folder = beside.map(|folder| folder.join(EVIDENCE));
        let evidence = Evidences::open(folder.clone(), options.evidence)
            .map_err(|error| OpenError::Io(folder.unwrap_or_default(), error))?;
        let shared = Arc::new(Shared::new(
            (journal, log, cluster),
            store,
            clock,
            (fetches, evidence),
            caught.directory,
            options.matching,
        ));
        shared.advance(caught.next.0);
        shared
            .finish_erasures()
            .map_err(|error| OpenError::of(error, path))?;
        let filler = Arc::clone(&shared);
        // Detached on purpose: it ends by itself, and a node that closes early does not wait.
        drop(
            std::thread::Builder::new()
                .name("match index".into())
                .spawn(move || {
                    if let Err(error) = filler.fill_index() {
                        tracing::error!("the match index could not be filled: {error}");
                    }
                }),
        );
        let writer = Writer {
            shared: Arc::clone(&shared),
            last: caught.last,
            next: caught.next,
            led: false,
            erase_wanted: false,
            behind: false,
            batches_since_durable: 0,
            entries_since_durable: 0,
        };
        let sequencer = Sequencer::spawn(Limits::default(), writer)
            .map_err(|e| OpenError::Io(path.to_owned(), e))?;
        let sequencer = Arc::new(sequencer);
        if let Some(cluster) = &shared.cluster {
            follow(cluster.as_ref(), &sequencer);
        }
        Ok(Node { shared, sequencer })
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    /// Pledge, register, collections and tokens as of the last accepted write.
    pub fn directory(&self) -> Arc<Directory> {
        self.shared.directory()
    }

    /// A caller's rights now.
    pub fn viewer(&self, caller: &Caller) -> Viewer {
        Viewer::new(&self.directory(), caller, self.now())
    }

    /// The nodes that share the journal, if it is shared.
    pub fn cluster(&self) -> Option<&dyn Cluster> {
        self.shared.cluster.as_deref()
    }

    /// Whether this node writes: alone, or for all that share the journal.
    pub fn leads(&self) -> bool {
        self.cluster().is_none_or(Cluster::leads)
    }

    /// The number of entries in the journal.
    pub fn entries(&self) -> u64 {
        self.shared.journal.next().0
    }

    /// The public log.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// The number of entries that the views hold: changes whenever something was accepted, so that
    /// who follows the feed of changes can wait for more.
    pub fn watch(&self) -> tokio::sync::watch::Receiver<u64> {
        self.shared.entries()
    }

    /// Whether everything, the match index too, is up.
    ///
    /// # Errors
    /// [`NoIndex::Filling`] while the match index is being filled.
    pub fn ready(&self) -> Result<(), NoIndex> {
        match self.shared.with_index(|_| ()) {
            Err(NoIndex::Filling) => Err(NoIndex::Filling),
            _ => Ok(()),
        }
    }

    /// Waits until the match index is filled.
    ///
    /// # Errors
    /// [`NoIndex::Off`] when this node runs without one.
    pub fn wait_for_index(&self) -> Result<(), NoIndex> {
        loop {
            match self.shared.with_index(|_| ()) {
                Err(NoIndex::Filling) => {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                other => return other,
            }
        }
    }

    /// Hands an ask to the writer and waits for its answer.
    pub(crate) async fn ask<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Ask,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.submit(make(reply))?;
        answer
            .await
            .map_err(|_| Error::Storage("the writer stopped; see the log".into()))?
    }

    fn submit(&self, ask: Ask) -> Result<(), Error> {
        self.sequencer
            .submit(ask)
            .map_err(|rejected| match rejected {
                Rejected::Full(_) => Error::Busy,
                Rejected::Closed(_) => Error::Storage("the node is shutting down".into()),
            })
    }

    /// Writes what `decide` says, decided against the directory at the journal's end.
    pub(crate) async fn record(&self, caller: &Caller, decide: Decide) -> Result<(), Error> {
        self.record_at(caller, decide).await.map(drop)
    }

    /// As [`Node::record`]; gives the positions of the entries, by which their receipts are had.
    pub(crate) async fn record_at(
        &self,
        caller: &Caller,
        decide: Decide,
    ) -> Result<Vec<u64>, Error> {
        self.record_sealed(caller, decide, Seal::Open).await
    }

    /// As [`Node::record_at`], and tells how much the leaves tell.
    pub(crate) async fn record_sealed(
        &self,
        caller: &Caller,
        decide: Decide,
        seal: Seal,
    ) -> Result<Vec<u64>, Error> {
        let caller = caller.clone();
        self.write(Written::Acts {
            caller,
            decide,
            seal,
        })
        .await
    }

    /// Writes what is answered with the positions of its entries.
    pub(crate) async fn write(&self, written: Written) -> Result<Vec<u64>, Error> {
        self.ask(|reply| Ask::Record { written, reply }).await
    }
}

/// Has the writer follow whatever the others do.
fn follow(cluster: &dyn Cluster, sequencer: &Arc<Sequencer<Writer>>) {
    let writer = Arc::downgrade(sequencer);
    cluster.on_change(Box::new(move || {
        if let Some(writer) = writer.upgrade() {
            // A full queue is answered soon, and follows then.
            drop(writer.submit(Ask::Follow));
        }
    }));
    drop(sequencer.submit(Ask::Follow));
}

/// A journal, and the others that share it, if any.
type Opened = (Arc<dyn Journal>, Option<Arc<dyn Cluster>>);

/// Opens the journal of a data directory. Its lock comes first: it keeps a second process off the views as
/// well.
fn open_journal(directory: &Path, options: &Options) -> Result<Opened, OpenError> {
    let path = directory.join(JOURNAL);
    #[cfg(feature = "jetstream")]
    if let Some(stream) = &options.stream {
        let journal = Arc::new(JetStream::open(&path, stream)?);
        let cluster: Arc<dyn Cluster> = Arc::clone(&journal) as _;
        return Ok((journal, Some(cluster)));
    }
    #[cfg(not(feature = "jetstream"))]
    let _ = options;
    if path.join(STREAM).exists() {
        return Err(OpenError::OnStream(directory.to_owned()));
    }
    let journal = Embedded::open(&path, &journal::embedded::Options::default())?;
    let mended = journal.recovery();
    if mended.truncated_bytes > 0 {
        tracing::warn!(
            "cut {} octets of an append that was never acknowledged off the journal's end",
            mended.truncated_bytes
        );
    }
    Ok((Arc::new(journal), None))
}

/// Opens the views; a database that is damaged is set aside, as it can be rebuilt.
fn open_views(path: &Path, cache: usize) -> Result<Store, store::Error> {
    match Store::open(path, cache) {
        Ok(store) => Ok(store),
        Err(error) if path.exists() => {
            tracing::warn!("{error}; rebuilding the views from the journal");
            let aside = path.with_extension("damaged");
            if std::fs::rename(path, &aside).is_err() {
                return Err(error);
            }
            Store::open(path, cache)
        }
        Err(error) => Err(error),
    }
}
