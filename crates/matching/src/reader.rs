//! Reading text: which of its parts could be observables.
//!
//! A token is read as written, unless it holds marks of defanging or escapes; then it is read with
//! them undone. Percent escapes are undone after that, round by round, and what touches an escape
//! is left to the round in which it is undone: `%20evil.example` holds no `20evil.example`.

mod authority;
mod ipv6;
mod mailbox;
mod scripts;
mod sift;
pub(crate) mod tail;

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::address::{self, Network};
use crate::classes::{AT, COLON, DOT, HIGH, MARK, PERCENT, Run, Token, WORD, is_name};
use crate::refang::{self, Layer};
use crate::sieve::NameHash;
use sift::Asked;

/// How often escapes within escapes are undone.
const DEEPEST: usize = 4;
/// Digits of the shortest digest.
const SHORTEST_DIGEST: usize = 32;

/// What a reading is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    HostOfUrl,
    DomainOfEmail,
}

/// A host as read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Host<'h> {
    /// ASCII bytes in any case, without a dot at either end.
    Name(&'h [u8]),
    Network(Network),
}

/// A URL as read; positions are those in the text of its [`Place`].
#[derive(Debug)]
pub(crate) struct UrlSeen<'u> {
    /// As written; empty where there is none.
    pub(crate) scheme: &'u [u8],
    pub(crate) start: usize,
    pub(crate) host: Host<'u>,
    pub(crate) host_span: Range<usize>,
    pub(crate) port: Option<u16>,
    /// Where path, query and fragment begin.
    pub(crate) tail: usize,
    /// How far they may reach at most.
    pub(crate) end: usize,
}

/// Takes the readings, as candidates: whether they are plausible is for the sink to find out.
pub(crate) trait Sink {
    /// The readings that follow come from another token of the outermost text, which is `len` bytes long.
    fn next_token(&mut self, len: usize);
    /// Whether names that end in this label, of ASCII bytes in any case, are worth reading.
    fn may_end_name(&self, last_label: &[u8]) -> bool;
    /// Whether a name may be wanted, or a name above it.
    fn wants_name(&self, name: NameHash) -> bool;
    /// Whether an IPv4 address may be wanted, or a network around it.
    fn wants_v4(&self, address: u32) -> bool;
    /// Whether a digest in these digits may be wanted.
    fn wants_digest(&self, digits: &[u8]) -> bool;
    /// Whether IPv6 addresses are worth looking for.
    fn wants_ipv6(&self) -> bool;
    fn network(&mut self, place: &Place<'_>, span: Range<usize>, network: Network, role: Role);
    /// `name` is as in [`Host::Name`].
    fn name(&mut self, place: &Place<'_>, span: Range<usize>, name: &[u8], role: Role);
    /// The span holds as many hexadecimal digits as a digest has.
    fn digest(&mut self, place: &Place<'_>, span: Range<usize>);
    fn url(&mut self, place: &Place<'_>, url: &UrlSeen<'_>);
    /// The local part is in the text, from the span's start to the sign; `domain` is as in
    /// [`Host::Name`].
    fn email(&mut self, place: &Place<'_>, span: Range<usize>, sign: usize, domain: &[u8]);
}

/// A text being read, and the way from its positions to those of the outermost text.
#[derive(Debug)]
pub(crate) struct Place<'p> {
    pub(crate) text: &'p [u8],
    source: Option<Source<'p>>,
}

#[derive(Debug)]
struct Source<'p> {
    layer: &'p Layer,
    /// Where the token that the layer was made from begins in `place`.
    start: usize,
    place: &'p Place<'p>,
}

impl<'p> Place<'p> {
    pub(crate) fn new(text: &'p [u8]) -> Self {
        Self { text, source: None }
    }

    /// The span in the outermost text.
    pub(crate) fn source(&self, span: Range<usize>) -> Range<usize> {
        match &self.source {
            None => span,
            Some(Source {
                layer,
                start,
                place,
            }) => place.source(start + layer.source(span.start)..start + layer.source(span.end)),
        }
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    #[inline]
    fn byte_before(&self, at: usize) -> Option<u8> {
        self.byte(at.checked_sub(1)?)
    }

    #[inline]
    fn slice(&self, span: Range<usize>) -> &'p [u8] {
        self.text.get(span).unwrap_or_default()
    }

    /// Whether a percent escape ends where the span begins, or begins where it ends.
    fn touches_escape(&self, span: &Range<usize>) -> bool {
        refang::is_escape(self.text, span.end)
            || span
                .start
                .checked_sub(3)
                .is_some_and(|at| refang::is_escape(self.text, at))
    }
}

/// What reading makes on its way, kept for its memory.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The texts that were made of tokens.
    layers: [Layer; DEEPEST],
    asked: Asked,
}

/// Reads `text`, and tells `sink`.
pub(crate) fn read<S: Sink>(text: &[u8], buffers: &mut Buffers, sink: &mut S) {
    let place = Place::new(text);
    let Buffers { layers, asked } = buffers;
    sift::sift(text, asked, sink, &mut |sink, token| {
        sink.next_token(token.end - token.start);
        read_token(&place, token, layers, sink);
    });
}

/// What [`read`] is held to: reads every token.
#[cfg(test)]
pub(crate) fn read_every_token<S: Sink>(text: &[u8], buffers: &mut Buffers, sink: &mut S) {
    let place = Place::new(text);
    let mut at = 0;
    while let Some(token) = Token::after(text, at) {
        at = token.end;
        sink.next_token(token.end - token.start);
        read_token(&place, token, &mut buffers.layers, sink);
    }
}

/// Whether a token is too plain to hold an observable.
#[inline]
fn is_dull(token: Token) -> bool {
    !token.has(DOT | COLON | MARK | PERCENT | HIGH) && token.end - token.start < SHORTEST_DIGEST
}

fn read_token<S: Sink>(place: &Place<'_>, token: Token, layers: &mut [Layer], sink: &mut S) {
    let span = token.start..token.end;
    if token.is_only(WORD | DOT) {
        let run = Run::at(place.text, span.start, span.end);
        return read_run(place, run, token.end, sink);
    }
    let bytes = place.slice(span.clone());
    if token.has(MARK)
        && let Some((layer, deeper)) = layers.split_first_mut()
        && let Some(first) = refang::first_mark(bytes, 0)
    {
        layer.refang(bytes, first);
        return read_layer(place, token.start, layer, deeper, sink);
    }
    if token.has(HIGH) {
        scripts::pieces(bytes, &mut |piece| {
            let span = token.start + piece.start..token.start + piece.end;
            read_mixed(place, span, token.seen, sink);
        });
    } else {
        read_mixed(place, span, token.seen, sink);
    }
    if token.has(PERCENT)
        && let Some((layer, deeper)) = layers.split_first_mut()
        && refang::first_escape(bytes, 0).is_some()
    {
        layer.percent_decode(bytes);
        read_layer(place, token.start, layer, deeper, sink);
    }
}

/// Reads a text that was made from the token at `start`. It may hold several tokens.
fn read_layer<S: Sink>(
    place: &Place<'_>,
    start: usize,
    layer: &mut Layer,
    deeper: &mut [Layer],
    sink: &mut S,
) {
    let layer = &*layer;
    let inner = Place {
        text: &layer.bytes,
        source: Some(Source {
            layer,
            start,
            place,
        }),
    };
    let mut at = 0;
    while let Some(token) = Token::after(inner.text, at) {
        at = token.end;
        if !is_dull(token) {
            read_token(&inner, token, deeper, sink);
        }
    }
}

/// Reads a token in which names stand among other bytes.
fn read_mixed<S: Sink>(place: &Place<'_>, token: Range<usize>, seen: u8, sink: &mut S) {
    if seen & COLON != 0 && sink.wants_ipv6() {
        ipv6::read(place, token.clone(), sink);
    }
    let mut at = token.start;
    while let Some(run) = next_run(place, at..token.end) {
        at = run.span.end;
        if place.byte(at) == Some(b':') && place.slice(at..token.end).starts_with(b"://") {
            at = authority::read(place, at, token.end, seen, sink);
        } else if seen & AT != 0
            && let Some(sign) = mailbox::sign_after(place, at..token.end)
        {
            at = mailbox::read(place, run.span.start, sign, token.end, sink);
        } else if seen & PERCENT == 0 || !place.touches_escape(&run.span) {
            read_run(place, run, token.end, sink);
        }
    }
}

/// The next run of name bytes, stepping over percent escapes.
#[inline]
fn next_run(place: &Place<'_>, within: Range<usize>) -> Option<Run> {
    let mut start = within.start;
    loop {
        let byte = place.byte(start).filter(|_| start < within.end)?;
        if is_name(byte) {
            return Some(Run::at(place.text, start, within.end));
        }
        start += if byte == b'%' && refang::is_escape(place.text, start) {
            3
        } else {
            1
        };
    }
}

/// Reads a run of name bytes within a token that ends at `token_end`.
#[inline]
fn read_run<S: Sink>(place: &Place<'_>, run: Run, token_end: usize, sink: &mut S) {
    if run.span.len() >= SHORTEST_DIGEST {
        read_digests(place, run.span.clone(), sink);
    }
    if run.seen & DOT == 0 {
        return;
    }
    if run.has_ellipsis {
        read_around_ellipses(place, run.span, token_end, sink);
    } else {
        read_host(place, run.span, token_end, sink);
    }
}

/// An ellipsis parts what stands on both its sides: `see...evil.example`.
#[cold]
fn read_around_ellipses<S: Sink>(
    place: &Place<'_>,
    run: Range<usize>,
    token_end: usize,
    sink: &mut S,
) {
    let mut start = run.start;
    while let Some(len) = memmem::find(place.slice(start..run.end), b"..") {
        read_host(place, start..start + len, token_end, sink);
        start += len + 2;
    }
    read_host(place, start..run.end, token_end, sink);
}

/// Reads a name or an IPv4 address, with the port, prefix length or path after it.
#[inline]
fn read_host<S: Sink>(place: &Place<'_>, run: Range<usize>, token_end: usize, sink: &mut S) {
    match Shape::of(place, run, sink) {
        Some(Shape::Number(run)) => read_number(place, run, token_end, sink),
        Some(Shape::Name(run)) => {
            let host = Host::Name(place.slice(run.clone()));
            authority::read_without_scheme(place, run, host, token_end, sink);
        }
        Some(Shape::Foreign(run, ascii)) => {
            let host = Host::Name(ascii.as_bytes());
            authority::read_without_scheme(place, run, host, token_end, sink);
        }
        None => {}
    }
}

/// What a run of name bytes could be, without the dots and hyphens at its ends.
enum Shape {
    /// The last label is a number: an IPv4 address or nothing.
    Number(Range<usize>),
    /// A name of ASCII bytes.
    Name(Range<usize>),
    /// Another name, with its A-labels.
    Foreign(Range<usize>, String),
}

impl Shape {
    /// None for a single label, and where the last label tells that it is nothing.
    #[inline]
    fn of<S: Sink>(place: &Place<'_>, mut run: Range<usize>, sink: &S) -> Option<Self> {
        while run.start < run.end && matches!(place.byte(run.start), Some(b'.' | b'-')) {
            run.start += 1;
        }
        while run.start < run.end && matches!(place.byte_before(run.end), Some(b'.' | b'-')) {
            run.end -= 1;
        }
        let bytes = place.slice(run.clone());
        let label = bytes.iter().rev().take_while(|&&byte| byte != b'.').count();
        if label == bytes.len() {
            return None;
        }
        let label = bytes.get(bytes.len() - label..)?;
        let first = label.first().copied().unwrap_or(0);
        if first.is_ascii_digit() && label.iter().all(u8::is_ascii_digit) {
            return Some(Self::Number(run));
        }
        if label.is_ascii() && !sink.may_end_name(label) {
            return None;
        }
        if bytes.is_ascii() {
            return Some(Self::Name(run));
        }
        let ascii = scripts::ascii_name(bytes)?;
        Some(Self::Foreign(run, ascii))
    }
}

fn read_number<S: Sink>(place: &Place<'_>, run: Range<usize>, token_end: usize, sink: &mut S) {
    let bytes = place.slice(run.clone());
    if let Some(address) = address::parse_v4(bytes) {
        return read_v4(place, run, address, token_end, sink);
    }
    // A range of addresses: `198.51.100.7-198.51.100.9`.
    if let Some(hyphen) = memchr(b'-', bytes) {
        let middle = run.start + hyphen;
        let (first, last) = (run.start..middle, middle + 1..run.end);
        if let Some(low) = address::parse_v4(place.slice(first.clone()))
            && let Some(high) = address::parse_v4(place.slice(last.clone()))
        {
            read_v4(place, first, low, middle, sink);
            read_v4(place, last, high, token_end, sink);
        }
    }
}

fn read_v4<S: Sink>(
    place: &Place<'_>,
    run: Range<usize>,
    address: u32,
    token_end: usize,
    sink: &mut S,
) {
    let single = Network::v4(address, 32);
    match prefix_after(place, run.end..token_end) {
        Some((prefix @ 1..=32, end)) => {
            let network = Network::v4(address, prefix);
            // `198.51.100.7/24` names the address; `198.51.100.0/24`, the network.
            let named = matches!(network, Network::V4 { address: first, .. } if first == address);
            let span = if named { run.start..end } else { run };
            sink.network(
                place,
                span,
                if named { network } else { single },
                Role::Plain,
            );
        }
        _ => authority::read_without_scheme(place, run, Host::Network(single), token_end, sink),
    }
}

/// A prefix length that ends in a boundary, and where it ends.
fn prefix_after(place: &Place<'_>, within: Range<usize>) -> Option<(u8, usize)> {
    let rest = place.slice(within.clone()).strip_prefix(b"/")?;
    let len = rest
        .iter()
        .take(4)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let text = std::str::from_utf8(rest.get(..len)?).ok()?;
    let next = rest.get(len);
    let bounded = next.is_none_or(|&byte| !is_name(byte) && !matches!(byte, b'/' | b'?' | b'%'));
    // A full stop after it ends a sentence.
    let stop = next == Some(&b'.') && rest.get(len + 1).is_none_or(|&byte| !is_name(byte));
    let prefix = text
        .parse()
        .ok()
        .filter(|_| !text.starts_with('0') && (bounded || stop))?;
    Some((prefix, within.start + 1 + len))
}

/// Reads runs of letters and digits that have a digest's length and digits.
fn read_digests<S: Sink>(place: &Place<'_>, run: Range<usize>, sink: &mut S) {
    let mut start = run.start;
    for word in place
        .slice(run)
        .split(|byte| matches!(byte, b'.' | b'-' | b'_'))
    {
        if crate::Kind::of_digest(word.len()).is_some() && word.iter().all(u8::is_ascii_hexdigit) {
            sink.digest(place, start..start + word.len());
        }
        start += word.len() + 1;
    }
}
