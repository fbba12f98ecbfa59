//! The calendar of reports goes on while a node is served: letters are published, and steps taken, on
//! their day (`node::act::commitment::calendar`).

use std::sync::Arc;
use std::time::Duration;

use node::Node;
use tokio::sync::watch;

use crate::http::stopped;

/// How long after a look at the calendar the next one is. Days are what it counts in.
const PAUSE: Duration = Duration::from_mins(5);

/// Goes on until `stopping` turns true. What fails is tried again at the next look.
pub(crate) async fn run(node: Arc<Node>, stopping: watch::Receiver<bool>) {
    loop {
        // Where a journal is shared, whoever leads sees to it.
        let due = async {
            if node.leads() {
                node.advance_commitments(node.now()).await
            } else {
                Ok(0)
            }
        };
        match due.await {
            Ok(0) => {}
            Ok(entries) => tracing::info!("the calendar of reports: {entries} entries"),
            Err(error) => tracing::warn!("the calendar of reports stands still: {error}"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stopped(&stopping) => return,
        }
    }
}
