//! When parties work: holidays, which the steward sets, and time zones, which parties set.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{get, put};

use super::{Answer, Json, Path, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::present::calendar::{Holidays, SetHolidays, SetZone, holidays, zone};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/holidays", get(all_holidays))
        .route("/api/v1/holidays/{country}", put(set_holidays))
        .route(
            "/api/v1/parties/{id}/zone",
            get(get_zone).put(set_zone).delete(remove_zone),
        )
}

/// `GET /api/v1/holidays`
async fn all_holidays(State(app): State<App>) -> Answer {
    json(StatusCode::OK, &holidays(&app.node))
}

/// `PUT /api/v1/holidays/{country}`
async fn set_holidays(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(country): Path<String>,
    Json(new): Json<SetHolidays>,
) -> Answer {
    let set = app
        .node
        .set_holidays(&caller, &country, new.days, new.source);
    json(StatusCode::OK, &Holidays::from(&set.await?))
}

/// `GET /api/v1/parties/{id}/zone`
async fn get_zone(State(app): State<App>, Path(id): Path<String>) -> Answer {
    json(StatusCode::OK, &zone(&app.node, &id)?)
}

/// `PUT /api/v1/parties/{id}/zone`
async fn set_zone(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<SetZone>,
) -> Answer {
    app.node.set_zone(&caller, &id, Some(&new.zone)).await?;
    json(StatusCode::OK, &zone(&app.node, &id)?)
}

/// `DELETE /api/v1/parties/{id}/zone`
async fn remove_zone(State(app): State<App>, Auth(caller): Auth, Path(id): Path<String>) -> Answer {
    app.node.set_zone(&caller, &id, None).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
