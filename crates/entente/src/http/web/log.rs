//! The page that checks receipts.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::{App, asset, page, render};
use crate::http::pages::SCRIPT_SECURITY_POLICY;
use crate::http::pages::asset::VERIFY;
use crate::http::pages::site::Here;
use crate::http::pages::verify::VerifyPage;

/// `GET /verify`
pub(super) async fn verify(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut response = page(app, headers, None, |frame| {
        render(&VerifyPage {
            site: frame.site(Here::Elsewhere)?,
            key: frame.node.log().key().verifier().to_string(),
        })
    })
    .await;
    let policy = HeaderValue::from_static(SCRIPT_SECURITY_POLICY);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// `GET /assets/verify.js`
pub(super) async fn script(query: RawQuery) -> Response {
    asset(VERIFY, "text/javascript; charset=utf-8", query.0.is_some())
}
