//! Managing a node over HTTP: parties, stances, collections, tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use super::{Answer, Json, Path, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::present::{collection, party, token};

/// `POST /api/v1/parties`
pub(super) async fn add_party(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(new): Json<party::NewParty>,
) -> Answer {
    let settings = new.settings();
    let id = settings.id.clone();
    app.node.add_party(&caller, settings).await?;
    let added = party::party(&app.node, &id, None).ok_or(Refused::not_found("party"))?;
    json(StatusCode::CREATED, &added)
}

/// `POST /api/v1/parties/{id}/stances`
pub(super) async fn set_stance(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<party::NewStance>,
) -> Answer {
    app.node.set_stance(&caller, new.change(&id)).await?;
    let changed = party::party(&app.node, &id, None).ok_or(Refused::not_found("party"))?;
    json(StatusCode::CREATED, &changed)
}

/// `GET /api/v1/collections`
pub(super) async fn collections(State(app): State<App>, Auth(caller): Auth) -> Answer {
    json(
        StatusCode::OK,
        &collection::collections(&app.node, &caller)?,
    )
}

/// `GET /api/v1/collections/{name}`
pub(super) async fn collection(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(name): Path<String>,
) -> Answer {
    let found = collection::collection(&app.node, &caller, &name);
    let anonymous = caller == node::Caller::Anonymous;
    json(
        StatusCode::OK,
        &found.map_err(|error| Refused::from(error).for_anonymous(anonymous))?,
    )
}

/// `POST /api/v1/collections`
pub(super) async fn add_collection(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(new): Json<collection::NewCollection>,
) -> Answer {
    let settings = new.settings()?;
    let id = settings.id.clone();
    app.node.set_collection(&caller, settings).await?;
    json(
        StatusCode::CREATED,
        &collection::collection(&app.node, &caller, &id)?,
    )
}

/// `GET /api/v1/tokens`: never the secrets, which nobody has any more.
pub(super) async fn tokens(State(app): State<App>, Auth(caller): Auth) -> Answer {
    app.node
        .viewer(&caller)
        .administers()
        .map_err(node::Error::Refused)?;
    json(StatusCode::OK, &token::tokens(&app.node.directory()))
}

/// `POST /api/v1/tokens`: the secret is in this answer and nowhere else.
pub(super) async fn add_token(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(new): Json<token::NewToken>,
) -> Answer {
    let (secret, issued) = app.node.create_token(&caller, new.wanted()?).await?;
    json(
        StatusCode::CREATED,
        &token::Issued::of(&app.node, &secret, &issued),
    )
}

/// `DELETE /api/v1/tokens/{id}`
pub(super) async fn revoke_token(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    app.node.revoke_token(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
