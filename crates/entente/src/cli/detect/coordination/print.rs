//! Findings on stdout: for people, and as NDJSON.

use std::io;

use detect::coordination::{Coortweet, Directed, Group, Layer, Moment, Pair, Sorted};
use serde::Serialize;

use super::Findings;
use super::time::written;
use crate::cli::output::{FAINT, FOUND, Out, STRONG, count, counted, plain, tell};

/// Accounts and moments that are named for people.
const NAMED: usize = 8;
const MOMENTS: usize = 3;
/// Characters of a name that are shown.
const SHOWN: usize = 100;

/// A group as a line of JSON.
#[derive(Serialize)]
struct GroupRow<'g> {
    group: usize,
    accounts: Vec<String>,
    layers: Vec<&'static str>,
    first: String,
    last: String,
    objects: usize,
    /// The middle of the delays after the first of a moment, in seconds.
    delay: f64,
    q: f64,
    pairs: Vec<PairRow>,
    moments: Vec<MomentRow<'g>>,
}

#[derive(Serialize)]
struct PairRow {
    layer: &'static str,
    /// In seconds.
    window: f64,
    one: String,
    other: String,
    shared: u32,
    both: u32,
    met: u32,
    hours: u32,
    by_chance: f64,
    by_taste: f64,
    p_chance: f64,
    p_taste: f64,
    q: f64,
}

#[derive(Serialize)]
struct MomentRow<'g> {
    layer: &'static str,
    object: String,
    start: String,
    /// From the first share to the last, in seconds.
    within: f64,
    accounts: usize,
    audience: &'g u32,
}

pub(super) fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

/// Prints a line for each group.
pub(super) fn json(findings: &Findings, out: &mut Out) -> io::Result<()> {
    let sorted = &findings.sorted;
    for (at, group) in findings.groups.iter().enumerate() {
        let (first, last) = group.span().unwrap_or_default();
        out.json(&GroupRow {
            group: at + 1,
            accounts: group
                .accounts
                .iter()
                .map(|account| sorted.account(*account))
                .collect(),
            layers: group.layers().into_iter().map(Layer::name).collect(),
            first: written(first),
            last: written(last),
            objects: group.objects(),
            delay: seconds(group.delay()),
            q: group.q(),
            pairs: group
                .pairs
                .iter()
                .map(|pair| pair_row(sorted, pair))
                .collect(),
            moments: group
                .moments
                .iter()
                .map(|moment| moment_row(sorted, moment))
                .collect(),
        })?;
    }
    Ok(())
}

fn pair_row(sorted: &Sorted, pair: &Pair) -> PairRow {
    PairRow {
        layer: pair.layer.name(),
        window: seconds(pair.window),
        one: sorted.account(pair.one),
        other: sorted.account(pair.other),
        shared: pair.shared,
        both: pair.both,
        met: pair.met,
        hours: pair.hours,
        by_chance: pair.by_chance,
        by_taste: pair.by_taste,
        p_chance: pair.p_chance,
        p_taste: pair.p_taste,
        q: pair.q,
    }
}

fn moment_row<'g>(sorted: &Sorted, moment: &'g Moment) -> MomentRow<'g> {
    MomentRow {
        layer: moment.layer.name(),
        object: sorted.object(moment.layer, moment.object),
        start: written(moment.start),
        within: seconds(moment.end - moment.start),
        accounts: moment.accounts.len(),
        audience: &moment.audience,
    }
}

/// Prints a few lines for each group.
pub(super) fn text(findings: &Findings, out: &mut Out) -> io::Result<()> {
    for (at, group) in findings.groups.iter().enumerate() {
        group_text(findings, at + 1, group, out)?;
    }
    Ok(())
}

fn group_text(findings: &Findings, number: usize, group: &Group, out: &mut Out) -> io::Result<()> {
    let sorted = &findings.sorted;
    let (first, last) = group.span().unwrap_or_default();
    let head = format!(
        "{number}  {}, {} together in {}",
        counted(group.accounts.len() as u64, "account", "accounts"),
        things(group),
        counted(group.moments.len() as u64, "moment", "moments"),
    );
    let head = out.paint(FOUND, &head);
    out.line(&format!("{head}  {} to {}", written(first), written(last)))?;
    if let Some(pair) = group.strongest() {
        out.line(&format!("   {}", likelihood(pair)))?;
    }
    out.line(&format!(
        "   usually {:.1} s after the first; {} unexplained at a rate of false discoveries of {:.1e}",
        seconds(group.delay()),
        counted(group.pairs.len() as u64, "pair", "pairs"),
        group.q(),
    ))?;
    let named: Vec<String> = group
        .accounts
        .iter()
        .take(NAMED)
        .map(|a| shown(&sorted.account(*a)))
        .collect();
    let more = group.accounts.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {} more", count(more as u64))
    } else {
        String::new()
    };
    out.line(&format!(
        "   {} {}{more}",
        out.paint(STRONG, "accounts"),
        named.join(", ")
    ))?;
    let mut moments: Vec<&Moment> = group.moments.iter().collect();
    moments.sort_by_key(|moment| (std::cmp::Reverse(moment.accounts.len()), moment.start));
    for moment in moments.into_iter().take(MOMENTS) {
        let when = format!(
            "{}  {} of {} within {:.1} s ",
            written(moment.start),
            moment.accounts.len(),
            counted(u64::from(moment.audience), "account", "accounts"),
            seconds(moment.end - moment.start),
        );
        let name = shown(&sorted.object(moment.layer, moment.object));
        out.line(&format!(
            "   {} {} {name}",
            out.paint(FAINT, &when),
            moment.layer
        ))?;
    }
    out.line("")
}

/// `12 links and hashtags`.
pub(super) fn things(group: &Group) -> String {
    let layers: Vec<&str> = group.layers().into_iter().map(Layer::things).collect();
    format!("{} {}", count(group.objects() as u64), layers.join(" and "))
}

/// How unlikely a pair is, in words.
pub(super) fn likelihood(pair: &Pair) -> String {
    format!(
        "strongest pair: {} of {} {} within {} s of each other, in {} of {} hours; chance gives {:.2} \
         (p {:.0e}), a common taste {:.2} (p {:.0e})",
        pair.shared,
        pair.both,
        pair.layer.things(),
        seconds(pair.window),
        pair.met,
        pair.hours,
        pair.by_chance,
        pair.p_chance,
        pair.by_taste,
        pair.p_taste,
    )
}

/// A name that others wrote, on one line.
pub(super) fn shown(name: &str) -> String {
    let short: String = name.chars().take(SHOWN).collect();
    let end = if short.len() < name.len() { "…" } else { "" };
    format!("{}{end}", plain(&short))
}

/// Tells what was read and looked at.
pub(super) fn tell_totals(findings: &Findings) {
    let Findings {
        sorted,
        groups,
        told,
        totals,
        ..
    } = findings;
    let accounts: usize = groups.iter().map(|group| group.accounts.len()).sum();
    tell(&format!(
        "{} in {}, of {} in {}; {:.1e} pairs × windows × layers were tested",
        counted(accounts as u64, "account", "accounts"),
        counted(groups.len() as u64, "group", "groups"),
        counted(sorted.accounts() as u64, "account", "accounts"),
        counted(totals.posts, "post", "posts"),
        told.tests,
    ));
    if groups.is_empty() && totals.posts > 0 {
        tell(
            "nobody met more often than chance and a common taste explain; both are estimated from these \
             posts, so that posts of one group alone look usual: '--mode coortweet' counts without them",
        );
    }
    if totals.without > 0 {
        tell(&format!(
            "{} left out",
            counted(totals.without, "row", "rows")
        ));
    }
    if told.dense > 0 {
        let dense = counted(told.dense, "share", "shares");
        tell(&format!("{dense} in crowds left out: see --max-crowd"));
    }
}

/// Prints the edges of `CooRTweet`.
pub(super) fn weighted(
    sorted: &Sorted,
    found: &Coortweet,
    json: bool,
    out: &mut Out,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Edge {
        one: String,
        other: String,
        weight: u32,
        strong: bool,
    }
    let edges = found.edges.iter().map(|edge| Edge {
        one: sorted.account(edge.one),
        other: sorted.account(edge.other),
        weight: edge.weight,
        strong: edge.is_strong,
    });
    if json {
        return edges.into_iter().try_for_each(|edge| out.json(&edge));
    }
    let rows: Vec<Vec<String>> = edges
        .map(|edge| {
            let strong = if edge.strong { "strong" } else { "" };
            vec![
                edge.one,
                edge.other,
                edge.weight.to_string(),
                strong.to_owned(),
            ]
        })
        .collect();
    out.table(&["account", "account", "pairs", ""], &rows)
}

/// Prints the edges of the toolkit.
pub(super) fn directed(
    sorted: &Sorted,
    edges: &[Directed],
    json: bool,
    out: &mut Out,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Edge {
        from: String,
        to: String,
        weight: u32,
    }
    let edges = edges.iter().map(|edge| Edge {
        from: sorted.account(edge.from),
        to: sorted.account(edge.to),
        weight: edge.weight,
    });
    if json {
        return edges.into_iter().try_for_each(|edge| out.json(&edge));
    }
    let rows: Vec<Vec<String>> = edges
        .map(|edge| vec![edge.from, edge.to, edge.weight.to_string()])
        .collect();
    out.table(&["account", "account", "posts"], &rows)
}
