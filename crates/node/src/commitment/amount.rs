//! Numbers of baselines, targets and reports, exactly as they were written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number with up to three decimals, kept in thousandths: no float rounds it.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Amount(pub i64);

/// The largest whole number that an amount may have: no product of two overflows.
const MOST: i64 = 1_000_000_000_000;

impl Amount {
    /// A whole number; beyond 10¹² it is 10¹².
    pub fn whole(number: u64) -> Self {
        Amount(i64::try_from(number).unwrap_or(MOST).min(MOST) * 1000)
    }

    /// A quotient, rounded half up to a thousandth; none where nothing is divided by.
    pub fn ratio(numerator: u64, denominator: u64, times: u64) -> Option<Self> {
        let scaled = u128::from(numerator) * u128::from(times) * 2000 + u128::from(denominator);
        let doubled = u128::from(denominator) * 2;
        let thousandths = scaled.checked_div(doubled)?;
        let most = u128::try_from(MOST * 1000).unwrap_or(u128::MAX);
        i64::try_from(thousandths.min(most)).ok().map(Amount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let text = format!("{sign}{whole}.{part:03}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.pad(text)
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let shown = text.escape_debug();
            format!(
                "'{shown}' is no amount: write a number with up to three decimals, such as 12.5"
            )
        };
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(part) || part.len() > 3 {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let part: i64 = format!("{part:0<3}").parse().map_err(|_| wrong())?;
        if whole >= MOST {
            return Err(wrong());
        }
        Ok(Amount(sign * (whole * 1000 + part)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_a_decimal_and_nothing_else() {
        let written = [("12.5", 12_500), ("0", 0), ("-0.25", -250), ("7.001", 7001)];
        for (text, thousandths) in written {
            assert_eq!(text.parse(), Ok(Amount(thousandths)));
        }
        for wrong in [
            "",
            "-",
            ".5",
            "5.",
            "1e3",
            "1,5",
            "0.1234",
            "NaN",
            "+1",
            " 1",
            "1000000000000",
        ] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_ratio_rounds_half_up_and_has_no_value_without_a_denominator() {
        assert_eq!(Amount::ratio(2, 3, 100), Some(Amount(66_667)));
        assert_eq!(Amount::ratio(1, 2000, 1), Some(Amount(1)));
        assert_eq!(Amount::ratio(0, 0, 100), None);
    }

    proptest! {
        #[test]
        fn an_amount_is_read_as_it_is_written(thousandths in -999_999_999_999_999i64..999_999_999_999_999) {
            let amount = Amount(thousandths);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
}
