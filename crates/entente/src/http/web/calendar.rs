//! Calendars (RFC 5545): public dates, those of a request, and a member's own under a secret address.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use node::clock::Instant;
use node::{Caller, Error};

use super::session::read_form;
use super::{Frame, answered, html, parameter, refusal, refuse, render, see_other};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::{Problem, Refused};
use crate::http::pages::message::MessagePage;
use crate::http::pages::site::Here;
use crate::ics::{self, Calendar};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/calendar.ics", get(public))
        .route("/calendar/request/{file}", get(request))
        .route("/calendar/new", post(make))
        .route("/calendar/revoke", post(revoke))
        .route("/calendar/{file}", get(private))
}

/// `GET /calendar.ics`
async fn public(State(app): State<App>, headers: HeaderMap) -> Response {
    let url = app.public_url(&headers);
    answer(blocking(move || Ok(ics::public(&app.node, &url))).await)
}

/// `GET /calendar/request/{id}.ics`
async fn request(
    State(app): State<App>,
    headers: HeaderMap,
    Path(file): Path<String>,
    Auth(caller): Auth,
) -> Response {
    let url = app.public_url(&headers);
    let done = blocking(move || {
        let id = file
            .strip_suffix(".ics")
            .ok_or(Error::NotFound("calendar"))?;
        Ok(ics::of_case(&app.node, &caller, id, &url)?)
    });
    answer(done.await)
}

/// `GET /calendar/{secret}.ics`: what the account that made the address may see now.
async fn private(State(app): State<App>, headers: HeaderMap, Path(file): Path<String>) -> Response {
    let url = app.public_url(&headers);
    let done = blocking(move || {
        let missing = Error::NotFound("calendar");
        let token = file.strip_suffix(".ics").ok_or(missing.clone())?;
        let known = app.mail.calendar(token)?;
        // Whoever ended is answered like what never was.
        let caller = app.node.subscriber(known.account.subscriber());
        let caller = caller.map_err(|_| missing)?;
        Ok(ics::of_party(&app.node, &caller, &url)?)
    });
    answer(done.await)
}

fn answer(calendar: Result<Calendar, Refused>) -> Response {
    match calendar {
        Ok(calendar) => {
            let headers = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CACHE_CONTROL, "private, no-cache"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (
                    header::CONTENT_DISPOSITION,
                    "inline; filename=\"entente.ics\"",
                ),
            ];
            (headers, calendar.text()).into_response()
        }
        Err(refused) => Problem(refused).into_response(),
    }
}

/// `POST /calendar/new`: makes an address and shows it.
async fn make(State(app): State<App>, headers: HeaderMap) -> Response {
    let caller = match Auth::of(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refusal(&Frame::new(&app, &headers, Caller::Anonymous), &refused),
    };
    let mail = app.mail.clone();
    answered(app, headers, caller, move |frame| {
        let made = mail.new_calendar(&frame.node, &frame.caller);
        let page = made.map_err(Refused::from).and_then(|token| {
            render(&MessagePage {
                site: frame.site(Here::Elsewhere)?,
                status: None,
                title: "Your calendar".into(),
                detail:
                    "Subscribe to this address in your calendar program. Who has it reads your \
                         deadlines. It is shown this once; revoke it under Keep informed."
                        .into(),
                keep: Some(format!("{}/calendar/{token}.ics", frame.url)),
            })
        });
        match page {
            Ok(body) => html(StatusCode::OK, body),
            Err(refused) => refusal(frame, &refused),
        }
    })
    .await
}

/// `POST /calendar/revoke`
async fn revoke(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let caller = match Auth::of(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refusal(&Frame::new(&app, &headers, Caller::Anonymous), &refused),
    };
    let revoked = async {
        let form = read_form(&app, &headers, body).await?;
        let id = parameter(Some(&form), "id").unwrap_or_default();
        let (mail, asks) = (app.mail.clone(), caller.clone());
        blocking(move || Ok(mail.revoke_calendar(&asks, &id)?)).await
    };
    match revoked.await {
        Ok(()) => see_other("/subscribe#calendar"),
        Err(refused) => refuse(app, headers, caller, refused).await,
    }
}

/// A time as the pages show it: `2026-11-28 08:00 UTC`.
pub(super) fn made(micros: i64) -> String {
    crate::present::inbox::minute(Instant(micros))
}
