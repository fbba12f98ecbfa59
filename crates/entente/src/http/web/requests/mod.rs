//! Handlers of the pages of requests.

mod act;
mod contest;
mod new;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use node::Caller;

use super::{Frame, Rendered, page, parameter, render};
use crate::http::App;
use crate::http::pages::requests::{Filter, Form, ListPage, OnePage, Typed};
use crate::http::pages::site::Here;
use crate::present::request::{self, Ask, Cases};

/// Requests on a page of the list.
const PAGE: usize = 30;
/// Requests that wait for the viewer, on one page.
const WAITING: usize = 20;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/requests", get(list))
        .route("/requests/new", get(new::form).post(new::send))
        .route("/requests/{id}", get(one))
        .route("/requests/{id}/steps", post(act::step))
        .route("/contest/{token}", get(contest::shown).post(contest::said))
}

/// `GET /requests?kind=&category=&state=&party=&overdue=&mine=&before=`
async fn list(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    page(app, headers, query.clone(), move |frame| {
        let field = |name: &str| {
            let value = parameter(query.as_deref(), name).unwrap_or_default();
            value.trim().to_owned()
        };
        let on = |name: &str| field(name) == "true";
        let filter = Filter {
            kind: field("kind"),
            category: field("category"),
            state: field("state"),
            party: field("party"),
            overdue: on("overdue"),
            mine: on("mine") && frame.caller.party().is_some(),
            later: !field("before").is_empty(),
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let ask = Ask {
            party: some(&filter.party).filter(|_| !filter.mine),
            mine: filter.mine.then_some(true),
            kind: some(&filter.kind),
            category: some(&filter.category),
            state: some(&filter.state),
            overdue: filter.overdue.then_some(true),
            before: some(&field("before")),
            limit: Some(PAGE),
            ..Ask::default()
        };
        let found = ask.answer(&frame.node, &frame.caller)?;
        let viewer = frame.node.viewer(&frame.caller);
        let own = match &frame.caller {
            Caller::Member(member) => Some((member.party.clone(), viewer.may_request().is_ok())),
            _ => None,
        };
        let waiting = if own.is_some() && !filter.later {
            waiting(frame)?
        } else {
            Vec::new()
        };
        render(&ListPage {
            site: frame.site(Here::Requests)?,
            own,
            waiting,
            found,
            filter,
        })
    })
    .await
}

fn waiting(frame: &Frame) -> Result<Vec<request::Case>, node::Error> {
    let ask = Ask {
        waiting: Some(true),
        limit: Some(WAITING),
        ..Ask::default()
    };
    let Cases { requests, .. } = ask.answer(&frame.node, &frame.caller)?;
    Ok(requests)
}

/// `GET /requests/{id}`
async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    page(app, headers, None, move |frame| whole(frame, &id, None)).await
}

/// The page of a request, with what was typed and not taken.
fn whole(frame: &Frame, id: &str, typed: Option<Typed>) -> Rendered {
    let case = request::one(&frame.node, &frame.caller, id)?;
    let pledge = frame.directory.pledge();
    let principle = case.principle.and_then(|number| pledge?.principle(number));
    let forms = case
        .open
        .iter()
        .filter_map(|open| Form::new(&open.step, &open.role));
    let mut forms: Vec<Form> = forms.collect();
    if let Some(typed) = typed {
        match forms.iter_mut().find(|form| form.step == typed.step) {
            Some(form) => form.typed = typed,
            // What cannot be done any more is told all the same.
            None => return Err(crate::http::error::Refused::bad(typed.problem)),
        }
    }
    let there = case.deadline.as_ref().and_then(|deadline| {
        let zone = deadline.zone.as_deref().filter(|zone| *zone != "UTC")?;
        in_zone(&deadline.answer_by, zone)
    });
    render(&OnePage {
        principle: principle.map(|principle| principle.title.clone()),
        site: frame.site(Here::Requests)?,
        forms,
        key: node::act::manage::random_text(),
        there,
        case,
    })
}

/// A time where it is meant: `2026-12-01 17:00 in Europe/Paris`.
fn in_zone(time: &str, zone: &str) -> Option<String> {
    let time: jiff::Timestamp = time.parse().ok()?;
    let there = time.in_tz(zone).ok()?;
    Some(format!("{} in {zone}", there.strftime("%Y-%m-%d %H:%M")))
}
