//! Every observable in a text.

use std::ops::Range;

use crate::address::Network;
use crate::name::Standing;
use crate::reader::tail::{Budget, Ends};
use crate::reader::{self, Buffers, Host, Place, Role, Sink, UrlSeen};
use crate::sieve::NameHash;
use crate::{Kind, Observable, context, email, name, url};

/// How many of a token's last observables are looked through for the same one.
const REMEMBERED: usize = 64;

/// What an observable in a text is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// It stands for itself.
    Whole,
    /// It is the host of the URL around it.
    HostOfUrl,
    /// It is the domain of the e-mail address around it.
    DomainOfEmail,
}

/// An observable in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The observable.
    pub observable: Observable,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends (exclusive).
    pub end: usize,
    /// What it is part of.
    pub part: Part,
}

/// Finds every observable in `text`, which may be any bytes, in the order of the tokens they are
/// in. A URL is followed by its host, an e-mail address by its domain.
///
/// Read are: plain and defanged spellings (`hxxp`, `[.]`, `(dot)`, `[@]`, `\.` ...), escapes of
/// JSON, HTML and URLs, upper case, ports, user info, punycode and Unicode names, IPv4-mapped IPv6,
/// URLs within URLs. Not read are: a part of a longer name, number or run of digits
/// (`notevil.example`, `1.2.3.4.5`, a digest within more hexadecimal digits), numbers with leading
/// zeros, versions (`Chrome/1.2.3.4`), times and hardware addresses, names without a known
/// top-level domain. The local part of an e-mail address and the user info of a URL hold no names.
pub fn extract(text: &[u8], on_observable: &mut dyn FnMut(Extracted)) {
    let mut extract = Extract {
        on_observable,
        token: Vec::new(),
        budget: Budget::default(),
    };
    reader::read(text, &mut Buffers::default(), &mut extract);
}

struct Extract<'e> {
    on_observable: &'e mut dyn FnMut(Extracted),
    /// What was found in the token being read.
    token: Vec<(Range<usize>, Observable)>,
    /// What is left for it.
    budget: Budget,
}

impl Extract<'_> {
    fn found(&mut self, place: &Place<'_>, span: Range<usize>, observable: Observable, role: Role) {
        let span = place.source(span);
        let known = |(at, other): &(Range<usize>, Observable)| {
            *other == observable && at.start < span.end && span.start < at.end
        };
        if self.token.iter().rev().take(REMEMBERED).any(known) {
            return;
        }
        let part = match role {
            Role::Plain => Part::Whole,
            Role::HostOfUrl => Part::HostOfUrl,
            Role::DomainOfEmail => Part::DomainOfEmail,
        };
        self.token.push((span.clone(), observable.clone()));
        (self.on_observable)(Extracted {
            observable,
            start: span.start,
            end: span.end,
            part,
        });
    }
}

/// The canonical form of a name, if it is plausible as a host.
fn plausible(seen: &[u8]) -> Option<(String, Standing)> {
    let name = name::canonical_seen(std::str::from_utf8(seen).ok()?)?;
    match name::standing(&name) {
        Standing::SingleLabel | Standing::UnknownTopLevel => None,
        standing => Some((name, standing)),
    }
}

impl Sink for Extract<'_> {
    fn next_token(&mut self, len: usize) {
        self.token.clear();
        self.budget = Budget::for_token(len);
    }

    fn may_end_name(&self, _last_label: &[u8]) -> bool {
        true
    }

    fn wants_name(&self, _name: NameHash) -> bool {
        true
    }

    fn wants_v4(&self, _address: u32) -> bool {
        true
    }

    fn wants_digest(&self, _digits: &[u8]) -> bool {
        true
    }

    fn wants_ipv6(&self) -> bool {
        true
    }

    fn network(&mut self, place: &Place<'_>, span: Range<usize>, network: Network, role: Role) {
        let quad = network.kind() == Kind::Ipv4 && role == Role::Plain;
        if !(quad && context::is_version(place.text, span.start, span.end)) {
            self.found(place, span, Observable::of_network(network), role);
        }
    }

    fn name(&mut self, place: &Place<'_>, span: Range<usize>, name: &[u8], role: Role) {
        // A public suffix is no indicator.
        if let Some((name, Standing::Registrable)) = plausible(name) {
            self.found(
                place,
                span,
                Observable::of_canonical(Kind::Domain, name),
                role,
            );
        }
    }

    fn digest(&mut self, place: &Place<'_>, span: Range<usize>) {
        let digits = place
            .text
            .get(span.clone())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let Some(kind) = Kind::of_digest(digits.len())
            && let Ok(digits) = String::from_utf8(digits)
        {
            self.found(
                place,
                span,
                Observable::of_canonical(kind, digits),
                Role::Plain,
            );
        }
    }

    fn url(&mut self, place: &Place<'_>, seen: &UrlSeen<'_>) {
        if let Host::Name(name) = seen.host
            && plausible(name).is_none()
        {
            return;
        }
        if let Some(end) = Ends::of(place, seen, &mut self.budget).likely() {
            let mut canonical = Vec::new();
            url::begin(seen, &mut canonical);
            url::write_tail(
                place.text.get(seen.tail..end).unwrap_or_default(),
                &mut canonical,
            );
            if let Ok(canonical) = String::from_utf8(canonical) {
                let observable = Observable::of_canonical(Kind::Url, canonical);
                self.found(place, seen.start..end, observable, Role::Plain);
            }
        }
        let span = seen.host_span.clone();
        match seen.host {
            Host::Name(name) => self.name(place, span, name, Role::HostOfUrl),
            Host::Network(network) => self.network(place, span, network, Role::HostOfUrl),
        }
    }

    fn email(&mut self, place: &Place<'_>, span: Range<usize>, sign: usize, domain: &[u8]) {
        // `from=bob@evil.example`: the shortest local part is the likely one.
        let starts = email::starts(place.text, span.start..sign);
        let Some(start) = starts.last().filter(|_| plausible(domain).is_some()) else {
            return;
        };
        let local = place.text.get(start..sign).unwrap_or_default();
        let mut canonical = Vec::new();
        email::write_seen(local, domain, &mut canonical);
        if let Ok(canonical) = String::from_utf8(canonical) {
            let observable = Observable::of_canonical(Kind::Email, canonical);
            self.found(place, start..span.end, observable, Role::Plain);
        }
    }
}
