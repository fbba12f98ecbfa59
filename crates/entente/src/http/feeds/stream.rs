//! Bodies that are written while they are sent.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use http_body::Frame;
use node::{Caller, Node};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

use super::super::App;
use super::super::error::Refused;

/// Octets that are gathered before they are sent.
const PIECE: usize = 32 << 10;
/// Pieces that wait for the client.
const WAITING: usize = 8;
/// Bodies that are written at a time: each holds a thread for as long as its client takes.
static PLACES: Semaphore = Semaphore::const_new(64);
/// How long a client may take for the next piece.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a body ends before its end: the client went away, or the node cannot be read on.
#[derive(Debug)]
pub(in crate::http) struct Broken(io::Error);

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

/// A body that `write` writes while it is sent. What can be refused has to be refused before.
///
/// # Errors
/// 503 while too many others are being sent.
pub(in crate::http) fn body(
    app: &App,
    caller: Caller,
    write: impl FnOnce(&Node, &Caller, &mut dyn Write) -> Result<(), Broken> + Send + 'static,
) -> Result<Body, Refused> {
    let place = PLACES.try_acquire().map_err(|_| {
        let words = "too many feeds are being sent: try again in a moment";
        Refused::new(StatusCode::SERVICE_UNAVAILABLE, words)
    })?;
    let (to_client, pieces) = mpsc::channel(WAITING);
    let node = Arc::clone(&app.node);
    tokio::task::spawn_blocking(move || {
        let mut sink = Sink {
            to_client,
            gathered: Vec::with_capacity(PIECE),
        };
        let written = write(&node, &caller, &mut sink);
        if let Err(Broken(error)) = written.and_then(|()| Ok(sink.end()?))
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::error!("a feed was broken off: {error}");
        }
        drop(place);
    });
    Ok(Body::new(Pieces(pieces)))
}

/// What goes to the client: a piece, or at last none.
type Piece = Option<Bytes>;

struct Sink {
    to_client: mpsc::Sender<Piece>,
    gathered: Vec<u8>,
}

impl Sink {
    fn send(&self, piece: Piece) -> io::Result<()> {
        let sent = self.to_client.send_timeout(piece, PATIENCE);
        let sent = Handle::current().block_on(sent);
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }

    /// Sends what was gathered.
    fn give(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        self.send(Some(piece.into()))
    }

    fn end(&mut self) -> io::Result<()> {
        self.give()?;
        self.send(None)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.give()?;
        }
        Ok(bytes.len())
    }

    /// Nothing: a piece goes when it is whole, whoever flushes a row.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Pieces(mpsc::Receiver<Piece>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| match piece {
            Some(Some(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(None) => None,
            // Whoever wrote stopped before the end: breaking off is all that is left to tell.
            None => Some(Err(io::Error::other("the body was broken off"))),
        })
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn read(pieces: Vec<Piece>) -> Result<Bytes, io::Error> {
        let (to_client, receiver) = mpsc::channel(WAITING);
        for piece in pieces {
            to_client.send(piece).await.unwrap();
        }
        drop(to_client);
        Ok(Pieces(receiver).collect().await?.to_bytes())
    }

    #[tokio::test]
    async fn a_part_is_never_taken_for_the_whole() {
        let piece = || Some(Bytes::from_static(b"a line\n"));
        assert_eq!(read(vec![piece(), piece(), None]).await.unwrap().len(), 14);
        assert!(read(vec![piece(), piece()]).await.is_err());
        assert!(read(Vec::new()).await.is_err());
    }
}
