//! `GET /feeds/{collection}.atom`: the newest objects that the caller sees (RFC 4287).

use askama::Template;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse as _;
use node::Caller;
use node::act::read::{Found, Newest};
use node::clock::Instant;
use stix::Object;

use super::stream::blocking;
use super::{Answer, App};

/// Entries of a feed.
const ENTRIES: usize = 100;
/// Characters of a title.
const LONGEST_TITLE: usize = 200;

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
    let feed = blocking(app, &caller, move |node, caller| {
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
    let text = feed.await?.render();
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
        let object = Object::parse(&found.bytes).ok()?;
        let said = stix::signal::observables(&object);
        let values: Vec<&str> = said.iter().map(|said| said.value.as_ref()).collect();
        let id = object.id();
        let title = object
            .name()
            .map(String::from)
            .or_else(|| values.first().map(ToString::to_string))
            .unwrap_or_else(|| id.to_string());
        let title = title.chars().take(LONGEST_TITLE).collect::<String>();
        let labels = object.labels().iter().map(|label| legal(label));
        let description = object.description().unwrap_or_default();
        let summary = [description.as_ref(), &values.join(" ")].join("\n");
        Some(Entry {
            // One entry for each version, as each is news.
            id: format!("{url}/signal/{id}#{}", found.row.version),
            page: format!("{url}/signal/{id}"),
            title: legal(&title),
            updated: Instant(found.added).to_second_string(),
            author: legal(author),
            categories: std::iter::once(found.row.marking.to_string())
                .chain(labels)
                .collect(),
            summary: legal(summary.trim()),
        })
    }
}

/// Text without the characters that no XML 1.0 document may hold (§2.2).
fn legal(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_legal).collect()
}
