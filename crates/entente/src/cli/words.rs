//! Words of closed vocabularies, days and times on the command line.

use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use node::model::Harm;
use node::pledge::{Country, Identity, Kind, Precision, Stance};

/// Takes a stance, and suggests one for a word that is none.
pub(crate) fn stance() -> impl TypedValueParser<Value = Stance> {
    PossibleValuesParser::new(Stance::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| Stance::from_str(&word))
}

/// Takes what an identity is worth.
pub(crate) fn identity() -> impl TypedValueParser<Value = Identity> {
    PossibleValuesParser::new(Identity::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| Identity::from_str(&word))
}

/// Takes a kind of party.
pub(crate) fn kind() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| Kind::from_str(&word))
}

/// Takes a harm.
pub(crate) fn harm() -> impl TypedValueParser<Value = Harm> {
    PossibleValuesParser::new(Harm::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| Harm::from_str(&word))
}

/// Takes `YYYY-MM-DD`.
///
/// # Errors
/// Says what would be right.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let shaped = text.len() == 10;
    let day = text.parse().ok().filter(|_| shaped);
    day.ok_or_else(|| "a day is written YYYY-MM-DD, such as 2018-11-12".into())
}

/// Takes a time in UTC (`2026-01-31T12:00:00Z`) or a day, which stands for its first instant.
///
/// # Errors
/// Says what would be right.
pub(crate) fn time(text: &str) -> Result<stix::Timestamp, String> {
    let whole = if day(text).is_ok() {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    stix::Timestamp::parse(&whole)
        .map_err(|_| "a time is written 2026-01-31T12:00:00Z, or as a day, 2026-01-31".into())
}

/// Takes an ISO 3166-1 alpha-2 code in any case.
///
/// # Errors
/// Says what would be right.
pub(crate) fn country(text: &str) -> Result<Country, String> {
    text.to_ascii_uppercase()
        .parse()
        .map_err(|error: node::pledge::PartyError| error.to_string())
}

/// A day as exactly as it is known.
pub(crate) fn known_day(day: Date, precision: Option<Precision>) -> String {
    match precision {
        Some(Precision::Month) => format!("{:04}-{:02}", day.year(), day.month()),
        Some(Precision::Year) => format!("{:04}", day.year()),
        _ => day.to_string(),
    }
}

/// A time to wait: a number of seconds, from a millisecond to a month.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.trim().parse::<f64>().ok();
    let within = number.filter(|number| (0.001..=31.0 * 86_400.0).contains(number));
    within
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("'{text}' is no number of seconds from 0.001 to 2678400"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_in_one_form() {
        assert_eq!(day("2018-11-12").unwrap().to_string(), "2018-11-12");
        for wrong in [
            "2018-11",
            "12.11.2018",
            "2018-02-30",
            "2018-11-12T00:00",
            "today",
            "",
        ] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            time("2026-01-31").unwrap(),
            time("2026-01-31T00:00:00Z").unwrap()
        );
        assert!(time("2026-01-31T12:00:00+01:00").is_err());
    }

    #[test]
    fn a_date_is_shown_no_finer_than_it_is_known() {
        let day = day("2021-11-30").unwrap();
        assert_eq!(known_day(day, Some(Precision::Month)), "2021-11");
        assert_eq!(known_day(day, Some(Precision::Year)), "2021");
        assert_eq!(known_day(day, None), "2021-11-30");
    }
}
