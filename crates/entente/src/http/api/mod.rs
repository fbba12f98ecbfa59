//! The JSON API under `/api/v1`. Its shapes are those of [`crate::present`]; refusals are RFC 9457
//! problems.

mod accession;
mod account;
mod bundle;
mod calendar;
mod changes;
mod circles;
mod commitments;
mod erasures;
mod events;
mod feedback;
mod history;
mod identity;
mod informed;
mod lookup;
mod manage;
mod openapi;
mod private;
mod publishers;
mod register;
mod requests;
mod warning;
mod webhooks;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) use events::Streams;
pub(crate) use requests::{media_type_of, sniffed};

use super::App;
use super::auth::Auth;
use super::error::{self, Problem, Refused};
use crate::present::NodeInfo;

/// An answer, or a refusal as a problem.
type Answer = Result<Response, Problem>;

/// Octets of a JSON body, other than what is looked up.
const JSON_LIMIT: usize = 1 << 20;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/node", get(node_info))
        .route("/api/v1/pledge", get(register::pledge))
        .route(
            "/api/v1/parties",
            get(register::parties).post(manage::add_party),
        )
        .route("/api/v1/parties/{id}", get(register::party))
        .route("/api/v1/parties/{id}/stances", post(manage::set_stance))
        .route("/api/v1/growth", get(register::growth))
        .route(
            "/api/v1/collections",
            get(manage::collections).post(manage::add_collection),
        )
        .route("/api/v1/collections/{name}", get(manage::collection))
        .route(
            "/api/v1/tokens",
            get(manage::tokens).post(manage::add_token),
        )
        .route("/api/v1/tokens/{id}", delete(manage::revoke_token))
        .route("/api/v1/lookup", post(lookup::lookup))
        .route("/api/v1/circles", get(circles::circles))
        .route(
            "/api/v1/circles/{id}",
            get(circles::circle).put(circles::set_circle),
        )
        .merge(publishers::routes())
        .route(
            "/api/v1/signals/{id}/feedback",
            get(feedback::on_signal).post(feedback::give),
        )
        .route("/api/v1/feedback", get(feedback::told))
        .route(
            "/api/v1/warninglists",
            get(warning::list).post(warning::add),
        )
        .route(
            "/api/v1/warninglists/{name}",
            delete(warning::remove).post(warning::restore),
        )
        .merge(private::routes())
        .merge(identity::routes())
        .merge(informed::routes())
        .merge(accession::routes())
        .merge(account::routes())
        .merge(history::routes())
        .merge(commitments::routes())
        .merge(erasures::routes())
        .merge(bundle::routes())
        .merge(calendar::routes())
        .merge(requests::routes())
        .route("/api/v1/changes", get(changes::changes))
        .merge(of_webhooks())
        .route("/api/{*rest}", axum::routing::any(unknown))
        .method_not_allowed_fallback(method_not_allowed)
}

/// Those of webhooks.
fn of_webhooks() -> Router<App> {
    Router::new()
        .route(
            "/api/v1/webhooks",
            get(webhooks::list).post(webhooks::create),
        )
        .route(
            "/api/v1/webhooks/{id}",
            get(webhooks::get).delete(webhooks::remove),
        )
        .route(
            "/api/v1/webhooks/{id}/dead",
            get(webhooks::dead).delete(webhooks::discard),
        )
        .route(
            "/api/v1/webhooks/{id}/dead/{message}",
            delete(webhooks::discard_one),
        )
        .route("/api/v1/webhooks/{id}/retry", post(webhooks::retry))
        .route("/api/v1/webhooks/{id}/test", post(webhooks::test))
}

async fn node_info(State(app): State<App>, Auth(caller): Auth) -> Answer {
    json(StatusCode::OK, &NodeInfo::of(&app.node, &caller))
}

async fn unknown(uri: Uri) -> Problem {
    Problem(Refused::new(
        StatusCode::NOT_FOUND,
        format!("there is nothing at {}", uri.path()),
    ))
}

async fn method_not_allowed(uri: Uri) -> Problem {
    let words = format!("{} does not take that method", uri.path());
    Problem(Refused::new(StatusCode::METHOD_NOT_ALLOWED, words))
}

/// An answer with a JSON body.
fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    let bytes = serde_json::to_vec(body)
        .map_err(|error| Refused::from(node::Error::Storage(error.to_string())))?;
    let content = [(axum::http::header::CONTENT_TYPE, "application/json")];
    Ok((status, content, bytes).into_response())
}

/// A JSON body of a known shape; what does not fit is told with line, column and reason.
struct Json<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let told = lookup::media_type(&parts.headers);
        if !(told.is_empty() || told == "application/json" || told.ends_with("+json")) {
            let words = format!("'{told}' is not taken here: send application/json");
            return Err(Problem(Refused::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                words,
            )));
        }
        let whole = app
            .bodies
            .read_up_to(JSON_LIMIT, &parts.headers, body)
            .await?;
        parse(&whole.bytes).map(Json)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde would take a list for a struct, its items for the members in their order.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        let words = "the JSON body does not fit: it is a list, and should be an object";
        return Err(Problem(Refused::bad(words)));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Problem(Refused::bad(format!("the JSON body does not fit: {error}"))))
}

/// Parts of a path; those that are no text are told.
struct Path<T>(T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        path.map(|axum::extract::Path(path)| Path(path))
            .map_err(|rejection| Problem(Refused::bad(rejection.body_text())))
    }
}

/// URL parameters of a known shape; what does not fit is told with its reason.
struct Query<T>(T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Query(error::query(&parts.uri)?))
    }
}
