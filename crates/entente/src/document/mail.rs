//! Messages (RFC 5322, MIME) and mailboxes of them (mbox).

use std::io::{BufRead as _, BufReader, Cursor, Read};

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use super::archive::short;
use super::guard::guarded;
use super::{Place, Reading, WHOLE};

impl Reading<'_> {
    pub(super) fn mail(&mut self, name: &str, bytes: &[u8], depth: u32) {
        match guarded(|| MessageParser::default().parse(bytes)) {
            Ok(Some(message)) => self.message(name, &message, depth),
            Ok(None) => self.unread(name, "it is no message"),
            Err(why) => self.unread(name, &why),
        }
    }

    /// Its header and text as one document, what is attached as others.
    fn message(&mut self, name: &str, message: &Message<'_>, depth: u32) {
        self.begin(name);
        let header = ["Subject", "From", "To", "Cc"].map(|field| message.header_raw(field));
        for value in header.into_iter().flatten() {
            self.text(Place::Header, value.as_bytes());
        }
        if let Some(subject) = message.subject() {
            self.text(Place::Header, subject.as_bytes());
        }
        self.text(Place::Header, b"\n");
        for (number, part) in (1..).zip(&message.parts) {
            if part.attachment_name().is_some() {
                continue;
            }
            match &part.body {
                PartType::Text(text) => {
                    self.text(Place::Part(number), text.as_bytes());
                    self.text(Place::Part(number), b"\n");
                }
                PartType::Html(text) => {
                    let place = Some(Place::Part(number));
                    self.page(name, &mut Cursor::new(text.as_bytes()), place);
                }
                _ => {}
            }
        }
        self.end();
        for (number, part) in (1_u32..).zip(&message.parts) {
            let label = part
                .attachment_name()
                .map_or_else(|| format!("part {number}"), short);
            let inner = format!("{name}!{label}");
            let content: &[u8] = match &part.body {
                PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes,
                PartType::Text(text) | PartType::Html(text) => {
                    if part.attachment_name().is_none() {
                        continue;
                    }
                    text.as_bytes()
                }
                PartType::Message(inner_message) => {
                    if !self.may_go_on(&inner) {
                        return;
                    }
                    if depth < self.limits.depth {
                        self.message(&inner, inner_message, depth + 1);
                    }
                    continue;
                }
                PartType::Multipart(_) => continue,
            };
            if !self.may_go_on(&inner) {
                return;
            }
            self.stream(&inner, &mut Cursor::new(content), depth + 1);
        }
    }

    /// The messages of a mailbox, one at a time; each begins with a line "From " after an empty one.
    pub(super) fn mailbox(&mut self, name: &str, stream: &mut dyn Read, depth: u32) {
        let mut stream = BufReader::with_capacity(256 << 10, stream);
        let (mut message, mut line) = (Vec::new(), Vec::new());
        let (mut number, mut after_empty) = (0_u64, true);
        loop {
            line.clear();
            let read = Read::take(&mut stream, 64 << 10).read_until(b'\n', &mut line);
            if let Err(error) = read {
                return self.unread(name, &error.to_string());
            }
            if (after_empty && line.starts_with(b"From ")) || line.is_empty() {
                if number > 0 {
                    let inner = format!("{name}!{number}");
                    if message.len() as u64 > WHOLE {
                        self.unread(&inner, &format!("it is larger than {} MiB", WHOLE >> 20));
                    } else {
                        self.mail(&inner, &message, depth + 1);
                    }
                }
                message.clear();
                number += 1;
                after_empty = false;
                if line.is_empty() {
                    return;
                }
                continue;
            }
            after_empty = matches!(line.as_slice(), b"\n" | b"\r\n");
            // mbox quotes such lines with '>' (RFC 4155, appendix A)
            let is_quoted = line.starts_with(b">From ");
            if message.len() as u64 <= WHOLE {
                message.extend_from_slice(line.get(usize::from(is_quoted)..).unwrap_or_default());
            }
        }
    }
}
