//! Putting marks into a copy of a document.

use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use detect::secrets::canary::{Serial, Weaver};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use zip::{ZipArchive, ZipWriter};

/// Octets of the largest document that is marked.
const LARGEST: u64 = 256 << 20;

/// How a copy is marked.
pub(super) struct Style {
    pub(super) serial: Serial,
    /// Lines at its end, with the serial in them.
    pub(super) lines: Vec<String>,
    /// A link at its end.
    pub(super) url: Option<String>,
    /// Whether invisible marks are woven in.
    pub(super) invisible: bool,
}

impl Style {
    /// The lines and the URL, as plain lines.
    fn plain(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().chain(&self.url).map(String::as_str)
    }

    fn weaver(&self) -> Option<Weaver> {
        self.invisible.then(|| Weaver::new(self.serial))
    }
}

/// A marked copy of a document.
///
/// # Errors
/// When it is of no kind that can be marked, or is not as that kind is.
pub(super) fn copy(bytes: &[u8], path: &Path, style: &Style) -> anyhow::Result<Vec<u8>> {
    if bytes.starts_with(b"PK\x03\x04") {
        return docx(bytes, style);
    }
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'));
    let Some(text) = text else {
        bail!(
            "marks can be put into text in UTF-8, HTML and DOCX; for others print the serial \
             (name no FILE) and put it in by hand"
        );
    };
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let is_html =
        ending.is_some_and(|ending| ending == "html" || ending == "htm" || ending == "xhtml");
    Ok(if is_html {
        html(text, style).into_bytes()
    } else {
        plain(text, style).into_bytes()
    })
}

fn plain(text: &str, style: &Style) -> String {
    let mut marked = String::with_capacity(text.len() + text.len() / 2 + 256);
    match style.weaver() {
        Some(mut weaver) => weaver.weave(text, &mut marked),
        None => marked.push_str(text),
    }
    if !marked.is_empty() && !marked.ends_with('\n') {
        marked.push('\n');
    }
    for line in style.plain() {
        marked.push('\n');
        marked.push_str(line);
        marked.push('\n');
    }
    marked
}

fn html(text: &str, style: &Style) -> String {
    let mut marked = String::with_capacity(text.len() + text.len() / 2 + 256);
    match style.weaver() {
        Some(mut weaver) => weave_html(text, &mut weaver, &mut marked),
        None => marked.push_str(text),
    }
    let mut end = String::new();
    for line in &style.lines {
        // writing to a String does not fail
        let _ = writeln!(end, "<p>{}</p>", escaped(line));
    }
    if let Some(url) = &style.url {
        let url = escaped(url);
        let _ = writeln!(end, "<p><a href=\"{url}\">{url}</a></p>");
    }
    let lower = marked.to_ascii_lowercase();
    let at = lower.rfind("</body").or_else(|| lower.rfind("</html"));
    marked.insert_str(at.unwrap_or(marked.len()), &end);
    marked
}

/// Weaves marks into what is shown of a page; all else stays byte for byte.
fn weave_html(text: &str, weaver: &mut Weaver, to: &mut String) {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut hidden: Option<Vec<u8>> = None;
    let mut copied = 0;
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        match token {
            Token::StartTag(tag) if !tag.self_closing && hidden.is_none() => {
                let name = tag.name.as_slice();
                if matches!(
                    name,
                    b"script" | b"style" | b"template" | b"title" | b"textarea"
                ) {
                    hidden = Some(name.to_vec());
                }
            }
            Token::EndTag(tag) if hidden.as_deref() == Some(tag.name.as_slice()) => hidden = None,
            Token::String(shown) if hidden.is_none() => {
                let (start, end) = (shown.span.start, shown.span.end);
                let (Some(before), Some(shown)) = (text.get(copied..start), text.get(start..end))
                else {
                    continue;
                };
                to.push_str(before);
                weaver.weave(shown, to);
                copied = end;
            }
            _ => {}
        }
    }
    to.push_str(text.get(copied..).unwrap_or_default());
}

fn docx(bytes: &[u8], style: &Style) -> anyhow::Result<Vec<u8>> {
    const BODY: &str = "word/document.xml";
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    if archive.index_for_name(BODY).is_none() {
        bail!("of archives, DOCX alone can be marked");
    }
    let mut marked = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at)?;
        if member.name()?.as_ref() != BODY {
            marked.raw_copy_file(member)?;
            continue;
        }
        drop(member);
        let mut text = String::new();
        let member = archive.by_index(at)?;
        let options = member.options();
        member
            .take(LARGEST)
            .read_to_string(&mut text)
            .context("word/document.xml")?;
        marked.start_file(BODY, options)?;
        marked.write_all(body(&text, style)?.as_bytes())?;
    }
    Ok(marked.finish()?.into_inner())
}

/// The main part of a DOCX with marks: in its texts (`w:t`), and as paragraphs at its end, before
/// the section that ends the body (ECMA-376 part 1, 17.2.2 and 17.6.17).
fn body(text: &str, style: &Style) -> anyhow::Result<String> {
    let mut marked = String::with_capacity(text.len() + text.len() / 2);
    let mut weaver = style.weaver();
    let mut rest = text;
    while let Some(end) = rest.find("</w:t>") {
        let (inner, after) = rest.split_at(end);
        let start = inner.rfind('>').map_or(0, |at| at + 1);
        let (before, shown) = inner.split_at(start);
        marked.push_str(before);
        match &mut weaver {
            Some(weaver) => weaver.weave(shown, &mut marked),
            None => marked.push_str(shown),
        }
        let (tag, after) = after.split_at("</w:t>".len());
        marked.push_str(tag);
        rest = after;
    }
    marked.push_str(rest);
    let Some(mut at) = marked.rfind("</w:body>") else {
        bail!("word/document.xml has no body");
    };
    let before = marked.get(..at).unwrap_or_default().trim_end();
    if before.ends_with("</w:sectPr>") {
        at = before.rfind("<w:sectPr").unwrap_or(at);
    }
    let mut paragraphs = String::new();
    for line in style.plain() {
        paragraphs.push_str("<w:p><w:r><w:t xml:space=\"preserve\">");
        paragraphs.push_str(&escaped(line));
        paragraphs.push_str("</w:t></w:r></w:p>");
    }
    marked.insert_str(at, &paragraphs);
    Ok(marked)
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use detect::secrets::canary::Marker;
    use matching::text::Key;

    use super::*;

    fn style() -> Style {
        let key = Key::new(b"sixteen octets..").unwrap();
        let serial = Marker::new(&key, "").serial("anna");
        Style {
            serial,
            lines: vec![format!("Copy <{serial}>")],
            url: Some(format!("https://example.org/?a&t={}", serial.token())),
            invisible: true,
        }
    }

    fn bare(text: &str) -> String {
        text.replace(['\u{200b}', '\u{200c}'], "")
    }

    #[test]
    fn a_page_stays_as_it_is_but_for_its_marks() {
        let page = format!(
            "<!DOCTYPE html><html><head><title>a b</title><script>if (a < b) x ('<p> ');</script>\
             </head><BODY class='a b'><p>{}&amp; é <b>x</b></p></BODY></html>\n",
            "word word ".repeat(100)
        );
        let marked = copy(page.as_bytes(), Path::new("a.html"), &style()).unwrap();
        let marked = bare(std::str::from_utf8(&marked).unwrap());
        let end = "&lt;";
        assert!(
            marked.contains(end) && marked.contains("?a&amp;t="),
            "{marked}"
        );
        let (before, after) = marked.split_once("<p>Copy").unwrap();
        let tail = after.rsplit_once("</p>\n").unwrap().1;
        assert_eq!(format!("{before}{tail}"), page);
    }

    #[test]
    fn a_text_gets_lines_at_its_end() {
        let marked = copy(b"the plan is this and that", Path::new("a.txt"), &style()).unwrap();
        let marked = std::str::from_utf8(&marked).unwrap();
        assert!(marked.contains(&style().serial.invisible()));
        let lines = bare(marked);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.first(), Some(&"the plan is this and that"));
        assert!(lines.contains(&style().lines[0].as_str()));
    }

    #[test]
    fn a_body_of_docx_gets_paragraphs_before_its_last_section() {
        let text = "<w:body><w:p><w:r><w:t>a few words here and there</w:t></w:r></w:p>\
                    <w:sectPr><w:pgSz/></w:sectPr></w:body>";
        let marked = bare(&body(text, &style()).unwrap());
        let at = marked.find("<w:sectPr").unwrap();
        assert!(marked[..at].ends_with("</w:t></w:r></w:p>"));
        assert!(marked.contains("Copy &lt;") && marked.contains("a few words here"));
        assert!(copy(b"%PDF-\0", Path::new("a.pdf"), &style()).is_err());
    }
}
