//! `GET /api/v1/openapi.json`: what this API takes and answers, by the `OpenAPI`
//! Specification 3.1. The document is kept
//! by hand in `docs/`; a test holds it and the routes together.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

const DOCUMENT: &str = include_str!("../../../../../docs/openapi.json");

pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
