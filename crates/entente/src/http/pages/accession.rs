//! `/talks`, and what a party's page tells of how it came to the pledge.

use askama::Template;
use node::pledge::Pledge;

use super::asset;
use super::history;
use super::site::{Here, Site};
use super::text;
use crate::present::accession::{Invitation, Reserved, Step, Talk, Terms};
use crate::present::history::{Adoption, Reassignment};

/// The page of all talks.
#[derive(Template)]
#[template(path = "talks.html")]
pub(crate) struct TalksPage<'a> {
    site: Site<'a>,
    /// Those that go on.
    open: Vec<Talk>,
    /// Those that ended, of which steps are shown.
    ended: Vec<Talk>,
}

impl<'a> TalksPage<'a> {
    /// The page for the site's day.
    pub(crate) fn new(site: Site<'a>, talks: Vec<Talk>) -> Self {
        let (open, ended) = talks
            .into_iter()
            .partition(|talk| talk.stance == Some(node::pledge::Stance::InTalks));
        TalksPage { site, open, ended }
    }

    fn source<'s>(&'s self, key: &'s str) -> &'s str {
        title(self.site.pledge, key)
    }

    fn topics<'s>(&'s self, step: &'s Step) -> Vec<Topic<'s>> {
        Topic::all(self.site.pledge, step)
    }
}

/// What a party's page tells of how it came to the pledge.
#[derive(Default)]
pub(crate) struct PartyAccession {
    pub(crate) invitations: Vec<Invitation>,
    pub(crate) steps: Vec<Step>,
    pub(crate) terms: Vec<Terms>,
    pub(crate) reservations: Vec<Reserved>,
    /// The version that it holds itself to.
    pub(crate) version: Option<u32>,
    pub(crate) adoptions: Vec<Adoption>,
    /// What became of it, or of parties that it follows, each with the names of both.
    pub(crate) reassignments: Vec<(Reassignment, String, String)>,
}

impl PartyAccession {
    /// Whether there is anything but the version to tell.
    pub(crate) fn is_any(&self) -> bool {
        !self.invitations.is_empty()
            || !self.steps.is_empty()
            || !self.terms.is_empty()
            || !self.reservations.is_empty()
            || !self.adoptions.is_empty()
            || !self.reassignments.is_empty()
    }
}

/// A topic of a step.
pub(crate) struct Topic<'a> {
    /// The principle, when the topic is its number.
    pub(crate) principle: Option<u16>,
    pub(crate) words: std::borrow::Cow<'a, str>,
}

impl<'a> Topic<'a> {
    pub(crate) fn all(pledge: &'a Pledge, step: &'a Step) -> Vec<Self> {
        let topics = step.topics.iter().flatten();
        topics.map(|topic| Topic::of(pledge, topic)).collect()
    }

    fn of(pledge: &'a Pledge, topic: &'a str) -> Self {
        let number = topic.parse().ok();
        match number.and_then(|number| pledge.principle(number)) {
            Some(principle) => Topic {
                principle: Some(principle.number),
                words: principle.title.as_str().into(),
            },
            None => Topic {
                principle: None,
                words: text::words(topic).into(),
            },
        }
    }
}

/// The title of one of the pledge's sources, or the words themselves.
fn title<'a>(pledge: &'a Pledge, key: &'a str) -> &'a str {
    pledge.source(key).map_or(key, |source| &source.title)
}
