//! `/pledge/versions` and `/diff`: a pledge and its register over time.

use askama::Template;
use jiff::civil::Date;
use node::pledge::Stance;

use super::asset;
use super::history;
use super::site::{Here, Site};
use super::text;
use crate::present::diff::{Changed, Diff};
use crate::present::history::{Version, WholeVersion};

/// Lines of a diff that the page shows; the API has all.
const MOST_LINES: usize = 120;

/// The page of all versions.
#[derive(Template)]
#[template(path = "versions.html")]
pub(crate) struct VersionsPage<'a> {
    pub(crate) site: Site<'a>,
    /// Newest first.
    pub(crate) versions: Vec<Version>,
}

/// The page of one version.
#[derive(Template)]
#[template(path = "version.html")]
pub(crate) struct VersionPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) whole: WholeVersion,
    /// Names of the parties that adopted it, in the order of its adoptions.
    pub(crate) names: Vec<String>,
    pub(crate) is_newest: bool,
}

/// The page of a diff.
#[derive(Template)]
#[template(path = "diff.html")]
pub(crate) struct DiffPage<'a> {
    site: Site<'a>,
    diff: Diff,
    /// What stances parties went between, and how many did.
    moves: Vec<Move>,
    /// Parties of which something else was known then.
    rewritten: Vec<Changed>,
    /// Lines recorded later than the day they hold from.
    late: usize,
    /// Lines that came with the pledge file.
    loaded: usize,
    /// Lines that were not known on the day compared with.
    unknown: usize,
    /// Lines that the page leaves out.
    left_out: usize,
    /// The query of this diff, for the API.
    query: String,
    /// The day on which the pledge was loaded here.
    begun: Option<Date>,
}

/// Parties that went from one stance to another.
struct Move {
    before: Option<Stance>,
    after: Option<Stance>,
    parties: usize,
}

impl<'a> DiffPage<'a> {
    /// The page of what changed.
    pub(crate) fn new(site: Site<'a>, mut diff: Diff, begun: Option<Date>) -> Self {
        let mut moves: Vec<Move> = Vec::new();
        for changed in diff.changed.iter().filter(|c| c.before != c.after) {
            let same = |m: &&mut Move| m.before == changed.before && m.after == changed.after;
            match moves.iter_mut().find(same) {
                Some(known) => known.parties += 1,
                None => moves.push(Move {
                    before: changed.before,
                    after: changed.after,
                    parties: 1,
                }),
            }
        }
        moves.sort_by_key(|one| std::cmp::Reverse(one.parties));
        let rewritten = diff.changed.iter().filter(|c| c.then.is_some());
        let rewritten = rewritten.take(MOST_LINES).cloned().collect();
        let late = diff.lines.iter().filter(|line| line.later).count();
        let loaded = diff.lines.iter().filter(|line| line.loaded).count();
        let unknown = diff.lines.iter().filter(|line| !line.known).count();
        let left_out = diff.lines.len().saturating_sub(MOST_LINES);
        // The newest are looked for most.
        diff.lines.reverse();
        diff.lines.truncate(MOST_LINES);
        let known = diff
            .known
            .map_or(String::new(), |day| format!("&known={day}"));
        DiffPage {
            query: format!("from={}&to={}&by={}{known}", diff.from, diff.to, diff.by),
            begun,
            site,
            diff,
            moves,
            rewritten,
            late,
            loaded,
            unknown,
            left_out,
        }
    }

    fn is_recorded(&self) -> bool {
        self.diff.by == "recorded"
    }

    /// The day on which this node began, when that is after the day compared with.
    fn begun_after(&self) -> Option<Date> {
        let known = self.diff.known?;
        self.begun.filter(|begun| known < *begun)
    }

    /// The value of the field for the day compared with.
    fn known(&self) -> String {
        self.diff.known.map_or(String::new(), |day| day.to_string())
    }
}

/// The day of an RFC 3339 time.
pub(crate) fn day_of(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}
