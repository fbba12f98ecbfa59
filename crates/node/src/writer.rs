//! The one place where the journal is written: decides, appends and applies in one transaction.
//!
//! A batch opens a transaction on the views, decides each ask against the state it sees there
//! (which includes what the batch did so far), appends the entries to the journal, and commits. A
//! crash before the append leaves nothing; a crash after it leaves durable entries that the views
//! replay at the next start. An append that fails drops the transaction: nothing was accepted, and
//! every ask of the batch is told so.

use std::sync::Arc;

use bytes::Bytes;
use journal::Record;
use journal::sequencer::{Decider, Weight};
use tokio::sync::oneshot;

use crate::act::Error;
use crate::batch::{Batch, Outcome};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::Act;
use crate::facts::Facts;
use crate::model::Feedback;
use crate::policy::Caller;
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
    Record {
        caller: Caller,
        decide: Decide,
        reply: oneshot::Sender<Result<(), Error>>,
    },
}

/// A reply that waits for the batch to be durable.
pub(crate) enum Reply {
    Publish(
        oneshot::Sender<Result<Status, Error>>,
        Result<Status, Error>,
    ),
    Withdraw(oneshot::Sender<Result<usize, Error>>, Result<usize, Error>),
    Feedback(oneshot::Sender<Result<u64, Error>>, Result<u64, Error>),
    Record(oneshot::Sender<Result<(), Error>>, Result<(), Error>),
}

/// A reply's receiver may be gone (its client hung up): the write stands all the same.
fn send<T>(to: oneshot::Sender<Result<T, Error>>, answer: Result<T, Error>) {
    drop(to.send(answer));
}

impl Reply {
    fn deliver(self, failure: Option<&str>) {
        let lost = |what: &str| Error::Storage(what.to_owned());
        match (self, failure) {
            (Reply::Publish(to, answer), None) => send(to, answer),
            (Reply::Withdraw(to, answer), None) => send(to, answer),
            (Reply::Feedback(to, answer), None) => send(to, answer),
            (Reply::Record(to, answer), None) => send(to, answer),
            (Reply::Publish(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Withdraw(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Feedback(to, _), Some(what)) => send(to, Err(lost(what))),
            (Reply::Record(to, _), Some(what)) => send(to, Err(lost(what))),
        }
    }
}

/// The decider behind the sequencer.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    /// The time of the newest entry: the next one is later.
    pub(crate) last: Instant,
    pub(crate) batches_since_durable: usize,
    pub(crate) entries_since_durable: usize,
}

/// Batches after which the views are made durable, when a second has not passed before.
const DURABLE_BATCHES: usize = 100;
/// Entries after which they are: what a start after a crash has to replay.
const DURABLE_ENTRIES: usize = 30_000;

impl Decider for Writer {
    type Ask = Ask;

    fn weight(ask: &Ask) -> Weight {
        match ask {
            Ask::Publish { objects, .. } => Weight {
                objects: objects.len(),
                bytes: objects.iter().map(|candidate| candidate.bytes.len()).sum(),
            },
            Ask::Withdraw { .. } | Ask::Feedback { .. } | Ask::Record { .. } => Weight {
                objects: 1,
                bytes: 256,
            },
        }
    }

    fn batch(&mut self, asks: Vec<Ask>) {
        let mut replies = Vec::with_capacity(asks.len());
        let failure = self.write(asks, &mut replies).err();
        if let Some(what) = &failure {
            tracing::error!("a batch was not written: {what}");
        }
        for reply in replies {
            reply.deliver(failure.as_deref());
        }
        self.batches_since_durable += 1;
        if self.batches_since_durable >= DURABLE_BATCHES
            || self.entries_since_durable >= DURABLE_ENTRIES
        {
            self.tick();
        }
    }

    fn tick(&mut self) {
        if self.batches_since_durable == 0 {
            return;
        }
        match self.shared.store.make_durable() {
            Ok(()) => (self.batches_since_durable, self.entries_since_durable) = (0, 0),
            Err(error) => tracing::warn!("views are not durable yet, they would replay: {error}"),
        }
    }
}

impl Writer {
    /// Decides, appends, applies. On an error nothing of the batch was accepted.
    fn write(&mut self, asks: Vec<Ask>, replies: &mut Vec<Reply>) -> Result<(), String> {
        let shared = Arc::clone(&self.shared);
        let next = shared.journal.next();
        let tell = |error: store::Error| error.to_string();
        let write = shared.store.write().map_err(tell)?;
        let mut batch = Batch::open(&write, &shared, next, self.last).map_err(tell)?;
        let mut broken = None;
        for ask in asks {
            // After a failed read every later ask is answered with the same failure.
            if let Err(error) = batch.decide(ask, replies) {
                broken.get_or_insert(error.to_string());
            }
        }
        if let Some(what) = broken {
            return Err(what);
        }
        let Outcome {
            entries,
            changes,
            directory,
            last,
        } = batch.close().map_err(tell)?;
        if entries.is_empty() {
            // Nothing but statuses: the journal is untouched.
            return write.commit().map_err(|error| error.to_string());
        }
        let records: Vec<Record<'_>> = entries
            .iter()
            .map(|(leaf, body)| Record { leaf, body })
            .collect();
        let next = shared
            .journal
            .append(next, &records)
            .map_err(|error| error.to_string())?;
        self.last = last;
        self.entries_since_durable += records.len();
        store::set_cursors(&write, [next.0; view::ALL.len()]).map_err(tell)?;
        // From here on the entries are durable: a view that cannot follow replays at the next
        // start, so its error is told but the asks are answered as accepted.
        if let Err(error) = write.commit() {
            tracing::error!("views fell behind the journal, restart to rebuild them: {error}");
        }
        if let Some(directory) = directory {
            shared.set_directory(directory);
        }
        shared.change_index(changes);
        Ok(())
    }
}
