//! Observables: values that were checked, in one canonical form each.

use std::fmt;

use crate::address::Network;
use crate::{Kind, Refusal, email, name, refang, url};

/// A value that signals are about and data is searched for, in canonical form. Two spellings of
/// one thing make equal observables.
///
/// | kind | canonical text |
/// |---|---|
/// | ipv4, ipv6 | dotted quad, RFC 5952; networks as `address/prefix` with host bits zero; IPv4-mapped IPv6 is ipv4 |
/// | domain | A-labels in lower case, no trailing dot |
/// | url | `http://` for http and https, no user info, default port or fragment, normalised path |
/// | email | both parts in lower case |
/// | digests | lower-case hexadecimal |
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Observable {
    kind: Kind,
    text: Box<str>,
}

impl Observable {
    /// Reads a published value of a known kind. Defanged spellings, surrounding quotes and white
    /// space are accepted. An address of [`Kind::Ipv6`] that is IPv4-mapped becomes
    /// [`Kind::Ipv4`]; a port after an address or a domain is left out.
    pub fn parse(kind: Kind, value: &str) -> Result<Self, Refusal> {
        let value = trimmed(value)?;
        let value = refang::refanged(value);
        let text = match kind {
            Kind::Ipv4 | Kind::Ipv6 => {
                let network = Network::parse(without_port(&value))?;
                if kind == Kind::Ipv4 && network.kind() == Kind::Ipv6
                    || kind == Kind::Ipv6 && !value.contains(':')
                {
                    return Err(Refusal::OtherVersion(value.into_owned()));
                }
                return Ok(Self::of_network(network));
            }
            Kind::Domain => name::canonical_registrable(without_port(&value))?,
            Kind::Url => url::canonical(&value)?,
            Kind::Email => email::canonical(&value)?,
            Kind::Md5 => digest(kind, 32, &value)?,
            Kind::Sha1 => digest(kind, 40, &value)?,
            Kind::Sha256 => digest(kind, 64, &value)?,
            Kind::Sha512 => digest(kind, 128, &value)?,
        };
        Ok(Self {
            kind,
            text: text.into(),
        })
    }

    /// Reads a published value whose kind is not told, as in plain lists of indicators.
    pub fn guess(value: &str) -> Result<Self, Refusal> {
        let value = trimmed(value.trim_end().trim_end_matches([',', ';']))?;
        let value = refang::refanged(value);
        if value.bytes().all(|byte| byte.is_ascii_hexdigit())
            && let Some(kind) = Kind::of_digest(value.len())
        {
            return Self::parse(kind, &value);
        }
        if value.contains("://") {
            return Self::parse(Kind::Url, &value);
        }
        match Network::parse(without_port(&value)) {
            Ok(network) => return Ok(Self::of_network(network)),
            Err(refusal @ Refusal::LeadingZero(_)) => return Err(refusal),
            // `198.51.100.7/a` is a URL.
            Err(Refusal::PrefixLength { prefix, longest })
                if prefix.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                return Err(Refusal::PrefixLength { prefix, longest });
            }
            Err(_) => {}
        }
        // A path may hold an @, so that the first of the two decides.
        match value
            .find(['/', '@'])
            .and_then(|at| value.as_bytes().get(at))
        {
            Some(b'/') => Self::parse(Kind::Url, &value),
            Some(_) => Self::parse(Kind::Email, &value),
            None if value.contains('.') || !value.is_ascii() => Self::parse(Kind::Domain, &value),
            None => Err(Refusal::Unrecognised(value.into_owned())),
        }
    }

    pub(crate) fn of_network(network: Network) -> Self {
        let mut text = String::new();
        network.write(&mut text);
        Self {
            kind: network.kind(),
            text: text.into(),
        }
    }

    /// Takes back what [`Observable::as_str`] gave, without reading it anew: for text that was kept.
    /// Text that is not canonical makes an observable that nothing matches.
    pub fn of_canonical(kind: Kind, text: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The network that this is, for addresses and networks.
    pub(crate) fn network(&self) -> Option<Network> {
        match self.kind {
            Kind::Ipv4 | Kind::Ipv6 => Network::parse(&self.text).ok(),
            _ => None,
        }
    }
}

impl fmt::Display for Observable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn trimmed(value: &str) -> Result<&str, Refusal> {
    let bare = value.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\u{feff}')
    });
    if bare.is_empty() {
        return Err(Refusal::Empty);
    }
    if bare.len() > url::LONGEST {
        return Err(Refusal::TooLong {
            limit: url::LONGEST,
        });
    }
    Ok(bare)
}

/// Takes `:port` and the brackets of `[v6]:port` off.
fn without_port(value: &str) -> &str {
    if let Some(literal) = value.strip_prefix('[') {
        let (address, port) = literal.split_once(']').unwrap_or((literal, "?"));
        let valid = port.strip_prefix(':').map_or(port.is_empty(), is_port);
        return if valid { address } else { value };
    }
    match value.split_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => value,
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn digest(kind: Kind, digits: usize, value: &str) -> Result<String, Refusal> {
    if value.len() == digits && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(Refusal::NotADigest {
        value: value.to_owned(),
        kind: kind.as_str(),
        digits,
    })
}
