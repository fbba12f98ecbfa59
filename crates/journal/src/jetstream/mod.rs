//! The journal on NATS `JetStream`: any number of nodes share one stream of batches.
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

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::kv::Store;
use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::cluster::Cluster;
use crate::embedded::{self, Embedded};
use crate::log::hash::Hash;
use crate::{Durability, Erased, Error, Journal, Position, Record, Stored};

mod batch;
mod copy;
mod index;
mod lease;
mod link;
mod place;
mod redaction;

use batch::Encoded;
use copy::Shared;
use link::{Link, Published};

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
    /// The stream's journal went on elsewhere.
    #[error(
        "the stream was left: its journal goes on in {0}. To share that one, put it on another stream with 'entente journal join --stream NAME'; this directory is an older copy, to be moved away"
    )]
    Left(String),
    /// A node leads, and the stream cannot be left.
    #[error("the node {0} leads on this stream: stop all nodes first")]
    Led(String),
    /// The copy's index cannot be used.
    #[error("the index of the stream cannot be used: {0}")]
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
    /// One erasure at a time.
    erasing: Mutex<()>,
    /// Whether the copy follows this stream, and says so on disk.
    follows: bool,
}

/// Records that are put on a stream at once.
const AT_ONCE: usize = 500;
/// What tells that a copy follows a stream: how far it is.
pub const PLACE: &str = "stream";

impl JetStream {
    /// Opens the copy in `directory`, connects, and catches up with the stream. Stream and copy are made
    /// when they are missing.
    ///
    /// # Errors
    /// Those of [`Embedded::open`]; [`Error::Stream`] when no server answers, when the stream keeps less
    /// than a journal promises, or is not the one that the copy follows. Nothing was changed then.
    pub fn open(directory: &Path, options: &Options) -> Result<Self, Error> {
        let (mut journal, leading) = Self::follow(directory, options)?;
        journal.shared.is_not_ahead()?;
        // From here on it is no journal of its own any more.
        journal.follows = true;
        journal.shared.keep_place(&journal.shared.lock());
        journal.lead(leading, options.name.clone())?;
        Ok(journal)
    }

    /// Takes the copy in `directory` off its stream, once it has all of it and nobody leads: no node
    /// follows the stream after that. Gives the position after the last record.
    ///
    /// # Errors
    /// As [`JetStream::open`]; [`Failure::Led`] while a node leads.
    pub fn leave(directory: &Path, options: &Options) -> Result<Position, Error> {
        let (journal, leading) = Self::follow(directory, options)?;
        journal.shared.is_not_ahead()?;
        let by = directory.display().to_string();
        let record = &journal.shared.record;
        on(journal.runtime()?, lease::leave(&leading, record, &by))?;
        Ok(journal.shared.copy.next())
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
        let (mut journal, _) = Self::follow(directory, options)?;
        journal.follows = true;
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
        let (leading, record) = on(&runtime, lease::buckets(&link, options))?;
        let shared = Shared::open(directory, copy, (link, identity), record)?;
        let shared = Arc::new(shared);
        let last = on(
            &runtime,
            link::patiently(options.wait, || async {
                shared.lease.load(&shared.record).await?;
                shared.link.last().await
            }),
        )?;
        let sequence = shared.lock().sequence;
        if last < sequence {
            let words = format!("it ends at message {last}, and the copy has {sequence}");
            return Err(Failure::Other(words).into());
        }
        let following = Arc::clone(&shared);
        drop(runtime.spawn(async move { following.follow().await }));
        let journal = JetStream {
            shared,
            runtime: Some(runtime),
            erasing: Mutex::new(()),
            follows: false,
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
            let ready = move || {
                let Some(shared) = shared.upgrade() else {
                    return false;
                };
                if shared.lock().stopped.is_some() {
                    // Another one goes on.
                    shared.lease.resign();
                }
                shared.is_level()
            };
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
        if self.follows {
            self.shared.keep_place(&self.shared.lock());
        }
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
        let _one = self.erasing.lock().map_err(|_| Error::Poisoned)?;
        if self.leads() {
            // The others take them out of their copies.
            on(self.runtime()?, self.shared.redact(positions))?;
        }
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

    fn stopped(&self) -> Option<String> {
        let tail = self.shared.lock();
        tail.stopped.as_ref().map(ToString::to_string)
    }

    fn resign(&self) {
        self.shared.lease.resign();
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
