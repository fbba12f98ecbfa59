//! What kinds of observable there are.

use std::fmt;
use std::str::FromStr;

/// The kind of an observable. A network (CIDR) has the kind of its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// An IPv4 address or network.
    Ipv4,
    /// An IPv6 address or network. IPv4-mapped addresses are [`Kind::Ipv4`].
    Ipv6,
    /// A domain name of two labels or more, below a public suffix.
    Domain,
    /// A URL with a host.
    Url,
    /// An e-mail address.
    Email,
    /// An MD5 digest (32 hexadecimal digits).
    Md5,
    /// A SHA-1 digest (40).
    Sha1,
    /// A SHA-256 digest (64).
    Sha256,
    /// A SHA-512 digest (128).
    Sha512,
}

impl Kind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 9] = [
        Self::Ipv4,
        Self::Ipv6,
        Self::Domain,
        Self::Url,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
    ];

    /// The name used in output and read back by [`Kind::from_str`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The digest with this many hexadecimal digits.
    pub(crate) const fn of_digest(digits: usize) -> Option<Self> {
        match digits {
            32 => Some(Self::Md5),
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            128 => Some(Self::Sha512),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name is not one of [`Kind::as_str`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of observable: {0:?}")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!(
            "hostname".parse::<Kind>(),
            Err(UnknownKind("hostname".into()))
        );
    }
}
