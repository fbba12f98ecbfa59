//! Writes that reach a node which follows: handed on to the node that leads, as they are.
//!
//! Who follows answers what only reads by itself. A write goes to the leader over plain HTTP/1.1 (the nodes
//! of a cluster share a network of their own), and its answer comes back once this node has taken what was
//! written: so a client reads its own writes, whichever node it asks.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::App;
use super::error::Refused;

/// How far the journal of the node that answered goes: in answers to what was handed on.
const POSITION: HeaderName = HeaderName::from_static("entente-position");
/// Marks what was handed on, so that it goes no further.
const HANDED_ON: HeaderName = HeaderName::from_static("entente-handed-on");
/// How long the leader may take to be reached.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a client waits until this node has taken what was written.
const CATCH_UP: Duration = Duration::from_secs(5);
/// What reads, though it is sent: answered here.
const READS: [&str; 7] = [
    "/api/v1/lookup",
    "/api/v1/audience",
    "/match",
    "/m/",
    "/h/",
    "/sign-",
    "/witness/",
];
/// What belongs to one connection (RFC 9110, section 7.6.1).
const HOPS: [HeaderName; 4] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
];

/// Hands a write on when another node leads.
pub(super) async fn to_leader(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(cluster) = app.node.cluster() else {
        return next.run(request).await;
    };
    let handed_on = request.headers().contains_key(&HANDED_ON);
    let path = request.uri().path();
    let reads = request.method().is_safe() || READS.iter().any(|read| path.starts_with(read));
    if reads || cluster.leads() || handed_on {
        let mut answer = next.run(request).await;
        if handed_on {
            let position = HeaderValue::from(app.node.entries());
            answer.headers_mut().insert(POSITION, position);
        }
        return answer;
    }
    let Some(leader) = cluster.leader() else {
        return refused(None);
    };
    let request = with_token(&app, request);
    match send(&leader, request).await {
        Ok(mut answer) => {
            if let Some(position) = answer.headers_mut().remove(&POSITION) {
                follow(&app, &position).await;
            }
            answer
        }
        Err(error) => {
            tracing::warn!("{leader}, which leads, does not answer: {error}");
            refused(Some(leader))
        }
    }
}

fn refused(leader: Option<String>) -> Response {
    let refused = Refused::from(node::Error::Elsewhere(leader));
    super::error::Problem(refused).into_response()
}

/// The request with the token that its session stands for: sessions live on the node that opened them.
fn with_token(app: &App, mut request: Request) -> Request {
    if let Some(token) = app.sessions.token(app, request.headers())
        && let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}"))
    {
        let headers = request.headers_mut();
        headers.remove(header::COOKIE);
        headers.entry(header::AUTHORIZATION).or_insert(value);
    }
    request
}

/// Sends a request to a node, and gives its answer as it comes.
async fn send(leader: &str, request: Request) -> Result<Response, String> {
    let uri: Uri = leader.parse().map_err(|_| "its URL is none".to_owned())?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(80);
    let connecting = tokio::time::timeout(CONNECT, TcpStream::connect((host, port)));
    let stream = connecting
        .await
        .map_err(|_| "it cannot be reached in time".to_owned())?;
    let stream = stream.map_err(|error| error.to_string())?;
    drop(stream.set_nodelay(true));
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().map_err(|_| "the path is none".to_owned())?;
    without_hops(&mut parts.headers);
    parts
        .headers
        .insert(HANDED_ON, HeaderValue::from_static("1"));
    let answer = sender.send_request(Request::from_parts(parts, body)).await;
    let (mut parts, body) = answer.map_err(|error| error.to_string())?.into_parts();
    without_hops(&mut parts.headers);
    Ok(Response::from_parts(parts, Body::new(body)))
}

fn without_hops(headers: &mut HeaderMap) {
    for hop in &HOPS {
        headers.remove(hop);
    }
}

/// Waits until this node has taken what was written.
async fn follow(app: &App, position: &HeaderValue) {
    let position = position
        .to_str()
        .ok()
        .and_then(|text| text.parse::<u64>().ok());
    if let Some(position) = position {
        let mut taken = app.node.watch();
        let waiting = taken.wait_for(|taken| *taken >= position);
        drop(tokio::time::timeout(CATCH_UP, waiting).await);
    }
}
