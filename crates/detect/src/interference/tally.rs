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

/// A finding with its place among all measurements.
#[derive(Copy, Clone, Debug)]
pub struct Found<'t> {
    /// Where, and which site.
    pub place: &'t Place,
    /// The rule that fits.
    pub rule: &'static Rule,
    /// What it found.
    pub finding: &'t Finding,
    /// All measurements of the site there that say something.
    pub usable: u64,
    /// Whether it is more than a failure now and then: it is confirmed, or the site is blocked in
    /// half of the measurements there or more, or it changed between blocked and reachable.
    pub is_steady: bool,
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

/// A site in a network of a country.
#[derive(Clone, Debug, Default)]
struct Site {
    hours: Hours,
    /// Measurements that say something.
    usable: u64,
    /// Those of them that say that it is blocked.
    blocked: u64,
}

/// Measurements added up.
#[derive(Debug, Default)]
pub struct Tally {
    findings: HashMap<(Place, usize), Finding>,
    sites: HashMap<Place, Site>,
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
        let kept = self.add_site(&judged);
        let kept = self.add_finding(judged) && kept;
        self.not_kept += u64::from(!kept);
    }

    fn add_site(&mut self, judged: &Judged) -> bool {
        let verdict = judged.rule.verdict();
        if verdict == Verdict::Unusable {
            return true;
        }
        let is_full = self.hours_kept >= MOST_HOURS || self.sites.len() >= MOST_HOURS;
        if is_full && !self.sites.contains_key(&judged.place) {
            return false;
        }
        let site = self.sites.entry(judged.place.clone()).or_default();
        site.usable += 1;
        site.blocked += u64::from(verdict.is_finding());
        let Some(hour) = judged.time.map(|time| time.div_euclid(HOUR)) else {
            return true;
        };
        if !site.hours.contains_key(&hour) {
            if is_full {
                return false;
            }
            self.hours_kept += 1;
        }
        site.hours
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

    /// The findings: steady ones first, of those the surest, then the most frequent.
    pub fn findings(&self) -> Vec<Found<'_>> {
        let known = self.findings.iter();
        let mut known: Vec<Found<'_>> = known
            .filter_map(|((place, number), finding)| self.found(place, *number, finding))
            .collect();
        known.sort_by(|one, other| {
            let order = other.is_steady.cmp(&one.is_steady);
            let order = order.then(one.rule.verdict().cmp(&other.rule.verdict()));
            let order = order.then(other.finding.count.cmp(&one.finding.count));
            let order = order.then(one.place.cmp(other.place));
            order.then(one.rule.number().cmp(&other.rule.number()))
        });
        known
    }

    fn found<'t>(
        &'t self,
        place: &'t Place,
        number: usize,
        finding: &'t Finding,
    ) -> Option<Found<'t>> {
        let rule = super::rules::RULES.get(number)?;
        let site = self.sites.get(place);
        let (usable, blocked) = site.map_or((0, 0), |site| (site.usable, site.blocked));
        let is_steady = rule.verdict() == Verdict::Confirmed
            || blocked * 2 >= usable
            || site.is_some_and(|site| !changes(&site.hours).is_empty());
        Some(Found {
            place,
            rule,
            finding,
            usable,
            is_steady,
        })
    }

    /// The series that changed, by their place; of those that did not, none.
    pub fn changed(&self) -> Vec<Series<'_>> {
        let mut changed: Vec<Series<'_>> = self
            .sites
            .iter()
            .map(|(place, site)| Series {
                place,
                hours: &site.hours,
                changes: changes(&site.hours),
            })
            .filter(|series| !series.changes.is_empty())
            .collect();
        changed.sort_by(|one, other| one.place.cmp(other.place));
        changed
    }

    /// The hours of a place.
    pub fn hours(&self, place: &Place) -> Option<&Hours> {
        self.sites.get(place).map(|site| &site.hours)
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

impl Found<'_> {
    /// Why it may be otherwise: what its evidence says, and how little of it there is.
    pub fn doubts(&self) -> BTreeSet<&str> {
        let examples = self.finding.examples.iter();
        let said = examples.flat_map(|example| &example.evidence.doubts);
        let mut doubts: BTreeSet<&str> = said.map(String::as_str).collect();
        match (self.finding.count, self.finding.reports()) {
            (1, _) => drop(doubts.insert("there is one measurement of it")),
            (_, 1) => drop(doubts.insert("all measurements of it are of one report")),
            _ => {}
        }
        if !self.is_steady {
            doubts.insert("most measurements of the site there reach it");
        }
        doubts
    }
}

impl Finding {
    /// In how many reports: measurements of one report are of one probe, in one go. At most 256.
    pub fn reports(&self) -> usize {
        self.reports.len()
    }
}
