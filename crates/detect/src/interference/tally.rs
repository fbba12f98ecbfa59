//! Measurements added up: findings by country, network, site and rule; series by the hour; counts.
//!
//! Adding up is bounded: past a number of findings and of hours, measurements are counted only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::Judged;
use super::change::{Change, Hours, changes};
use super::rules::Rule;
use super::verdict::{Evidence, Verdict};

/// Findings that are kept.
const MOST_FINDINGS: usize = 1 << 20;
/// Hours of all series that are kept.
const MOST_HOURS: usize = 1 << 23;
/// Evidence that is kept of a finding.
const EXAMPLES: usize = 3;
/// Reports of a finding that are told apart.
const REPORTS: usize = 256;
/// Seconds of an hour.
const HOUR: i64 = 3600;

/// Where something was measured, and what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The probe's country, ISO 3166; `ZZ` where it is not known.
    pub country: [u8; 2],
    /// The probe's network: the number of its autonomous system, 0 where it is not known.
    pub network: u32,
    /// A host in lower case, or the name of a service.
    pub site: Arc<str>,
}

impl Place {
    /// The country as text.
    pub fn country(&self) -> &str {
        country_text(&self.country)
    }
}

/// A country's code as text.
pub(crate) fn country_text(code: &[u8; 2]) -> &str {
    std::str::from_utf8(code).unwrap_or("ZZ")
}

/// What a rule found about a place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Measurements that the rule fits.
    pub count: u64,
    /// Seconds since 1970 of the first one with a time.
    pub first: Option<i64>,
    /// Seconds since 1970 of the last one with a time.
    pub last: Option<i64>,
    /// The earliest evidence.
    pub examples: Vec<Example>,
    reports: BTreeSet<u64>,
}

/// Evidence of a measurement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// Seconds since 1970.
    pub time: Option<i64>,
    /// The URL that was measured; empty where the test has none.
    pub url: String,
    /// The report it is part of, by which OONI's archive is asked for it.
    pub report: String,
    /// What the rule saw.
    pub evidence: Evidence,
}

/// How many measurements ended how.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts([u64; Verdict::ALL.len()]);

impl Verdicts {
    /// How many ended so.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.0.get(verdict as usize).copied().unwrap_or(0)
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    fn add(&mut self, verdict: Verdict) {
        if let Some(count) = self.0.get_mut(verdict as usize) {
            *count += 1;
        }
    }
}

/// A country in numbers.
#[derive(Clone, Debug, Default)]
pub struct Country {
    /// How its measurements ended.
    pub verdicts: Verdicts,
    /// Its networks with measurements.
    pub networks: BTreeSet<u32>,
}

/// A site in a network of a country over time.
#[derive(Clone, Debug)]
pub struct Series<'t> {
    /// Which.
    pub place: &'t Place,
    /// Its hours.
    pub hours: &'t Hours,
    /// Its changes.
    pub changes: Vec<Change>,
}

/// Measurements added up.
#[derive(Debug, Default)]
pub struct Tally {
    findings: HashMap<(Place, usize), Finding>,
    hours: HashMap<Place, Hours>,
    hours_kept: usize,
    countries: BTreeMap<[u8; 2], Country>,
    rules: BTreeMap<usize, u64>,
    verdicts: Verdicts,
    /// Measurements whose finding or hour was not kept.
    pub not_kept: u64,
    /// Measurements without a time.
    pub without_time: u64,
    span: Option<(i64, i64)>,
}

impl Tally {
    /// Adds a measurement. The order does not matter, but for what is not kept.
    pub fn add(&mut self, judged: Judged) {
        let rule = judged.rule;
        let verdict = rule.verdict();
        self.verdicts.add(verdict);
        *self.rules.entry(rule.number()).or_default() += 1;
        let country = self.countries.entry(judged.place.country).or_default();
        country.verdicts.add(verdict);
        country.networks.insert(judged.place.network);
        if let Some(time) = judged.time {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        } else {
            self.without_time += 1;
        }
        let kept = self.add_hour(&judged);
        let kept = self.add_finding(judged) && kept;
        self.not_kept += u64::from(!kept);
    }

    fn add_hour(&mut self, judged: &Judged) -> bool {
        let (Some(time), false) = (judged.time, judged.rule.verdict() == Verdict::Unusable) else {
            return true;
        };
        let hour = time.div_euclid(HOUR);
        let is_full = self.hours_kept >= MOST_HOURS;
        let series = match self.hours.get_mut(&judged.place) {
            Some(series) => series,
            None if is_full => return false,
            None => self.hours.entry(judged.place.clone()).or_default(),
        };
        if !series.contains_key(&hour) {
            if is_full {
                return false;
            }
            self.hours_kept += 1;
        }
        series
            .entry(hour)
            .or_default()
            .add(judged.rule.triple.blocked);
        true
    }

    fn add_finding(&mut self, judged: Judged) -> bool {
        if !judged.rule.verdict().is_finding() {
            return true;
        }
        let is_full = self.findings.len() >= MOST_FINDINGS;
        let report = judged.report_hash();
        let key = (judged.place, judged.rule.number());
        if is_full && !self.findings.contains_key(&key) {
            return false;
        }
        let finding = self.findings.entry(key).or_insert_with(|| Finding {
            count: 0,
            first: None,
            last: None,
            examples: Vec::new(),
            reports: BTreeSet::new(),
        });
        finding.count += 1;
        finding.first = [finding.first, judged.time].into_iter().flatten().min();
        finding.last = finding.last.max(judged.time);
        if finding.reports.len() < REPORTS {
            finding.reports.insert(report);
        }
        let example = Example {
            time: judged.time,
            url: judged.url,
            report: judged.report,
            evidence: judged.evidence,
        };
        let at = finding.examples.partition_point(|known| *known < example);
        if at < EXAMPLES {
            finding.examples.insert(at, example);
            finding.examples.truncate(EXAMPLES);
        }
        true
    }

    /// The findings, surest first, then the most frequent.
    pub fn findings(&self) -> Vec<(&Place, &'static Rule, &Finding)> {
        let known = self
            .findings
            .iter()
            .filter_map(|((place, number), finding)| {
                let rule = super::rules::RULES.get(*number)?;
                Some((place, rule, finding))
            });
        let mut known: Vec<_> = known.collect();
        known.sort_by(|(place, rule, finding), (other, next, another)| {
            let order = rule.verdict().cmp(&next.verdict());
            let order = order.then(another.count.cmp(&finding.count));
            order
                .then(place.cmp(other))
                .then(rule.number().cmp(&next.number()))
        });
        known
    }

    /// The series that changed, by their place; of those that did not, none.
    pub fn changed(&self) -> Vec<Series<'_>> {
        let mut changed: Vec<Series<'_>> = self
            .hours
            .iter()
            .map(|(place, hours)| Series {
                place,
                hours,
                changes: changes(hours),
            })
            .filter(|series| !series.changes.is_empty())
            .collect();
        changed.sort_by(|one, other| one.place.cmp(other.place));
        changed
    }

    /// The hours of a place.
    pub fn hours(&self, place: &Place) -> Option<&Hours> {
        self.hours.get(place)
    }

    /// Countries, by their code.
    pub fn countries(&self) -> impl Iterator<Item = (&str, &Country)> {
        self.countries
            .iter()
            .map(|(code, country)| (country_text(code), country))
    }

    /// How often each rule fit, in the order of the table.
    pub fn rules(&self) -> impl Iterator<Item = (&'static Rule, u64)> {
        let counted = self.rules.iter();
        counted.filter_map(|(number, count)| Some((super::rules::RULES.get(*number)?, *count)))
    }

    /// How the measurements ended.
    pub fn verdicts(&self) -> Verdicts {
        self.verdicts
    }

    /// Seconds since 1970 of the first and the last measurement with a time.
    pub fn span(&self) -> Option<(i64, i64)> {
        self.span
    }
}

impl Finding {
    /// In how many reports: measurements of one report are of one probe, in one go. At most 256.
    pub fn reports(&self) -> usize {
        self.reports.len()
    }
}
