//! When reports are due, and what happens when they do not come.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::State;

/// The pledge's calendar. Numbers are days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The days of each year on which reports are due, for commitments that name no interval.
    pub due: Vec<DayOfYear>,
    /// A report counts for a due day from so long before it. A commitment made so shortly before a
    /// due day reports on the next.
    pub early: u16,
    /// How long after a due day a commitment is late.
    pub late: u16,
    /// How long after it is silent.
    pub silent: u16,
    /// How long after it is delisted.
    pub delisted: u16,
    /// How long before each of these steps its letter is published, at least.
    pub notice: u16,
    /// Whether a delisting suspends the party's stance, until it is active again.
    pub suspends: bool,
}

/// A month and a day, written `11-12`. 29 February is the 28th where there is none.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DayOfYear {
    month: i8,
    day: i8,
}

/// Days that a grace or a notice may have at most.
const MOST_DAYS: u16 = 3650;
/// Due days of a year at most.
const MOST_DUE: usize = 12;

impl Default for Calendar {
    /// On 31 December, from 60 days before; late after 30 days, silent after 120, delisted after 365, each
    /// with a letter 14 days before. A delisting leaves the stance as it is.
    fn default() -> Self {
        Calendar {
            due: vec![DayOfYear { month: 12, day: 31 }],
            early: 60,
            late: 30,
            silent: 120,
            delisted: 365,
            notice: 14,
            suspends: false,
        }
    }
}

impl Calendar {
    /// Whether its numbers fit each other.
    ///
    /// # Errors
    /// What does not, in words.
    pub fn check(&self) -> Result<(), String> {
        if self.due.is_empty() || self.due.len() > MOST_DUE {
            return Err(format!("a calendar has 1 to {MOST_DUE} due days a year"));
        }
        let mut days = self.due.clone();
        days.sort_unstable();
        days.dedup();
        if days != self.due {
            return Err("due days are in order, each once".into());
        }
        let all = [
            self.early,
            self.late,
            self.silent,
            self.delisted,
            self.notice,
        ];
        if all.iter().any(|days| *days > MOST_DAYS) {
            return Err(format!("at most {MOST_DAYS} days"));
        }
        if self.notice == 0 {
            return Err("notice: a letter comes at least one day before its step".into());
        }
        let gap = |from: u16, to: u16| to.checked_sub(from).is_some_and(|gap| gap >= self.notice);
        if !gap(self.late, self.silent) || !gap(self.silent, self.delisted) {
            let words =
                "late, silent and delisted: each comes at least 'notice' days after the one before";
            return Err(words.into());
        }
        Ok(())
    }

    /// Days between a due day and a state.
    pub fn grace(&self, state: State) -> u16 {
        match state {
            State::Active => 0,
            State::Late => self.late,
            State::Silent => self.silent,
            State::Delisted => self.delisted,
        }
    }

    /// The first day on which a report counts for a due day.
    pub(super) fn opens(&self, due: Date) -> Date {
        plus(due, -i32::from(self.early))
    }

    /// The first due day after `after` of what was made on a day.
    pub(super) fn next(&self, made: Date, after: Date) -> Option<Date> {
        let not_before = plus(made, i32::from(self.early));
        let years = after.year()..=after.year().saturating_add(12);
        let days = years.flat_map(|year| self.due.iter().filter_map(move |day| day.in_year(year)));
        let mut days = days.filter(|day| *day > after && *day >= not_before);
        days.next()
    }
}

/// A day so many days later; the last day there is beyond the calendar's end.
pub(super) fn plus(day: Date, days: i32) -> Date {
    day.saturating_add(jiff::Span::new().days(days))
}

impl DayOfYear {
    fn in_year(self, year: i16) -> Option<Date> {
        let first = Date::new(year, self.month, 1).ok()?;
        Date::new(year, self.month, self.day.min(first.days_in_month())).ok()
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for DayOfYear {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<i8>().ok()).flatten()
        };
        let read = text.split_once('-').and_then(|(month, day)| {
            let (month, day) = (two(month)?, two(day)?);
            // A leap year has every day.
            Date::new(2024, month, day).ok()?;
            Some(DayOfYear { month, day })
        });
        read.ok_or_else(|| {
            let shown = text.escape_debug();
            format!("'{shown}' is no day of a year: write month and day, such as 11-12")
        })
    }
}
