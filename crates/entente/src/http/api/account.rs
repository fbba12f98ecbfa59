//! The public account as JSON: the same for everybody.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use node::Error;
use node::act::account::AccountAt;

use super::{Answer, Path, Query, json};
use crate::http::App;
use crate::http::blocking::blocking;
use crate::http::error::{Problem, Refused};
use crate::present::account::{self, Through, tables};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/account", get(whole))
        .route("/api/v1/account/parties/{id}", get(party))
        .route("/api/v1/account/tables/{name}", get(table))
}

/// Reads the account as at the end of a month, off the threads that serve connections.
async fn read<T: Send + 'static>(
    app: App,
    through: Through,
    ask: impl FnOnce(&AccountAt, jiff::civil::Date) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    let today = app.node.now().day();
    let month = through.month(today).map_err(Refused::bad)?;
    Ok(blocking(move || Ok(ask(&app.node.account(month)?, today)?)).await?)
}

/// `GET /api/v1/account?through=`
async fn whole(State(app): State<App>, Query(through): Query<Through>) -> Answer {
    json(StatusCode::OK, &read(app, through, account::account).await?)
}

/// `GET /api/v1/account/parties/{id}?through=`
async fn party(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(through): Query<Through>,
) -> Answer {
    let party = read(app, through, move |at, today| {
        account::party(at, &id, today)
    })
    .await?;
    json(StatusCode::OK, &party.ok_or(Refused::not_found("party"))?)
}

/// `GET /api/v1/account/tables/{name}?through=`
async fn table(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(through): Query<Through>,
) -> Answer {
    let told = read(app, through, move |at, today| {
        let table = tables::table(at, &name, today)?;
        Ok(table.map(|table| table.json(at.through(), tables::is_final(&table, at, today))))
    });
    json(
        StatusCode::OK,
        &told.await?.ok_or(Refused::not_found("table"))?,
    )
}
