use std::fmt;
use std::str::FromStr;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// An instant at microsecond precision (section 2.16), in UTC.
///
/// Digits finer than a microsecond live on only in the bytes of the object they came from;
/// comparison and ordering see microseconds. A leap second (`23:59:60`) is taken as the first
/// second of the next day, as POSIX time does.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    micros: i64,
}

/// What is not an RFC 3339 timestamp in UTC with a `Z`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// The text does not have the form `YYYY-MM-DDTHH:MM:SS[.s+]Z`.
    #[error("is not a timestamp of the form 2018-11-12T09:30:00.000Z")]
    Form,
    /// The month has no such day.
    #[error("names a day that the calendar does not have")]
    Date,
    /// The hour, minute or second is out of range.
    #[error("names a time that the day does not have")]
    Time,
}

impl Timestamp {
    /// Parses `YYYY-MM-DDTHH:MM:SS[.s+]Z`; any number of fraction digits, no other zone than `Z`.
    ///
    /// # Errors
    /// [`TimestampError`] says whether the form, the date or the time of day is wrong.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let body = text
            .as_bytes()
            .strip_suffix(b"Z")
            .ok_or(TimestampError::Form)?;
        let (clock, fraction) = match body.get(19..) {
            Some([]) => (body, 0),
            Some([b'.', digits @ ..]) => (body, micros_of(digits)?),
            _ => return Err(TimestampError::Form),
        };
        let [
            y0,
            y1,
            y2,
            y3,
            b'-',
            mo0,
            mo1,
            b'-',
            d0,
            d1,
            b'T',
            h0,
            h1,
            b':',
            mi0,
            mi1,
            b':',
            s0,
            s1,
            ..,
        ] = *clock
        else {
            return Err(TimestampError::Form);
        };
        let year = number(&[y0, y1, y2, y3])?;
        let (month, day) = (number(&[mo0, mo1])?, number(&[d0, d1])?);
        let (hour, minute, second) = (number(&[h0, h1])?, number(&[mi0, mi1])?, number(&[s0, s1])?);
        if day == 0 || day > days_in_month(year, month) {
            return Err(TimestampError::Date);
        }
        let leap_second = second == 60 && hour == 23 && minute == 59;
        if hour > 23 || minute > 59 || (second > 59 && !leap_second) {
            return Err(TimestampError::Time);
        }
        let seconds = hour * 3600 + minute * 60 + second;
        Ok(Timestamp {
            micros: days_from_epoch(year, month, day) * MICROS_PER_DAY
                + seconds * MICROS_PER_SECOND
                + fraction,
        })
    }

    /// The instant this many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Timestamp { micros }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.micros
    }
}

/// Six fraction digits and `Z`, as TAXII 2.1 section 1.4.5 asks: `2018-11-12T09:30:00.000000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_from_epoch(self.micros.div_euclid(MICROS_PER_DAY));
        let rest = self.micros.rem_euclid(MICROS_PER_DAY);
        let (seconds, micros) = (rest / MICROS_PER_SECOND, rest % MICROS_PER_SECOND);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        Timestamp::parse(text)
    }
}

fn number(digits: &[u8]) -> Result<i64, TimestampError> {
    digits.iter().try_fold(0, |sum, digit| match digit {
        b'0'..=b'9' => Ok(sum * 10 + i64::from(digit - b'0')),
        _ => Err(TimestampError::Form),
    })
}

/// Microseconds of the digits after the point; digits past the sixth are checked and dropped.
fn micros_of(digits: &[u8]) -> Result<i64, TimestampError> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(TimestampError::Form);
    }
    let padded = digits
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(6);
    Ok(padded.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days between 1970-01-01 and a date of the proleptic Gregorian calendar, counted in years that
/// begin in March so that the leap day comes last.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_epoch`].
fn date_from_epoch(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Result<i64, TimestampError> {
        Timestamp::parse(text).map(Timestamp::micros)
    }

    #[test]
    fn instants_are_counted_from_the_epoch() {
        assert_eq!(micros("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(micros("1969-12-31T23:59:59.999999Z"), Ok(-1));
        assert_eq!(micros("2018-11-12T00:00:00Z"), Ok(1_541_980_800_000_000));
        assert_eq!(micros("2000-02-29T12:00:00.5Z"), Ok(951_825_600_500_000));
        assert_eq!(
            micros("2016-12-31T23:59:60Z"),
            micros("2017-01-01T00:00:00Z")
        );
    }

    #[test]
    fn digits_finer_than_a_microsecond_do_not_count() {
        assert_eq!(micros("1970-01-01T00:00:00.0000019999Z"), Ok(1));
        assert_eq!(
            micros("1970-01-01T00:00:00.1Z"),
            micros("1970-01-01T00:00:00.100000Z")
        );
    }

    #[test]
    fn wrong_forms_dates_and_times_are_told_apart() {
        for form in [
            "",
            "Z",
            "2016",
            "2016-01-01",
            "2016-01-01T00:00:00",
            "2016-01-01T00:00:00.Z",
            "2016-01-01T00:00:00+00:00",
            "2016-01-01t00:00:00Z",
            "2016-01-01T00:00:00z",
            "2016-01-01T00:00:00.1aZ",
            " 2016-01-01T00:00:00Z",
            "2016-1-01T00:00:00Z",
            "-016-01-01T00:00:00Z",
            "2016-01-01T00:00:00,5Z",
            "２０１６-01-01T00:00:00Z",
        ] {
            assert_eq!(micros(form), Err(TimestampError::Form), "{form}");
        }
        for date in [
            "2015-02-29",
            "1900-02-29",
            "2016-00-10",
            "2016-13-10",
            "2016-04-31",
            "2016-01-00",
        ] {
            assert_eq!(
                micros(&format!("{date}T00:00:00Z")),
                Err(TimestampError::Date),
                "{date}"
            );
        }
        for time in ["24:00:00", "23:60:00", "12:00:60", "00:00:61"] {
            assert_eq!(
                micros(&format!("2016-01-01T{time}Z")),
                Err(TimestampError::Time),
                "{time}"
            );
        }
    }

    #[test]
    fn every_day_of_eight_centuries_prints_as_it_parses() {
        for day in -146_097..146_097 {
            let at = Timestamp::from_micros(day * MICROS_PER_DAY + 45_296_789_012);
            assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        }
        assert_eq!(
            Timestamp::from_micros(0).to_string(),
            "1970-01-01T00:00:00.000000Z"
        );
    }
}
