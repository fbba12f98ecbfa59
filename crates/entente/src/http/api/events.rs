//! The feed of changes as server-sent events (WHATWG HTML §9.2).
//!
//! A task of its own follows the feed for each client and hands it pieces through a channel of one,
//! so a client that reads slowly holds up nobody, and holds at most a piece or the largest object in
//! memory. Before each page the caller is worked out anew from its credentials and the policy
//! decides anew. A stream that breaks is taken up again with `Last-Event-ID`.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use http_body::Frame;
use node::{Caller, Node};
use tokio::sync::{mpsc, watch};

use super::Answer;
use super::changes::Ask;
use crate::http::auth::Auth;
use crate::http::blocking::reading;
use crate::http::error::Refused;
use crate::http::{App, stopped};
use crate::present::changes::Change;

/// After so long without a change a comment is sent, so that nobody on the way takes the connection
/// for dead; and the credentials are looked at again.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long changes are gathered before they are read: a page for each write would be a waste.
const GATHER: Duration = Duration::from_millis(50);
/// A client that takes nothing for so long is given up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Changes read at once.
const PAGE: usize = 256;
/// Octets after which the rest of a page is left for later, and of which a piece is made.
const PIECE: usize = 256 << 10;
/// Streams at a time.
const MOST: usize = 512;
/// Streams of one party at a time; those without credentials are one party.
const MOST_OF_PARTY: usize = 64;

/// How many streams are open, by party.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: Mutex<HashMap<String, usize>>,
}

/// The place of one stream; given back when it is dropped.
struct Place {
    streams: Arc<Streams>,
    party: String,
}

impl Streams {
    fn take(self: &Arc<Self>, caller: &Caller) -> Result<Place, Refused> {
        let party = caller.party().unwrap_or_default().to_owned();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_party = open.get(&party).copied().unwrap_or(0);
        if of_party >= MOST_OF_PARTY || open.values().sum::<usize>() >= MOST {
            let words = format!(
                "too many event streams are open ({MOST_OF_PARTY} of a party and {MOST} in all is \
                 the most): end one, or ask for pages"
            );
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, words));
        }
        open.insert(party.clone(), of_party + 1);
        Ok(Place {
            streams: Arc::clone(self),
            party,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let open = self.streams.open.lock();
        let mut open = open.unwrap_or_else(PoisonError::into_inner);
        if let Some(of_party) = open.get_mut(&self.party) {
            *of_party -= 1;
            if *of_party == 0 {
                open.remove(&self.party);
            }
        }
    }
}

/// Begins a stream.
pub(super) async fn follow(app: &App, headers: &HeaderMap, caller: Caller, ask: Ask) -> Answer {
    let place = app.streams.take(&caller)?;
    let written = app.node.watch();
    let key = caller.key().map(str::to_owned);
    let first = read(app, caller, ask.clone()).await?;
    let (to_client, pieces) = mpsc::channel(1);
    let follower = Follower {
        app: app.clone(),
        headers: headers.clone(),
        key,
        ask,
        to_client,
    };
    tokio::spawn(follower.run(written, first));
    let content = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies that gather answers would hold events back.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let body = Body::new(Pieces {
        pieces,
        _place: place,
    });
    Ok((StatusCode::OK, content, body).into_response())
}

struct Follower {
    app: App,
    headers: HeaderMap,
    /// The key that signed the request, if one did.
    key: Option<String>,
    ask: Ask,
    to_client: mpsc::Sender<Bytes>,
}

/// A part of the feed, as events.
struct Page {
    piece: Vec<u8>,
    /// Up to where it tells everything.
    upto: i64,
    /// Whether more follow at once.
    more: bool,
}

impl Follower {
    /// Follows the feed until the client goes, its credentials end, or the node stops.
    async fn run(mut self, mut written: watch::Receiver<u64>, first: Page) {
        // The first piece tells the client, and all on the way, that it has begun.
        if !self
            .send(b": the feed of changes\nretry: 3000\n\n".to_vec())
            .await
        {
            return;
        }
        let mut page = first;
        loop {
            let (upto, more) = (page.upto, page.more);
            if !page.piece.is_empty() && !self.send(page.piece).await {
                return;
            }
            self.ask.since.after = Some(upto);
            if !more {
                let beat = tokio::select! {
                    _ = written.changed() => {
                        tokio::time::sleep(GATHER).await;
                        written.mark_unchanged();
                        false
                    }
                    () = tokio::time::sleep(HEARTBEAT) => true,
                    () = self.to_client.closed() => return,
                    () = stopped(&self.app.stopping) => return,
                };
                if beat && !self.send(b": nothing new\n\n".to_vec()).await {
                    return;
                }
            }
            let Some(caller) = self.caller() else {
                return;
            };
            page = match read(&self.app, caller, self.ask.clone()).await {
                Ok(page) => page,
                Err(refused) => {
                    tracing::debug!("an event stream ends: {}", refused.detail);
                    return;
                }
            };
        }
    }

    /// The caller, as its credentials are now.
    fn caller(&self) -> Option<Caller> {
        let node = &self.app.node;
        match &self.key {
            Some(key) => node.directory().caller_by_key(key, node.now()),
            None => Auth::of(&self.app, &self.headers).ok(),
        }
    }

    /// Hands a piece over; false when nobody takes it, or the node stops.
    async fn send(&self, piece: Vec<u8>) -> bool {
        tokio::select! {
            sent = self.to_client.send_timeout(piece.into(), PATIENCE) => sent.is_ok(),
            () = stopped(&self.app.stopping) => false,
        }
    }
}

async fn read(app: &App, caller: Caller, ask: Ask) -> Result<Page, Refused> {
    reading(app, &caller, move |node, caller| page(node, caller, ask)).await
}

fn page(node: &Node, caller: &Caller, mut ask: Ask) -> Result<Page, node::Error> {
    ask.since.limit = PAGE;
    // Asked before the page is read: what is written meanwhile comes after it.
    let reached = node.reached()?;
    let (found, mut more) = node.changes(caller, &ask.since)?;
    let mut upto = ask.since.after.unwrap_or(0);
    let mut piece = Vec::new();
    let mut left = found.len();
    for change in &found {
        if piece.len() >= PIECE {
            break;
        }
        let shown = Change::of(change, ask.objects);
        let line = shown
            .line()
            .map_err(|error| node::Error::Storage(error.to_string()))?;
        piece.extend(format!("id: {}\nevent: {}\ndata: ", shown.id, shown.kind).bytes());
        piece.extend(line);
        piece.extend(b"\n\n");
        upto = change.at;
        left -= 1;
    }
    more |= left > 0;
    if !more {
        upto = upto.max(reached.0);
    }
    Ok(Page { piece, upto, more })
}

/// A body of pieces as they come.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    _place: Place,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = self.pieces.poll_recv(context);
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_most_of_streams_and_each_end_makes_room() {
        let streams = Arc::new(Streams::default());
        let take = || streams.take(&Caller::Operator);
        let mut places: Vec<Place> = (0..MOST_OF_PARTY).map(|_| take().unwrap()).collect();
        assert_eq!(
            take().err().map(|refused| refused.status.as_u16()),
            Some(503)
        );
        assert!(streams.take(&Caller::Anonymous).is_ok());
        places.pop();
        assert!(take().is_ok());
        places.clear();
        assert!(streams.open.lock().unwrap().is_empty());
    }
}
