//! A report for people: one HTML file that needs nothing else and runs nothing.

use anyhow::Context as _;
use askama::Template;
use detect::interference::{Change, Example, Found, Series, Triple, Turn, Verdict, Verdicts};

use super::print::{Result, day, hour, in_words, moment, network};
use super::timeline::{Line, lines, svg};
use crate::cli::output::{count, counted, plain};

/// Findings, changed places and files that are shown.
const FINDINGS: usize = 300;
const SELDOM: usize = 100;
const SERIES: usize = 40;
const FILES: usize = 50;

#[derive(Template)]
#[template(path = "interference.html")]
struct Report {
    lead: String,
    read: String,
    ended: Vec<(&'static str, String)>,
    findings: Vec<FindingPart>,
    more_findings: usize,
    seldom: Vec<FindingPart>,
    more_seldom: usize,
    series: Vec<SeriesPart>,
    more_series: usize,
    countries: Vec<CountryPart>,
    doubts: Vec<String>,
    bad_files: Vec<(String, String)>,
    rules: Vec<RulePart>,
}

struct FindingPart {
    verdict: &'static str,
    country: String,
    network: String,
    site: String,
    rule: &'static str,
    says: &'static str,
    triple: String,
    examples: Vec<ExamplePart>,
    doubts: Vec<String>,
    count: String,
    of: String,
    reports: String,
    first: String,
    last: String,
}

struct ExamplePart {
    when: String,
    url: String,
    saw: String,
    report: String,
}

struct SeriesPart {
    site: String,
    country: String,
    network: String,
    changes: Vec<String>,
    chart: String,
    lines: Vec<Line>,
}

struct CountryPart {
    code: String,
    networks: String,
    total: String,
    counts: Vec<String>,
}

struct RulePart {
    id: &'static str,
    says: &'static str,
    shares: [String; 3],
    count: String,
}

/// The page.
///
/// # Errors
/// When it cannot be rendered, which does not happen.
pub(super) fn page(result: &Result<'_>) -> anyhow::Result<String> {
    let tally = result.tally;
    let series = tally.changed();
    let (findings, seldom): (Vec<_>, Vec<_>) = tally
        .findings()
        .into_iter()
        .partition(|found| found.is_steady);
    let countries = tally.countries().map(|(code, country)| CountryPart {
        code: code.to_owned(),
        networks: count(country.networks.len() as u64),
        total: count(country.verdicts.total()),
        counts: ended(&country.verdicts)
            .into_iter()
            .map(|(_, number)| number)
            .collect(),
    });
    let rules = tally.rules().map(|(rule, number)| RulePart {
        id: rule.id,
        says: rule.says,
        shares: shares(rule.triple),
        count: count(number),
    });
    let bad = result.totals.bad_files.iter().take(FILES);
    let report = Report {
        lead: lead(&findings, &series),
        read: read(result),
        ended: ended(&tally.verdicts()),
        more_findings: findings.len().saturating_sub(FINDINGS),
        findings: findings.iter().take(FINDINGS).map(finding_part).collect(),
        more_seldom: seldom.len().saturating_sub(SELDOM),
        seldom: seldom.iter().take(SELDOM).map(finding_part).collect(),
        more_series: series.len().saturating_sub(SERIES),
        series: series.iter().take(SERIES).map(series_part).collect(),
        countries: countries.collect(),
        doubts: result.doubts(),
        bad_files: bad
            .map(|(file, number)| (plain(file).into_owned(), count(*number)))
            .collect(),
        rules: rules.collect(),
    };
    report.render().context("the report cannot be rendered")
}

fn lead(findings: &[Found<'_>], series: &[Series<'_>]) -> String {
    let sites = |only: Option<Verdict>| {
        let of = findings.iter();
        let of = of.filter(|found| only.is_none_or(|verdict| found.rule.verdict() == verdict));
        let mut sites: Vec<_> = of
            .map(|found| (found.place.country, &found.place.site))
            .collect();
        sites.sort_unstable();
        sites.dedup();
        sites.len() as u64
    };
    let changes: usize = series.iter().map(|series| series.changes.len()).sum();
    format!(
        "{} in a country, of which {} confirmed; {} between reachable and blocked.",
        counted(sites(None), "site seems blocked", "sites seem blocked"),
        count(sites(Some(Verdict::Confirmed))),
        counted(changes as u64, "change", "changes"),
    )
}

fn read(result: &Result<'_>) -> String {
    let (first, last) = result
        .tally
        .span()
        .map_or((None, None), |(a, b)| (Some(a), Some(b)));
    format!(
        "{} of {}, {} to {}; {} loaded.",
        counted(
            result.tally.verdicts().total(),
            "measurement",
            "measurements"
        ),
        counted(result.totals.files, "file", "files"),
        day(first),
        day(last),
        counted(result.fingerprints as u64, "fingerprint", "fingerprints"),
    )
}

fn ended(verdicts: &Verdicts) -> Vec<(&'static str, String)> {
    Verdict::ALL
        .iter()
        .map(|verdict| (verdict.word(), count(verdicts.of(*verdict))))
        .collect()
}

fn shares(triple: Triple) -> [String; 3] {
    let share = |hundredths: u8| format!("{:.2}", f64::from(hundredths) / 100.0);
    [share(triple.blocked), share(triple.down), share(triple.ok)]
}

fn finding_part(found: &Found<'_>) -> FindingPart {
    let Found {
        place,
        rule,
        finding,
        usable,
        ..
    } = *found;
    FindingPart {
        verdict: rule.verdict().word(),
        country: place.country().to_owned(),
        network: network(place.network),
        site: plain(&place.site).into_owned(),
        rule: rule.id,
        says: rule.says,
        triple: rule.triple.to_string(),
        examples: finding.examples.iter().map(example_part).collect(),
        doubts: found.doubts().into_iter().map(str::to_owned).collect(),
        count: count(finding.count),
        of: count(usable),
        reports: count(finding.reports() as u64),
        first: day(finding.first),
        last: day(finding.last),
    }
}

fn example_part(example: &Example) -> ExamplePart {
    ExamplePart {
        when: example.time.map(moment).unwrap_or_default(),
        url: plain(&example.url).into_owned(),
        saw: plain(&in_words(&example.evidence)).into_owned(),
        report: plain(&example.report).into_owned(),
    }
}

fn series_part(series: &Series<'_>) -> SeriesPart {
    SeriesPart {
        site: plain(&series.place.site).into_owned(),
        country: series.place.country().to_owned(),
        network: network(series.place.network),
        changes: series.changes.iter().map(change_in_words).collect(),
        chart: svg(series),
        lines: lines(series.hours),
    }
}

fn change_in_words(change: &Change) -> String {
    let turn = match change.turn {
        Turn::Blocked => "Blocked",
        Turn::Reachable => "Reachable",
    };
    let since = if change.from_the_start {
        format!("when the measurements begin ({})", hour(change.since))
    } else {
        format!("since about {}", hour(change.since))
    };
    let hours = counted(change.hours.into(), "hour", "hours");
    format!(
        "{turn} {since}; found at {}, after {hours} with measurements.",
        hour(change.found)
    )
}
