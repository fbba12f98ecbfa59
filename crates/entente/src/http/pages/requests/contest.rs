//! `/contest/{token}`: for whoever something was done to, without an account.

use askama::Template;

use super::super::asset;
use super::super::site::{Here, Site};
use super::say;
use crate::present::request::{Contestable, Step};

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) words: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// The page of a link.
#[derive(Template)]
#[template(path = "requests/contest.html")]
pub(crate) struct ContestPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) token: String,
    pub(crate) shown: Contestable,
    pub(crate) said: Said,
    /// Why it was not taken.
    pub(crate) problem: Option<String>,
}

impl ContestPage<'_> {
    /// The newest step of this kind.
    fn step(&self, verb: &str) -> Option<&Step> {
        let steps = &self.shown.request.steps;
        steps.iter().rev().find(|step| step.step == verb)
    }

    /// What was asked, as a sentence goes on.
    fn asked(&self) -> &'static str {
        match self.shown.request.kind.as_str() {
            "takedown" => "to remove or block something that concerns you",
            "preservation" => "to keep data that concern you from being lost",
            "information" => "for information that concerns you",
            _ => "to do something that concerns you",
        }
    }

    /// How it went, if it was reviewed.
    fn review(&self) -> Option<(bool, &Step)> {
        let verdict = self
            .step("reverse")
            .map(|step| (true, step))
            .into_iter()
            .chain(self.step("uphold").map(|step| (false, step)));
        verdict.max_by_key(|(_, step)| step.position)
    }

    /// Whether it was contested and nobody decided yet.
    fn is_under_review(&self) -> bool {
        self.shown.request.state == "contested"
    }
}
