//! Writes that reach a node which follows: handed on to the node that leads, as they are.
//!
//! Who follows answers what only reads by itself. A write goes to the leader over plain HTTP/1.1 (the nodes
//! of a cluster share a network of their own), and its answer comes back once this node has taken what was
//! written: so a client reads its own writes, whichever node it asks. Nodes know each other by a secret that
//! follows from the log's key, which all of them have; what else claims to be handed on is not.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper_util::rt::TokioIo;
use node::Node;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpStream;

use super::App;
use super::error::{Problem, Refused};
use super::pace::{Peer, Source};

/// How far the journal of the node that answered goes: in answers to what was handed on.
const POSITION: HeaderName = HeaderName::from_static("entente-position");
/// The secret that marks what was handed on, so that it goes no further.
const HANDED_ON: HeaderName = HeaderName::from_static("entente-handed-on");
/// Where what was handed on came from.
const PEER: HeaderName = HeaderName::from_static("entente-peer");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How long the leader may take to be reached.
const CONNECT: Duration = Duration::from_secs(3);
/// How long it may take to answer: longer than its servers may take to fail over.
const ANSWER: Duration = Duration::from_mins(2);
/// How long a client waits until this node has taken what was written.
const CATCH_UP: Duration = Duration::from_secs(5);
/// What is sent, and is this node's own to answer: it reads, or is kept here alone.
const OWN: [&str; 9] = [
    "/api/v1/lookup",
    "/api/v1/audience",
    "/match",
    "/m/",
    "/h/",
    "/sign-",
    "/witness/",
    "/mail/",
    "/subscribe",
];
/// What belongs to one connection (RFC 9110, section 7.6.1).
const HOPS: [HeaderName; 4] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
];

/// Why what was sent has no answer.
enum Lost {
    /// It did not go out.
    Unsent(String),
    /// It may have been done.
    Unanswered(String),
}

/// What the nodes of a cluster know each other by.
pub(super) fn secret(node: &Node) -> String {
    let key = node.log().key().secret_text();
    // Any length of key will do.
    let made = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    made.map_or_else(
        |_| node::act::manage::random_text(),
        |mut hash| {
            hash.update(b"entente/cluster/v1");
            let digest = hash.finalize().into_bytes();
            digest
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        },
    )
}

/// Hands a write on when another node leads.
pub(super) async fn to_leader(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(cluster) = app.node.cluster() else {
        return next.run(request).await;
    };
    let (request, handed_on) = received(&app, request);
    let path = request.uri().path();
    let own = request.method().is_safe() || OWN.iter().any(|own| path.starts_with(own));
    if own || cluster.leads() || handed_on {
        let mut answer = next.run(request).await;
        if handed_on {
            let position = HeaderValue::from(app.node.entries());
            answer.headers_mut().insert(POSITION, position);
        }
        return answer;
    }
    let Some(leader) = cluster.leader() else {
        return Problem(Refused::from(node::Error::Elsewhere(None))).into_response();
    };
    match send(&app, &leader, request).await {
        Ok(mut answer) => {
            if let Some(position) = answer.headers_mut().remove(&POSITION) {
                follow(&app, &position).await;
            }
            answer
        }
        Err(Lost::Unsent(error)) => {
            tracing::warn!("{leader}, which leads, cannot be reached: {error}");
            Problem(Refused::from(node::Error::Elsewhere(Some(leader)))).into_response()
        }
        Err(Lost::Unanswered(error)) => {
            tracing::warn!("{leader}, which leads, did not answer: {error}");
            let words = "the node that writes for all was lost before it answered: what was sent may have \
                         been done. Look first, or send it again under its idempotency key";
            Problem(Refused::new(StatusCode::BAD_GATEWAY, words)).into_response()
        }
    }
}

/// A request as it came, and whether another node handed it on: then it comes from where that one says.
fn received(app: &App, mut request: Request) -> (Request, bool) {
    let told = request.headers_mut().remove(&HANDED_ON);
    let peer = request.headers_mut().remove(&PEER);
    let secret = app.settings.cluster_secret.as_bytes();
    let handed_on = told.is_some_and(|told| bool::from(told.as_bytes().ct_eq(secret)));
    if handed_on {
        request.headers_mut().remove(&FORWARDED_FOR);
        let operator = app.settings.operator_secret.as_deref();
        if let (true, Some(own)) = (carries(&request, secret), operator) {
            // The other's operator is this one's.
            if let Ok(value) = HeaderValue::from_str(&format!("Bearer {own}")) {
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
        }
        let peer = peer.and_then(|peer| peer.to_str().ok()?.parse::<IpAddr>().ok());
        if let Some(peer) = peer {
            request.extensions_mut().insert(Peer(peer));
        }
    }
    (request, handed_on)
}

/// Whether a request carries this as its token.
fn carries(request: &Request, token: &[u8]) -> bool {
    let told = request.headers().get(header::AUTHORIZATION);
    let told = told.and_then(|told| told.as_bytes().strip_prefix(b"Bearer "));
    told.is_some_and(|told| bool::from(told.ct_eq(token)))
}

/// Sends a request to a node, and gives its answer as it comes.
async fn send(app: &App, leader: &str, request: Request) -> Result<Response, Lost> {
    let unsent = |error: String| Lost::Unsent(error);
    let uri: Uri = leader
        .parse()
        .map_err(|_| unsent("its URL is none".into()))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(80);
    let connecting = tokio::time::timeout(CONNECT, TcpStream::connect((host, port)));
    let stream = connecting.await.map_err(|_| unsent("not in time".into()))?;
    let stream = stream.map_err(|error| unsent(error.to_string()))?;
    drop(stream.set_nodelay(true));
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| unsent(error.to_string()))?;
    tokio::spawn(connection);
    let request = prepared(app, request).map_err(unsent)?;
    let answer = tokio::time::timeout(ANSWER, sender.send_request(request)).await;
    let answer = answer.map_err(|_| Lost::Unanswered("not in time".into()))?;
    let answer = answer.map_err(|error| Lost::Unanswered(error.to_string()))?;
    let (mut parts, body) = answer.into_parts();
    without_hops(&mut parts.headers);
    Ok(Response::from_parts(parts, Body::new(body)))
}

/// The request as it goes out: with the token that its session stands for, as sessions live on the node
/// that opened them, or as the operator's, and with where it comes from.
fn prepared(app: &App, request: Request) -> Result<Request, String> {
    let operator = app.settings.operator_secret.as_deref();
    let operator = operator.is_some_and(|secret| carries(&request, secret.as_bytes()));
    let token = app.sessions.token(app, request.headers());
    let (mut parts, body) = request.into_parts();
    let Source(source) = Source::of(parts.extensions.get().copied(), &parts.headers);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().map_err(|_| "the path is none".to_owned())?;
    let headers = &mut parts.headers;
    without_hops(headers);
    headers.remove(&FORWARDED_FOR);
    if let Some(token) = token
        && let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}"))
    {
        headers.remove(header::COOKIE);
        headers.entry(header::AUTHORIZATION).or_insert(value);
    }
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
    if operator {
        // The secret in a node's data directory is known to that node alone.
        let token = format!("Bearer {}", app.settings.cluster_secret);
        headers.insert(header::AUTHORIZATION, value(&token)?);
    }
    headers.insert(HANDED_ON, value(&app.settings.cluster_secret)?);
    if let Some(source) = source {
        headers.insert(PEER, value(&source.to_string())?);
    }
    Ok(Request::from_parts(parts, body))
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
