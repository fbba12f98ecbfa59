//! The closed vocabularies of commitments. Stored by number: add new ones at the end.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// How far a commitment is carried out: the five-point scale of the Open Government Partnership's
    /// Independent Reporting Mechanism ("Completion" in its glossary).
    Completion, "step of the completion scale";
    /// Nothing shows how far it is.
    NoEvidence = "no-evidence", "No evidence available";
    /// Nothing was begun.
    NotStarted = "not-started", "Not started";
    /// Begun, with little done.
    Limited = "limited", "Limited";
    /// Most of it is done.
    Substantial = "substantial", "Substantial";
    /// All of it is done.
    Complete = "complete", "Complete";
}

words! {
    /// Where a commitment stands in the calendar.
    State, "state of a commitment";
    /// No report is overdue.
    Active = "active", "Active";
    /// A report is overdue.
    Late = "late", "Late";
    /// It is overdue for long, and nothing was heard.
    Silent = "silent", "Silent";
    /// It is no longer listed among those that are kept.
    Delisted = "delisted", "Delisted";
}

words! {
    /// How a party keeps what it promised. Never stored: it follows from the commitments.
    Keeping, "way of keeping a commitment";
    /// It promised nothing.
    None = "none", "No commitment";
    /// It took back what it promised.
    Withdrawn = "withdrawn", "Withdrawn";
    /// It reports when it should, or reported all that was due.
    Kept = "kept", "Kept";
    /// It is over: the last report that was due says less than complete.
    Ended = "ended", "Ended incomplete";
    /// A report is overdue.
    Late = "late", "Late";
    /// It is overdue for long.
    Silent = "silent", "Silent";
    /// It is delisted.
    Delisted = "delisted", "Delisted";
}

words! {
    /// What became of a letter. Never stored: it follows from the commitment.
    Outcome, "outcome of a letter";
    /// Its step is still to come.
    Waiting = "waiting", "Waiting";
    /// Its step was taken.
    CarriedOut = "carried-out", "Carried out";
    /// The report came that it asked for.
    AnsweredByReport = "answered-by-report", "Answered by a report";
    /// The steward took it back.
    Revoked = "revoked", "Revoked";
    /// The commitment was withdrawn.
    Withdrawn = "withdrawn", "Withdrawn";
    /// Something else was decided before its day.
    Overtaken = "overtaken", "Overtaken";
}

words! {
    /// On which side of its target an indicator should be.
    Bound, "side of a target";
    /// The target or more.
    AtLeast = "at-least", "at least";
    /// The target or less.
    AtMost = "at-most", "at most";
}

impl State {
    /// The state that the calendar leads to from this one; none after the last.
    pub fn next(self) -> Option<State> {
        match self {
            State::Active => Some(State::Late),
            State::Late => Some(State::Silent),
            State::Silent => Some(State::Delisted),
            State::Delisted => None,
        }
    }
}

impl Keeping {
    /// What weighs more is shown where there are several; the words are in this order.
    pub(super) fn weight(self) -> usize {
        self as usize
    }
}
