//! Webhooks: a party's URL is told of each change that the party may see, by a signed message of its
//! own, as the Standard Webhooks specification says.
//!
//! The feed of changes is the queue. Of each webhook a cursor, the places of changes that wait to be
//! sent again, and those that were given up are kept ([`deliveries`]); a message is made when it is
//! sent, for who the policy says its party is then. A message is sent at least once, with the same
//! id each time. Order is that of the feed as long as nothing fails.

pub(crate) mod address;
mod deliver;
mod deliveries;
mod key;
mod message;
mod send;

use std::path::Path;
use std::time::Duration;

use node::act::changes::Since;
use node::act::happenings::{About, Wanted};
use node::act::webhooks::{NewWebhook as New, new_webhook_id};
use node::model::Webhook;
use node::{Caller, Node};
use tokio::sync::watch;

pub(crate) use deliver::{run, with_jitter};
use deliveries::{Deliveries, State};
use key::{KeyFile, Secret};
use send::{Sender, Sent};

use crate::present::webhook::{self as shown, Chosen, Made, NewWebhook, Tried};

/// How webhooks are delivered.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Whether plain HTTP will do, and addresses that are not public.
    pub(crate) private: bool,
    /// How long to wait after each try that failed; after the last a message is given up.
    pub(crate) retries: Vec<Duration>,
}

impl Default for Options {
    /// To the public Internet alone, with the retries that the specification proposes: after 5
    /// seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours.
    fn default() -> Self {
        const SECONDS: [u64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
        Options {
            private: false,
            retries: SECONDS.map(Duration::from_secs).to_vec(),
        }
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The node refuses it.
    #[error(transparent)]
    Node(#[from] node::Error),
    /// The state of deliveries could not be read or written.
    #[error(transparent)]
    Deliveries(#[from] deliveries::Error),
    /// The key could be neither read nor made.
    #[error("webhooks.key: {0}")]
    Key(#[from] std::io::Error),
}

impl From<Error> for node::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Node(error) => error,
            other => node::Error::Storage(other.to_string()),
        }
    }
}

/// The webhooks of a data directory.
pub(crate) struct Webhooks {
    key: KeyFile,
    deliveries: Deliveries,
    sender: Sender,
    retries: Vec<Duration>,
    /// Changes when an owner changed what is to be sent.
    stirred: watch::Sender<u64>,
}

impl Webhooks {
    /// Opens what is kept in a data directory.
    ///
    /// # Errors
    /// When the state of deliveries can be neither read nor made anew.
    pub(crate) fn open(data: &Path, options: Options) -> Result<Self, Error> {
        Ok(Webhooks {
            key: KeyFile::of(data),
            deliveries: Deliveries::open(data)?,
            sender: Sender::new(options.private),
            retries: options.retries,
            stirred: watch::Sender::new(0),
        })
    }

    /// Makes a webhook. Looks its host up, so it blocks.
    ///
    /// # Errors
    /// [`node::Error::Invalid`] for a URL that is not sent to; as [`Node::add_webhook`].
    pub(crate) fn prepare(&self, new: NewWebhook) -> Result<(New, String), Error> {
        let since = new.since()?;
        self.sender.check(&new.url).map_err(node::Error::Invalid)?;
        let id = new_webhook_id();
        let secret = self.key.new_secret(&id)?;
        let wanted = New {
            id,
            url: new.url,
            collections: new.collections,
            objects: new.objects,
            secret_hash: secret.hash(),
            since,
            about: new.about,
        };
        Ok((wanted, secret.text()))
    }

    /// A webhook that was just made, with its secret, which is shown this once.
    pub(crate) fn made(&self, node: &Node, made: &Webhook, secret: String) -> Result<Made, Error> {
        let webhook = self.shown(node, made)?;
        Ok(Made { webhook, secret })
    }

    /// The webhooks that a caller may see.
    pub(crate) fn list(&self, node: &Node, caller: &Caller) -> Result<shown::Webhooks, Error> {
        let own = node.webhooks(caller)?;
        let webhooks = own.iter().map(|webhook| self.shown(node, webhook));
        Ok(shown::Webhooks {
            webhooks: webhooks.collect::<Result<_, _>>()?,
        })
    }

    /// One of them.
    pub(crate) fn get(
        &self,
        node: &Node,
        caller: &Caller,
        id: &str,
    ) -> Result<shown::Webhook, Error> {
        self.shown(node, &node.webhook(caller, id)?)
    }

    /// The messages of a webhook that were given up.
    pub(crate) fn dead(
        &self,
        node: &Node,
        caller: &Caller,
        id: &str,
    ) -> Result<shown::Dead, Error> {
        let webhook = node.webhook(caller, id)?;
        let dead = self.deliveries.dead(&webhook.id)?;
        let each = dead.iter().map(|(at, dead)| shown::DeadMessage {
            message: message::id(&webhook, *at),
            change: crate::present::changes::cursor(*at),
            tries: dead.tries,
            given_up: crate::present::time(dead.at),
            reason: dead.reason.clone(),
        });
        Ok(shown::Dead {
            messages: each.collect(),
        })
    }

    /// Sends again what was given up, all of it or one message, and lets a webhook that was disabled
    /// go on.
    pub(crate) fn retry(
        &self,
        node: &Node,
        caller: &Caller,
        id: &str,
        chosen: &Chosen,
    ) -> Result<shown::Count, Error> {
        let webhook = node.webhook(caller, id)?;
        let one = place(&webhook, chosen)?;
        let messages = self.deliveries.revive(&webhook.id, one, node.now().0)?;
        self.stirred.send_modify(|stirred| *stirred += 1);
        counted(messages, one)
    }

    /// Forgets what was given up, all of it or one message.
    pub(crate) fn discard(
        &self,
        node: &Node,
        caller: &Caller,
        id: &str,
        chosen: &Chosen,
    ) -> Result<shown::Count, Error> {
        let webhook = node.webhook(caller, id)?;
        let one = place(&webhook, chosen)?;
        let messages = self.deliveries.discard(&webhook.id, one)?;
        counted(messages, one)
    }

    /// Sends a message of the type `webhook.test` once, and tells what became of it. Blocks for up to
    /// 15 seconds.
    pub(crate) fn test(&self, node: &Node, caller: &Caller, id: &str) -> Result<Tried, Error> {
        let webhook = node.webhook(caller, id)?;
        let sent = match self.key.secret(&webhook) {
            Ok(secret) => {
                let (message, now) = (message::test(&webhook, node.now()), node.now());
                self.sender.send(&message, &secret, now.0 / 1_000_000)
            }
            Err(reason) => Sent::Failed(reason),
        };
        Ok(Tried {
            taken: sent == Sent::Taken,
            reason: match sent {
                Sent::Taken => None,
                Sent::Gone => Some(deliver::GONE.into()),
                Sent::Failed(reason) => Some(reason),
            },
        })
    }

    fn shown(&self, node: &Node, webhook: &Webhook) -> Result<shown::Webhook, Error> {
        let state = self.deliveries.state(&webhook.id)?;
        let standing = self.standing(node, webhook, &state).map(drop);
        let last_failed = state.last_failure.as_ref().map(|(at, _)| *at);
        let failing = state.waiting > 0 && last_failed > state.last_success;
        let (word, reason) = match standing {
            Ok(()) if failing => (
                "failing",
                state.last_failure.as_ref().map(|(_, why)| why.clone()),
            ),
            Ok(()) => ("active", None),
            Err(reason) if state.disabled.is_some() => ("disabled", Some(reason)),
            Err(reason) => ("stopped", Some(reason)),
        };
        let directory = node.directory();
        let alias = |id: &String| {
            let known = directory.collection(id);
            known
                .map_or(id, |(_, collection)| &collection.alias)
                .clone()
        };
        Ok(shown::Webhook {
            id: webhook.id.clone(),
            url: webhook.url.clone(),
            party: webhook.party.clone(),
            account: webhook.account.clone(),
            collections: webhook.collections.iter().map(alias).collect(),
            objects: webhook.objects,
            since: crate::present::time(webhook.since.0),
            about: if webhook.about.is_empty() {
                vec![About::Signals]
            } else {
                webhook.about.clone()
            },
            state: word.into(),
            reason,
            waiting: state.waiting,
            dead: state.dead,
            delivered: state.delivered,
            last_success: state.last_success.map(crate::present::time),
            last_failure: state.last_failure.map(|(at, _)| crate::present::time(at)),
        })
    }

    /// What a webhook is told of now, on whose behalf, and the secret it is signed with.
    ///
    /// # Errors
    /// Why it is told nothing.
    fn standing(&self, node: &Node, webhook: &Webhook, state: &State) -> Result<Standing, String> {
        if let Some(reason) = &state.disabled {
            return Err(reason.clone());
        }
        let caller = node
            .subscriber(webhook)
            .map_err(|refusal| refusal.to_string())?;
        let readable = |id: &&String| node.collection(&caller, id).is_ok_and(|c| c.access.read);
        let collections: Vec<String> = webhook
            .collections
            .iter()
            .filter(readable)
            .cloned()
            .collect();
        // None of those it is about would mean all.
        if collections.is_empty() && !webhook.collections.is_empty() {
            return Err("its party may not read the collections it is about any more".into());
        }
        let secret = self.key.secret(webhook)?;
        let wanted = Wanted {
            about: webhook.about.clone(),
            since: Since {
                after: None,
                collections,
                limit: 1,
            },
            until: None,
        };
        Ok(Standing {
            caller,
            wanted,
            secret,
        })
    }
}

/// On whose behalf, what, and signed with what.
struct Standing {
    caller: Caller,
    wanted: Wanted,
    secret: Secret,
}

/// The place of a message that was named.
fn place(webhook: &Webhook, chosen: &Chosen) -> Result<Option<i64>, node::Error> {
    let place = |id: &String| message::place(webhook, id).ok_or(node::Error::NotFound("message"));
    chosen.message.as_ref().map(place).transpose()
}

fn counted(messages: usize, one: Option<i64>) -> Result<shown::Count, Error> {
    if one.is_some() && messages == 0 {
        return Err(node::Error::NotFound("message").into());
    }
    Ok(shown::Count { messages })
}
