//! Names that IANA registered, as OASIS stix2-validator 3.3.2 has them; one a line, sorted.

use std::collections::HashSet;
use std::sync::LazyLock;

type Names = LazyLock<HashSet<&'static str>>;

static MEDIA_TYPES: Names = LazyLock::new(|| names(include_str!("registry/media-types.txt")));
static CHARSETS: Names = LazyLock::new(|| names(include_str!("registry/charsets.txt")));
static PROTOCOLS: Names = LazyLock::new(|| names(include_str!("registry/protocols.txt")));
static IPFIX: Names = LazyLock::new(|| names(include_str!("registry/ipfix.txt")));

fn names(text: &'static str) -> HashSet<&'static str> {
    text.lines().collect()
}

/// A media type.
pub(crate) fn is_media_type(name: &str) -> bool {
    MEDIA_TYPES.contains(name)
}

/// The preferred MIME name of a character set.
pub(crate) fn is_charset(name: &str) -> bool {
    CHARSETS.contains(name)
}

/// A service or a transport protocol, or `ipv4`, `ipv6`, `ssl`, `tls`, `dns`.
pub(crate) fn is_protocol(name: &str) -> bool {
    PROTOCOLS.contains(name)
}

/// An information element of IPFIX.
pub(crate) fn is_ipfix(name: &str) -> bool {
    IPFIX.contains(name)
}
