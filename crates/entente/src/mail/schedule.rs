//! When a digest is due: every day, or on one day of the week, at an hour of a time zone. Pure.
//!
//! At a change of the clocks an hour that does not exist is taken as the one after it, and of an hour
//! that there is twice the first counts (RFC 5545 §3.3.5 reads local times so).

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use node::clock::{DAY, Instant};
use node::request::calendar;
use serde::{Deserialize, Serialize};

/// When a digest is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// The day of the week, from Monday as 1; every day when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) weekday: Option<i8>,
    /// The hour of the day, 0 to 23.
    pub(crate) hour: i8,
    /// The time zone by its IANA name.
    pub(crate) zone: String,
}

/// The hour when none is asked for.
pub(crate) const MORNING: i8 = 7;

impl Schedule {
    /// A schedule that can be kept.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn new(weekly: bool, weekday: i8, hour: i8, zone: &str) -> Result<Self, String> {
        if !(1..=7).contains(&weekday) {
            return Err("weekday: 1 (Monday) to 7 (Sunday)".into());
        }
        if !(0..=23).contains(&hour) {
            return Err("hour: 0 to 23".into());
        }
        let known = calendar::zone(zone.trim()).map_err(|words| format!("zone: {words}"))?;
        let name = known.iana_name().unwrap_or("UTC");
        Ok(Schedule {
            weekday: weekly.then_some(weekday),
            hour,
            zone: name.to_owned(),
        })
    }

    /// Whether it comes once a week.
    pub(crate) fn is_weekly(&self) -> bool {
        self.weekday.is_some()
    }

    /// The first time after an instant at which it is due.
    pub(crate) fn next(&self, after: Instant) -> Instant {
        let zone = self.time_zone();
        let mut day = local_day(after, &zone);
        // Eight days hold every weekday twice at its ends; the last resort is never needed.
        for _ in 0..9 {
            if let Some(at) = self.on(day, &zone).filter(|at| *at > after) {
                return at;
            }
            day = day.saturating_add(1.day());
        }
        Instant(after.0.saturating_add(DAY))
    }

    /// The last time up to an instant at which it was due.
    pub(crate) fn last(&self, until: Instant) -> Instant {
        let zone = self.time_zone();
        let mut day = local_day(until, &zone);
        for _ in 0..9 {
            if let Some(at) = self.on(day, &zone).filter(|at| *at <= until) {
                return at;
            }
            day = day.saturating_sub(1.day());
        }
        until
    }

    /// The day of an instant where the subscriber is.
    pub(crate) fn day(&self, at: Instant) -> Date {
        local_day(at, &self.time_zone())
    }

    fn on(&self, day: Date, zone: &TimeZone) -> Option<Instant> {
        let wanted = self
            .weekday
            .and_then(|day| Weekday::from_monday_one_offset(day).ok());
        if wanted.is_some_and(|wanted| wanted != day.weekday()) {
            return None;
        }
        let local = day.at(self.hour, 0, 0, 0);
        let at = zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Instant(at.as_microsecond()))
    }

    fn time_zone(&self) -> TimeZone {
        // Checked when it was made; UTC is what is left when a zone was taken out of the database.
        calendar::zone(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// `every day at 07:00 (Europe/Paris)`.
    pub(crate) fn words(&self) -> String {
        const DAYS: [&str; 7] = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        let named = |day: i8| {
            usize::try_from(day - 1)
                .ok()
                .and_then(|at| DAYS.get(at).copied())
        };
        let when = self
            .weekday
            .and_then(named)
            .map_or_else(|| "every day".to_owned(), |day| format!("every {day}"));
        format!("{when} at {:02}:00 ({})", self.hour, self.zone)
    }
}

fn local_day(at: Instant, zone: &TimeZone) -> Date {
    let at = Timestamp::from_microsecond(at.0).unwrap_or_default();
    zone.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant(text.parse::<Timestamp>().unwrap().as_microsecond())
    }

    fn every(weekday: Option<i8>, hour: i8, zone: &str) -> Schedule {
        Schedule::new(weekday.is_some(), weekday.unwrap_or(1), hour, zone).unwrap()
    }

    #[test]
    fn it_comes_at_the_same_local_hour_in_summer_and_winter() {
        let paris = every(None, 7, "Europe/Paris");
        assert_eq!(
            paris.next(at("2026-03-28T06:30:00Z")),
            at("2026-03-29T05:00:00Z")
        );
        assert_eq!(
            paris.next(at("2026-03-28T05:30:00Z")),
            at("2026-03-28T06:00:00Z")
        );
        assert_eq!(
            paris.next(at("2026-10-24T05:00:00Z")),
            at("2026-10-25T06:00:00Z")
        );
        assert_eq!(
            paris.last(at("2026-10-25T05:59:59Z")),
            at("2026-10-24T05:00:00Z")
        );
    }

    #[test]
    fn an_hour_that_is_skipped_or_there_twice_comes_once() {
        // On 29 March 2026 there is no 02:00 in Paris, on 25 October it is there twice.
        let paris = every(None, 2, "Europe/Paris");
        assert_eq!(
            paris.next(at("2026-03-28T12:00:00Z")),
            at("2026-03-29T01:00:00Z")
        );
        assert_eq!(
            paris.next(at("2026-03-29T01:00:00Z")),
            at("2026-03-30T00:00:00Z")
        );
        assert_eq!(
            paris.next(at("2026-10-24T12:00:00Z")),
            at("2026-10-25T00:00:00Z")
        );
        assert_eq!(
            paris.next(at("2026-10-25T00:00:00Z")),
            at("2026-10-26T01:00:00Z")
        );
    }

    #[test]
    fn a_weekly_one_comes_on_its_day_where_the_subscriber_is() {
        // Monday 08:00 in Auckland is Sunday evening in UTC.
        let auckland = every(Some(1), 8, "Pacific/Auckland");
        assert_eq!(
            auckland.next(at("2026-11-28T00:00:00Z")),
            at("2026-11-29T19:00:00Z")
        );
        assert_eq!(
            auckland.next(at("2026-11-29T19:00:00Z")),
            at("2026-12-06T19:00:00Z")
        );
        assert_eq!(
            auckland.last(at("2026-11-29T19:00:00Z")),
            at("2026-11-29T19:00:00Z")
        );
        assert_eq!(auckland.words(), "every Monday at 08:00 (Pacific/Auckland)");
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        assert!(Schedule::new(false, 1, 24, "UTC").is_err());
        assert!(Schedule::new(true, 8, 7, "UTC").is_err());
        assert!(Schedule::new(false, 1, 7, "Mars/Olympus").is_err());
    }
}
