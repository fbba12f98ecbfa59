//! `/commitment/{id}`, and the form by which a party makes a commitment.

use askama::Template;
use node::commitment::{Completion, Keeping, State, indicator};

use super::asset;
use super::history;
use super::site::{Here, Site};
use crate::present::commitment::{Detail, Letter, StateChange, Suggested};

/// The page of a commitment, with all that was said of it.
#[derive(Template)]
#[template(path = "commitment.html")]
pub(crate) struct CommitmentPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) detail: Detail,
    /// Whether the viewer speaks for the party.
    pub(crate) own: bool,
    /// Whether the viewer may judge it.
    pub(crate) judges: bool,
    /// Names what is sent from this page.
    pub(crate) key: String,
    pub(crate) typed: Typed,
}

/// What was typed into a form that was not taken, and why it was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    /// `report`, `judge`, or the id of the statement that was to be answered; empty when none was sent.
    pub(crate) form: String,
    pub(crate) completion: String,
    pub(crate) value: String,
    pub(crate) words: String,
    pub(crate) evidence: String,
    pub(crate) problem: String,
}

/// What stands in the form by which a commitment is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) principle: String,
    pub(crate) words: String,
    pub(crate) indicator: String,
    pub(crate) measures: String,
    pub(crate) unit: String,
    pub(crate) baseline: String,
    pub(crate) target: String,
    pub(crate) bound: String,
    pub(crate) due: String,
    pub(crate) every: String,
    /// Names this commitment: sent twice, it is made once.
    pub(crate) key: String,
}

/// The form by which a party makes a commitment.
#[derive(Template)]
#[template(path = "commit.html")]
pub(crate) struct CommitPage<'a> {
    pub(crate) site: Site<'a>,
    /// The party's id and name.
    pub(crate) party: (String, String),
    /// What the pledge suggests.
    pub(crate) suggested: Vec<Suggested>,
    pub(crate) fields: Fields,
    /// Why what was typed was not taken.
    pub(crate) problem: Option<String>,
}

/// Months between reports, as they are chosen.
const EVERY: [(&str, &str); 5] = [
    ("", "On the pledge’s days"),
    ("1", "Every month"),
    ("3", "Every three months"),
    ("6", "Every six months"),
    ("12", "Every year"),
];

/// What the calendar did, or the steward.
enum Turn<'d> {
    Letter(&'d Letter),
    State(&'d StateChange),
}

impl Turn<'_> {
    fn position(&self) -> u64 {
        match self {
            Turn::Letter(letter) => letter.record.position,
            Turn::State(change) => change.record.position,
        }
    }
}

impl CommitmentPage<'_> {
    /// Letters and changes of state, oldest first.
    fn turns(&self) -> Vec<Turn<'_>> {
        let history = &self.detail.history;
        let letters = history.letters.iter().map(Turn::Letter);
        let mut turns: Vec<_> = letters
            .chain(history.states.iter().map(Turn::State))
            .collect();
        turns.sort_by_key(Turn::position);
        turns
    }

    fn is_overdue(&self) -> bool {
        self.detail.commitment.state != State::Active
    }

    fn steps() -> &'static [Completion] {
        Completion::ALL
    }

    fn principle(&self) -> &str {
        let number = self.detail.commitment.principle;
        let principle = self.site.pledge.principle(number);
        principle.map_or("", |principle| &principle.title)
    }

    /// What was typed into this form.
    fn typed(&self, form: &str) -> Typed {
        let typed = Some(&self.typed).filter(|typed| typed.form == form);
        typed.cloned().unwrap_or_default()
    }
}

impl CommitPage<'_> {
    fn indicators() -> &'static [indicator::Indicator] {
        indicator::Indicator::ALL
    }

    fn every() -> &'static [(&'static str, &'static str)] {
        &EVERY
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates hand over references"
    )]
    fn is_chosen(&self, principle: &u16) -> bool {
        self.fields.principle == principle.to_string()
    }
}
