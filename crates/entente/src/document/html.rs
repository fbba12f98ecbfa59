//! The text of web pages: what a reader sees, and where links lead.

use std::io::{self, BufReader, Read};

use encoding_rs::{Decoder, Encoding, UTF_8, WINDOWS_1252};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{IoReader, Token, Tokenizer};

use super::guard::guarded;
use super::{Place, Reading};

/// Octets of links that are kept of a page.
const MOST_LINKS: usize = 1 << 20;
/// Octets without a tag before a page is given up: its text is gathered up to the next tag.
const LONGEST: usize = 32 << 20;
/// Octets in which a page says how it is encoded (HTML, 13.2.3.2).
const PRESCAN: usize = 1024;

/// Elements whose content is not shown.
const HIDDEN: [&str; 4] = ["script", "style", "template", "noscript"];
/// Elements that leave a line as it goes on.
const INLINE: [&str; 16] = [
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "mark", "small", "span", "strong",
    "sub", "sup", "u",
];
/// Attributes that a reader sees.
const SHOWN: [&str; 4] = ["alt", "title", "placeholder", "content"];

impl Reading<'_> {
    pub(super) fn html(&mut self, name: &str, stream: &mut dyn Read) {
        self.begin(name);
        self.page(name, stream, None);
        self.end();
    }

    /// A page within a document: text goes to `place`, or to where it stands in the page.
    pub(super) fn page(&mut self, name: &str, stream: &mut dyn Read, place: Option<Place>) {
        let stream = BufReader::with_capacity(64 << 10, Utf8::new(stream));
        let mut links = Vec::new();
        let done = guarded(|| self.tokens(stream, place, &mut links));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.unread(name, &error.to_string()),
            Err(why) => self.unread(name, &why),
        }
        if !links.is_empty() {
            self.text(Place::Links, &links);
        }
    }

    fn tokens(
        &mut self,
        stream: impl Read,
        place: Option<Place>,
        links: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        let reader = IoReader::new(stream);
        let mut hidden: Option<Vec<u8>> = None;
        for token in Tokenizer::new_with_emitter(reader, emitter) {
            match token? {
                Token::StartTag(tag) => {
                    let spot = place.unwrap_or(Place::Octet(tag.span.start as u64));
                    if hidden.is_none() && !tag.self_closing && is_one(&HIDDEN, &tag.name) {
                        hidden = Some(tag.name.to_vec());
                    }
                    if !is_one(&INLINE, &tag.name) {
                        self.text(spot, b"\n");
                    }
                    for (name, value) in &tag.attributes {
                        if is_one(&SHOWN, name) {
                            self.text(spot, value);
                            self.text(spot, b"\n");
                        } else if matches!(name.as_slice(), b"href" | b"src")
                            && links.len() + value.len() < MOST_LINKS
                        {
                            links.extend_from_slice(value);
                            links.push(b'\n');
                        }
                    }
                }
                Token::EndTag(tag) => {
                    let at = tag.span.end;
                    if hidden.as_deref() == Some(tag.name.as_slice()) {
                        hidden = None;
                    } else if !is_one(&INLINE, &tag.name) {
                        self.text(place.unwrap_or(Place::Octet(at as u64)), b"\n");
                    }
                }
                Token::String(text) if hidden.is_none() => {
                    let at = text.span.start;
                    self.text(place.unwrap_or(Place::Octet(at as u64)), &text.value);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn is_one(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|one| one.as_bytes() == name)
}

/// A page in UTF-8, whatever it was in; fails where no tag comes for very long.
struct Utf8<'r> {
    stream: &'r mut dyn Read,
    decoder: Option<Decoder>,
    began: bool,
    ended: bool,
    buffer: Vec<u8>,
    decoded: String,
    given: usize,
    since_tag: usize,
}

impl<'r> Utf8<'r> {
    fn new(stream: &'r mut dyn Read) -> Self {
        Utf8 {
            stream,
            decoder: None,
            began: false,
            ended: false,
            buffer: Vec::new(),
            decoded: String::new(),
            given: 0,
            since_tag: 0,
        }
    }

    /// Reads and decodes the next octets.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.resize(64 << 10, 0);
        let mut length = 0;
        while length < PRESCAN {
            let room = self.buffer.get_mut(length..).unwrap_or_default();
            match self.stream.read(room)? {
                0 => break,
                read => length += read,
            }
        }
        let bytes = self.buffer.get(..length).unwrap_or_default();
        if !std::mem::replace(&mut self.began, true) {
            let encoding = declared(bytes.get(..PRESCAN).unwrap_or(bytes));
            self.decoder = Some(encoding.new_decoder_with_bom_removal());
        }
        match memchr::memrchr(b'<', bytes) {
            Some(at) => self.since_tag = length - at,
            None => self.since_tag += length,
        }
        if self.since_tag > LONGEST {
            return Err(io::Error::other("it goes on for 32 MiB without a tag"));
        }
        self.decoded.clear();
        self.given = 0;
        if let Some(decoder) = &mut self.decoder {
            let wanted = decoder.max_utf8_buffer_length(length);
            self.decoded.reserve(wanted.unwrap_or(length * 3 + 16));
            let (..) = decoder.decode_to_string(bytes, &mut self.decoded, length == 0);
        }
        Ok(length > 0)
    }
}

impl Read for Utf8<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.decoded.len() {
            if self.ended {
                return Ok(0);
            }
            self.ended = !self.fill()?;
        }
        let rest = self
            .decoded
            .as_bytes()
            .get(self.given..)
            .unwrap_or_default();
        let length = rest.len().min(to.len());
        if let (Some(to), Some(from)) = (to.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.given += length;
        Ok(length)
    }
}

/// How a page says that it is encoded; else by what it looks like.
fn declared(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    let lower = head.to_ascii_lowercase();
    let label = memchr::memmem::find(&lower, b"charset=").and_then(|at| {
        let after = lower.get(at + 8..)?;
        let after = after
            .strip_prefix(b"\"")
            .or_else(|| after.strip_prefix(b"'"));
        let after = after.unwrap_or(lower.get(at + 8..)?);
        let end = after
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !b"-_:".contains(b));
        after.get(..end.unwrap_or(after.len()))
    });
    if let Some(encoding) = label.and_then(Encoding::for_label) {
        return encoding;
    }
    match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_some() => WINDOWS_1252,
        _ => UTF_8,
    }
}
