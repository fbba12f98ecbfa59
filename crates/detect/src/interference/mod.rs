//! Interference with the network: which sites are blocked where, how, and since when, out of
//! measurements that OONI's probes made.
//!
//! [`Measurement::read`] reads one, [`Judge::judge`] says by the first of the [`RULES`] that fits
//! what it is, a [`Tally`] adds them up, and [`share::drafts`] writes the findings as STIX.
//!
//! What is kept of a measurement names neither the probe nor its address.

mod address;
pub mod change;
mod failure;
pub mod fingerprint;
mod lenient;
mod measurement;
mod records;
mod rules;
pub mod sample;
pub mod share;
mod tally;
mod verdict;
mod web;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use stix::Timestamp;

pub use change::{Change, Turn};
pub use fingerprint::{Fingerprint, Fingerprints, Loaded};
pub use measurement::{Measurement, Unreadable, mended};
pub use records::{Record, Records};
pub use rules::{RULES, Rule, Test};
pub use tally::{Country, Example, Finding, Found, Place, Series, Tally, Verdicts};
pub use verdict::{Evidence, Mechanism, Triple, Verdict};

/// Characters of a URL that are kept.
const LONGEST_URL: usize = 300;
/// Characters of a report's name that are kept.
const LONGEST_REPORT: usize = 100;

/// Judges measurements. One for each thread.
#[derive(Debug)]
pub struct Judge<'f> {
    prints: &'f Fingerprints,
    scratch: fingerprint::Scratch,
}

/// What a measurement is.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Where and what was measured.
    pub place: Place,
    /// The rule that fits.
    pub rule: &'static Rule,
    /// What it saw.
    pub evidence: Evidence,
    /// Seconds since 1970 of the measurement's start.
    pub time: Option<i64>,
    /// The URL that was measured; empty where the test has none.
    pub url: String,
    /// The report it is part of.
    pub report: String,
}

/// A measurement of a test that has no rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown {
    /// The test's name.
    pub test: String,
    /// Its version.
    pub version: String,
}

impl<'f> Judge<'f> {
    /// A judge that knows these fingerprints.
    pub fn new(prints: &'f Fingerprints) -> Self {
        let scratch = fingerprint::Scratch::default();
        Judge { prints, scratch }
    }

    /// The fingerprints that responses and resolvers' answers of a measurement of a website show,
    /// whatever their scope; a false positive hides the others of its response.
    pub fn fingerprints(&mut self, measurement: &Measurement<'_>) -> Vec<Fingerprint> {
        let Some(keys) = measurement.test_keys.0.as_deref() else {
            return Vec::new();
        };
        let hits = web::Web::of(measurement, keys, self.prints, &mut self.scratch).hits;
        let shown = hits
            .confirmed
            .iter()
            .chain(&hits.downgraded)
            .map(|(print, _)| *print);
        shown
            .chain(hits.false_positive)
            .chain(hits.as_control)
            .cloned()
            .collect()
    }

    /// Judges a measurement.
    ///
    /// # Errors
    /// [`Unknown`] when there are no rules for its test.
    pub fn judge(&mut self, measurement: &Measurement<'_>) -> Result<Judged, Unknown> {
        let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let unknown = || Unknown {
            test: cut(measurement.test_name(), 60),
            version: cut(measurement.test_version(), 20),
        };
        let test = Test::named(measurement.test_name()).ok_or_else(unknown)?;
        let url = measurement.input.get();
        let site: Arc<str> = match test.service() {
            Some(service) => service.into(),
            None => address::host(url).unwrap_or_default().into(),
        };
        let judged = rules::judge(test, measurement, self.prints, &mut self.scratch);
        let (rule, evidence) = judged.ok_or_else(unknown)?;
        Ok(Judged {
            place: Place {
                country: country(measurement.probe_cc.get()),
                network: network(measurement.probe_asn.get()),
                site,
            },
            rule,
            evidence,
            time: time(measurement.measurement_start_time.get()),
            url: cut(url, LONGEST_URL),
            report: cut(measurement.report_id.get(), LONGEST_REPORT),
        })
    }
}

impl Judged {
    fn report_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.report.hash(&mut hasher);
        hasher.finish()
    }
}

fn country(code: &str) -> [u8; 2] {
    match code.as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            [a.to_ascii_uppercase(), b.to_ascii_uppercase()]
        }
        _ => *b"ZZ",
    }
}

fn network(text: &str) -> u32 {
    let digits = text.strip_prefix("AS").unwrap_or(text);
    digits.parse().unwrap_or(0)
}

/// Seconds since 1970 of `2022-08-15 19:01:30`, which is UTC, or of the same as RFC 3339 has it.
fn time(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once([' ', 'T'])?;
    let clock = clock.get(..8)?;
    let at = Timestamp::parse(&format!("{day}T{clock}Z")).ok()?;
    Some(at.micros() / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_networks_and_countries_are_read_in_their_forms() {
        assert_eq!(time("1970-01-02 00:00:01"), Some(86_401));
        assert_eq!(time("1970-01-02T00:00:01.5Z"), Some(86_401));
        for none in ["", "1970-01-02", "1970-13-02 00:00:01", "x y"] {
            assert_eq!(time(none), None, "{none}");
        }
        assert_eq!(
            (network("AS3352"), network("3352"), network("x")),
            (3352, 3352, 0)
        );
        assert_eq!(
            (country("ir"), country("IRN"), country("1x")),
            (*b"IR", *b"ZZ", *b"ZZ")
        );
    }
}
