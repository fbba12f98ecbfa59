//! Decimal numbers compared digit by digit, so that no float rounds them.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A number of JSON or of a pattern: `sign 0.digits * 10^magnitude`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number<'a> {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Cow<'a, str>,
    magnitude: i128,
}

impl<'a> Number<'a> {
    /// Reads `-?[0-9]*(.[0-9]*)?([eE][+-]?[0-9]+)?`, what JSON and patterns write; none otherwise.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, power(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if mantissa.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let (digits, point) = if fraction.is_empty() {
            (Cow::Borrowed(whole), whole.len())
        } else if whole.is_empty() {
            let significant = fraction.trim_start_matches('0');
            let zeros = i128::try_from(fraction.len() - significant.len()).ok()?;
            return Some(Self::new(
                negative,
                Cow::Borrowed(significant),
                exponent - zeros,
            ));
        } else {
            (Cow::Owned(format!("{whole}{fraction}")), whole.len())
        };
        let magnitude = exponent + i128::try_from(point).ok()?;
        Some(Self::new(negative, digits, magnitude))
    }

    fn new(negative: bool, digits: Cow<'a, str>, magnitude: i128) -> Self {
        let kept = digits.trim_end_matches('0').len();
        let digits = match digits {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..kept).unwrap_or_default()),
            Cow::Owned(mut text) => {
                text.truncate(kept);
                Cow::Owned(text)
            }
        };
        let zero = digits.is_empty();
        Number {
            negative: negative && !zero,
            magnitude: if zero { 0 } else { magnitude },
            digits,
        }
    }

    /// A copy that borrows nothing.
    pub(super) fn into_owned(self) -> Number<'static> {
        Number {
            negative: self.negative,
            digits: Cow::Owned(self.digits.into_owned()),
            magnitude: self.magnitude,
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(super) fn compare(&self, other: &Number<'_>) -> Ordering {
        match (self.sign(), other.sign()) {
            (-1, -1) => other.compare_size(self),
            (1, 1) => self.compare_size(other),
            (one, another) => one.cmp(&another),
        }
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare_size(&self, other: &Number<'_>) -> Ordering {
        self.magnitude
            .cmp(&other.magnitude)
            .then_with(|| self.digits.as_ref().cmp(other.digits.as_ref()))
    }

    /// The number of millionths in it, rounded down; as many as fit where there are more.
    pub(super) fn millionths(&self) -> i64 {
        let wanted = self.magnitude + 6;
        if self.negative || wanted <= 0 {
            return 0;
        }
        let Some(length) = usize::try_from(wanted).ok().filter(|length| *length <= 19) else {
            return i64::MAX;
        };
        let padding = std::iter::repeat(b'0');
        let digits = self.digits.bytes().chain(padding).take(length);
        digits.fold(0_i64, |sum, digit| {
            sum.saturating_mul(10)
                .saturating_add(i64::from(digit - b'0'))
        })
    }
}

/// An exponent; one past all sense is as good as a very large one.
fn power(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size: i128 = digits.parse::<i64>().map_or(i128::MAX / 4, i128::from);
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(one: &str, other: &str) -> Ordering {
        Number::read(one)
            .unwrap()
            .compare(&Number::read(other).unwrap())
    }

    #[test]
    fn numbers_that_are_the_same_are_equal_however_they_are_written() {
        for (one, other) in [
            ("12", "12.0"),
            ("12", "1.2e1"),
            ("0", "-0.00"),
            (".5", "0.500"),
            ("1e-3", "0.001"),
            ("100", "1E+2"),
            ("0e99999999999999999999999999", "0"),
        ] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn numbers_are_in_order_to_the_last_digit() {
        for (one, other) in [
            ("-2", "-1"),
            ("-1", "0"),
            ("0", "0.0000001"),
            ("0.09", "0.1"),
            ("9", "10"),
            ("9007199254740992", "9007199254740993"),
            ("0.1", "0.1000000000000000055511151231257827"),
            ("-0.1000000000000000055511151231257827", "-0.1"),
            ("1e400", "1e401"),
            ("1", "1e99999999999999999999999999"),
            ("1e-99999999999999999999999999", "1"),
        ] {
            assert_eq!(compare(one, other), Ordering::Less, "{one} {other}");
            assert_eq!(compare(other, one), Ordering::Greater, "{other} {one}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        for text in ["", "-", "e5", "1e", "1x", "--1", "1.2.3", "1e5.5"] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_become_microseconds() {
        for (text, expected) in [
            ("5", 5_000_000),
            ("0.5", 500_000),
            (".0000019", 1),
            ("4.9999", 4_999_900),
            ("0.00000001", 0),
            ("99999999999999999999", i64::MAX),
            ("9223372036854.775808", i64::MAX),
        ] {
            assert_eq!(Number::read(text).unwrap().millionths(), expected, "{text}");
        }
    }
}
