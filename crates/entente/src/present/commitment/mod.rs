//! What parties promised, what they report of it, what others say, and the calendar.

mod ask;
mod calendar;
mod number;
mod statement;

use jiff::civil::Date;
use node::Node;
use node::commitment::{
    CommitmentRecord, Commitments as All, Completion, Keeping, Measure, State, Target,
};
use node::identity::Held;
use serde::{Deserialize, Serialize};

pub(crate) use ask::*;
pub(crate) use calendar::*;
pub(crate) use number::Number;
pub(crate) use statement::*;

use super::accession::Record;
use super::time;

/// A commitment as it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Commitment {
    pub(crate) id: String,
    pub(crate) party: String,
    /// The party's name.
    pub(crate) name: String,
    pub(crate) principle: u16,
    pub(crate) words: String,
    pub(crate) indicator: Indicator,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Goal>,
    /// The day it is to be carried out, and the last report is due.
    pub(crate) due: Date,
    /// Months between reports; on the calendar's days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<u8>,
    /// The day of the first version.
    pub(crate) made: Date,
    /// The number of the newest version.
    pub(crate) version: u32,
    /// Where it is known from, when the steward recorded it: the calendar does not run for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// Where it stands in the calendar.
    pub(crate) state: State,
    /// How it is kept, in one word.
    pub(crate) keeping: Keeping,
    /// How far it is, by the party's last report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) completion: Option<Completion>,
    /// How far it is, by the last independent review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reviewed: Option<Completion>,
    /// The day of the next report, or of the one that is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_due: Option<Date>,
    /// Whether reports are still to come.
    pub(crate) open: bool,
    /// How many statements there are.
    pub(crate) reports: usize,
    pub(crate) reviews: usize,
    pub(crate) counter_evidence: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) withdrawn: Option<Withdrawn>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// A commitment with all that was said of it; lists are oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Detail {
    #[serde(flatten)]
    pub(crate) commitment: Commitment,
    pub(crate) history: History,
}

/// What was said of a commitment; lists are oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct History {
    pub(crate) versions: Vec<Version>,
    pub(crate) reports: Vec<Report>,
    pub(crate) reviews: Vec<Review>,
    pub(crate) counter_evidence: Vec<Counter>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) states: Vec<StateChange>,
}

/// A version of a commitment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Version {
    pub(crate) version: u32,
    pub(crate) date: Date,
    pub(crate) words: String,
    pub(crate) indicator: Indicator,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Goal>,
    pub(crate) due: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<u8>,
    /// Why it was amended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// What shows how far a commitment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Indicator {
    /// A computed indicator's name, or `self-reported`.
    pub(crate) name: String,
    /// What is measured.
    pub(crate) label: String,
    pub(crate) unit: String,
}

/// Where an indicator should stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goal {
    /// `at-least` or `at-most`; the side that is better when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<node::commitment::Bound>,
    pub(crate) amount: Number,
}

/// How a commitment was taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Withdrawn {
    pub(crate) date: Date,
    pub(crate) reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/commitments`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Commitments {
    /// How many the filters let through, whatever the page holds.
    pub(crate) total: usize,
    pub(crate) commitments: Vec<Commitment>,
}

/// The query of `GET /api/v1/commitments`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) principle: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keeping: Option<Keeping>,
    /// At most so many; 500 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<usize>,
    /// Leave out so many first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<usize>,
}

/// Commitments in one answer, unless another number is asked for, and at most.
const PAGE: usize = 500;
const MOST: usize = 5000;

impl<T> From<&Held<T>> for Record {
    fn from(held: &Held<T>) -> Self {
        Record {
            recorded: time(held.at.0),
            position: held.position,
        }
    }
}

impl From<&Measure> for Indicator {
    fn from(measure: &Measure) -> Self {
        Indicator {
            name: measure.name().into(),
            label: measure.label().into(),
            unit: measure.unit().into(),
        }
    }
}

impl From<Target> for Goal {
    fn from(target: Target) -> Self {
        Goal {
            bound: Some(target.bound),
            amount: Number(target.amount),
        }
    }
}

/// The name of a party, or its id where it has none.
pub(crate) fn name_of(node: &Node, id: &str) -> String {
    let directory = node.directory();
    let party = directory.register().party(id);
    party.map_or(id, |party| party.name.as_str()).to_owned()
}

/// Commitments, in the order they were made.
pub(crate) fn list(node: &Node, filter: &Filter) -> Commitments {
    let directory = node.directory();
    let all: &All = directory.commitments();
    let fits = |record: &&CommitmentRecord| {
        let party = filter.party.as_deref();
        let principle = filter.principle;
        party.is_none_or(|party| record.party() == party)
            && principle.is_none_or(|number| record.newest().principle == number)
            && filter.keeping.is_none_or(|word| record.keeping() == word)
    };
    let found: Vec<&CommitmentRecord> = all.all().filter(fits).collect();
    let limit = filter.limit.unwrap_or(PAGE).min(MOST);
    let page = found.iter().skip(filter.offset.unwrap_or(0)).take(limit);
    Commitments {
        total: found.len(),
        commitments: page.map(|record| commitment(node, record)).collect(),
    }
}

/// A commitment with all that was said of it.
///
/// # Errors
/// When there is none with this id.
pub(crate) fn detail(node: &Node, id: &str) -> Result<Detail, node::Error> {
    let record = node.commitment(id)?;
    let history = History {
        versions: record.versions().map(Version::from).collect(),
        reports: record
            .reports
            .iter()
            .map(|r| Report::of(&record, r))
            .collect(),
        reviews: record.reviews.iter().map(|r| review(node, r)).collect(),
        counter_evidence: record.counters.iter().map(|c| counter(node, c)).collect(),
        letters: record
            .letters
            .iter()
            .map(|letter| calendar::letter(node, &record, letter))
            .collect(),
        states: record.states.iter().map(StateChange::from).collect(),
    };
    Ok(Detail {
        commitment: commitment(node, &record),
        history,
    })
}

/// A commitment as it stands.
pub(crate) fn commitment(node: &Node, record: &CommitmentRecord) -> Commitment {
    let (newest, first) = (record.newest(), record.first());
    let calendar = node.directory().report_calendar();
    let review = record.reviews.last();
    Commitment {
        id: record.id().into(),
        party: record.party().into(),
        name: name_of(node, record.party()),
        principle: newest.principle,
        words: newest.words.clone(),
        indicator: Indicator::from(&newest.measure),
        baseline: newest.baseline.map(Number),
        target: newest.target.map(Goal::from),
        due: newest.due,
        every: newest.every,
        made: first.what.date,
        version: newest.version,
        source: first.what.source.clone(),
        state: record.state(),
        keeping: record.keeping(),
        completion: record.completion(),
        reviewed: review.map(|review| review.held.what.completion),
        next_due: record.next_due(&calendar),
        open: record.is_open(),
        reports: record.reports.len(),
        reviews: record.reviews.len(),
        counter_evidence: record.counters.len(),
        withdrawn: record.withdrawn.as_ref().map(|held| Withdrawn {
            date: held.what.date,
            reason: held.what.reason.clone(),
            source: held.what.source.clone(),
            record: held.into(),
        }),
        record: record.newest_held().into(),
    }
}

impl From<&Held<node::commitment::Commitment>> for Version {
    fn from(held: &Held<node::commitment::Commitment>) -> Self {
        let what = &held.what;
        Version {
            version: what.version,
            date: what.date,
            words: what.words.clone(),
            indicator: Indicator::from(&what.measure),
            baseline: what.baseline.map(Number),
            target: what.target.map(Goal::from),
            due: what.due,
            every: what.every,
            reason: what.reason.clone(),
            source: what.source.clone(),
            record: held.into(),
        }
    }
}
