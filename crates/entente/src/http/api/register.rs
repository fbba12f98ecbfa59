//! The pledge and its register: public facts, for anyone.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;

use super::{Answer, Path, Query, json};
use crate::http::App;
use crate::http::error::Refused;
use crate::present;

/// `GET /api/v1/pledge`
pub(super) async fn pledge(State(app): State<App>) -> Answer {
    let pledge = present::pledge::pledge(&app.node).ok_or(Refused::not_found("pledge"))?;
    json(StatusCode::OK, &pledge)
}

/// `GET /api/v1/parties?as-of=&kind=&country=&stance=&q=&limit=&offset=`
pub(super) async fn parties(
    State(app): State<App>,
    Query(ask): Query<present::party::Ask>,
) -> Answer {
    json(StatusCode::OK, &present::party::parties(&app.node, &ask))
}

/// The day that is asked about; today when absent.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Day {
    as_of: Option<Date>,
}

/// `GET /api/v1/parties/{id}?as-of=`
pub(super) async fn party(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(day): Query<Day>,
) -> Answer {
    let party = present::party::party(&app.node, &id, day.as_of);
    json(StatusCode::OK, &party.ok_or(Refused::not_found("party"))?)
}

/// `GET /api/v1/growth?as-of=`: how many had signed on each day on which that changed.
pub(super) async fn growth(State(app): State<App>, Query(day): Query<Day>) -> Answer {
    json(
        StatusCode::OK,
        &present::growth::growth(&app.node, day.as_of),
    )
}
