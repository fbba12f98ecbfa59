//! `/api/v1/warninglists`: values that are no cause for alarm.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use serde::Deserialize;

use super::{Answer, Path, Query, json, parse};
use crate::http::App;
use crate::http::auth::Auth;
use crate::present::warning::{List, Lists, NewList};

/// Which lists are asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Those alone that hold this value.
    value: Option<String>,
}

/// `GET /api/v1/warninglists?value=`
pub(super) async fn list(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(asked): Query<Asked>,
) -> Answer {
    let known = app.node.warning_lists(&caller, asked.value.as_deref())?;
    let lists = known
        .iter()
        .map(|known| List::from(known.as_ref()))
        .collect();
    json(StatusCode::OK, &Lists { lists })
}

/// `POST /api/v1/warninglists`: a list of MISP's shape, up to four times as large as other bodies.
pub(super) async fn add(
    State(app): State<App>,
    Auth(caller): Auth,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    // What can be refused is refused before the body is read.
    app.node
        .viewer(&caller)
        .administers()
        .map_err(node::Error::Refused)?;
    let whole = app.bodies.read_large(&headers, body).await?;
    let new: NewList = parse(&whole.bytes)?;
    let set = app.node.set_warning_list(&caller, new.settings()?).await;
    let (known, skipped) = set?;
    json(StatusCode::CREATED, &List::loaded(&known, &skipped))
}

/// `POST /api/v1/warninglists/{name}`: takes a list that comes with the program into use again.
pub(super) async fn restore(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(name): Path<String>,
) -> Answer {
    let known = app.node.restore_warning_list(&caller, &name).await?;
    json(StatusCode::CREATED, &List::from(known.as_ref()))
}

/// `DELETE /api/v1/warninglists/{name}`
pub(super) async fn remove(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(name): Path<String>,
) -> Answer {
    app.node.remove_warning_list(&caller, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
