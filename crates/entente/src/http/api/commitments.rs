//! Commitments over HTTP: made, amended, reported, judged; the calendar, its letters and the table of
//! indicators. What is said is public; who says it needs a token.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use jiff::civil::Date;
use node::act::commitment::NewCommitment;
use node::act::commitment::report::{NewJudgement, NewReport};
use serde::Deserialize;

use super::requests::key::IdempotencyKey;
use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::Problem;
use crate::present::commitment::{
    Amend, Filter, GiveCounter, GiveReply, GiveReport, GiveReview, Make, Reason, SetCalendar,
    calendar, detail, indicators, letters, links, list, readings,
};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/commitments", get(list_all).post(make))
        .route("/api/v1/commitments/{id}", get(one))
        .route("/api/v1/commitments/{id}/versions", post(amend))
        .route("/api/v1/commitments/{id}/withdrawal", post(withdraw))
        .route("/api/v1/commitments/{id}/reports", post(report))
        .route("/api/v1/commitments/{id}/reviews", post(review))
        .route("/api/v1/commitments/{id}/counter-evidence", post(counter))
        .route("/api/v1/commitments/{id}/delisting", post(delist))
        .route("/api/v1/commitments/{id}/reinstatement", post(reinstate))
        .route("/api/v1/statements/{id}/reply", post(reply))
        .route("/api/v1/letters", get(list_letters))
        .route("/api/v1/letters/{id}/revocation", post(revoke))
        .route("/api/v1/calendar", get(get_calendar).put(set_calendar))
        .route("/api/v1/indicators", get(get_indicators))
        .route("/api/v1/parties/{id}/indicators", get(get_readings))
}

/// The party that letters are to.
#[derive(Deserialize)]
struct ToParty {
    party: Option<String>,
}

/// The period of indicators.
#[derive(Deserialize)]
struct Period {
    from: Option<Date>,
    to: Option<Date>,
}

/// The commitment after what was done.
fn answer(app: &App, status: StatusCode, id: &str) -> Answer {
    json(status, &detail(&app.node, id)?)
}

/// `GET /api/v1/commitments?party=&principle=&keeping=&limit=&offset=`
async fn list_all(State(app): State<App>, _: Auth, Query(filter): Query<Filter>) -> Answer {
    if filter.principle == Some(0) {
        return Err(Problem(crate::http::error::Refused::bad(
            "principle: counted from 1",
        )));
    }
    json(StatusCode::OK, &list(&app.node, &filter))
}

/// `GET /api/v1/commitments/{id}`
async fn one(State(app): State<App>, _: Auth, Path(id): Path<String>) -> Answer {
    answer(&app, StatusCode::OK, &id)
}

/// `POST /api/v1/commitments`
async fn make(
    State(app): State<App>,
    Auth(caller): Auth,
    key: IdempotencyKey,
    Json(new): Json<Make>,
) -> Answer {
    let new = NewCommitment {
        key: key.owned(),
        ..new.wanted()?
    };
    let made = app.node.commit(&caller, new).await?;
    answer(&app, StatusCode::CREATED, made.id())
}

/// `POST /api/v1/commitments/{id}/versions`
async fn amend(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<Amend>,
) -> Answer {
    let terms = new.terms.wanted()?;
    app.node
        .amend_commitment(&caller, &id, terms, new.reason, new.source)
        .await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// `POST /api/v1/commitments/{id}/withdrawal`
async fn withdraw(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(why): Json<Reason>,
) -> Answer {
    app.node
        .withdraw_commitment(&caller, &id, why.reason, why.source)
        .await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// `POST /api/v1/commitments/{id}/reports`
async fn report(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    key: IdempotencyKey,
    Json(new): Json<GiveReport>,
) -> Answer {
    let new = NewReport {
        key: key.owned(),
        ..new.wanted()
    };
    app.node.report_commitment(&caller, &id, new).await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// `POST /api/v1/commitments/{id}/reviews`
async fn review(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    key: IdempotencyKey,
    Json(new): Json<GiveReview>,
) -> Answer {
    let (completion, said) = new.wanted();
    let said = NewJudgement {
        key: key.owned(),
        ..said
    };
    app.node
        .review_commitment(&caller, &id, completion, said)
        .await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// `POST /api/v1/commitments/{id}/counter-evidence`
async fn counter(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    key: IdempotencyKey,
    Json(new): Json<GiveCounter>,
) -> Answer {
    let said = NewJudgement {
        key: key.owned(),
        ..new.wanted()
    };
    app.node.counter_commitment(&caller, &id, said).await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// `POST /api/v1/commitments/{id}/delisting`
async fn delist(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(why): Json<Reason>,
) -> Answer {
    no_source(&why)?;
    app.node
        .announce_delisting(&caller, &id, why.reason)
        .await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// `POST /api/v1/commitments/{id}/reinstatement`
async fn reinstate(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(why): Json<Reason>,
) -> Answer {
    no_source(&why)?;
    app.node
        .reinstate_commitment(&caller, &id, why.reason)
        .await?;
    answer(&app, StatusCode::CREATED, &id)
}

/// The steward's own decisions are known from nowhere else.
fn no_source(why: &Reason) -> Result<(), Problem> {
    if why.source.is_none() {
        return Ok(());
    }
    let words = "'source' is for what the steward records for a party: leave it out";
    Err(node::Error::Invalid(words.into()).into())
}

/// `POST /api/v1/statements/{id}/reply`
async fn reply(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(new): Json<GiveReply>,
) -> Answer {
    let evidence = links(new.evidence);
    let replied = app
        .node
        .reply_commitment(&caller, &id, new.words, evidence, new.source)
        .await?;
    answer(&app, StatusCode::CREATED, replied.id())
}

/// `GET /api/v1/letters?party=`
async fn list_letters(State(app): State<App>, _: Auth, Query(to): Query<ToParty>) -> Answer {
    json(StatusCode::OK, &letters(&app.node, to.party.as_deref()))
}

/// `POST /api/v1/letters/{id}/revocation`
async fn revoke(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Json(why): Json<Reason>,
) -> Answer {
    no_source(&why)?;
    app.node.revoke_letter(&caller, &id, why.reason).await?;
    let directory = app.node.directory();
    let record = directory.commitments().of_statement(&id);
    let commitment = record.map(|record| record.id().to_owned());
    answer(&app, StatusCode::CREATED, &commitment.unwrap_or_default())
}

/// `GET /api/v1/calendar`
async fn get_calendar(State(app): State<App>, _: Auth) -> Answer {
    json(StatusCode::OK, &calendar(&app.node))
}

/// `PUT /api/v1/calendar`
async fn set_calendar(
    State(app): State<App>,
    Auth(caller): Auth,
    Json(new): Json<SetCalendar>,
) -> Answer {
    let wanted = new.calendar.wanted()?;
    app.node.set_calendar(&caller, wanted, new.reason).await?;
    json(StatusCode::OK, &calendar(&app.node))
}

/// `GET /api/v1/indicators`
async fn get_indicators(State(app): State<App>, _: Auth) -> Answer {
    json(StatusCode::OK, &indicators(&app.node))
}

/// `GET /api/v1/parties/{id}/indicators?from=&to=`
async fn get_readings(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(id): Path<String>,
    Query(period): Query<Period>,
) -> Answer {
    let found = blocking(move || {
        let Period { from, to } = period;
        Ok(readings(&app.node, &caller, &id, from, to)?)
    });
    json(StatusCode::OK, &found.await?)
}
