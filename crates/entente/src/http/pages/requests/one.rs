//! `/requests/{id}`: one request.

use askama::Template;

use super::super::asset;
use super::super::site::{Here, Site};
use super::super::text;
use super::forms::Form;
use super::say;
use crate::present::request::Case;

/// The page of a request.
#[derive(Template)]
#[template(path = "requests/one.html")]
pub(crate) struct OnePage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) case: Case,
    /// The title of the principle that it rests on.
    pub(crate) principle: Option<String>,
    /// What the viewer may do.
    pub(crate) forms: Vec<Form>,
    /// The key under which a form is taken once.
    pub(crate) key: String,
    /// When it is to be answered, where the recipient is.
    pub(crate) there: Option<String>,
}

/// The page that shows a link to contest, once.
#[derive(Template)]
#[template(path = "requests/link.html")]
pub(crate) struct LinkPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) id: String,
    pub(crate) link: String,
    pub(crate) until: String,
}

impl OnePage<'_> {
    /// What is asked, as a sentence says it.
    fn asked(&self) -> &'static str {
        match self.case.kind.as_str() {
            "takedown" => "to remove something",
            "preservation" => "to keep data from being lost",
            "information" => "for information",
            "assistance" => "for help",
            "incident-notice" => "to act on an incident",
            _ => "to take a matter over",
        }
    }

    /// Who took a step, in words.
    fn actor(step: &crate::present::request::Step) -> String {
        match step.role.as_str() {
            "clock" => "the date".into(),
            "affected" => "whoever it affects".into(),
            role => format!("{} as {role}", step.by.name),
        }
    }

    /// The entry that opened it, as a step.
    fn opened(&self) -> &'static str {
        let sent = self.case.sent.is_some() && !self.case.steps.iter().any(|s| s.step == "send");
        if sent { "sent" } else { "drafted" }
    }

    /// Targets as they were sent, a line each, to be copied.
    fn raw_targets(&self) -> String {
        self.case.targets.join("\n")
    }
}
