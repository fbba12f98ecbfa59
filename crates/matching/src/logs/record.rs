//! What one line of a log says was seen.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use stix::Timestamp;
use stix::pattern::{Observable, Observation};

/// Objects of one record.
const MOST: usize = 64;

/// Observables of one line, and when they were seen. The same record may be filled again and again.
#[derive(Debug)]
pub struct Record {
    /// The objects as JSON, one after the other.
    text: String,
    objects: Vec<Object>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) times: u64,
}

#[derive(Debug)]
struct Object {
    json: Range<usize>,
    kind: &'static str,
    /// The value, when that is all there is to it.
    value: Option<Range<usize>>,
}

/// An object of a record.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    kind: &'static str,
    number: usize,
}

impl Default for Record {
    fn default() -> Self {
        let start = Timestamp::from_micros(0);
        Record {
            text: String::new(),
            objects: Vec::new(),
            first: start,
            last: start,
            times: 1,
        }
    }
}

impl Record {
    /// The observation, as if it were observed data with this id.
    pub fn observation<'r>(&'r self, id: &'r str) -> Observation<'r> {
        let read = self
            .objects()
            .filter_map(|raw| Observable::read(raw.as_bytes()));
        let objects = read.map(Arc::new).collect();
        Observation::new(
            Cow::Borrowed(id),
            (self.first, self.last),
            self.times,
            objects,
        )
    }

    /// The objects as JSON.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        let json = self.objects.iter().map(|object| object.json.clone());
        json.filter_map(|range| self.text.get(range))
    }

    /// Whether nothing that can be matched was seen.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.objects.clear();
        self.times = 1;
        self.at(Timestamp::from_micros(0));
    }

    /// Sets both times.
    pub(super) fn at(&mut self, time: Timestamp) {
        (self.first, self.last) = (time, time);
    }

    /// An IP address, as its own object; none for other text.
    pub(super) fn address(&mut self, text: &str) -> Option<Id> {
        // without the zone of a link-local address
        let text = text.split('%').next().unwrap_or_default();
        let kind = match text.parse::<IpAddr>().ok()? {
            IpAddr::V4(_) => "ipv4-addr",
            IpAddr::V6(_) => "ipv6-addr",
        };
        self.value(kind, text)
    }

    /// A domain name: lower case, without the dot at its end. None for other text.
    pub(super) fn domain(&mut self, text: &str) -> Option<Id> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let is_name = !text.is_empty()
            && text.len() <= 253
            && !text.contains(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | '@'));
        is_name
            .then(|| self.value("domain-name", &text.to_lowercase()))
            .flatten()
    }

    /// An address or a domain name, with or without a port behind it.
    pub(super) fn host(&mut self, text: &str) -> Option<Id> {
        let bare = bare_host(text);
        self.address(bare).or_else(|| self.domain(bare))
    }

    /// A domain name that was asked for, and what it resolved to.
    pub(super) fn resolved(&mut self, name: &str, answers: &[Id]) {
        let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
        if answers.is_empty() {
            self.domain(&name);
        } else if !name.is_empty() {
            self.object("domain-name", |domain| {
                domain.text("value", &*name);
                domain.references("resolves_to_refs", answers);
            });
        }
    }

    /// The URL of a request; what is one already stays as it is.
    pub(super) fn url(&mut self, scheme: &str, host: &str, target: &str) {
        if target.contains("://") {
            self.value("url", target);
        } else if target.starts_with('/') && !bare_host(host).is_empty() {
            self.value("url", &format!("{scheme}://{host}{target}"));
        }
    }

    /// A message, and the addresses it went between.
    pub(super) fn mail(&mut self, from: Option<&str>, to: &[&str], subject: Option<&str>) {
        let mut address = |text: &str| {
            let address = mailbox(text)?.to_lowercase();
            self.value("email-addr", &address)
        };
        let from = from.and_then(&mut address);
        let to: Vec<Id> = to.iter().filter_map(|text| address(text)).collect();
        self.object("email-message", |message| {
            message.json("is_multipart", "false");
            message.reference("from_ref", from);
            message.references("to_refs", &to);
            message.text("subject", subject);
        });
    }

    /// What went between two ends, while the record says; `fill` writes the rest.
    pub(super) fn traffic(
        &mut self,
        (source, target): (Option<Id>, Option<Id>),
        fill: impl FnOnce(&mut Properties<'_>),
    ) {
        let (first, last) = (self.first.to_string(), self.last.to_string());
        self.object("network-traffic", |traffic| {
            traffic.text("start", &*first);
            traffic.text("end", &*last);
            traffic.reference("src_ref", source);
            traffic.reference("dst_ref", target);
            fill(traffic);
        });
    }

    /// An object that is its value alone; the same value is one object.
    pub(super) fn value(&mut self, kind: &'static str, value: &str) -> Option<Id> {
        let known = self.objects.iter().position(|object| {
            object.kind == kind
                && object
                    .value
                    .clone()
                    .is_some_and(|range| self.text.get(range) == Some(value))
        });
        if let Some(number) = known {
            return Some(Id { kind, number });
        }
        let mut plain = None;
        let id = self.object(kind, |object| {
            let from = object.text.len() + r#","value":""#.len();
            object.text("value", value);
            let range = from..from + value.len();
            // unless it had to be escaped
            plain = (object.text.get(range.clone()) == Some(value)).then_some(range);
        })?;
        if let Some(object) = self.objects.get_mut(id.number) {
            object.value = plain;
        }
        Some(id)
    }

    /// An object with the properties that `fill` writes; none when there are too many.
    pub(super) fn object(
        &mut self,
        kind: &'static str,
        fill: impl FnOnce(&mut Properties<'_>),
    ) -> Option<Id> {
        let number = self.objects.len();
        if number >= MOST {
            return None;
        }
        let start = self.text.len();
        let _ = write!(self.text, r#"{{"type":"{kind}","id":"{kind}--{number}""#);
        fill(&mut Properties {
            text: &mut self.text,
            first: false,
        });
        self.text.push('}');
        self.objects.push(Object {
            json: start..self.text.len(),
            kind,
            value: None,
        });
        Some(Id { kind, number })
    }
}

/// A request of HTTP, as far as a log tells it.
pub(super) struct Request<'r> {
    pub(super) method: Option<Cow<'r, str>>,
    pub(super) target: Option<Cow<'r, str>>,
    pub(super) version: Option<Cow<'r, str>>,
    pub(super) host: Option<Cow<'r, str>>,
    pub(super) agent: Option<Cow<'r, str>>,
    pub(super) referer: Option<Cow<'r, str>>,
}

/// The address in `Name <someone@example.com>`.
fn mailbox(text: &str) -> Option<&str> {
    let inner = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(text, |(address, _)| address)
        .trim();
    let is_address = inner.contains('@') && !inner.contains(char::is_whitespace);
    is_address.then_some(inner)
}

/// A host without the port and the brackets around it.
fn bare_host(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => text,
    }
}

/// Writes the properties of an object. What is not there is left out.
#[derive(Debug)]
pub(super) struct Properties<'r> {
    text: &'r mut String,
    first: bool,
}

impl Properties<'_> {
    fn key(&mut self, name: &str) {
        if !std::mem::take(&mut self.first) {
            self.text.push(',');
        }
        push_string(self.text, name);
        self.text.push(':');
    }

    pub(super) fn text<'v>(&mut self, name: &str, value: impl Into<Option<&'v str>>) {
        if let Some(value) = value.into() {
            self.key(name);
            push_string(self.text, value);
        }
    }

    /// A number as written; text that is no whole number is left out.
    pub(super) fn number(&mut self, name: &str, value: Option<&str>) {
        if let Some(number) = value.and_then(|value| value.parse::<u64>().ok()) {
            self.key(name);
            let _ = write!(self.text, "{number}");
        }
    }

    pub(super) fn reference(&mut self, name: &str, id: Option<Id>) {
        if let Some(id) = id {
            self.key(name);
            self.id(id);
        }
    }

    fn id(&mut self, id: Id) {
        let _ = write!(self.text, r#""{}--{}""#, id.kind, id.number);
    }

    pub(super) fn references(&mut self, name: &str, ids: &[Id]) {
        self.list(name, ids, |properties, id| properties.id(*id));
    }

    pub(super) fn texts(&mut self, name: &str, values: &[&str]) {
        self.list(name, values, |properties, value| {
            push_string(properties.text, value);
        });
    }

    fn list<T>(&mut self, name: &str, values: &[T], mut each: impl FnMut(&mut Self, &T)) {
        if values.is_empty() {
            return;
        }
        self.key(name);
        for (index, value) in values.iter().enumerate() {
            self.text.push(if index == 0 { '[' } else { ',' });
            each(self, value);
        }
        self.text.push(']');
    }

    /// A dictionary; left out when it stays empty.
    pub(super) fn dictionary(&mut self, name: &str, fill: impl FnOnce(&mut Properties<'_>)) {
        let (start, was_first) = (self.text.len(), self.first);
        self.key(name);
        self.text.push('{');
        let mut inner = Properties {
            text: self.text,
            first: true,
        };
        fill(&mut inner);
        let is_empty = inner.first;
        self.text.push('}');
        if is_empty {
            self.text.truncate(start);
            self.first = was_first;
        }
    }

    /// The HTTP request extension (6.12.2): method and version in lower case.
    pub(super) fn request(&mut self, request: &Request<'_>) {
        let lower = |text: &Option<Cow<'_, str>>| text.as_ref().map(|text| text.to_lowercase());
        let (method, version) = (lower(&request.method), lower(&request.version));
        self.dictionary("extensions", |extensions| {
            extensions.dictionary("http-request-ext", |http| {
                http.text("request_method", method.as_deref());
                http.text("request_value", request.target.as_deref());
                http.text("request_version", version.as_deref());
                http.dictionary("request_header", |header| {
                    header.text("Host", request.host.as_deref());
                    header.text("User-Agent", request.agent.as_deref());
                    header.text("Referer", request.referer.as_deref());
                });
            });
        });
    }

    /// Anything, as JSON.
    pub(super) fn json(&mut self, name: &str, json: &str) {
        self.key(name);
        self.text.push_str(json);
    }
}

/// Text as a JSON string.
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let needs_escape = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    if text.bytes().any(needs_escape) {
        for character in text.chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\0'..='\u{1f}' => {
                    let _ = write!(out, "\\u{:04x}", u32::from(character));
                }
                _ => out.push(character),
            }
        }
    } else {
        out.push_str(text);
    }
    out.push('"');
}
