//! How a node does, for load balancers and monitoring: nothing that the public log does not tell.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Messages that a node may be behind its stream and still be ready.
const MOST_BEHIND: u64 = 50;
/// The node that leads, where a journal is shared.
const LEADER: HeaderName = HeaderName::from_static("entente-leader");
/// How many messages this node is behind, where a journal is shared.
const BEHIND: HeaderName = HeaderName::from_static("entente-behind");

/// 200 once everything is up; 503, saying what is missing, before.
async fn ready(State(app): State<App>) -> Response {
    let missing = missing(&app);
    let status = if missing.is_some() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let words = format!("{}\n", missing.unwrap_or_else(|| "ready".into()));
    let mut answer = (status, words).into_response();
    if let Some(cluster) = app.node.cluster() {
        let headers = answer.headers_mut();
        headers.insert(BEHIND, HeaderValue::from(cluster.behind()));
        if let Some(leader) = cluster
            .leader()
            .and_then(|name| HeaderValue::from_str(&name).ok())
        {
            headers.insert(LEADER, leader);
        }
    }
    answer
}

/// What is not up.
fn missing(app: &App) -> Option<String> {
    if let Some(reason) = app.node.log().halted() {
        return Some(reason);
    }
    if let Some(cluster) = app.node.cluster() {
        if let Some(reason) = cluster.stopped() {
            return Some(format!("this node follows no more: {reason}"));
        }
        if cluster.leader().is_none() {
            return Some(
                "no node leads: one is taking over, or a majority of the NATS servers is missing"
                    .into(),
            );
        }
        let behind = cluster.behind();
        if behind > MOST_BEHIND {
            return Some(format!("{behind} messages behind the stream"));
        }
    }
    app.node.ready().err().map(|missing| missing.to_string())
}

/// Figures in the text format that Prometheus reads (version 0.0.4).
async fn metrics(State(app): State<App>) -> Response {
    let node = &app.node;
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: u64| {
        // A string takes all that is written to it.
        let _never = writeln!(
            text,
            "# HELP entente_{name} {help}\n# TYPE entente_{name} gauge\nentente_{name} {value}"
        );
    };
    gauge(
        "ready",
        "Whether /readyz answers 200.",
        u64::from(missing(&app).is_none()),
    );
    gauge(
        "journal_entries",
        "Entries in this node's journal.",
        node.entries(),
    );
    gauge(
        "views_entries",
        "Entries that the views of this node hold.",
        *node.watch().borrow(),
    );
    gauge(
        "log_entries",
        "Entries under the newest checkpoint that was signed.",
        node.log().signed().checkpoint.size(),
    );
    gauge(
        "log_halted",
        "Whether this node signs no more.",
        u64::from(node.log().halted().is_some()),
    );
    gauge(
        "leads",
        "Whether this node writes and signs.",
        u64::from(node.leads()),
    );
    if let Some(cluster) = node.cluster() {
        gauge(
            "stream_behind_messages",
            "Messages of the stream that this node has not taken yet.",
            cluster.behind(),
        );
        gauge(
            "stream_stopped",
            "Whether this node follows the stream no more.",
            u64::from(cluster.stopped().is_some()),
        );
        gauge(
            "stream_led",
            "Whether a node leads, as far as this one heard lately.",
            u64::from(cluster.leader().is_some()),
        );
    }
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
