//! What publishers ask about their own signals: who can see them, who fetched them, who acknowledged
//! that they are gone.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use node::{Caller, Node};

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::{Problem, Refused};
use crate::present::audience::{Audience, Audiences, Fetched, Fetches, Preview};
use crate::present::withdrawal::Ask;

/// Work of the node off the threads that serve connections.
async fn blocking<T: Send + 'static>(
    app: &App,
    caller: Caller,
    work: impl FnOnce(&Node, &Caller) -> Result<T, node::Error> + Send + 'static,
) -> Result<T, Problem> {
    let node = Arc::clone(&app.node);
    let anonymous = caller == Caller::Anonymous;
    let done = tokio::task::spawn_blocking(move || work(&node, &caller)).await;
    let done = done
        .map_err(|error| node::Error::Storage(error.to_string()))
        .flatten();
    done.map_err(|error| Problem(Refused::from(error).for_anonymous(anonymous)))
}

/// `GET /api/v1/signals/{id}/audience`
pub(super) async fn audience(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    let asked = id.clone();
    let reports = blocking(&app, caller, move |node, caller| {
        node.audience(caller, &asked)
    });
    let audiences = reports.await?.into_iter().map(Audience::from).collect();
    json(StatusCode::OK, &Audiences { id, audiences })
}

/// `POST /api/v1/audience`
pub(super) async fn preview(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(asked): Json<Preview>,
) -> Answer {
    let report = blocking(&app, caller, move |node, caller| {
        let object = Bytes::from(asked.object.get().to_owned());
        node.preview(caller, &asked.collection, &object)
    });
    json(StatusCode::OK, &Audience::from(report.await?))
}

/// `GET /api/v1/signals/{id}/fetches`
pub(super) async fn fetches(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    let asked = id.clone();
    let fetched = blocking(&app, caller, move |node, caller| {
        node.fetched(caller, &asked)
    });
    let fetches = fetched.await?.into_iter().map(Fetched::from).collect();
    json(StatusCode::OK, &Fetches { id, fetches })
}

/// `GET /api/v1/withdrawals`
pub(super) async fn withdrawals(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(ask): Query<Ask>,
) -> Answer {
    let found = blocking(&app, caller, move |node, caller| ask.answer(node, caller));
    json(StatusCode::OK, &found.await?)
}

/// `PUT /api/v1/withdrawals/{id}/acknowledgement`
pub(super) async fn acknowledge(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    let anonymous = caller == Caller::Anonymous;
    let done = app.node.acknowledge(&caller, &id).await;
    done.map_err(|error| Problem(Refused::from(error).for_anonymous(anonymous)))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
