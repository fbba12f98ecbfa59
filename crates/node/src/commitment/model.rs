//! What entries about commitments say. Fields are encoded in order: none is renamed, reordered or
//! left out.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::indicator::{Indicator, Reading};
use super::{Amount, Bound, Calendar, Completion, State};

/// A party commits itself under a principle, or amends what it promised: a version with the same id
/// stands beside those before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Random.
    pub id: String,
    /// Counted from 1.
    pub version: u32,
    /// The party's id.
    pub party: String,
    /// The principle's number.
    pub principle: u16,
    /// What is promised.
    pub words: String,
    /// What shows how far it is.
    pub measure: Measure,
    /// Where the indicator stood when it was promised.
    pub baseline: Option<Amount>,
    /// Where it should stand on the day it is due.
    pub target: Option<Target>,
    /// The day it is to be carried out, and the last report is due.
    pub due: Date,
    /// Months between reports, one of [`super::INTERVALS`]; none for the calendar's days.
    pub every: Option<u8>,
    /// The day of this version.
    pub date: Date,
    /// Why it was amended; none in the first version.
    pub reason: Option<String>,
    /// Where it is known from, when the steward recorded it for a party without an account here. The
    /// calendar does not run for such a commitment.
    pub source: Option<String>,
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
}

/// What shows how far a commitment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// An indicator that every node computes from the journal.
    Computed(Indicator),
    /// What the party reports itself.
    SelfReported {
        /// What is counted or measured.
        description: String,
        /// In what unit.
        unit: String,
    },
}

/// Where an indicator should stand.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// On which side.
    pub bound: Bound,
    /// Of what.
    pub amount: Amount,
}

/// A commitment is taken back; it stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawnCommitment {
    /// The commitment's id.
    pub commitment: String,
    /// The day.
    pub date: Date,
    /// Why.
    pub reason: String,
    /// Where it is known from, when the steward recorded it.
    pub source: Option<String>,
}

/// Where a statement may be checked: elsewhere, on the web.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// An `https` URL.
    pub url: String,
    /// SHA-256 of what was there, in hexadecimal, when it was told.
    pub sha256: Option<String>,
}

/// A party reports how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Random.
    pub id: String,
    /// The commitment's id.
    pub commitment: String,
    /// The version it is about: the newest when it was written.
    pub version: u32,
    /// The day.
    pub date: Date,
    /// How far, in the party's own judgement.
    pub completion: Completion,
    /// The indicator, where the party reports it itself.
    pub value: Option<Amount>,
    /// The indicator, where it is computed: as the node computed it when the report was written.
    pub reading: Option<Reading>,
    /// What was done.
    pub words: String,
    /// Where that may be checked.
    pub evidence: Vec<Evidence>,
    /// The day up to which all reports that were due are answered by it; none when it came between.
    pub answers: Option<Date>,
    /// Where it is known from, when the steward recorded it.
    pub source: Option<String>,
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
}

/// Another than the party, or the steward, judges how far a commitment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Random.
    pub id: String,
    /// The commitment's id.
    pub commitment: String,
    /// The report it is about; none when it is about the commitment as such.
    pub report: Option<String>,
    /// The id of the reviewing party.
    pub by: String,
    /// Whether it speaks as the pledge's steward.
    pub steward: bool,
    /// The day.
    pub date: Date,
    /// How far, in the reviewer's judgement.
    pub completion: Completion,
    /// Why.
    pub words: String,
    /// Where that may be checked.
    pub evidence: Vec<Evidence>,
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
}

/// Somebody shows what speaks against a report, or against the commitment being kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Random.
    pub id: String,
    /// The commitment's id.
    pub commitment: String,
    /// The report it is about; none when it is about the commitment as such.
    pub report: Option<String>,
    /// The id of the party that shows it.
    pub by: String,
    /// Whether it speaks as the pledge's steward.
    pub steward: bool,
    /// The day.
    pub date: Date,
    /// What it shows.
    pub words: String,
    /// Where that may be checked; never empty.
    pub evidence: Vec<Evidence>,
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
}

/// The party that a review, counter-evidence or a letter is about answers it, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The id of what is answered.
    pub to: String,
    /// The day.
    pub date: Date,
    /// The answer.
    pub words: String,
    /// Where that may be checked.
    pub evidence: Vec<Evidence>,
    /// Where it is known from, when the steward recorded it.
    pub source: Option<String>,
}

/// The steward sets the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarSet {
    /// The calendar.
    pub calendar: Calendar,
    /// Why.
    pub reason: String,
}

/// A published letter: what is due, and what happens when it does not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Random.
    pub id: String,
    /// The commitment's id.
    pub commitment: String,
    /// The party it is to.
    pub party: String,
    /// The state of the commitment when it was written.
    pub from: State,
    /// The state that it announces.
    pub to: State,
    /// The day on which the report was due; none when the steward delists for a reason of its own.
    pub due: Option<Date>,
    /// The day it was published.
    pub date: Date,
    /// The first day on which the step may be taken.
    pub on: Date,
    /// The steward's reason; none for a letter of the calendar.
    pub reason: Option<String>,
    /// The letter.
    pub words: String,
}

/// The steward takes a letter of its own back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRevoked {
    /// The letter's id.
    pub letter: String,
    /// The day.
    pub date: Date,
    /// Why.
    pub reason: String,
}

/// A commitment passes from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// The commitment's id.
    pub commitment: String,
    /// The party's id.
    pub party: String,
    /// Before.
    pub from: State,
    /// After.
    pub to: State,
    /// The day.
    pub date: Date,
    /// The day on which the report was due that did not come; none otherwise.
    pub due: Option<Date>,
    /// The letter that announced it; none where a commitment is active again.
    pub letter: Option<String>,
    /// The report that ended it; none otherwise.
    pub report: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Whether it follows from the steward's decision, not from the calendar or a report.
    pub steward: bool,
}
