//! Whether a text has a form, and how such a text is described.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::rule::Form;

impl Form {
    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Form::Email => is_email(text),
            Form::Hostname => is_hostname(text),
            Form::Uuid => is_uuid(text),
            Form::DateTime => is_date_time(text),
            Form::Date => is_date(text),
            Form::Uri => stix::verdict::is_uri(text),
            Form::Ip => text.parse::<IpAddr>().is_ok(),
            Form::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Form::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Form::Version => is_version(text),
            Form::Tag => is_tag(text),
            Form::Digest(names) => text
                .split_once(':')
                .is_some_and(|(name, hex)| among(names, name) && is_hex(hex)),
            Form::Hex(digits) => text.len() == digits && is_hex(text),
            Form::Capitals(letters) => {
                text.len() == letters && text.bytes().all(|b| b.is_ascii_uppercase())
            }
            Form::Cve(least) => is_cve(text, least),
            Form::Domain => is_domain(text),
            Form::Language => is_language(text),
            Form::Begins(starts) => starts.split(' ').any(|start| text.starts_with(start)),
        }
    }

    /// The keyword of the schemas that says it.
    pub(super) fn keyword(self) -> &'static str {
        match self {
            Form::Email
            | Form::Hostname
            | Form::Uuid
            | Form::DateTime
            | Form::Date
            | Form::Uri
            | Form::Ip
            | Form::Ipv4
            | Form::Ipv6 => "format",
            _ => "pattern",
        }
    }

    /// What such a text is, to go on after "it is no".
    pub(super) fn described(self) -> String {
        match self {
            Form::Email => "e-mail address, as in abuse@example.org".into(),
            Form::Hostname => "name of a host, as in example.org".into(),
            Form::Uuid => "UUID, as in 550e8400-e29b-41d4-a716-446655440000".into(),
            Form::DateTime => "instant of RFC 3339, as in 2024-01-15T14:30:25Z".into(),
            Form::Date => "date, as in 2024-01-15".into(),
            Form::Uri => {
                "absolute URI, as in https://example.org/a (spaces and letters beyond ASCII are \
                 percent-encoded)"
                    .into()
            }
            Form::Ip => "IP address, as in 192.0.2.1 or 2001:db8::1".into(),
            Form::Ipv4 => "IPv4 address, as in 192.0.2.1".into(),
            Form::Ipv6 => "IPv6 address, as in 2001:db8::1".into(),
            Form::Version => "version of XARF 4, as in 4.2.0".into(),
            Form::Tag => "tag, as in malware:emotet (lower case)".into(),
            Form::Digest(names) => {
                format!(
                    "digest: one of {}, a colon, hexadecimal digits",
                    comma(names)
                )
            }
            Form::Hex(digits) => format!("digest of {digits} hexadecimal digits"),
            Form::Capitals(2) => "code of a country, as in FR".into(),
            Form::Capitals(_) => "code of a currency, as in EUR".into(),
            Form::Cve(_) => "CVE number, as in CVE-2021-44228".into(),
            Form::Domain => "domain in lower case, as in example.org".into(),
            Form::Language => "code of a language, as in en or en-GB".into(),
            Form::Begins(starts) => format!("text that begins with {}", comma(starts)),
        }
    }
}

/// Whether a word is one of those in a text with spaces between.
pub(super) fn among(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

/// Words with commas between.
pub(super) fn comma(words: &str) -> String {
    words.replace(' ', ", ")
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A mailbox of RFC 5321: a dot-string or a quoted string, and a domain or an address in brackets.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let quoted = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let local_fits = match quoted {
        Some(inner) => inner
            .bytes()
            .all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\')),
        None => local
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(atom)),
    };
    let literal = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let domain_fits = match literal {
        Some(address) => match address.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => address.parse::<Ipv4Addr>().is_ok(),
        },
        None => is_hostname(domain) && !domain.ends_with('.'),
    };
    text.len() <= 254 && local_fits && domain_fits
}

/// Labels of letters, digits and inner hyphens.
pub(crate) fn is_hostname(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts
            .next()
            .filter(|part| part.len() == digits && is_digits(part));
        part.and_then(|part| part.parse::<i16>().ok())
    };
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
        return false;
    };
    let small = |number: i16| i8::try_from(number).unwrap_or_default();
    parts.next().is_none() && jiff::civil::Date::new(year, small(month), small(day)).is_ok()
}

fn is_date_time(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let Some((date, time)) = upper.split_once('T') else {
        return false;
    };
    let zone_at = time.find(['Z', '+', '-']);
    let Some((clock, zone)) = zone_at.and_then(|at| time.split_at_checked(at)) else {
        return false;
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    is_date(date)
        && is_clock(clock)
        && fraction.is_none_or(is_digits)
        && (zone == "Z"
            || zone
                .get(1..)
                .is_some_and(|offset| offset.len() == 5 && is_minutes(offset)))
}

/// `23:59:59`; a leap second at the end of an hour.
fn is_clock(text: &str) -> bool {
    let Some((minutes, second)) = text.rsplit_once(':') else {
        return false;
    };
    let leap = second == "60" && minutes.ends_with(":59");
    is_minutes(minutes) && (leap || is_below(second, 60))
}

/// `23:59`.
fn is_minutes(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(hour, minute)| is_below(hour, 24) && is_below(minute, 60))
}

fn is_below(text: &str, limit: u8) -> bool {
    text.len() == 2 && is_digits(text) && text.parse::<u8>().is_ok_and(|number| number < limit)
}

fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("4.") else {
        return false;
    };
    rest.split_once('.')
        .is_some_and(|(minor, patch)| is_digits(minor) && is_digits(patch))
}

fn is_tag(text: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let word = |word: &str| {
        word.bytes().next().is_some_and(small)
            && word
                .bytes()
                .all(|b| small(b) || matches!(b, b'_' | b'+' | b'-'))
    };
    text.split_once(':')
        .is_some_and(|(space, predicate)| word(space) && word(predicate))
}

fn is_cve(text: &str, least: usize) -> bool {
    let parts = text
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| {
        year.len() == 4 && is_digits(year) && number.len() >= least && is_digits(number)
    })
}

fn is_domain(text: &str) -> bool {
    let Some((before, top)) = text.rsplit_once('.') else {
        return false;
    };
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_lowercase())
        && before.split('.').all(|label| label.split('-').all(part))
}

fn is_language(text: &str) -> bool {
    let (language, region) = match text.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (text, None),
    };
    language.len() == 2
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && region.is_none_or(|r| r.len() == 2 && r.bytes().all(|b| b.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A form, texts that have it, and texts that do not.
    const ALL: &[(Form, &[&str], &[&str])] = &[
        (
            Form::Email,
            &[
                "a@b.org",
                "a.b+c@x-y.example",
                "\"a b\"@c.d",
                "a@[192.0.2.1]",
                "a@[IPv6:::1]",
            ],
            &[
                "", "a", "@b.org", "a@", "a b@c.d", ".a@b.c", "a@b_c.d", "a@b.c\n", "a@@b.c",
            ],
        ),
        (
            Form::DateTime,
            &[
                "2024-01-15T14:30:25Z",
                "2024-02-29t00:00:00.123456789z",
                "2024-01-15T14:30:25+05:30",
                "2016-12-31T23:59:60Z",
            ],
            &[
                "2024-01-15",
                "2024-01-15T14:30Z",
                "2023-02-29T00:00:00Z",
                "2024-01-15 14:30:25Z",
                "2024-01-15T24:00:00Z",
                "2024-01-15T14:30:25",
                "2024-01-15T14:30:25.Z",
                "2024-01-15T14:30:25+0530",
                "2024-01-15T14:30:25Z\n",
                "24-01-15T14:30:25Z",
            ],
        ),
        (
            Form::Date,
            &["2024-02-29"],
            &["2023-02-29", "2024-2-1", "2024-02-29T00:00:00Z", ""],
        ),
        (
            Form::Hostname,
            &["localhost", "a.example.", "xn--a-1.example"],
            &[
                "",
                "-a.example",
                "a_b.example",
                "a..b",
                "münchen.de",
                "192.0.2.1/8",
            ],
        ),
        (
            Form::Version,
            &["4.0.0", "4.12.3"],
            &["3.0.0", "4.0", "4.0.0-rc1", "4..0"],
        ),
        (
            Form::Tag,
            &["malware:emotet", "language:c++"],
            &["malware", "A:b", ":b", "a:b:c", "a:-"],
        ),
        (
            Form::Cve(4),
            &["CVE-2021-44228"],
            &["CVE-2021-123", "cve-2021-44228", "CVE-21-4422"],
        ),
        (
            Form::Domain,
            &["a-b.example"],
            &["example", "A.example", "a.b1", "a-.example", "a.example."],
        ),
        (
            Form::Language,
            &["en", "en-GB"],
            &["EN", "en-gb", "eng", "en_GB"],
        ),
        (
            Form::Begins("CVSS:3.0/ CVSS:3.1/"),
            &["CVSS:3.1/AV:N"],
            &["CVSS:4.0/AV:N", " CVSS:3.1/"],
        ),
    ];

    #[test]
    fn texts_are_told_by_their_form() {
        for (form, good, bad) in ALL {
            for text in *good {
                assert!(form.fits(text), "{form:?} {text:?}");
            }
            for text in *bad {
                assert!(!form.fits(text), "{form:?} {text:?}");
            }
        }
    }
}
