//! `/h/hash`: the hash of an image that is sent.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::IntoResponse as _;
use matching::pdq::{Hashed, Hasher};
use node::Caller;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, PDQ, Query, fetches_nothing, known_type, upload};
use crate::http::App;
use crate::http::auth::HmaAuth;
use crate::http::blocking::blocking;
use crate::http::error::Refused;
use crate::picture::Picture;

/// How long an image waits until others are decoded.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much a hash says, 0 to 100: HMA does not tell it.
const QUALITY: HeaderName = HeaderName::from_static("x-pdq-quality");

#[derive(Deserialize)]
pub(super) struct Wanted {
    url: Option<String>,
    /// Types of signal, separated by commas; all when left out.
    types: Option<String>,
}

/// HMA fetches a URL here.
pub(super) async fn of_url(Query(wanted): Query<Wanted>) -> Answer {
    Err(match wanted.url {
        Some(_) => fetches_nothing().into(),
        None => Refused::bad("url is required; this node fetches none: POST the image").into(),
    })
}

/// The hash of an image that is sent.
pub(super) async fn of_upload(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    if let Some(types) = &wanted.types {
        let mut types = types.split(',').map(str::trim).filter(|t| !t.is_empty());
        let first = types
            .next()
            .ok_or_else(|| Refused::bad("empty signal type selection"))?;
        known_type(first)?;
        types.try_for_each(known_type)?;
    }
    let hashed = hash(&app, &caller, &headers, body).await?;
    let answer = Json(json!({ PDQ: hashed.hash.to_string() }));
    Ok((quality(&hashed), answer).into_response())
}

/// The header that tells the quality.
pub(super) fn quality(hashed: &Hashed) -> [(HeaderName, String); 1] {
    [(QUALITY, hashed.quality.to_string())]
}

/// Reads an image and hashes it, few at a time: decoding takes much memory.
///
/// # Errors
/// 401 for callers without credentials, 503 when others are decoded for too long; as
/// [`upload::image`]; 400 for what is no whole image or none that is decoded.
pub(super) async fn hash(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<Hashed, Refused> {
    let signed_in = app.node.viewer(caller).signed_in();
    signed_in.map_err(node::Error::from)?;
    let upload = upload::image(app, headers, body).await?;
    let decoder = Arc::clone(&app.decoders).acquire_owned();
    let Ok(Ok(decoder)) = tokio::time::timeout(PATIENCE, decoder).await else {
        let words = "too many images are being hashed: try again in a moment";
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, words));
    };
    let hashing = blocking(move || {
        let hashed = hash_image(&upload.image);
        drop(decoder);
        hashed
    });
    hashing.await
}

fn hash_image(file: &[u8]) -> Result<Hashed, Refused> {
    let refused = |error: &dyn std::error::Error| Refused::bad(format!("the image {error}"));
    let picture = Picture::decode(file).map_err(|error| refused(&error))?;
    let pixels = picture.pixels().map_err(|error| refused(&error))?;
    let hashed = Hasher::new().hash(&pixels);
    hashed.map_err(|error| Refused::bad(error.to_string()))
}
