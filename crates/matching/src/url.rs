//! Canonical URLs.
//!
//! `http` and `https` are one: a signal names the place, and logs of the same place hold both. The
//! canonical text begins with `http://` for either, and both default ports are left out. Other
//! schemes are kept in lower case. Host as in [`crate::name`] or [`crate::address`]; user info and
//! fragment off; path and query with unreserved characters decoded and other escapes in upper case
//! (RFC 3986 §6.2.2), dot segments removed, an empty path as `/`, an empty query off.

use memchr::{memchr, memchr3, memmem, memrchr};

use crate::address::{self, Network};
use crate::reader::{Host, UrlSeen};
use crate::{Refusal, name, refang};

/// The longest URL that is read, in bytes.
pub(crate) const LONGEST: usize = 4096;
/// How long, without its scheme, and how deep a published URL is that others are looked for under.
pub(crate) const DEEPEST: usize = 256;
const MOST_DIRECTORIES: usize = 12;
/// What the canonical text of an `http` or `https` URL begins with.
pub(crate) const HTTP: &str = "http://";

/// Canonical text of a published URL, already refanged.
pub(crate) fn canonical(value: &str) -> Result<String, Refusal> {
    let refuse = |reason| Refusal::NotAUrl {
        value: value.to_owned(),
        reason,
    };
    if value.len() > LONGEST {
        return Err(Refusal::TooLong { limit: LONGEST });
    }
    if value.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(refuse("white space within"));
    }
    let bytes = value.as_bytes();
    let (scheme, rest) = match memmem::find(bytes, b"://") {
        Some(at) => (bytes.get(..at), bytes.get(at + 3..).unwrap_or_default()),
        None => (None, bytes.strip_prefix(b"//").unwrap_or(bytes)),
    };
    let scheme = scheme.map(|scheme| canonical_scheme(scheme).ok_or_else(|| refuse("its scheme")));
    let scheme = scheme.transpose()?;
    let authority = Authority::split(rest);
    if scheme.is_none() && !authority.tail.starts_with(b"/") {
        return Err(refuse("neither scheme nor path"));
    }
    let host = std::str::from_utf8(authority.host).map_err(|_| refuse("its host"))?;
    let host = canonical_host(host)?;
    let port = authority
        .port
        .map(|port| parse_port(port).ok_or_else(|| refuse("its port")));
    let port = port.transpose()?;
    let mut out = Vec::with_capacity(value.len() + HTTP.len());
    out.extend_from_slice(scheme.as_deref().unwrap_or("http").as_bytes());
    out.extend_from_slice(b"://");
    out.extend_from_slice(host.as_bytes());
    write_port(
        scheme.as_deref().is_none_or(|scheme| scheme == "http"),
        port,
        &mut out,
    );
    write_tail(authority.tail, &mut out);
    String::from_utf8(out).map_err(|_| refuse("its path"))
}

fn canonical_host(host: &str) -> Result<String, Refusal> {
    if let Some(literal) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        let mut out = String::new();
        write_host(Network::parse(literal)?, &mut out);
        return Ok(out);
    }
    if address::parse_v4(host.as_bytes()).is_some() {
        return Ok(host.to_owned());
    }
    if host.contains('%') {
        let decoded = String::from_utf8(refang::percent_decoded(host.as_bytes()));
        return name::canonical(&decoded.unwrap_or_default());
    }
    name::canonical(host)
}

/// Appends an address as it stands in a URL.
pub(crate) fn write_host(network: Network, out: &mut String) {
    if matches!(network, Network::V6 { .. }) {
        out.push('[');
        network.write(out);
        out.push(']');
    } else {
        network.write(out);
    }
}

/// The host of a canonical URL, with the brackets of an IPv6 address.
pub(crate) fn host_of(canonical: &[u8]) -> &[u8] {
    let rest = memmem::find(canonical, b"://")
        .map_or(canonical, |at| canonical.get(at + 3..).unwrap_or_default());
    Authority::split(rest).host
}

/// The address that a host of a canonical URL is, if it is no name.
pub(crate) fn address_of_host(host: &[u8]) -> Option<Network> {
    let text = std::str::from_utf8(host).ok()?;
    let literal = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    Network::parse(literal.unwrap_or(text)).ok()
}

/// What a published URL may be for `canonical` to lie under it: its path cut after each `/`, the
/// longest first, down to the root; itself left out. Of long paths only the start is cut.
pub(crate) fn directories_above(canonical: &[u8]) -> impl Iterator<Item = &[u8]> {
    let path_end = memchr(b'?', canonical).unwrap_or(canonical.len());
    let start = memmem::find(canonical, b"://").map_or(0, |at| at + 3);
    let path = canonical
        .get(start..path_end.min(start + DEEPEST))
        .unwrap_or_default();
    let deep = memchr::memchr_iter(b'/', path)
        .count()
        .saturating_sub(MOST_DIRECTORIES);
    memchr::memrchr_iter(b'/', path)
        .skip(deep)
        .filter_map(move |at| canonical.get(..=start + at))
        .filter(move |directory| directory.len() < canonical.len())
}

/// Writes all of a URL seen up to its path; returns how much that is.
pub(crate) fn begin(seen: &UrlSeen<'_>, out: &mut Vec<u8>) -> usize {
    out.clear();
    let scheme = canonical_scheme(seen.scheme);
    let scheme = scheme.as_deref().unwrap_or("http");
    out.extend_from_slice(scheme.as_bytes());
    out.extend_from_slice(b"://");
    write_seen_host(&seen.host, out);
    write_port(scheme == "http", seen.port, out);
    out.len()
}

/// Appends the host of a URL seen, as it stands in a canonical URL.
fn write_seen_host(host: &Host<'_>, out: &mut Vec<u8>) {
    match host {
        Host::Name(name) => out.extend(name.iter().map(u8::to_ascii_lowercase)),
        Host::Network(network) => {
            let mut text = String::new();
            write_host(*network, &mut text);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// The parts after `scheme://`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authority<'t> {
    pub(crate) host: &'t [u8],
    pub(crate) port: Option<&'t [u8]>,
    /// Path, query and fragment as written; may be empty.
    pub(crate) tail: &'t [u8],
}

impl<'t> Authority<'t> {
    fn split(rest: &'t [u8]) -> Self {
        let rest = rest.trim_prefix_bytes(b"/\\");
        let end = memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        let host_and_port = match memrchr(b'@', authority) {
            Some(at) => authority.get(at + 1..).unwrap_or_default(),
            None => authority,
        };
        let colon = if host_and_port.starts_with(b"[") {
            memchr(b']', host_and_port).map(|close| close + 1)
        } else {
            memchr(b':', host_and_port)
        };
        let (host, port) = colon
            .and_then(|colon| host_and_port.split_at_checked(colon))
            .unwrap_or((host_and_port, &[]));
        Self {
            host,
            port: port.strip_prefix(b":").filter(|port| !port.is_empty()),
            tail,
        }
    }
}

trait TrimPrefixBytes {
    fn trim_prefix_bytes(&self, set: &[u8]) -> &Self;
}

impl TrimPrefixBytes for [u8] {
    fn trim_prefix_bytes(&self, set: &[u8]) -> &Self {
        let start = self
            .iter()
            .position(|byte| !set.contains(byte))
            .unwrap_or(self.len());
        self.get(start..).unwrap_or_default()
    }
}

/// `http` for http, https and their defanged spellings; others in lower case; None where it is
/// none (RFC 3986 §3.1).
pub(crate) fn canonical_scheme(scheme: &[u8]) -> Option<String> {
    if is_http(scheme) {
        return Some("http".to_owned());
    }
    let first = scheme.first()?;
    let valid = first.is_ascii_alphabetic()
        && scheme.len() <= 16
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte));
    valid.then(|| String::from_utf8_lossy(scheme).to_ascii_lowercase())
}

/// `http`, `https` and their defanged spellings: `hxxp`, `h**p`, `htxp`, `hXXps` ...
pub(crate) fn is_http(scheme: &[u8]) -> bool {
    let middle = |byte: u8| matches!(byte, b't' | b'T' | b'x' | b'X' | b'*');
    match scheme {
        [b'h' | b'H', a, b, b'p' | b'P'] | [b'h' | b'H', a, b, b'p' | b'P', b's' | b'S'] => {
            middle(*a) && middle(*b)
        }
        _ => false,
    }
}

/// A port number.
pub(crate) fn parse_port(text: &[u8]) -> Option<u16> {
    if text.is_empty() || text.len() > 5 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let port = text
        .iter()
        .fold(0_u32, |port, digit| port * 10 + u32::from(digit - b'0'));
    u16::try_from(port).ok()
}

/// Appends `:port`, unless it is a default port of http or https.
pub(crate) fn write_port(is_http: bool, port: Option<u16>, out: &mut Vec<u8>) {
    match port {
        None => {}
        Some(80 | 443) if is_http => {}
        Some(port) => {
            out.push(b':');
            out.extend_from_slice(port.to_string().as_bytes());
        }
    }
}

/// Appends the canonical path and query of `tail` (which is empty or begins with `/`, `?` or `#`).
pub(crate) fn write_tail(tail: &[u8], out: &mut Vec<u8>) {
    let end = memchr(b'#', tail).unwrap_or(tail.len());
    let tail = tail.get(..end).unwrap_or_default();
    let (path, query) = match memchr(b'?', tail).and_then(|at| tail.split_at_checked(at)) {
        Some((path, query)) => (path, query.get(1..).unwrap_or_default()),
        None => (tail, &[][..]),
    };
    write_path(path, out);
    if !query.is_empty() {
        out.push(b'?');
        write_normal(query, out);
    }
}

fn write_path(path: &[u8], out: &mut Vec<u8>) {
    let base = out.len();
    let mut segments = path
        .strip_prefix(b"/")
        .unwrap_or(path)
        .split(|&byte| byte == b'/')
        .peekable();
    while let Some(segment) = segments.next() {
        let slash = out.len();
        out.push(b'/');
        write_normal(segment, out);
        let written = out.get(slash + 1..).unwrap_or_default();
        // Dot segments (RFC 3986 §5.2.4), after their escapes were decoded.
        let back = match written {
            b"." => slash,
            b".." => {
                let before = out.get(base..slash).unwrap_or_default();
                base + memrchr(b'/', before).unwrap_or(0)
            }
            _ => continue,
        };
        out.truncate(back);
        if segments.peek().is_none() {
            out.push(b'/');
        }
    }
    if out.len() == base {
        out.push(b'/');
    }
}

/// Percent-normalises one component: unreserved characters decoded, other escapes in upper case,
/// bytes that a URL may not hold escaped.
fn write_normal(component: &[u8], out: &mut Vec<u8>) {
    let mut rest = component;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                rest = after;
                write_byte(refang::hex_pair(*high, *low), true, out);
            }
            _ => write_byte(*first, false, out),
        }
    }
}

fn write_byte(byte: u8, escaped: bool, out: &mut Vec<u8>) {
    let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let forbidden = byte <= b' ' || byte >= 0x7f || b"\"<>`{}|\\^".contains(&byte);
    if unreserved || !(escaped || forbidden) {
        out.push(byte);
    } else {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'0');
        out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        for (written, expected) in [
            ("HTTPS://Evil.Example", "http://evil.example/"),
            ("https://evil.example:443/a#b", "http://evil.example/a"),
            ("http://evil.example:8080/a", "http://evil.example:8080/a"),
            (
                "http://user:pw@evil.example/%7ea/%c3%a9?B=%2f",
                "http://evil.example/~a/%C3%A9?B=%2F",
            ),
            ("http://evil.example/é", "http://evil.example/%C3%A9"),
            ("http://evil.example/a/./b/../c", "http://evil.example/a/c"),
            ("http://evil.example/a/..", "http://evil.example/"),
            ("http://evil.example/../../a", "http://evil.example/a"),
            ("http://evil.example?", "http://evil.example/"),
            ("http://evil.example?a=1", "http://evil.example/?a=1"),
            ("evil.example/a/", "http://evil.example/a/"),
            ("//evil.example/a", "http://evil.example/a"),
            ("hxxp://198.51.100.7/x", "http://198.51.100.7/x"),
            ("http://[2001:DB8::1]:443/", "http://[2001:db8::1]/"),
            ("http://[::ffff:198.51.100.7]/", "http://198.51.100.7/"),
            ("ftp://evil.example/a", "ftp://evil.example/a"),
            (
                "http://b%C3%BCcher.example/",
                "http://xn--bcher-kva.example/",
            ),
            ("http://evil%2eexample/", "http://evil.example/"),
            ("h**ps://evil.example./a//b", "http://evil.example/a//b"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(expected), "{written}");
            assert_eq!(
                canonical(expected).as_deref(),
                Ok(expected),
                "stable: {expected}"
            );
        }
    }

    #[test]
    fn refusals() {
        for wrong in [
            "evil.example",
            "http://",
            "http://evil.example:99999/",
            "http://evil.example:x/",
            "http://localhost/a",
            "http://evil.example/a b",
            "://evil.example/",
        ] {
            assert!(canonical(wrong).is_err(), "{wrong}");
        }
    }
}
