//! Times as exports of platforms write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::strtime};

/// Milliseconds of the last second of the year 9999.
const LATEST: i64 = 253_402_300_799_000;

/// Milliseconds since 1970 of a time: RFC 3339, the same without a zone (UTC then) or with a space,
/// seconds, milliseconds, microseconds or nanoseconds since 1970, or `Wed Oct 10 20:19:24 +0000
/// 2018`. Nothing for what is no time between the years 1970 and 9999.
pub(super) fn millis(text: &str) -> Option<i64> {
    let text = text.trim();
    let found = if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+'))
    {
        epoch(text)
    } else {
        date(text)
    };
    found.filter(|time| (0..=LATEST).contains(time))
}

fn epoch(text: &str) -> Option<i64> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(match whole {
            0..100_000_000_000 => whole * 1000,
            100_000_000_000..100_000_000_000_000 => whole,
            100_000_000_000_000..100_000_000_000_000_000 => whole / 1000,
            _ => whole / 1_000_000,
        });
    }
    let value: f64 = text.parse().ok()?;
    let millis = if value < 1e11 { value * 1000.0 } else { value };
    // from 0 to the year 9999 this is exact to the millisecond
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is within the range of times"
    )]
    (0.0..=LATEST as f64)
        .contains(&millis)
        .then(|| millis.round() as i64)
}

fn date(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_millisecond());
    }
    if let Ok(time) = text.trim_end_matches(" UTC").parse::<DateTime>() {
        return Some(TimeZone::UTC.to_timestamp(time).ok()?.as_millisecond());
    }
    let time = strtime::parse("%a %b %d %H:%M:%S %z %Y", text).ok()?;
    Some(time.to_timestamp().ok()?.as_millisecond())
}

/// A time for people and programs: RFC 3339 in UTC, to the second.
pub(super) fn written(millis: i64) -> String {
    let seconds = Timestamp::from_second(millis.div_euclid(1000));
    seconds.map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_of_exports() {
        let noon = Some(1_541_980_800_000);
        for text in [
            "1541980800",
            "1541980800.0",
            "1541980800000",
            "1541980800000000",
            "1.5419808e9",
            "2018-11-12T00:00:00Z",
            "2018-11-12T01:00:00+01:00",
            "2018-11-12 00:00:00",
            "2018-11-12T00:00:00.000",
            "2018-11-12 00:00:00 UTC",
            "Mon Nov 12 00:00:00 +0000 2018",
            "2018-11-12",
        ] {
            assert_eq!(millis(text), noon, "{text}");
        }
        for text in [
            "",
            "soon",
            "-5",
            "2018-13-01T00:00:00Z",
            "9e99",
            "NaN",
            "99999999999999999999",
            ".",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
        assert_eq!(written(1_541_980_800_123), "2018-11-12T00:00:00Z");
    }
}
