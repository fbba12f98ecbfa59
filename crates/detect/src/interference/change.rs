//! When blocking began and ended: cumulative sums over hourly medians.
//!
//! E. S. Page, "Continuous inspection schemes" (1954), two one-sided sums. With y the hour's median
//! share of blocked, μ0 = 0 the level of a site that is reachable, μ1 = 0.7 that of one that is
//! blocked and v = 0.7 the step between them:
//!
//! - s⁺ = max(0, s⁺ + y − v/2), while the site counts as reachable;
//! - s⁻ = max(0, s⁻ − (y − μ1) − v/2), while it counts as blocked.
//!
//! A sum above `EDD`·v/2 is a change: a step of v is found within about `EDD` hours, the expected
//! detection delay. After a gap of a day or more both sums fade by half every two days of it.

use std::collections::BTreeMap;

/// The level of a site that is blocked.
const BLOCKED: f64 = 0.7;
/// Half of the step that is looked for.
const HALF_STEP: f64 = 0.35;
/// Hours within which a step is to be found.
pub const EDD: f64 = 10.0;
/// The sum above which there is a change.
const ALARM: f64 = EDD * HALF_STEP;
/// Hours without a measurement after which sums fade.
const GAP: i64 = 24;
/// Hours of a gap that halve them.
const HALF_LIFE: f64 = 48.0;
/// Rounding that a sum of decimal fractions may have.
const ROUNDING: f64 = 1e-9;

/// The values of one hour: how often each occurred. In hundredths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    values: Vec<(u8, u32)>,
}

impl Hour {
    /// Adds a value; the order does not matter.
    pub fn add(&mut self, hundredths: u8) {
        match self
            .values
            .binary_search_by_key(&hundredths, |(value, _)| *value)
        {
            Ok(at) => {
                if let Some((_, count)) = self.values.get_mut(at) {
                    *count = count.saturating_add(1);
                }
            }
            Err(at) => self.values.insert(at, (hundredths, 1)),
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.values.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The median; of an even number of values, the mean of the two in the middle.
    pub fn median(&self) -> f64 {
        let count = self.count();
        let middle = f64::from(self.at(count.saturating_sub(1) / 2));
        let next = f64::from(self.at(count / 2));
        (middle + next) / 200.0
    }

    /// The value at a rank, from 0.
    fn at(&self, rank: u64) -> u8 {
        let mut before = 0;
        for (value, count) in &self.values {
            before += u64::from(*count);
            if rank < before {
                return *value;
            }
        }
        0
    }
}

/// The hours of a series: hours since 1970-01-01T00:00Z.
pub type Hours = BTreeMap<i64, Hour>;

/// A change.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Change {
    /// What changed.
    pub turn: Turn,
    /// The hour from which on the sum rose: about when it changed.
    pub since: i64,
    /// The hour in which there was enough to say so.
    pub found: i64,
    /// The sum reached.
    pub sum: f64,
    /// Hours with measurements in between, both included.
    pub hours: u32,
    /// Whether the sum rose from the first hour on: it may have been so before.
    pub from_the_start: bool,
}

/// What changed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Turn {
    /// What was reachable is blocked.
    Blocked,
    /// What was blocked is reachable.
    Reachable,
}

impl Turn {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Turn::Blocked => "blocked",
            Turn::Reachable => "reachable",
        }
    }
}

/// The changes of a series, in order.
pub fn changes(hours: &Hours) -> Vec<Change> {
    let mut found = Vec::new();
    let mut state = Turn::Reachable;
    let mut rising = Rising::default();
    let first = hours.keys().next().copied();
    let mut last = None;
    for (hour, values) in hours {
        rising.fade(last.map_or(0, |last: i64| hour - last));
        last = Some(*hour);
        let median = values.median();
        let step = match state {
            Turn::Reachable => median - HALF_STEP,
            Turn::Blocked => BLOCKED - median - HALF_STEP,
        };
        rising.step(*hour, step);
        if rising.sum <= ALARM + ROUNDING {
            continue;
        }
        state = match state {
            Turn::Reachable => Turn::Blocked,
            Turn::Blocked => Turn::Reachable,
        };
        found.push(Change {
            turn: state,
            since: rising.since,
            found: *hour,
            sum: rising.sum,
            hours: rising.hours,
            from_the_start: Some(rising.since) == first,
        });
        rising = Rising::default();
    }
    found
}

/// A sum, and since when it is above 0.
#[derive(Default)]
struct Rising {
    sum: f64,
    since: i64,
    hours: u32,
}

impl Rising {
    #[expect(clippy::cast_precision_loss, reason = "hours of a calendar")]
    fn fade(&mut self, gap: i64) {
        if gap >= GAP {
            self.sum *= 0.5_f64.powf(gap as f64 / HALF_LIFE);
        }
    }

    fn step(&mut self, hour: i64, step: f64) {
        let was_zero = self.sum <= ROUNDING;
        self.sum = (self.sum + step).max(0.0);
        if self.sum <= ROUNDING {
            *self = Rising::default();
            return;
        }
        if was_zero {
            self.since = hour;
            self.hours = 0;
        }
        self.hours += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: impl IntoIterator<Item = u8>) -> Hours {
        let mut hours = Hours::new();
        for (hour, value) in (1000..).zip(values) {
            hours.entry(hour).or_default().add(value);
        }
        hours
    }

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let mut hour = Hour::default();
        for value in [95, 2, 75, 2, 95] {
            hour.add(value);
        }
        assert!((hour.median() - 0.75).abs() < 1e-12);
        hour.add(75);
        assert!((hour.median() - 0.75).abs() < 1e-12);
        assert!(Hour::default().median().abs() < 1e-12);
    }

    #[test]
    fn a_block_and_its_end_are_found_with_their_hours() {
        let values = [[2; 50], [95; 50], [2; 50]].concat();
        let found = changes(&series(values));
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (found[0].turn, found[0].since, found[0].found),
            (Turn::Blocked, 1050, 1055)
        );
        assert_eq!((found[1].turn, found[1].since), (Turn::Reachable, 1100));
        assert!(!found[0].from_the_start);
    }

    #[test]
    fn what_was_blocked_when_the_data_begin_is_said_to_be_so() {
        let found = changes(&series([95; 20]));
        assert_eq!(found.len(), 1);
        assert!(found[0].from_the_start);
    }

    #[test]
    fn an_exact_alarm_level_is_no_alarm() {
        assert!(changes(&series([70; 10])).is_empty());
        assert_eq!(changes(&series([70; 11])).len(), 1);
    }
}
