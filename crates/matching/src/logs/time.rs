//! Times as logs write them.

use stix::Timestamp;

const MICROS: i64 = 1_000_000;

/// Seconds since 1970 with a fraction, as Zeek writes them.
pub(super) fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    let micros = digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let micros = seconds.checked_mul(MICROS)?.checked_add(micros)?;
    // years of four digits
    let end = 253_402_300_800 * MICROS;
    (0..end)
        .contains(&micros)
        .then(|| Timestamp::from_micros(micros))
}

/// A number of seconds as microseconds.
pub(super) fn duration(text: &str) -> Option<i64> {
    epoch(text).map(Timestamp::micros)
}

/// RFC 3339, also with a space, without a zone, or with one without a colon, as Suricata writes it.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (day, clock) = text.split_at_checked(10)?;
    let clock = clock.strip_prefix(['T', 't', ' '])?;
    let at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at_checked(at)?;
    let clock = clock.trim_end();
    let time = Timestamp::parse(&format!("{day}T{}Z", clock.replace(',', "."))).ok()?;
    let micros = time.micros().checked_sub(offset(zone)?)?;
    Some(Timestamp::from_micros(micros))
}

/// RFC 3339, or seconds since 1970.
pub(super) fn any(text: &str) -> Option<Timestamp> {
    date(text).or_else(|| epoch(text))
}

/// `10/Oct/2000:13:55:36 -0700`, as web servers write it.
pub(super) fn common(text: &str) -> Option<Timestamp> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let (clock, zone) = text.split_once(' ')?;
    let (day, time) = clock.split_once(':')?;
    let mut parts = day.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS
        .find(month)
        .filter(|at| month.len() == 3 && at % 3 == 0)?
        / 3
        + 1;
    let time = Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z")).ok()?;
    Some(Timestamp::from_micros(
        time.micros().checked_sub(offset(zone)?)?,
    ))
}

/// Microseconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours: i64 = hours.parse().ok()?;
    let minutes: i64 = if minutes.is_empty() {
        0
    } else {
        minutes.parse().ok()?
    };
    (hours < 24 && minutes < 60).then(|| sign * (hours * 3600 + minutes * 60) * MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_time_is_read() {
        let at = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let expected = Some("2000-10-10T20:55:36.500000Z".to_owned());
        assert_eq!(at(epoch("971211336.5")), expected);
        for text in [
            "2000-10-10T20:55:36.5Z",
            "2000-10-10T13:55:36.500000-0700",
            "2000-10-10 22:55:36.5+02:00",
            "2000-10-10 20:55:36,5",
        ] {
            assert_eq!(at(any(text)), expected, "{text}");
        }
        let whole = Some("2000-10-10T20:55:36.000000Z".to_owned());
        assert_eq!(at(common("10/Oct/2000:13:55:36 -0700")), whole);
        for text in [
            "",
            "-",
            "now",
            "1.x",
            "99999999999999",
            "2000-13-01T00:00:00Z",
            "é",
        ] {
            assert_eq!(any(text), None, "{text}");
            assert_eq!(common(text), None, "{text}");
        }
        assert_eq!(common("10/ctN/2000:13:55:36 -0700"), None);
    }
}
