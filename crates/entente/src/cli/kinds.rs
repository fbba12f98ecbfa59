//! The kinds of observable as two rooms name them.

use matching::Kind;
use stix::signal::SaidKind;

/// A kind that matching knows, as STIX objects say it.
pub(crate) const fn said(kind: Kind) -> SaidKind {
    match kind {
        Kind::Ipv4 => SaidKind::Ipv4,
        Kind::Ipv6 => SaidKind::Ipv6,
        Kind::Domain => SaidKind::Domain,
        Kind::Url => SaidKind::Url,
        Kind::Email => SaidKind::Email,
        Kind::Md5 => SaidKind::Md5,
        Kind::Sha1 => SaidKind::Sha1,
        Kind::Sha256 => SaidKind::Sha256,
        Kind::Sha512 => SaidKind::Sha512,
    }
}
