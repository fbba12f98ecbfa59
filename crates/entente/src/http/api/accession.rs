//! How parties come to the pledge, over HTTP: invitations, talks, terms.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::present::accession::{
    Agree, End, EndTerms, GiveAnswer, Invitation, Invite, NewTerms, PutStep, all_terms,
    invitations, one_step, one_terms, shown, talks,
};
use crate::present::party;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/invitations", get(list_invitations).post(invite))
        .route("/api/v1/invitations/{id}/answer", post(answer))
        .route("/api/v1/talks", get(list_talks).post(put_step))
        .route("/api/v1/talks/{id}/agreement", post(agree))
        .route("/api/v1/parties/{id}/talks/end", post(end_talks))
        .route("/api/v1/terms", get(list_terms).post(set_terms))
        .route("/api/v1/terms/{id}/end", post(end_terms))
}

/// The party that a list is about.
#[derive(Deserialize)]
struct OfParty {
    party: Option<String>,
}

/// The day of a list.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Day {
    as_of: Option<Date>,
}

/// `GET /api/v1/invitations?party=`
async fn list_invitations(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(of): Query<OfParty>,
) -> Answer {
    let found = invitations(&app.node, &caller, of.party.as_deref());
    json(StatusCode::OK, &found)
}

/// `POST /api/v1/invitations`
async fn invite(State(app): State<App>, Auth(caller): Auth, Json(new): Json<Invite>) -> Answer {
    let sent = app.node.invite(&caller, new.wanted()).await?;
    let directory = app.node.directory();
    let record = directory.accession().invitation(&sent.id);
    let record = record.ok_or(Refused::not_found("invitation"))?;
    json(StatusCode::CREATED, &Invitation::from(record))
}

/// `POST /api/v1/invitations/{id}/answer`
async fn answer(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<GiveAnswer>,
) -> Answer {
    let record = app
        .node
        .answer_invitation(&caller, &id, new.wanted())
        .await?;
    json(StatusCode::CREATED, &Invitation::from(&record))
}

/// `GET /api/v1/talks?as-of=`
async fn list_talks(State(app): State<App>, Auth(caller): Auth, Query(day): Query<Day>) -> Answer {
    json(StatusCode::OK, &talks(&app.node, &caller, day.as_of))
}

/// `POST /api/v1/talks`
async fn put_step(State(app): State<App>, Auth(caller): Auth, Json(new): Json<PutStep>) -> Answer {
    let put = app.node.put_step(&caller, new.wanted()?).await?;
    // A token that may not read puts steps all the same.
    let seen = one_step(&app.node, &caller, &put.id);
    match seen {
        Some(step) => json(StatusCode::CREATED, &step),
        None => json(StatusCode::CREATED, &serde_json::json!({ "id": put.id })),
    }
}

/// `POST /api/v1/talks/{id}/agreement`
async fn agree(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<Agree>,
) -> Answer {
    let fields = shown(&new.show)?;
    app.node
        .agree_step(&caller, &id, fields, new.source)
        .await?;
    let step = one_step(&app.node, &caller, &id);
    json(
        StatusCode::CREATED,
        &step.ok_or(Refused::not_found("step"))?,
    )
}

/// `POST /api/v1/parties/{id}/talks/end`
async fn end_talks(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<End>,
) -> Answer {
    let wanted = new.wanted(&app.node, &id)?;
    let party = app.node.end_talks(&caller, wanted).await?;
    let ended = party::party(&app.node, &party, None).ok_or(Refused::not_found("party"))?;
    json(StatusCode::CREATED, &ended)
}

/// `GET /api/v1/terms?party=`
async fn list_terms(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(of): Query<OfParty>,
) -> Answer {
    let found = all_terms(&app.node, &caller, of.party.as_deref());
    json(StatusCode::OK, &found)
}

/// `POST /api/v1/terms`
async fn set_terms(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(new): Json<NewTerms>,
) -> Answer {
    let set = app.node.set_terms(&caller, new.wanted(&app.node)?).await?;
    let set = one_terms(&app.node, &caller, &set.id).ok_or(Refused::not_found("terms"))?;
    json(StatusCode::CREATED, &set)
}

/// `POST /api/v1/terms/{id}/end`
async fn end_terms(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(end): Json<EndTerms>,
) -> Answer {
    app.node.end_terms(&caller, &id, end.on, end.reason).await?;
    let ended = one_terms(&app.node, &caller, &id).ok_or(Refused::not_found("terms"))?;
    json(StatusCode::CREATED, &ended)
}
