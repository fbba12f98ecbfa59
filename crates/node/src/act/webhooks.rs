//! Webhooks: where a party wants to be told of changes, and on whose behalf it is told.

use crate::act::Error;
use crate::act::happenings::About;
use crate::batch::fill;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::{self, Act};
use crate::model::Webhook;
use crate::node::Node;
use crate::policy::{Caller, Refusal, Subscriber, Viewer, subscriber};
use journal::Position;

/// Webhooks of one party at most.
const MOST_OF_PARTY: usize = 20;
/// Webhooks of all parties together at most.
const MOST: usize = 1000;

/// A webhook to be made. The node checks who asks and what about; whoever delivers checks the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// Its id, from [`new_webhook_id`]: the secret may be derived from it.
    pub id: String,
    /// Where to send.
    pub url: String,
    /// Ids or aliases of the collections it is about; empty means all that the party may read.
    pub collections: Vec<String>,
    /// Whether messages carry the objects.
    pub objects: bool,
    /// SHA-256 of the secret that messages are signed with.
    pub secret_hash: [u8; 32],
    /// Changes after this instant are told; from now on when absent.
    pub since: Option<Instant>,
    /// What it is told of; signals alone when empty.
    pub about: Vec<About>,
}

/// A new random id for a webhook.
pub fn new_webhook_id() -> String {
    let mut random = [0; 6];
    fill(&mut random);
    let hex = random.iter().map(|byte| format!("{byte:02x}"));
    hex.collect()
}

impl Node {
    /// Makes a webhook for the caller's party. It is told what the caller's token may read, for as
    /// long as that token, or another of its account that may read as much, lives.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] for a collection that the caller may not know of;
    /// [`Error::Conflict`] when there are too many.
    pub async fn add_webhook(&self, caller: &Caller, new: NewWebhook) -> Result<Webhook, Error> {
        self.viewer(caller).may_subscribe()?;
        let mut collections = Vec::new();
        for name in &new.collections {
            let seen = self.collection(caller, name)?;
            self.viewer(caller).may_read(&seen.access)?;
            if !collections.contains(&seen.settings.id) {
                collections.push(seen.settings.id);
            }
        }
        let token = match caller {
            Caller::Member(member) => Some(member.token.clone()),
            _ => None,
        };
        let webhook = Webhook {
            id: new.id,
            party: caller.party().unwrap_or_default().to_owned(),
            account: caller.account().unwrap_or_default().to_owned(),
            token,
            url: new.url,
            collections,
            objects: new.objects,
            secret_hash: new.secret_hash,
            since: new.since.unwrap_or(self.now()),
            about: new.about,
        };
        let (caller_then, made) = (caller.clone(), webhook.clone());
        let decide = move |directory: &Directory, now| {
            Viewer::new(directory, &caller_then, now).may_subscribe()?;
            let of_party = directory.webhooks().filter(|w| w.party == webhook.party);
            if of_party.count() >= MOST_OF_PARTY || directory.webhooks().count() >= MOST {
                return Err(Error::Conflict(format!(
                    "there are too many webhooks: {MOST_OF_PARTY} of a party and {MOST} in all is \
                     the most; remove one first"
                )));
            }
            Ok(vec![Act::Webhook(webhook)])
        };
        self.record(caller, Box::new(decide)).await?;
        Ok(made)
    }

    /// The webhooks of the caller's party; all of them for those who manage the node.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn webhooks(&self, caller: &Caller) -> Result<Vec<Webhook>, Error> {
        let viewer = self.viewer(caller);
        viewer.signed_in()?;
        let directory = self.directory();
        let own = directory
            .webhooks()
            .filter(|w| viewer.keeps_webhooks_of(&w.party));
        Ok(own.cloned().collect())
    }

    /// One of [`Node::webhooks`].
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`].
    pub fn webhook(&self, caller: &Caller, id: &str) -> Result<Webhook, Error> {
        let mut own = self.webhooks(caller)?.into_iter();
        own.find(|webhook| webhook.id == id)
            .ok_or(Error::NotFound("webhook"))
    }

    /// Removes one of [`Node::webhooks`].
    ///
    /// # Errors
    /// As [`Node::webhook`].
    pub async fn remove_webhook(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        self.webhook(caller, id)?;
        let id = id.to_owned();
        let decide = move |directory: &Directory, _| {
            directory.webhook(&id).ok_or(Error::NotFound("webhook"))?;
            Ok(vec![Act::RemoveWebhook(id)])
        };
        self.record(caller, Box::new(decide)).await
    }

    /// On whose behalf a webhook, or a mail, tells of changes now.
    ///
    /// # Errors
    /// [`Refusal::Suspended`] or [`Refusal::AccountEnded`] when it is not told any more.
    pub fn subscriber<'a>(&self, of: impl Into<Subscriber<'a>>) -> Result<Caller, Refusal> {
        subscriber(&self.directory(), of.into(), self.now())
    }

    /// The time of the newest entry that the views hold. Whatever a later entry says has a later
    /// time, so that who has read all changes up to here need not look at them again. It tells that
    /// something happened, also to whom may not see it, so it is not for callers to know.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn reached(&self) -> Result<Instant, Error> {
        let entries = *self.watch().borrow();
        let Some(last) = entries.checked_sub(1) else {
            return Ok(Instant::default());
        };
        let stored = self.shared.journal.get(Position(last))?;
        Ok(entry::decode(&stored.body)?.at)
    }
}
