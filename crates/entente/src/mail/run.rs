//! Sending while a node is served, one message after the other.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use node::clock::Instant;
use node::{Caller, Node, Refusal};
use tokio::sync::watch;

use super::digest::Composed;
use super::gather::{Scope, gather};
use super::message::{Envelope, build};
use super::server::Sent;
use super::store::{Due, Subscription};
use super::{Error, Mail, Server, Wanted, Worked};
use crate::http::stopped;
use crate::webhooks::with_jitter;

/// The longest sleep between two looks at what is due: the clock may be set.
const LONGEST: Duration = Duration::from_mins(1);
/// How long a message that is on its way may take when the node is told to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Sends until `stopping` turns true.
pub(crate) async fn run(mail: Arc<Mail>, node: Arc<Node>, stopping: watch::Receiver<bool>) {
    if !mail.is_on() {
        return;
    }
    let mut stirred = mail.stirred.subscribe();
    loop {
        stirred.mark_unchanged();
        let (sending, at) = (Arc::clone(&mail), Arc::clone(&node));
        let work = tokio::task::spawn_blocking(move || sending.work(&at, at.now()));
        let mut work = std::pin::pin!(work);
        let worked = tokio::select! {
            biased;
            worked = &mut work => worked,
            () = stopped(&stopping) => {
                drop(tokio::time::timeout(FAREWELL, work).await);
                return;
            }
        };
        let idle = matches!(worked, Ok(Ok(None)));
        let wait = match worked {
            Ok(Ok(Some(Worked::Sent))) => mail.pause(),
            Ok(Ok(Some(_))) => Duration::ZERO,
            Ok(Ok(None)) => mail.idle(node.now()),
            Ok(Err(error)) => {
                tracing::warn!("mail: {error}");
                LONGEST
            }
            Err(_) => return,
        };
        tokio::select! {
            () = stopped(&stopping) => return,
            () = tokio::time::sleep(wait) => {}
            _ = stirred.changed(), if idle => {}
        }
    }
}

impl Mail {
    /// Does the next thing that is due at `now`: gives what became of a message, nothing when none is.
    pub(super) fn work(&self, node: &Node, now: Instant) -> Result<Option<Worked>, Error> {
        let _working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let server = self.server()?;
        // What is recorded after this is told next time, also when `now` lies ahead.
        let read_up_to = node.now().min(now);
        self.store.collect(now.0, read_up_to.0, |known| {
            let schedule = &known.schedule;
            (schedule.last(now).0, schedule.next(now).0)
        })?;
        let Some(due) = self.store.next_message(now.0)? else {
            return Ok(None);
        };
        let composed = match due.digest {
            None => Some(self.confirmation(node, &due.subscription)),
            Some(_) => match self.digest(node, &due)? {
                Ok(composed) => composed,
                Err(Refusal::AccountEnded) => {
                    let reason = Refusal::AccountEnded.to_string();
                    self.store.stop(&due, now.0, &reason)?;
                    return Ok(Some(Worked::Stopped));
                }
                Err(_) => None,
            },
        };
        let Some(composed) = composed else {
            self.store.done(&due, None)?;
            return Ok(Some(Worked::Skipped));
        };
        let sent = self.send(node, server, &due, composed);
        self.note(&due, sent, now).map(Some)
    }

    /// Hands a message to the server.
    fn send(&self, node: &Node, server: &Server, due: &Due, composed: Composed) -> Sent {
        let known = &due.subscription;
        let unsubscribe = due.digest.map(|_| self.manage_url(&known.id));
        let id = match due.digest {
            Some(digest) => format!("{}.{}", known.id, digest / 1_000_000),
            None => format!("{}.confirm", known.id),
        };
        let directory = node.directory();
        let pledge = directory
            .pledge()
            .map_or("Entente", |pledge| &pledge.short_name);
        let (name, list) = if known.schedule.is_weekly() {
            ("weekly digest", "weekly")
        } else {
            ("morning briefing", "briefing")
        };
        let name = format!("{pledge} {name}");
        let envelope = Envelope {
            from: server.from(),
            to: &known.address,
            id,
            now: node.now(),
            list: (&name, list),
            unsubscribe,
        };
        match build(&envelope, composed) {
            Ok(message) => server.send(&message),
            Err(error) => Sent::Failed(error),
        }
    }

    /// Writes down what became of a try.
    fn note(&self, due: &Due, sent: Sent, now: Instant) -> Result<Worked, Error> {
        let id = &due.subscription.id;
        match sent {
            Sent::Taken => {
                if let Err(error) = self.taken.note(id, due.digest.unwrap_or(0)) {
                    tracing::warn!("mail.taken: {error}");
                }
                self.store.done(due, Some(now.0))?;
                self.taken.clear()?;
                Ok(Worked::Sent)
            }
            Sent::Refused(reason) => {
                tracing::info!("subscription {id} is stopped: {reason}");
                self.store.stop(due, now.0, &reason)?;
                Ok(Worked::Stopped)
            }
            Sent::Failed(reason) => {
                tracing::warn!("a message of subscription {id} was not sent: {reason}");
                let Some(wait) = self.options.retries.get(due.waiting.tries as usize) else {
                    tracing::warn!("it is given up");
                    self.store.done(due, None)?;
                    return Ok(Worked::Stopped);
                };
                let wait = i64::try_from(with_jitter(*wait).as_micros()).unwrap_or(i64::MAX);
                self.store
                    .failed(due, now.0.saturating_add(wait), &reason)?;
                Ok(Worked::Failed)
            }
        }
    }

    /// A digest as its subscriber may see it now; nothing when there is nothing new, or why it is told
    /// nothing any more.
    fn digest(&self, node: &Node, due: &Due) -> Result<Result<Option<Composed>, Refusal>, Error> {
        let known = &due.subscription;
        let caller = match &known.account {
            None => Caller::Anonymous,
            Some(account) => match node.subscriber(account.subscriber()) {
                Ok(caller) => caller,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        let topics = Wanted::parse_all(known.topics.iter().map(String::as_str));
        // Written by a newer build, it waits for one.
        let topics = topics.map_err(Error::Message)?;
        let scheduled = Instant(due.digest.unwrap_or(due.waiting.until));
        let digest = gather(
            node,
            &Scope {
                caller: &caller,
                topics: &topics,
                weekly: known.schedule.is_weekly(),
                after: Instant(due.waiting.after),
                until: Instant(due.waiting.until),
                day: known.schedule.day(scheduled),
                url: &self.options.url,
                manage: self.manage_url(&known.id),
            },
        )?;
        Ok(Ok((!digest.is_empty()).then(|| digest.compose())))
    }

    /// Asks the address's owner whether it is wanted.
    fn confirmation(&self, node: &Node, known: &Subscription) -> Composed {
        let directory = node.directory();
        let pledge = directory
            .pledge()
            .map_or("Entente", |pledge| &pledge.short_name);
        let topics = Wanted::parse_all(known.topics.iter().map(String::as_str));
        let topics: Vec<String> = topics
            .unwrap_or_default()
            .iter()
            .map(Wanted::label)
            .collect();
        let name = if known.schedule.is_weekly() {
            "weekly digest"
        } else {
            "morning briefing"
        };
        let text = format!(
            "Somebody asked for the {name} of {pledge} on Entente ({home}) at this address: {topics}; \
             {when}.\n\nIf that was you, open this page and confirm it within 48 hours:\n\n{link}\n\n\
             If it was not you, do nothing: nothing will be sent, and this address is forgotten.\n",
            home = self.options.url,
            topics = topics.join(", "),
            when = known.schedule.words(),
            link = self.confirm_url(&known.id),
        );
        Composed {
            subject: format!("Confirm the {name} of {pledge}"),
            text,
            html: String::new(),
        }
    }

    /// How long nothing is due.
    fn idle(&self, now: Instant) -> Duration {
        let next = self.store.next().ok().flatten();
        let wait = next.map_or(i64::MAX, |next| next.saturating_sub(now.0).max(0));
        let wait = Duration::from_micros(u64::try_from(wait).unwrap_or(0));
        wait.clamp(Duration::from_millis(20), LONGEST)
    }
}
