//! A whole case as one signed file.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use axum::routing::get;

use super::{Answer, Path};
use crate::case::archive::ArchiveError;
use crate::case::{BundleError, prepare};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::feeds::stream;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/requests/{id}/bundle", get(one))
}

/// `GET /api/v1/requests/{id}/bundle`: what the caller sees of a case, for 'entente verify'. It is written
/// while it is sent.
async fn one(State(app): State<App>, Path(id): Path<String>, Auth(caller): Auth) -> Answer {
    let named = id.clone();
    let (node, asks) = (Arc::clone(&app.node), caller.clone());
    let prepared = blocking(move || {
        let made = prepare(&node, &asks, &id);
        Ok(made.map_err(|error| match error {
            BundleError::Node(error) => error,
            other => node::Error::Storage(other.to_string()),
        })?)
    });
    let prepared = prepared.await?;
    let body = stream::body(&app, caller, move |node, caller, out| {
        let written = prepared.write(node, caller, out);
        written.map_err(|error| match error {
            BundleError::Archive(ArchiveError::Io(error)) => error.into(),
            other => io::Error::other(other.to_string()).into(),
        })
    })?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/zip"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, private"),
        ),
    ];
    let mut response = (headers, body).into_response();
    // The case was found, so its id is one that a node gives: letters and digits.
    let name = format!("attachment; filename=\"case-{named}.zip\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
