//! Findings on stdout; on stderr, what was read, how it ended, and what was not understood.

use std::collections::{BTreeMap, BTreeSet};

use detect::interference::{
    Change, Evidence, Found, Judged, Mechanism, Place, Rule, Tally, Verdict,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::read::Totals;
use crate::cli::output::{Out, count, counted, plain, tell};

/// Findings and changes that are shown on a terminal.
const SHOWN: usize = 40;

/// Everything that was found.
pub(super) struct Result<'r> {
    pub(super) tally: &'r Tally,
    pub(super) totals: &'r Totals,
    /// How many fingerprints were loaded.
    pub(super) fingerprints: usize,
}

/// Prints what a measurement is.
///
/// # Errors
/// When stdout takes no more.
pub(super) fn verdict(
    out: &mut Out,
    file: &str,
    line: u64,
    judged: &Judged,
) -> std::io::Result<()> {
    out.json(&json!({
        "kind": "verdict", "file": file, "line": line,
        "time": judged.time.map(moment),
        "country": judged.place.country(), "network": judged.place.network,
        "site": *judged.place.site, "url": judged.url, "report": judged.report,
        "rule": judged.rule.id, "verdict": judged.rule.verdict(),
        "triple": judged.rule.triple,
        "mechanism": mechanism(judged.rule, Some(&judged.evidence)),
        "evidence": facts(&judged.evidence), "doubts": judged.evidence.doubts,
    }))
}

/// `2022-08-15T19:01:30Z`.
pub(super) fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// `2022-08-15 19:00`, of an hour since 1970.
pub(super) fn hour(hour: i64) -> String {
    let text = moment(hour.saturating_mul(3600));
    text.get(..16)
        .map(|text| text.replace('T', " "))
        .unwrap_or_default()
}

/// `2022-08-15`, of seconds since 1970.
pub(super) fn day(seconds: Option<i64>) -> String {
    let text = seconds.map(moment).unwrap_or_default();
    text.get(..10).unwrap_or_default().to_owned()
}

fn facts(evidence: &Evidence) -> BTreeMap<&str, &str> {
    evidence
        .facts
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

fn mechanism(rule: &'static Rule, evidence: Option<&Evidence>) -> Mechanism {
    evidence
        .and_then(|evidence| evidence.mechanism)
        .unwrap_or(rule.mechanism)
}

/// Evidence in a line.
pub(super) fn in_words(evidence: &Evidence) -> String {
    let words = evidence
        .facts
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    words.collect::<Vec<_>>().join("; ")
}

/// A network's number as people write it.
pub(super) fn network(number: u32) -> String {
    if number == 0 {
        "unknown".to_owned()
    } else {
        format!("AS{number}")
    }
}

#[derive(Serialize)]
struct FindingLine<'r> {
    kind: &'static str,
    country: &'r str,
    network: u32,
    site: &'r str,
    verdict: Verdict,
    rule: &'static str,
    mechanism: Mechanism,
    triple: detect::interference::Triple,
    measurements: u64,
    /// All measurements of the site there that say something.
    of: u64,
    /// Whether it is more than a failure now and then; only then it is shared.
    steady: bool,
    /// Of one report are measurements of one probe in one go: few reports are weak evidence.
    reports: usize,
    first: Option<String>,
    last: Option<String>,
    doubts: BTreeSet<String>,
    evidence: Vec<Value>,
}

fn finding_line<'r>(found: &Found<'r>) -> FindingLine<'r> {
    let Found {
        place,
        rule,
        finding,
        usable,
        is_steady,
    } = *found;
    let examples = finding.examples.iter().map(|example| {
        json!({
            "time": example.time.map(moment), "url": example.url, "report": example.report,
            "saw": facts(&example.evidence),
        })
    });
    FindingLine {
        kind: "finding",
        country: place.country(),
        network: place.network,
        site: &place.site,
        verdict: rule.verdict(),
        rule: rule.id,
        mechanism: mechanism(
            rule,
            finding.examples.first().map(|example| &example.evidence),
        ),
        triple: rule.triple,
        measurements: finding.count,
        of: usable,
        steady: is_steady,
        reports: finding.reports(),
        first: finding.first.map(moment),
        last: finding.last.map(moment),
        doubts: found.doubts().into_iter().map(str::to_owned).collect(),
        evidence: examples.collect(),
    }
}

fn change_line(place: &Place, change: &Change) -> Value {
    json!({
        "kind": "change", "country": place.country(), "network": place.network,
        "site": *place.site, "turn": change.turn.word(),
        "since": moment(change.since.saturating_mul(3600)),
        "found": moment(change.found.saturating_mul(3600)),
        "sum": change.sum, "hours": change.hours, "from_the_start": change.from_the_start,
    })
}

fn finding_row(found: &Found<'_>) -> Vec<String> {
    let Found {
        place,
        rule,
        finding,
        usable,
        is_steady,
    } = *found;
    let example = finding.examples.first();
    let verdict = if is_steady {
        rule.verdict().word()
    } else {
        "now and then"
    };
    vec![
        verdict.to_owned(),
        format!("{} {}", place.country(), network(place.network)),
        place.site.to_string(),
        rule.id.to_owned(),
        format!("{} of {}", count(finding.count), count(usable)),
        day(finding.first),
        day(finding.last),
        example
            .map(|example| in_words(&example.evidence))
            .unwrap_or_default(),
    ]
}

impl Result<'_> {
    /// Prints findings, changes, countries, and a summary, a JSON object a line.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn json(&self, out: &mut Out) -> std::io::Result<()> {
        for found in self.tally.findings() {
            out.json(&finding_line(&found))?;
        }
        for series in self.tally.changed() {
            for change in &series.changes {
                out.json(&change_line(series.place, change))?;
            }
        }
        for (code, country) in self.tally.countries() {
            let mut line =
                json!({"kind": "country", "country": code, "networks": country.networks.len()});
            if let Some(members) = line.as_object_mut() {
                members.extend(by_verdict(&country.verdicts));
            }
            out.json(&line)?;
        }
        let unknown = self.totals.unknown.iter().map(|(unknown, count)| {
            json!({"test": unknown.test, "version": unknown.version, "measurements": count})
        });
        let rules: BTreeMap<&str, u64> = self.tally.rules().map(|(rule, n)| (rule.id, n)).collect();
        let mut line = json!({
            "kind": "summary", "files": self.totals.files, "unread_files": self.totals.unread,
            "bad_lines": self.totals.bad, "unwanted": self.totals.unwanted,
            "without_time": self.tally.without_time, "not_kept": self.tally.not_kept,
            "fingerprints": self.fingerprints, "rules": rules,
            "not_understood": unknown.collect::<Vec<_>>(),
        });
        if let Some(members) = line.as_object_mut() {
            members.extend(by_verdict(&self.tally.verdicts()));
        }
        out.json(&line)
    }

    /// Prints findings and changes as a table.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn table(&self, out: &mut Out) -> std::io::Result<()> {
        let header = [
            "VERDICT", "WHERE", "SITE", "RULE", "TIMES", "FROM", "TO", "EVIDENCE",
        ];
        let findings = self.tally.findings();
        let findings = findings.iter().map(finding_row);
        let series = self.tally.changed();
        let changes = series
            .iter()
            .flat_map(|series| series.changes.iter().map(|c| (series.place, c)));
        let changes = changes.map(|(place, change)| {
            vec![
                "change".to_owned(),
                format!("{} {}", place.country(), network(place.network)),
                place.site.to_string(),
                format!("{} since", change.turn.word()),
                format!("{} h", change.hours),
                hour(change.since),
                hour(change.found),
                if change.from_the_start {
                    "so when the data begin"
                } else {
                    ""
                }
                .to_owned(),
            ]
        });
        let mut rows: Vec<Vec<String>> = findings.collect();
        let more = if out.is_terminal() { cut(&mut rows) } else { 0 };
        let mut changes: Vec<Vec<String>> = changes.collect();
        let more = more
            + if out.is_terminal() {
                cut(&mut changes)
            } else {
                0
            };
        rows.append(&mut changes);
        out.table(&header, &rows)?;
        if more > 0 {
            tell(&format!(
                "{} more: all with --json or --report",
                count(more as u64)
            ));
        }
        Ok(())
    }

    /// Tells what was read, how it ended, and what is uncertain.
    pub(super) fn summary(&self) {
        let verdicts = self.tally.verdicts();
        let countries = self.tally.countries().count() as u64;
        let networks: u64 = self
            .tally
            .countries()
            .map(|(_, c)| c.networks.len() as u64)
            .sum();
        let span = self.tally.span().map_or(String::new(), |(first, last)| {
            format!(", {} to {}", day(Some(first)), day(Some(last)))
        });
        tell(&format!(
            "{} of {}, {}, {}{span}",
            counted(verdicts.total(), "measurement", "measurements"),
            counted(self.totals.files, "file", "files"),
            counted(countries, "country", "countries"),
            counted(networks, "network", "networks"),
        ));
        let words: Vec<String> = Verdict::ALL
            .iter()
            .map(|verdict| format!("{} {}", count(verdicts.of(*verdict)), verdict.word()))
            .collect();
        tell(&words.join(", "));
        let findings = self.tally.findings();
        let steady = findings.iter().filter(|found| found.is_steady).count();
        let changes: usize = self
            .tally
            .changed()
            .iter()
            .map(|series| series.changes.len())
            .sum();
        tell(&format!(
            "{}, {} now and then, {}",
            counted(steady as u64, "finding", "findings"),
            count((findings.len() - steady) as u64),
            counted(changes as u64, "change", "changes")
        ));
        for doubt in self.doubts() {
            tell(&doubt);
        }
    }

    /// What is uncertain, and what was not understood.
    pub(super) fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let totals = self.totals;
        let verdicts = self.tally.verdicts();
        if self.fingerprints == 0 && verdicts.total() > 0 {
            doubts.push("no fingerprints were given, so that nothing can be confirmed".to_owned());
        }
        let unconfirmed = self
            .tally
            .rules()
            .filter(|(rule, _)| matches!(rule.id, "fingerprint.filter" | "fingerprint.vague"));
        let unconfirmed: u64 = unconfirmed.map(|(_, count)| count).sum();
        let mut say = |number: u64, one: &str, many: &str| {
            if number > 0 {
                doubts.push(counted(number, one, many));
            }
        };
        say(
            unconfirmed,
            "measurement has a fingerprint out of its scope: not confirmed",
            "measurements have a fingerprint out of its scope: not confirmed",
        );
        say(
            verdicts.of(Verdict::Unusable),
            "measurement says nothing: no results, no control, or a fault of the probe",
            "measurements say nothing: no results, no control, or a fault of the probe",
        );
        say(
            totals.bad,
            "line is no measurement",
            "lines are no measurements",
        );
        say(
            totals.unread,
            "file could not be read",
            "files could not be read",
        );
        say(
            totals.unwanted,
            "measurement is of other countries or times",
            "measurements are of other countries or times",
        );
        say(
            self.tally.without_time,
            "measurement has no time",
            "measurements have no time",
        );
        say(
            self.tally.not_kept,
            "measurement is counted only: too many findings or hours",
            "measurements are counted only: too many findings or hours",
        );
        for (unknown, number) in &totals.unknown {
            let test = format!("{} {}", plain(&unknown.test), plain(&unknown.version));
            doubts.push(format!(
                "not understood: {} of {}",
                counted(*number, "measurement", "measurements"),
                test.trim()
            ));
        }
        doubts
    }
}

fn by_verdict(verdicts: &detect::interference::Verdicts) -> serde_json::Map<String, Value> {
    let counts = Verdict::ALL
        .iter()
        .map(|verdict| (verdict.word().to_owned(), verdicts.of(*verdict).into()));
    std::iter::once(("measurements".to_owned(), verdicts.total().into()))
        .chain(counts)
        .collect()
}

/// Leaves what fits on a terminal; gives how many are left out.
fn cut(rows: &mut Vec<Vec<String>>) -> usize {
    let more = rows.len().saturating_sub(SHOWN);
    rows.truncate(SHOWN);
    more
}
