//! Addresses and names as measurements have them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest name that is kept (RFC 1035 §2.3.4).
const LONGEST: usize = 253;

/// Whether no public site has this address: private, loopback, link-local, reserved, documentation
/// (the IANA special-purpose address registries, RFC 6890), multicast, or zero.
pub(crate) fn is_bogon(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_bogon_v4(address),
        IpAddr::V6(address) => is_bogon_v6(address),
    }
}

fn is_bogon_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_bogon_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_bogon_v4(mapped);
    }
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is given out, and in it 2001:db8::/32 is documentation. What translates IPv4
    // (RFC 6052) is as good as the address in it.
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() {
        return is_bogon_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    }
    !(0x2000..0x4000).contains(&a) || (a == 0x2001 && b == 0xdb8)
}

/// The address of an endpoint such as `192.0.2.1:443` or `[2001:db8::1]:443`.
pub(crate) fn endpoint(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

/// The host that a URL names, in lower case; of a bare host, itself.
pub(crate) fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?.0,
        None => authority
            .split_once(':')
            .map_or(authority, |(host, _)| host),
    };
    let host = host.trim_end_matches('.');
    let fits = !host.is_empty()
        && host.len() <= LONGEST
        && !host.contains(|c: char| c.is_whitespace() || c.is_control());
    fits.then(|| host.to_lowercase())
}

/// Whether a URL is fetched without TLS.
pub(crate) fn is_plain_http(url: &str) -> bool {
    url.get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// Whether two hosts are one site: the same name, or below the same registrable domain.
pub(crate) fn is_same_site(one: &str, other: &str) -> bool {
    one == other || (registrable(one).is_some() && registrable(one) == registrable(other))
}

fn registrable(host: &str) -> Option<&str> {
    if host.parse::<IpAddr>().is_ok() {
        return None;
    }
    psl::domain_str(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_no_site_has_are_told_from_those_that_some_have() {
        for bogon in [
            "10.10.34.36",
            "127.0.0.1",
            "0.0.0.0",
            "192.168.22.1",
            "100.64.0.1",
            "198.18.0.5",
            "::1",
            "d0::11",
            "fe80::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
        ] {
            assert!(is_bogon(bogon.parse().unwrap()), "{bogon}");
        }
        for public in [
            "1.2.3.4",
            "93.184.216.34",
            "2606:2800:220:1::1",
            "64:ff9b::808:808",
        ] {
            assert!(!is_bogon(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn hosts_are_found_in_urls() {
        for (url, expected) in [
            ("http://WWW.Example.org./a?b", Some("www.example.org")),
            ("https://u:p@example.org:8443", Some("example.org")),
            ("https://[2001:db8::1]:443/", Some("2001:db8::1")),
            ("example.org", Some("example.org")),
            ("http://", None),
            ("http://a b/", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
        assert!(is_same_site("www.bbc.co.uk", "bbc.co.uk"));
        assert!(!is_same_site("a.co.uk", "b.co.uk"));
        assert!(!is_same_site("archive.org", "lamanlabuh.aduankonten.id"));
    }
}
