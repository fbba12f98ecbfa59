//! What a refusal looks like over HTTP: one mapping from the node's errors to statuses, one body
//! per surface.

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use node::Refusal;
use serde::de::DeserializeOwned;
use serde_json::json;

/// A refusal, before a surface gives it a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The status.
    pub(crate) status: StatusCode,
    /// What is wrong, where, and what to do about it.
    pub(crate) detail: String,
}

impl Refused {
    /// A refusal with words of its own.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Refused {
            status,
            detail: detail.into(),
        }
    }

    /// 400, naming what is wrong.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404 for something of this kind.
    pub(crate) fn not_found(what: &'static str) -> Self {
        Self::from(node::Error::NotFound(what))
    }

    /// The same for a caller without credentials: what might be seen with them is 401, so that
    /// nothing tells what exists from what does not.
    pub(crate) fn for_anonymous(self, anonymous: bool) -> Self {
        if anonymous && self.status == StatusCode::NOT_FOUND {
            Self::from(node::Error::Refused(Refusal::Anonymous))
        } else {
            self
        }
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }
}

impl From<node::Error> for Refused {
    fn from(error: node::Error) -> Self {
        use node::Error;
        let status = match &error {
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Refused(Refusal::Anonymous) | Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::Refused(_) => StatusCode::FORBIDDEN,
            Error::Invalid(_) => StatusCode::BAD_REQUEST,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Limit(_) => StatusCode::TOO_MANY_REQUESTS,
            Error::Lost(_) => StatusCode::GONE,
            Error::NoIndex(_) | Error::Busy | Error::Halted(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if let Error::Storage(what) = &error {
            // The particulars are for the log; a caller learns only that it failed.
            tracing::error!("storage failed: {what}");
            return Self::new(
                status,
                "the node could not read or write its storage; see its log",
            );
        }
        Self::new(status, error.to_string())
    }
}

/// A refusal as TAXII 2.1 §3.6.1 words it.
#[derive(Debug)]
pub(crate) struct TaxiiError(pub(crate) Refused);

/// A refusal as RFC 9457 words it.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) Refused);

/// A refusal as the Hasher-Matcher-Actioner words it.
#[derive(Debug)]
pub(crate) struct HmaError(pub(crate) Refused);

impl<E: Into<Refused>> From<E> for TaxiiError {
    fn from(error: E) -> Self {
        TaxiiError(error.into())
    }
}

impl<E: Into<Refused>> From<E> for Problem {
    fn from(error: E) -> Self {
        Problem(error.into())
    }
}

impl<E: Into<Refused>> From<E> for HmaError {
    fn from(error: E) -> Self {
        HmaError(error.into())
    }
}

/// The parameters of a URL; what does not fit is told with its reason.
///
/// # Errors
/// 400.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refused> {
    let query = axum::extract::Query::try_from_uri(uri);
    query
        .map(|axum::extract::Query(query)| query)
        .map_err(|rejection| Refused::bad(rejection.body_text()))
}

/// The media type of TAXII 2.1 (§1.6.8.1).
pub(crate) const TAXII: &str = "application/taxii+json;version=2.1";

impl IntoResponse for TaxiiError {
    fn into_response(self) -> Response {
        let Self(refused) = self;
        let body = json!({
            "title": refused.title(),
            "description": refused.detail,
            "http_status": refused.status.as_u16().to_string(),
        });
        answer(refused.status, TAXII, &body)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(refused) = self;
        let body = json!({
            "title": refused.title(),
            "status": refused.status.as_u16(),
            "detail": refused.detail,
        });
        answer(refused.status, "application/problem+json", &body)
    }
}

impl IntoResponse for HmaError {
    fn into_response(self) -> Response {
        let Self(refused) = self;
        let body = json!({ "message": refused.detail });
        answer(refused.status, "application/json", &body)
    }
}

fn answer(status: StatusCode, media_type: &'static str, body: &serde_json::Value) -> Response {
    let content = (header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let mut response = (status, [content], body.to_string()).into_response();
    challenge(&mut response);
    response
}

/// Adds to a 401 how to sign in (RFC 9110 §11.6.1), and to a 503 when to come back.
pub(crate) fn challenge(response: &mut Response) {
    let status = response.status();
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        let realm = HeaderValue::from_static("Basic realm=\"Entente\", Bearer realm=\"Entente\"");
        headers.insert(header::WWW_AUTHENTICATE, realm);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
}
