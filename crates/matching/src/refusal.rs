//! Why a value is not an observable.

/// Why a published value was refused. The text is fit to be shown to who published it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing but white space and quotes.
    #[error("the value is empty")]
    Empty,
    /// Longer than any observable of its kind may be.
    #[error("the value is longer than {limit} bytes")]
    TooLong {
        /// The longest value accepted, in bytes.
        limit: usize,
    },
    /// Neither an IPv4 nor an IPv6 address or network.
    #[error("not an IP address or network: {0:?}")]
    NotAnAddress(String),
    /// `010.0.0.1` is 8.0.0.1 to some programs and 10.0.0.1 to others.
    #[error("leading zeros make the IPv4 address {0:?} ambiguous")]
    LeadingZero(String),
    /// The address is of the other version.
    #[error("{0:?} is not an address of the kind asked for")]
    OtherVersion(String),
    /// A prefix length that the address does not have, or 0.
    #[error("/{prefix} is not a usable prefix length: 1 to {longest}")]
    PrefixLength {
        /// As given.
        prefix: String,
        /// 32 or 128.
        longest: u8,
    },
    /// Not a domain name.
    #[error("not a domain name ({reason}): {value:?}")]
    NotADomain {
        /// As given.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Registrations happen below it, so it would match strangers.
    #[error("{0:?} is a public suffix: it would match everyone registered below it")]
    PublicSuffix(String),
    /// The last label is not a top-level domain; often a file name.
    #[error("{value:?} does not end in a known top-level domain ({label:?})")]
    UnknownTopLevel {
        /// As given.
        value: String,
        /// Its last label.
        label: String,
    },
    /// Not a URL with a host.
    #[error("not a URL ({reason}): {value:?}")]
    NotAUrl {
        /// As given.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not an e-mail address.
    #[error("not an e-mail address ({reason}): {value:?}")]
    NotAnEmail {
        /// As given.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not hexadecimal, or not of the digest's length.
    #[error("a {kind} digest has {digits} hexadecimal digits: {value:?}")]
    NotADigest {
        /// As given.
        value: String,
        /// The digest's name.
        kind: &'static str,
        /// How many digits it has.
        digits: usize,
    },
    /// No kind of observable is written like this.
    #[error("not an address, domain, URL, e-mail address or digest: {0:?}")]
    Unrecognised(String),
}
