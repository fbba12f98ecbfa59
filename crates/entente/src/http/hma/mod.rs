//! The surface of Meta's Hasher-Matcher-Actioner (HMA), for programs that hash and match images. A
//! bank is a collection, its content are signals with PDQ hashes. docs/hma.md says what differs.

mod bank;
mod hash;
mod lookup;
mod upload;

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use matching::pdq::Pdq;
use serde::de::DeserializeOwned;

use super::App;
use super::error::{self, HmaError, Refused};

/// An answer, or a refusal in HMA's words.
type Answer = Result<Response, HmaError>;

/// Images that are decoded at a time: the largest take 700 MB each.
pub(super) const DECODERS: usize = 2;

/// The one type of signal that is hashed and matched here, as HMA calls it.
const PDQ: &str = "pdq";

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/h/hash", get(hash::of_url).post(hash::of_upload))
        .route("/m/lookup", get(lookup::by_signal).post(lookup::by_upload))
        .route("/m/raw_lookup", get(lookup::raw))
        .route("/m/compare", post(lookup::compare))
        .route("/c/banks", get(bank::all))
        .route("/c/bank/{name}", get(bank::one))
        .route("/c/bank/{name}/content", post(bank::add_content))
        .route("/c/bank/{name}/signal", post(bank::add_signal))
        .route("/status", get(status))
        .method_not_allowed_fallback(method_not_allowed)
}

/// In HMA's words, whether images can be matched.
async fn status(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.node.ready() {
        Ok(()) => (StatusCode::OK, "I-AM-ALIVE"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "INDEX-NOT-LOADED"),
    }
}

async fn method_not_allowed(uri: Uri) -> HmaError {
    let words = format!("{} does not take that method", uri.path());
    HmaError(Refused::new(StatusCode::METHOD_NOT_ALLOWED, words))
}

/// A hash of the only type there is.
fn signal(signal_type: &str, signal: &str) -> Result<Pdq, Refused> {
    known_type(signal_type)?;
    let parsed = signal.trim().parse::<Pdq>();
    parsed.map_err(|error| Refused::bad(format!("invalid signal: {error}")))
}

fn known_type(signal_type: &str) -> Result<(), Refused> {
    if signal_type == PDQ {
        return Ok(());
    }
    let told: String = signal_type.chars().take(80).collect();
    let words = format!("No such SignalType '{told}': this node knows '{PDQ}'");
    Err(Refused::bad(words))
}

/// What is asked when a URL is to be fetched.
fn fetches_nothing() -> Refused {
    let words = "this node fetches no URLs: fetch the image yourself and POST it as the file 'photo' \
                 of multipart/form-data";
    Refused::new(StatusCode::FORBIDDEN, words)
}

/// URL parameters of a known shape.
struct Query<T>(T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = HmaError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, HmaError> {
        Ok(Query(error::query(&parts.uri)?))
    }
}
