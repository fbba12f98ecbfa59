//! TAXII 2.1: all endpoints of its sections 4 and 5, with and without a trailing slash.
//!
//! Choices where the specification leaves one: `match[spec_version]` is applied before
//! `match[version]`; without a filter objects of both specification versions are served; a page
//! holds 1,000 objects unless the client asks for another number, and 10,000 at most.

mod negotiate;
mod objects;
mod query;
mod resources;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use node::Caller;

use super::App;
use super::error::{Refused, TAXII, TaxiiError};

/// Where discovery is.
pub(crate) const DISCOVERY: &str = "/taxii2";
/// The one API root.
pub(crate) const API_ROOT: &str = "/taxii2/signals";
/// The same, for MISP, which keeps the last segment of an API root alone (MISP issue 9860).
const SHORT_ROOT: &str = "/signals";

/// An answer, or a refusal in TAXII's words.
type Answer = Result<Response, TaxiiError>;

/// The routes.
pub(crate) fn routes() -> Router<App> {
    let mut router = Router::new();
    let discovery = (DISCOVERY.to_owned(), get(resources::discovery));
    let roots = of_root(API_ROOT).into_iter().chain(of_root(SHORT_ROOT));
    for (path, methods) in roots.chain([discovery]) {
        let methods = methods.fallback(method_not_allowed);
        router = router
            .route(&format!("{path}/"), methods.clone())
            .route(&path, methods);
    }
    router.route(
        &format!("{DISCOVERY}/{{*rest}}"),
        axum::routing::any(unknown),
    )
}

/// The routes of an API root at this path.
fn of_root(root: &str) -> [(String, MethodRouter<App>); 8] {
    let collection = |rest: &str| format!("{root}/collections/{{collection}}{rest}");
    [
        (root.to_owned(), get(resources::api_root)),
        (format!("{root}/status/{{id}}"), get(resources::status)),
        (format!("{root}/collections"), get(resources::collections)),
        (collection(""), get(resources::collection)),
        (collection("/manifest"), get(objects::manifest)),
        (
            collection("/objects"),
            get(objects::list).post(objects::add),
        ),
        (
            collection("/objects/{id}"),
            get(objects::one).delete(objects::withdraw),
        ),
        (collection("/objects/{id}/versions"), get(objects::versions)),
    ]
}

async fn unknown(uri: Uri) -> TaxiiError {
    let path = uri.path();
    let words = format!("there is nothing at {path}: discovery is at {DISCOVERY}/");
    TaxiiError(Refused::new(StatusCode::NOT_FOUND, words))
}

async fn method_not_allowed() -> TaxiiError {
    let words = "this resource does not take that method (TAXII 2.1, sections 4 and 5)";
    TaxiiError(Refused::new(StatusCode::METHOD_NOT_ALLOWED, words))
}

/// A TAXII answer with a JSON body.
fn json(status: StatusCode, body: &impl serde::Serialize) -> Answer {
    let bytes = serde_json::to_vec(body)
        .map_err(|error| Refused::from(node::Error::Storage(error.to_string())))?;
    Ok((status, [(header::CONTENT_TYPE, TAXII)], bytes).into_response())
}

/// Refuses a caller without credentials where nothing at all is public.
fn signed_in_or_public(app: &App, caller: &Caller) -> Result<(), TaxiiError> {
    let nothing = *caller == Caller::Anonymous && app.node.collections(caller).is_empty();
    if nothing {
        Err(node::Error::Refused(node::Refusal::Anonymous).into())
    } else {
        Ok(())
    }
}

/// State and headers that every handler asks for.
type Asked = (State<App>, HeaderMap);
