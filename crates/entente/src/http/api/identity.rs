//! `/api/v1/keys`, `/api/v1/signatures` and the like: who parties provably are. What is read is
//! public; what is written is for the party that it is about.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, post, put};
use jiff::civil::Date;
use node::identity::SignatureState;
use serde::Deserialize;

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::present::collection;
use crate::present::identity::{
    self, Demand, Domain, Key, Looked, NewDomain, NewNote, NewRevocation, Seen, Signature,
};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/pledge/text", get(text))
        .route("/api/v1/keys", get(keys).post(enrol))
        .route("/api/v1/keys/{key}", get(key))
        .route("/api/v1/keys/{key}/revocation", post(revoke))
        .route("/api/v1/domains", get(all_domains))
        .route("/api/v1/parties/{id}/identity", get(of_party))
        .route("/api/v1/parties/{id}/domains", get(domains).post(claim))
        .route("/api/v1/parties/{id}/domains/{domain}/check", post(check))
        .route(
            "/api/v1/parties/{id}/sponsors/{sponsor}",
            delete(end_sponsorship),
        )
        .route("/api/v1/sponsorships", post(sponsor))
        .route("/api/v1/signatures", post(sign))
        .route(
            "/api/v1/collections/{name}/signed-publishes",
            put(demand_signed),
        )
}

#[derive(Deserialize)]
struct Version {
    version: Option<u32>,
}

/// `GET /api/v1/pledge/text?version=`: what is signed, byte for byte.
async fn text(State(app): State<App>, Query(asked): Query<Version>) -> Answer {
    let text = app.node.pledge_text(asked.version)?;
    let content = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((StatusCode::OK, content, text).into_response())
}

#[derive(Deserialize)]
struct Whose {
    party: Option<String>,
}

/// `GET /api/v1/keys?party=`
async fn keys(State(app): State<App>, Query(asked): Query<Whose>) -> Answer {
    json(
        StatusCode::OK,
        &identity::keys(&app.node, asked.party.as_deref()),
    )
}

/// `GET /api/v1/keys/{key}`
async fn key(State(app): State<App>, Path(key): Path<String>) -> Answer {
    let directory = app.node.directory();
    let key = directory.identities().key(&key);
    let key = key.ok_or(Refused::not_found("key"))?;
    json(StatusCode::OK, &Key::of(key, identity::now(&app.node)))
}

/// `POST /api/v1/keys`: a signed note that asks for it.
async fn enrol(State(app): State<App>, Auth(caller): Auth, Json(new): Json<NewNote>) -> Answer {
    let key = app.node.enrol_key(&caller, &new.note).await?;
    json(
        StatusCode::CREATED,
        &Key::of(&key, identity::now(&app.node)),
    )
}

/// `POST /api/v1/keys/{key}/revocation`
async fn revoke(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(key): Path<String>,
    Json(new): Json<NewRevocation>,
) -> Answer {
    let since = new.since()?;
    let key = app
        .node
        .revoke_key(&caller, &key, &new.reason, since)
        .await?;
    json(
        StatusCode::CREATED,
        &Key::of(&key, identity::now(&app.node)),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Day {
    as_of: Option<Date>,
}

/// `GET /api/v1/parties/{id}/identity?as-of=`
async fn of_party(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(day): Query<Day>,
) -> Answer {
    let found = identity::identity(&app.node, &id, day.as_of);
    json(StatusCode::OK, &found.ok_or(Refused::not_found("party"))?)
}

/// `GET /api/v1/domains`
async fn all_domains(State(app): State<App>) -> Answer {
    json(StatusCode::OK, &identity::domains(&app.node, None))
}

/// `GET /api/v1/parties/{id}/domains`
async fn domains(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let directory = app.node.directory();
    directory
        .register()
        .party(&id)
        .ok_or(Refused::not_found("party"))?;
    json(StatusCode::OK, &identity::domains(&app.node, Some(&id)))
}

/// `POST /api/v1/parties/{id}/domains`
async fn claim(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<NewDomain>,
) -> Answer {
    let claim = app.node.claim_domain(&caller, &id, &new.domain).await?;
    let domain = Domain::of(&app.node.directory(), &claim, identity::now(&app.node));
    json(StatusCode::CREATED, &domain)
}

/// `POST /api/v1/parties/{id}/domains/{domain}/check`: looks at both proofs now.
async fn check(
    State(app): State<App>,
    Auth(caller): Auth,
    Path((id, domain)): Path<(String, String)>,
) -> Answer {
    let looks = app.domains.check(&app.node, &caller, &id, &domain).await?;
    let claim = app.node.domain_claim(&id, &domain.to_ascii_lowercase())?;
    let looked = Looked {
        looks: looks.iter().map(Seen::of).collect(),
        domain: Domain::of(&app.node.directory(), &claim, identity::now(&app.node)),
    };
    json(StatusCode::OK, &looked)
}

/// `POST /api/v1/sponsorships`: a signed note of the sponsor.
async fn sponsor(State(app): State<App>, Auth(caller): Auth, Json(new): Json<NewNote>) -> Answer {
    let held = app.node.sponsor(&caller, &new.note).await?;
    let found = identity::identity(&app.node, &held.what.party, None);
    json(
        StatusCode::CREATED,
        &found.ok_or(Refused::not_found("party"))?,
    )
}

/// `DELETE /api/v1/parties/{id}/sponsors/{sponsor}`
async fn end_sponsorship(
    State(app): State<App>,
    Auth(caller): Auth,
    Path((id, sponsor)): Path<(String, String)>,
) -> Answer {
    app.node.end_sponsorship(&caller, &sponsor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/v1/signatures`: a signed note of the party.
async fn sign(State(app): State<App>, Auth(caller): Auth, Json(new): Json<NewNote>) -> Answer {
    let held = app.node.sign_pledge(&caller, &new.note).await?;
    json(
        StatusCode::CREATED,
        &Signature::of(&held, SignatureState::Valid),
    )
}

/// `PUT /api/v1/collections/{name}/signed-publishes`
async fn demand_signed(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(name): Path<String>,
    Json(new): Json<Demand>,
) -> Answer {
    app.node.demand_signed(&caller, &name, new.demanded).await?;
    json(
        StatusCode::OK,
        &collection::collection(&app.node, &caller, &name)?,
    )
}
