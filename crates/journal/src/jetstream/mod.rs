//! The journal on NATS JetStream: any number of nodes share one stream of batches.
//!
//! Every node keeps a copy of the journal in an embedded one, and reads from that; what counts is the
//! stream. An append is published right behind the last batch that this node knows (compare-and-append
//! by the expected last sequence), and is answered once a quorum of servers has it on disk; then it
//! enters the copy. Batches of other nodes enter it as they arrive.
//!
//! # What each failure leaves
//!
//! | failure | what it leaves |
//! |---|---|
//! | another node was first | [`Error::Conflict`]: decide again |
//! | a server dies | appends wait for the next leader, some seconds; what was sent is looked for before it is sent again |
//! | no quorum for longer than [`Options::wait`] | [`Error::Stream`]; the batch may be found later, as after a failed sync |
//! | this node dies | its copy goes on from where it was; the stream has the rest |
//! | the copy is lost | it is filled from the stream |
//! | the stream was forked, shortened or made anew | [`Error::Stream`] at open, or appends and following stop; nothing was changed |

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::jetstream::kv::Store;
use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::cluster::Cluster;
use crate::embedded::{self, Embedded};
use crate::log::hash::Hash;
use crate::{Durability, Erased, Error, Journal, Position, Record, Stored};

mod batch;
mod index;
mod lease;
mod link;
mod place;
mod redaction;

use batch::{Assembly, Batch, Encoded, GENESIS, Piece};
use index::{Index, Messages};
use lease::Lease;
use link::{Link, Published};
use place::Place;

/// How a journal on a stream is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Addresses of the servers, such as `nats://10.0.0.1:4222`.
    pub servers: Vec<String>,
    /// A NATS credentials file.
    pub credentials: Option<PathBuf>,
    /// Root certificates, besides the system's.
    pub certificates: Vec<PathBuf>,
    /// The stream's name.
    pub stream: String,
    /// What this node calls itself when it leads: the URL under which the others reach it.
    pub name: String,
    /// On how many servers each batch is.
    pub replicas: usize,
    /// How long an append is tried while servers fail over.
    pub wait: Duration,
    /// Of the copy on this machine.
    pub copy: embedded::Options,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            servers: Vec::new(),
            credentials: None,
            certificates: Vec::new(),
            stream: "entente".into(),
            name: String::new(),
            replicas: 3,
            wait: Duration::from_secs(30),
            copy: embedded::Options::default(),
        }
    }
}

/// Why a stream cannot be used now.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// No server answers, or none that knows the stream.
    #[error(
        "no NATS server with JetStream answers ({0}): check the addresses, and that a majority of the servers runs"
    )]
    Unreachable(String),
    /// A file with credentials cannot be used.
    #[error("{}: {}", .0.display(), .1)]
    Credentials(PathBuf, String),
    /// The servers do not agree on an append.
    #[error(
        "a majority of the NATS servers did not take the batch in time ({0}): it may be found later. Writes go on when they are back"
    )]
    NoQuorum(String),
    /// The stream keeps less than a journal promises.
    #[error("the stream is too weak for a journal: {0}")]
    Weak(String),
    /// The stream is not the one that this copy follows.
    #[error(
        "the stream is not the one that this copy follows: {0}. Restore the stream, or, if it is the right one, move the copy away: it is filled anew"
    )]
    Other(String),
    /// The copy's index cannot be written.
    #[error("the index of the stream cannot be written: {0}")]
    Index(String),
    /// What was signed could not be recorded for the others.
    #[error("what was signed could not be recorded for the other nodes: {0}")]
    Record(Arc<io::Error>),
    /// What the stream holds is no journal, or damaged.
    #[error("message {0} of the stream: {1}")]
    Damaged(u64, &'static str),
}

/// A journal on a stream, with a copy on this machine.
pub struct JetStream {
    shared: Arc<Shared>,
    /// Stops with the journal.
    runtime: Option<Runtime>,
}

struct Shared {
    copy: Embedded,
    place: PathBuf,
    link: Link,
    tail: Mutex<Tail>,
    moved: Condvar,
    lease: Arc<Lease>,
    record: Store,
    /// The sequence of the newest message that is known of.
    known: AtomicU64,
}

/// How far the copy is.
struct Tail {
    /// The sequence of the last message that is in it.
    sequence: u64,
    /// The position after the last record that the stream has.
    next: u64,
    chain: Hash,
    created: String,
    written: Instant,
    assembly: Assembly,
    /// Which messages carry which batch.
    index: Index,
    /// Whether batches are missing from the stream that were redacted.
    gap: bool,
    /// Why it goes no further.
    stopped: Option<Failure>,
}

/// Records that are put on a stream at once.
const AT_ONCE: usize = 500;
/// What tells that a copy follows a stream: how far it is.
pub const PLACE: &str = "stream";
/// How long the copy's place may be behind on disk: what is read again after a crash.
const WRITE_PLACE: Duration = Duration::from_secs(1);

impl JetStream {
    /// Opens the copy in `directory`, connects, and catches up with the stream. Stream and copy are made
    /// when they are missing.
    ///
    /// # Errors
    /// Those of [`Embedded::open`]; [`Error::Stream`] when no server answers, when the stream keeps less
    /// than a journal promises, or is not the one that the copy follows. Nothing was changed then.
    pub fn open(directory: &Path, options: &Options) -> Result<Self, Error> {
        let (journal, leading) = Self::follow(directory, options)?;
        journal.shared.is_not_ahead()?;
        journal.lead(leading, options.name.clone())?;
        Ok(journal)
    }

    /// Puts a journal that is in `directory` on a stream that is empty, or has the first part of it from
    /// an earlier try. `progress` is told the position now and then.
    ///
    /// # Errors
    /// As [`JetStream::open`].
    pub fn fill(
        directory: &Path,
        options: &Options,
        progress: &mut dyn FnMut(Position),
    ) -> Result<Position, Error> {
        let (journal, _) = Self::follow(directory, options)?;
        let shared = &journal.shared;
        loop {
            let (next, sequence, chain) = {
                let tail = shared.lock();
                (Position(tail.next), tail.sequence, tail.chain)
            };
            let stored = shared.copy.read(next, AT_ONCE, batch::PIECE)?;
            if stored.is_empty() {
                return Ok(next);
            }
            let records: Vec<Record<'_>> = stored
                .iter()
                .map(|one| Record {
                    leaf: &one.leaf,
                    body: &one.body,
                })
                .collect();
            let encoded = batch::encode(next.0, &chain, &records);
            journal.publish(&encoded, sequence)?;
            progress(next.plus(records.len()));
        }
    }

    /// Opens the copy, connects, and catches up with the stream.
    fn follow(directory: &Path, options: &Options) -> Result<(Self, Store), Error> {
        let copy = Embedded::open(directory, &options.copy)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("stream")
            .enable_all()
            .build()
            .map_err(|source| Error::Io {
                action: "start a runtime for",
                path: directory.to_owned(),
                source,
            })?;
        let (link, identity) = on(&runtime, Link::open(options))?;
        let place = directory.join(PLACE);
        let mut known = place::read(&place).filter(|known| known.next <= copy.next().0);
        if let Some(known) = &known
            && known.created != identity.created
        {
            let words = format!(
                "it was made on {}, not on {}",
                identity.created, known.created
            );
            return Err(Failure::Other(words).into());
        }
        let path = directory.join("stream.idx");
        let failed = |source| Error::Io {
            action: "read or write the index",
            path: path.clone(),
            source,
        };
        let start = known.as_ref().map_or(0, |known| known.next);
        let mut index = Index::open(&path, start).map_err(failed)?;
        if !index.begins() {
            // The stream is read from its beginning.
            known = None;
            index = Index::open(&path, 0).map_err(failed)?;
        }
        let (sequence, start, chain) = known.map_or((0, 0, GENESIS), |known| {
            (known.sequence, known.next, known.chain)
        });
        let lease = Arc::new(Lease::new());
        let (leading, record) = on(&runtime, lease::buckets(&link, options.replicas))?;
        on(&runtime, lease.load(&record))?;
        let shared = Arc::new(Shared {
            tail: Mutex::new(Tail {
                sequence,
                next: start,
                chain,
                created: identity.created,
                written: Instant::now(),
                assembly: Assembly::default(),
                index,
                gap: false,
                stopped: None,
            }),
            copy,
            place,
            link,
            moved: Condvar::new(),
            lease,
            record,
            known: AtomicU64::new(0),
        });
        let last = on(&runtime, shared.link.last())?;
        if last < sequence {
            let words = format!("it ends at message {last}, and the copy has {sequence}");
            return Err(Failure::Other(words).into());
        }
        let following = Arc::clone(&shared);
        drop(runtime.spawn(async move { following.follow().await }));
        let journal = JetStream {
            shared,
            runtime: Some(runtime),
        };
        journal.shared.wait_for(last)?;
        Ok((journal, leading))
    }

    /// Publishes a batch behind a message, and enters it.
    fn publish(&self, encoded: &Encoded, after: u64) -> Result<(), Error> {
        let shared = &self.shared;
        match on(self.runtime()?, shared.link.publish(encoded, after))? {
            Published::At(sequence) => {
                // Whether it was entered by whoever follows, or is entered here.
                for (number, piece) in (1..).zip(&encoded.pieces) {
                    shared.take(after + number, piece);
                }
                shared.wait_for(sequence)
            }
            Published::Overtaken => {
                let expected = shared.copy.next();
                let last = on(self.runtime()?, shared.link.last())?;
                shared.wait_for(last)?;
                let actual = shared.copy.next();
                Err(Error::Conflict { expected, actual })
            }
        }
    }

    /// Stands for the lease from now on, and follows the record of what was signed.
    fn lead(&self, leading: Store, name: String) -> Result<(), Error> {
        let runtime = self.runtime()?;
        let (lease, record) = (&self.shared.lease, self.shared.record.clone());
        runtime.spawn(Arc::clone(lease).watch(record));
        if !name.is_empty() {
            let shared = Arc::downgrade(&self.shared);
            let ready = move || shared.upgrade().is_some_and(|shared| shared.is_level());
            runtime.spawn(Arc::clone(lease).keep(leading, name, ready));
        }
        Ok(())
    }

    fn runtime(&self) -> Result<&Runtime, Error> {
        self.runtime.as_ref().ok_or(Error::Poisoned)
    }
}

impl Drop for JetStream {
    fn drop(&mut self) {
        self.shared.keep_place(&self.shared.lock());
        if let Some(runtime) = self.runtime.take() {
            // Not on this thread: it may belong to another runtime, which may not wait.
            let stop = move || runtime.shutdown_timeout(Duration::from_secs(5));
            drop(std::thread::spawn(stop).join());
        }
    }
}

/// Runs on the journal's runtime, from whatever thread: one that belongs to another runtime may not wait.
fn on<T: Send, E: Into<Error> + Send>(
    runtime: &Runtime,
    work: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| runtime.block_on(work));
        match waiting.join() {
            Ok(answer) => answer.map_err(Into::into),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the stream brings, for as long as the journal is open.
    async fn follow(&self) {
        loop {
            let healed = self.heal().await;
            if healed.is_ok() {
                let after = self.lock().sequence;
                let followed = self.link.follow(after, |sequence, message| {
                    self.take(sequence, &message);
                    let tail = self.lock();
                    tail.stopped.is_none() && !tail.gap
                });
                drop(followed.await);
            }
            let gap = {
                let mut tail = self.lock();
                if tail.stopped.is_some() {
                    return;
                }
                std::mem::take(&mut tail.gap)
            };
            if !gap || healed.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// Takes the batches that come next and were redacted.
    async fn heal(&self) -> Result<(), Failure> {
        loop {
            let base = self.lock().next;
            let found = redaction::find(&self.link.redacted, &self.link.subject, base).await?;
            let Some(found) = found else {
                return Ok(());
            };
            let mut tail = self.lock();
            if tail.next != base || found.ended <= tail.sequence {
                return Ok(());
            }
            let first = tail.sequence + 1;
            let count = u32::try_from(found.ended - tail.sequence).unwrap_or(u32::MAX);
            let messages = Messages { base, first, count };
            self.enter(&mut tail, messages, &found.batch);
            tail.sequence = found.ended;
            self.moved.notify_all();
            if tail.stopped.is_some() {
                return Ok(());
            }
        }
    }

    /// Takes one message of the stream.
    fn take(&self, sequence: u64, message: &Bytes) {
        self.known.fetch_max(sequence, Ordering::Relaxed);
        let mut tail = self.lock();
        if sequence <= tail.sequence || tail.stopped.is_some() {
            return;
        }
        let piece = match Piece::decode(message) {
            Ok(piece) => piece,
            Err(what) => {
                tail.stopped = Some(Failure::Damaged(sequence, what));
                self.moved.notify_all();
                return;
            }
        };
        if piece.base > tail.next {
            tail.gap = true;
            return;
        }
        match tail.assembly.take(&piece) {
            Some(Ok(batch)) => {
                let (base, count) = (batch.base, piece.pieces);
                let first = (sequence + 1).saturating_sub(u64::from(count));
                self.enter(&mut tail, Messages { base, first, count }, &batch);
            }
            Some(Err(what)) => tail.stopped = Some(Failure::Damaged(sequence, what)),
            None => {}
        }
        tail.sequence = sequence;
        self.moved.notify_all();
    }

    /// Enters a batch into the copy, or finds it there.
    fn enter(&self, tail: &mut Tail, messages: Messages, batch: &Batch) {
        let sequence = messages.last();
        let next = self.copy.next().0;
        if batch.previous != tail.chain {
            let words = format!("message {sequence} does not follow from the one before");
            tail.stopped = Some(Failure::Other(words));
            return;
        }
        let failed = if batch.next() <= next {
            self.differs(batch)
        } else if batch.base == next {
            let records: Vec<Record<'_>> = batch
                .records
                .iter()
                .map(|(leaf, body)| Record { leaf, body })
                .collect();
            self.copy
                .append(Position(next), &records)
                .err()
                .map(|error| error.to_string())
        } else {
            Some(format!(
                "it holds position {} next, and the copy {next}",
                batch.base
            ))
        };
        if let Some(words) = failed {
            tail.stopped = Some(Failure::Other(words));
            return;
        }
        if let Err(error) = tail.index.add(messages) {
            tail.stopped = Some(Failure::Index(error.to_string()));
            return;
        }
        (tail.sequence, tail.next, tail.chain) = (sequence, batch.next(), batch.chain);
        if tail.written.elapsed() > WRITE_PLACE {
            self.keep_place(tail);
            tail.written = Instant::now();
        }
        self.lease.changed();
    }

    /// Takes bodies off the stream.
    async fn redact(&self, positions: &[Position]) -> Result<(), Failure> {
        let wanted: BTreeSet<u64> = positions.iter().map(|position| position.0).collect();
        let mut done = 0;
        for position in wanted.iter().copied() {
            if position < done {
                continue;
            }
            let messages = self.lock().index.of(position);
            let messages = messages.map_err(|error| Failure::Index(error.to_string()))?;
            let Some(messages) = messages else {
                continue;
            };
            let (redacted, stream) = (&self.link.redacted, &self.link.subject);
            let batch = match redaction::find(redacted, stream, messages.base).await? {
                Some(found) => Some(found.batch),
                None => self.link.batch(messages).await?,
            };
            let Some(batch) = batch else {
                let words = "it was removed and is not among the redacted batches";
                return Err(Failure::Damaged(messages.first, words));
            };
            done = batch.next();
            let mut bodies = (batch.base..).zip(&batch.records);
            if bodies.any(|(at, (_, body))| wanted.contains(&at) && !body.is_empty()) {
                let (first, last) = (messages.first, messages.last());
                redaction::redact(
                    &self.link,
                    &batch,
                    &|at| wanted.contains(&at),
                    (first, last),
                )
                .await?;
            }
        }
        Ok(())
    }

    /// What of a batch is not as the copy has it.
    fn differs(&self, batch: &Batch) -> Option<String> {
        let mut at = Position(batch.base);
        let mut rest = batch.records.as_slice();
        while !rest.is_empty() {
            let known = self.copy.leaf_hashes(at, rest.len()).unwrap_or_default();
            if known.is_empty() {
                return Some(format!("the copy cannot be read at position {at}"));
            }
            let (these, after) = rest.split_at(known.len().min(rest.len()));
            let hashes = these
                .iter()
                .map(|(leaf, _)| crate::log::hash::leaf_hash(leaf));
            if !hashes.eq(known.iter().copied()) {
                return Some(format!("the copy has other records from position {at} on"));
            }
            (at, rest) = (at.plus(these.len()), after);
        }
        None
    }

    /// Whether the copy has nothing that its stream does not have: batches enter it behind the stream alone.
    fn is_not_ahead(&self) -> Result<(), Failure> {
        let (streamed, copied) = (self.lock().next, self.copy.next().0);
        if copied <= streamed {
            return Ok(());
        }
        Err(Failure::Other(format!(
            "it ends at position {streamed}, and the copy at {copied}"
        )))
    }

    /// Whether the copy has all that the stream is known to have.
    fn is_level(&self) -> bool {
        let tail = self.lock();
        tail.stopped.is_none() && tail.sequence >= self.known.load(Ordering::Relaxed)
    }

    /// Waits until the copy has what the stream had.
    fn wait_for(&self, sequence: u64) -> Result<(), Error> {
        self.known.fetch_max(sequence, Ordering::Relaxed);
        let mut tail = self.lock();
        while tail.sequence < sequence {
            if let Some(failure) = &tail.stopped {
                return Err(failure.clone().into());
            }
            tail = self
                .moved
                .wait(tail)
                .unwrap_or_else(PoisonError::into_inner);
        }
        match &tail.stopped {
            Some(failure) => Err(failure.clone().into()),
            None => Ok(()),
        }
    }

    /// Notes how far the copy is. It is a hint: without it the whole stream is compared.
    fn keep_place(&self, tail: &Tail) {
        place::write(
            &self.place,
            &Place {
                created: tail.created.clone(),
                sequence: tail.sequence,
                next: tail.next,
                chain: tail.chain,
            },
        );
    }
}

impl Journal for JetStream {
    fn next(&self) -> Position {
        self.shared.copy.next()
    }

    fn append(&self, expected: Position, records: &[Record<'_>]) -> Result<Position, Error> {
        let shared = &self.shared;
        let (after, chain) = {
            let tail = shared.lock();
            if let Some(failure) = &tail.stopped {
                return Err(failure.clone().into());
            }
            (tail.sequence, tail.chain)
        };
        let actual = shared.copy.next();
        if expected != actual {
            return Err(Error::Conflict { expected, actual });
        }
        crate::record::check(expected, records)?;
        if records.is_empty() {
            return Ok(actual);
        }
        let encoded = batch::encode(expected.0, &chain, records);
        self.publish(&encoded, after)?;
        Ok(expected.plus(records.len()))
    }

    fn read(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Stored>, Error> {
        self.shared.copy.read(from, max_records, max_bytes)
    }

    fn get(&self, position: Position) -> Result<Stored, Error> {
        self.shared.copy.get(position)
    }

    fn leaves(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Bytes>, Error> {
        self.shared.copy.leaves(from, max_records, max_bytes)
    }

    fn leaf_hashes(&self, from: Position, max_records: usize) -> Result<Vec<Hash>, Error> {
        self.shared.copy.leaf_hashes(from, max_records)
    }

    fn erase(&self, positions: &[Position]) -> Result<Erased, Error> {
        let next = self.shared.copy.next();
        if let Some(position) = positions.iter().copied().find(|at| *at >= next) {
            return Err(Error::Absent { position, next });
        }
        on(self.runtime()?, self.shared.redact(positions))?;
        self.shared.copy.erase(positions)
    }

    fn durability(&self) -> Durability {
        Durability::Quorum
    }
}

impl Cluster for JetStream {
    fn leads(&self) -> bool {
        self.shared.lease.leads() && self.shared.lock().stopped.is_none()
    }

    fn leader(&self) -> Option<String> {
        self.shared.lease.leader()
    }

    fn behind(&self) -> u64 {
        let known = self.shared.known.load(Ordering::Relaxed);
        known.saturating_sub(self.shared.lock().sequence)
    }

    fn signed(&self) -> Option<Vec<u8>> {
        self.shared.lease.signed()
    }

    fn sign(&self, note: &[u8]) -> io::Result<()> {
        let runtime = self.runtime().map_err(io::Error::other)?;
        let (lease, record) = (&self.shared.lease, &self.shared.record);
        on(runtime, async {
            lease
                .sign(record, note)
                .await
                .map_err(|error| Failure::Record(Arc::new(error)))
        })
        .map_err(io::Error::other)
    }

    fn on_change(&self, call: Box<dyn Fn() + Send + Sync>) {
        self.shared.lease.on_change(call);
    }
}
