//! Erasing over HTTP: for those who manage the node; publishers may look and propose.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, put};
use node::act::erase::Step;

use super::{Answer, Json, Path, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::present::erasure::{self, NewErasure, Outcome, Rule};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/erasures", get(list).post(erase))
        .route("/api/v1/erasures/rule", put(set_rule))
        .route(
            "/api/v1/erasures/proposals/{id}",
            delete(decline).post(confirm),
        )
}

/// `GET /api/v1/erasures`
async fn list(State(app): State<App>, Auth(caller): Auth) -> Answer {
    json(StatusCode::OK, &erasure::erasures(&app.node, &caller)?)
}

/// `POST /api/v1/erasures`: looks, proposes or erases, as the body says.
async fn erase(State(app): State<App>, Auth(caller): Auth, Json(new): Json<NewErasure>) -> Answer {
    let (asked, step) = new.into_parts()?;
    let status = match step {
        Step::Propose => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    let erasing = app.node.erase(&caller, Some(asked), step).await?;
    json(status, &Outcome::from(erasing))
}

/// `POST /api/v1/erasures/proposals/{id}`: confirms it, and erases what it names.
async fn confirm(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    let erasing = app.node.erase(&caller, None, Step::Confirm(id)).await?;
    json(StatusCode::OK, &Outcome::from(erasing))
}

/// `DELETE /api/v1/erasures/proposals/{id}`: takes it back, or declines it.
async fn decline(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    app.node.decline_erasure(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `PUT /api/v1/erasures/rule`
async fn set_rule(State(app): State<App>, Auth(caller): Auth, Json(rule): Json<Rule>) -> Answer {
    app.node.set_erasure_rule(&caller, rule.two_persons).await?;
    json(StatusCode::OK, &erasure::erasures(&app.node, &caller)?)
}
