//! What stands before a dotted quad: version numbers look like addresses.

/// Whether the dotted quad at `at` is a version: `Chrome/119.0.0.0`, `version 1.2.3.4`. A quad with
/// a port is an address whatever stands before it.
pub(crate) fn is_version(text: &[u8], at: usize, end: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let before = before
        .get(before.len().saturating_sub(48)..)
        .unwrap_or_default();
    let has_port =
        text.get(end) == Some(&b':') && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    !has_port && (is_after_product(before) || is_after_version_word(before))
}

/// A product of a user agent (RFC 9110 §10.1.5): a capital, then `/`. Host names before a slash,
/// as some programs print them, are in lower case.
fn is_after_product(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b"/") else {
        return false;
    };
    let product = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+');
    let len = before.iter().rev().take_while(product).count();
    let (rest, word) = before
        .split_at_checked(before.len() - len)
        .unwrap_or_default();
    let alone = rest
        .last()
        .is_none_or(|byte| !matches!(byte, b'/' | b'.' | b':' | b'@' | b'%'));
    alone && word.first().is_some_and(u8::is_ascii_uppercase)
}

fn is_after_version_word(before: &[u8]) -> bool {
    let parts = before.iter().rev().take(4);
    let parting = parts.take_while(|byte| b" =:\"'(".contains(byte)).count();
    if parting == 0 {
        return false;
    }
    let before = before.get(..before.len() - parting).unwrap_or_default();
    let len = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = before.get(before.len() - len..).unwrap_or_default();
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    let suffix = word.get(word.len().saturating_sub(7)..).unwrap_or_default();
    suffix.eq_ignore_ascii_case(b"version") || is(b"ver") || is(b"v") || is(b"firmware")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for text in [
            "Chrome/1.2.3.4",
            "Mozilla/5.0 HeadlessChrome/1.2.3.4",
            "version 1.2.3.4",
            "\"app_version\":\"1.2.3.4",
            "ProductVersion=1.2.3.4",
            "v 1.2.3.4",
        ] {
            assert!(
                is_version(text.as_bytes(), text.len() - 7, text.len()),
                "{text}"
            );
        }
        for text in [
            "1.2.3.4",
            "host/1.2.3.4",
            "/api/1.2.3.4",
            "/API/1.2.3.4",
            "a.example/1.2.3.4",
            "http://1.2.3.4",
            "from 1.2.3.4",
            "ip:1.2.3.4",
        ] {
            assert!(
                !is_version(text.as_bytes(), text.len() - 7, text.len()),
                "{text}"
            );
        }
        assert!(!is_version(b"NameNode/1.2.3.4:50010", 9, 16));
    }
}
