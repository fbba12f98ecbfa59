//! Text as it is, of any size: by lines, in UTF-8.

use std::io::{BufRead as _, BufReader, Read};

use encoding_rs::{Encoding, UTF_8};

use super::{Event, Place, Reading};

/// Octets read at a time, and of the longest piece.
const BUFFER: usize = 256 << 10;

impl Reading<'_> {
    pub(super) fn plain(&mut self, name: &str, stream: &mut dyn Read, encoding: &'static Encoding) {
        self.begin(name);
        if encoding == UTF_8 {
            self.lines(name, stream, |bytes, to| to.extend_from_slice(bytes));
        } else {
            let mut decoder = encoding.new_decoder_with_bom_removal();
            let mut text = String::new();
            self.pieces(name, stream, &mut |reading, bytes, line| {
                let wanted = decoder.max_utf8_buffer_length(bytes.len());
                text.clear();
                text.reserve(wanted.unwrap_or(bytes.len() * 3));
                let (..) = decoder.decode_to_string(bytes, &mut text, false);
                reading.by_lines(text.as_bytes(), line);
            });
        }
        self.end();
    }

    /// A file of no known kind: text may stand in it.
    pub(super) fn bytes(&mut self, name: &str, stream: &mut dyn Read) {
        (self.sink)(Event::Begin {
            name,
            is_text: false,
        });
        let mut at = 0;
        self.pieces(name, stream, &mut |reading, bytes, _| {
            reading.text(Place::Octet(at), bytes);
            at += bytes.len() as u64;
        });
        self.end();
    }

    /// JSON: its text, without the escapes (RFC 8259 §7).
    pub(super) fn json(&mut self, name: &str, stream: &mut dyn Read) {
        self.begin(name);
        self.lines(name, stream, unescape);
        self.end();
    }

    fn lines(&mut self, name: &str, stream: &mut dyn Read, convert: impl Fn(&[u8], &mut Vec<u8>)) {
        let mut text = Vec::new();
        self.pieces(name, stream, &mut |reading, bytes, line| {
            text.clear();
            convert(bytes, &mut text);
            let mut number = *line;
            for one in text.split_inclusive(|byte| *byte == b'\n') {
                reading.text(Place::Line(number + 1), one);
                number += u64::from(one.ends_with(b"\n"));
            }
            *line = number;
        });
    }

    fn by_lines(&mut self, text: &[u8], line: &mut u64) {
        for one in text.split_inclusive(|byte| *byte == b'\n') {
            self.text(Place::Line(*line + 1), one);
            *line += u64::from(one.ends_with(b"\n"));
        }
    }

    /// The stream piece by piece, with the number of lines before each.
    fn pieces(
        &mut self,
        name: &str,
        stream: &mut dyn Read,
        each: &mut dyn FnMut(&mut Self, &[u8], &mut u64),
    ) {
        let mut stream = BufReader::with_capacity(BUFFER, stream);
        let mut lines = 0;
        loop {
            let length = match stream.fill_buf() {
                Ok([]) => return,
                Ok(bytes) => {
                    each(self, bytes, &mut lines);
                    bytes.len()
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return self.unread(name, &error.to_string()),
            };
            stream.consume(length);
        }
    }
}

/// Text of JSON with its escapes resolved; what is no escape stays.
fn unescape(bytes: &[u8], to: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escaped) = rest.split_at(at);
        to.extend_from_slice(before);
        let (text, length) = match escaped {
            [_, b'n' | b'r' | b't' | b'b' | b'f', ..] => (' ', 2),
            [_, b'u', a, b, c, d, ..] => {
                let digits = [*a, *b, *c, *d];
                let digits = std::str::from_utf8(&digits).ok();
                let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                // halves of pairs stand for nothing that a text is compared by
                (code.and_then(char::from_u32).unwrap_or(' '), 6)
            }
            [_, other, ..] if other.is_ascii() => (char::from(*other), 2),
            _ => (' ', 1),
        };
        to.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
        rest = escaped.get(length..).unwrap_or_default();
    }
    to.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_json_are_what_they_stand_for() {
        let text = |json: &str| {
            let mut to = Vec::new();
            unescape(json.as_bytes(), &mut to);
            String::from_utf8(to).unwrap()
        };
        assert_eq!(text(r#""a\nb\u00e9\"c\\""#), "\"a bé\"c\\\"");
        assert_eq!(text(r"x\"), "x ");
        assert_eq!(text(r"\u12"), "u12");
    }
}
