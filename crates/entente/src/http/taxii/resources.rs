//! The resources around objects: discovery, API root, status, collections (TAXII 2.1 §4.1–§5.2).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use node::act::read::SeenCollection;
use node::clock::Instant;
use node::view::status::{Status, parse_id};
use serde::Serialize;
use serde_json::{Value, json};

use super::{API_ROOT, Answer, Asked, json as answer, negotiate, signed_in_or_public};
use crate::http::App;
use crate::http::auth::TaxiiAuth;
use crate::http::blocking::reading;
use crate::http::error::{Refused, TAXII};

/// `GET /taxii2/`
pub(super) async fn discovery(
    (State(app), headers): Asked,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    signed_in_or_public(&app, &caller)?;
    let root = format!("{}{API_ROOT}/", app.public_url(&headers));
    let pledge = app
        .node
        .directory()
        .pledge()
        .map(|pledge| pledge.name.clone());
    let body = json!({
        "title": "Entente",
        "description": match pledge {
            Some(name) => format!("Signals shared under the {name}"),
            None => "Signals shared under a pledge".into(),
        },
        "default": root,
        "api_roots": [root],
    });
    answer(StatusCode::OK, &body)
}

/// `GET {api-root}/`
pub(super) async fn api_root((State(app), headers): Asked, TaxiiAuth(caller): TaxiiAuth) -> Answer {
    negotiate::accept(&headers)?;
    signed_in_or_public(&app, &caller)?;
    let body = json!({
        "title": "Signals",
        "description": "All collections of this node",
        "versions": [TAXII],
        "max_content_length": app.bodies.limit,
    });
    answer(StatusCode::OK, &body)
}

/// `GET {api-root}/collections/`
pub(super) async fn collections(
    (State(app), headers): Asked,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    signed_in_or_public(&app, &caller)?;
    let seen = reading(&app, &caller, |node, caller| {
        node.collections_and_companions(caller)
    })
    .await?;
    // An empty list is left out (STIX 2.1 §2.11 and TAXII 2.1 §2 forbid it).
    let body = if seen.is_empty() {
        json!({})
    } else {
        json!({ "collections": seen.iter().map(collection_resource).collect::<Vec<Value>>() })
    };
    answer(StatusCode::OK, &body)
}

/// `GET {api-root}/collections/{id}/`
pub(super) async fn collection(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    let seen = reading(&app, &caller, move |node, caller| {
        node.collection(caller, &name)
    })
    .await?;
    answer(StatusCode::OK, &collection_resource(&seen))
}

fn collection_resource(seen: &SeenCollection) -> Value {
    let settings = &seen.settings;
    let mut resource = json!({
        "id": settings.id,
        "title": settings.title,
        "alias": settings.alias,
        "can_read": seen.access.read,
        "can_write": seen.access.write.is_ok(),
        "media_types": ["application/stix+json;version=2.1", "application/stix+json;version=2.0"],
    });
    if !settings.description.is_empty()
        && let Some(fields) = resource.as_object_mut()
    {
        fields.insert("description".into(), settings.description.clone().into());
    }
    resource
}

/// `GET {api-root}/status/{id}/`
pub(super) async fn status(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    let id = parse_id(&id).ok_or(Refused::not_found("status"))?;
    let status = reading(&app, &caller, move |node, caller| node.status(caller, id)).await?;
    answer(
        StatusCode::OK,
        &status_resource(&status, &app.public_url(&headers)),
    )
}

/// What is said of an object that was here already, so that nothing was written.
pub(crate) const ALREADY_HERE: &str = "already here";

/// A status resource (TAXII 2.1 §4.3.1). Everything is decided before the answer, so nothing is
/// ever pending.
#[derive(Serialize)]
pub(super) struct StatusResource<'s> {
    id: String,
    status: &'static str,
    request_timestamp: String,
    total_count: usize,
    success_count: usize,
    failure_count: usize,
    pending_count: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    successes: Vec<StatusDetail<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<StatusDetail<'s>>,
}

/// What became of one object (§4.3.2).
#[derive(Serialize)]
struct StatusDetail<'s> {
    id: &'s str,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'s str>,
    /// Where the receipt of the entry is had.
    #[serde(skip_serializing_if = "Option::is_none")]
    x_entente_receipt: Option<String>,
}

pub(super) fn status_resource<'s>(status: &'s Status, url: &str) -> StatusResource<'s> {
    let time = |micros: i64| Instant(micros).to_version_string();
    let taken = status.successes.iter().map(|taken| StatusDetail {
        id: &taken.id,
        version: time(taken.version),
        message: taken.known.then_some(ALREADY_HERE),
        x_entente_receipt: taken.entry.map(|at| format!("{url}/log/receipt/{at}")),
    });
    let failed = status.failures.iter().map(|failed| StatusDetail {
        id: &failed.id,
        // `version` is required: of an object that has none it is the request's time.
        version: time(failed.version.unwrap_or(status.requested.0)),
        message: Some(&failed.reason),
        x_entente_receipt: None,
    });
    StatusResource {
        id: status.id_text(),
        status: "complete",
        request_timestamp: status.requested.to_micro_string(),
        total_count: status.successes.len() + status.failures.len(),
        success_count: status.successes.len(),
        failure_count: status.failures.len(),
        pending_count: 0,
        successes: taken.collect(),
        failures: failed.collect(),
    }
}
