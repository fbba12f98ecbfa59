//! Dates that come while a node is served: what is due is written down when it is due, or at the next
//! start. Once an hour what nobody named in time is swept up.

use std::sync::Arc;
use std::time::Duration;

use node::Node;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::http::stopped;

/// How long it sleeps at most: the system's clock may be set meanwhile.
const LONGEST: Duration = Duration::from_mins(1);
/// How long it sleeps at least: dates that fall together are written together.
const SHORTEST: Duration = Duration::from_secs(1);
/// How long after what failed it tries again.
const AGAIN: Duration = Duration::from_secs(15);
/// How often it sweeps.
const SWEEP: Duration = Duration::from_hours(1);

/// Sees to dates until `stopping` turns true.
pub(crate) async fn run(node: Arc<Node>, stopping: watch::Receiver<bool>) {
    let mut swept: Option<Instant> = None;
    loop {
        reports(&node).await;
        let pause = match advance(&node).await {
            Ok(taken) => {
                let forgets = taken > 0 || swept.is_none_or(|at| at.elapsed() >= SWEEP);
                if forgets {
                    sweep(&node).await;
                    swept = Some(Instant::now());
                }
                until_next(&node)
            }
            Err(error) => {
                tracing::warn!("dates could not be seen to, and will be: {error}");
                AGAIN
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopped(&stopping) => return,
        }
    }
}

/// Takes every step whose date has come; gives how many.
async fn advance(node: &Node) -> Result<usize, node::Error> {
    if !node.leads() {
        // Whoever leads sees to them.
        return Ok(0);
    }
    let taken = node.advance_requests().await?;
    if taken > 0 {
        tracing::info!("{taken} steps of requests were due");
    }
    Ok(taken)
}

/// Publishes every letter, and takes every step, of the calendar of reports whose day has come. What fails
/// is tried again at the next look, and does not hold up requests.
async fn reports(node: &Node) {
    if !node.leads() {
        return;
    }
    match node.advance_commitments(node.now()).await {
        Ok(0) => {}
        Ok(entries) => tracing::info!("the calendar of reports: {entries} entries"),
        Err(error) => tracing::warn!("the calendar of reports stands still: {error}"),
    }
}

async fn sweep(node: &Arc<Node>) {
    let node = Arc::clone(node);
    let swept = tokio::task::spawn_blocking(move || node.sweep_evidence()).await;
    match swept {
        Ok(Ok(0)) => {}
        Ok(Ok(files)) => tracing::info!("{files} attachments and contacts were swept up"),
        Ok(Err(error)) => tracing::warn!("attachments were not swept up: {error}"),
        Err(error) => tracing::warn!("attachments were not swept up: {error}"),
    }
}

/// How long to sleep.
fn until_next(node: &Node) -> Duration {
    let Ok(Some(next)) = node.next_request_date() else {
        return LONGEST;
    };
    let left = u64::try_from(next.0.saturating_sub(node.now().0)).unwrap_or(0);
    Duration::from_micros(left).clamp(SHORTEST, LONGEST)
}
