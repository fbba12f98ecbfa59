//! Feedback: what parties know of each other's signals.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use node::Node;
use node::act::feedback::{
    self, FeedbackCounts, FeedbackItem, NewFeedback as Wanted, SignalFeedback,
};
use node::clock::Instant;
use node::model::FeedbackKind;
use serde::{Deserialize, Serialize};
use stix::build::feedback::{Feedback as Facts, Seen, opinion, opinion_id, sighting, sighting_id};
use stix::build::{self, Identity};
use stix::{StixIdBuf, Timestamp, Tlp};

use super::lookup::Publisher;
use super::time;

/// What is to be said of a signal: `POST /api/v1/signals/{id}/feedback`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFeedback {
    /// `seen`, `not-malicious`, `disagree`, `agree`.
    pub(crate) kind: String,
    /// How often it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    /// RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_seen: Option<String>,
    /// RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
}

/// What a party says of a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Feedback {
    /// The STIX id of the sighting or opinion that says so: of the published one, or of the one
    /// that `format=stix` makes.
    pub(crate) id: String,
    pub(crate) at: String,
    pub(crate) by: Publisher,
    pub(crate) signal: String,
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_seen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
    /// Whether it was published as a STIX object.
    pub(crate) published: bool,
    /// In an inbox: where it goes on after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
}

/// What is said of a signal: `GET /api/v1/signals/{id}/feedback`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OnSignal {
    pub(crate) signal: String,
    pub(crate) counts: Counts,
    /// What the caller sees whole, newest first.
    pub(crate) feedback: Vec<Feedback>,
}

/// How many say what, as far as the caller may know.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) seen: u64,
    pub(crate) sightings: u64,
    pub(crate) not_malicious: u64,
    pub(crate) disagree: u64,
    pub(crate) agree: u64,
}

/// What the caller's party is told, oldest first: `GET /api/v1/feedback`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Inbox {
    pub(crate) feedback: Vec<Feedback>,
    /// Where the next page begins, whenever it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// Whether more may follow now.
    pub(crate) more: bool,
}

impl NewFeedback {
    /// As the node wants it.
    ///
    /// # Errors
    /// [`node::Error::Invalid`], naming the member.
    pub(crate) fn wanted(self) -> Result<Wanted, node::Error> {
        let invalid = |name: &str, words: String| node::Error::Invalid(format!("{name}: {words}"));
        let at = |name: &str, text: Option<String>| {
            let parsed = text.map(|text| Timestamp::parse(&text)).transpose();
            parsed
                .map(|time| time.map(|time| Instant(time.micros())))
                .map_err(|error| invalid(name, error.to_string()))
        };
        Ok(Wanted {
            kind: self.kind.parse().map_err(|words| invalid("kind", words))?,
            count: self.count,
            first_seen: at("first_seen", self.first_seen)?,
            last_seen: at("last_seen", self.last_seen)?,
            explanation: self.explanation,
        })
    }
}

impl From<&FeedbackItem> for Feedback {
    fn from(item: &FeedbackItem) -> Self {
        Feedback {
            id: item.object.clone().unwrap_or_else(|| made_id(item)),
            at: time(item.at.0),
            by: Publisher {
                id: item.author.clone(),
                name: item.author_name.clone(),
            },
            signal: item.signal.clone(),
            kind: item.kind.to_string(),
            count: Some(item.count).filter(|count| *count > 0),
            first_seen: item.first_seen.map(|at| time(at.0)),
            last_seen: item.last_seen.map(|at| time(at.0)),
            explanation: item.explanation.clone(),
            published: item.object.is_some(),
            cursor: None,
        }
    }
}

impl From<FeedbackCounts> for Counts {
    fn from(counts: FeedbackCounts) -> Self {
        let FeedbackCounts {
            seen,
            sightings,
            not_malicious,
            disagree,
            agree,
        } = counts;
        Counts {
            seen,
            sightings,
            not_malicious,
            disagree,
            agree,
        }
    }
}

impl OnSignal {
    /// What is said of a signal.
    pub(crate) fn new(signal: &str, found: &SignalFeedback) -> Self {
        OnSignal {
            signal: signal.to_owned(),
            counts: found.counts.into(),
            feedback: found.items.iter().map(Feedback::from).collect(),
        }
    }
}

impl From<&feedback::Inbox> for Inbox {
    fn from(inbox: &feedback::Inbox) -> Self {
        let told = inbox.items.iter().map(|item| Feedback {
            cursor: Some(cursor(item.position)),
            ..Feedback::from(item)
        });
        Inbox {
            feedback: told.collect(),
            next: inbox.next.map(cursor),
            more: inbox.more,
        }
    }
}

/// A place in an inbox as text that says nothing by itself.
fn cursor(position: u64) -> String {
    URL_SAFE_NO_PAD.encode(position.to_be_bytes())
}

/// A place in an inbox back from its text.
///
/// # Errors
/// [`node::Error::Invalid`] for what no inbox gave.
pub(crate) fn place(cursor: &str) -> Result<u64, node::Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let bytes: Option<[u8; 8]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(u64::from_be_bytes).ok_or_else(|| {
        node::Error::Invalid("after: is no place that an inbox gave as 'next' or 'cursor'".into())
    })
}

/// What the id of a sighting or opinion that is made depends on. The instant of an entry is its own.
fn made_name(item: &FeedbackItem) -> String {
    format!("{}\n{}\n{}", item.author, item.signal, item.at.0)
}

fn made_id(item: &FeedbackItem) -> String {
    let name = made_name(item);
    match item.kind {
        FeedbackKind::Seen => sighting_id(&name),
        _ => opinion_id(&name),
    }
}

/// Items as STIX objects: what was published as it was sent, the rest made from what was said, for
/// their recipients alone; and before them the identities that they name as their creators.
///
/// # Errors
/// [`node::Error::Storage`].
pub(crate) fn as_stix(node: &Node, items: &[FeedbackItem]) -> Result<Vec<String>, node::Error> {
    let broken = |error: &dyn std::fmt::Display| node::Error::Storage(error.to_string());
    let (mut identities, mut objects) = (Vec::new(), Vec::new());
    for item in items {
        let bytes = if let Some(published) = node.feedback_object(item)? {
            published.to_vec()
        } else {
            let identity = build::identity(&Identity {
                name: &item.author_name,
                identity_class: "organization",
                created: Timestamp::from_micros(0),
            });
            let identity = String::from_utf8(identity).map_err(|error| broken(&error))?;
            if !identities.contains(&identity) {
                identities.push(identity);
            }
            made(item).map_err(|error| broken(&error))?
        };
        let text = String::from_utf8(bytes).map_err(|error| broken(&error))?;
        // One opinion may be about several signals, and is one object all the same.
        if !objects.contains(&text) {
            objects.push(text);
        }
    }
    identities.append(&mut objects);
    Ok(identities)
}

fn made(item: &FeedbackItem) -> Result<Vec<u8>, stix::IdError> {
    let creator = StixIdBuf::parse(build::identity_id(&item.author_name))?;
    let labels: &[&str] = match item.kind {
        FeedbackKind::NotMalicious => &["not-malicious"],
        _ => &[],
    };
    let name = made_name(item);
    let facts = Facts {
        name: &name,
        about: &item.signal,
        words: item.explanation.as_deref().unwrap_or_default(),
        labels,
        created: Timestamp::from_micros(item.at.0),
        creator: creator.as_id(),
        marking: Some(Tlp::AmberStrict),
    };
    let stamp = |at: Option<Instant>| at.map(|at| Timestamp::from_micros(at.0));
    Ok(match item.kind {
        FeedbackKind::Seen => {
            let seen = Seen {
                count: item.count,
                first: stamp(item.first_seen),
                last: stamp(item.last_seen),
            };
            sighting(&facts, &seen)
        }
        FeedbackKind::NotMalicious => opinion(&facts, "strongly-disagree"),
        FeedbackKind::Disagree => opinion(&facts, "disagree"),
        FeedbackKind::Agree => opinion(&facts, "agree"),
    })
}

/// Objects as one STIX bundle.
pub(crate) fn bundle(objects: &[String]) -> String {
    let whole = objects.join(",");
    let id = uuid::Uuid::new_v4();
    if objects.is_empty() {
        return format!(r#"{{"type":"bundle","id":"bundle--{id}"}}"#);
    }
    format!(r#"{{"type":"bundle","id":"bundle--{id}","objects":[{whole}]}}"#)
}
