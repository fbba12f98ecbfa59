//! Looking values up: each function answers for one kind of value seen in data.

use crate::address::{Network, mask_v4, mask_v6};
use crate::hit::{Hit, Relation};
use crate::index::hash::{self, Backward};
use crate::index::{Entry, Index, Key, digest_bytes, host_hash};
use crate::{Kind, Observable, name, url};

/// Receives what a lookup finds, the nearest relation first.
pub(crate) type Found<'f, 'i> = &'f mut dyn FnMut(&'i Entry, Relation);

impl Index {
    /// Every signal about `seen`: the value itself, the domains above it, the networks around it,
    /// the URLs above it, the host of a URL, the domain of an e-mail address. Each hit spans the
    /// whole of `seen`.
    pub fn lookup(&self, seen: &Observable, on_hit: &mut dyn FnMut(Hit<'_>)) {
        let text = seen.as_str().as_bytes();
        let mut value = String::new();
        let mut found = |entry: &Entry, relation| {
            self.report(entry, &mut value, &mut |signal, kind, value| {
                on_hit(Hit {
                    signal,
                    kind,
                    relation,
                    start: 0,
                    end: text.len(),
                    value,
                });
            });
        };
        match seen.kind() {
            Kind::Ipv4 | Kind::Ipv6 => {
                if let Some(network) = seen.network() {
                    self.find_network(network, &mut found);
                }
            }
            Kind::Domain => self.find_name(text, &mut found),
            Kind::Url => {
                let host = url::host_of(text);
                if self.has_urls(host_hash(host)) {
                    self.find_url(text, &mut found);
                    self.find_directories(text, &mut found);
                }
                let found = &mut |entry: &Entry, _| found(entry, Relation::HostOfUrl);
                match url::address_of_host(host) {
                    Some(network) => self.find_network(network, found),
                    None => self.find_name(host, found),
                }
            }
            Kind::Email => {
                self.find_email(text, &mut found);
                let domain = text.rsplit(|&byte| byte == b'@').next().unwrap_or_default();
                self.find_name(domain, &mut |entry, _| {
                    found(entry, Relation::DomainOfEmail);
                });
            }
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => {
                self.find_digest(text, &mut found);
            }
        }
    }

    /// The entries of a name of ASCII bytes in any case, and of the names above it.
    #[inline]
    pub(crate) fn find_name<'i>(&'i self, seen: &[u8], found: Found<'_, 'i>) {
        if !self.holds(Kind::Domain) || seen.len() > name::LONGEST {
            return;
        }
        let mut hash = Backward::new();
        let mut dots = 0;
        // Nothing is allocated until something is found.
        let mut above: Vec<&Entry> = Vec::new();
        for (at, &byte) in seen.iter().enumerate().rev() {
            if byte == b'.' {
                if dots == 0 {
                    if !self.gate.may_hold_last_label(hash) {
                        return;
                    }
                } else {
                    above.extend(self.entry_of_name(hash, seen.get(at + 1..)));
                }
                dots += 1;
            }
            hash.push(byte.to_ascii_lowercase());
        }
        let whole = if dots > 0 {
            self.entry_of_name(hash, Some(seen))
        } else {
            None
        };
        if whole.is_none() && above.is_empty() || !name::has_short_labels(seen) {
            return;
        }
        if let Some(entry) = whole {
            found(entry, Relation::Exact);
        }
        for entry in above.into_iter().rev() {
            found(entry, Relation::Subdomain);
        }
    }

    #[inline]
    fn entry_of_name(&self, hash: Backward, seen: Option<&[u8]>) -> Option<&Entry> {
        let seen = seen?;
        self.entry_by(hash.finish(Kind::Domain), |entry| {
            entry.kind == Some(Kind::Domain) && self.bytes_of(entry).eq_ignore_ascii_case(seen)
        })
    }

    /// The entries of an address or network, and of the networks around it.
    #[inline]
    pub(crate) fn find_network<'i>(&'i self, seen: Network, found: Found<'_, 'i>) {
        if !self.holds(seen.kind()) {
            return;
        }
        if let Some(entry) = self.entry_of_network(seen) {
            found(entry, Relation::Exact);
        }
        for prefix in self.gate.prefixes_around(seen) {
            let around = match seen {
                Network::V4 { address, .. } => Network::V4 {
                    address: mask_v4(address, prefix),
                    prefix,
                },
                Network::V6 { address, .. } => Network::V6 {
                    address: mask_v6(address, prefix),
                    prefix,
                },
            };
            if let Some(entry) = self.entry_of_network(around) {
                found(entry, Relation::InNetwork);
            }
        }
    }

    #[inline]
    fn entry_of_network(&self, network: Network) -> Option<&Entry> {
        let hash = hash::network(network);
        self.entry_by(hash, |entry| self.is_at(entry, hash, Key::Network(network)))
    }

    /// The entry of a digest in hexadecimal digits of any case.
    pub(crate) fn find_digest<'i>(&'i self, digits: &[u8], found: Found<'_, 'i>) {
        let Some(kind) = Kind::of_digest(digits.len()).filter(|&kind| self.holds(kind)) else {
            return;
        };
        let mut raw = [0; 64];
        let bytes = digest_bytes(digits, &mut raw);
        let hash = hash::digest(kind, bytes);
        let same = |entry: &Entry| self.is_at(entry, hash, Key::Bytes(kind, bytes));
        if let Some(entry) = self.entry_by(hash, same) {
            found(entry, Relation::Exact);
        }
    }

    /// The entry of an e-mail address in canonical form.
    pub(crate) fn find_email<'i>(&'i self, canonical: &[u8], found: Found<'_, 'i>) {
        if let Some(entry) = self.entry_of_text(Kind::Email, canonical) {
            found(entry, Relation::Exact);
        }
    }

    /// The entry of a URL in canonical form.
    pub(crate) fn find_url<'i>(&'i self, canonical: &[u8], found: Found<'_, 'i>) {
        if let Some(entry) = self.entry_of_text(Kind::Url, canonical) {
            found(entry, Relation::Exact);
        }
    }

    /// The entries of the URLs that a URL in canonical form lies under.
    pub(crate) fn find_directories<'i>(&'i self, canonical: &[u8], found: Found<'_, 'i>) {
        for directory in url::directories_above(canonical) {
            if let Some(entry) = self.entry_of_text(Kind::Url, directory) {
                found(entry, Relation::UnderUrl);
            }
        }
    }

    fn entry_of_text(&self, kind: Kind, canonical: &[u8]) -> Option<&Entry> {
        let hash = hash::text(kind, canonical);
        self.entry_by(hash, |entry| {
            self.is_at(entry, hash, Key::Bytes(kind, canonical))
        })
    }

    #[inline]
    fn entry_by(&self, hash: u32, same: impl Fn(&Entry) -> bool) -> Option<&Entry> {
        let known = |&at: &u32| {
            self.entry(at)
                .is_some_and(|entry| entry.hash == hash && same(entry))
        };
        self.table
            .find(hash::spread(hash), known)
            .and_then(|&at| self.entry(at))
    }

    /// Calls `each` with every signal of an entry, its kind and its canonical text, for which
    /// `buffer` may be used.
    pub(crate) fn report(
        &self,
        entry: &Entry,
        buffer: &mut String,
        each: &mut dyn FnMut(u64, Kind, &str),
    ) {
        let Some(kind) = entry.kind else { return };
        buffer.clear();
        let value: &str = match kind {
            Kind::Ipv4 | Kind::Ipv6 => {
                if let Some(network) = self.network_of(entry) {
                    network.write(buffer);
                }
                buffer
            }
            Kind::Domain | Kind::Url | Kind::Email => {
                std::str::from_utf8(self.bytes_of(entry)).unwrap_or_default()
            }
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => {
                for byte in self.bytes_of(entry) {
                    for digit in [byte >> 4, byte & 15] {
                        buffer.extend(char::from_digit(digit.into(), 16));
                    }
                }
                buffer
            }
        };
        for signal in self.signals_of(entry) {
            each(signal, kind, value);
        }
    }
}
