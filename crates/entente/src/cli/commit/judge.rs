//! Reports, reviews, counter-evidence, and answers to them.

use clap::Args;
use node::Caller;
use node::commitment::{Amount, Completion};

use super::{act, amount, completion, done, evidence, path_of, whole};
use crate::cli::Exit;
use crate::cli::client::encoded;
use crate::cli::target::Where;
use crate::present::commitment::{
    Detail, Evidence, GiveCounter, GiveReply, GiveReport, GiveReview, Number, links,
};

/// Report on a commitment: it answers what is due, and makes the commitment active at once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit report 3f2a9c01d4e7 --server https://node.example --completion limited \\
    --words 'Twelve offices were trained.' --value 12 --evidence https://cert.example/training.pdf
  entente commit report 3f2a9c01d4e7 --server https://node.example --completion complete --words 'All were.' \\
    --evidence https://cert.example/all.pdf,sha256:$(sha256sum all.pdf | cut -d' ' -f1)")]
pub(crate) struct Report {
    /// The commitment's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// How far, in the party's own judgement
    #[arg(long, value_name = "STEP", value_parser = completion())]
    completion: Completion,
    /// What was done
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// The indicator, when it is self-reported; others the node computes
    #[arg(long, value_name = "NUMBER", value_parser = amount, allow_hyphen_values = true)]
    value: Option<Amount>,
    /// A link to evidence: URL or URL,sha256:DIGEST; repeat for more
    #[arg(long, value_name = "URL", value_parser = evidence)]
    evidence: Vec<Evidence>,
    /// Where it is known from, when the steward records it for a party without an account
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Review another's commitment: how far it is, beside its own report
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit review 3f2a9c01d4e7 --server https://node.example --completion not-started \\
    --words 'We found no office that was trained.' --report 9b01c2d3e4f5")]
pub(crate) struct Review {
    /// The commitment's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// How far, in the reviewer's judgement
    #[arg(long, value_name = "STEP", value_parser = completion())]
    completion: Completion,
    /// Why
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// The id of the report that it is about
    #[arg(long, value_name = "ID")]
    report: Option<String>,
    /// A link to evidence: URL or URL,sha256:DIGEST; repeat for more
    #[arg(long, value_name = "URL", value_parser = evidence)]
    evidence: Vec<Evidence>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show what speaks against a report, or against a commitment being kept
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit counter 3f2a9c01d4e7 --server https://node.example --report 9b01c2d3e4f5 \\
    --words 'The training was never announced.' --evidence https://watch.example/offices.html")]
pub(crate) struct Counter {
    /// The commitment's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// What it shows
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// A link to evidence: URL or URL,sha256:DIGEST; repeat for more
    #[arg(long, value_name = "URL", value_parser = evidence, required = true)]
    evidence: Vec<Evidence>,
    /// The id of the report that it is about
    #[arg(long, value_name = "ID")]
    report: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Answer a review, counter-evidence or a letter, for the party that it is about; once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit answer 7c5d6e7f8091 --server https://node.example --words 'The list is in our report of May.'")]
pub(crate) struct Answer {
    /// The id of what is answered
    statement: String,
    #[command(flatten)]
    place: Where,
    /// The answer
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// A link to evidence: URL or URL,sha256:DIGEST; repeat for more
    #[arg(long, value_name = "URL", value_parser = evidence)]
    evidence: Vec<Evidence>,
    /// Where it is known from, when the steward records it for a party without an account
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let body = GiveReport {
            completion: self.completion,
            value: self.value.map(Number),
            words: self.words,
            evidence: self.evidence,
            source: self.source,
        };
        let given: Detail = act(
            &target,
            &path_of(&self.id, "/reports"),
            body,
            |local, body| {
                let node = &local.node;
                local.wait(node.report_commitment(&Caller::Operator, &self.id, body.wanted()))?;
                whole(node, &self.id)
            },
        )?;
        let last = given.history.reports.last();
        let id = last.map_or(self.id.clone(), |report| report.id.clone());
        let words = match last.and_then(|report| report.reading.as_ref()) {
            Some(reading) => format!("reported; {}: {}", reading.label, reading.in_words()),
            None => "reported".into(),
        };
        done(&given, &id, self.json, &words)
    }
}

impl Review {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let body = GiveReview {
            completion: self.completion,
            report: self.report,
            words: self.words,
            evidence: self.evidence,
        };
        let given: Detail = act(
            &target,
            &path_of(&self.id, "/reviews"),
            body,
            |local, body| {
                let (completion, said) = body.wanted();
                let node = &local.node;
                local.wait(node.review_commitment(
                    &Caller::Operator,
                    &self.id,
                    completion,
                    said,
                ))?;
                whole(node, &self.id)
            },
        )?;
        let last = given.history.reviews.last();
        let id = last.map_or(self.id.clone(), |review| review.id.clone());
        done(&given, &id, self.json, "reviewed")
    }
}

impl Counter {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let body = GiveCounter {
            report: self.report,
            words: self.words,
            evidence: self.evidence,
        };
        let path = path_of(&self.id, "/counter-evidence");
        let given: Detail = act(&target, &path, body, |local, body| {
            let node = &local.node;
            local.wait(node.counter_commitment(&Caller::Operator, &self.id, body.wanted()))?;
            whole(node, &self.id)
        })?;
        let last = given.history.counter_evidence.last();
        let id = last.map_or(self.id.clone(), |counter| counter.id.clone());
        done(&given, &id, self.json, "counter-evidence is shown")
    }
}

impl Answer {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let body = GiveReply {
            words: self.words,
            evidence: self.evidence,
            source: self.source,
        };
        let path = format!("/api/v1/statements/{}/reply", encoded(&self.statement));
        let given: Detail = act(&target, &path, body, |local, body| {
            let (node, caller) = (&local.node, Caller::Operator);
            let links = links(body.evidence);
            let replied =
                node.reply_commitment(&caller, &self.statement, body.words, links, body.source);
            let record = local.wait(replied)?;
            whole(node, record.id())
        })?;
        done(&given, &self.statement, self.json, "answered")
    }
}
