//! `GET /api/v1/changes?after=&since=&collection=&limit=&objects=`: what was added, revoked and
//! withdrawn, oldest first. A page as JSON, its lines as `application/x-ndjson`, or with
//! `Accept: text/event-stream` everything up to now and then each change as it happens.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use node::act::changes::Since;
use node::{Caller, Node};

use super::events;
use super::lookup::wants;
use super::{Answer, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::reading;
use crate::http::error::Refused;
use crate::present::changes::{Change, Changes, cursor, place};

/// Changes on a page when the client does not say.
const DEFAULT_LIMIT: usize = 1000;
/// Changes on a page at most; a client that asks for more gets these and `more`.
const MOST: usize = 10_000;

/// What a client asks of the feed.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) since: Since,
    /// Whether objects are sent along.
    pub(super) objects: bool,
}

pub(super) async fn changes(
    State(app): State<App>,
    Auth(caller): Auth,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    app.node
        .viewer(&caller)
        .may_match()
        .map_err(node::Error::Refused)?;
    let mut ask = Ask::parse(query.as_deref().unwrap_or_default())?;
    if let Some(last) = headers.get("last-event-id") {
        let last = last.to_str().ok().and_then(place);
        ask.since.after = Some(last.ok_or_else(|| not_a_place("header Last-Event-ID"))?);
    }
    if wants(&headers, "text/event-stream") {
        return events::follow(&app, &headers, caller, ask).await;
    }
    let lines = wants(&headers, "application/x-ndjson");
    let read = reading(&app, &caller, move |node, caller| {
        page(node, caller, &ask, lines)
    });
    read.await?
}

fn page(node: &Node, caller: &Caller, ask: &Ask, lines: bool) -> Result<Answer, node::Error> {
    let (found, more) = node.changes(caller, &ask.since)?;
    let each = found.iter().map(|change| Change::of(change, ask.objects));
    if lines {
        let failed = |error: serde_json::Error| node::Error::Storage(error.to_string());
        let mut body = Vec::new();
        for change in each {
            body.extend(change.line().map_err(failed)?);
            body.push(b'\n');
        }
        let content = [(header::CONTENT_TYPE, "application/x-ndjson")];
        return Ok(Ok((StatusCode::OK, content, body).into_response()));
    }
    let last = found.last().map(|change| change.at);
    let next = cursor(last.or(ask.since.after).unwrap_or(0));
    let changes = each.collect();
    Ok(json(
        StatusCode::OK,
        &Changes {
            changes,
            next,
            more,
        },
    ))
}

fn not_a_place(what: &str) -> Refused {
    Refused::bad(format!(
        "{what} is no place in the feed that this server gave: leave it out to start at the beginning"
    ))
}

impl Ask {
    /// Parses a query string; unknown parameters are ignored, known ones that are wrong are named.
    fn parse(query: &str) -> Result<Self, Refused> {
        let (mut after, mut since, mut objects, mut limit) = (None, None, None, None);
        let mut collections = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let twice = match name.as_ref() {
                "collection" => {
                    let names = value.split(',').map(str::trim);
                    collections.extend(names.filter(|n| !n.is_empty()).map(str::to_owned));
                    false
                }
                "after" => {
                    let at = place(&value).ok_or_else(|| not_a_place("parameter 'after'"))?;
                    after.replace(at).is_some()
                }
                "since" => since.replace(instant(&value)?).is_some(),
                "limit" => limit.replace(positive(&value)?).is_some(),
                "objects" => objects.replace(flag(&value)?).is_some(),
                _ => false,
            };
            if twice {
                return Err(Refused::bad(format!(
                    "parameter '{name}' is given more than once"
                )));
            }
        }
        Ok(Ask {
            since: Since {
                // Clients that follow `next` go on sending the `since` they began with.
                after: after.or(since),
                collections,
                limit: limit.unwrap_or(DEFAULT_LIMIT),
            },
            objects: objects.unwrap_or(true),
        })
    }
}

fn positive(value: &str) -> Result<usize, Refused> {
    match value.parse::<usize>() {
        Ok(limit) if limit > 0 => Ok(limit.min(MOST)),
        _ => Err(Refused::bad(format!(
            "parameter 'limit' must be a number from 1 up, not '{value}'"
        ))),
    }
}

/// The instant before a time: what happened at that time is told too.
fn instant(value: &str) -> Result<i64, Refused> {
    let time = stix::Timestamp::parse(value).map_err(|_| {
        Refused::bad(format!(
            "parameter 'since' must be an RFC 3339 time in UTC such as 2018-11-12T09:00:00Z, not \
             '{value}'"
        ))
    })?;
    Ok(time.micros().saturating_sub(1).max(0))
}

fn flag(value: &str) -> Result<bool, Refused> {
    value.parse().map_err(|_| {
        Refused::bad(format!(
            "parameter 'objects' must be true or false, not '{value}'"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_parameter_is_named() {
        for (query, name) in [
            ("limit=0", "'limit'"),
            ("limit=1&limit=2", "'limit'"),
            ("after=x", "'after'"),
            ("since=yesterday", "'since'"),
            ("objects=perhaps", "'objects'"),
        ] {
            let refused = Ask::parse(query).unwrap_err();
            assert!(refused.detail.contains(name), "{query}: {}", refused.detail);
        }
    }

    #[test]
    fn collections_are_repeated_or_between_commas_and_after_wins_over_since() {
        let query = format!(
            "collection=a,b&since=2016-01-01T00:00:00Z&collection=c&after={}",
            cursor(7)
        );
        let ask = Ask::parse(&query).unwrap();
        assert_eq!(ask.since.collections, ["a", "b", "c"]);
        assert_eq!(ask.since.after, Some(7));
    }
}
