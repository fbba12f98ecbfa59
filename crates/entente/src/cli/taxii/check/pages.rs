//! Pages of a list: one, all of them within bounds, and the ways clients go from one to the next.

use std::collections::HashSet;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::super::output::plain;
use super::link::{Answer, Ask, Link};
use super::report::Wrong;

/// Pages that are read of one list at most.
pub(super) const MOST_PAGES: usize = 60;
/// Objects that are read of one list at most.
pub(super) const MOST_OBJECTS: usize = 20_000;

/// A page of objects, manifest entries or versions.
#[derive(Debug)]
pub(super) struct Page {
    /// What tells each item from every other: id and version.
    pub(super) keys: Vec<String>,
    pub(super) items: Vec<Value>,
    pub(super) more: bool,
    pub(super) next: Option<Value>,
    /// `X-TAXII-Date-Added-First` and `-Last`.
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

/// How a client goes on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By `next`, with the other parameters it began with.
    Next,
    /// By `added_after`, the last date added of the page before.
    AddedAfter,
}

/// What was read of a list.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) pages: usize,
    pub(super) objects: usize,
    /// Whether the list came to its end within the bounds.
    pub(super) ended: bool,
}

impl Page {
    /// Reads one page. `member` is where the items are: `objects` or `versions`.
    pub(super) fn read(
        link: &Link,
        path: &str,
        query: &[(&str, &str)],
        member: &str,
    ) -> Result<Self, Wrong> {
        Self::of(&link.ask(&Ask::get(path).query(query))?, member)
    }

    /// Out of an answer.
    pub(super) fn of(answer: &Answer, member: &str) -> Result<Self, Wrong> {
        let mut told = taxii_json(answer)?;
        let listed = told.as_object_mut().and_then(|told| told.remove(member));
        let items = match listed {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                return Err(Wrong::failed(
                    answer.shown_with_body(),
                    "clients read a list there",
                    format!("make '{member}' a list"),
                ));
            }
        };
        let header = |name: &str| answer.header(name).map(str::to_owned);
        Ok(Page {
            keys: items.iter().map(key).collect(),
            items,
            more: told
                .get("more")
                .and_then(Value::as_bool)
                .unwrap_or_default(),
            next: told.get("next").cloned(),
            first: header("x-taxii-date-added-first"),
            last: header("x-taxii-date-added-last"),
        })
    }

    /// How to ask for the page after this one; none when it was the last.
    pub(super) fn onward(&self, way: Way) -> Result<Option<(&'static str, String)>, Wrong> {
        if !self.more {
            return Ok(None);
        }
        match (way, &self.next, &self.last) {
            (Way::Next, Some(Value::String(next)), _) if !next.is_empty() => {
                Ok(Some(("next", next.clone())))
            }
            (Way::Next, None, _) => Err(Wrong::warning(
                "'more' is true, but there is no 'next'",
                "it is legal, but taxii2-client, and what is built on it, sends an empty 'next' then, and \
                 reads the first page for ever",
                "give 'next' with every page that is not the last",
            )),
            (Way::Next, Some(next), _) => Err(Wrong::failed(
                format!("'next' is {}", plain(&next.to_string())),
                "OpenCTI and taxii2-client send it back as text; others stop",
                "make 'next' a string (TAXII 2.1 §3.7)",
            )),
            (Way::AddedAfter, _, Some(last)) => Ok(Some(("added_after", last.clone()))),
            (Way::AddedAfter, _, None) => Err(Wrong::failed(
                "'more' is true, but there is no X-TAXII-Date-Added-Last",
                "clients that page by added_after cannot go on",
                "send X-TAXII-Date-Added-First and -Last with every list that has objects",
            )),
        }
    }
}

/// A 200 of TAXII 2.1 with a JSON object.
pub(super) fn taxii_json(answer: &Answer) -> Result<Value, Wrong> {
    if answer.status != StatusCode::OK {
        return Err(Wrong::failed(
            answer.shown(),
            "the client reports an error and reads nothing",
            "answer 200, or see the server's log for why it does not",
        ));
    }
    if !answer.is_taxii() {
        return Err(Wrong::failed(
            answer.shown_with_body(),
            "taxii2-client, and all that is built on it, refuses an answer that is not labelled \
             application/taxii+json;version=2.1",
            "label every answer, errors included, Content-Type: application/taxii+json;version=2.1 \
             (TAXII 2.1 §3.1)",
        ));
    }
    answer.json().filter(Value::is_object).ok_or_else(|| {
        Wrong::failed(
            answer.shown_with_body(),
            "the client cannot read it",
            "answer with a JSON object",
        )
    })
}

/// Reads a whole list, page by page, within bounds; each object is shown once to `each`.
pub(super) fn walk(
    link: &Link,
    path: &str,
    query: &[(&str, &str)],
    way: Way,
    each: &mut dyn FnMut(&Value),
) -> Result<Walked, Wrong> {
    let mut walked = Walked::default();
    let mut seen: HashSet<String> = HashSet::new();
    let mut onward: Option<(&'static str, String)> = None;
    while walked.pages < MOST_PAGES && walked.objects < MOST_OBJECTS {
        let mut asked = query.to_vec();
        if let Some((name, value)) = &onward {
            asked.retain(|(other, _)| other != name);
            asked.push((name, value));
        }
        let page = Page::read(link, path, &asked, "objects")?;
        walked.pages += 1;
        let repeated = page.keys.iter().filter(|key| seen.contains(*key)).count();
        if repeated > 0 {
            return Err(Wrong::failed(
                format!(
                    "page {} repeats {repeated} of its {} objects",
                    walked.pages,
                    page.keys.len()
                ),
                "the client reads them again and again; many never come to an end",
                "let each page begin after the last object of the one before",
            ));
        }
        walked.objects += page.keys.len();
        seen.extend(page.keys.iter().cloned());
        page.items.iter().for_each(&mut *each);
        let next = page.onward(way)?;
        if next.is_none() {
            walked.ended = true;
            break;
        }
        if page.keys.is_empty() || next == onward {
            return Err(Wrong::failed(
                format!(
                    "page {} is empty or leads to itself, and says more",
                    walked.pages
                ),
                "OpenCTI forgets its place at an empty page; others ask for ever",
                "say 'more' only when the next page has objects",
            ));
        }
        onward = next;
    }
    Ok(walked)
}

/// What tells an item from every other.
fn key(item: &Value) -> String {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    if let Value::String(version) = item {
        return version.clone();
    }
    let version = text("version").or_else(|| text("modified"));
    let version = version.or_else(|| text("created")).unwrap_or_default();
    format!("{} {version}", text("id").unwrap_or_default())
}
