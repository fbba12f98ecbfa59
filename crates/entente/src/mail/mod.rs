//! Mail: morning briefings and weekly digests for whoever asked for them and confirmed it.
//!
//! A digest that is due is written down before it is sent, in one transaction with the place up to
//! which was told; it is composed anew at each try, for who the policy says its subscriber is then.
//! What the server took is struck out before the next is sent. A crash in between sends one message
//! again, under the same Message-ID, by which mail programs show it once; none is lost.

mod calendars;
mod digest;
mod gather;
mod link;
mod message;
mod run;
mod schedule;
mod server;
mod store;
mod taken;
mod throttle;
mod topics;

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use node::clock::{DAY, Instant};
use node::{Caller, Node};
use tokio::sync::watch;

pub(crate) use digest::Composed;
pub(crate) use link::Purpose;
pub(crate) use run::run;
pub(crate) use schedule::{MORNING, Schedule};
pub(crate) use server::{Server, Wanted as WantedServer};
pub(crate) use store::{Counts, Store, Subscription};
pub(crate) use topics::Wanted;

use calendars::Calendar;
use gather::{Scope, gather};
use link::Links;
use store::{Account, PENDING};
use taken::Taken;
use throttle::Throttle;

use crate::present::mail::{DueDone, NewSubscription, Tried};

/// How mail is sent.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Where to; without one nothing is sent, and nobody can subscribe.
    pub(crate) server: Option<Server>,
    /// Messages within a minute at most.
    pub(crate) per_minute: u32,
    /// How long to wait after each try that failed; after the last a message is given up.
    pub(crate) retries: Vec<Duration>,
    /// The node's URL in links, without a slash at its end.
    pub(crate) url: String,
}

impl Default for Options {
    /// Without a server; 60 a minute; tried again after 1, 5 and 15 minutes, 1, 4, 12, 24 and 48 hours.
    fn default() -> Self {
        const SECONDS: [u64; 8] = [60, 300, 900, 3600, 14_400, 43_200, 86_400, 172_800];
        Options {
            server: None,
            per_minute: 60,
            retries: SECONDS.map(Duration::from_secs).to_vec(),
            url: String::new(),
        }
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The node refuses it.
    #[error(transparent)]
    Node(#[from] node::Error),
    /// Who wants mail could not be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The key, or the list of what was taken, could be neither read nor made.
    #[error("mail: {0}")]
    Key(#[from] std::io::Error),
    /// No message could be made.
    #[error("{0}")]
    Message(String),
}

impl From<Error> for node::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Node(error) => error,
            other => node::Error::Storage(other.to_string()),
        }
    }
}

/// The mail of a data directory.
pub(crate) struct Mail {
    store: Store,
    taken: Taken,
    links: Links,
    options: Options,
    throttle: Throttle,
    /// One message at a time: held while it is sent and struck out.
    working: Mutex<()>,
    /// Changes when there is something new to be sent.
    stirred: watch::Sender<u64>,
}

/// What became of the message that was due first.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Worked {
    Sent,
    /// There was nothing to tell, or nobody to tell it to any more.
    Skipped,
    Failed,
    Stopped,
}

impl Mail {
    /// Opens what is kept in a data directory.
    ///
    /// # Errors
    /// When the key or the database can be neither read nor made.
    pub(crate) fn open(data: &Path, options: Options) -> Result<Self, Error> {
        let store = Store::open(data)?;
        let (taken, known) = Taken::open(data)?;
        store.strike(&known)?;
        taken.clear()?;
        Ok(Mail {
            store,
            taken,
            links: Links::open(data)?,
            options,
            throttle: Throttle::default(),
            working: Mutex::default(),
            stirred: watch::Sender::new(0),
        })
    }

    /// Whether this node sends mail.
    pub(crate) fn is_on(&self) -> bool {
        self.options.server.is_some()
    }

    /// Takes a wish for mail; the address's owner has to confirm it. What the answer says is the same
    /// whether the address was known or not, and whether a mail went out.
    ///
    /// # Errors
    /// [`node::Error::Invalid`] for what cannot be subscribed to; [`node::Error::Refused`] for what is
    /// for members; [`node::Error::Limit`] when the source asked too often.
    pub(crate) fn subscribe(
        &self,
        node: &Node,
        caller: &Caller,
        new: &NewSubscription,
        source: Option<IpAddr>,
    ) -> Result<(), Error> {
        self.server()?;
        let invalid = |words: String| Error::Node(node::Error::Invalid(words));
        let address = server::address(&new.address).map_err(invalid)?;
        let topics = new.topics.iter().map(String::as_str);
        let topics = Wanted::parse_all(topics).map_err(invalid)?;
        let schedule = new.schedule().map_err(invalid)?;
        let viewer = node.viewer(caller);
        if topics.iter().any(Wanted::is_for_members) {
            viewer.may_subscribe().map_err(node::Error::from)?;
        }
        for wanted in &topics {
            if let Wanted::Signals(Some(name)) = wanted {
                node.readable(caller, name)?;
            }
        }
        let account = match caller {
            Caller::Anonymous => None,
            member => {
                viewer.may_subscribe().map_err(node::Error::from)?;
                Some(account(member))
            }
        };
        let now = node.now();
        let id = new_id();
        if !source.is_none_or(|source| self.throttle.lets(&id, source, now)) {
            let words = "too many subscriptions were asked for from your network: confirm those \
                         that wait, or try again in an hour";
            return Err(node::Error::Limit(words.into()).into());
        }
        let subscription = Subscription {
            id,
            address: address.to_string(),
            topics: topics.iter().map(Wanted::text).collect(),
            schedule,
            account,
            made: now.0,
            confirmed: None,
            told: now.0,
            due: now.0 + PENDING,
            sent: None,
            stopped: None,
        };
        let asked = self.links.address(&subscription.address);
        if self.store.ask(&subscription, &asked)? {
            self.stir();
        } else {
            self.throttle.settled(&subscription.id);
            tracing::info!("a subscription was not taken: too many of its address, or in all");
        }
        Ok(())
    }

    /// The subscription that a link is about.
    ///
    /// # Errors
    /// [`node::Error::NotFound`] when the link is not one of ours, or it is gone.
    pub(crate) fn linked(&self, purpose: Purpose, token: &str) -> Result<Subscription, Error> {
        let missing = || Error::Node(node::Error::NotFound("subscription"));
        let id = self.links.id(purpose, token).ok_or_else(missing)?;
        self.store.get(id)?.ok_or_else(missing)
    }

    /// Confirms a subscription; gives it and the link by which it is managed.
    ///
    /// # Errors
    /// As [`Mail::linked`].
    pub(crate) fn confirm(
        &self,
        token: &str,
        now: Instant,
    ) -> Result<(Subscription, String), Error> {
        let known = self.linked(Purpose::Confirm, token)?;
        let due = known.schedule.next(now);
        let known = self.store.confirm(&known.id, now.0, due.0)?;
        let known = known.ok_or(node::Error::NotFound("subscription"))?;
        self.throttle.settled(&known.id);
        self.stir();
        let manage = self.manage_url(&known.id);
        Ok((known, manage))
    }

    /// Ends a subscription and forgets its address. A link that is right and whose subscription is gone
    /// already is as good.
    ///
    /// # Errors
    /// [`node::Error::NotFound`] when the link is not one of ours.
    pub(crate) fn unsubscribe(&self, token: &str) -> Result<(), Error> {
        let id = self.links.id(Purpose::Manage, token);
        let id = id.ok_or(node::Error::NotFound("subscription"))?;
        // Not while it is being written to.
        let _working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.forget(id)?;
        self.throttle.settled(id);
        Ok(())
    }

    /// All subscriptions, for who administers.
    ///
    /// # Errors
    /// [`node::Error::Refused`].
    pub(crate) fn list(&self, node: &Node, caller: &Caller) -> Result<Vec<Subscription>, Error> {
        node.viewer(caller)
            .administers()
            .map_err(node::Error::from)?;
        Ok(self.store.all()?)
    }

    /// Removes a subscription, for who administers.
    ///
    /// # Errors
    /// [`node::Error::Refused`], [`node::Error::NotFound`].
    pub(crate) fn remove(&self, node: &Node, caller: &Caller, id: &str) -> Result<(), Error> {
        node.viewer(caller)
            .administers()
            .map_err(node::Error::from)?;
        let known = self.store.forget(id)?;
        known.ok_or(node::Error::NotFound("subscription"))?;
        Ok(())
    }

    /// What a digest of these topics would say now to the caller.
    ///
    /// # Errors
    /// [`node::Error::Invalid`], [`node::Error::Refused`], [`node::Error::Storage`].
    pub(crate) fn preview(
        node: &Node,
        caller: &Caller,
        topics: &[Wanted],
        weekly: bool,
        url: &str,
    ) -> Result<Composed, node::Error> {
        if topics.iter().any(Wanted::is_for_members) {
            node.viewer(caller).may_subscribe()?;
        }
        let until = node.now();
        let days = if weekly { 7 } else { 1 };
        let digest = gather(
            node,
            &Scope {
                caller,
                topics,
                weekly,
                after: Instant(until.0 - days * DAY),
                until,
                day: until.day(),
                url,
                manage: format!("{url}/subscribe"),
            },
        )?;
        Ok(digest.compose())
    }

    /// Sends one message to try the server with, for who administers. Blocks.
    ///
    /// # Errors
    /// [`node::Error::Refused`], [`node::Error::Invalid`].
    pub(crate) fn test(&self, node: &Node, caller: &Caller, to: &str) -> Result<Tried, Error> {
        node.viewer(caller)
            .administers()
            .map_err(node::Error::from)?;
        let server = self.server()?;
        let to = server::address(to).map_err(node::Error::Invalid)?;
        let now = node.now();
        let composed = Composed {
            subject: "A message to try mail with".into(),
            text: format!("The node at {} can send mail.\n", self.options.url),
            html: String::new(),
        };
        let envelope = message::Envelope {
            from: server.from(),
            to: to.as_ref(),
            id: format!("test.{}", now.0),
            now,
            list: ("", ""),
            unsubscribe: None,
        };
        let message = message::build(&envelope, composed).map_err(Error::Message)?;
        Ok(match server.send(&message) {
            server::Sent::Taken => Tried {
                taken: true,
                reason: None,
            },
            server::Sent::Refused(reason) | server::Sent::Failed(reason) => Tried {
                taken: false,
                reason: Some(reason),
            },
        })
    }

    /// Sends everything that is due at a time, for who administers; gives what became of it. Blocks.
    ///
    /// # Errors
    /// [`node::Error::Refused`].
    pub(crate) fn send_due(
        &self,
        node: &Node,
        caller: &Caller,
        at: Option<Instant>,
    ) -> Result<DueDone, Error> {
        node.viewer(caller)
            .administers()
            .map_err(node::Error::from)?;
        self.server()?;
        let at = at.unwrap_or_else(|| node.now());
        let mut done = DueDone::default();
        while let Some(worked) = self.work(node, at)? {
            match worked {
                Worked::Sent => {
                    done.sent += 1;
                    std::thread::sleep(self.pause());
                }
                Worked::Skipped => done.skipped += 1,
                Worked::Failed => done.failed += 1,
                Worked::Stopped => done.stopped += 1,
            }
        }
        done.waiting = self.store.counts()?.waiting;
        Ok(done)
    }

    /// Makes an address for the calendar of the caller's party; gives the last part of it.
    ///
    /// # Errors
    /// [`node::Error::Refused`]; [`node::Error::Conflict`] when there are too many.
    pub(crate) fn new_calendar(&self, node: &Node, caller: &Caller) -> Result<String, Error> {
        node.viewer(caller)
            .may_subscribe()
            .map_err(node::Error::from)?;
        let new = Calendar {
            id: new_id(),
            account: account(caller),
            made: node.now().0,
        };
        if !self.store.put_calendar(&new)? {
            let words = "there are too many addresses of this account: revoke one first";
            return Err(node::Error::Conflict(words.into()).into());
        }
        Ok(self.links.token(Purpose::Calendar, &new.id))
    }

    /// The calendar at an address.
    ///
    /// # Errors
    /// [`node::Error::NotFound`] when it is not one of ours, or revoked.
    pub(crate) fn calendar(&self, token: &str) -> Result<Calendar, Error> {
        let missing = || Error::Node(node::Error::NotFound("calendar"));
        let id = self
            .links
            .id(Purpose::Calendar, token)
            .ok_or_else(missing)?;
        self.store.calendar(id)?.ok_or_else(missing)
    }

    /// The addresses of the caller's calendar.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn calendars(&self, caller: &Caller) -> Result<Vec<Calendar>, Error> {
        match caller {
            Caller::Anonymous => Ok(Vec::new()),
            member => Ok(self.store.calendars(&account(member))?),
        }
    }

    /// Revokes one of them.
    ///
    /// # Errors
    /// [`node::Error::NotFound`].
    pub(crate) fn revoke_calendar(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        if *caller == Caller::Anonymous || !self.store.forget_calendar(&account(caller), id)? {
            return Err(node::Error::NotFound("calendar").into());
        }
        Ok(())
    }

    /// How much there is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn counts(&self) -> Result<Counts, Error> {
        Ok(self.store.counts()?)
    }

    fn server(&self) -> Result<&Server, Error> {
        let words =
            "this node sends no mail: its operator starts it with --smtp-url and --mail-from";
        let off = || Error::Node(node::Error::Conflict(words.into()));
        self.options.server.as_ref().ok_or_else(off)
    }

    fn manage_url(&self, id: &str) -> String {
        let token = self.links.token(Purpose::Manage, id);
        format!("{}/mail/subscription/{token}", self.options.url)
    }

    fn confirm_url(&self, id: &str) -> String {
        let token = self.links.token(Purpose::Confirm, id);
        format!("{}/mail/confirm/{token}", self.options.url)
    }

    /// The pause between two messages.
    fn pause(&self) -> Duration {
        Duration::from_mins(1) / self.options.per_minute.max(1)
    }

    fn stir(&self) {
        self.stirred.send_modify(|stirred| *stirred += 1);
    }
}

/// A random id that fits into an address.
fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The account that a member's digests are written for.
fn account(caller: &Caller) -> Account {
    Account {
        party: caller.party().unwrap_or_default().to_owned(),
        account: caller.account().unwrap_or_default().to_owned(),
        token: match caller {
            Caller::Member(member) => Some(member.token.clone()),
            _ => None,
        },
    }
}
