//! What a stream is, by its first octets; by its name where these leave it open.

use super::PEEKED;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// What a stream is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Zstandard,
    Tar,
    Zip,
    Pdf,
    Mail,
    Mailbox,
    Html,
    Json,
    Text(&'static Encoding),
    /// None of these: read as it is, since text may stand in it.
    Bytes,
    /// Packed in a way that is not read.
    Other(&'static str),
}

/// Fields that begin messages (RFC 5322 §3.6, and what servers put before).
const FIELDS: [&str; 12] = [
    "return-path",
    "received",
    "delivered-to",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "x-mozilla-status",
    "dkim-signature",
];

pub(super) fn format(head: &[u8], name: &str) -> Format {
    match head {
        [0x1f, 0x8b, ..] => return Format::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Format::Zstandard,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Format::Zip,
        [0xfd, b'7', b'z', b'X', b'Z', ..] => return Format::Other("an xz file"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => return Format::Other("a bzip2 file"),
        [b'7', b'z', 0xbc, 0xaf, ..] => return Format::Other("a 7-Zip archive"),
        [b'R', b'a', b'r', b'!', ..] => return Format::Other("a RAR archive"),
        [0xff, 0xfe, ..] => return Format::Text(UTF_16LE),
        [0xfe, 0xff, ..] => return Format::Text(UTF_16BE),
        _ => {}
    }
    if head.get(257..262) == Some(b"ustar") {
        return Format::Tar;
    }
    let start = head.get(..1024).unwrap_or(head);
    if memchr::memmem::find(start, b"%PDF-").is_some() {
        return Format::Pdf;
    }
    if start.contains(&0) {
        return Format::Bytes;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if let Some(rest) = text.strip_prefix(b"From ") {
        let after = rest.splitn(2, |byte| *byte == b'\n').nth(1);
        if after.is_some_and(|after| fields(after) > 0) {
            return Format::Mailbox;
        }
    }
    let name = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name);
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let ending = ending.as_deref().unwrap_or_default();
    if fields(text) >= 2 || (ending == "eml" && fields(text) > 0) {
        return Format::Mail;
    }
    let trimmed = text.trim_ascii_start();
    if is_html(trimmed) || matches!(ending, "html" | "htm" | "xhtml" | "xml" | "svg") {
        return Format::Html;
    }
    if trimmed.starts_with(b"WARC/1.") {
        return Format::Html;
    }
    if matches!(trimmed.first(), Some(b'{' | b'[')) && matches!(ending, "json" | "ndjson" | "jsonl")
        || trimmed.starts_with(b"{\"")
    {
        return Format::Json;
    }
    Format::Text(encoding(head))
}

/// UTF-8, or what Western programs write that know none.
fn encoding(head: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(head) {
        Ok(_) => UTF_8,
        // cut within a character, unless that is all there is
        Err(error) if error.error_len().is_none() && head.len() as u64 >= PEEKED => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

/// How many of a message's fields a text begins with.
fn fields(text: &[u8]) -> usize {
    let mut found = 0;
    for line in text.split(|byte| *byte == b'\n').take(40) {
        if line
            .first()
            .is_some_and(|first| matches!(first, b' ' | b'\t'))
        {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            break;
        };
        let name = line.get(..colon).unwrap_or_default().to_ascii_lowercase();
        if !name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        {
            break;
        }
        found += usize::from(FIELDS.iter().any(|field| field.as_bytes() == name));
    }
    found
}

fn is_html(text: &[u8]) -> bool {
    let start: Vec<u8> = text.iter().take(2048).map(u8::to_ascii_lowercase).collect();
    let begins = ["<!doctype", "<html", "<head", "<body", "<?xml", "<!--"];
    begins.iter().any(|tag| start.starts_with(tag.as_bytes()))
        || ["<html", "<body", "</p>", "</div>"]
            .iter()
            .any(|tag| memchr::memmem::find(&start, tag.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_by_how_they_begin() {
        for (head, name, expected) in [
            (
                b"From a@b Mon\nReceived: x\n".as_slice(),
                "x",
                Format::Mailbox,
            ),
            (b"Subject: x\nFrom: a\n\nhi", "x", Format::Mail),
            (
                b"Subject: a novel\n\nIt began",
                "x.txt",
                Format::Text(UTF_8),
            ),
            (b"Note: x\n", "x.eml", Format::Text(UTF_8)),
            (b"\n<!DOCTYPE html><p>", "x", Format::Html),
            (b"{\"a\":\"\\n\"}", "x", Format::Json),
            (b"[draft] plan", "x.txt", Format::Text(UTF_8)),
            (b"caf\xe9", "x", Format::Text(WINDOWS_1252)),
            (b"\xff\xfea\0", "x", Format::Text(UTF_16LE)),
            (b"\x89PNG\r\n\x1a\n\0\0", "x", Format::Bytes),
            (b"7z\xbc\xaf'\x1c", "x", Format::Other("a 7-Zip archive")),
            (b"garbage\n%PDF-1.4", "x", Format::Pdf),
            (b"", "x", Format::Text(UTF_8)),
        ] {
            assert_eq!(format(head, name), expected, "{}", head.escape_ascii());
        }
    }
}
