//! `/api/v1/contests/{token}`: the affected look at what was done, and contest it, with nothing but the
//! link that they were given.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::super::{Answer, Json, Path, json};
use crate::http::App;
use crate::http::blocking::blocking;
use crate::http::error::Problem;
use crate::http::pace::Stranger;
use crate::present::request::{Contest, Contestable};

/// `GET /api/v1/contests/{token}`
pub(super) async fn shown(
    State(app): State<App>,
    _: Stranger,
    Path(token): Path<String>,
) -> Answer {
    let shown = blocking(move || {
        let found = app.node.contestable(&token)?;
        Ok(Contestable::new(&app.node, &found))
    });
    Ok(kept_nowhere(json(StatusCode::OK, &shown.await?)?))
}

/// `POST /api/v1/contests/{token}`
pub(super) async fn said(
    State(app): State<App>,
    _: Stranger,
    Path(token): Path<String>,
    Json(contest): Json<Contest>,
) -> Answer {
    // What does not exist is told before what is wrong with the words.
    let (node, asked) = (Arc::clone(&app.node), token.clone());
    blocking(move || Ok(node.contestable(&asked)?)).await?;
    let contested = contest
        .say(&app.node, &token)
        .await
        .map_err(Problem::from)?;
    Ok(kept_nowhere(json(StatusCode::CREATED, &contested)?))
}

/// The address itself is the secret: nothing keeps it, or hands it on.
fn kept_nowhere(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
