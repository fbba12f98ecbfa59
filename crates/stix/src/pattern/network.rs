//! Address ranges of IPv4 and IPv6.

use std::net::IpAddr;

/// A range of addresses: an address and how many of its bits count.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads an address, alone or with `/n`; bits behind the prefix do not count.
    pub fn read(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = width(address);
        let prefix = match prefix {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            Some(_) => return None,
            None => whole,
        };
        (prefix <= whole).then_some(Network { address, prefix })
    }

    /// Whether the addresses are IPv4.
    pub const fn is_ipv4(self) -> bool {
        self.address.is_ipv4()
    }

    /// How many bits count.
    pub const fn prefix(self) -> u32 {
        self.prefix
    }

    /// How many bits an address has: 32 or 128.
    pub const fn width(self) -> u32 {
        width(self.address)
    }

    /// The first so many bits of the address, as the low bits of a number.
    pub fn leading(self, count: u32) -> u128 {
        let away = self.width().saturating_sub(count);
        bits(self.address).checked_shr(away).unwrap_or(0)
    }

    /// Whether every address of `other` is in this range; never for addresses of the other family.
    pub fn contains(self, other: Self) -> bool {
        let width = width(self.address);
        let apart = bits(self.address) ^ bits(other.address);
        self.address.is_ipv4() == other.address.is_ipv4()
            && self.prefix <= other.prefix
            && apart.checked_shr(width - self.prefix).unwrap_or(0) == 0
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_what_begins_with_its_bits() {
        for (container, contained, expected) in [
            ("198.51.100.0/24", "198.51.100.7", true),
            ("198.51.100.0/24", "198.51.100.0/24", true),
            ("198.51.100.9/24", "198.51.100.0/27", true),
            ("198.51.100.0/27", "198.51.100.0/24", false),
            ("198.51.100.0/24", "198.51.101.7", false),
            ("198.51.100.7", "198.51.100.7", true),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("::/0", "203.0.113.1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:0db8:0:0::1/64", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let read = |text| Network::read(text).unwrap();
            let held = read(container).contains(read(contained));
            assert_eq!(held, expected, "{container} {contained}");
        }
    }

    #[test]
    fn what_is_no_range_is_not_read() {
        for text in [
            "",
            "1.2.3",
            "1.2.3.4/33",
            "::/129",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "x/8",
        ] {
            assert_eq!(Network::read(text), None, "{text}");
        }
    }
}
