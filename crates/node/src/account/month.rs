//! Calendar months in UTC.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Instant;

/// A month of the calendar in UTC: months since January 1970.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub u16);

impl Month {
    /// The month of an instant.
    pub fn of(at: Instant) -> Self {
        Self::of_day(at.day())
    }

    /// The month of a day.
    pub fn of_day(day: Date) -> Self {
        let months = (i32::from(day.year()) - 1970) * 12 + i32::from(day.month()) - 1;
        Month(u16::try_from(months).unwrap_or(0))
    }

    /// Its year, and its number from 1 to 12.
    pub fn parts(self) -> (i16, i8) {
        let year = i16::try_from(self.0 / 12).unwrap_or(i16::MAX - 1970);
        let month = i8::try_from(self.0 % 12).unwrap_or(0);
        (1970 + year, month + 1)
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        let (year, month) = self.parts();
        Date::new(year, month, 1).unwrap_or_default()
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Month(self.0.saturating_add(1))
    }

    /// The month before it.
    #[must_use]
    pub fn before(self) -> Self {
        Month(self.0.saturating_sub(1))
    }

    /// Whether it is over on a day: what is said of it does not change any more.
    pub fn is_over(self, today: Date) -> bool {
        self < Month::of_day(today)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = self.parts();
        write!(f, "{year:04}-{month:02}")
    }
}

impl FromStr for Month {
    type Err = String;

    /// Takes `2026-10`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no month: use one such as 2026-10, from 1970-01 on");
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let plain = |part: &str, digits: usize| {
            part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !plain(year, 4) || !plain(month, 2) {
            return Err(wrong());
        }
        let (Ok(year), Ok(month)) = (year.parse(), month.parse()) else {
            return Err(wrong());
        };
        match Date::new(year, month, 1) {
            Ok(day) if (1970..7000).contains(&year) => Ok(Month::of_day(day)),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_is_written_as_it_is_read() {
        for text in ["1970-01", "2018-11", "2026-12", "6999-12"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for text in [
            "2026",
            "2026-13",
            "2026-1",
            "1969-12",
            "+026-01",
            "2026-10-01",
            "",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_follow_one_another() {
        let month = Month::of_day(date(2025, 12, 31));
        assert_eq!(month.next().to_string(), "2026-01");
        assert_eq!(month.next().before(), month);
        assert_eq!(month.last_day(), date(2025, 12, 31));
        assert!(month.is_over(date(2026, 1, 1)) && !month.is_over(date(2025, 12, 31)));
    }
}
