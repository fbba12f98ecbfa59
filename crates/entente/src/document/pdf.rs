//! The text of PDF files, page by page.

use lopdf::{Document, LoadOptions};

use super::guard::guarded;
use super::{Place, Reading};

/// Octets that one stream of a PDF, or one page's content, may unpack to.
const UNPACKED: usize = 64 << 20;
/// Pages that are named when they cannot be read.
const NAMED: usize = 5;

impl Reading<'_> {
    pub(super) fn pdf(&mut self, name: &str, bytes: &[u8]) {
        let options = LoadOptions {
            max_decompressed_size: Some(UNPACKED),
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
            let chunks = guarded(|| document.extract_text_chunks_with_limit(&[page], UNPACKED));
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
