//! `/api/v1/inbox`, `/api/v1/subscriptions`, `/api/v1/mail` and `/api/v1/calendars`: how people are
//! kept informed.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, post};
use node::clock::Instant;

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::{Problem, Refused};
use crate::http::pace::Source;
use crate::mail::{Mail, Wanted};
use crate::present::inbox::{Ask, Inbox};
use crate::present::mail::{
    Asked, Calendar, Calendars, Due, NewSubscription, Preview, Subscriptions, Test,
};
use crate::present::time;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/inbox", get(inbox))
        .route("/api/v1/subscriptions", get(list).post(subscribe))
        .route("/api/v1/subscriptions/{id}", delete(remove))
        .route("/api/v1/mail/preview", get(preview))
        .route("/api/v1/mail/test", post(test))
        .route("/api/v1/mail/due", post(due))
        .route("/api/v1/calendars", get(calendars).post(new_calendar))
        .route("/api/v1/calendars/{id}", delete(revoke_calendar))
}

/// `GET /api/v1/inbox?since=&after=&limit=`
async fn inbox(State(app): State<App>, Auth(caller): Auth, Query(ask): Query<Ask>) -> Answer {
    let found = blocking(move || Ok(Inbox::of(&app.node, &caller, &ask)?)).await?;
    json(StatusCode::OK, &found)
}

/// `POST /api/v1/subscriptions`
async fn subscribe(
    State(app): State<App>,
    Auth(caller): Auth,
    Source(source): Source,
    Json(new): Json<NewSubscription>,
) -> Answer {
    blocking(move || Ok(app.mail.subscribe(&app.node, &caller, &new, source)?)).await?;
    json(StatusCode::ACCEPTED, &Asked::default())
}

/// `GET /api/v1/subscriptions`
async fn list(State(app): State<App>, Auth(caller): Auth) -> Answer {
    let found = blocking(move || {
        let all = app.mail.list(&app.node, &caller)?;
        Ok(Subscriptions {
            counts: app.mail.counts()?,
            subscriptions: all.into_iter().map(Into::into).collect(),
        })
    });
    json(StatusCode::OK, &found.await?)
}

/// `DELETE /api/v1/subscriptions/{id}`
async fn remove(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    blocking(move || Ok(app.mail.remove(&app.node, &caller, &id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/mail/preview?topic=&weekly=`
async fn preview(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Auth(caller): Auth,
) -> Answer {
    let query = query.unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let (mut topics, mut weekly) = (Vec::new(), false);
    for (name, value) in pairs {
        match (&*name, &*value) {
            ("topic", topic) => topics.push(topic.to_owned()),
            ("weekly", "true") => weekly = true,
            ("weekly", "false") => weekly = false,
            ("weekly", _) => return Err(Problem(Refused::bad("weekly: true or false"))),
            _ => {}
        }
    }
    let url = app.public_url(&headers);
    let composed = blocking(move || {
        let topics = Wanted::parse_all(topics.iter().map(String::as_str));
        let topics = topics.map_err(Refused::bad)?;
        Ok(Mail::preview(&app.node, &caller, &topics, weekly, &url)?)
    });
    json(StatusCode::OK, &Preview::from(composed.await?))
}

/// `POST /api/v1/mail/test`
async fn test(State(app): State<App>, Auth(caller): Auth, Json(Test { to }): Json<Test>) -> Answer {
    let tried = blocking(move || Ok(app.mail.test(&app.node, &caller, &to)?)).await?;
    json(StatusCode::OK, &tried)
}

/// `POST /api/v1/mail/due`
async fn due(State(app): State<App>, Auth(caller): Auth, Json(due): Json<Due>) -> Answer {
    let at = due.at.map(|text| {
        let at = stix::Timestamp::parse(&text);
        at.map(|at| Instant(at.micros()))
            .map_err(|_| Refused::bad("at: use RFC 3339 in UTC"))
    });
    let at = at.transpose()?;
    let done = blocking(move || Ok(app.mail.send_due(&app.node, &caller, at)?)).await?;
    json(StatusCode::OK, &done)
}

/// `GET /api/v1/calendars`
async fn calendars(State(app): State<App>, Auth(caller): Auth) -> Answer {
    let found = blocking(move || {
        app.node
            .viewer(&caller)
            .signed_in()
            .map_err(node::Error::from)?;
        Ok(app.mail.calendars(&caller)?)
    });
    let calendars = found.await?.into_iter().map(|known| Calendar {
        id: known.id,
        made: time(known.made),
        url: None,
    });
    json(
        StatusCode::OK,
        &Calendars {
            calendars: calendars.collect(),
        },
    )
}

/// `POST /api/v1/calendars`
async fn new_calendar(State(app): State<App>, headers: HeaderMap, Auth(caller): Auth) -> Answer {
    let (url, made) = (app.public_url(&headers), app.node.now());
    let token = blocking(move || Ok(app.mail.new_calendar(&app.node, &caller)?)).await?;
    let calendar = Calendar {
        id: token.split('.').next().unwrap_or_default().to_owned(),
        made: time(made.0),
        url: Some(format!("{url}/calendar/{token}.ics")),
    };
    json(StatusCode::CREATED, &calendar)
}

/// `DELETE /api/v1/calendars/{id}`
async fn revoke_calendar(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
) -> Answer {
    blocking(move || {
        app.node
            .viewer(&caller)
            .signed_in()
            .map_err(node::Error::from)?;
        Ok(app.mail.revoke_calendar(&caller, &id)?)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
