//! Reading IPv6 addresses: they hold colons, as times, MAC addresses and paths of code do.

use std::net::Ipv6Addr;
use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use crate::address::Network;
use crate::classes::is_name;
use crate::reader::{Place, Role, Sink, prefix_after};

/// The longest text form, with an IPv4 address at its end.
const LONGEST: usize = 45;

/// Reads every IPv6 address in a token.
pub(super) fn read<S: Sink>(place: &Place<'_>, token: Range<usize>, sink: &mut S) {
    let mut at = token.start;
    while let Some(colon) = memchr(b':', place.slice(at..token.end)).map(|offset| at + offset) {
        let run = run_around(place, colon, token.start..token.end);
        at = run.end.max(colon + 1);
        if let Some((span, network)) = address_in(place, run, token.clone()) {
            sink.network(place, span, network, Role::Plain);
        }
    }
}

/// An address in brackets, and where the brackets end.
pub(super) fn literal(place: &Place<'_>, within: Range<usize>) -> Option<(Network, usize)> {
    let rest = place.slice(within.clone()).strip_prefix(b"[")?;
    let close = memchr(b']', rest.get(..rest.len().min(LONGEST + 20))?)?;
    let text = rest.get(..close)?;
    let address = memchr(b'%', text).map_or(Some(text), |zone| text.get(..zone))?;
    Some((Network::v6(parse(address)?, 128), within.start + close + 2))
}

/// The run of hexadecimal digits, colons and dots around a colon.
fn run_around(place: &Place<'_>, colon: usize, token: Range<usize>) -> Range<usize> {
    let part = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let before = place.slice(token.start.max(colon.saturating_sub(LONGEST))..colon);
    let before = before.iter().rev().take_while(part).count();
    let after = place
        .slice(colon..token.end)
        .iter()
        .take_while(part)
        .count();
    colon - before..colon + after
}

fn address_in(
    place: &Place<'_>,
    mut run: Range<usize>,
    token: Range<usize>,
) -> Option<(Range<usize>, Network)> {
    // Shorter than any address: the colon of a scheme, a port, a time.
    if run.len() < 3 {
        return None;
    }
    // `src:2001:db8::1`: the end of a word is no group.
    if place.byte_before(run.start).is_some_and(is_name) {
        run.start += memchr(b':', place.slice(run.clone()))?;
    }
    let bytes = place.slice(run.clone());
    if bytes.starts_with(b":") && !bytes.starts_with(b"::") || bytes.starts_with(b".") {
        run.start += 1;
    }
    while matches!(place.byte_before(run.end), Some(b'.')) && run.end > run.start {
        run.end -= 1;
    }
    let bytes = place.slice(run.clone());
    if bytes.ends_with(b":") && !bytes.ends_with(b"::") {
        run.end -= 1;
    }
    let bytes = place.slice(run.clone());
    if !could_be(bytes)
        || place
            .byte(run.end)
            .is_some_and(|byte| is_name(byte) && byte != b'.')
    {
        return None;
    }
    if is_literal_of_url(place.slice(token.start..run.start)) {
        return None;
    }
    let (address, len) = parse(bytes)
        .map(|address| (address, bytes.len()))
        .or_else(|| {
            // `::ffff:198.51.100.7:80`
            let colon = memrchr(b':', bytes)?;
            let bare = bytes
                .get(..colon)
                .filter(|bare| memchr(b'.', bare).is_some())?;
            Some((parse(bare)?, colon))
        })?;
    let end = run.start + len;
    if let Some((prefix @ 1..=128, prefix_end)) = prefix_after(place, end..token.end) {
        let network = Network::v6(address, prefix);
        if network != Network::v6(address, 128) && network.starts_at(address) {
            return Some((run.start..prefix_end, network));
        }
    }
    Some((run.start..end, Network::v6(address, 128)))
}

/// Whether the address after this is the host of a URL, which is read with it.
fn is_literal_of_url(before: &[u8]) -> bool {
    before.ends_with(b"://[") || before.ends_with(b"@[") && memmem::find(before, b"://").is_some()
}

/// Weeds out most of what holds colons before it is parsed.
fn could_be(bytes: &[u8]) -> bool {
    if bytes.len() < 3 || bytes.len() > LONGEST + 6 {
        return false;
    }
    let (mut colons, mut dots, mut shortened, mut before) = (0, 0, false, 0);
    for &byte in bytes {
        colons += u32::from(byte == b':');
        dots += u32::from(byte == b'.');
        shortened |= byte == b':' && before == b':';
        before = byte;
    }
    // Eight groups of two digits are a hardware address (EUI-64).
    let hardware = || {
        bytes
            .split(|&byte| byte == b':')
            .all(|group| group.len() == 2)
    };
    shortened || colons == 6 && dots > 0 || colons == 7 && (dots > 0 || !hardware())
}

fn parse(bytes: &[u8]) -> Option<u128> {
    let address: Ipv6Addr = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    (!address.is_unspecified()).then(|| address.to_bits())
}
