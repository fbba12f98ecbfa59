//! An inbox: what waits for a party.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use node::act::inbox::{Item, ItemKind, Waiting};
use node::clock::Instant;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};
use stix::Timestamp;

use super::lookup::Publisher;
use super::{news, time};

/// What is asked for: the parameters of `GET /api/v1/inbox`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// Only what began to wait after this time: RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// Where to go on: a `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<usize>,
}

/// Items of a page when nothing is asked for, and at most.
const PAGE: usize = 100;
const MOST: usize = 1000;

/// A page of an inbox: `GET /api/v1/inbox`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Inbox {
    /// What is late first, then what is due, then the rest.
    pub(crate) items: Vec<Waits>,
    /// How much waits in all, on every page.
    pub(crate) total: usize,
    /// How much of it is late.
    pub(crate) overdue: usize,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// Whether more waits than was looked at.
    pub(crate) more: bool,
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waits {
    /// What is to be done.
    pub(crate) kind: String,
    /// What it is about.
    pub(crate) id: String,
    /// The same in words.
    pub(crate) todo: String,
    pub(crate) title: String,
    /// Who waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Publisher>,
    pub(crate) since: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<String>,
    pub(crate) overdue: bool,
    pub(crate) marking: String,
    /// The path of its page.
    pub(crate) page: String,
}

impl Inbox {
    /// A page of what waits for a caller's party.
    ///
    /// # Errors
    /// [`node::Error::Invalid`]; as [`Node::inbox`].
    pub(crate) fn of(node: &Node, caller: &Caller, ask: &Ask) -> Result<Self, node::Error> {
        let since = ask.since.as_deref().map(instant).transpose()?;
        let limit = ask.limit.unwrap_or(PAGE);
        if limit == 0 || limit > MOST {
            return Err(node::Error::Invalid(format!("limit: 1 to {MOST}")));
        }
        let after = ask.after.as_deref().map(place).transpose()?;
        let (waiting, now) = (node.inbox(caller, since)?, node.now());
        let Waiting { items, more } = waiting;
        let overdue = items.iter().filter(|item| item.is_overdue(now)).count();
        let total = items.len();
        let rest = items
            .iter()
            .filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
        let mut page: Vec<&Item> = rest.take(limit + 1).collect();
        let goes_on = page.len() > limit;
        page.truncate(limit);
        Ok(Inbox {
            next: page.last().filter(|_| goes_on).map(|last| cursor(last)),
            items: page.iter().map(|item| Waits::of(node, item, now)).collect(),
            total,
            overdue,
            more,
        })
    }
}

impl Waits {
    fn of(node: &Node, item: &Item, now: Instant) -> Self {
        let directory = node.directory();
        let from = Some(&item.from).filter(|id| !id.is_empty());
        Waits {
            kind: item.kind.to_string(),
            id: item.id.clone(),
            todo: item.kind.label().into(),
            title: item.title.clone(),
            from: from.map(|id| Publisher {
                id: id.clone(),
                name: news::name(&directory, id),
            }),
            since: time(item.since.0),
            due: item.due.map(|due| time(due.0)),
            overdue: item.is_overdue(now),
            marking: item.marking.as_str().into(),
            page: page(item),
        }
    }
}

/// The path of the page about what waits.
pub(crate) fn page(item: &Item) -> String {
    match item.kind {
        ItemKind::Invitation | ItemKind::Step => "/talks".into(),
        ItemKind::Erasure => "/api/v1/erasures".into(),
        ItemKind::Withdrawal => "/inbox".into(),
        ItemKind::Feedback => format!("/signal/{}", item.id),
        ItemKind::Report | ItemKind::Letter => format!("/commitment/{}", item.id),
        _ => format!("/requests/{}", item.id),
    }
}

/// `2026-11-28 12:00 UTC`.
pub(crate) fn minute(at: Instant) -> String {
    let text = at.to_second_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

/// What the order of an inbox goes by.
type Key = (i64, i64, String);

fn key(item: &Item) -> Key {
    let due = item.due.map_or(i64::MAX, |due| due.0);
    (due, item.since.0, item.id.clone())
}

fn cursor(item: &Item) -> String {
    let (due, since, id) = key(item);
    URL_SAFE_NO_PAD.encode(format!("{due} {since} {id}"))
}

fn place(text: &str) -> Result<Key, node::Error> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.splitn(3, ' ');
        let due = parts.next()?.parse().ok()?;
        let since = parts.next()?.parse().ok()?;
        Some((due, since, parts.next()?.to_owned()))
    };
    read().ok_or_else(|| node::Error::Invalid("after: this is no place in an inbox".into()))
}

fn instant(text: &str) -> Result<Instant, node::Error> {
    let at = Timestamp::parse(text);
    let at = at.map_err(|_| node::Error::Invalid("since: use RFC 3339 in UTC".into()))?;
    Ok(Instant(at.micros()))
}
