//! Personal data in free texts, as far as a program can tell: e-mail addresses and telephone numbers.

use crate::xarf::is_email;

/// The first of them in a text, and what it is.
pub(super) fn personal(text: &str) -> Option<(&'static str, &str)> {
    let marks = |c: char| c.is_whitespace() || ",;()<>[]\"'".contains(c);
    let address = text
        .split(marks)
        .map(|word| {
            word.trim_start_matches("mailto:")
                .trim_end_matches(['.', ':', '!', '?'])
        })
        .find(|word| {
            is_email(word)
                && word
                    .rsplit('@')
                    .next()
                    .is_some_and(|host| host.contains('.'))
        });
    if let Some(address) = address {
        return Some(("an e-mail address", address));
    }
    telephone(text).map(|number| ("a telephone number", number))
}

/// Eight to fifteen digits in one run with the marks that telephone numbers are written with, after
/// `+`, `0` or a bracket; neither an IP address nor a part of a word.
fn telephone(text: &str) -> Option<&str> {
    let of_run = |c: char| c.is_ascii_digit() || "+-./() \u{a0}\u{2011}".contains(c);
    let mut rest = text;
    let mut before: Option<char> = None;
    loop {
        let start = rest.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(')?;
        let (skipped, run) = rest.split_at_checked(start)?;
        let last = skipped.chars().last().or(before);
        let end = run.find(|c: char| !of_run(c)).unwrap_or(run.len());
        let (run, after) = run.split_at_checked(end)?;
        let number = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let part_of_word =
            |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_/=#:".contains(c));
        let next = after.chars().next().filter(|_| number.len() == run.len());
        let ends_in_word = next.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if (8..=15).contains(&digits)
            && number.starts_with(['+', '0', '('])
            && !part_of_word(last)
            && !ends_in_word
            && number.parse::<std::net::IpAddr>().is_err()
        {
            return Some(number);
        }
        before = run.chars().last();
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_found_and_dates_are_none() {
        for text in [
            "write to jane.doe@mail.example.",
            "<mailto:j@x.example>",
            "call +33 1 23 45 67 89 now",
            "(030) 1234 5678",
            "01.23.45.67.89",
            "0049-30-12345678",
        ] {
            assert!(personal(text).is_some(), "{text}");
        }
        for text in [
            "",
            "removed on 2024-01-15 at 14:30, case 0123456789abcdef",
            "198.51.100.42 and 192.0.2.1/24",
            "Directive 2000/31/EC, Article 14(1)(a); Regulation (EU) 2022/2065",
            "the handle @someone, user@localhost",
            "https://example.org/0123456789",
            "12345678 posts",
            "sha256:0012345678",
        ] {
            assert_eq!(personal(text), None, "{text}");
        }
    }
}
