//! A commitment is made, amended, taken back.

use clap::Args;
use jiff::civil::Date;
use node::Caller;
use node::commitment::{Amount, Bound};

use super::{act, amount, done, fetch, path_of, whole};
use crate::cli::target::Where;
use crate::cli::{Exit, words};
use crate::present::commitment::{
    Amend as NewAmend, Commitment, Detail, Goal, Make as New, NewTerms, Number, Reason,
};

/// Commit a party under a principle of the pledge
///
/// The party itself does so, by a token or key of its own; for a party without an account here the
/// steward records what it said elsewhere, with --source.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit make example-cert 5 --server https://node.example --due 2027-11-12 \\
    --words 'We answer nine in ten requests in time.' --indicator answered-in-time --baseline 70 --target 90
  entente commit make example-cert 7 --server https://node.example --due 2027-06-30 --every 3 \\
    --words 'We train every office.' --indicator self-reported --measures 'Offices trained' --unit offices --target 40
  entente commit make ghana 3 --data d --due 2027-11-12 --words 'An exercise before each election.' \\
    --indicator self-reported --measures Exercises --unit exercises --target 2 --source 'speech of 4 March'")]
pub(crate) struct Make {
    /// The party's id or its whole name
    party: String,
    /// The principle's number
    principle: u16,
    #[command(flatten)]
    place: Where,
    /// What is promised
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// A name from 'entente commit indicators', or self-reported
    #[arg(long, value_name = "NAME")]
    indicator: String,
    /// The day it is to be carried out
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    due: Date,
    #[command(flatten)]
    rest: Rest,
    /// The day it was made, when the steward records it
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day, requires = "source")]
    date: Option<Date>,
    /// Where it is known from, when the steward records it for a party without an account
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a commitment may say besides.
#[derive(Debug, Args)]
struct Rest {
    /// What is measured, when it is self-reported
    #[arg(long, value_name = "TEXT")]
    measures: Option<String>,
    /// In what unit, when it is self-reported
    #[arg(long, value_name = "TEXT")]
    unit: Option<String>,
    /// Where the indicator stands now
    #[arg(long, value_name = "NUMBER", value_parser = amount, allow_hyphen_values = true)]
    baseline: Option<Amount>,
    /// Where it should stand on the due day
    #[arg(long, value_name = "NUMBER", value_parser = amount, allow_hyphen_values = true)]
    target: Option<Amount>,
    /// The target is a least
    #[arg(long, requires = "target", conflicts_with = "at_most")]
    at_least: bool,
    /// The target is a most
    #[arg(long, requires = "target")]
    at_most: bool,
    /// Months between reports: 1, 3, 6 or 12; on the calendar's days when absent
    #[arg(long, value_name = "MONTHS")]
    every: Option<u8>,
}

/// Amend a commitment: a new version beside those before
///
/// What is not said stays as it was. What is overdue is reported first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit amend 3f2a9c01d4e7 --server https://node.example --target 95 \\
    --reason 'We reached the first target early.'")]
pub(crate) struct Amend {
    /// The commitment's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// What is promised
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// A name from 'entente commit indicators', or self-reported
    #[arg(long, value_name = "NAME")]
    indicator: Option<String>,
    /// The day it is to be carried out
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    due: Option<Date>,
    #[command(flatten)]
    rest: Rest,
    /// Where it is known from, when the steward records it
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Take a commitment back; it stays readable, with the reason
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit withdraw 3f2a9c01d4e7 --server https://node.example --reason 'The programme was ended.'")]
pub(crate) struct Withdraw {
    /// The commitment's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Where it is known from, when the steward records it
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Rest {
    fn goal(&self) -> Option<Goal> {
        let bound = match (self.at_least, self.at_most) {
            (true, _) => Some(Bound::AtLeast),
            (_, true) => Some(Bound::AtMost),
            _ => None,
        };
        self.target.map(|amount| Goal {
            bound,
            amount: Number(amount),
        })
    }
}

impl Make {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let goal = self.rest.goal();
        let new = New {
            party: target.party(&self.party, None)?.party.id,
            principle: self.principle,
            terms: NewTerms {
                words: self.words,
                indicator: self.indicator,
                measures: self.rest.measures,
                unit: self.rest.unit,
                baseline: self.rest.baseline.map(Number),
                target: goal,
                due: self.due,
                every: self.rest.every,
            },
            source: self.source,
            date: self.date,
        };
        let made: Detail = act(&target, "/api/v1/commitments", new, |local, new| {
            let made = local.wait(local.node.commit(&Caller::Operator, new.wanted()?))?;
            whole(&local.node, made.id())
        })?;
        done(&made, &made.commitment.id, self.json, "committed")
    }
}

impl Amend {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let now = fetch(&target, &self.id)?.commitment;
        let body = NewAmend {
            terms: amended(now, self.words, self.indicator, self.due, self.rest),
            reason: self.reason,
            source: self.source,
        };
        let path = path_of(&self.id, "/versions");
        let amended: Detail = act(&target, &path, body, |local, body| {
            let terms = body.terms.wanted()?;
            let (node, caller) = (&local.node, Caller::Operator);
            local.wait(node.amend_commitment(
                &caller,
                &self.id,
                terms,
                body.reason,
                body.source,
            ))?;
            whole(node, &self.id)
        })?;
        let words = format!("version {}", amended.commitment.version);
        done(&amended, &self.id, self.json, &words)
    }
}

/// The newest version, with what is said anew.
fn amended(
    now: Commitment,
    words: Option<String>,
    indicator: Option<String>,
    due: Option<Date>,
    rest: Rest,
) -> NewTerms {
    let goal = rest.goal();
    let name = indicator.unwrap_or_else(|| now.indicator.name.clone());
    let own = name == node::commitment::indicator::SELF_REPORTED;
    let stays = own && now.indicator.name == name;
    let before = stays.then_some(now.indicator);
    let (label, unit) = before.map(|old| (old.label, old.unit)).unzip();
    NewTerms {
        words: words.unwrap_or(now.words),
        indicator: name,
        measures: rest.measures.or(label),
        unit: rest.unit.or(unit),
        baseline: rest.baseline.map(Number).or(now.baseline),
        target: goal.or(now.target),
        due: due.unwrap_or(now.due),
        every: rest.every.or(now.every),
    }
}

impl Withdraw {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let body = Reason {
            reason: self.reason,
            source: self.source,
        };
        let path = path_of(&self.id, "/withdrawal");
        let gone: Detail = act(&target, &path, body, |local, body| {
            let (node, caller) = (&local.node, Caller::Operator);
            local.wait(node.withdraw_commitment(&caller, &self.id, body.reason, body.source))?;
            whole(node, &self.id)
        })?;
        done(&gone, &self.id, self.json, "withdrawn")
    }
}
