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
            Ok(()) => {
                // Whoever leads sweeps: what it knows of the views is the newest.
                if node.leads() && swept.is_none_or(|at| at.elapsed() >= SWEEP) {
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

/// Takes every step whose date has come.
async fn advance(node: &Node) -> Result<(), node::Error> {
    if !node.leads() {
        // Whoever leads sees to them.
        return Ok(());
    }
    let taken = node.advance_requests().await?;
    if taken > 0 {
        tracing::info!("{taken} steps of requests were due");
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use node::Caller;
    use node::act::commitment::{NewCommitment, Terms};
    use node::act::manage::NewToken;
    use node::clock::{Clock, DAY};
    use node::commitment::indicator::Indicator;
    use node::commitment::{Measure, State};
    use node::model::Scopes;
    use node::pledge::{Basis, Kind, Party, PledgeFile, Precision, Stance, StanceChange};

    use super::*;

    const PLEDGE: &str = include_str!("../../node/tests/pledge.toml");

    async fn alpha(node: &Node) -> Caller {
        let file = PledgeFile::parse(PLEDGE, "test.toml").unwrap();
        node.load_pledge(&Caller::Operator, file).await.unwrap();
        let party = Party {
            id: "alpha".into(),
            name: "Alpha".into(),
            kind: Kind::PrivateSector,
            country: None,
            listed: None,
        };
        node.add_party(&Caller::Operator, party).await.unwrap();
        let signed = StanceChange {
            party: "alpha".into(),
            stance: Stance::Signed,
            since: "2020-06-01".parse().unwrap(),
            basis: Basis::SignedOn,
            precision: Precision::Day,
            source: Some("text".into()),
            note: None,
        };
        node.set_stance(&Caller::Operator, signed).await.unwrap();
        let token = NewToken {
            party: "alpha".into(),
            account: "tests".into(),
            scopes: "read,publish".parse::<Scopes>().unwrap(),
            collections: Vec::new(),
            expires: None,
        };
        let (secret, _) = node.create_token(&Caller::Operator, token).await.unwrap();
        node.authenticate(&secret.text).unwrap()
    }

    /// One look at the dates.
    async fn look(node: &Arc<Node>) {
        let (_stop, stopping) = watch::channel(true);
        run(Arc::clone(node), stopping).await;
    }

    #[tokio::test]
    async fn a_look_at_the_dates_publishes_the_letters_and_takes_the_steps_of_reports() {
        let start = 1_767_225_600_000_000;
        let now = Arc::new(AtomicI64::new(start));
        let node = Arc::new(Node::in_memory(Clock::Set(Arc::clone(&now))).unwrap());
        let alpha = alpha(&node).await;
        let new = NewCommitment {
            party: "alpha".into(),
            principle: 1,
            terms: Terms {
                words: "We answer.".into(),
                measure: Measure::Computed(Indicator::AnsweredInTime),
                baseline: None,
                target: None,
                due: "2027-01-01".parse().unwrap(),
                every: Some(1),
            },
            source: None,
            date: None,
            key: None,
        };
        let id = node.commit(&alpha, new).await.unwrap().id().to_owned();
        let seen = |node: &Node| {
            let record = node.commitment(&id).unwrap();
            (record.letters.len(), record.state())
        };
        look(&node).await;
        assert_eq!(seen(&node), (0, State::Active));
        // Due on 1 February, late on 3 March: the letter is out fourteen days before.
        for (day, expected) in [(47, (1, State::Active)), (61, (1, State::Late))] {
            now.store(start + day * DAY, Ordering::Relaxed);
            look(&node).await;
            assert_eq!(seen(&node), expected, "day {day}");
        }
    }
}
