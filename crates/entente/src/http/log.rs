//! The public log: checkpoint, tiles and entries (C2SP tlog-tiles) under `/log`, and receipts.
//!
//! What is here is public, but for the salts in receipts: everything but those may be kept by caches
//! and read by pages from elsewhere.

use std::io::Write as _;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use node::log::tile::{Level, Tile, TileError, Tiles as _};

use super::App;
use super::auth::Auth;
use super::blocking::blocking;
use super::error::{Problem, Refused};

/// An answer, or a refusal as a problem.
type Answer = Result<Response, Problem>;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/key", get(key))
        .route("/log/tile/{*path}", get(tile))
        .route("/log/receipt/{position}", get(receipt))
}

/// A mutable resource: asked for anew each time.
const FRESH: HeaderValue = HeaderValue::from_static("no-cache");
/// What never changes once it is there.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// Anybody's page may read it.
const ANYBODY: (header::HeaderName, HeaderValue) = (
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    HeaderValue::from_static("*"),
);

/// `GET /log/checkpoint`
async fn checkpoint(State(app): State<App>) -> Response {
    let note = app.node.log().shown().note.to_string();
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, FRESH),
        ANYBODY,
    ];
    (headers, note).into_response()
}

/// `GET /log/key`: the key that checkpoints are signed with, as C2SP signed-note writes it.
async fn key(State(app): State<App>) -> Response {
    let key = format!("{}\n", app.node.log().key().verifier());
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, FRESH),
        ANYBODY,
    ];
    (headers, key).into_response()
}

/// `GET /log/tile/{L}/{N}`, `/log/tile/entries/{N}`, with `.p/{W}` for partial ones.
async fn tile(State(app): State<App>, Path(path): Path<String>, headers: HeaderMap) -> Answer {
    let absent = || Refused::new(StatusCode::NOT_FOUND, "there is no such tile");
    let tile = Tile::parse(&format!("tile/{path}")).ok_or_else(absent)?;
    let packs = tile.level() == Level::Entries && takes_gzip(&headers);
    let read = blocking(move || match app.node.log().read(tile) {
        Ok(octets) if packs => Ok(gzip(&octets)),
        Ok(octets) => Ok(octets),
        Err(TileError::Absent { .. }) => Err(absent()),
        Err(error) => Err(node::Error::Storage(error.to_string()).into()),
    });
    let octets = read.await?;
    let headers = [
        (header::CONTENT_TYPE, OCTETS),
        (header::CACHE_CONTROL, FOR_GOOD),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        ANYBODY,
    ];
    let mut response = (headers, octets).into_response();
    if packs {
        let encoding = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, encoding);
    }
    Ok(response)
}

/// `GET /log/receipt/{position}`: a tlog-proof. Who may see what the entry is about gets its salt.
async fn receipt(
    State(app): State<App>,
    Path(position): Path<String>,
    Auth(caller): Auth,
) -> Answer {
    let position = position.strip_suffix(".tlog-proof").unwrap_or(&position);
    let position: u64 = position
        .parse()
        .map_err(|_| Refused::bad("a receipt is asked for by the entry's number"))?;
    let made = blocking(move || Ok(app.node.receipt(&caller, position)?));
    let receipt = made.await?.to_string();
    let name = format!("inline; filename=\"{position}.tlog-proof\"");
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, private"),
        ),
    ];
    let mut response = (headers, receipt).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.is_some_and(|value| {
        value.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts.next().is_some_and(|c| c.eq_ignore_ascii_case("gzip"));
            named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}

/// Writing to memory does not fail.
fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let _ = packed.write_all(octets);
    packed.finish().unwrap_or_default()
}
