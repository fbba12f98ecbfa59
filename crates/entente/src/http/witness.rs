//! This node as a witness for other logs (C2SP tlog-witness): `POST /witness/add-checkpoint`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use node::log::witness::{SIZE_LIMIT, Witness};

use super::App;
use super::blocking::blocking;
use super::error::{Problem, Refused};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/witness/add-checkpoint", post(add_checkpoint))
        .route("/witness/key", get(key))
}

fn witness(app: &App) -> Result<Arc<Witness>, Refused> {
    let words = "this node is no witness";
    let witness = app.witness.clone();
    witness.ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, words))
}

/// `POST /witness/add-checkpoint`. The cosignature is on disk before it is sent.
async fn add_checkpoint(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let witness = witness(&app)?;
    let whole = app.bodies.read_up_to(SIZE_LIMIT, &headers, body).await?;
    let now = app.node.now();
    let seconds = u64::try_from(now.0 / 1_000_000).unwrap_or_default();
    let done = blocking(move || {
        let answer = witness.add_checkpoint(&whole.bytes, seconds);
        Ok(answer.map_err(|error| node::Error::Storage(error.to_string()))?)
    });
    let answer = done.await?;
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let kind = HeaderValue::from_static(answer.content_type());
    Ok((status, [(header::CONTENT_TYPE, kind)], answer.body()).into_response())
}

/// `GET /witness/key`: the key that it cosigns with, as C2SP signed-note writes it.
async fn key(State(app): State<App>) -> Result<Response, Problem> {
    let key = format!("{}\n", witness(&app)?.key());
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], key).into_response())
}
