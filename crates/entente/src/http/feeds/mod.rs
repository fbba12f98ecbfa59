//! Feeds for programs that do not speak TAXII: a MISP feed, CSV, plain lists and Atom, each for one
//! collection and as far as the caller sees; and news in Atom. Bodies are written as they are read, in bounded memory.
//!
//! A body that cannot be read on is broken off: its connection ends without the last chunk, so that
//! no client takes a part for the whole.

mod atom;
mod misp;
pub(super) mod stream;
mod values;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::get;
use node::act::news::Topic;

use super::App;
use super::auth::Auth;
use super::error::{Problem, Refused};

/// An answer, or a refusal as a problem.
type Answer = Result<Response, Problem>;

/// The routes. MISP puts a slash behind the address of a feed, whether one stands there or not.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/misp/{collection}/{file}", get(misp::file))
        .route("/misp/{collection}//{file}", get(misp::file))
        .route("/misp/{collection}", get(misp::index))
        .route("/misp/{collection}/", get(misp::index))
        .route("/feeds/{file}", get(feed))
        .route("/news.atom", get(news))
        .route("/news/{file}", get(topic))
        .method_not_allowed_fallback(method_not_allowed)
}

async fn method_not_allowed(uri: Uri) -> Problem {
    let words = format!("{} is only read", uri.path());
    Problem(Refused::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        words,
    ))
}

/// `GET /news.atom`
async fn news(State(app): State<App>, headers: HeaderMap, Auth(caller): Auth) -> Answer {
    atom::about(&app, &headers, caller, Topic::ALL).await
}

/// `GET /news/{topic}.atom`
async fn topic(
    State(app): State<App>,
    headers: HeaderMap,
    Path(file): Path<String>,
    Auth(caller): Auth,
) -> Answer {
    let name = file.strip_suffix(".atom").unwrap_or_default();
    let topic = Topic::ALL.iter().position(|topic| topic.as_str() == name);
    let Some(topics) = topic.and_then(|at| Topic::ALL.get(at..=at)) else {
        let words = format!("there is nothing at /news/{file}: see /news.atom");
        return Err(Refused::new(axum::http::StatusCode::NOT_FOUND, words).into());
    };
    atom::about(&app, &headers, caller, topics).await
}

/// `GET /feeds/{collection}.csv`, `.txt`, `.atom`
async fn feed(
    State(app): State<App>,
    headers: HeaderMap,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
    Auth(caller): Auth,
) -> Answer {
    let (collection, ending) = file.rsplit_once('.').unwrap_or((file.as_str(), ""));
    let collection = collection.to_owned();
    match ending {
        "csv" | "txt" => {
            let kinds = values::kinds(query.as_deref())?;
            let table = ending == "csv";
            values::answer(&app, caller, collection, kinds, table).await
        }
        "atom" => atom::answer(&app, &headers, caller, collection).await,
        _ => {
            let words = format!(
                "there is nothing at /feeds/{file}: a collection's feeds end in .csv, .txt and .atom"
            );
            Err(Refused::new(axum::http::StatusCode::NOT_FOUND, words).into())
        }
    }
}
