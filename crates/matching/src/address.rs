//! Canonical IP addresses and networks.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::Refusal;
use crate::kind::Kind;

/// An address with its prefix length; host bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Network {
    V4 { address: u32, prefix: u8 },
    V6 { address: u128, prefix: u8 },
}

impl Network {
    /// Reads `address` or `address/prefix`. IPv4-mapped IPv6 becomes IPv4 (RFC 4291 §2.5.5.2).
    pub(crate) fn parse(value: &str) -> Result<Self, Refusal> {
        let (address, prefix) = match value.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (value, None),
        };
        if let Some(v4) = parse_v4(address.as_bytes()) {
            let prefix = prefix.map_or(Ok(32), |text| parse_prefix(text, 32))?;
            return Ok(Self::v4(v4, prefix));
        }
        if has_leading_zero(address) {
            return Err(Refusal::LeadingZero(address.to_owned()));
        }
        let zoneless = address
            .split_once('%')
            .map_or(address, |(address, _zone)| address);
        let v6: Ipv6Addr = zoneless
            .parse()
            .map_err(|_| Refusal::NotAnAddress(value.to_owned()))?;
        let prefix = prefix.map_or(Ok(128), |text| parse_prefix(text, 128))?;
        if v6.is_unspecified() && prefix == 128 {
            return Err(Refusal::NotAnAddress(value.to_owned()));
        }
        Ok(Self::v6(v6.to_bits(), prefix))
    }

    pub(crate) fn v4(address: u32, prefix: u8) -> Self {
        Self::V4 {
            address: mask_v4(address, prefix),
            prefix,
        }
    }

    /// Folds IPv4-mapped addresses, and networks of them, to IPv4.
    pub(crate) fn v6(address: u128, prefix: u8) -> Self {
        if prefix >= 96 && address >> 32 == 0xffff {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low 32 bits are wanted"
            )]
            return Self::v4(address as u32, prefix - 96);
        }
        Self::V6 {
            address: mask_v6(address, prefix),
            prefix,
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::V4 { .. } => Kind::Ipv4,
            Self::V6 { .. } => Kind::Ipv6,
        }
    }

    /// Appends the canonical text: dotted quad or RFC 5952, with `/prefix` for networks.
    pub(crate) fn write(self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::V4 {
                address,
                prefix: 32,
            } => write!(out, "{}", Ipv4Addr::from_bits(address)),
            Self::V4 { address, prefix } => {
                write!(out, "{}/{prefix}", Ipv4Addr::from_bits(address))
            }
            Self::V6 {
                address,
                prefix: 128,
            } => write!(out, "{}", Ipv6Addr::from_bits(address)),
            Self::V6 { address, prefix } => {
                write!(out, "{}/{prefix}", Ipv6Addr::from_bits(address))
            }
        };
    }

    /// Whether this is the network's first address, so that no host bit is set.
    pub(crate) fn starts_at(self, first: u128) -> bool {
        match self {
            Self::V4 { address, .. } => u128::from(address) == first & 0xffff_ffff,
            Self::V6 { address, .. } => address == first,
        }
    }
}

pub(crate) const fn mask_v4(address: u32, prefix: u8) -> u32 {
    match u32::MAX.checked_shl(32 - prefix as u32) {
        Some(mask) => address & mask,
        None => 0,
    }
}

pub(crate) const fn mask_v6(address: u128, prefix: u8) -> u128 {
    match u128::MAX.checked_shl(128 - prefix as u32) {
        Some(mask) => address & mask,
        None => 0,
    }
}

/// Four decimal octets without leading zeros, and nothing else.
#[inline]
pub(crate) fn parse_v4(text: &[u8]) -> Option<u32> {
    if text.len() < 7 || text.len() > 15 {
        return None;
    }
    let (mut address, mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0_u8, 0_u8);
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                if digits > 0 && octet == 0 {
                    return None;
                }
                octet = octet * 10 + u32::from(byte - b'0');
                digits += 1;
                if octet > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && dots < 3 => {
                address = address << 8 | octet;
                (octet, digits) = (0, 0);
                dots += 1;
            }
            _ => return None,
        }
    }
    (dots == 3 && digits > 0).then_some(address << 8 | octet)
}

fn has_leading_zero(text: &str) -> bool {
    let mut octets = 0;
    let mut zero = false;
    for octet in text.split('.') {
        if octet.is_empty() || !octet.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        zero |= octet.len() > 1 && octet.starts_with('0');
        octets += 1;
    }
    octets == 4 && zero
}

fn parse_prefix(text: &str, longest: u8) -> Result<u8, Refusal> {
    text.parse()
        .ok()
        .filter(|prefix| (1..=longest).contains(prefix) && !text.starts_with(['+', '0']))
        .ok_or_else(|| Refusal::PrefixLength {
            prefix: text.to_owned(),
            longest,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(value: &str) -> String {
        let mut out = String::new();
        Network::parse(value).unwrap().write(&mut out);
        out
    }

    #[test]
    fn canonical_forms() {
        assert_eq!(canonical("198.51.100.7"), "198.51.100.7");
        assert_eq!(canonical("198.51.100.7/24"), "198.51.100.0/24");
        assert_eq!(canonical("198.51.100.7/32"), "198.51.100.7");
        assert_eq!(canonical("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
        assert_eq!(canonical("2001:db8::1/32"), "2001:db8::/32");
        assert_eq!(canonical("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(canonical("::ffff:c633:6407/120"), "198.51.100.0/24");
        assert_eq!(canonical("fe80::1%eth0"), "fe80::1");
    }

    #[test]
    fn refusals() {
        assert!(matches!(
            Network::parse("010.0.0.1"),
            Err(Refusal::LeadingZero(_))
        ));
        assert!(matches!(
            Network::parse("1.2.3.4.5"),
            Err(Refusal::NotAnAddress(_))
        ));
        assert!(matches!(
            Network::parse("256.2.3.4"),
            Err(Refusal::NotAnAddress(_))
        ));
        assert!(matches!(
            Network::parse("0.0.0.0/0"),
            Err(Refusal::PrefixLength { .. })
        ));
        assert!(matches!(
            Network::parse("10.0.0.0/33"),
            Err(Refusal::PrefixLength { .. })
        ));
        assert!(matches!(
            Network::parse("::"),
            Err(Refusal::NotAnAddress(_))
        ));
    }
}
