//! Numbers, dates and words as people read them.

use std::fmt::{self, Write as _};

use jiff::civil::Date;
use node::model::Marking;
use node::pledge::{Basis, Precision, StanceChange};

/// A count, with commas between thousands.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(pub(crate) usize);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&thousands(self.0))
    }
}

/// A whole number with commas between thousands.
pub(crate) fn thousands(count: impl fmt::Display) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12 November 2018`.
pub(crate) fn long_date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    format!("{} {} {}", date.day(), month.unwrap_or(&""), date.year())
}

/// What is known of the date of a change: `listed since 2019-09-16`, `signed on 2020`.
pub(crate) fn dated(change: &StanceChange) -> String {
    let date = match change.precision {
        Precision::Day => change.since.to_string(),
        Precision::Month => format!("{:04}-{:02}", change.since.year(), change.since.month()),
        Precision::Year => format!("{:04}", change.since.year()),
    };
    let lead = match (change.basis, change.precision) {
        (Basis::SignedOn, Precision::Month | Precision::Year) => "signed in",
        (basis, _) => basis.label(),
    };
    format!("{lead} {date}")
}

/// `1 signatory`, `2 signatories`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", Number(count), if count == 1 { one } else { many })
}

/// A slug as words: `trade-secrets` gives `trade secrets`.
pub(crate) fn words(slug: &str) -> String {
    slug.replace('-', " ")
}

/// The class that colours a marking.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates pass references"
)]
pub(crate) fn marking_class(marking: &Marking) -> &'static str {
    match marking {
        Marking::Clear => "tlp-clear",
        Marking::Green => "tlp-green",
        Marking::Amber | Marking::AmberStrict => "tlp-amber",
        Marking::Red => "tlp-red",
    }
}

/// The day and minute of an RFC 3339 time: `2026-11-24 02:19`.
pub(crate) fn short_time(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// A value as it may stand in a URL's query.
pub(crate) fn query_value(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn numbers_have_commas_between_thousands() {
        let all = [0, 12, 999, 1_000, 1_222, 1_000_000].map(|n| Number(n).to_string());
        assert_eq!(all, ["0", "12", "999", "1,000", "1,222", "1,000,000"]);
    }

    #[test]
    fn a_query_value_cannot_leave_its_place() {
        assert_eq!(query_value("a&b=\"é"), "a%26b%3D%22%C3%A9");
    }

    #[test]
    fn dates_read_as_words() {
        assert_eq!(long_date(date(2018, 11, 12)), "12 November 2018");
    }
}
