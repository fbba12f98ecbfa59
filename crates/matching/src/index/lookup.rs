//! Looking values up: each function answers for one kind of value seen in data.

use crate::address::{Network, mask_v4, mask_v6};
use crate::hit::{Hit, Relation};
use crate::index::gate::Gate;
use crate::index::hash::{self, Backward};
use crate::index::{Entry, Index, Key, digest_bytes, host_hash};
use crate::sieve::NameHash;
use crate::{Kind, Observable, name, url};

/// What can be scanned for: the index, or an edge file. Static dispatch: each gets a scanner of its
/// own.
pub(crate) trait Lookup {
    /// A published value.
    type Entry<'i>
    where
        Self: 'i;

    /// What is surely not there.
    fn gate(&self) -> &Gate;

    /// Whether a value of this kind is there.
    fn holds(&self, kind: Kind) -> bool;

    /// Whether a URL with this host (by [`host_hash`]) may be published.
    fn has_urls(&self, host: u32) -> bool;

    /// Whether a name, or one above it, may be published.
    fn may_hold_name(&self, name: NameHash) -> bool;

    /// Whether an IPv4 address, or a network around it, may be published.
    fn may_hold_v4(&self, address: u32) -> bool;

    /// Whether a digest in these digits may be published.
    fn may_hold_digest(&self, digits: &[u8]) -> bool;

    /// The entry of a key with this hash. Names are compared in any case.
    fn entry_of<'i>(&'i self, hash: u32, key: Key<'_>) -> Option<Self::Entry<'i>>;

    /// Calls `each` with every signal of an entry, its kind and its canonical text, for which
    /// `buffer` may be used.
    fn report(
        &self,
        entry: &Self::Entry<'_>,
        buffer: &mut String,
        each: &mut dyn FnMut(u64, Kind, &str),
    );

    /// Whether a name that ends in this label may be published, or be part of what is.
    #[inline]
    fn may_end_name(&self, last_label: &[u8]) -> bool {
        let mut hash = Backward::new();
        for byte in last_label.iter().rev() {
            hash.push(byte.to_ascii_lowercase());
        }
        self.gate().may_hold_last_label(hash)
    }

    /// As [`Index::lookup`] says.
    fn look_up(&self, seen: &Observable, on_hit: &mut dyn FnMut(Hit<'_>)) {
        let text = seen.as_str().as_bytes();
        let mut value = String::new();
        let mut found = |entry: Self::Entry<'_>, relation| {
            self.report(&entry, &mut value, &mut |signal, kind, value| {
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
                let found = &mut |entry, _| found(entry, Relation::HostOfUrl);
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
    fn find_name<'i>(&'i self, seen: &[u8], found: Found<'_, Self::Entry<'i>>) {
        if !self.holds(Kind::Domain) || seen.len() > name::LONGEST {
            return;
        }
        let mut hash = Backward::new();
        let mut dots = 0;
        // Nothing is allocated until something is found.
        let mut above: Vec<Self::Entry<'i>> = Vec::new();
        for (at, &byte) in seen.iter().enumerate().rev() {
            if byte == b'.' {
                if dots == 0 {
                    if !self.gate().may_hold_last_label(hash) {
                        return;
                    }
                } else {
                    let parent = seen.get(at + 1..).unwrap_or_default();
                    above.extend(self.entry_of_name(hash, parent));
                }
                dots += 1;
            }
            hash.push(byte.to_ascii_lowercase());
        }
        let whole = if dots > 0 {
            self.entry_of_name(hash, seen)
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
    fn entry_of_name<'i>(&'i self, hash: Backward, seen: &[u8]) -> Option<Self::Entry<'i>> {
        let key = Key::Bytes(Kind::Domain, seen);
        self.entry_of(hash.finish(Kind::Domain), key)
    }

    /// The entries of an address or network, and of the networks around it.
    #[inline]
    fn find_network<'i>(&'i self, seen: Network, found: Found<'_, Self::Entry<'i>>) {
        if !self.holds(seen.kind()) {
            return;
        }
        if let Some(entry) = self.entry_of_network(seen) {
            found(entry, Relation::Exact);
        }
        for prefix in self.gate().prefixes_around(seen) {
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
    fn entry_of_network(&self, network: Network) -> Option<Self::Entry<'_>> {
        self.entry_of(hash::network(network), Key::Network(network))
    }

    /// The entry of a digest in hexadecimal digits of any case.
    fn find_digest<'i>(&'i self, digits: &[u8], found: Found<'_, Self::Entry<'i>>) {
        let Some(kind) = Kind::of_digest(digits.len()).filter(|&kind| self.holds(kind)) else {
            return;
        };
        let mut raw = [0; 64];
        let bytes = digest_bytes(digits, &mut raw);
        let hash = hash::digest(kind, bytes);
        if let Some(entry) = self.entry_of(hash, Key::Bytes(kind, bytes)) {
            found(entry, Relation::Exact);
        }
    }

    /// The entry of an e-mail address in canonical form.
    fn find_email<'i>(&'i self, canonical: &[u8], found: Found<'_, Self::Entry<'i>>) {
        if let Some(entry) = self.entry_of_text(Kind::Email, canonical) {
            found(entry, Relation::Exact);
        }
    }

    /// The entry of a URL in canonical form.
    fn find_url<'i>(&'i self, canonical: &[u8], found: Found<'_, Self::Entry<'i>>) {
        if let Some(entry) = self.entry_of_text(Kind::Url, canonical) {
            found(entry, Relation::Exact);
        }
    }

    /// The entries of the URLs that a URL in canonical form lies under.
    fn find_directories<'i>(&'i self, canonical: &[u8], found: Found<'_, Self::Entry<'i>>) {
        for directory in url::directories_above(canonical) {
            if let Some(entry) = self.entry_of_text(Kind::Url, directory) {
                found(entry, Relation::UnderUrl);
            }
        }
    }

    fn entry_of_text<'i>(&'i self, kind: Kind, canonical: &[u8]) -> Option<Self::Entry<'i>> {
        self.entry_of(hash::text(kind, canonical), Key::Bytes(kind, canonical))
    }
}

/// Receives what a lookup finds, the nearest relation first.
pub(crate) type Found<'f, E> = &'f mut dyn FnMut(E, Relation);

impl Index {
    /// Every signal about `seen`: the value itself, the domains above it, the networks around it,
    /// the URLs above it, the host of a URL, the domain of an e-mail address. Each hit spans the
    /// whole of `seen`.
    pub fn lookup(&self, seen: &Observable, on_hit: &mut dyn FnMut(Hit<'_>)) {
        self.look_up(seen, on_hit);
    }
}

impl Lookup for Index {
    type Entry<'i> = &'i Entry;

    #[inline]
    fn gate(&self) -> &Gate {
        &self.gate
    }

    #[inline]
    fn holds(&self, kind: Kind) -> bool {
        self.pairs
            .get(kind as usize)
            .is_some_and(|&pairs| pairs > 0)
    }

    #[inline]
    fn has_urls(&self, host: u32) -> bool {
        self.url_hosts
            .find(hash::spread(host), |&(known, _)| known == host)
            .is_some()
    }

    #[inline]
    fn may_hold_name(&self, name: NameHash) -> bool {
        self.sieve.may_hold_name(name)
    }

    #[inline]
    fn may_hold_v4(&self, address: u32) -> bool {
        self.sieve.may_hold_v4(address) || self.gate.may_cover_v4(address)
    }

    #[inline]
    fn may_hold_digest(&self, digits: &[u8]) -> bool {
        self.sieve.may_hold_digest(digits)
    }

    #[inline]
    fn entry_of(&self, hash: u32, key: Key<'_>) -> Option<&Entry> {
        self.find(hash, key).and_then(|at| self.entry(at))
    }

    fn report(&self, entry: &&Entry, buffer: &mut String, each: &mut dyn FnMut(u64, Kind, &str)) {
        let Some(key) = self.key_of(entry) else {
            return;
        };
        let value = text_of(key, buffer);
        for signal in self.signals_of(entry) {
            each(signal, key.kind(), value);
        }
    }
}

/// The canonical text of a published value, for which `buffer` may be used.
pub(crate) fn text_of<'k>(key: Key<'k>, buffer: &'k mut String) -> &'k str {
    buffer.clear();
    match key {
        Key::Network(network) => network.write(buffer),
        Key::Bytes(Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512, digest) => {
            for byte in digest {
                for digit in [byte >> 4, byte & 15] {
                    buffer.extend(char::from_digit(digit.into(), 16));
                }
            }
        }
        Key::Bytes(_, text) => return std::str::from_utf8(text).unwrap_or_default(),
    }
    buffer
}
