//! The HTTP surfaces, one file or folder each, all through [`auth`] and [`error`].

pub(crate) mod api;
mod auth;
mod blocking;
mod body;
mod error;
mod feeds;
mod form;
mod forward;
mod health;
mod hma;
mod log;
pub(crate) mod pace;
pub(crate) mod pages;
pub(crate) mod serve;
mod session;
mod signed;
mod taxii;
mod web;
mod witness;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, header};
use node::Node;
use node::log::witness::Witness;
use subtle::ConstantTimeEq as _;
use tokio::sync::{Semaphore, watch};

use body::Budget;
use session::Sessions;

use crate::domains::Domains;
use crate::mail::Mail;
use crate::private::Sets;
use crate::signed::Replays;
use crate::webhooks::Webhooks;

/// What every handler shares.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) node: Arc<Node>,
    pub(crate) bodies: Budget,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) webhooks: Arc<Webhooks>,
    pub(crate) mail: Arc<Mail>,
    pub(crate) domains: Arc<Domains>,
    /// Signatures of requests that were taken.
    pub(crate) replays: Arc<Replays>,
    pub(crate) private: Sets,
    /// This node as a witness for other logs, if it is one.
    pub(crate) witness: Option<Arc<Witness>>,
    /// What strangers asked lately.
    pub(crate) pace: Arc<pace::Pace>,
    pub(crate) streams: Arc<api::Streams>,
    /// How many images are decoded at a time.
    pub(crate) decoders: Arc<Semaphore>,
    /// Turns true when the node is told to end: what has no end of its own ends then.
    pub(crate) stopping: watch::Receiver<bool>,
    settings: Arc<Settings>,
}

/// What the operator chose.
struct Settings {
    /// The URL under which clients reach this node, without a slash at its end, when it is not the
    /// one they asked for (behind a proxy).
    public_url: Option<String>,
    /// The secret that the operator's own command line finds in the data directory.
    operator_secret: Option<String>,
    /// What nodes that share a journal know each other by.
    cluster_secret: String,
}

impl App {
    /// `http://host:port` as clients see it.
    fn public_url(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.settings.public_url {
            return url.clone();
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        format!("http://{}", host.unwrap_or("localhost"))
    }

    /// Whether a token is the one that only who reads the data directory can know.
    fn is_local_operator(&self, token: &str) -> bool {
        let secret = self.settings.operator_secret.as_ref();
        secret.is_some_and(|secret| bool::from(secret.as_bytes().ct_eq(token.as_bytes())))
    }
}

/// All routes of a node.
fn router(app: App) -> Router {
    Router::new()
        .merge(taxii::routes())
        .merge(api::routes())
        .merge(feeds::routes())
        .merge(hma::routes())
        .merge(log::routes())
        .merge(web::routes())
        .merge(witness::routes())
        .merge(health::routes())
        .fallback(web::not_found)
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            signed::check,
        ))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            forward::to_leader,
        ))
        .layer(axum::middleware::from_fn(body::read_on_when_refused))
        .with_state(app)
}

/// Waits until the node is told to end.
pub(crate) async fn stopped(stopping: &watch::Receiver<bool>) {
    // When whoever tells is gone, it has ended too.
    drop(stopping.clone().wait_for(|stopping| *stopping).await);
}
