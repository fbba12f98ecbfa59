//! Single values: a list, or one a line as they arrive.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use node::Caller;
use node::act::lookup::{ValueHit, ValueMatcher};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Found, HITS_WAITING, WAITING, feed};
use crate::http::App;
use crate::http::error::Refused;
use crate::present::lookup::{Match, Suppressed};

/// Octets of a line.
const LONGEST: usize = 64 << 10;

/// A line of NDJSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line<'a> {
    Bare(#[serde(borrow)] Cow<'a, str>),
    Named {
        #[serde(borrow)]
        value: Cow<'a, str>,
    },
}

/// Looks up a list.
pub(super) fn look_up_all(
    app: &App,
    caller: Caller,
    values: Vec<String>,
    explain: bool,
) -> mpsc::Receiver<Found> {
    start(app, caller, explain, move |lookup| {
        for (place, value) in values.iter().enumerate() {
            lookup.lines += 1;
            lookup.bytes += value.len() as u64;
            if !lookup.value(value, &|words| format!("values/{place}: {words}"))? {
                break;
            }
        }
        Ok(())
    })
}

/// Looks up the values of a body, a line each, as they arrive.
pub(super) fn look_up_lines(
    app: &App,
    caller: Caller,
    body: Body,
    explain: bool,
) -> (mpsc::Receiver<Found>, JoinHandle<Result<(), Refused>>) {
    let (to_look_up, mut pieces) = mpsc::channel::<Bytes>(WAITING);
    let found = start(app, caller, explain, move |lookup| {
        let mut line = Vec::new();
        while let Some(piece) = pieces.blocking_recv() {
            for part in piece.split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                if line.len() > LONGEST {
                    lookup.lines += 1;
                    let number = lookup.lines;
                    lookup.wrong(format!("line {number}: more than {LONGEST} octets"));
                    return Ok(());
                }
                if part.ends_with(b"\n") {
                    if !lookup.line(&line)? {
                        return Ok(());
                    }
                    line.clear();
                }
            }
        }
        if !line.is_empty() {
            lookup.line(&line)?;
        }
        Ok(())
    });
    (found, tokio::spawn(feed(body, to_look_up)))
}

/// Values being looked up, for one client.
struct Lookup<'n> {
    matcher: ValueMatcher<'n>,
    to_client: mpsc::Sender<Found>,
    explain: bool,
    lines: u64,
    bytes: u64,
    suppressed: Suppressed,
}

/// Runs `work` beside the connection, and tells how it ended.
fn start(
    app: &App,
    caller: Caller,
    explain: bool,
    work: impl FnOnce(&mut Lookup<'_>) -> Result<(), node::Error> + Send + 'static,
) -> mpsc::Receiver<Found> {
    let (to_client, found) = mpsc::channel(HITS_WAITING);
    let node = Arc::clone(&app.node);
    tokio::task::spawn_blocking(move || {
        let done = node.value_matcher(&caller).and_then(|matcher| {
            let mut lookup = Lookup {
                matcher,
                to_client: to_client.clone(),
                explain,
                lines: 0,
                bytes: 0,
                suppressed: Suppressed::default(),
            };
            work(&mut lookup)?;
            Ok(Found::End(lookup.lines, lookup.bytes, lookup.suppressed))
        });
        drop(to_client.blocking_send(done.unwrap_or_else(Found::Failed)));
    });
    found
}

impl Lookup<'_> {
    /// Looks up a line; false when the client went away.
    fn line(&mut self, line: &[u8]) -> Result<bool, node::Error> {
        self.lines += 1;
        self.bytes += line.len() as u64;
        let number = self.lines;
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(true);
        }
        match serde_json::from_slice(line) {
            Ok(Line::Bare(value) | Line::Named { value }) => {
                self.value(&value, &|words| format!("line {number}: {words}"))
            }
            Err(_) => {
                self.wrong(format!(
                    "line {number}: neither a JSON string nor {{\"value\": …}}"
                ));
                Ok(!self.to_client.is_closed())
            }
        }
    }

    /// Looks up the value of the current line; false when the client went away.
    fn value(
        &mut self,
        value: &str,
        place: &dyn Fn(String) -> String,
    ) -> Result<bool, node::Error> {
        let Lookup {
            matcher,
            to_client,
            explain,
            lines,
            suppressed,
            ..
        } = self;
        let looked_up = matcher.look_up(*lines, value, &mut |hit| {
            let hit = match hit {
                ValueHit::Observable(hit) => Match::from(&hit),
                ValueHit::Image(hit) => Match::near(*lines, value, &hit),
            };
            if !hit.fires {
                suppressed.count(&hit);
            }
            if hit.fires || *explain {
                drop(to_client.blocking_send(Found::Hit(Box::new(hit))));
            }
        });
        match looked_up {
            Err(node::Error::Invalid(words)) => self.wrong(place(words)),
            other => other?,
        }
        Ok(!self.to_client.is_closed())
    }

    /// Tells that the current line cannot be looked up.
    fn wrong(&self, words: String) {
        drop(
            self.to_client
                .blocking_send(Found::Wrong(self.lines, words)),
        );
    }
}
