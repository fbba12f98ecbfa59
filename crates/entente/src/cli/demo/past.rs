//! What the demo's members promised in the months before, and what became of it: one commitment that is
//! kept, one that is late, one that is silent.
//!
//! It happens day by day on a clock of its own, so that letters and steps come on their days.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use jiff::civil::Date;
use node::act::commitment::report::{NewJudgement, NewReport};
use node::act::commitment::{NewCommitment, Terms};
use node::clock::{Clock, DAY, Instant};
use node::commitment::indicator::Indicator;
use node::commitment::{Bound, Completion, Evidence, Measure, Target};
use node::{Caller, Node, Options};

use super::fill::{self, Member};
use crate::cli::init::{operator, read_pledge};

/// For how many days the demo's pledge has been there.
const DAYS: i64 = 200;

/// A node that is set to the days before today, one after the other.
struct Past {
    node: Node,
    clock: Arc<AtomicI64>,
    /// When it all ends.
    now: Instant,
    /// Days before that.
    ago: i64,
}

/// Makes the data directory, with the register and the members as they came, and what they promised;
/// gives the members.
///
/// # Errors
/// The node's, and the folder's.
pub(super) async fn fill(data: &Path) -> anyhow::Result<Vec<Member>> {
    let now = Clock::System.now();
    let clock = Arc::new(AtomicI64::new(now.0 - DAYS * DAY));
    let (at, set) = (data.to_owned(), Clock::Set(Arc::clone(&clock)));
    let made = tokio::task::spawn_blocking(move || {
        // Gone when it ends: there is nothing to guard.
        Node::create_at(&at, &Options::default(), set)
    });
    let node = made.await??;
    let steward = Caller::Operator;
    node.load_pledge(&steward, read_pledge(None)?).await?;
    node.add_party(&steward, operator("Demo operator")?).await?;
    let members = fill::members(&node).await?;
    let mut past = Past {
        node,
        clock,
        now,
        ago: DAYS,
    };
    promises(&mut past, &members).await?;
    let Past { node, .. } = past;
    // It gives up the directory when its threads have ended.
    tokio::task::spawn_blocking(move || drop(node)).await?;
    Ok(members)
}

impl Past {
    /// Lets time pass until so many days before today; what is due on a day is done on it.
    async fn until(&mut self, ago: i64) -> anyhow::Result<()> {
        while self.ago > ago {
            self.ago -= 1;
            let day = self.now.0 - self.ago * DAY;
            self.clock.store(day, Ordering::Relaxed);
            self.node.advance_commitments(Instant(day)).await?;
        }
        Ok(())
    }
}

/// Three members as they speak for themselves, with their parties' ids.
type Three<'m> = [(Caller, &'m str); 3];

async fn promises(past: &mut Past, members: &[Member]) -> anyhow::Result<()> {
    let [company, authority, observatory] = members else {
        anyhow::bail!("the demo has not three members");
    };
    let node = &past.node;
    let of = |member: &Member| node.authenticate(&member.token);
    let three: Three<'_> = [
        (of(company)?, &company.party),
        (of(authority)?, &authority.party),
        (of(observatory)?, &observatory.party),
    ];
    let kept = signed_domains(past, &three).await?;
    let [company, authority, observatory] = &three;
    past.until(165).await?;
    past.commit(observatory, 3, 1, 300, |terms| Terms {
        words: "We publish every month what we measured of interference with elections.".into(),
        measure: measured("Months with a publication", "months"),
        ..terms
    })
    .await?;
    past.until(135).await?;
    let late = past
        .commit(authority, 1, 3, 400, |terms| Terms {
            words: "Whoever asks us to act has an answer by the deadline.".into(),
            measure: Measure::Computed(Indicator::AnsweredInTime),
            target: target("90").ok(),
            ..terms
        })
        .await?;
    past.until(120).await?;
    said_and_measured(past, &three, &kept).await?;
    past.until(20).await?;
    let words = "The new registrar signs. Twelve domains of archives are left.";
    past.report(company, &kept, Completion::Substantial, "88", words)
        .await?;
    past.until(8).await?;
    let words = "Of ten reports that we sent to its desk by mail, three have no answer.";
    let shown = judgement(words, "https://meridian.example/asked.csv");
    let shown = past.node.counter_commitment(&observatory.0, &late, shown);
    shown.await?;
    past.until(5).await?;
    let record = past.node.commitment(&late)?;
    let letter = record.letters.first().context("there is no letter")?;
    let words = "Our report is written, and waits for a signature.";
    past.answer(authority, &letter.held.what.id, words).await?;
    past.until(0).await
}

/// The company's promise.
async fn signed_domains(past: &Past, three: &Three<'_>) -> anyhow::Result<String> {
    let [company, ..] = three;
    let target = target("90")?;
    past.commit(company, 2, 3, 500, |terms| Terms {
        words: "Every domain that we broadcast under is signed with DNSSEC.".into(),
        measure: measured("Our domains signed with DNSSEC", "percent"),
        baseline: "40".parse().ok(),
        target: Some(target),
        ..terms
    })
    .await
}

/// Its first report, what another measured, its answer, and that it will be sooner.
async fn said_and_measured(past: &mut Past, three: &Three<'_>, kept: &str) -> anyhow::Result<()> {
    let [company, authority, _] = three;
    let words =
        "Two thirds of our domains are signed. The rest waits for a registrar that does not do it.";
    let report = past.report(company, kept, Completion::Substantial, "65", words);
    let report = report.await?;
    past.until(110).await?;
    let words = "We looked up the keys of all domains in its imprint: 62 of 100 are signed.";
    let judged = NewJudgement {
        report: Some(report),
        ..judgement(words, "https://borealis.example/measured/dnssec.csv")
    };
    let limited = Completion::Limited;
    let review = past
        .node
        .review_commitment(&authority.0, kept, limited, judged);
    let review = review.await?;
    past.until(108).await?;
    let words = "Three domains were added between the two counts.";
    past.answer(company, &review, words).await?;
    let newest = past.node.commitment(kept)?.newest().clone();
    let sooner = Terms {
        words: newest.words,
        measure: newest.measure,
        baseline: newest.baseline,
        target: Some(target("95")?),
        due: past.day_after(300),
        every: newest.every,
    };
    let why = "We change the registrar: it will be more, and sooner.";
    let amended = past
        .node
        .amend_commitment(&company.0, kept, sooner, why.into(), None);
    amended.await?;
    Ok(())
}

impl Past {
    fn day_after(&self, days: i64) -> Date {
        Instant(self.node.now().0 + days * DAY).day()
    }

    /// A commitment under a principle, reported every so many months, due in so many days.
    async fn commit(
        &self,
        (caller, party): &(Caller, &str),
        principle: u16,
        every: u8,
        due: i64,
        say: impl FnOnce(Terms) -> Terms,
    ) -> anyhow::Result<String> {
        let terms = Terms {
            words: String::new(),
            measure: measured("", ""),
            baseline: None,
            target: None,
            due: self.day_after(due),
            every: Some(every),
        };
        let new = NewCommitment {
            party: (*party).to_owned(),
            principle,
            terms: say(terms),
            source: None,
            date: None,
            key: None,
        };
        Ok(self.node.commit(caller, new).await?.id().to_owned())
    }

    async fn report(
        &self,
        (caller, party): &(Caller, &str),
        id: &str,
        completion: Completion,
        value: &str,
        words: &str,
    ) -> anyhow::Result<String> {
        let new = NewReport {
            completion,
            value: value.parse().ok(),
            words: words.into(),
            evidence: vec![link(&format!("https://{party}.example/report.pdf"))],
            source: None,
            key: None,
        };
        Ok(self.node.report_commitment(caller, id, new).await?)
    }

    async fn answer(
        &self,
        (caller, _): &(Caller, &str),
        statement: &str,
        words: &str,
    ) -> anyhow::Result<()> {
        let (words, links) = (words.to_owned(), Vec::new());
        let answered = self
            .node
            .reply_commitment(caller, statement, words, links, None);
        answered.await?;
        Ok(())
    }
}

fn measured(description: &str, unit: &str) -> Measure {
    Measure::SelfReported {
        description: description.into(),
        unit: unit.into(),
    }
}

/// At least so much.
fn target(amount: &str) -> anyhow::Result<Target> {
    let amount = amount.parse().map_err(anyhow::Error::msg)?;
    let bound = Bound::AtLeast;
    Ok(Target { bound, amount })
}

fn link(url: &str) -> Evidence {
    Evidence {
        url: url.into(),
        sha256: None,
    }
}

fn judgement(words: &str, evidence: &str) -> NewJudgement {
    NewJudgement {
        report: None,
        words: words.into(),
        evidence: vec![link(evidence)],
        key: None,
    }
}
