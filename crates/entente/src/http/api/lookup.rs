//! `POST /api/v1/lookup`: which signals a text, a log or single values hit.
//!
//! A body of `text/plain` or `application/octet-stream` is scanned as it arrives and may be of any
//! size; with `Accept: application/x-ndjson` the hits are sent as they are found. A JSON body holds a
//! text or a list of values; one of NDJSON holds a value a line, looked up as it arrives. Hits of
//! signals that do not fire are counted and, with `explain=true`, listed with the reasons. Nothing of
//! what is looked up is kept.

mod values;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::Frame;
use node::{Caller, Node};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Answer, Query, json, parse};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::body;
use crate::http::error::{Problem, Refused};
use crate::present::lookup::{Answer as Hits, Ask, Match, Suppressed};

/// Hits in one JSON answer; more are for NDJSON.
const MOST: usize = 100_000;
/// A value or a hit a line.
const NDJSON: &str = "application/x-ndjson";
/// Hits that wait for the connection.
const HITS_WAITING: usize = 256;
/// Pieces that wait between a connection and the scan.
const WAITING: usize = 8;
/// Octets of NDJSON that are gathered before they are sent.
const PIECE: usize = 32 << 10;

/// What is asked for in the URL.
#[derive(Copy, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    /// Whether to list the hits that do not fire as well.
    #[serde(default)]
    explain: bool,
}

pub(super) async fn lookup(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let lines = wants(&headers, NDJSON);
    match media_type(&headers).as_str() {
        "application/json" => {
            let whole = app.bodies.read(&headers, body).await?;
            let ask: Ask = parse(&whole.bytes)?;
            match ask {
                Ask::Values { values, explain } => {
                    app.node.value_matcher(&caller).map(drop)?;
                    let explain = explain || wanted.explain;
                    let found = values::look_up_all(&app, caller, values, explain);
                    answer(found, lines).await
                }
                Ask::Text { text, explain } => {
                    let wanted = Wanted {
                        explain: explain || wanted.explain,
                    };
                    scan(&app, caller, Body::from(text), wanted, lines).await
                }
            }
        }
        "text/plain" | "application/octet-stream" | "" => {
            scan(&app, caller, body, wanted, lines).await
        }
        NDJSON => {
            app.node.value_matcher(&caller).map(drop)?;
            let (found, feeding) = values::look_up_lines(&app, caller, body, wanted.explain);
            let answer = answer(found, lines).await?;
            if !lines {
                ended(feeding).await?;
            }
            Ok(answer)
        }
        other => {
            let words = format!(
                "'{other}' cannot be looked up: send text/plain or application/octet-stream as it \
                 is, {NDJSON} with a value a line, or application/json with \"text\" or \"values\""
            );
            Err(Problem(Refused::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                words,
            )))
        }
    }
}

/// The media type of a body, without its parameters; empty when there is none.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let told = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let bare = told
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// Whether the client accepts this media type by name.
pub(super) fn wants(headers: &HeaderMap, media_type: &str) -> bool {
    let told = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    told.is_some_and(|accept| accept.contains(media_type))
}

/// What a lookup gives back.
enum Found {
    Hit(Box<Match>),
    /// What stands in this line cannot be looked up, in words.
    Wrong(u64, String),
    /// The end: how many lines and octets were scanned, and what did not fire.
    End(u64, u64, Suppressed),
    Failed(node::Error),
}

async fn scan(app: &App, caller: Caller, body: Body, wanted: Wanted, lines: bool) -> Answer {
    // What can be refused is refused before the first piece is read.
    app.node.matcher(&caller).map(drop)?;
    let (to_scan, pieces) = mpsc::channel(WAITING);
    let (to_client, found) = mpsc::channel(HITS_WAITING);
    let node = Arc::clone(&app.node);
    tokio::task::spawn_blocking(move || scan_pieces(&node, &caller, wanted, pieces, &to_client));
    let feeding = tokio::spawn(feed(body, to_scan));
    let answer = answer(found, lines).await?;
    if !lines {
        ended(feeding).await?;
    }
    Ok(answer)
}

/// Whether the body was read to its end.
async fn ended(feeding: JoinHandle<Result<(), Refused>>) -> Result<(), Refused> {
    let ended = feeding.await;
    ended.map_err(|error| node::Error::Storage(error.to_string()))?
}

/// All that is found, in one answer or line by line.
async fn answer(mut found: mpsc::Receiver<Found>, lines: bool) -> Answer {
    if lines {
        return Ok(as_lines(found));
    }
    let mut matches = Vec::new();
    let mut total = (0, 0, Suppressed::default());
    while let Some(found) = found.recv().await {
        match found {
            Found::Hit(_) if matches.len() == MOST => {
                let words = format!(
                    "more than {MOST} hits: ask for them line by line with Accept: \
                     application/x-ndjson"
                );
                return Err(Problem(Refused::bad(words)));
            }
            Found::Hit(hit) => matches.push(*hit),
            Found::Wrong(_, words) => return Err(Problem(Refused::bad(words))),
            Found::End(lines, bytes, suppressed) => total = (lines, bytes, suppressed),
            Found::Failed(error) => return Err(error.into()),
        }
    }
    json(
        StatusCode::OK,
        &Hits {
            matches,
            lines: total.0,
            bytes: total.1,
            suppressed: total.2,
        },
    )
}

/// Hands the pieces of a body to the scan; stops when the scan has.
async fn feed(mut body: Body, to_scan: mpsc::Sender<Bytes>) -> Result<(), Refused> {
    while let Some(piece) = body::next(&mut body).await? {
        if to_scan.send(piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn scan_pieces(
    node: &Node,
    caller: &Caller,
    wanted: Wanted,
    mut pieces: mpsc::Receiver<Bytes>,
    to_client: &mpsc::Sender<Found>,
) {
    let mut work = || -> Result<(), node::Error> {
        let mut matcher = node.matcher(caller)?;
        if wanted.explain {
            matcher = matcher.explaining();
        }
        // A client that went away is noticed at the next piece.
        let mut tell = |hit: node::act::lookup::Match| {
            drop(to_client.blocking_send(Found::Hit(Box::new(Match::from(&hit)))));
        };
        while let Some(piece) = pieces.blocking_recv() {
            matcher.feed(&piece, &mut tell)?;
            if to_client.is_closed() {
                return Ok(());
            }
        }
        matcher.finish(&mut tell)?;
        let suppressed = Suppressed::from(matcher.suppressed());
        let end = Found::End(matcher.lines(), matcher.bytes(), suppressed);
        drop(to_client.blocking_send(end));
        Ok(())
    };
    if let Err(error) = work() {
        drop(to_client.blocking_send(Found::Failed(error)));
    }
}

/// Hits as lines of JSON, sent as they are found.
fn as_lines(found: mpsc::Receiver<Found>) -> Response {
    let content = [(header::CONTENT_TYPE, NDJSON)];
    (StatusCode::OK, content, Body::new(Lines { found })).into_response()
}

struct Lines {
    found: mpsc::Receiver<Found>,
}

impl http_body::Body for Lines {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let mut piece = Vec::new();
        while piece.len() < PIECE {
            match self.found.poll_recv(context) {
                Poll::Pending if piece.is_empty() => return Poll::Pending,
                Poll::Ready(None) if piece.is_empty() => return Poll::Ready(None),
                Poll::Pending | Poll::Ready(None) => break,
                Poll::Ready(Some(Found::End(..))) => {}
                Poll::Ready(Some(Found::Hit(hit))) => {
                    serde_json::to_writer(&mut piece, &hit)?;
                    piece.push(b'\n');
                }
                Poll::Ready(Some(Found::Wrong(line, error))) => {
                    let told = serde_json::json!({ "line": line, "error": error });
                    serde_json::to_writer(&mut piece, &told)?;
                    piece.push(b'\n');
                }
                // Breaking off is all that is left to tell that something failed.
                Poll::Ready(Some(Found::Failed(error))) => {
                    return Poll::Ready(Some(Err(std::io::Error::other(error.to_string()))));
                }
            }
        }
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }
}
