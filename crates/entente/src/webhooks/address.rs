//! Where messages may go. A URL that a member names must not make the node knock at doors that only
//! the node can reach: its own machine, its network, the metadata service of its host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Octets of a URL at most.
const LONGEST: usize = 2000;

/// Reads a URL of a webhook. With `private`, plain HTTP will do as well.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(url: &str, private: bool) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(
        |_| "url: this is no URL: use https://host/path, with other characters percent-encoded",
    )?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if url.len() > LONGEST {
        return Err(format!("url: it is longer than {LONGEST} octets"));
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err("url: it names no host: use https://host/path".into());
    }
    if authority.contains('@') {
        return Err("url: leave user name and password out: messages are signed instead".into());
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if private => Ok(uri),
        _ => Err("url: messages are sent to https URLs alone".into()),
    }
}

/// Looks the host of a URL up, and refuses what is not on the public Internet.
///
/// # Errors
/// That there is no such host, or that it is not public.
pub(super) fn check_host(uri: &Uri) -> Result<(), String> {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = (bare, uri.port_u16().unwrap_or(443))
        .to_socket_addrs()
        .map_err(|_| format!("url: the host {host} cannot be found"))?
        .collect();
    if found.iter().all(|address| is_public(address.ip())) {
        Ok(())
    } else {
        Err(format!("url: {NOT_PUBLIC}"))
    }
}

const NOT_PUBLIC: &str = "the host is not on the public Internet: this node sends nothing to \
                          loopback, private or reserved addresses";

/// Looks hosts up for one request, which then goes to the address that was checked and to no other.
#[derive(Debug, Default)]
pub(super) struct PublicOnly(DefaultResolver);

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        if found.iter().all(|address| is_public(address.ip())) {
            Ok(found)
        } else {
            let error = std::io::Error::new(std::io::ErrorKind::PermissionDenied, NOT_PUBLIC);
            Err(ureq::Error::Io(error))
        }
    }
}

/// Whether an address is on the public Internet: global unicast, and set aside for nothing else in
/// IANA's registries of special-purpose addresses (RFC 6890). An IPv6 address that stands for an
/// IPv4 address is judged by that.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Reserved blocks of IPv4: first address, and how many bits count.
const RESERVED_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10), // carrier-grade NAT
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16), // link-local, metadata services
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24), // 6to4 relays
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4), // multicast
    ([240, 0, 0, 0], 4), // with broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    RESERVED_V4.iter().all(|(first, length)| {
        let shift = 32 - length;
        bits >> shift != Ipv4Addr::from(*first).to_bits() >> shift
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| is_public_v4((u32::from(high) << 16 | u32::from(low)).into());
    match address.segments() {
        // IPv4-mapped, NAT64 and 6to4 stand for an IPv4 address.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        // Protocol assignments with Teredo, documentation (twice).
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_reached_that_only_the_node_can_reach() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_internet_is_reached() {
        for address in [
            "1.1.1.1",
            "9.9.9.9",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "193.0.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn urls_are_https_with_a_host_and_no_password() {
        assert!(parse("https://hooks.example/in?x=1", false).is_ok());
        assert!(parse("http://127.0.0.1:9/in", true).is_ok());
        for wrong in [
            "http://hooks.example/",
            "ftp://hooks.example/",
            "hooks.example",
            "/in",
            "https://",
            "https://user:word@hooks.example/",
            "https:///in",
            "https://bücher.example/",
            "",
        ] {
            assert!(parse(wrong, false).is_err(), "{wrong}");
        }
        assert!(parse("file:///etc/passwd", true).is_err());
    }

    #[test]
    fn hosts_are_judged_by_what_they_resolve_to() {
        for url in [
            "https://localhost/",
            "https://127.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://169.254.169.254/latest/meta-data/",
            "https://0x7f.1/",
        ] {
            let uri: Uri = url.parse().unwrap();
            assert!(check_host(&uri).is_err(), "{url}");
        }
        assert!(check_host(&"https://1.1.1.1/".parse().unwrap()).is_ok());
    }
}
