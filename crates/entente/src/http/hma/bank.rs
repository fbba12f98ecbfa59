//! `/c/…`: banks and what is put into them. A bank is a collection; to make one is for its
//! administrator, as everywhere.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use matching::pdq::Pdq;
use node::clock::Clock;
use node::{Caller, Query as Rows};
use serde::Deserialize;
use serde_json::{Value, json};
use stix::build::{self, Identity};
use stix::signal::SaidKind;
use stix::{StixIdBuf, Timestamp};

use super::lookup::content_id;
use super::{Answer, PDQ, Query, fetches_nothing, hash, signal};
use crate::http::App;
use crate::http::auth::HmaAuth;
use crate::http::error::Refused;
use crate::known::known_content;
use crate::present::NodeInfo;

/// Octets of a signal that is sent.
const SIGNAL: usize = 16 << 10;

#[derive(Deserialize)]
pub(super) struct Wanted {
    url: Option<String>,
    content_type: Option<String>,
}

/// The banks that the caller reads.
pub(super) async fn all(State(app): State<App>, HmaAuth(caller): HmaAuth) -> Answer {
    let banks: Vec<Value> = names(&app, &caller).iter().map(|name| told(name)).collect();
    Ok(Json(banks).into_response())
}

/// One of them.
pub(super) async fn one(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Path(name): Path<String>,
) -> Answer {
    if names(&app, &caller).contains(&name) {
        return Ok(Json(told(&name)).into_response());
    }
    Err(Refused::new(StatusCode::NOT_FOUND, format!("bank '{name}' not found")).into())
}

fn names(app: &App, caller: &Caller) -> Vec<String> {
    let collections = app.node.collections(caller).into_iter();
    let readable = collections.filter(|collection| collection.access.read);
    readable
        .map(|collection| collection.settings.alias.clone())
        .collect()
}

/// All that is in a bank is matched; what is not to be is withdrawn.
fn told(name: &str) -> Value {
    json!({ "name": name, "matching_enabled_ratio": 1.0 })
}

/// Puts the hash of an image that is sent into a bank.
pub(super) async fn add_content(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Path(bank): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    if wanted.url.is_some() {
        return Err(fetches_nothing().into());
    }
    if wanted
        .content_type
        .as_deref()
        .is_some_and(|kind| kind != "photo")
    {
        return Err(Refused::bad("content_type: this node takes photos").into());
    }
    let hashed = hash::hash(&app, &caller, &headers, body).await?;
    let answer = add(&app, &caller, &bank, hashed.hash).await?;
    Ok((hash::quality(&hashed), Json(answer)).into_response())
}

/// Puts a hash into a bank: `{"pdq": "…"}`.
pub(super) async fn add_signal(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Path(bank): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let whole = app.bodies.read_up_to(SIGNAL, &headers, body).await?;
    let sent: std::collections::BTreeMap<String, String> = serde_json::from_slice(&whole.bytes)
        .map_err(|error| Refused::bad(format!("send {{\"pdq\": HASH}} as JSON: {error}")))?;
    let mut signals = sent.iter();
    let (Some((signal_type, text)), None) = (signals.next(), signals.next()) else {
        return Err(Refused::bad("send one signal at a time: {\"pdq\": HASH}").into());
    };
    let hash = signal(signal_type, text)?;
    Ok(Json(add(&app, &caller, &bank, hash).await?).into_response())
}

/// Publishes the indicator of a hash, as `entente bank add` writes it: the same hash of the same
/// party is one signal.
async fn add(app: &App, caller: &Caller, bank: &str, hash: Pdq) -> Result<Value, Refused> {
    let node = Arc::clone(&app.node);
    let who = NodeInfo::of(&node, caller).caller;
    let who = who.ok_or(node::Error::Unauthenticated)?;
    let now = Timestamp::from_micros(Clock::System.now().0);
    let creator = StixIdBuf::parse(build::identity_id(&who.name))
        .map_err(|error| node::Error::Storage(error.to_string()))?;
    let pattern = build::pattern(SaidKind::Pdq, &hash.to_string());
    let draft = known_content(creator.as_id(), &pattern, now).set("name", "Known image");
    let identity = build::identity(&Identity {
        name: &who.name,
        identity_class: "organization",
        created: now,
    });
    // What is there under its id says the same already.
    let mut objects = vec![
        (creator.as_id().as_str().to_owned(), Bytes::from(identity)),
        (draft.id().to_owned(), Bytes::from(draft.bytes())),
    ];
    let ids = objects
        .iter()
        .filter_map(|(id, _)| node::view::object_key(id));
    let rows = Rows {
        ids: Some(ids.collect()),
        limit: objects.len(),
        ..Rows::default()
    };
    let (known, _) = node.manifest(caller, bank, &rows)?;
    objects.retain(|(id, _)| known.iter().all(|line| line.id != *id));
    if !objects.is_empty() {
        let objects = objects.into_iter().map(|(_, bytes)| bytes).collect();
        let status = node.publish_objects(caller, bank, objects).await?;
        if let Some(failed) = status.failures.first() {
            return Err(Refused::bad(failed.reason.clone()));
        }
    }
    let id = content_id(bank, draft.id());
    Ok(json!({ "id": id, "signals": { PDQ: hash.to_string() } }))
}
