//! The one place where the journal is written: decides, appends and applies in one transaction.
//!
//! A batch opens a transaction on the views, decides each ask against the state it sees there
//! (which includes what the batch did so far), appends the entries to the journal, and commits. A
//! crash before the append leaves nothing; a crash after it leaves durable entries that the views
//! replay at the next start. An append that fails drops the transaction: nothing was accepted, and
//! every ask of the batch is told so.

use std::sync::Arc;

use bytes::Bytes;
use journal::log::hash::leaf_hash;
use journal::sequencer::{Decider, Weight};
use journal::{Position, Record};
use tokio::sync::oneshot;

use crate::act::Error;
use crate::act::erase::{Asked, Erasing, Step};
use crate::act::request::DecideStep;
use crate::batch::{Asking, Batch, By, Keyed, Outcome};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::{Act, Seal};
use crate::facts::Facts;
use crate::model::Feedback;
use crate::policy::Caller;
use crate::replay::{catch_up, follow};
use crate::shared::Shared;
use crate::view;
use crate::view::query::Query;
use crate::view::status::Status;
use crate::view::store;

/// An object that was parsed and waits to be decided on.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) bytes: Bytes,
    pub(crate) facts: Facts,
}

/// Decides on acts from the directory as it stands; runs on the writer's thread.
pub(crate) type Decide =
    Box<dyn FnOnce(&Directory, Instant) -> Result<Vec<Act<'static>>, Error> + Send>;

/// Something to be written, and where the answer goes.
pub(crate) enum Ask {
    Publish {
        caller: Caller,
        collection: String,
        objects: Vec<Candidate>,
        /// Carries the failures found so far; the rest is added here.
        status: Status,
        reply: oneshot::Sender<Result<Status, Error>>,
    },
    Withdraw {
        caller: Caller,
        collection: String,
        id: String,
        /// Its filters on versions choose which.
        query: Query,
        reply: oneshot::Sender<Result<usize, Error>>,
    },
    Feedback {
        caller: Caller,
        /// Without whom it is told, which is decided here.
        said: Feedback,
        reply: oneshot::Sender<Result<u64, Error>>,
    },
    Erase {
        caller: Caller,
        /// None with a step that names a proposal.
        asked: Option<Asked>,
        step: Step,
        reply: oneshot::Sender<Result<Erasing, Error>>,
    },
    /// Others wrote, or signed, or lead: nobody waits for an answer.
    Follow,
    Record {
        written: Written,
        reply: oneshot::Sender<Result<Vec<u64>, Error>>,
    },
}

/// What is answered with the positions of its entries.
pub(crate) enum Written {
    Acts {
        caller: Caller,
        decide: Decide,
        /// Of leaves whose act does not decide it.
        seal: Seal,
    },
    Request {
        caller: Caller,
        asking: Box<Asking>,
    },
    Step {
        by: By,
        /// The request's id.
        request: String,
        /// What it was sent with to be taken once.
        key: Option<Keyed>,
        decide: DecideStep,
    },
    /// The steps of requests whose dates have come.
    Advance {
        most: usize,
    },
}

impl Ask {
    /// Answers that nothing is written any more.
    fn refuse(self, halted: Error) {
        match self {
            Ask::Follow => {}
            Ask::Publish { reply, .. } => send(reply, Err(halted)),
            Ask::Withdraw { reply, .. } => send(reply, Err(halted)),
            Ask::Erase { reply, .. } => send(reply, Err(halted)),
            Ask::Feedback { reply, .. } => send(reply, Err(halted)),
            Ask::Record { reply, .. } => send(reply, Err(halted)),
        }
    }
}

/// A reply that waits for the batch to be durable.
pub(crate) enum Reply {
    Publish(
        oneshot::Sender<Result<Status, Error>>,
        Result<Status, Error>,
    ),
    Withdraw(oneshot::Sender<Result<usize, Error>>, Result<usize, Error>),
    Feedback(oneshot::Sender<Result<u64, Error>>, Result<u64, Error>),
    Erase(
        oneshot::Sender<Result<Erasing, Error>>,
        Result<Erasing, Error>,
    ),
    Record(
        oneshot::Sender<Result<Vec<u64>, Error>>,
        Result<Vec<u64>, Error>,
    ),
}

/// A reply's receiver may be gone (its client hung up): the write stands all the same.
fn send<T>(to: oneshot::Sender<Result<T, Error>>, answer: Result<T, Error>) {
    drop(to.send(answer));
}

impl Reply {
    fn deliver(self, failure: Option<&Error>) {
        let lost = Error::clone;
        match (self, failure) {
            (Reply::Publish(to, answer), None) => send(to, answer),
            (Reply::Withdraw(to, answer), None) => send(to, answer),
            (Reply::Feedback(to, answer), None) => send(to, answer),
            (Reply::Erase(to, answer), None) => send(to, answer),
            (Reply::Record(to, answer), None) => send(to, answer),
            (Reply::Publish(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Withdraw(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Feedback(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Erase(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Record(to, _), Some(what)) => send(to, Err(lost(what))),
        }
    }
}

/// The decider behind the sequencer.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    /// The time of the newest entry: the next one is later.
    pub(crate) last: Instant,
    /// Whether the views missed entries that are durable.
    pub(crate) behind: bool,
    /// The position that the views have reached.
    pub(crate) next: Position,
    /// Whether this node led when it followed last.
    pub(crate) led: bool,
    /// Whether bodies have to be erased that others said are to be.
    pub(crate) erase_wanted: bool,
    pub(crate) batches_since_durable: usize,
    pub(crate) entries_since_durable: usize,
}

/// Batches after which the views are made durable, when a second has not passed before.
const DURABLE_BATCHES: usize = 100;
/// Entries after which they are: what a start after a crash has to replay.
const DURABLE_ENTRIES: usize = 10_000;

impl Decider for Writer {
    type Ask = Ask;

    fn weight(ask: &Ask) -> Weight {
        match ask {
            Ask::Publish { objects, .. } => Weight {
                objects: objects.len(),
                bytes: objects.iter().map(|candidate| candidate.bytes.len()).sum(),
            },
            Ask::Follow
            | Ask::Withdraw { .. }
            | Ask::Feedback { .. }
            | Ask::Erase { .. }
            | Ask::Record { .. } => Weight {
                objects: 1,
                bytes: 256,
            },
        }
    }

    fn batch(&mut self, mut asks: Vec<Ask>) {
        if let Some(cluster) = self.shared.cluster.clone() {
            if let Err(error) = self.follow() {
                tracing::error!("the views fell behind the journal: {error}");
                self.behind = true;
            }
            asks.retain(|ask| !matches!(ask, Ask::Follow));
            self.settle();
            if !cluster.leads() {
                let elsewhere = Error::Elsewhere(cluster.leader());
                for ask in asks {
                    ask.refuse(elsewhere.clone());
                }
                return;
            }
        }
        if let Some(reason) = self.shared.log.halted() {
            // What cannot be signed any more is not accepted either.
            for ask in asks {
                ask.refuse(Error::Halted(reason.clone()));
            }
            return;
        }
        if asks.is_empty() {
            return;
        }
        let mut replies = Vec::with_capacity(asks.len());
        let failure = self.write(asks, &mut replies).err();
        if let Some(what) = &failure {
            tracing::error!("a batch was not written: {what}");
        }
        for reply in replies {
            reply.deliver(failure.as_ref());
        }
        self.batches_since_durable += 1;
        self.settle();
    }

    fn tick(&mut self) {
        if self.batches_since_durable == 0 {
            return;
        }
        match self.shared.store.make_durable() {
            Ok(()) => (self.batches_since_durable, self.entries_since_durable) = (0, 0),
            Err(error) => tracing::warn!("views are not durable yet, they would replay: {error}"),
        }
        if let Err(error) = self.shared.log.tick() {
            tracing::warn!("the log's files are not durable yet, they would be made anew: {error}");
        }
    }
}

impl Writer {
    /// Makes the views durable when a start after a crash would have much to replay.
    fn settle(&mut self) {
        if self.batches_since_durable >= DURABLE_BATCHES
            || self.entries_since_durable >= DURABLE_ENTRIES
        {
            self.tick();
        }
    }

    /// Decides, appends, applies. On an error nothing of the batch was accepted.
    fn write(&mut self, asks: Vec<Ask>, replies: &mut Vec<Reply>) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        if self.behind {
            self.catch_up().map_err(Error::Storage)?;
        }
        // What the views hold: where others write too, an append behind more than that is a conflict.
        let next = self.next;
        let write = shared.store.write()?;
        let mut batch = Batch::open(&write, &shared, next, self.last)?;
        let mut broken = None;
        for ask in asks {
            // After a failed read every later ask is answered with the same failure.
            if let Err(error) = batch.decide(ask, replies) {
                broken.get_or_insert(error);
            }
        }
        if let Some(what) = broken {
            return Err(what);
        }
        let entries = batch.entries()?;
        if entries.is_empty() {
            // Nothing but statuses: the journal is untouched.
            batch.close()?;
            return Ok(write.commit().map_err(store::Error::from)?);
        }
        let records: Vec<Record<'_>> = entries
            .iter()
            .map(|(leaf, body)| Record { leaf, body })
            .collect();
        let (appended, beside) = both(
            records.len() >= WORTH_A_THREAD,
            || shared.journal.append(next, &records),
            || {
                let leaves = entries.iter().map(|(leaf, _)| leaf_hash(leaf));
                (batch.close(), leaves.collect::<Vec<_>>())
            },
        );
        let (applied, leaves) = beside;
        let base = next;
        let next = appended.map_err(|error| self.unwritten(error))?;
        self.entries_since_durable += records.len();
        if let Err(error) = shared.log.extend(base, &leaves) {
            // The next batch makes up for it; until then there are no receipts for this one.
            tracing::error!("the log fell behind the journal: {error}");
        }
        // From here on the entries are durable, and the asks are answered as accepted. Views that
        // cannot follow replay before the next batch, or at the next start.
        let committed = applied.and_then(|outcome| {
            store::set_cursors(&write, [next.0; view::ALL.len()])?;
            if outcome.erased {
                store::want_scrub(&write)?;
            }
            write.commit()?;
            Ok(outcome)
        });
        match committed {
            Ok(outcome) => self.tell(outcome, next),
            Err(error) => {
                tracing::error!("the views fell behind the journal: {error}");
                self.behind = true;
            }
        }
        Ok(())
    }
}

impl Writer {
    /// Lets everybody see what a batch did.
    fn tell(&mut self, outcome: Outcome, next: Position) {
        self.last = outcome.last;
        self.next = next;
        if let Some(directory) = outcome.directory {
            self.shared.set_directory(directory);
        }
        self.shared.change_index(outcome.changes);
        self.shared.advance(next.0);
    }

    /// Why a batch was not written.
    fn unwritten(&self, error: journal::Error) -> Error {
        let cluster = self.shared.cluster.as_ref();
        match (error, cluster) {
            (journal::Error::Conflict { .. }, Some(cluster)) => Error::Elsewhere(cluster.leader()),
            // Its servers do not agree: what is written later goes on behind what they have then.
            (error, Some(_)) => Error::Halted(error.to_string()),
            (error, None) => error.into(),
        }
    }

    /// Takes what other nodes wrote and signed since.
    fn follow(&mut self) -> Result<(), String> {
        if self.behind {
            self.catch_up()?;
        }
        let shared = Arc::clone(&self.shared);
        let mut directory = shared.directory();
        while self.next < shared.journal.next() {
            let mut changes = Vec::new();
            let mut changed = |change| changes.push(change);
            let journal = shared.journal.as_ref();
            let replayed = follow(
                journal,
                &shared.store,
                &mut directory,
                self.next.0,
                &mut changed,
            );
            let replayed = replayed.map_err(|error| error.to_string())?;
            let taken = replayed.next.saturating_sub(self.next.0);
            self.next = Position(replayed.next);
            self.last = self.last.max(replayed.last);
            self.batches_since_durable += 1;
            self.entries_since_durable += usize::try_from(taken).unwrap_or(usize::MAX);
            self.erase_wanted |= replayed.erased;
            shared.set_directory(Arc::clone(&directory));
            shared.change_index(changes);
            shared.advance(self.next.0);
        }
        let leads = shared
            .cluster
            .as_ref()
            .is_some_and(|cluster| cluster.leads());
        // Who leads takes bodies off the stream as well: what the one before did not finish.
        self.erase_wanted |= leads && !self.led;
        self.led = leads;
        if self.erase_wanted {
            match shared.erase_due() {
                Ok(()) => self.erase_wanted = false,
                Err(error) => tracing::warn!("bodies are not erased yet, and will be: {error}"),
            }
        }
        if let Err(error) = shared.log.extend(shared.journal.next(), &[]) {
            tracing::error!("the log fell behind the journal: {error}");
        }
        Ok(())
    }

    /// Applies the entries that the views missed, as a start would.
    fn catch_up(&mut self) -> Result<(), String> {
        let shared = &self.shared;
        let mut changes = Vec::new();
        let mut changed = |change| changes.push(change);
        let missed = catch_up(shared.journal.as_ref(), &shared.store, &mut changed);
        let caught = missed.map_err(|error| error.to_string())?;
        self.last = caught.last;
        shared.set_directory(caught.directory);
        shared.change_index(changes);
        self.next = caught.next;
        shared.advance(self.next.0);
        self.behind = false;
        tracing::info!("the views have caught up with the journal");
        Ok(())
    }
}

/// Entries of a batch from which on a thread of its own for the journal is worth its start.
const WORTH_A_THREAD: usize = 64;

/// Does two things, the first beside the second when that is worth it.
fn both<A: Send, B>(
    beside: bool,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B,
) -> (A, B) {
    if !beside {
        return (first(), second());
    }
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        match first.join() {
            Ok(first) => (first, second),
            // The sequencer tells those who wait when its thread panics.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
