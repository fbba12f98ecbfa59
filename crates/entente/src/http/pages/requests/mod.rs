//! `/requests`: what parties ask of each other, on pages.

mod contest;
mod forms;
mod new;
mod one;

use askama::Template;

use super::asset;
use super::site::{Here, Site};
use super::text;
use crate::present::request::{Case, Cases};

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

/// A word of a vocabulary with the name that people read.
pub(crate) struct Word {
    pub(crate) slug: &'static str,
    pub(crate) label: &'static str,
}

/// All words of a vocabulary.
macro_rules! all {
    ($name:ident, $from:ty) => {
        pub(crate) fn $name() -> Vec<Word> {
            let words = <$from>::ALL.iter();
            words
                .map(|word| Word {
                    slug: word.as_str(),
                    label: word.label(),
                })
                .collect()
        }
    };
}

all!(kinds, node::request::Kind);
all!(categories, node::request::Category);
all!(states, node::request::State);

/// The name that people read of a word in any of the vocabularies of requests.
pub(crate) fn label(slug: &str) -> &str {
    let all = kinds().into_iter().chain(categories()).chain(states());
    let mut all = all.filter(|word| word.slug == slug);
    all.next().map_or(slug, |word| word.label)
}

/// `2026-11-24 02:19 UTC`.
pub(crate) fn at(time: &str) -> String {
    format!("{} UTC", text::short_time(time))
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
