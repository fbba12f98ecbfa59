//! `/requests`: what parties ask of each other, on pages.

mod contest;
mod forms;
mod new;
mod one;
pub(crate) mod say;

use askama::Template;

use super::asset;
use super::site::{Here, Site};
use super::text;
use crate::present::request::{Case, Cases};
use say::label;

pub(crate) use contest::{ContestPage, Said};
pub(crate) use forms::{Form, Typed};
pub(crate) use new::{Fields, NewPage};
pub(crate) use one::{LinkPage, OnePage};

/// The page of all requests that the viewer sees.
#[derive(Template)]
#[template(path = "requests/list.html")]
pub(crate) struct ListPage<'a> {
    pub(crate) site: Site<'a>,
    /// The viewer's party: its id, and whether it may send.
    pub(crate) own: Option<(String, bool)>,
    /// What waits for it, the most urgent first.
    pub(crate) waiting: Vec<Case>,
    /// What the filter finds.
    pub(crate) found: Cases,
    pub(crate) filter: Filter,
}

/// What the filter says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) kind: String,
    pub(crate) category: String,
    pub(crate) state: String,
    /// A party's id.
    pub(crate) party: String,
    pub(crate) overdue: bool,
    pub(crate) mine: bool,
    /// Whether it is not the first page.
    pub(crate) later: bool,
}

impl Filter {
    /// The same list from another place on.
    fn from(&self, before: &str) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("kind", &self.kind),
            ("category", &self.category),
            ("state", &self.state),
            ("party", &self.party),
        ] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        for (name, on) in [("overdue", self.overdue), ("mine", self.mine)] {
            if on {
                pairs.append_pair(name, "true");
            }
        }
        pairs.append_pair("before", before);
        format!("/requests?{}", pairs.finish())
    }
}

impl Case {
    /// Its title, or what its facts say.
    pub(crate) fn heading(&self) -> String {
        self.title
            .clone()
            .unwrap_or_else(|| format!("{} asked of {}", label(&self.kind), self.to.name))
    }

    /// Whose turn it is and how much time is left, in a few words.
    pub(crate) fn turn(&self) -> String {
        let Some(waits) = &self.waits_for else {
            return String::new();
        };
        let who = match waits.role.as_str() {
            "sender" => self.from.name.as_str(),
            "recipient" => self.to.name.as_str(),
            _ => "a second pair of eyes",
        };
        match waits.seconds_left {
            Some(seconds) => format!("{who}: {}", crate::present::request::left(seconds)),
            None => format!("{who}: no date"),
        }
    }

    /// The class that colours its marking.
    pub(crate) fn marking_class(&self) -> &'static str {
        let marking = self.marking.parse::<node::model::Marking>();
        marking.map_or("tlp-red", |marking| text::marking_class(&marking))
    }

    /// What became of it, where the state does not say it.
    pub(crate) fn ended(&self) -> Option<&str> {
        let told = self.outcome != "open" && self.outcome != self.state;
        let word = match self.outcome.as_str() {
            "reversed" => "Reversed",
            "withdrawn" => "Withdrawn",
            "unanswered" => "Unanswered",
            "done" => "Done",
            "declined" => "Declined",
            "accepted" => "Accepted",
            _ => return None,
        };
        told.then_some(word)
    }
}
