//! Delivering while a node is served: a task for each webhook, so that one that is slow or fails
//! holds up no other.
//!
//! A task reads changes as they come and lets them wait in the database; what waits is sent when it
//! is due, one message after the other. While an endpoint fails, its task pauses longer and longer
//! between tries, up to a minute, and takes in no more changes than [`MOST_WAITING`]: the feed keeps
//! the rest.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use node::Node;
use node::act::happenings::Happening;
use node::model::Webhook;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;

use super::deliveries::{Dead, State, Waiting};
use super::key::Secret;
use super::send::{Message, Sent};
use super::{Error, Standing, Webhooks, message};
use crate::http::stopped;

/// Messages of one webhook that wait at most.
const MOST_WAITING: usize = 1000;
/// Changes taken in at once.
const PAGE: usize = 100;
/// How long changes are gathered before they are read.
const GATHER: Duration = Duration::from_millis(50);
/// The longest pause between two tries of an endpoint that fails.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long to wait when the node's own state cannot be read.
const LATER: Duration = Duration::from_secs(5);
/// Messages on their way at a time, each to another endpoint.
const AT_ONCE: usize = 256;
/// And to endpoints that failed last time, so that those never take the place of others.
const AT_ONCE_FAILING: usize = 64;

/// How often a node that follows looks whether it leads.
const LOOK: Duration = Duration::from_secs(1);
/// What a 410 means.
pub(super) const GONE: &str = "the endpoint answered 410: messages are not wanted there any more";

/// Delivers until `stopping` turns true; then it ends at once, and what was on its way is sent again
/// at the next start.
pub(crate) async fn run(webhooks: Arc<Webhooks>, node: Arc<Node>, stopping: watch::Receiver<bool>) {
    let mut written = node.watch();
    let places = Arc::new(Places {
        working: Semaphore::new(AT_ONCE),
        failing: Semaphore::new(AT_ONCE_FAILING),
    });
    let mut tasks: JoinSet<String> = JoinSet::new();
    let mut running = HashSet::new();
    loop {
        written.mark_unchanged();
        let wanted: HashSet<String> = node.directory().webhooks().map(|w| w.id.clone()).collect();
        // Of one that was removed while nobody delivered, the state is still there.
        let left = webhooks.deliveries.known().unwrap_or_default();
        // Where a journal is shared, whoever leads delivers.
        let leads = node.leads();
        for id in left.iter().chain(&wanted).filter(|_| leads) {
            if running.insert(id.clone()) {
                let task = Task::new(&webhooks, &node, &places, id);
                tasks.spawn(task.run(stopping.clone()));
            }
        }
        tokio::select! {
            // First, or what ends because the node stops would be started again.
            biased;
            () = stopped(&stopping) => break,
            changed = written.changed() => {
                if changed.is_err() {
                    break;
                }
                tokio::time::sleep(GATHER).await;
            }
            () = tokio::time::sleep(LOOK), if !leads => {}
            Some(ended) = tasks.join_next() => {
                if let Ok(id) = ended {
                    running.remove(&id);
                }
            }
        }
    }
    while tasks.join_next().await.is_some() {}
    if let Err(error) = webhooks.deliveries.make_durable() {
        tracing::warn!("{error}; some messages may be sent once more");
    }
}

struct Places {
    working: Semaphore,
    failing: Semaphore,
}

/// What is to be done next for a webhook.
enum Plan {
    /// Send this message, which waited.
    Send(Waiting, Message, Secret),
    /// Look again at once.
    Again,
    /// Wait for something to change, or until an instant in microseconds.
    Wait(Option<i64>),
    /// It is not wanted any more.
    End,
}

/// The task of one webhook.
struct Task {
    webhooks: Arc<Webhooks>,
    node: Arc<Node>,
    places: Arc<Places>,
    id: String,
    /// Up to where the feed was read; the database may be behind, where there was nothing to tell.
    cursor: Option<i64>,
    /// Failures since the last success.
    failures: u32,
    /// Before this instant nothing is tried.
    not_before: i64,
}

impl Task {
    fn new(webhooks: &Arc<Webhooks>, node: &Arc<Node>, places: &Arc<Places>, id: &str) -> Self {
        Task {
            webhooks: Arc::clone(webhooks),
            node: Arc::clone(node),
            places: Arc::clone(places),
            id: id.to_owned(),
            cursor: None,
            failures: 0,
            not_before: 0,
        }
    }

    /// Follows the feed until the webhook is removed or the node stops; gives its id back.
    async fn run(mut self, stopping: watch::Receiver<bool>) -> String {
        let id = self.id.clone();
        let mut written = self.node.watch();
        let mut stirred = self.webhooks.stirred.subscribe();
        loop {
            written.mark_unchanged();
            stirred.mark_unchanged();
            if !self.node.leads() {
                return id;
            }
            let planned = tokio::task::spawn_blocking(move || {
                let plan = self.plan();
                (self, plan)
            });
            let Ok((task, plan)) = planned.await else {
                return id;
            };
            self = task;
            let until = match plan {
                Ok(Plan::Again) => continue,
                Ok(Plan::End) => return id,
                Ok(Plan::Wait(until)) => until,
                Ok(Plan::Send(waiting, message, secret)) => {
                    let sent = tokio::select! {
                        biased;
                        () = stopped(&stopping) => return id,
                        sent = self.send(message, secret) => sent,
                    };
                    self = match self.record(waiting, sent).await {
                        Some(task) => task,
                        None => return id,
                    };
                    continue;
                }
                Err(error) => {
                    tracing::warn!("webhook {id}: {error}");
                    Some(self.after(LATER))
                }
            };
            let wait = until.map(|at| u64::try_from(at - self.node.now().0).unwrap_or(0));
            tokio::select! {
                changed = written.changed() => {
                    if changed.is_err() {
                        return id;
                    }
                    tokio::time::sleep(GATHER).await;
                }
                _ = stirred.changed() => self.not_before = 0,
                () = tokio::time::sleep(Duration::from_micros(wait.unwrap_or(0))), if wait.is_some() => {}
                () = stopped(&stopping) => return id,
            }
        }
    }

    fn plan(&mut self) -> Result<Plan, Error> {
        let directory = self.node.directory();
        let Some(webhook) = directory.webhook(&self.id) else {
            self.webhooks.deliveries.forget(&self.id)?;
            return Ok(Plan::End);
        };
        let state = self.webhooks.deliveries.state(&self.id)?;
        let standing = match self.webhooks.standing(&self.node, webhook, &state) {
            Ok(standing) => standing,
            Err(reason) => {
                tracing::debug!("webhook {}: {reason}", self.id);
                return Ok(Plan::Wait(None));
            }
        };
        let now = self.node.now().0;
        let next = self.webhooks.deliveries.next(&self.id)?;
        let due = next.map(|next| next.due.max(self.not_before));
        if let (Some(next), Some(due)) = (next, due)
            && due <= now
        {
            return self.message(webhook, standing, next);
        }
        if state.waiting < MOST_WAITING && self.take_in(webhook, standing, &state)? {
            return Ok(Plan::Again);
        }
        Ok(Plan::Wait(due))
    }

    /// The message about the change at a place, as its party may see it now; what it may not see any
    /// more, or what is gone, is not sent.
    fn message(
        &self,
        webhook: &Webhook,
        standing: Standing,
        waiting: Waiting,
    ) -> Result<Plan, Error> {
        let at = waiting.at;
        let mut wanted = standing.wanted;
        (wanted.since.after, wanted.until) = (Some(at - 1), Some(at));
        let (found, _) = self.node.happenings(&standing.caller, &wanted)?;
        let Some(happening) = found.first().filter(|one| one.at() == at) else {
            self.webhooks.deliveries.done(&self.id, waiting, None)?;
            return Ok(Plan::Again);
        };
        let message = message::of(&self.node, webhook, happening)
            .map_err(|error| node::Error::Storage(error.to_string()))?;
        Ok(Plan::Send(waiting, message, standing.secret))
    }

    /// Takes new changes in; whether there were any.
    fn take_in(
        &mut self,
        webhook: &Webhook,
        standing: Standing,
        state: &State,
    ) -> Result<bool, Error> {
        let kept = state.cursor.unwrap_or(webhook.since.0);
        let after = self.cursor.map_or(kept, |read| read.max(kept));
        // Asked before the page is read: what is written meanwhile comes after it.
        let reached = self.node.reached()?;
        let mut wanted = standing.wanted;
        wanted.since.after = Some(after);
        wanted.since.limit = PAGE.min(MOST_WAITING.saturating_sub(state.waiting));
        let (found, more) = self.node.happenings(&standing.caller, &wanted)?;
        let places: Vec<i64> = found.iter().map(Happening::at).collect();
        if let Some(last) = places.last() {
            self.webhooks
                .deliveries
                .take_in(&self.id, &places, self.node.now().0)?;
            self.cursor = Some(*last);
            return Ok(true);
        }
        self.cursor = Some(after.max(reached.0));
        Ok(more)
    }

    /// Sends a message from a thread of its own: when the node stops, nobody has to wait for it.
    async fn send(&self, message: Message, secret: Secret) -> Sent {
        let places = if self.failures == 0 {
            &self.places.working
        } else {
            &self.places.failing
        };
        let place = places.acquire().await;
        let sender = self.webhooks.sender.clone();
        let timestamp = self.node.now().0 / 1_000_000;
        let (tell, told) = oneshot::channel();
        let thread = std::thread::Builder::new().name("webhook".into());
        let spawned =
            thread.spawn(move || drop(tell.send(sender.send(&message, &secret, timestamp))));
        let sent = match spawned {
            Ok(_) => told.await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        drop(place);
        sent.unwrap_or_else(|error| Sent::Failed(format!("it could not be sent: {error}")))
    }

    /// Writes down what became of a try.
    async fn record(mut self, waiting: Waiting, sent: Sent) -> Option<Self> {
        let recorded = tokio::task::spawn_blocking(move || {
            let done = self.note(waiting, sent);
            (self, done)
        });
        let (mut task, done) = recorded.await.ok()?;
        if let Err(error) = done {
            tracing::warn!("webhook {}: {error}", task.id);
            task.not_before = task.after(LATER);
        }
        Some(task)
    }

    fn note(&mut self, waiting: Waiting, sent: Sent) -> Result<(), Error> {
        let deliveries = &self.webhooks.deliveries;
        let now = self.node.now().0;
        let reason = match sent {
            Sent::Taken => {
                (self.failures, self.not_before) = (0, 0);
                return Ok(deliveries.done(&self.id, waiting, Some(now))?);
            }
            Sent::Gone => return Ok(deliveries.disable(&self.id, GONE)?),
            Sent::Failed(reason) => reason,
        };
        self.failures = self.failures.saturating_add(1);
        let first = self.webhooks.retries.first().copied().unwrap_or_default();
        self.not_before = self.after(first.saturating_mul(self.failures).min(LONGEST_PAUSE));
        let tries = waiting.tries.saturating_add(1);
        let retry = self.webhooks.retries.get(waiting.tries as usize);
        let again = retry.map(|wait| Waiting {
            at: waiting.at,
            due: self.after(with_jitter(*wait)),
            tries,
        });
        let dead = Dead {
            tries,
            at: now,
            reason,
        };
        Ok(deliveries.failed(&self.id, waiting, again, &dead)?)
    }

    /// An instant so much later than now.
    fn after(&self, wait: Duration) -> i64 {
        let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        self.node.now().0.saturating_add(wait)
    }
}

/// Up to a tenth more, so that what failed together does not come back together.
pub(crate) fn with_jitter(wait: Duration) -> Duration {
    let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
    let most = u64::try_from(wait.as_micros() / 10).unwrap_or(u64::MAX);
    wait + Duration::from_micros(random % most.max(1))
}
