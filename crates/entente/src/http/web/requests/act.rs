//! `POST /requests/{id}/steps`: what the forms on a request's page say.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use node::act::request::NewEvidence;
use node::model::Marking;
use node::request::Evidence;
use node::{Caller, Error};

use super::super::{Frame, answered, html, refusal, refuse, render, see_other};
use super::whole;
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::Refused;
use crate::http::form::Filled;
use crate::http::pages::requests::{Form, LinkPage, Typed, say};
use crate::http::pages::site::Here;
use crate::present::request::{NewStep, Stepped};

/// Octets of a file that a form brings.
pub(super) const FILE: usize = 25 << 20;

pub(super) async fn step(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let caller = match Auth::of(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refusal(&Frame::new(&app, &headers, Caller::Anonymous), &refused),
    };
    let form = match read(&app, &headers, &caller, body).await {
        Ok(form) => form,
        Err(refused) => return refuse(app, headers, caller, refused).await,
    };
    let taken = take(&app, &caller, &id, &form).await;
    answered(app, headers, caller, move |frame| {
        told(frame, &id, &form, taken)
    })
    .await
}

/// What became of a step.
fn told(
    frame: &Frame,
    id: &str,
    form: &Filled,
    taken: Result<node::act::request::Stepped, Refused>,
) -> Response {
    match taken {
        Ok(stepped) => after(frame, id, stepped),
        Err(refused) if matches!(refused.status.as_u16(), 400 | 403 | 409 | 413 | 429) => {
            let typed = Typed {
                step: form.text("step"),
                words: form.text("words"),
                done_by: form.text("done_by"),
                problem: refused.detail.clone(),
            };
            match whole(frame, id, Some(typed)) {
                Ok(body) => html(refused.status, body),
                Err(_) => refusal(frame, &refused),
            }
        }
        Err(refused) => refusal(frame, &refused),
    }
}

/// A form of a person who is signed in: nobody else's file is read.
pub(super) async fn read(
    app: &App,
    headers: &HeaderMap,
    caller: &Caller,
    body: Body,
) -> Result<Filled, Refused> {
    if *caller == Caller::Anonymous {
        return Err(Error::Refused(node::Refusal::Anonymous).into());
    }
    Filled::read(app, headers, body, FILE).await
}

/// Keeps the files of a form, for a request or a step to name.
pub(super) async fn kept(
    app: &App,
    caller: &Caller,
    form: &Filled,
    marking: Marking,
) -> Result<Vec<Evidence>, Refused> {
    let mut kept = Vec::new();
    for file in &form.files {
        let new = NewEvidence {
            name: file.name.clone(),
            media_type: crate::http::api::media_type_of(&file.media_type, &file.bytes),
            marking,
            bytes: file.bytes.clone(),
        };
        kept.push(app.node.keep_evidence(caller, new).await?);
    }
    Ok(kept)
}

async fn take(
    app: &App,
    caller: &Caller,
    id: &str,
    form: &Filled,
) -> Result<node::act::request::Stepped, Refused> {
    let verb = form.text("step");
    let shape = Form::new(&verb, "").ok_or_else(|| Refused::bad("There is no such step."))?;
    if shape.confirms.is_some() && form.text("confirm") != "yes" {
        return Err(Refused::bad("Tick the box that confirms it."));
    }
    let (node, asks, asked) = (Arc::clone(&app.node), caller.clone(), id.to_owned());
    let seen = blocking(move || Ok(node.request_case(&asks, &asked)?)).await?;
    let marking = seen.case.request.marking;
    let mut new = NewStep::new(&verb, form.some("words"));
    new.after = form.some("after").and_then(|text| text.parse().ok());
    // Browsers send `2026-12-01T17:00`, with seconds or without; it is meant in UTC.
    new.done_by = form.some("done_by").map(|text| {
        let seconds = if text.len() == 16 { ":00" } else { "" };
        format!("{text}{seconds}Z")
    });
    let mut wanted = new.wanted(marking)?;
    wanted.evidence = kept(app, caller, form, marking).await?;
    let key = form.some("key");
    Ok(app
        .node
        .step_request(caller, id, wanted, key.as_deref())
        .await?)
}

/// Back to the request, or the link that is shown once.
fn after(frame: &Frame, id: &str, stepped: node::act::request::Stepped) -> Response {
    let stepped = Stepped::new(&frame.node, stepped, Some(&frame.url));
    let Some(link) = stepped.contest else {
        // An id that was found holds nothing that a header may not.
        let to = format!("/requests/{id}#entry-{}", stepped.position);
        return see_other(&to);
    };
    let until = stepped.request.contestable_until.unwrap_or_default();
    let page = frame.site(Here::Requests).and_then(|site| {
        render(&LinkPage {
            site,
            id: id.to_owned(),
            link: link.url.unwrap_or(link.path),
            until: say::at(&until),
        })
    });
    match page {
        Ok(body) => {
            let mut response = html(StatusCode::OK, body);
            let never = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, never);
            response
        }
        Err(refused) => refusal(frame, &refused),
    }
}
