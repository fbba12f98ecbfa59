//! Forms of text that the specification asks for, as OASIS stix2-validator reads them.

use std::net::Ipv6Addr;

/// `type--UUID` (2.9), the UUID of version 1 to 5 and the variant of RFC 4122.
pub(crate) fn is_identifier(text: &str) -> bool {
    let Some(split) = text.len().checked_sub(38) else {
        return false;
    };
    let Some((name, tail)) = text.as_bytes().split_at_checked(split) else {
        return false;
    };
    let uuid = tail.iter().skip(2).enumerate();
    name.len() >= 3
        && name.first().is_some_and(u8::is_ascii_lowercase)
        && name.last().is_some_and(|b| is_lower_or_digit(*b))
        && name.iter().all(|b| is_lower_or_digit(*b) || *b == b'-')
        && tail.starts_with(b"--")
        && uuid.into_iter().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => matches!(byte, b'1'..=b'5'),
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What stands before the last `--`.
pub(crate) fn type_of_id(id: &str) -> Option<&str> {
    id.rsplit_once("--")
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty())
}

/// The version of the UUID at the end of an id; none where it is no UUID of RFC 4122.
pub(crate) fn uuid_version(id: &str) -> Option<u8> {
    let uuid = id.rsplit("--").next()?;
    let uuid = uuid::Uuid::try_parse(uuid).ok()?;
    (uuid.get_variant() == uuid::Variant::RFC4122)
        .then(|| u8::try_from(uuid.get_version_num()).ok())
        .flatten()
}

fn is_lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// A type's name (3.1): segments of lower-case letters and digits with single hyphens between, a
/// letter first; one hyphen may end it.
pub(crate) fn is_type_form(name: &str) -> bool {
    let name = name.strip_suffix('-').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_lowercase()) && is_hyphenated(name)
}

/// An object's type in a pattern: as [`is_type_form`], a digit or a hyphen may begin it.
pub(crate) fn is_pattern_type_form(name: &str) -> bool {
    let name = name.strip_prefix('-').unwrap_or(name);
    (3..=250).contains(&name.len()) && is_hyphenated(name.strip_suffix('-').unwrap_or(name))
}

fn is_hyphenated(name: &str) -> bool {
    name.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(is_lower_or_digit))
}

/// The name of a predefined extension: a type's name that ends in `-ext`.
pub(crate) fn is_extension_name(name: &str) -> bool {
    name.strip_suffix("-ext")
        .is_some_and(|name| !name.ends_with('-') && is_type_form(name))
}

/// 3 to 250 lower-case letters, digits and underscores.
pub(crate) fn is_property_form(name: &str) -> bool {
    (3..=250).contains(&name.len()) && name.bytes().all(|b| is_lower_or_digit(b) || b == b'_')
}

/// What a top-level property may be named: it begins with three such characters, a letter first, or
/// ends in `id`.
pub(crate) fn is_property_name(name: &str) -> bool {
    name.ends_with("id")
        || matches!(name.as_bytes(), [b'a'..=b'z', second, third, ..]
            if [*second, *third].into_iter().all(|b| is_lower_or_digit(b) || b == b'_'))
}

/// Whether a property's name says that it is binary or hexadecimal: it ends in `suffix`.
pub(crate) fn is_typed_name(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|stem| {
        (1..=246).contains(&stem.len())
            && stem.starts_with(|c: char| c.is_ascii_lowercase())
            && stem.bytes().all(|b| is_lower_or_digit(b) || b == b'_')
    })
}

/// A key of a dictionary (2.3): at most 250 letters, digits, hyphens and underscores.
pub(crate) fn is_dictionary_key(key: &str) -> bool {
    key.len() <= 250
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Pairs of hexadecimal digits (2.8).
pub(crate) fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Base64 with padding (2.1).
pub(crate) fn is_base64(text: &str) -> bool {
    let stem = text
        .strip_suffix("==")
        .or_else(|| text.strip_suffix('='))
        .unwrap_or(text);
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && stem
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

/// The form of a timestamp (2.16.1); says nothing of the length of months.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fixed = |index: usize, expected: u8| bytes.get(index) == Some(&expected);
    let number = |index: usize| two_digits(bytes, index);
    let fraction = bytes.get(19..).and_then(|rest| rest.strip_suffix(b"Z"));
    two_digits(bytes, 0).is_some()
        && two_digits(bytes, 2).is_some()
        && fixed(4, b'-')
        && number(5).is_some_and(|month| (1..=12).contains(&month))
        && fixed(7, b'-')
        && number(8).is_some_and(|day| (1..=31).contains(&day))
        && fixed(10, b'T')
        && number(11).is_some_and(|hour| hour < 24)
        && fixed(13, b':')
        && number(14).is_some_and(|minute| minute < 60)
        && fixed(16, b':')
        && number(17).is_some_and(|second| second <= 60)
        && match fraction {
            Some([]) => true,
            Some([b'.', digits @ ..]) => {
                !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        }
}

fn two_digits(bytes: &[u8], index: usize) -> Option<u32> {
    let high = char::from(*bytes.get(index)?).to_digit(10)?;
    let low = char::from(*bytes.get(index + 1)?).to_digit(10)?;
    Some(high * 10 + low)
}

/// The instant of a timestamp of the right form, when its day and second exist, to the microsecond
/// and as a text that sorts; finer fractions are cut off.
pub(crate) fn instant(text: &str) -> Option<([u32; 6], u32)> {
    let bytes = text.as_bytes();
    let year = two_digits(bytes, 0)? * 100 + two_digits(bytes, 2)?;
    let parts = [5, 8, 11, 14, 17].map(|index| two_digits(bytes, index).unwrap_or_default());
    let [month, day, hour, minute, second] = parts;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let exists = year > 0 && day <= days && second < 60;
    let digits = text
        .get(20..)
        .unwrap_or_default()
        .bytes()
        .filter_map(|b| char::from(b).to_digit(10));
    let micros = digits
        .chain(std::iter::repeat(0))
        .take(6)
        .fold(0, |number, digit| number * 10 + digit);
    exists.then_some(([year, month, day, hour, minute, second], micros))
}

/// How many digits follow the second of a timestamp of the right form.
pub(crate) fn fraction_digits(text: &str) -> usize {
    text.len().saturating_sub("2016-01-01T00:00:00.Z".len())
}

/// An IPv4 address, or a range with its prefix length (6.8).
pub(crate) fn is_ipv4(text: &str) -> bool {
    let (address, prefix) = split_prefix(text);
    let octets = address.split('.');
    octets.clone().count() == 4
        && octets.into_iter().all(|octet| decimal_to(octet, 255))
        && prefix.is_none_or(|prefix| decimal_to(prefix, 32))
}

/// An IPv6 address without an IPv4 tail, or a range with its prefix length (6.9).
pub(crate) fn is_ipv6(text: &str) -> bool {
    let text = text.trim_start_matches('s');
    if let Some((address, zone)) = text.split_once('%') {
        return is_ipv6_address(address) && !zone.is_empty() && !zone.contains('\n');
    }
    let (address, prefix) = split_prefix(text);
    is_ipv6_address(address.trim_end_matches('s'))
        && prefix.is_none_or(|prefix| decimal_to(prefix, 128))
}

fn is_ipv6_address(text: &str) -> bool {
    !text.contains('.') && text.parse::<Ipv6Addr>().is_ok()
}

fn split_prefix(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    }
}

/// A decimal number without leading zeros, at most `most`.
fn decimal_to(text: &str, most: u16) -> bool {
    (1..=3).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'))
        && text.parse::<u16>().is_ok_and(|number| number <= most)
}

/// Six pairs of lower-case hexadecimal digits with colons between (6.10).
pub(crate) fn is_mac(text: &str) -> bool {
    text.len() == 17
        && text
            .bytes()
            .enumerate()
            .all(|(index, byte)| match index % 3 {
                2 => byte == b':',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            })
}

/// `local@domain.tld`, without quotes and comments (6.5).
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some((first, rest)) = domain.split_once('.') else {
        return false;
    };
    let host = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !local.is_empty()
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'-'))
        && !first.is_empty()
        && first.bytes().all(host)
        && !rest.is_empty()
        && rest.bytes().all(|b| host(b) || b == b'.')
}

/// A domain name of IDNA 2008 (6.4, RFC 5890): A-labels, or U-labels as they are written in normal
/// form.
pub(crate) fn is_domain(text: &str) -> bool {
    let name = text
        .strip_suffix(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'])
        .unwrap_or(text);
    let labels = name.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    let mut length = 0;
    let formed = labels.into_iter().all(|label| {
        length += label.len() + 1;
        if label.is_ascii() {
            is_ascii_label(&label.to_ascii_lowercase())
        } else {
            is_unicode_label(label)
        }
    });
    formed && length <= 254
}

fn is_ascii_label(label: &str) -> bool {
    if let Some(encoded) = label.strip_prefix("xn--") {
        let (unicode, outcome) = idna::domain_to_unicode(label);
        return !encoded.is_empty()
            && label.len() <= 63
            && outcome.is_ok()
            && !unicode.is_ascii()
            && is_unicode_label(&unicode);
    }
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.as_bytes().get(2..4) != Some(b"--")
        && label.bytes().all(|b| is_lower_or_digit(b) || b == b'-')
}

/// What IDNA 2008 takes is what UTS 46 leaves as it is and has no symbols.
fn is_unicode_label(label: &str) -> bool {
    let config = idna::uts46::Uts46::new();
    let ascii = config.to_ascii(
        label.as_bytes(),
        idna::AsciiDenyList::STD3,
        idna::uts46::Hyphens::Check,
        idna::uts46::DnsLength::Verify,
    );
    ascii.is_ok_and(|ascii| {
        let (unicode, outcome) = idna::domain_to_unicode(&ascii);
        outcome.is_ok() && unicode == label
    }) && label.chars().all(|c| c.is_ascii() || !is_symbol(c))
}

fn is_symbol(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{3004}'
        | '\u{3008}'..='\u{3029}' | '\u{1f000}'..='\u{1faff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{00a0}'..='\u{00b6}' | '\u{00b8}'..='\u{00bf}' | '\u{00d7}' | '\u{00f7}')
}

/// `type/subtype` with one of the top-level types.
pub(crate) fn is_media_type_form(text: &str) -> bool {
    let Some((top, sub)) = text.split_once('/') else {
        return false;
    };
    matches!(
        top,
        "application"
            | "audio"
            | "font"
            | "image"
            | "message"
            | "model"
            | "multipart"
            | "text"
            | "video"
    ) && sub.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '_' | '-'))
}

/// The form of a character set's name (6.3, 6.7).
pub(crate) fn is_charset_form(text: &str) -> bool {
    (2..=250).contains(&text.len())
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'+' | b'_' | b':' | b'-')
        })
}

/// A granular marking's selector (7.2.3.1).
pub(crate) fn is_selector(text: &str) -> bool {
    let name = |b: u8| is_lower_or_digit(b) || matches!(b, b'_' | b'-');
    let mut segments = text.split('.');
    let first = segments.next().unwrap_or_default();
    text == "id"
        || ((3..=249).contains(&first.len())
            && first.bytes().all(name)
            && segments.into_iter().all(|segment| {
                index_of(segment).is_some()
                    || ((1..=250).contains(&segment.len()) && segment.bytes().all(name))
            }))
}

/// The number between the brackets of `[3]`.
pub(crate) fn index_of(segment: &str) -> Option<&str> {
    segment
        .strip_prefix('[')?
        .strip_suffix(']')
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// `CVE-` with a year and a number of four digits or more (2.5.1).
pub(crate) fn is_cve(text: &str) -> bool {
    let Some((year, number)) = text
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    year.len() == 4
        && digits(year)
        && number.len() >= 4
        && digits(number)
        && (number.len() == 4 || !number.starts_with('0'))
}

/// `CAPEC-` with a number (2.5.1).
pub(crate) fn is_capec(text: &str) -> bool {
    text.strip_prefix("CAPEC-")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Lower-case letters, digits and hyphens.
pub(crate) fn is_lower_with_hyphens(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| is_lower_or_digit(b) || b == b'-')
}

/// Whether a word is all lower-case, has a letter, and no underscore or space.
pub(crate) fn is_vocabulary_form(word: &str) -> bool {
    !word.contains(['_', ' '])
        && word.chars().any(char::is_lowercase)
        && !word.chars().any(char::is_uppercase)
}
