//! `/api/v1/signals/{id}/feedback` and `/api/v1/feedback`: what parties know of each other's
//! signals.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use node::act::feedback::FeedbackItem;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::lookup::wants;
use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::{Problem, Refused};
use crate::present::feedback::{self, Feedback, Inbox, NewFeedback, OnSignal};

/// Items in one page of an inbox when nothing is asked for, and at most.
const PAGE: usize = 100;
const MOST: usize = 1000;
/// The media type of STIX 2.1 (§9.1 of its IANA registration).
const STIX: &str = "application/stix+json;version=2.1";
const LINES: &str = "application/x-ndjson";

/// What is asked for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// `stix` for STIX objects.
    format: Option<String>,
    /// Where an inbox goes on.
    after: Option<String>,
    limit: Option<usize>,
}

/// The forms of an answer.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Lines,
    Stix,
    StixLines,
}

impl Asked {
    fn form(&self, headers: &HeaderMap) -> Result<Form, Problem> {
        let lines = wants(headers, LINES);
        match self.format.as_deref() {
            None | Some("json") if lines => Ok(Form::Lines),
            None | Some("json") => Ok(Form::Json),
            Some("stix") if lines => Ok(Form::StixLines),
            Some("stix") => Ok(Form::Stix),
            Some(other) => {
                let words = format!("format: '{other}' is none: use json or stix");
                Err(Problem(Refused::bad(words)))
            }
        }
    }
}

/// `POST /api/v1/signals/{id}/feedback`
pub(super) async fn give(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<NewFeedback>,
) -> Answer {
    let given = app.node.give_feedback(&caller, &id, new.wanted()?).await;
    json(StatusCode::CREATED, &Feedback::from(&given?))
}

/// `GET /api/v1/signals/{id}/feedback?format=`
pub(super) async fn on_signal(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let form = asked.form(&headers)?;
    let anonymous = caller == Caller::Anonymous;
    let found = app.node.feedback_on(&caller, &id);
    let found = found.map_err(|error| Refused::from(error).for_anonymous(anonymous))?;
    match form {
        Form::Json => json(StatusCode::OK, &OnSignal::new(&id, &found)),
        Form::Lines => lines(found.items.iter().map(Feedback::from)),
        Form::Stix | Form::StixLines => stix_answer(&app.node, &found.items, form),
    }
}

/// `GET /api/v1/feedback?after=&limit=&format=`
pub(super) async fn told(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let form = asked.form(&headers)?;
    let limit = asked.limit.unwrap_or(PAGE);
    if limit == 0 || limit > MOST {
        return Err(Problem(Refused::bad(format!("limit: 1 to {MOST}"))));
    }
    let after = asked.after.as_deref().map(feedback::place).transpose()?;
    let found = app.node.feedback_told(&caller, after, limit)?;
    let inbox = Inbox::from(&found);
    let next = inbox.next.clone().filter(|_| inbox.more);
    let mut response = match form {
        Form::Json => json(StatusCode::OK, &inbox),
        Form::Lines => lines(inbox.feedback.into_iter()),
        Form::Stix | Form::StixLines => stix_answer(&app.node, &found.items, form),
    }?;
    if let Some(next) = next {
        let format = asked
            .format
            .map_or_else(String::new, |f| format!("&format={f}"));
        let link = format!("</api/v1/feedback?after={next}&limit={limit}{format}>; rel=\"next\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

fn lines(items: impl Iterator<Item = impl Serialize>) -> Answer {
    let mut body = Vec::new();
    for item in items {
        serde_json::to_writer(&mut body, &item)
            .map_err(|error| node::Error::Storage(error.to_string()))?;
        body.push(b'\n');
    }
    Ok(answer(LINES, body))
}

fn stix_answer(node: &Node, items: &[FeedbackItem], form: Form) -> Answer {
    let objects = feedback::as_stix(node, items)?;
    if form == Form::Stix {
        return Ok(answer(STIX, feedback::bundle(&objects).into_bytes()));
    }
    // An object may have been sent over several lines; white space within JSON is none of its.
    let each = objects
        .iter()
        .map(|object| object.replace(['\n', '\r'], " ") + "\n");
    Ok(answer(LINES, each.collect::<String>().into_bytes()))
}

fn answer(media_type: &'static str, body: Vec<u8>) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, media_type)], body).into_response()
}
