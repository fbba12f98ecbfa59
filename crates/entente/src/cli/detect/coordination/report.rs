//! A report for people: one HTML file that needs nothing else and runs nothing.

use anyhow::Context as _;
use askama::Template;
use detect::coordination::{Group, Moment, Pair, Sorted};

use super::print::{likelihood, seconds, shown, things};
use super::time::written;
use super::{Findings, chart};
use crate::cli::output::{count, counted};

/// Groups that are shown one by one, and pairs and moments of each.
const GROUPS: usize = 40;
const PAIRS: usize = 10;
const MOMENTS: usize = 12;

#[derive(Template)]
#[template(path = "coordination.html")]
struct Report {
    lead: String,
    read: String,
    windows: String,
    fdr: String,
    tests: String,
    count: String,
    groups: Vec<GroupPart>,
    hidden: usize,
}

struct GroupPart {
    number: usize,
    is_shown: bool,
    accounts: Vec<String>,
    things: String,
    moments: String,
    first: String,
    last: String,
    delay: String,
    q: String,
    likelihood: String,
    network: String,
    timeline: String,
    unlikely: String,
    largest: Vec<MomentPart>,
    pairs: Vec<PairPart>,
    all_pairs: String,
    more_pairs: usize,
}

struct MomentPart {
    start: String,
    accounts: usize,
    audience: u32,
    within: String,
    layer: &'static str,
    object: String,
}

/// A pair of accounts, as it is written.
pub(super) struct PairPart {
    pub(super) one: String,
    pub(super) other: String,
    pub(super) layer: &'static str,
    pub(super) window: f64,
    pub(super) shared: u32,
    pub(super) both: u32,
    pub(super) met: u32,
    pub(super) hours: u32,
    pub(super) by_chance: String,
    pub(super) by_taste: String,
    pub(super) p_chance: String,
    pub(super) p_taste: String,
    /// As numbers, for the chart.
    pub(super) expected: (f64, f64),
}

/// The report.
///
/// # Errors
/// When it cannot be rendered, which does not happen.
pub(super) fn html(findings: &Findings) -> anyhow::Result<String> {
    let Findings {
        sorted,
        groups,
        told,
        totals,
        ..
    } = findings;
    let members: usize = groups.iter().map(|group| group.accounts.len()).sum();
    let windows: Vec<String> = findings
        .windows
        .iter()
        .map(|w| seconds(*w).to_string())
        .collect();
    let (first, last) = sorted.span().unwrap_or_default();
    let report = Report {
        lead: format!(
            "{} in {} shared the same things within seconds of each other, more often than chance and \
             a common taste explain.",
            counted(members as u64, "account", "accounts"),
            counted(groups.len() as u64, "group", "groups"),
        ),
        read: format!(
            "{} by {}, {} to {}; {} left out.",
            counted(totals.posts, "post", "posts"),
            counted(sorted.accounts() as u64, "account", "accounts"),
            day(first),
            day(last),
            counted(totals.without, "row was", "rows were"),
        ),
        windows: format!("{} seconds", either(&windows)),
        fdr: format!("{} %", findings.fdr * 100.0),
        tests: format!("{:.1e}", told.tests),
        count: counted(groups.len() as u64, "group", "groups"),
        groups: groups
            .iter()
            .enumerate()
            .map(|(at, group)| part(sorted, at, group))
            .collect(),
        hidden: groups.len().saturating_sub(GROUPS),
    };
    report.render().context("the report cannot be rendered")
}

fn part(sorted: &Sorted, at: usize, group: &Group) -> GroupPart {
    let is_shown = at < GROUPS;
    let (first, last) = group.span().unwrap_or_default();
    let mut pairs: Vec<&Pair> = group.pairs.iter().collect();
    let unlikely = |pair: &Pair| pair.p_chance.max(pair.p_taste);
    pairs.sort_by(|a, b| {
        a.q.total_cmp(&b.q)
            .then(unlikely(a).total_cmp(&unlikely(b)))
    });
    let strongest: Vec<PairPart> = pairs
        .into_iter()
        .take(PAIRS)
        .map(|pair| pair_part(sorted, pair))
        .collect();
    let mut largest: Vec<&Moment> = group.moments.iter().collect();
    largest.sort_by_key(|moment| (std::cmp::Reverse(moment.accounts.len()), moment.start));
    largest.truncate(MOMENTS);
    largest.sort_by_key(|moment| moment.start);
    let drawn = |chart: &dyn Fn() -> String| if is_shown { chart() } else { String::new() };
    GroupPart {
        number: at + 1,
        is_shown,
        accounts: group
            .accounts
            .iter()
            .map(|account| shown(&sorted.account(*account)))
            .collect(),
        things: things(group),
        moments: count(group.moments.len() as u64),
        first: day(first),
        last: day(last),
        delay: format!("{:.1}", seconds(group.delay())),
        q: format!("{:.0e}", group.q()),
        likelihood: capital(&group.strongest().map(likelihood).unwrap_or_default()),
        network: drawn(&|| chart::network(sorted, group)),
        timeline: drawn(&|| chart::timeline(group)),
        unlikely: drawn(&|| chart::unlikely(&strongest)),
        largest: largest
            .into_iter()
            .map(|moment| moment_part(sorted, moment))
            .collect(),
        all_pairs: count(group.pairs.len() as u64),
        more_pairs: group.pairs.len().saturating_sub(PAIRS),
        pairs: strongest,
    }
}

/// `10, 60 or 300`.
fn either(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A time as people read it, in UTC.
pub(super) fn day(millis: i64) -> String {
    written(millis)
        .replace('T', " ")
        .trim_end_matches('Z')
        .to_owned()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn moment_part(sorted: &Sorted, moment: &Moment) -> MomentPart {
    MomentPart {
        start: day(moment.start),
        accounts: moment.accounts.len(),
        audience: moment.audience,
        within: format!("{:.1}", seconds(moment.end - moment.start)),
        layer: moment.layer.name(),
        object: shown(&sorted.object(moment.layer, moment.object)),
    }
}

fn pair_part(sorted: &Sorted, pair: &Pair) -> PairPart {
    PairPart {
        one: shown(&sorted.account(pair.one)),
        other: shown(&sorted.account(pair.other)),
        layer: pair.layer.name(),
        window: seconds(pair.window),
        shared: pair.shared,
        both: pair.both,
        met: pair.met,
        hours: pair.hours,
        by_chance: format!("{:.2}", pair.by_chance),
        by_taste: format!("{:.2}", pair.by_taste),
        p_chance: format!("{:.0e}", pair.p_chance),
        p_taste: format!("{:.0e}", pair.p_taste),
        expected: (pair.by_chance, pair.by_taste),
    }
}
