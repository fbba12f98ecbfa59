//! The text of PDF files, page by page.

use lopdf::{Document, LoadOptions};

use super::guard::guarded;
use super::{Place, Reading};

/// Octets that one page's content may unpack to.
const PAGE: usize = 16 << 20;
/// Octets that all streams of objects together may unpack to: they are read when a file is opened.
const OBJECTS: usize = 512 << 20;
/// Octets that one of them may unpack to, at most; and at least, else there are too many.
const LARGEST: usize = 64 << 20;
const LEAST: usize = 4 << 10;
/// Pages that are named when they cannot be read.
const NAMED: usize = 5;

impl Reading<'_> {
    pub(super) fn pdf(&mut self, name: &str, bytes: &[u8]) {
        let each = OBJECTS / object_streams(bytes).max(1);
        if each < LEAST {
            return self.unread(name, "it has too many streams of objects");
        }
        let options = LoadOptions {
            max_decompressed_size: Some(each.min(LARGEST)),
            ..LoadOptions::default()
        };
        let document = match guarded(|| Document::load_mem_with_options(bytes, options)) {
            Ok(Ok(document)) => document,
            Ok(Err(error)) => return self.unread(name, &error.to_string()),
            Err(why) => return self.unread(name, &why),
        };
        if document.is_encrypted() {
            return self.unread(name, "it is encrypted");
        }
        self.begin(name);
        let pages = guarded(|| document.get_pages());
        let pages: Vec<u32> = pages.unwrap_or_default().into_keys().collect();
        let (mut bad, mut empty) = (Vec::new(), 0_usize);
        for &page in &pages {
            let chunks = guarded(|| document.extract_text_chunks_with_limit(&[page], PAGE));
            let mut any = false;
            match chunks {
                Ok(chunks) => {
                    for chunk in chunks {
                        match chunk {
                            Ok(text) => {
                                any |= !text.trim().is_empty();
                                self.text(Place::Page(page), text.as_bytes());
                            }
                            Err(error) => bad.push((page, error.to_string())),
                        }
                    }
                }
                Err(why) => bad.push((page, why)),
            }
            empty += usize::from(!any);
        }
        self.end();
        for (page, why) in bad.iter().take(NAMED) {
            self.unread(name, &format!("page {page}: {why}"));
        }
        if bad.len() > NAMED {
            self.unread(
                name,
                &format!("{} more errors on its pages", bad.len() - NAMED),
            );
        }
        if pages.is_empty() {
            self.unread(name, "it has no pages");
        } else if empty > 0 {
            let why = format!(
                "{empty} of {} pages bear no text: pictures of text are not read",
                pages.len()
            );
            self.unread(name, &why);
        }
    }
}

/// How many streams of objects a file may have: names that say so, also in other words (`#4f` is
/// `O`, ISO 32000-1, 7.3.5), and cross-reference streams.
fn object_streams(bytes: &[u8]) -> usize {
    let plain = ["/ObjStm", "/XRef"].map(|name| memchr::memmem::find_iter(bytes, name).count());
    let written_otherwise = memchr::memchr_iter(b'#', bytes).filter(|at| {
        let before = bytes.get(at.saturating_sub(8)..*at).unwrap_or_default();
        let Some(slash) = before.iter().rposition(|byte| *byte == b'/') else {
            return false;
        };
        let start = before.get(slash + 1..).unwrap_or_default();
        // the first letters up to the first escape are those of a name that is meant
        [&b"ObjStm"[..], b"XRef"]
            .iter()
            .any(|name| name.starts_with(start))
    });
    plain.iter().sum::<usize>() + written_otherwise.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_objects_are_counted_however_they_are_named() {
        let file = b"/Type /ObjStm /Type/XRef /Type /#4fbjStm /Obj#53tm /Times#20New /Font#20";
        assert_eq!(object_streams(file), 4);
    }
}
