//! What publishers ask about their own signals: who can see them, who fetched them, who acknowledged
//! that they are gone.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{get, post, put};
use bytes::Bytes;
use node::Caller;

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::reading;
use crate::http::error::{Problem, Refused};
use crate::present::audience::{Audience, Audiences, Fetched, Fetches, Preview};
use crate::present::receipt::Receipts;
use crate::present::withdrawal::Ask;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/audience", post(preview))
        .route("/api/v1/signals/{id}/audience", get(audience))
        .route("/api/v1/signals/{id}/fetches", get(fetches))
        .route("/api/v1/signals/{id}/receipts", get(receipts))
        .route("/api/v1/withdrawals", get(withdrawals))
        .route("/api/v1/withdrawals/{id}/acknowledgement", put(acknowledge))
}

/// `GET /api/v1/signals/{id}/audience`
async fn audience(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    let asked = id.clone();
    let reports = reading(&app, &caller, move |node, caller| {
        node.audience(caller, &asked)
    });
    let audiences = reports.await?.into_iter().map(Audience::from).collect();
    json(StatusCode::OK, &Audiences { id, audiences })
}

/// `GET /api/v1/signals/{id}/receipts`
async fn receipts(
    State(app): State<App>,
    headers: HeaderMap,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    let asked = id.clone();
    let entries = reading(&app, &caller, move |node, caller| {
        node.entries_of(caller, &asked)
    });
    let receipts = Receipts::new(id, &entries.await?, &app.public_url(&headers));
    json(StatusCode::OK, &receipts)
}

/// `POST /api/v1/audience`
async fn preview(State(app): State<App>, Auth(caller): Auth, Json(asked): Json<Preview>) -> Answer {
    let report = reading(&app, &caller, move |node, caller| {
        let object = Bytes::from(asked.object.get().to_owned());
        node.preview(caller, &asked.collection, &object)
    });
    json(StatusCode::OK, &Audience::from(report.await?))
}

/// `GET /api/v1/signals/{id}/fetches`
async fn fetches(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    let asked = id.clone();
    let fetched = reading(&app, &caller, move |node, caller| {
        node.fetched(caller, &asked)
    });
    let fetches = fetched.await?.into_iter().map(Fetched::from).collect();
    json(StatusCode::OK, &Fetches { id, fetches })
}

/// `GET /api/v1/withdrawals`
async fn withdrawals(State(app): State<App>, Auth(caller): Auth, Query(ask): Query<Ask>) -> Answer {
    let found = reading(&app, &caller, move |node, caller| ask.answer(node, caller));
    json(StatusCode::OK, &found.await?)
}

/// `PUT /api/v1/withdrawals/{id}/acknowledgement`
async fn acknowledge(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    let anonymous = caller == Caller::Anonymous;
    let done = app.node.acknowledge(&caller, &id).await;
    done.map_err(|error| Problem(Refused::from(error).for_anonymous(anonymous)))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
