//! URIs of RFC 3986.

use std::net::Ipv6Addr;

/// Whether a text is a URI: a scheme, and parts of permitted characters.
pub fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let (rest, fragment) = cut(rest, '#');
    let (path, query) = cut(rest, '?');
    is_scheme(scheme)
        && query.is_none_or(|query| all(query, b"/?:@"))
        && fragment.is_none_or(|fragment| all(fragment, b"/?:@"))
        && is_hierarchy(path)
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
}

fn is_hierarchy(path: &str) -> bool {
    match path.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            is_authority(authority) && all(path, b"/:@")
        }
        None => all(path, b"/:@"),
    }
}

fn is_authority(authority: &str) -> bool {
    let host = match authority.split_once('@') {
        Some((user, host)) if all(user, b":") => host,
        Some(_) => return false,
        None => authority,
    };
    let (is_host, port) = if let Some(literal) = host.strip_prefix('[') {
        let Some((address, port)) = literal.split_once(']') else {
            return false;
        };
        (is_ip_literal(address), port)
    } else {
        let end = host.find(':').unwrap_or(host.len());
        let (name, port) = host.split_at(end);
        (all(name, b""), port)
    };
    is_host && is_port(port)
}

/// Nothing, or a colon and digits.
fn is_port(port: &str) -> bool {
    port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

fn is_ip_literal(address: &str) -> bool {
    let future = address
        .strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|b| b.is_ascii_hexdigit())
                && !rest.is_empty()
                && !rest.contains('%')
                && all(rest, b":")
        });
    future || address.parse::<Ipv6Addr>().is_ok()
}

/// Whether all characters are unreserved, sub-delimiters, percent-encoded or one of `others`.
fn all(text: &str, others: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .into_iter()
                .all(|digit| digit.is_some_and(|b| b.is_ascii_hexdigit())),
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            | b',' | b';' | b'=' => true,
            _ => byte.is_ascii_alphanumeric() || others.contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_told_from_other_texts() {
        for uri in [
            "http://example.com/a?b=c#d",
            "https://user:pw@[2001:db8::1]:8080/",
            "http://example.com:",
            "urn:isbn:0451450523",
            "mailto:a@b.c",
            "x:",
            "file:///etc/passwd",
            "http://a/%20",
            "http://[v1.a:b]/",
        ] {
            assert!(is_uri(uri), "{uri}");
        }
        for text in [
            "",
            "example.com",
            "//example.com",
            "http://exa mple.com",
            "http://example.com/%2",
            "http://example.com/#a#b",
            "http://a@b@c/",
            "http://a:b:c/",
            "http://[2001:db8::1/",
            "http://münchen.de/",
            "1http://a",
            "http://a/[x]",
        ] {
            assert!(!is_uri(text), "{text}");
        }
    }
}
