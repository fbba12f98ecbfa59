//! Handlers of the web pages: each reads what its page shows, as far as the viewer sees, and lets
//! [`super::pages`] render it.

mod accession;
mod account;
mod audience;
mod calendar;
mod commitment;
mod feedback;
mod inbox;
mod log;
mod mail;
mod register;
mod requests;
mod session;
mod signals;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use node::directory::Directory;
use node::{Caller, Node};

use super::App;
use super::auth::Auth;
use super::blocking::blocking;
use super::error::{Refused, challenge};
use super::pages::message::MessagePage;
use super::pages::site::{Here, Site};
use super::pages::{CONTENT_SECURITY_POLICY, asset};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(register::home))
        .route("/register", get(register::register))
        .route("/party/{id}", get(register::party))
        .route("/account", get(account::now))
        .route("/account/entries", get(account::entries))
        .route("/account/{name}", get(account::named))
        .route("/embed/{chart}", get(account::embed))
        .route("/pledge", get(register::pledge))
        .route("/principle/{number}", get(register::principle))
        .route("/pledge/versions", get(accession::versions))
        .route("/pledge/versions/{number}", get(accession::version))
        .route("/talks", get(accession::talks))
        .route("/talks/{id}/agreement", post(accession::agree))
        .route("/invitation/{id}/answer", post(accession::answer))
        .route("/commit", get(commitment::form).post(commitment::make))
        .route("/commitment/{id}", get(commitment::show))
        .route("/commitment/{id}/{statement}", post(commitment::say))
        .route("/statement/{id}/answer", post(commitment::answer))
        .route("/diff", get(accession::diff))
        .route("/collections", get(signals::collections))
        .route("/collections/{name}", get(signals::collection))
        .route("/signal/{id}", get(signals::signal))
        .route("/signal/{id}/feedback", post(feedback::give))
        .route("/match", get(signals::match_form).post(signals::match_text))
        .route("/inbox", get(inbox::inbox))
        .merge(mail::routes())
        .merge(calendar::routes())
        .route("/sign-in", get(session::form).post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route(
            "/admin",
            get(session::admin_link).post(session::use_admin_link),
        )
        .merge(requests::routes())
        .route("/verify", get(log::verify))
        .route(asset::STYLE_PATH, get(style))
        .route(asset::VERIFY_PATH, get(log::script))
        .route(asset::ICON_PATH, get(icon))
}

/// What every page needs: who looks, as of which day.
struct Frame {
    node: Arc<Node>,
    directory: Arc<Directory>,
    caller: Caller,
    today: Date,
    day: Date,
    /// The URL under which clients reach this node.
    url: String,
}

impl Frame {
    fn new(app: &App, headers: &HeaderMap, caller: Caller) -> Self {
        let today = app.node.now().day();
        Frame {
            node: Arc::clone(&app.node),
            directory: app.node.directory(),
            caller,
            today,
            day: today,
            url: app.public_url(headers),
        }
    }

    /// The page's frame; none on a node without a pledge.
    fn site(&self, here: Here) -> Result<Site<'_>, Refused> {
        let pledge = self
            .directory
            .pledge()
            .ok_or(Refused::not_found("pledge"))?;
        let viewer = match &self.caller {
            Caller::Member(member) => {
                let party = self.directory.register().party(&member.party);
                Some(party.map_or(member.party.as_str(), |party| party.name.as_str()))
            }
            _ => None,
        };
        // Who may not read has no inbox.
        let waiting = match &self.caller {
            Caller::Member(_) => self.node.inbox(&self.caller, None).ok(),
            _ => None,
        };
        Ok(Site {
            waiting: waiting.map(|waiting| waiting.items.len()),
            pledge,
            today: self.today,
            day: self.day,
            viewer,
            here,
        })
    }
}

/// A rendered page, or why there is none.
type Rendered = Result<String, Refused>;

/// Renders a template; it fails only when memory does.
fn render(page: &impl Template) -> Rendered {
    page.render()
        .map_err(|error| node::Error::Storage(error.to_string()).into())
}

/// Answers with the page that `build` renders for this viewer, or with a page that says why not.
/// Blocking work is done off the threads that serve connections.
async fn page(
    app: App,
    headers: HeaderMap,
    query: Option<String>,
    build: impl FnOnce(&Frame) -> Rendered + Send + 'static,
) -> Response {
    let done = blocking(move || {
        let mut frame = match Auth::of(&app, &headers) {
            Ok(caller) => Frame::new(&app, &headers, caller),
            Err(refused) => {
                let frame = Frame::new(&app, &headers, Caller::Anonymous);
                return Ok(refusal(&frame, &refused));
            }
        };
        let as_of = parameter(query.as_deref(), "as-of");
        match super::pages::register::day(as_of.as_deref(), frame.today) {
            Ok(day) => frame.day = day,
            Err(words) => return Ok(refusal(&frame, &Refused::bad(words))),
        }
        Ok(match build(&frame) {
            Ok(body) => html(StatusCode::OK, body),
            Err(refused) => refusal(&frame, &refused),
        })
    });
    done.await.unwrap_or_else(bare)
}

/// The answer that `build` makes for a caller; what it reads and renders blocks.
async fn answered(
    app: App,
    headers: HeaderMap,
    caller: Caller,
    build: impl FnOnce(&Frame) -> Response + Send + 'static,
) -> Response {
    let done = blocking(move || Ok(build(&Frame::new(&app, &headers, caller)))).await;
    done.unwrap_or_else(bare)
}

/// A page that says to a caller what is wrong; what waits for it is counted off these threads.
async fn refuse(app: App, headers: HeaderMap, caller: Caller, refused: Refused) -> Response {
    answered(app, headers, caller, move |frame| refusal(frame, &refused)).await
}

/// To another page. What a node made or found holds nothing that a header may not.
fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// What is said when there is not even a page to say it on.
fn bare(refused: Refused) -> Response {
    (refused.status, refused.detail).into_response()
}

/// A page that says what is wrong.
fn refusal(frame: &Frame, refused: &Refused) -> Response {
    let title = match refused.status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::GONE => "Erased",
        StatusCode::BAD_REQUEST => "That is not quite right",
        StatusCode::UNAUTHORIZED => "Sign in first",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::SERVICE_UNAVAILABLE => "Not ready yet",
        _ => refused.status.canonical_reason().unwrap_or("Error"),
    };
    let body = frame.site(Here::Elsewhere).and_then(|site| {
        render(&MessagePage {
            site,
            status: Some(refused.status.as_u16()),
            title: title.into(),
            detail: refused.detail.clone(),
            keep: None,
        })
    });
    let mut response = html(
        refused.status,
        body.unwrap_or_else(|refused| refused.detail),
    );
    challenge(&mut response);
    response
}

/// An HTML answer with the headers of every page.
fn html(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache, private"),
    ];
    (status, headers, body).into_response()
}

/// The page for what is nowhere.
pub(super) async fn not_found(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let path = uri.path().to_owned();
    page(app, headers, None, move |_| {
        Err(Refused::new(
            StatusCode::NOT_FOUND,
            format!("There is no page at {path}."),
        ))
    })
    .await
}

async fn style(headers: RawQuery) -> Response {
    asset(asset::STYLE, "text/css; charset=utf-8", headers.0.is_some())
}

async fn icon() -> Response {
    asset(asset::ICON, "image/svg+xml", false)
}

/// A file of the pages; one whose address carries its version is kept by browsers for good.
fn asset(text: &'static str, media_type: &'static str, versioned: bool) -> Response {
    let kept = if versioned {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, text).into_response()
}

/// The first value of a URL parameter.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query?.as_bytes());
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
