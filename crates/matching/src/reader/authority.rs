//! Reading URLs: what follows `://`, and hosts that have a path without it.

use std::ops::Range;

use crate::address::{self, Network};
use crate::classes::{AT, PERCENT, Run, is_name};
use crate::reader::{Host, Place, Role, Shape, Sink, UrlSeen, ipv6};
use crate::{refang, url};

/// How much user info is looked through for its end.
const LONGEST_USER: usize = 256;
const LONGEST_SCHEME: usize = 16;

/// Reads the URL whose scheme ends at `colon`. Returns where reading goes on.
pub(super) fn read<S: Sink>(
    place: &Place<'_>,
    colon: usize,
    token_end: usize,
    seen: u8,
    sink: &mut S,
) -> usize {
    let mut start = colon + 3;
    while matches!(place.byte(start), Some(b'/' | b'\\')) && start < token_end {
        start += 1;
    }
    if seen & AT != 0 {
        start = after_user(place, start..token_end);
    }
    if place.byte(start) == Some(b'[') {
        return match ipv6::literal(place, start..token_end) {
            Some((network, end)) => {
                let host = (Host::Network(network), start + 1..end - 1);
                read_url(place, colon, host, end, token_end, sink)
            }
            None => start + 1,
        };
    }
    let run = Run::at(place.text, start, token_end).span;
    let end = run.end;
    if seen & PERCENT != 0 && place.touches_escape(&run) {
        return end;
    }
    match Shape::of(place, run, sink) {
        Some(Shape::Number(run)) => match address::parse_v4(place.slice(run.clone())) {
            Some(address) => {
                let host = (Host::Network(Network::v4(address, 32)), run);
                read_url(place, colon, host, end, token_end, sink)
            }
            None => end,
        },
        Some(Shape::Name(run)) => {
            let host = (Host::Name(place.slice(run.clone())), run);
            read_url(place, colon, host, end, token_end, sink)
        }
        Some(Shape::Foreign(run, ascii)) => {
            let host = (Host::Name(ascii.as_bytes()), run);
            read_url(place, colon, host, end, token_end, sink)
        }
        None => end,
    }
}

/// Tells of a URL whose host is read. Returns where its path begins.
fn read_url<S: Sink>(
    place: &Place<'_>,
    colon: usize,
    (host, host_span): (Host<'_>, Range<usize>),
    host_end: usize,
    token_end: usize,
    sink: &mut S,
) -> usize {
    let (port, tail) = port_after(place, host_end, token_end);
    let scheme = scheme_before(place, colon);
    let start = scheme.start;
    let scheme = place.slice(scheme);
    sink.url(
        place,
        &UrlSeen {
            scheme,
            start,
            host,
            host_span,
            port,
            tail,
            end: token_end,
        },
    );
    tail
}

/// Reads a host that stands without a scheme: as a URL if a path follows it.
pub(super) fn read_without_scheme<S: Sink>(
    place: &Place<'_>,
    run: Range<usize>,
    host: Host<'_>,
    token_end: usize,
    sink: &mut S,
) {
    let (port, tail) = port_after(place, run.end, token_end);
    if tail < token_end && place.byte(tail) == Some(b'/') {
        let start = run.start;
        let url = UrlSeen {
            scheme: b"",
            start,
            host,
            host_span: run,
            port,
            tail,
            end: token_end,
        };
        return sink.url(place, &url);
    }
    match host {
        Host::Name(name) => sink.name(place, run, name, Role::Plain),
        Host::Network(network) => sink.network(place, run, network, Role::Plain),
    }
}

/// Where the host begins: after the last @ of the authority.
fn after_user(place: &Place<'_>, within: Range<usize>) -> usize {
    let user = |byte: &u8| {
        is_name(*byte)
            || matches!(
                byte,
                b':' | b'@' | b'%' | b'!' | b'$' | b'&' | b'*' | b'+' | b';' | b'=' | b'~'
            )
    };
    let rest = place.slice(within.clone());
    let authority = rest.iter().take(LONGEST_USER).take_while(|byte| user(byte));
    let last = authority
        .enumerate()
        .filter(|(_, byte)| **byte == b'@')
        .last();
    last.map_or(within.start, |(at, _)| within.start + at + 1)
}

/// The scheme that ends at `end`.
fn scheme_before(place: &Place<'_>, end: usize) -> Range<usize> {
    let before = place.slice(end.saturating_sub(LONGEST_SCHEME)..end);
    let scheme =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'*');
    let len = before.iter().rev().take_while(|byte| scheme(byte)).count();
    // An escape's digits are not the scheme's: `%2Fhttp`.
    let mut start = end - len;
    if let Some(percent) = start.checked_sub(1)
        && refang::is_escape(place.text, percent)
    {
        start = (start + 2).min(end);
    }
    start..end
}

/// The port after a host, and where the path begins.
fn port_after(place: &Place<'_>, host_end: usize, token_end: usize) -> (Option<u16>, usize) {
    let Some(rest) = place.slice(host_end..token_end).strip_prefix(b":") else {
        return (None, host_end);
    };
    let len = rest
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match rest.get(..len).and_then(url::parse_port) {
        Some(port) => (Some(port), host_end + 1 + len),
        None => (None, host_end),
    }
}

/// Whether the URL that begins at `start` is a value in another's query, so that `&` ends it.
pub(crate) fn is_embedded(place: &Place<'_>, start: usize) -> bool {
    let before = place.slice(start.saturating_sub(LONGEST_USER)..start);
    let Some(before) = before.strip_suffix(b"=") else {
        return false;
    };
    let key = |byte: &&u8| is_name(**byte) || matches!(byte, b'[' | b']' | b'%');
    let key = before.iter().rev().take_while(key).count();
    let before = before.get(..before.len() - key).unwrap_or_default();
    matches!(before.last(), Some(b'?' | b'&' | b';'))
}
