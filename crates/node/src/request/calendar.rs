//! Working time: which days and hours count where, folded from the journal as part of the directory.
//!
//! Working days are Monday to Friday but for the holidays of a country (Regulation 1182/71, Article 2:
//! all days other than public holidays, Sundays and Saturdays). Working hours are 09:00 to 17:00 on these
//! days. Which days are holidays the steward says: there is no list of them that is right everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::entry::{Act, Entry};

/// The first working hour of a day.
const OPENS: i8 = 9;
/// The hour at which it ends.
const CLOSES: i8 = 17;
/// Days that are looked at for one date at most.
const FURTHEST: u32 = 4000;

/// The holidays of a country; a later entry takes the place of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holidays {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The days, in rising order.
    pub days: Vec<Date>,
    /// Where they are known from.
    pub source: Option<String>,
}

/// The time zone in which a party works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyZone {
    /// The party's id.
    pub party: String,
    /// The IANA time zone; none to take it back.
    pub zone: Option<String>,
}

/// Holidays and time zones.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    holidays: BTreeMap<String, Holidays>,
    zones: BTreeMap<String, String>,
}

impl Calendar {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, entry: &Entry<'_>) {
        match &entry.act {
            Act::Holidays(holidays) => {
                let known = holidays.clone();
                self.holidays.insert(holidays.country.clone(), known);
            }
            Act::PartyZone(PartyZone { party, zone }) => {
                match zone {
                    Some(zone) => self.zones.insert(party.clone(), zone.clone()),
                    None => self.zones.remove(party),
                };
            }
            _ => {}
        }
    }

    /// The holidays of every country that has any.
    pub fn holidays(&self) -> impl Iterator<Item = &Holidays> {
        self.holidays.values()
    }

    /// The time zone that a party set.
    pub fn zone(&self, party: &str) -> Option<&str> {
        self.zones.get(party).map(String::as_str)
    }

    /// The working time of a party in this country.
    pub fn place(&self, party: &str, country: Option<&str>) -> Place {
        let holidays = country.and_then(|country| self.holidays.get(country));
        Place {
            zone: self.zone(party).map(str::to_owned),
            holidays: holidays
                .map(|known| known.days.iter().copied().collect())
                .unwrap_or_default(),
        }
    }
}

/// Where somebody works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The IANA time zone, if one is known.
    pub zone: Option<String>,
    /// Days on which nobody works besides Saturdays and Sundays.
    pub holidays: BTreeSet<Date>,
}

/// A time zone by its IANA name, from the database that is built in.
///
/// # Errors
/// What is wrong, in words.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    ZONES.get(name).map_err(|_| {
        let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        format!("'{name}' is no IANA time zone: write it like Europe/Paris")
    })
}

/// Days and hours of one place.
pub(super) struct Working<'p> {
    pub(super) zone: TimeZone,
    pub(super) holidays: &'p BTreeSet<Date>,
}

impl Working<'_> {
    /// Whether it is a working day.
    pub(super) fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !weekend && !self.holidays.contains(&day)
    }

    /// The day on which an instant lies here.
    pub(super) fn day_of(&self, at: Instant) -> Option<Date> {
        let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
        Some(self.zone.to_datetime(at).date())
    }

    /// The last microsecond of a day.
    pub(super) fn end_of(&self, day: Date) -> Option<Instant> {
        let next = self.hour(day.tomorrow().ok()?, 0)?;
        Some(Instant(next.0 - 1))
    }

    /// The first working day from this one on.
    pub(super) fn working_from(&self, day: Date) -> Option<Date> {
        let mut days = std::iter::successors(Some(day), |day| day.tomorrow().ok());
        days.by_ref()
            .take(FURTHEST as usize)
            .find(|day| self.is_working(*day))
    }

    /// So many working days after a day, which does not count itself.
    pub(super) fn days_after(&self, day: Date, days: u32) -> Option<Date> {
        let mut day = day;
        for _ in 0..days {
            day = self.working_from(day.tomorrow().ok()?)?;
        }
        Some(day)
    }

    /// So many working hours after an instant.
    pub(super) fn hours_after(&self, at: Instant, hours: u32) -> Option<Instant> {
        let mut left = i64::from(hours) * 3_600_000_000;
        let mut day = self.day_of(at)?;
        for _ in 0..FURTHEST {
            day = self.working_from(day)?;
            let opens = self.hour(day, OPENS)?.max(at);
            let closes = self.hour(day, CLOSES)?;
            let room = (closes.0 - opens.0).max(0);
            if left <= room && closes > at {
                return Some(Instant(opens.0 + left));
            }
            left -= room;
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// An hour of a day; where the clocks leave it out, the first instant after it.
    fn hour(&self, day: Date, hour: i8) -> Option<Instant> {
        let at = self.zone.to_timestamp(day.at(hour, 0, 0, 0)).ok()?;
        Some(Instant(at.as_microsecond()))
    }
}
