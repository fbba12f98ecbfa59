//! Names that IANA and others registered, as OASIS stix2-validator 3.3.2 has them; one a line, sorted.

use std::collections::HashSet;
use std::sync::LazyLock;

type Names = LazyLock<HashSet<&'static str>>;

static MEDIA_TYPES: Names = LazyLock::new(|| names(include_str!("registry/media-types.txt")));
static CHARSETS: Names = LazyLock::new(|| names(include_str!("registry/charsets.txt")));
static PROTOCOLS: Names = LazyLock::new(|| names(include_str!("registry/protocols.txt")));
static SOCKET_OPTIONS: Names = LazyLock::new(|| names(include_str!("registry/socket-options.txt")));
static HTTP_REQUEST_HEADERS: Names =
    LazyLock::new(|| names(include_str!("registry/http-request-headers.txt")));
static COUNTRIES: Names = LazyLock::new(|| names(include_str!("registry/countries.txt")));
static LANGUAGES: Names = LazyLock::new(|| names(include_str!("registry/languages.txt")));
static SOFTWARE_LANGUAGES: Names =
    LazyLock::new(|| names(include_str!("registry/software-languages.txt")));
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

/// A socket option (6.12.4).
pub(crate) fn is_socket_option(name: &str) -> bool {
    SOCKET_OPTIONS.contains(name)
}

/// A header of an HTTP request (6.12.2).
pub(crate) fn is_http_request_header(name: &str) -> bool {
    HTTP_REQUEST_HEADERS.contains(name)
}

/// A country of ISO 3166-1 ALPHA-2, in capitals (4.10.1).
pub(crate) fn is_country(code: &str) -> bool {
    COUNTRIES.contains(code)
}

/// A language code of RFC 5646 (3.2).
pub(crate) fn is_language(code: &str) -> bool {
    LANGUAGES.contains(code)
}

/// A language code of RFC 5646, or one of ISO 639-2 as STIX 2.0 asked for (6.14.1).
pub(crate) fn is_software_language(code: &str) -> bool {
    SOFTWARE_LANGUAGES.contains(code)
}
