//! The one place that tells time. Everything else is handed an [`Instant`] or a date.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

/// A day of 24 hours, in microseconds.
pub const DAY: i64 = 86_400_000_000;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Instant(pub i64);

impl Instant {
    /// RFC 3339 in UTC with six digits of seconds, as TAXII writes times.
    pub fn to_micro_string(self) -> String {
        stix::Timestamp::from_micros(self.0).to_string()
    }

    /// RFC 3339 in UTC with three digits of seconds where these say all, else six: as most STIX
    /// objects write their versions.
    pub fn to_version_string(self) -> String {
        let text = self.to_micro_string();
        match text.strip_suffix("000Z") {
            Some(short) => format!("{short}Z"),
            None => text,
        }
    }

    /// RFC 3339 in UTC, cut to the second.
    pub fn to_second_string(self) -> String {
        let text = self.to_micro_string();
        format!("{}Z", text.get(..19).unwrap_or(&text))
    }

    /// The end of a day in UTC: the first instant of the next one, and of a last day there is the last.
    pub fn end_of(day: jiff::civil::Date) -> Self {
        let next = day.tomorrow().unwrap_or(day).at(0, 0, 0, 0);
        let at = jiff::tz::TimeZone::UTC.to_timestamp(next);
        Instant(at.map_or(i64::MAX, jiff::Timestamp::as_microsecond))
    }

    /// The calendar day in UTC.
    pub fn day(self) -> jiff::civil::Date {
        jiff::Timestamp::from_microsecond(self.0)
            .unwrap_or_default()
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .date()
    }
}

/// Where the time comes from.
#[derive(Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that stands still, for tests.
    Manual(Instant),
    /// A clock that somebody else sets, in microseconds, for tests and for what is made up.
    Set(Arc<AtomicI64>),
    /// A clock that goes on by so many microseconds whenever it is asked, for tests.
    Stepping(AtomicI64, i64),
}

impl Clock {
    /// A clock that stands at `at`.
    pub const fn manual(at: Instant) -> Self {
        Clock::Manual(at)
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => {
                #[expect(clippy::disallowed_methods, reason = "the one place that tells time")]
                let now = jiff::Timestamp::now();
                Instant(now.as_microsecond())
            }
            Clock::Manual(at) => *at,
            Clock::Set(at) => Instant(at.load(Ordering::Relaxed)),
            Clock::Stepping(at, by) => Instant(at.fetch_add(*by, Ordering::Relaxed)),
        }
    }
}
