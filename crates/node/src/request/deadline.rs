//! By when a request is to be answered.
//!
//! | preset | length | counted |
//! |---|---|---|
//! | `contact-24-7` | 24 hours | by the clock, through nights and weekends |
//! | `nis2-early-warning` | 24 hours | as above |
//! | `nis2-notification` | 72 hours | as above |
//! | `nis2-final-report` | one month | to the end of the same date of the next month, or its last day; from a Saturday, Sunday or holiday on to the next working day |
//! | `standard` | 10 working days | the day it was sent does not count; to the end of the tenth |
//! | `custom` | hours | by the clock; of a time zone: working hours there, Monday to Friday 09:00 to 17:00 |
//! | `custom` | days | as `standard` |
//!
//! Periods in days and months follow Regulation (EEC, Euratom) No 1182/71: the day of the event does not
//! count (Article 3(1)), a period ends with the last hour of its last day (3(2)(b), (c)), and moves on
//! to the next working day where that is none (3(4)). Hours run through weekends and holidays (3(3),
//! 3(4)), here to the second: the regulation would begin with the next full hour, at most one hour
//! later. Days begin and end in the recipient's time zone: the one that is asked for, else the one that
//! the recipient set, else UTC; holidays are those that the steward set for its country.

use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};

use super::calendar::{self, Place, Working};
use crate::clock::Instant;
use crate::words::words;

words! {
    /// A usual length of time.
    Preset, "deadline";
    /// A point of contact at any hour (Budapest Convention, Article 35): 24 hours.
    Contact = "contact-24-7", "Contact 24/7: 24 hours";
    /// Early warning (NIS2, Article 23(4)(a)): 24 hours.
    EarlyWarning = "nis2-early-warning", "NIS2 early warning: 24 hours";
    /// Incident notification (NIS2, Article 23(4)(b)): 72 hours.
    Notification = "nis2-notification", "NIS2 notification: 72 hours";
    /// Final report (NIS2, Article 23(4)(d)): one month.
    FinalReport = "nis2-final-report", "NIS2 final report: one month";
    /// Ten working days.
    Standard = "standard", "Standard: ten working days";
    /// As the sender says.
    Custom = "custom", "Custom";
}

/// By when a request is to be answered, as it was decided when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The preset that it follows from.
    pub preset: Preset,
    /// From when it counts.
    pub from: Instant,
    /// When the recipient is to have answered: accepted, declined or asked back.
    pub answer_by: Instant,
    /// When it is to be done, if the sender says so.
    pub done_by: Option<Instant>,
    /// The time zone (IANA) whose days or working hours were counted; none for clock time.
    pub zone: Option<String>,
    /// When the recipient is to have said that it received it (DSA, Article 16(4), "without undue
    /// delay"): the end of the first working day, for periods in days and months.
    pub acknowledge_by: Option<Instant>,
    /// Hours that were asked for.
    pub hours: Option<u32>,
    /// Working days that were asked for.
    pub days: Option<u32>,
}

/// What the sender wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A usual length of time.
    pub preset: Preset,
    /// For [`Preset::Custom`]: hours until it is to be answered.
    pub hours: Option<u32>,
    /// For [`Preset::Custom`]: working days until it is to be answered.
    pub days: Option<u32>,
    /// The time zone (IANA): its working hours count for hours that are asked for, its days for days and
    /// months. None for clock time, and for the days of the recipient's own zone.
    pub zone: Option<String>,
    /// By when it is to be done, if the sender says so.
    pub done_by: Option<Instant>,
}

/// Hours of the longest custom deadline: a year.
pub const MOST_HOURS: u32 = 8784;
/// Working days of the longest custom deadline: a year.
pub const MOST_DAYS: u32 = 260;
/// Working days of [`Preset::Standard`].
const STANDARD: u32 = 10;
const HOUR: i64 = 3_600_000_000;

/// What is counted.
enum Length {
    Hours(u32),
    WorkingHours(u32),
    WorkingDays(u32),
    Months(i64),
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted {
            preset: Preset::Standard,
            hours: None,
            days: None,
            zone: None,
            done_by: None,
        }
    }
}

impl Wanted {
    /// The deadline of what is sent at an instant to somebody who works at this place.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn decide(&self, at: Instant, place: &Place) -> Result<Deadline, String> {
        let length = self.length()?;
        let by_clock = matches!(length, Length::Hours(_));
        let name = self.zone.as_deref().or(place.zone.as_deref());
        let zone = match name {
            Some(name) if !by_clock => calendar::zone(name)?,
            _ => jiff::tz::TimeZone::UTC,
        };
        let called = zone.iana_name().unwrap_or("UTC").to_owned();
        let working = Working {
            zone,
            holidays: &place.holidays,
        };
        let too_far = || "lies beyond the calendar".to_owned();
        let day = working.day_of(at).ok_or_else(too_far)?;
        let end = |day: Option<_>| day.and_then(|day| working.end_of(day));
        let answer_by = match length {
            Length::Hours(hours) => Some(Instant(at.0.saturating_add(i64::from(hours) * HOUR))),
            Length::WorkingHours(hours) => working.hours_after(at, hours),
            Length::WorkingDays(days) => end(working.days_after(day, days)),
            Length::Months(months) => {
                // A date that the month does not have is its last day.
                let last = day.checked_add(months.months()).ok();
                end(last.and_then(|last| working.working_from(last)))
            }
        };
        let answer_by = answer_by.ok_or_else(too_far)?;
        if self.done_by.is_some_and(|done| done < answer_by) {
            return Err("done_by: lies before the deadline to answer".into());
        }
        let in_days = matches!(length, Length::WorkingDays(_) | Length::Months(_));
        let received = in_days.then(|| end(working.days_after(day, 1))).flatten();
        Ok(Deadline {
            preset: self.preset,
            from: at,
            answer_by,
            done_by: self.done_by,
            zone: (!by_clock).then_some(called),
            acknowledge_by: received.map(|received| received.min(answer_by)),
            hours: self.hours,
            days: self.days,
        })
    }

    /// Whether it is what led to a deadline, as far as lengths and days go: a time zone is the same
    /// however it is spelt, and none is that of the recipient.
    pub(crate) fn led_to(&self, deadline: &Deadline) -> bool {
        let length = (self.preset, self.hours, self.days);
        let called = |zone: &String| {
            let zone = calendar::zone(zone).ok();
            zone.and_then(|zone| zone.iana_name().map(str::to_owned))
        };
        let zone = self.zone.as_ref();
        length == (deadline.preset, deadline.hours, deadline.days)
            && zone.is_none_or(|zone| deadline.zone.is_some() && called(zone) == deadline.zone)
    }

    fn length(&self) -> Result<Length, String> {
        let preset = self.preset;
        let length = match (preset, self.hours, self.days) {
            (Preset::Custom, Some(hours), None) if (1..=MOST_HOURS).contains(&hours) => {
                if self.zone.is_some() {
                    Length::WorkingHours(hours)
                } else {
                    Length::Hours(hours)
                }
            }
            (Preset::Custom, None, Some(days)) if (1..=MOST_DAYS).contains(&days) => {
                Length::WorkingDays(days)
            }
            (Preset::Custom, Some(_), Some(_)) => {
                return Err("a custom deadline has hours or days, not both".into());
            }
            (Preset::Custom, ..) => {
                return Err(format!(
                    "a custom deadline has hours (1 to {MOST_HOURS}) or working days (1 to {MOST_DAYS})"
                ));
            }
            (_, Some(_), _) | (_, _, Some(_)) => {
                return Err(format!(
                    "hours and days are for 'custom': '{preset}' has its own"
                ));
            }
            (Preset::Contact | Preset::EarlyWarning, ..) => Length::Hours(24),
            (Preset::Notification, ..) => Length::Hours(72),
            (Preset::FinalReport, ..) => Length::Months(1),
            (Preset::Standard, ..) => Length::WorkingDays(STANDARD),
        };
        if matches!(length, Length::Hours(_)) && self.zone.is_some() {
            return Err(format!(
                "'{preset}' counts hours of the clock: leave the time zone out"
            ));
        }
        Ok(length)
    }
}

impl Deadline {
    /// Whether another follows from the same that was asked for.
    pub(crate) fn is_as_long_as(&self, other: &Deadline) -> bool {
        let asked = |of: &Deadline| (of.preset, of.hours, of.days);
        asked(self) == asked(other) && self.zone == other.zone
    }

    /// The same, later by what the sender let the recipient wait, in microseconds: the clock stood still
    /// meanwhile. Later still when the sender gives more, never earlier.
    #[must_use]
    pub fn resumed(&self, waited: i64, given: Option<Deadline>, place: &Place) -> Deadline {
        let later = Instant(self.answer_by.0.saturating_add(waited.max(0)));
        let later = self.working(later, place).unwrap_or(later);
        let mut deadline = given.unwrap_or_else(|| self.clone());
        deadline.answer_by = deadline.answer_by.max(later);
        deadline.acknowledge_by = None;
        let done_by = deadline.done_by.or(self.done_by);
        deadline.done_by = done_by.map(|by| by.max(deadline.answer_by));
        deadline
    }

    /// An instant of this deadline's working time: itself, or the next one.
    fn working(&self, at: Instant, place: &Place) -> Option<Instant> {
        let working = Working {
            zone: calendar::zone(self.zone.as_deref()?).ok()?,
            holidays: &place.holidays,
        };
        if self.hours.is_some() {
            return working.hours_after(at, 0);
        }
        working.end_of(working.working_from(working.day_of(at)?)?)
    }
}

#[cfg(test)]
mod tests;
