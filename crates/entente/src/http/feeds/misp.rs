//! A collection as a MISP feed (source format "MISP Feed"): `manifest.json`, `hashes.csv` and one
//! file for each event.
//!
//! The manifest costs a row for each day, publisher and marking; an event the rows of its day and the
//! bodies of its objects; `hashes.csv` the bodies of everything that the caller sees.

use std::io::Write;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use md5::Digest as _;
use node::{Caller, Node};

use super::stream::{Broken, body};
use super::{Answer, App, Auth};
use crate::http::blocking::reading;
use crate::http::error::Refused;
use crate::misp::event::{self, Head, PART};

const JSON: &str = "application/json";

/// `GET /misp/{collection}/`: for people who look where the feed is.
pub(super) async fn index(
    State(app): State<App>,
    headers: HeaderMap,
    Path(collection): Path<String>,
    Auth(caller): Auth,
) -> Answer {
    let seen = reading(&app, &caller, move |node, caller| {
        node.collection(caller, &collection)
    });
    let alias = seen.await?.settings.alias;
    let url = app.public_url(&headers);
    let words = format!(
        "A MISP feed. In MISP: Sync Actions, Feeds, Add Feed; Source Format \"MISP Feed\", URL\n\
         {url}/misp/{alias}\n\
         and, for more than the public sees, the header \"Authorization: Bearer TOKEN\".\n\
         Its files are manifest.json, hashes.csv and UUID.json.\n"
    );
    Ok(words.into_response())
}

/// `GET /misp/{collection}/{file}`
pub(super) async fn file(
    State(app): State<App>,
    headers: HeaderMap,
    Path((collection, file)): Path<(String, String)>,
    Auth(caller): Auth,
) -> Answer {
    let heads = reading(&app, &caller, move |node, caller| {
        heads(node, caller, &collection)
    });
    let heads = heads.await?;
    match file.as_str() {
        "manifest.json" => {
            let tag = tag_of(&heads);
            let write = move |_: &Node, _: &Caller, sink: &mut dyn Write| {
                Ok(event::write_manifest(&heads, sink)?)
            };
            unless_known(&headers, &tag, JSON, || body(&app, caller, write))
        }
        "hashes.csv" => {
            let tag = tag_of(&heads);
            let write = move |node: &Node, caller: &Caller, sink: &mut dyn Write| {
                let mut days = event::days(&heads).into_iter();
                days.try_for_each(|parts| write_hashes(node, caller, &parts, sink))
            };
            let csv = "text/csv; charset=utf-8";
            unless_known(&headers, &tag, csv, || body(&app, caller, write))
        }
        other => {
            let uuid = other.strip_suffix(".json").unwrap_or_default();
            let head = heads.into_iter().find(|head| head.uuid == uuid);
            let head = head.ok_or_else(|| {
                Refused::not_found("event").for_anonymous(caller == Caller::Anonymous)
            })?;
            let tag = tag_of(std::slice::from_ref(&head));
            let write = move |node: &Node, caller: &Caller, sink: &mut dyn Write| {
                write_event(node, caller, &head, sink)
            };
            unless_known(&headers, &tag, JSON, || body(&app, caller, write))
        }
    }
}

fn heads(node: &Node, caller: &Caller, collection: &str) -> Result<Vec<Head>, node::Error> {
    let (seen, told) = node.told(caller, collection)?;
    Ok(event::heads(&node.directory(), &seen, told))
}

fn write_event(
    node: &Node,
    caller: &Caller,
    head: &Head,
    sink: &mut dyn Write,
) -> Result<(), Broken> {
    let frame = head.frame(node.now());
    let mut body = head.begin(sink)?;
    let part = (head.part * PART, PART);
    node.each_told(caller, &head.collection, &head.told, part, &mut |found| {
        Ok::<(), Broken>(body.object(&frame, found)?)
    })?;
    Ok(body.end(head)?)
}

/// Lines of `hashes.csv`: the MD5 digest of each value, and the event it is in.
fn write_hashes(
    node: &Node,
    caller: &Caller,
    parts: &[&Head],
    sink: &mut dyn Write,
) -> Result<(), Broken> {
    let Some(head) = parts.first() else {
        return Ok(());
    };
    let frame = head.frame(node.now());
    let mut at = 0;
    let all = (0, parts.len() * PART);
    node.each_told(caller, &head.collection, &head.told, all, &mut |found| {
        let uuid = parts.get(at / PART).map_or("", |part| part.uuid.as_str());
        at += 1;
        let attributes = frame.attributes(found);
        for attribute in attributes.iter().filter(|one| !one.deleted) {
            for digest in attribute.digests() {
                writeln!(sink, "{digest},{uuid}")?;
            }
        }
        Ok(())
    })
}

/// An entity tag of events as the caller sees them: UUIDs, timestamps, numbers and markings.
fn tag_of(heads: &[Head]) -> String {
    let mut digest = md5::Md5::new();
    for head in heads {
        let told = &head.told;
        let state = (told.changed.0 / 1_000_000, told.objects, told.marking);
        digest.update(format!("{} {state:?}\n", head.uuid));
    }
    format!("\"{}\"", crate::misp::hex(digest.finalize().into()))
}

/// The body with its entity tag, or 304 for a caller that has it already (RFC 9110 §13.1.2).
fn unless_known(
    headers: &HeaderMap,
    tag: &str,
    media_type: &'static str,
    body: impl FnOnce() -> Result<axum::body::Body, Refused>,
) -> Answer {
    let asked = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let is_known = asked.is_some_and(|asked| {
        let mut tags = asked
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"));
        tags.any(|one| one == tag || one == "*")
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], body()?).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    // What is seen depends on who asks.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    Ok(response)
}
