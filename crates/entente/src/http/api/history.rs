//! Versions of the pledge, adoptions, reassignments, and what changed between two days.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use node::pledge::PledgeFile;

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::present::diff::Ask;
use crate::present::history::{
    Adopt, Amend, Reassign, newest_adoption, reassignments, version, versions,
};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/pledge/versions", get(list).post(amend))
        .route("/api/v1/pledge/versions/{number}", get(one))
        .route("/api/v1/pledge/diff", get(diff))
        .route("/api/v1/parties/{id}/adoptions", post(adopt))
        .route("/api/v1/parties/{id}/reassignments", post(reassign))
}

/// `GET /api/v1/pledge/versions`
async fn list(State(app): State<App>) -> Answer {
    json(StatusCode::OK, &versions(&app.node))
}

/// `GET /api/v1/pledge/versions/{number}`: an old version stays where it was.
async fn one(State(app): State<App>, Path(number): Path<String>) -> Answer {
    let number = number.parse().ok();
    let found = number.and_then(|number| version(&app.node, number));
    json(StatusCode::OK, &found.ok_or(Refused::not_found("version"))?)
}

/// `POST /api/v1/pledge/versions`
async fn amend(State(app): State<App>, Auth(caller): Auth, Json(new): Json<Amend>) -> Answer {
    let file =
        PledgeFile::parse(&new.file, "file").map_err(|error| Refused::bad(error.to_string()))?;
    let words = (new.changes, new.source);
    let made = app
        .node
        .amend(&caller, file.pledge, new.date, words)
        .await?;
    let made = version(&app.node, made.number).ok_or(Refused::not_found("version"))?;
    json(StatusCode::CREATED, &made)
}

/// `GET /api/v1/pledge/diff?from=&to=&by=&known=`
async fn diff(State(app): State<App>, Auth(caller): Auth, Query(ask): Query<Ask>) -> Answer {
    json(StatusCode::OK, &ask.answer(&app.node, &caller)?)
}

/// `POST /api/v1/parties/{id}/adoptions`
async fn adopt(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<Adopt>,
) -> Answer {
    let adopted = app.node.adopt(&caller, new.wanted(&id)).await?;
    let adopted = newest_adoption(&app.node, &adopted.party);
    json(
        StatusCode::CREATED,
        &adopted.ok_or(Refused::not_found("version"))?,
    )
}

/// `POST /api/v1/parties/{id}/reassignments`
async fn reassign(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<Reassign>,
) -> Answer {
    let made = app.node.reassign(&caller, new.wanted(&id)?).await?;
    let all = reassignments(&app.node, &made.party);
    json(
        StatusCode::CREATED,
        &all.last().ok_or(Refused::not_found("party"))?,
    )
}
