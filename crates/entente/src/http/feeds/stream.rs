//! Bodies that are written while they are sent.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use node::{Caller, Node};
use tokio::sync::mpsc;

use super::super::App;
use super::super::error::{Problem, Refused};

/// Octets that are gathered before they are sent.
const PIECE: usize = 32 << 10;
/// Pieces that wait for the client.
const WAITING: usize = 8;

/// Why a body ends before its end: the client went away, or the node cannot be read on.
#[derive(Debug)]
pub(super) struct Broken(io::Error);

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Broken(error)
    }
}

impl From<node::Error> for Broken {
    fn from(error: node::Error) -> Self {
        Broken(io::Error::other(error.to_string()))
    }
}

/// Runs blocking work of the node off the threads that serve connections; what an anonymous caller
/// might see with credentials is answered 401.
pub(super) async fn blocking<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    work: impl FnOnce(&Node, &Caller) -> Result<T, node::Error> + Send + 'static,
) -> Result<T, Problem> {
    let (node, caller) = (Arc::clone(&app.node), caller.clone());
    let anonymous = caller == Caller::Anonymous;
    let done = tokio::task::spawn_blocking(move || work(&node, &caller)).await;
    let done = done
        .map_err(|error| node::Error::Storage(error.to_string()))
        .flatten();
    done.map_err(|error| Problem(Refused::from(error).for_anonymous(anonymous)))
}

/// A body that `write` writes while it is sent. What can be refused has to be refused before.
pub(super) fn body(
    app: &App,
    caller: Caller,
    write: impl FnOnce(&Node, &Caller, &mut dyn Write) -> Result<(), Broken> + Send + 'static,
) -> Body {
    let (to_client, pieces) = mpsc::channel(WAITING);
    let node = Arc::clone(&app.node);
    tokio::task::spawn_blocking(move || {
        let mut sink = Sink {
            to_client,
            gathered: Vec::with_capacity(PIECE),
        };
        let written = write(&node, &caller, &mut sink);
        let written = written.and_then(|()| Ok(sink.flush()?));
        if let Err(Broken(error)) = written {
            if error.kind() != io::ErrorKind::BrokenPipe {
                tracing::error!("a feed was broken off: {error}");
            }
            drop(sink.to_client.blocking_send(Err(error)));
        }
    });
    Body::new(Pieces(pieces))
}

struct Sink {
    to_client: mpsc::Sender<io::Result<Bytes>>,
    gathered: Vec<u8>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        let sent = self.to_client.blocking_send(Ok(piece.into()));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
