//! `/api/v1/requests`: one party asks another to act. Answers about one case carry an `ETag`, the number
//! of its newest entry, which a step can name as `If-Match`.

mod contest;
mod evidence;
pub(super) mod key;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};

pub(crate) use evidence::{media_type_of, sniffed};
use key::IdempotencyKey;

use super::lookup::wants;
use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::{Problem, Refused};
use crate::present::request::{Ask, Case, NewCase, NewStep, Stepped, one};

const LINES: &str = "application/x-ndjson";

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/requests", get(list).post(send))
        .route("/api/v1/requests/{id}", get(whole))
        .route("/api/v1/requests/{id}/steps", post(step))
        .route("/api/v1/requests/{id}/contact", delete(forget))
        .route("/api/v1/evidence", post(evidence::keep))
        .route(
            "/api/v1/requests/{id}/evidence/{sha256}",
            get(evidence::read),
        )
        .route(
            "/api/v1/contests/{token}",
            get(contest::shown).post(contest::said),
        )
}

/// `GET /api/v1/requests?party=&from=&to=&mine=&waiting=&kind=&category=&state=&overdue=&before=&limit=`
async fn list(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(ask): Query<Ask>,
    headers: HeaderMap,
) -> Answer {
    let (asked, node) = (ask.clone(), Arc::clone(&app.node));
    let found = blocking(move || Ok(asked.answer(&node, &caller)?)).await?;
    let mut response = if wants(&headers, LINES) {
        let mut body = Vec::new();
        for case in &found.requests {
            serde_json::to_writer(&mut body, case)
                .map_err(|error| node::Error::Storage(error.to_string()))?;
            body.push(b'\n');
        }
        ([(header::CONTENT_TYPE, LINES)], body).into_response()
    } else {
        json(StatusCode::OK, &found)?
    };
    if let Some(next) = found.next {
        let ask = Ask {
            before: Some(next),
            ..ask
        };
        let query = serde_json::to_value(&ask).unwrap_or_default();
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        for (name, value) in query.as_object().into_iter().flatten() {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            pairs.append_pair(name, &text);
        }
        let link = format!("</api/v1/requests?{}>; rel=\"next\"", pairs.finish());
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

/// `POST /api/v1/requests`
async fn send(
    State(app): State<App>,
    Auth(caller): Auth,
    key: IdempotencyKey,
    Json(new): Json<NewCase>,
) -> Answer {
    let sent = app
        .node
        .send_request(&caller, new.wanted()?, key.text())
        .await?;
    let case = Case::new(&app.node.directory(), &sent, app.node.now());
    let mut response = with_tag(json(StatusCode::CREATED, &case)?, case.last);
    if let Ok(place) = HeaderValue::from_str(&format!("/api/v1/requests/{}", case.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// `GET /api/v1/requests/{id}`
async fn whole(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    let case = blocking(move || Ok(one(&app.node, &caller, &id)?)).await?;
    Ok(with_tag(json(StatusCode::OK, &case)?, case.last))
}

/// `POST /api/v1/requests/{id}/steps`
async fn step(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    headers: HeaderMap,
    key: IdempotencyKey,
    Json(mut new): Json<NewStep>,
) -> Answer {
    let (node, asks, asked) = (Arc::clone(&app.node), caller.clone(), id.clone());
    let seen = blocking(move || Ok(node.request_case(&asks, &asked)?)).await?;
    if let Some(tag) = headers.get(header::IF_MATCH) {
        new.after = if_match(tag, new.after)?;
    }
    let wanted = new.wanted(seen.case.request.marking)?;
    let conditional = headers.contains_key(header::IF_MATCH);
    let stale = conditional && wanted.after.is_some_and(|after| after != seen.case.last);
    let stepped = app
        .node
        .step_request(&caller, &id, wanted, key.text())
        .await;
    let stepped = stepped.map_err(|error| {
        let mut refused = Refused::from(error);
        if stale && refused.status == StatusCode::CONFLICT {
            refused.status = StatusCode::PRECONDITION_FAILED;
        }
        refused
    })?;
    let stepped = Stepped::new(&app.node, stepped, Some(&app.public_url(&headers)));
    let last = stepped.request.last;
    let secret = stepped.contest.is_some();
    let mut response = with_tag(json(StatusCode::CREATED, &stepped)?, last);
    if secret {
        let never = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, never);
    }
    Ok(response)
}

/// `DELETE /api/v1/requests/{id}/contact`: forgets whom to ask, and who contested.
async fn forget(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    let signed_in = app.node.viewer(&caller).signed_in();
    signed_in.map_err(node::Error::from)?;
    app.node.forget_contact(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The number of the entry that an `If-Match` names (RFC 9110 §13.1.1): one tag, as this API gives them,
/// or `*`.
fn if_match(value: &HeaderValue, told: Option<u64>) -> Result<Option<u64>, Problem> {
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(told);
    }
    let number = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(number) = number else {
        let words = "If-Match: '*', or an ETag in double quotes";
        return Err(Problem(Refused::bad(words)));
    };
    match (number.parse().ok(), told) {
        (Some(number), None) => Ok(Some(number)),
        (Some(number), Some(told)) if number == told => Ok(Some(number)),
        (Some(_), Some(_)) => Err(Problem(Refused::bad(
            "If-Match and 'after' name two entries: send one of them",
        ))),
        (None, _) => {
            // A tag that was never given matches nothing.
            let words = "If-Match: is no ETag that this request was answered with";
            Err(Problem(Refused::new(
                StatusCode::PRECONDITION_FAILED,
                words,
            )))
        }
    }
}

/// Adds the tag of a case at its newest entry. What is seen depends on who asks.
fn with_tag(mut response: Response, last: u64) -> Response {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{last}\"")) {
        headers.insert(header::ETAG, tag);
    }
    let kept = HeaderValue::from_static("private, no-cache");
    headers.insert(header::CACHE_CONTROL, kept);
    response
}
