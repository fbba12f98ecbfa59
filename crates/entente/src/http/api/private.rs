//! Private matching over HTTP: sets that are offered, and blinded questions about them.
//!
//! Questions and answers are elements of ristretto255, 32 octets each, one after the other. Nothing of
//! them is kept or logged but their number.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use matching::oprf::{ELEMENT, Element};
use node::model::PrivateSet;
use node::{Caller, Node};
use serde::Deserialize;

use super::{Answer, Json, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::{Problem, Refused};
use crate::present::private::{NewSet, Set, Sets, hexadecimal};
use crate::private::{MOST_ELEMENTS, evaluate, missing};

/// How long a question waits for a processor.
const PATIENCE: Duration = Duration::from_secs(30);
/// The media type of sets, questions and answers.
const OCTETS: &str = "application/octet-stream";

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/private-match", get(list))
        .route(
            "/api/v1/private-match/{name}",
            get(one).put(offer).delete(remove),
        )
        .route("/api/v1/private-match/{name}/outputs", get(outputs))
        .route("/api/v1/private-match/{name}/evaluate", post(ask))
}

/// `GET /api/v1/private-match`: the sets that the caller may ask.
async fn list(State(app): State<App>, Auth(caller): Auth) -> Answer {
    let sets = app.node.private_sets(&caller)?;
    let sets = sets
        .iter()
        .map(|set| present(&app.node, &caller, set))
        .collect();
    json(StatusCode::OK, &Sets { sets })
}

/// `GET /api/v1/private-match/{name}`
async fn one(State(app): State<App>, Auth(caller): Auth, Path(name): Path<String>) -> Answer {
    let set = app.node.private_set(&caller, &name)?;
    json(StatusCode::OK, &present(&app.node, &caller, &set))
}

fn present(node: &Node, caller: &Caller, set: &PrivateSet) -> Set {
    Set::of(set, node.asked_of_set(caller, &set.name).ok())
}

/// `PUT /api/v1/private-match/{name}`: offers the set whose outputs lie in the data directory.
async fn offer(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(name): Path<String>,
    Json(new): Json<NewSet>,
) -> Answer {
    app.node
        .viewer(&caller)
        .administers()
        .map_err(node::Error::Refused)?;
    let sets = app.private.clone();
    let offered = blocking(move || Ok(sets.described(&name, new)?)).await?;
    app.node.offer_set(&caller, offered.clone()).await?;
    json(StatusCode::OK, &present(&app.node, &caller, &offered))
}

/// `DELETE /api/v1/private-match/{name}`
async fn remove(State(app): State<App>, Auth(caller): Auth, Path(name): Path<String>) -> Answer {
    app.node.remove_set(&caller, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/private-match/{name}/outputs`: the published set.
async fn outputs(State(app): State<App>, Auth(caller): Auth, Path(name): Path<String>) -> Answer {
    let set = app.node.private_set(&caller, &name)?;
    let bytes = read(&app, &set.name).await?;
    Ok(([(header::CONTENT_TYPE, OCTETS)], bytes).into_response())
}

async fn read(app: &App, name: &str) -> Result<Vec<u8>, Problem> {
    let (sets, named) = (app.private.clone(), name.to_owned());
    let read = blocking(move || {
        let read = sets.outputs(&named);
        Ok(read.map_err(|error| missing(&named, &error))?)
    });
    Ok(read.await?)
}

/// Which key a question is for.
#[derive(Deserialize)]
struct For {
    /// The key's id, as the published set says it.
    key: Option<String>,
}

/// `POST /api/v1/private-match/{name}/evaluate`: evaluates blinded elements. That somebody asks
/// about so many is recorded before anything is answered.
async fn ask(
    State(app): State<App>,
    Auth(caller): Auth,
    Path(name): Path<String>,
    Query(wanted): Query<For>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let set = app.node.private_set(&caller, &name)?;
    let told = super::lookup::media_type(&headers);
    if !(told.is_empty() || told == OCTETS) {
        let words = format!("'{told}' is not taken here: send {OCTETS}");
        return Err(Problem(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            words,
        )));
    }
    let whole = app
        .bodies
        .read_up_to(MOST_ELEMENTS * ELEMENT, &headers, body)
        .await?;
    let (elements, rest) = whole.bytes.as_chunks::<ELEMENT>();
    if elements.is_empty() || !rest.is_empty() {
        let words = format!("a question is one or more elements of {ELEMENT} octets each");
        return Err(Problem(Refused::bad(words)));
    }
    let sets = app.private.clone();
    let key = blocking(move || {
        let key = sets.key(&set.name);
        Ok(key.map_err(|error| node::Error::Storage(error.to_string()))?)
    });
    let key = key.await?;
    if wanted.key.is_some_and(|id| id != hexadecimal(&key.id())) {
        let words = "the set was made anew with another key: download it again";
        return Err(Problem::from(node::Error::Conflict(words.into())));
    }
    // Some at a time, as with images: it is all work for the processors. The day's number is used up
    // only by who then gets an answer.
    let permit = Arc::clone(&app.decoders).acquire_owned();
    let Ok(Ok(permit)) = tokio::time::timeout(PATIENCE, permit).await else {
        let words = "too many questions are being answered: try again in a moment";
        return Err(Problem(Refused::new(
            StatusCode::SERVICE_UNAVAILABLE,
            words,
        )));
    };
    let count = elements.len() as u64;
    app.node.ask_set(&caller, &name, count).await?;
    let elements: Vec<Element> = elements.to_vec();
    let answered = blocking(move || {
        let answered = evaluate(&key, &elements);
        drop(permit);
        answered.map_err(|error| Refused::bad(error.to_string()))
    });
    let answered = answered.await?;
    Ok(([(header::CONTENT_TYPE, OCTETS)], answered.concat()).into_response())
}
