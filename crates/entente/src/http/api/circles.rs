//! Circles over HTTP.

use axum::extract::State;
use axum::http::StatusCode;

use super::{Answer, Json, Path, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::present::circle::{self, ChangeCircle, Circle};

/// `GET /api/v1/circles`
pub(super) async fn circles(State(app): State<App>, Auth(caller): Auth) -> Answer {
    json(StatusCode::OK, &circle::circles(&app.node, &caller))
}

/// `GET /api/v1/circles/{id}`
pub(super) async fn circle(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    let found = app.node.circle(&caller, &id)?;
    json(StatusCode::OK, &Circle::from(found))
}

/// `PUT /api/v1/circles/{id}`: makes the circle, or changes what the body names.
pub(super) async fn set_circle(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(change): Json<ChangeCircle>,
) -> Answer {
    let set = app.node.set_circle(&caller, &id, change.into()).await?;
    json(StatusCode::OK, &Circle::from(set))
}
