//! `/match`: paste a log, a mail or a list, and see what of it is known.

use askama::Template;

use super::asset;
use super::signal::SignalLine;
use super::site::{Here, Site};
use super::text::{self, Number, counted};

/// The match page, before and after.
#[derive(Template)]
#[template(path = "match.html")]
pub(crate) struct MatchPage<'a> {
    pub(crate) site: Site<'a>,
    /// What was pasted, to be shown again.
    pub(crate) text: String,
    /// What was found in it; none before anything was sent.
    pub(crate) found: Option<Found>,
    /// Why it could not be matched.
    pub(crate) refused: Option<String>,
}

/// What was found in a text.
pub(crate) struct Found {
    /// Lines that were read.
    pub(crate) lines: usize,
    /// Observables that were looked up.
    pub(crate) observables: usize,
    /// One for each observable and signal that match, in the text's order.
    pub(crate) hits: Vec<HitLine>,
    /// Those that do not fire, as far as there is room.
    pub(crate) suppressed: Vec<HitLine>,
    /// How many there are.
    pub(crate) suppressed_count: usize,
    /// Whether there were more hits than are shown.
    pub(crate) cut: bool,
}

/// One hit.
pub(crate) struct HitLine {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// The character in that line, counted from 1.
    pub(crate) column: usize,
    /// The text before it on its line, cut to a few words.
    pub(crate) before: String,
    /// What was found, as it is written there.
    pub(crate) written: String,
    /// The text after it on its line, cut to a few words.
    pub(crate) after: String,
    /// What it is: `domain`, `ipv4` and so on.
    pub(crate) kind: String,
    /// The published value that it matches.
    pub(crate) value: String,
    /// How the two relate, where they are not the same: `subdomain of`, `within`.
    pub(crate) relation: Option<String>,
    /// The signal that says so.
    pub(crate) signal: SignalLine,
    /// Why it does not fire, in words.
    pub(crate) why: Vec<String>,
}

impl Found {
    /// What was read and found, as a sentence.
    fn summary(&self) -> String {
        let read = counted(self.lines, "line", "lines");
        let looked = counted(self.observables, "observable", "observables");
        let hits = match self.hits.len() {
            0 => "no match".to_owned(),
            count if self.cut => format!("the first {} matches", Number(count)),
            count => counted(count, "match", "matches"),
        };
        let silent = match self.suppressed_count {
            0 => String::new(),
            count => format!("; {} not fire", counted(count, "more does", "more do")),
        };
        format!("{read} read, {looked} looked up, {hits}{silent}.")
    }
}
