//! What a digest tells: read from the node as its subscriber, at the time it is sent.
//!
//! Mail is not encrypted from end to end. Of what is marked AMBER or above it tells that there is
//! something, and where, and not what.

use node::act::changes::{Change, ChangeKind, Since};
use node::act::inbox::{Item, ItemKind};
use node::act::news::{Asked, Topic};
use node::clock::Instant;
use node::model::{Harm, Marking};
use node::{Caller, Node};

use super::digest::{Digest, Line, Section};
use super::topics::Wanted;
use crate::http::pages::text::long_date;
use crate::present::news::{self, News};
use crate::present::request::unlinked;

/// Lines of a section.
const LINES: usize = 12;
/// Facts of a topic, and changes of signals, that are counted.
const COUNTED: usize = 1000;

/// What a digest is to be made of.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'a> {
    /// On whose behalf.
    pub(crate) caller: &'a Caller,
    pub(crate) topics: &'a [Wanted],
    pub(crate) weekly: bool,
    /// What was recorded after this instant,
    pub(crate) after: Instant,
    /// and up to this one.
    pub(crate) until: Instant,
    /// The day where the subscriber is.
    pub(crate) day: jiff::civil::Date,
    /// The node's URL, without a slash at its end.
    pub(crate) url: &'a str,
    pub(crate) manage: String,
}

/// The digest.
///
/// # Errors
/// [`node::Error::Storage`]. What the subscriber may not read any more is left out.
pub(crate) fn gather(node: &Node, scope: &Scope<'_>) -> Result<Digest, node::Error> {
    let directory = node.directory();
    let mut sections = Vec::new();
    for wanted in scope.topics {
        let section = match wanted {
            Wanted::News(topic) => about(node, scope, *topic),
            Wanted::Signals(name) => signals(node, scope, name.as_deref(), None),
            Wanted::Harm(harm) => signals(node, scope, None, Some(*harm)),
            Wanted::Inbox => inbox(node, scope, |kind| {
                !matches!(kind, ItemKind::Feedback | ItemKind::Withdrawal)
            }),
            Wanted::Feedback => inbox(node, scope, |kind| kind == ItemKind::Feedback),
            Wanted::Withdrawals => inbox(node, scope, |kind| kind == ItemKind::Withdrawal),
        };
        match section {
            Ok(mut section) => {
                section.title = wanted.label();
                sections.extend(Some(section).filter(|section| section.count() > 0));
            }
            Err(error @ node::Error::Storage(_)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(Digest {
        pledge: directory
            .pledge()
            .map_or_else(|| "Entente".into(), |pledge| pledge.short_name.clone()),
        weekly: scope.weekly,
        day: long_date(scope.day),
        party: scope.caller.party().map(|id| news::name(&directory, id)),
        sections,
        home: scope.url.to_owned(),
        manage: scope.manage.clone(),
    })
}

fn about(node: &Node, scope: &Scope<'_>, topic: Topic) -> Result<Section, node::Error> {
    let facts = node.news(
        scope.caller,
        &Asked {
            topics: &[topic],
            after: scope.after,
            until: scope.until,
            limit: COUNTED,
        },
    )?;
    let page = match topic {
        Topic::Register | Topic::Identity => "/register",
        Topic::Pledge => "/pledge/versions",
        Topic::Requests => "/requests",
        Topic::Commitments => "/account",
    };
    let at_least = facts.len() == COUNTED;
    // The newest first: what is cut off is the oldest.
    let lines = facts.iter().rev().map(|fact| {
        let news = News::of(node, fact);
        Line {
            url: format!("{}{}", scope.url, news.page),
            receipt: format!("{}{}", scope.url, news.receipt()),
            title: news.title,
            detail: unlinked(&news.detail),
            late: false,
        }
    });
    Ok(Section::new(
        lines.collect(),
        at_least,
        format!("{}{page}", scope.url),
    ))
}

fn signals(
    node: &Node,
    scope: &Scope<'_>,
    collection: Option<&str>,
    harm: Option<Harm>,
) -> Result<Section, node::Error> {
    let since = Since {
        after: Some(scope.after.0),
        collections: collection.map(str::to_owned).into_iter().collect(),
        limit: COUNTED,
    };
    let (changes, more) = node.changes(scope.caller, &since)?;
    let at_least = more && changes.last().is_some_and(|last| last.at <= scope.until.0);
    let fits = |change: &&Change| {
        change.at <= scope.until.0 && harm.is_none_or(|harm| change.harm == Some(harm))
    };
    let directory = node.directory();
    let lines = changes.iter().filter(fits).rev().map(|change| {
        let named = change.marking <= Marking::Green;
        let known = change.bytes.as_deref().filter(|_| named);
        let title = known.and_then(news::signal).map(|(title, _)| title);
        let title = title.unwrap_or_else(|| change.object.clone());
        let did = match change.kind {
            ChangeKind::Added => "",
            ChangeKind::Revoked => "revoked: ",
            ChangeKind::Withdrawn => "withdrawn: ",
            ChangeKind::VersionsWithdrawn => "versions withdrawn: ",
        };
        let publisher = news::name(&directory, &change.publisher);
        let gone = matches!(
            change.kind,
            ChangeKind::Withdrawn | ChangeKind::VersionsWithdrawn
        );
        Line {
            title: format!("{did}{}", unlinked(&title)),
            detail: format!("{publisher}, in {}, {}", change.collection, change.marking),
            url: if gone {
                String::new()
            } else {
                format!("{}/signal/{}", scope.url, change.object)
            },
            ..Line::default()
        }
    });
    let page = collection.map_or_else(
        || format!("{}/collections", scope.url),
        |name| format!("{}/collections/{name}", scope.url),
    );
    Ok(Section::new(lines.collect(), at_least, page))
}

/// What waits is told every time, as long as it waits; feedback once.
fn inbox(
    node: &Node,
    scope: &Scope<'_>,
    wanted: impl Fn(ItemKind) -> bool,
) -> Result<Section, node::Error> {
    let waiting = node.inbox(scope.caller, None)?;
    let directory = node.directory();
    let new = |item: &&Item| {
        let within = scope.after < item.since && item.since <= scope.until;
        wanted(item.kind) && (item.kind != ItemKind::Feedback || within)
    };
    let lines = waiting.items.iter().filter(new).map(|item| {
        let from = match item.from.as_str() {
            "" => String::new(),
            id => format!(", {}", news::name(&directory, id)),
        };
        let mut detail = Vec::new();
        if item.marking <= Marking::Green && !item.title.is_empty() {
            detail.push(unlinked(&item.title));
        }
        if let Some(due) = item.due {
            detail.push(format!("by {}", crate::present::inbox::minute(due)));
        }
        Line {
            title: format!("{}{from}", item.kind.label()),
            detail: detail.join("; "),
            url: format!("{}{}", scope.url, crate::present::inbox::page(item)),
            receipt: String::new(),
            late: item.is_overdue(scope.until),
        }
    });
    let lines = lines.collect();
    Ok(Section::new(
        lines,
        waiting.more,
        format!("{}/inbox", scope.url),
    ))
}

impl Section {
    /// The first of `lines`, and how many more there are.
    fn new(mut lines: Vec<Line>, at_least: bool, url: String) -> Self {
        let more = lines.len().saturating_sub(LINES);
        lines.truncate(LINES);
        Section {
            title: String::new(),
            url,
            lines,
            more,
            at_least,
        }
    }
}
