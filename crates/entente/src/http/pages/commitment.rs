//! `/commitment/{id}`, and the form by which a party makes a commitment.

use askama::Template;
use node::commitment::{Completion, indicator};

use super::asset;
use super::history;
use super::site::{Here, Site};
use crate::present::commitment::{Detail, Suggested};

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
}

/// The form by which a party makes a commitment.
#[derive(Template)]
#[template(path = "commit.html")]
pub(crate) struct CommitPage<'a> {
    pub(crate) site: Site<'a>,
    /// The party's id and name.
    pub(crate) party: (String, String),
    /// The principle that is chosen at first.
    pub(crate) principle: Option<u16>,
    /// What the pledge suggests.
    pub(crate) suggested: Vec<Suggested>,
}

impl CommitmentPage<'_> {
    fn steps(&self) -> &'static [Completion] {
        Completion::ALL
    }

    fn principle(&self) -> &str {
        let number = self.detail.commitment.principle;
        let principle = self.site.pledge.principle(number);
        principle.map_or("", |principle| &principle.title)
    }
}

impl CommitPage<'_> {
    fn indicators(&self) -> &'static [indicator::Indicator] {
        indicator::Indicator::ALL
    }

    fn is_chosen(&self, number: &u16) -> bool {
        self.principle.as_ref() == Some(number)
    }
}
