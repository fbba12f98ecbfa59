//! Who leads, and what was signed last: two keys in buckets beside the stream.
//!
//! The lease is a key that servers forget [`LASTS`] after it was last written. Who leads writes it anew
//! every [`RENEW`], and stops leading by its own clock [`HELD`] after the last time that this succeeded:
//! before the servers forget it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::jetstream::kv::{self, Store};
use bytes::Bytes;
use futures_util::StreamExt as _;

use super::link::{Link, patiently};
use super::{Failure, Options};

/// How long servers keep a lease that is not renewed.
const LASTS: Duration = Duration::from_secs(6);
/// How long who holds it may rely on it after it was renewed.
const HELD: Duration = Duration::from_secs(4);
/// How often it is renewed, and looked at by others.
const RENEW: Duration = Duration::from_secs(1);
/// The pause before what servers did not take is tried again.
const PAUSE: Duration = Duration::from_millis(200);
/// The keys.
const LEADER: &str = "leader";
const SIGNED: &str = "signed";
const LEFT: &str = "left";

type Calls = Vec<Box<dyn Fn() + Send + Sync>>;

/// The lease and the record, as this node knows them.
pub(super) struct Lease {
    /// Tells this process from any other that calls itself the same.
    id: String,
    state: Mutex<State>,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct State {
    /// Until when this node leads, if nothing happens.
    until: Option<Instant>,
    /// Its revision of the lease.
    revision: u64,
    /// What the node that leads calls itself.
    leader: Option<String>,
    /// When the servers were last heard of the lease.
    looked: Option<Instant>,
    /// Whether this node stands for it no more.
    resigned: bool,
    signed: Option<Vec<u8>>,
    /// The revision of the record; 0 when there is none.
    signed_revision: u64,
}

impl Lease {
    pub(super) fn new(id: String) -> Self {
        Lease {
            id,
            state: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn leads(&self) -> bool {
        self.state()
            .until
            .is_some_and(|until| Instant::now() < until)
    }

    /// Who leads, as far as that was heard of lately.
    pub(super) fn leader(&self) -> Option<String> {
        let state = self.state();
        let lately = state.looked.is_some_and(|looked| looked.elapsed() < LASTS);
        state.leader.clone().filter(|_| lately)
    }

    /// Stands for the lease no more, and gives it up.
    pub(super) fn resign(&self) {
        let mut state = self.state();
        state.resigned = true;
        state.until = None;
    }

    pub(super) fn signed(&self) -> Option<Vec<u8>> {
        self.state().signed.clone()
    }

    pub(super) fn on_change(&self, call: Box<dyn Fn() + Send + Sync>) {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
    }

    pub(super) fn changed(&self) {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().for_each(|call| call());
    }

    /// Reads the record for a start.
    ///
    /// # Errors
    /// When the stream was left for a journal that goes on elsewhere.
    pub(super) async fn load(&self, record: &Store) -> Result<(), Failure> {
        let unreachable = |error: kv::EntryError| Failure::Unreachable(error.to_string());
        if let Some(left) = record.entry(LEFT).await.map_err(unreachable)? {
            let by = String::from_utf8_lossy(&left.value).into_owned();
            return Err(Failure::Left(by));
        }
        let entry = record.entry(SIGNED).await.map_err(unreachable)?;
        if let Some(entry) = entry {
            self.note(entry.value.to_vec(), entry.revision);
        }
        Ok(())
    }

    fn note(&self, note: Vec<u8>, revision: u64) {
        let mut state = self.state();
        if revision > state.signed_revision {
            (state.signed, state.signed_revision) = (Some(note), revision);
        }
    }

    /// Moves the record on. While servers fail over it is tried again, for as long as this node leads.
    pub(super) async fn sign(&self, record: &Store, note: &[u8]) -> io::Result<()> {
        let value = Bytes::copy_from_slice(note);
        loop {
            if !self.leads() {
                return Err(io::Error::other("this node does not lead any more"));
            }
            let revision = self.state().signed_revision;
            let failed = match record.update(SIGNED, value.clone(), revision).await {
                Ok(revision) => {
                    self.note(note.to_vec(), revision);
                    return Ok(());
                }
                Err(error) => error,
            };
            // An answer may have been lost, and the record be moved on all the same; or by another node.
            if let Ok(Some(entry)) = record.entry(SIGNED).await
                && entry.revision != revision
            {
                let mine = entry.value == note;
                self.note(entry.value.to_vec(), entry.revision);
                return if mine {
                    Ok(())
                } else {
                    Err(io::Error::other(failed))
                };
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Keeps the lease, or waits for it, for as long as the journal is open. `ready` says whether this
    /// node has caught up: before, it does not lead.
    pub(super) async fn keep(
        self: Arc<Self>,
        lease: Store,
        name: String,
        ready: impl Fn() -> bool,
    ) {
        loop {
            let asked = Instant::now();
            let before = (self.leads(), self.leader());
            let ready = ready();
            let resigned = self.state().resigned;
            let held = if resigned {
                self.give_up(&lease).await
            } else {
                self.try_hold(&lease, &name, ready).await
            };
            {
                let mut state = self.state();
                if held.is_some() {
                    state.looked = Some(asked);
                }
                match held {
                    Some(true) if !state.resigned => {
                        state.until = Some(asked + HELD);
                        state.leader = Some(name.clone());
                    }
                    Some(_) => state.until = None,
                    // The servers do not answer: it runs out by itself.
                    None => {}
                }
            }
            if before != (self.leads(), self.leader()) {
                self.changed();
            }
            tokio::time::sleep(RENEW).await;
        }
    }

    /// Gives the lease up, if this node has it, and looks who leads.
    async fn give_up(&self, lease: &Store) -> Option<bool> {
        let revision = std::mem::take(&mut self.state().revision);
        if revision > 0 {
            drop(lease.delete_expect_revision(LEADER, Some(revision)).await);
        }
        let entry = lease.entry(LEADER).await.ok()?;
        let entry = entry.filter(|entry| entry.operation == kv::Operation::Put);
        let leader = entry.map(|entry| String::from_utf8_lossy(&entry.value).into_owned());
        self.state().leader = leader.map(|leader| url_of(&leader).to_owned());
        Some(false)
    }

    /// Renews the lease, or takes it when nobody has it.
    async fn try_hold(&self, lease: &Store, name: &str, ready: bool) -> Option<bool> {
        let value = Bytes::from(format!("{} {name}", self.id));
        let leads = self.leads();
        let revision = self.state().revision;
        if leads {
            if let Ok(revision) = lease.update(LEADER, value.clone(), revision).await {
                self.state().revision = revision;
                return Some(true);
            }
            // An answer may have been lost, and it be renewed all the same.
            let entry = lease.entry(LEADER).await.ok()?;
            let mine = entry.filter(|entry| entry.value == value && entry.revision > revision);
            if let Some(entry) = &mine {
                self.state().revision = entry.revision;
            }
            return Some(mine.is_some());
        }
        let entry = lease.entry(LEADER).await.ok()?;
        let gone = |entry: &kv::Entry| entry.operation != kv::Operation::Put;
        if let Some(entry) = entry.filter(|entry| !gone(entry)) {
            let leader = String::from_utf8_lossy(&entry.value).into_owned();
            self.state().leader = Some(url_of(&leader).to_owned());
            return Some(false);
        }
        self.state().leader = None;
        if !ready {
            return Some(false);
        }
        let revision = lease.create(LEADER, value).await.ok()?;
        self.state().revision = revision;
        Some(true)
    }

    /// Follows the record, for as long as the journal is open.
    pub(super) async fn watch(self: Arc<Self>, record: Store) {
        loop {
            if let Ok(mut watch) = record.watch_with_history(SIGNED).await {
                while let Some(Ok(entry)) = watch.next().await {
                    self.note(entry.value.to_vec(), entry.revision);
                    self.changed();
                }
            }
            tokio::time::sleep(RENEW).await;
        }
    }
}

/// Marks a stream as left, if nobody leads: no node signs on it any more.
pub(super) async fn leave(lease: &Store, record: &Store, by: &str) -> Result<(), Failure> {
    let unreachable = |error: kv::EntryError| Failure::Unreachable(error.to_string());
    let entry = lease.entry(LEADER).await.map_err(unreachable)?;
    if let Some(entry) = entry.filter(|entry| entry.operation == kv::Operation::Put) {
        let leader = String::from_utf8_lossy(&entry.value).into_owned();
        return Err(Failure::Led(url_of(&leader).to_owned()));
    }
    let marked = record
        .put(LEFT, Bytes::copy_from_slice(by.as_bytes()))
        .await;
    marked.map_err(|error| Failure::NoQuorum(error.to_string()))?;
    Ok(())
}

/// What the node that holds a lease calls itself.
fn url_of(value: &str) -> &str {
    value.split_once(' ').map_or(value, |(_, url)| url)
}

/// The buckets of the lease and of the record.
pub(super) async fn buckets(link: &Link, options: &Options) -> Result<(Store, Store), Failure> {
    let lease = kv::Config {
        bucket: format!("{}-lease", link.subject),
        max_age: LASTS,
        num_replicas: options.replicas,
        history: 1,
        ..kv::Config::default()
    };
    let record = kv::Config {
        bucket: format!("{}-signed", link.subject),
        num_replicas: options.replicas,
        history: 1,
        ..kv::Config::default()
    };
    let lease = patiently(options.wait, || open(link, &lease)).await?;
    let record = patiently(options.wait, || open(link, &record)).await?;
    Ok((lease, record))
}

async fn open(link: &Link, config: &kv::Config) -> Result<Store, Failure> {
    if let Ok(store) = link.context.get_key_value(&config.bucket).await {
        return Ok(store);
    }
    // One that is there stays as it is.
    let made = link.context.create_key_value(config.clone()).await;
    made.map_err(|error| Failure::Unreachable(format!("bucket {}: {error}", config.bucket)))
}
