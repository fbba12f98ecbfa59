//! What a match says.

use std::fmt;

use crate::Kind;

/// How what was seen relates to what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The published value itself.
    Exact,
    /// A name below a published domain.
    Subdomain,
    /// An address or network within a published network.
    InNetwork,
    /// A URL below a published URL whose path ends in `/`.
    UnderUrl,
    /// The host of a URL is published, or is below or within what is.
    HostOfUrl,
    /// The domain of an e-mail address is published, or is below one that is.
    DomainOfEmail,
}

impl Relation {
    /// The name used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Subdomain => "subdomain",
            Self::InNetwork => "in-network",
            Self::UnderUrl => "under-url",
            Self::HostOfUrl => "host-of-url",
            Self::DomainOfEmail => "domain-of-email",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One signal hit at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'h> {
    /// As given to [`crate::Index::insert`].
    pub signal: u64,
    /// The kind of the published value.
    pub kind: Kind,
    /// How the text relates to it.
    pub relation: Relation,
    /// Where the reading begins, in bytes from the start of the text.
    pub start: usize,
    /// Where it ends (exclusive).
    pub end: usize,
    /// The published value, canonical.
    pub value: &'h str,
}
