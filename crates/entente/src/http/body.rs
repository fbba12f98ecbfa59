//! Reading request bodies in bounded memory and bounded time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::error::Refused;

/// How long a client may take for the next piece of its body.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client may take for its body, besides a second for each [`SLOWEST`] octets of it.
const GRACE: Duration = Duration::from_secs(30);
/// Octets a second that a client has to reach.
const SLOWEST: usize = 16 << 10;
/// How long a body waits for room in the budget.
const ROOM: Duration = Duration::from_secs(30);
/// How long a body that is refused is read on.
const FAREWELL: Duration = Duration::from_secs(30);
/// A body that is too large is read and thrown away up to here, so that the client hears the 413
/// instead of a broken connection.
const DRAINED: usize = 1 << 30;
/// The unit of the budget.
const KIB: usize = 1024;

/// What all bodies together may take in memory.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    permits: Arc<Semaphore>,
    /// The largest body, in octets.
    pub(crate) limit: usize,
}

/// A whole body, with its share of the budget.
pub(crate) struct Whole {
    pub(crate) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// Bodies of at most `limit` octets, four of the largest at a time and any number of small ones.
    pub(crate) fn new(limit: usize) -> Self {
        let permits = Arc::new(Semaphore::new((limit / KIB + 1) * 4));
        Budget { permits, limit }
    }

    /// Room that is left, in units of the budget.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.permits.available_permits()
    }

    /// Reads a body, waiting for room in the budget.
    ///
    /// # Errors
    /// 413 above the limit, 408 when the client stalls or takes too long, 400 when it breaks off,
    /// 503 when there is no room for half a minute.
    pub(crate) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Whole, Refused> {
        self.read_up_to(self.limit, headers, body).await
    }

    /// [`Budget::read`] with a smaller limit.
    pub(crate) async fn read_up_to(
        &self,
        limit: usize,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Whole, Refused> {
        self.read_within(limit.min(self.limit), headers, body).await
    }

    /// A body of an administrator, which may take up to the whole budget: four times what others
    /// may send.
    ///
    /// # Errors
    /// As [`Budget::read`].
    pub(crate) async fn read_large(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Whole, Refused> {
        self.read_within(self.limit.saturating_mul(4), headers, body)
            .await
    }

    async fn read_within(
        &self,
        limit: usize,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Whole, Refused> {
        let told = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse::<usize>().ok());
        if told.is_some_and(|told| told > limit) {
            return Err(too_large(limit));
        }
        // Memory that was not written to yet is no memory: a told length costs nothing.
        let mut share = None;
        let bytes = self
            .collect(body, &mut share, told.unwrap_or(0), limit)
            .await?;
        Ok(Whole {
            bytes,
            _share: share,
        })
    }

    /// Collects the pieces of a body; its share of the budget grows with what has arrived, so that
    /// one that is slow holds no more than it has sent.
    async fn collect(
        &self,
        mut body: Body,
        share: &mut Option<OwnedSemaphorePermit>,
        expected: usize,
        limit: usize,
    ) -> Result<Bytes, Refused> {
        // Moves on while the body waits for room: that is no slowness of the client.
        let mut start = Instant::now();
        let mut collected = BytesMut::with_capacity(expected);
        loop {
            let until = start + GRACE + Duration::from_secs((collected.len() / SLOWEST) as u64);
            let piece = tokio::time::timeout_at(until, next(&mut body)).await;
            let Some(piece) = piece.unwrap_or_else(|_| Err(too_slow()))? else {
                return Ok(collected.freeze());
            };
            let length = collected.len() + piece.len();
            if length > limit {
                return Err(too_large(limit));
            }
            let held = share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            let missing = (length / KIB + 1).saturating_sub(held);
            if missing > 0 {
                let asked = Instant::now();
                let more = self.share(missing).await?;
                start += asked.elapsed();
                match share {
                    Some(share) => share.merge(more),
                    None => *share = Some(more),
                }
            }
            collected.extend_from_slice(&piece);
        }
    }

    /// A share of the budget, in KiB; waits a little for others to end.
    async fn share(&self, amount: usize) -> Result<OwnedSemaphorePermit, Refused> {
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        let share = Arc::clone(&self.permits).acquire_many_owned(amount);
        match tokio::time::timeout(ROOM, share).await {
            Ok(Ok(share)) => Ok(share),
            _ => Err(node::Error::Busy.into()),
        }
    }
}

fn too_slow() -> Refused {
    let words = "the body came too slowly: less than 16 KiB a second";
    Refused::new(StatusCode::REQUEST_TIMEOUT, words)
}

fn too_large(limit: usize) -> Refused {
    Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {limit} octets, the most that is taken: send it in parts"),
    )
}

/// The next piece of a body; none at its end.
///
/// # Errors
/// 408 when the client stalls, 400 when it breaks off.
pub(crate) async fn next(body: &mut Body) -> Result<Option<Bytes>, Refused> {
    loop {
        let frame = tokio::time::timeout(PATIENCE, body.frame())
            .await
            .map_err(|_| {
                Refused::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "the body stalled for 30 seconds",
                )
            })?;
        match frame {
            None => return Ok(None),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
            Some(Err(error)) => return Err(Refused::bad(format!("the body broke off: {error}"))),
        }
    }
}

/// Reads on what is left of the body of a refused request, and keeps nothing of it: a client that is
/// still sending would see a broken connection instead of the answer. One that asked first whether
/// it should send (RFC 9110 §10.1.1) is not made to.
pub(crate) async fn read_on_when_refused(request: Request, next: Next) -> Response {
    let asked_first = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let seen = Body::new(Lent(Arc::clone(&body)));
    let response = next.run(Request::from_parts(parts, seen)).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if refused && !asked_first {
        drain(Body::new(Lent(body))).await;
    }
    response
}

/// A body that is given to a handler and can be read on afterwards.
struct Lent(Arc<Mutex<Body>>);

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .size_hint()
    }
}

async fn drain(mut body: Body) {
    let mut thrown = 0;
    let drained = async {
        while let Ok(Some(piece)) = next(&mut body).await {
            thrown += piece.len();
            if thrown > DRAINED {
                break;
            }
        }
    };
    // Whether it ends or is left, nothing more is to be done for it.
    drop(tokio::time::timeout(FAREWELL, drained).await);
}
