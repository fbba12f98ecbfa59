//! Webhooks over HTTP: made, listed, tried and removed by the parties they tell.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use node::{Caller, Node};
use serde::Serialize;

use super::{Answer, Json, Path, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::present::webhook::{Chosen, NewWebhook};
use crate::webhooks::{Error, Webhooks};

/// `GET /api/v1/webhooks`: those of the caller's party; all of them for administrators.
pub(super) async fn list(State(app): State<App>, Auth(caller): Auth) -> Answer {
    work(&app, caller, |webhooks, node, caller| {
        webhooks.list(node, caller)
    })
    .await
}

/// `POST /api/v1/webhooks`: the secret is in this answer and nowhere else.
pub(super) async fn create(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(new): Json<NewWebhook>,
) -> Answer {
    app.node
        .viewer(&caller)
        .may_subscribe()
        .map_err(node::Error::Refused)?;
    let webhooks = Arc::clone(&app.webhooks);
    let prepared = blocking(move || Ok(webhooks.prepare(new).map_err(node::Error::from)?));
    let (wanted, secret) = prepared.await?;
    let made = app.node.add_webhook(&caller, wanted).await?;
    let made = app.webhooks.made(&app.node, &made, secret);
    json(StatusCode::CREATED, &made.map_err(node::Error::from)?)
}

/// `GET /api/v1/webhooks/{id}`
pub(super) async fn get(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    work(&app, caller, move |webhooks, node, caller| {
        webhooks.get(node, caller, &id)
    })
    .await
}

/// `DELETE /api/v1/webhooks/{id}`
pub(super) async fn remove(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    app.node.remove_webhook(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/webhooks/{id}/dead`
pub(super) async fn dead(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    work(&app, caller, move |webhooks, node, caller| {
        webhooks.dead(node, caller, &id)
    })
    .await
}

/// `DELETE /api/v1/webhooks/{id}/dead`: forgets all messages that were given up.
pub(super) async fn discard(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    let all = Chosen::default();
    work(&app, caller, move |webhooks, node, caller| {
        webhooks.discard(node, caller, &id, &all)
    })
    .await
}

/// `DELETE /api/v1/webhooks/{id}/dead/{message}`: forgets one.
pub(super) async fn discard_one(
    State(app): State<App>,
    Auth(caller): Auth,
    Path((id, message)): Path<(String, String)>,
) -> Answer {
    let one = Chosen {
        message: Some(message),
    };
    work(&app, caller, move |webhooks, node, caller| {
        webhooks.discard(node, caller, &id, &one)
    })
    .await
}

/// `POST /api/v1/webhooks/{id}/retry`: sends again what was given up, and lets a webhook that was
/// disabled go on.
pub(super) async fn retry(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(chosen): Json<Chosen>,
) -> Answer {
    work(&app, caller, move |webhooks, node, caller| {
        webhooks.retry(node, caller, &id, &chosen)
    })
    .await
}

/// `POST /api/v1/webhooks/{id}/test`: sends a message of the type `webhook.test` once.
pub(super) async fn test(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    work(&app, caller, move |webhooks, node, caller| {
        webhooks.test(node, caller, &id)
    })
    .await
}

/// Does what blocks beside the requests of others.
async fn work<T: Serialize + Send + 'static>(
    app: &App,
    caller: Caller,
    work: impl FnOnce(&Webhooks, &Node, &Caller) -> Result<T, Error> + Send + 'static,
) -> Answer {
    let (webhooks, node) = (Arc::clone(&app.webhooks), Arc::clone(&app.node));
    let done = blocking(move || {
        let done = work(&webhooks, &node, &caller);
        Ok(done.map_err(node::Error::from)?)
    });
    json(StatusCode::OK, &done.await?)
}
