//! Every hit of an index in a text.

use std::ops::Range;

use crate::address::Network;
use crate::context;
use crate::hit::{Hit, Relation};
use crate::index::lookup::Lookup;
use crate::index::{Index, hash};
use crate::reader::tail::{Budget, Ends};
use crate::reader::{self, Host, Place, Role, Sink, UrlSeen};
use crate::sieve::NameHash;
use crate::{Kind, url};

/// How many of a token's last hits are looked through for the same signal.
const REMEMBERED: usize = 16;

/// Buffers that scans reuse; keep one for each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    reading: reader::Buffers,
    buffers: Buffers,
}

#[derive(Debug, Default)]
struct Buffers {
    /// A canonical value being put together.
    canonical: Vec<u8>,
    /// A published value being written out.
    value: String,
    /// Signals and where they hit, in the token being read.
    reported: Vec<(u64, Range<usize>)>,
    /// What is left for the token being read.
    budget: Budget,
}

/// Reports every hit of `index` in `text`, which may be any bytes: in the order of the tokens they
/// are in, positions in bytes from the start of `text`. A signal is reported once for one place,
/// with the longest reading that it is about.
///
/// Reading is as [`crate::extract()`] describes it.
pub fn scan(index: &Index, text: &[u8], scratch: &mut Scratch, on_hit: &mut dyn FnMut(Hit<'_>)) {
    scan_for(index, text, scratch, on_hit);
}

/// [`scan`] for what is published, however it is kept.
pub(crate) fn scan_for<I: Lookup>(
    index: &I,
    text: &[u8],
    scratch: &mut Scratch,
    on_hit: &mut dyn FnMut(Hit<'_>),
) {
    let (reading, mut scan) = Scan::new(index, scratch, on_hit);
    reader::read(text, reading, &mut scan);
}

/// As [`scan`], but reads every token, also those that hold nothing.
#[cfg(test)]
pub(crate) fn scan_every_token(index: &Index, text: &[u8], on_hit: &mut dyn FnMut(Hit<'_>)) {
    let mut scratch = Scratch::default();
    let (reading, mut scan) = Scan::new(index, &mut scratch, on_hit);
    reader::read_every_token(text, reading, &mut scan);
}

struct Scan<'s, I> {
    index: &'s I,
    buffers: &'s mut Buffers,
    on_hit: &'s mut dyn FnMut(Hit<'_>),
}

impl<'s, I> Scan<'s, I> {
    fn new(
        index: &'s I,
        scratch: &'s mut Scratch,
        on_hit: &'s mut dyn FnMut(Hit<'_>),
    ) -> (&'s mut reader::Buffers, Self) {
        let Scratch { reading, buffers } = scratch;
        buffers.reported.clear();
        let scan = Self {
            index,
            buffers,
            on_hit,
        };
        (reading, scan)
    }
}

impl<I: Lookup> Scan<'_, I> {
    #[cold]
    fn report(
        &mut self,
        place: &Place<'_>,
        span: Range<usize>,
        entry: &I::Entry<'_>,
        relation: Relation,
    ) {
        let span = place.source(span);
        let Buffers {
            value, reported, ..
        } = &mut *self.buffers;
        let on_hit = &mut *self.on_hit;
        self.index.report(entry, value, &mut |signal, kind, value| {
            let overlaps = |other: &Range<usize>| other.start < span.end && span.start < other.end;
            let last = reported.iter().rev().take(REMEMBERED);
            if last
                .into_iter()
                .any(|(known, at)| *known == signal && overlaps(at))
            {
                return;
            }
            reported.push((signal, span.clone()));
            on_hit(Hit {
                signal,
                kind,
                relation,
                start: span.start,
                end: span.end,
                value,
            });
        });
    }

    /// Looks up each reading of a URL until one is published, and then the URLs above it.
    #[cold]
    fn read_url(&mut self, place: &Place<'_>, seen: &UrlSeen<'_>) {
        let index = self.index;
        let mut canonical = std::mem::take(&mut self.buffers.canonical);
        let begun = url::begin(seen, &mut canonical);
        let ends = Ends::of(place, seen, &mut self.buffers.budget);
        let write = |end, canonical: &mut Vec<u8>| {
            canonical.truncate(begun);
            url::write_tail(
                place.text.get(seen.tail..end).unwrap_or_default(),
                canonical,
            );
        };
        for end in ends.all(place, seen.tail) {
            if !self.buffers.budget.pays(end - seen.tail) {
                continue;
            }
            write(end, &mut canonical);
            let mut exact = false;
            index.find_url(&canonical, &mut |entry, relation| {
                exact = true;
                self.report(place, seen.start..end, &entry, relation);
            });
            if exact {
                break;
            }
        }
        let end = ends.likely().unwrap_or(seen.tail);
        write(seen.end.min(seen.tail + url::DEEPEST), &mut canonical);
        index.find_directories(&canonical, &mut |entry, relation| {
            self.report(place, seen.start..end, &entry, relation);
        });
        self.buffers.canonical = canonical;
    }
}

/// How the relation of a part to what is published is told for the whole.
fn told(role: Role, relation: Relation) -> Relation {
    match role {
        Role::Plain => relation,
        Role::HostOfUrl => Relation::HostOfUrl,
        Role::DomainOfEmail => Relation::DomainOfEmail,
    }
}

impl<I: Lookup> Sink for Scan<'_, I> {
    #[inline]
    fn next_token(&mut self, len: usize) {
        self.buffers.reported.clear();
        self.buffers.budget = Budget::for_token(len);
    }

    #[inline]
    fn may_end_name(&self, last_label: &[u8]) -> bool {
        self.index.may_end_name(last_label)
    }

    #[inline]
    fn wants_name(&self, name: NameHash) -> bool {
        self.index.may_hold_name(name)
    }

    #[inline]
    fn wants_v4(&self, address: u32) -> bool {
        self.index.may_hold_v4(address)
    }

    fn wants_digest(&self, digits: &[u8]) -> bool {
        self.index.may_hold_digest(digits)
    }

    #[inline]
    fn wants_ipv6(&self) -> bool {
        // IPv4-mapped addresses are read as IPv6 and are IPv4; URLs may have addresses as hosts.
        [Kind::Ipv6, Kind::Ipv4, Kind::Url]
            .into_iter()
            .any(|kind| self.index.holds(kind))
    }

    #[inline]
    fn network(&mut self, place: &Place<'_>, span: Range<usize>, network: Network, role: Role) {
        let index = self.index;
        index.find_network(network, &mut |entry, relation| {
            let quad = network.kind() == Kind::Ipv4 && role == Role::Plain;
            if !(quad && context::is_version(place.text, span.start, span.end)) {
                self.report(place, span.clone(), &entry, told(role, relation));
            }
        });
    }

    #[inline]
    fn name(&mut self, place: &Place<'_>, span: Range<usize>, name: &[u8], role: Role) {
        let index = self.index;
        index.find_name(name, &mut |entry, relation| {
            self.report(place, span.clone(), &entry, told(role, relation));
        });
    }

    fn digest(&mut self, place: &Place<'_>, span: Range<usize>) {
        let index = self.index;
        let digits = place.text.get(span.clone()).unwrap_or_default();
        index.find_digest(digits, &mut |entry, relation| {
            self.report(place, span.clone(), &entry, relation);
        });
    }

    fn url(&mut self, place: &Place<'_>, seen: &UrlSeen<'_>) {
        if self.index.holds(Kind::Url) {
            let host = match seen.host {
                Host::Name(name) => hash::name(name),
                Host::Network(network) => hash::network(network),
            };
            if self.index.has_urls(host) {
                self.read_url(place, seen);
            }
        }
        match seen.host {
            Host::Name(name) => self.name(place, seen.host_span.clone(), name, Role::HostOfUrl),
            Host::Network(network) => {
                self.network(place, seen.host_span.clone(), network, Role::HostOfUrl);
            }
        }
    }

    fn email(&mut self, place: &Place<'_>, span: Range<usize>, sign: usize, domain: &[u8]) {
        if !self.index.holds(Kind::Email) {
            return;
        }
        let index = self.index;
        let mut canonical = std::mem::take(&mut self.buffers.canonical);
        for start in crate::email::starts(place.text, span.start..sign) {
            canonical.clear();
            let local = place.text.get(start..sign).unwrap_or_default();
            crate::email::write_seen(local, domain, &mut canonical);
            let mut exact = false;
            index.find_email(&canonical, &mut |entry, relation| {
                exact = true;
                self.report(place, start..span.end, &entry, relation);
            });
            if exact {
                break;
            }
        }
        self.buffers.canonical = canonical;
    }
}
