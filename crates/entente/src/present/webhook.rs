//! Webhooks: where a party wants to be told of changes, and how that goes.

use node::act::happenings::About;
use node::clock::Instant;
use serde::{Deserialize, Serialize};

/// A webhook to be made: `POST /api/v1/webhooks`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// An https URL on the public Internet.
    pub(crate) url: String,
    /// Ids or aliases; all that the party may read when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) collections: Vec<String>,
    /// Whether messages carry the objects.
    #[serde(default = "yes")]
    pub(crate) objects: bool,
    /// Changes after this time are told: RFC 3339 in UTC; from now on when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// `signals`, `requests`, `feedback`, `letters`; signals alone when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) about: Vec<About>,
}

fn yes() -> bool {
    true
}

impl NewWebhook {
    /// From when on changes are told.
    ///
    /// # Errors
    /// That the time cannot be read.
    pub(crate) fn since(&self) -> Result<Option<Instant>, node::Error> {
        let parse = |text: &String| {
            stix::Timestamp::parse(text)
                .map(|at| Instant(at.micros()))
                .map_err(|error| node::Error::Invalid(format!("since: '{text}' {error}")))
        };
        self.since.as_ref().map(parse).transpose()
    }
}

/// A webhook as it is listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) url: String,
    /// The party that it tells.
    pub(crate) party: String,
    /// The account that made it.
    pub(crate) account: String,
    /// Aliases of the collections it is about; empty means all that the party may read.
    pub(crate) collections: Vec<String>,
    /// Whether messages carry the objects.
    pub(crate) objects: bool,
    /// Changes after this time are told.
    pub(crate) since: String,
    /// What it is told of.
    #[serde(default)]
    pub(crate) about: Vec<About>,
    /// `active`; `failing` while messages wait to be sent again; `disabled` until its owner retries;
    /// `stopped` while its party may not be told.
    pub(crate) state: String,
    /// Why, where it is not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// How many messages wait to be sent.
    pub(crate) waiting: usize,
    /// How many messages were given up.
    pub(crate) dead: usize,
    /// How many messages were taken.
    pub(crate) delivered: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_success: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_failure: Option<String>,
}

/// `GET /api/v1/webhooks`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Webhooks {
    pub(crate) webhooks: Vec<Webhook>,
}

/// A webhook that was just made. Its secret is told here and nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Made {
    #[serde(flatten)]
    pub(crate) webhook: Webhook,
    /// `whsec_…`, as libraries for Standard Webhooks take it.
    pub(crate) secret: String,
}

/// The messages of a webhook that were given up: `GET /api/v1/webhooks/{id}/dead`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dead {
    pub(crate) messages: Vec<DeadMessage>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeadMessage {
    /// Its id, as it stood in `webhook-id`.
    pub(crate) message: String,
    /// The change's place in the feed.
    pub(crate) change: String,
    pub(crate) tries: u32,
    /// When it was given up.
    pub(crate) given_up: String,
    /// Why the last try failed.
    pub(crate) reason: String,
}

/// Which messages are meant: `POST /api/v1/webhooks/{id}/retry`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    /// The id of one; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// How many messages that was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) messages: usize,
}

/// What became of a test: `POST /api/v1/webhooks/{id}/test`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tried {
    /// Whether the endpoint took it.
    pub(crate) taken: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}
