//! Atom (RFC 4287): `GET /feeds/{collection}.atom`, the newest objects that the caller sees, and `GET
//! /news.atom` and `/news/{topic}.atom`, what is new besides.

use askama::Template;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse as _;
use node::Caller;
use node::act::news::{Asked, Topic};
use node::act::read::{Found, Newest};
use node::clock::Instant;
use stix::Object;

use super::{Answer, App};
use crate::http::blocking::reading;
use crate::present::news::{self, News};

/// Entries of a feed.
const ENTRIES: usize = 100;

#[derive(Template)]
#[template(path = "feed.xml")]
struct Feed {
    id: String,
    title: String,
    updated: String,
    page: String,
    itself: String,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    page: String,
    /// Where the receipt of its entry is.
    receipt: Option<String>,
    title: String,
    updated: String,
    author: String,
    categories: Vec<String>,
    summary: String,
}

/// The feed.
pub(super) async fn answer(
    app: &App,
    headers: &HeaderMap,
    caller: Caller,
    collection: String,
) -> Answer {
    let url = app.public_url(headers);
    let feed = reading(app, &caller, move |node, caller| {
        let wanted = Newest {
            limit: ENTRIES,
            ..Newest::default()
        };
        let seen = node.collection(caller, &collection)?;
        let settings = &seen.settings;
        let newest = node.newest(caller, &settings.id, &wanted)?;
        let directory = node.directory();
        let name = |found: &Found| {
            let id = found.publisher(&directory);
            let party = directory.register().party(id);
            party.map_or(id, |party| &party.name).to_owned()
        };
        let entries = newest
            .iter()
            .filter(|found| !found.row.is_revoked())
            .filter_map(|found| Entry::of(found, &name(found), &url));
        Ok(Feed {
            id: format!("urn:uuid:{}", settings.id),
            title: legal(&settings.title),
            // A feed without entries has never changed.
            updated: newest.first().map_or_else(
                || Instant(0).to_second_string(),
                |found| Instant(found.added).to_second_string(),
            ),
            page: format!("{url}/collections/{}", settings.alias),
            itself: format!("{url}/feeds/{}.atom", settings.alias),
            entries: entries.collect(),
        })
    });
    sent(&feed.await?)
}

/// The feed of news about some topics: `news` in its address, or the topic.
pub(super) async fn about(
    app: &App,
    headers: &HeaderMap,
    caller: Caller,
    topics: &'static [Topic],
) -> Answer {
    let url = app.public_url(headers);
    let feed = reading(app, &caller, move |node, caller| {
        let facts = node.news(
            caller,
            &Asked {
                topics,
                after: Instant(0),
                until: Instant(i64::MAX),
                limit: ENTRIES,
            },
        )?;
        let directory = node.directory();
        let pledge = directory
            .pledge()
            .map_or("Entente", |pledge| &pledge.short_name);
        let (name, path) = match topics {
            [topic] => (topic.label(), format!("news/{topic}")),
            _ => ("news", "news".to_owned()),
        };
        let entries = facts.iter().rev().map(|fact| {
            let news = News::of(node, fact);
            Entry {
                // An entry of the journal may be news about two things.
                id: format!("{url}{}#{}", news.receipt(), news.topic),
                page: format!("{url}{}", news.page),
                receipt: Some(format!("{url}{}", news.receipt())),
                title: legal(&news.title),
                updated: fact.recorded.at.to_second_string(),
                author: legal(if news.party.is_empty() {
                    pledge
                } else {
                    &news.party
                }),
                categories: vec![news.topic.to_owned()],
                summary: legal(&news.detail),
            }
        });
        let newest = facts.last().map_or(Instant(0), |fact| fact.recorded.at);
        Ok(Feed {
            id: format!("{url}/{path}"),
            title: legal(&format!("{pledge}: {name}")),
            updated: newest.to_second_string(),
            page: format!("{url}/"),
            itself: format!("{url}/{path}.atom"),
            entries: entries.collect(),
        })
    });
    sent(&feed.await?)
}

fn sent(feed: &Feed) -> Answer {
    let text = feed.render();
    let text = text.map_err(|error| node::Error::Storage(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        // What is seen depends on who asks.
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text).into_response())
}

impl Entry {
    fn of(found: &Found, author: &str, url: &str) -> Option<Self> {
        let (title, summary) = news::signal(&found.bytes)?;
        let object = Object::parse(&found.bytes).ok()?;
        let id = object.id();
        let labels = object.labels().iter().map(|label| legal(label));
        Some(Entry {
            // One entry for each version, as each is news.
            id: format!("{url}/signal/{id}#{}", found.row.version),
            page: format!("{url}/signal/{id}"),
            receipt: None,
            title: legal(&title),
            updated: Instant(found.added).to_second_string(),
            author: legal(author),
            categories: std::iter::once(found.row.marking.to_string())
                .chain(labels)
                .collect(),
            summary: legal(&summary),
        })
    }
}

/// Text without the characters that no XML 1.0 document may hold (§2.2).
fn legal(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_legal).collect()
}
