//! The copy of a stream on this machine: takes what the stream brings, and checks that it is what it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::jetstream::kv::Store;
use bytes::Bytes;

use super::batch::{Assembly, Batch, GENESIS, Piece};
use super::index::{Index, Messages};
use super::lease::Lease;
use super::link::{Identity, Link};
use super::place::{self, Place};
use super::{Failure, PLACE, redaction};
use crate::embedded::Embedded;
use crate::log::hash::Hash;
use crate::{Error, Journal as _, Position, Record};

/// How long the copy's place may be behind on disk: what is read again after a crash.
const WRITE_PLACE: Duration = Duration::from_secs(1);

pub(super) struct Shared {
    pub(super) copy: Embedded,
    pub(super) place: PathBuf,
    pub(super) link: Link,
    pub(super) tail: Mutex<Tail>,
    pub(super) moved: Condvar,
    pub(super) lease: Arc<Lease>,
    pub(super) record: Store,
    /// The sequence of the newest message that is known of.
    pub(super) known: AtomicU64,
}

/// How far the copy is.
pub(super) struct Tail {
    /// The sequence of the last message that is in it.
    pub(super) sequence: u64,
    /// The position after the last record that the stream has.
    pub(super) next: u64,
    pub(super) chain: Hash,
    pub(super) created: String,
    pub(super) written: Instant,
    pub(super) assembly: Assembly,
    /// Which messages carry which batch.
    pub(super) index: Index,
    /// Whether batches are missing from the stream that were redacted.
    pub(super) gap: bool,
    /// Why it goes no further.
    pub(super) stopped: Option<Failure>,
}

impl Shared {
    /// What a copy knows of its stream.
    ///
    /// # Errors
    /// When it follows another stream, or its index cannot be read or written.
    pub(super) fn open(
        directory: &Path,
        copy: Embedded,
        (link, identity): (Link, Identity),
        record: Store,
    ) -> Result<Self, Error> {
        let id = link.context.client().new_inbox();
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
        let (rows, start) = known.as_ref().map_or((0, 0), |at| (at.rows, at.next));
        let mut index = Index::open(&path, rows).map_err(failed)?;
        if index.rows() < rows || !index.reaches(start) {
            // The stream is read from its beginning.
            known = None;
            index = Index::open(&path, 0).map_err(failed)?;
        }
        let (sequence, start, chain) = known.map_or((0, 0, GENESIS), |known| {
            (known.sequence, known.next, known.chain)
        });
        Ok(Shared {
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
            lease: Arc::new(Lease::new(id)),
            record,
            known: AtomicU64::new(0),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the stream brings, for as long as the journal is open.
    pub(super) async fn follow(&self) {
        let mut first = true;
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
            // After a gap it heals at once, if that led anywhere the last time.
            if !gap || !(first || matches!(healed, Ok(true))) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            first = !gap;
        }
    }

    /// Takes the batches that come next and were redacted; whether there was one.
    async fn heal(&self) -> Result<bool, Failure> {
        let mut any = false;
        loop {
            let base = self.lock().next;
            let found = redaction::find(&self.link.redacted, &self.link.subject, base).await?;
            let Some(found) = found else {
                return Ok(any);
            };
            {
                let mut tail = self.lock();
                if tail.next != base {
                    continue;
                }
                let taken = tail.sequence.max(found.messages.last());
                self.enter(&mut tail, found.messages, &found.batch);
                tail.sequence = taken;
                if tail.stopped.is_some() {
                    return Ok(any);
                }
            }
            any = true;
            self.moved();
        }
    }

    /// Tells who waits that the copy moved. Not to be called under the lock.
    fn moved(&self) {
        self.moved.notify_all();
        self.lease.changed();
    }

    /// Takes one message of the stream.
    pub(super) fn take(&self, sequence: u64, message: &Bytes) {
        self.known.fetch_max(sequence, Ordering::Relaxed);
        {
            let mut tail = self.lock();
            if sequence <= tail.sequence || tail.stopped.is_some() {
                return;
            }
            match Piece::decode(message) {
                Err(what) => tail.stopped = Some(Failure::Damaged(sequence, what)),
                Ok(piece) if piece.base > tail.next => {
                    tail.gap = true;
                    return;
                }
                Ok(piece) => {
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
                }
            }
        }
        self.moved();
    }

    /// Enters a batch into the copy, or finds it there.
    pub(super) fn enter(&self, tail: &mut Tail, messages: Messages, batch: &Batch) {
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
    }

    /// Takes bodies off the stream.
    pub(super) async fn redact(&self, positions: &[Position]) -> Result<(), Failure> {
        let wanted: BTreeSet<u64> = positions.iter().map(|position| position.0).collect();
        let mut done = 0;
        for position in wanted.iter().copied() {
            if position >= done {
                done = self.redact_one(position, &wanted).await?;
            }
        }
        Ok(())
    }

    /// Takes bodies off the batch that holds a position; gives the position behind it.
    async fn redact_one(&self, position: u64, wanted: &BTreeSet<u64>) -> Result<u64, Failure> {
        let messages = self.lock().index.of(position);
        let messages = messages.map_err(|error| Failure::Index(error.to_string()))?;
        let missing = || Failure::Index(format!("it has no batch with position {position}"));
        let messages = messages.ok_or_else(missing)?;
        let (redacted, stream) = (&self.link.redacted, &self.link.subject);
        let mut before = redaction::find(redacted, stream, messages.base).await?;
        let mut whole = None;
        if before.is_none() {
            whole = self.link.batch(messages).await?;
            if whole.is_none() {
                // Another node was at it.
                before = redaction::find(redacted, stream, messages.base).await?;
            }
        }
        let batch = whole
            .as_ref()
            .or(before.as_ref().map(|before| &before.batch));
        let words = "it was removed and is not among the redacted batches";
        let batch = batch.ok_or(Failure::Damaged(messages.first, words))?;
        if !(batch.base..batch.next()).contains(&position) {
            return Err(missing());
        }
        let mut bodies = (batch.base..).zip(&batch.records);
        if bodies.any(|(at, (_, body))| wanted.contains(&at) && !body.is_empty()) {
            let messages = before.as_ref().map_or(messages, |before| before.messages);
            let erased = |at| wanted.contains(&at);
            redaction::redact(&self.link, batch, messages, before.as_ref(), &erased).await?;
        }
        Ok(batch.next())
    }

    /// What of a batch is not as the copy has it.
    pub(super) fn differs(&self, batch: &Batch) -> Option<String> {
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
    pub(super) fn is_not_ahead(&self) -> Result<(), Failure> {
        let (streamed, copied) = (self.lock().next, self.copy.next().0);
        if copied <= streamed {
            return Ok(());
        }
        Err(Failure::Other(format!(
            "it ends at position {streamed}, and the copy at {copied}"
        )))
    }

    /// Whether the copy has all that the stream is known to have.
    pub(super) fn is_level(&self) -> bool {
        let tail = self.lock();
        tail.stopped.is_none() && tail.sequence >= self.known.load(Ordering::Relaxed)
    }

    /// Waits until the copy has what the stream had.
    pub(super) fn wait_for(&self, sequence: u64) -> Result<(), Error> {
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
    pub(super) fn keep_place(&self, tail: &Tail) {
        // A place that names what the index lost would hide it.
        if tail.index.sync().is_err() {
            return;
        }
        place::write(
            &self.place,
            &Place {
                created: tail.created.clone(),
                sequence: tail.sequence,
                next: tail.next,
                chain: tail.chain,
                rows: tail.index.rows(),
            },
        );
    }
}
