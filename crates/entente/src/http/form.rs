//! Forms of pages, with files (RFC 7578) or without.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use memchr::memmem;

use super::App;
use super::body::Whole;
use super::error::Refused;

/// Octets of a part's headers.
const PART_HEAD: usize = 8 << 10;
/// Parts of a form.
const PARTS: usize = 200;
/// Octets of a form besides its files.
const FIELDS: usize = 1 << 20;

/// A part of a form.
pub(crate) struct Part<'a> {
    pub(crate) name: String,
    /// The file's name, if it is one.
    pub(crate) file: Option<String>,
    pub(crate) media_type: Option<String>,
    pub(crate) content: &'a [u8],
}

/// A file that was sent.
pub(crate) struct Sent {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

/// A form as it was filled in.
pub(crate) struct Filled {
    fields: Vec<(String, String)>,
    /// The files that are not empty: parts of what was sent.
    pub(crate) files: Vec<Sent>,
    /// What was sent, with its share of the budget, for as long as its files are used.
    _whole: Whole,
}

impl Filled {
    /// Reads a form of either kind, with files of at most so many octets together.
    ///
    /// # Errors
    /// As [`Budget::read`](super::body::Budget::read), and 400 for what is no form.
    pub(crate) async fn read(
        app: &App,
        headers: &HeaderMap,
        body: Body,
        files: usize,
    ) -> Result<Self, Refused> {
        let told = headers.get(header::CONTENT_TYPE);
        let told = told
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (media_type, parameters) = told.split_once(';').unwrap_or((told, ""));
        let boundary = parameter(parameters, "boundary");
        if !media_type
            .trim()
            .eq_ignore_ascii_case("multipart/form-data")
        {
            let whole = app.bodies.read_up_to(FIELDS, headers, body).await?;
            let fields = form_urlencoded::parse(&whole.bytes).into_owned().collect();
            return Ok(Filled {
                fields,
                files: Vec::new(),
                _whole: whole,
            });
        }
        let boundary = boundary.filter(|text| (1..=70).contains(&text.len()));
        let boundary = boundary.ok_or_else(broken)?;
        let whole = app.bodies.read_up_to(FIELDS + files, headers, body).await?;
        Self::of_parts(whole, &boundary)
    }

    fn of_parts(whole: Whole, boundary: &str) -> Result<Self, Refused> {
        let (mut fields, mut files) = (Vec::new(), Vec::new());
        for part in parts(&whole.bytes, boundary)? {
            match part.file {
                None => {
                    let text = String::from_utf8_lossy(part.content).into_owned();
                    fields.push((part.name, text));
                }
                Some(name) if !part.content.is_empty() => files.push(Sent {
                    name: last_part(&name),
                    media_type: part.media_type.unwrap_or_default(),
                    bytes: whole.bytes.slice_ref(part.content),
                }),
                Some(_) => {}
            }
        }
        Ok(Filled {
            fields,
            files,
            _whole: whole,
        })
    }

    /// The first value of a field, with the line breaks that people mean.
    pub(crate) fn text(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or_else(String::new, |(_, value)| value.replace("\r\n", "\n"))
    }

    /// [`Filled::text`] without what stands around it; none when nothing is left.
    pub(crate) fn some(&self, name: &str) -> Option<String> {
        let text = self.text(name);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// A file's name without its folders, which some browsers send.
fn last_part(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn broken() -> Refused {
    Refused::bad("the multipart/form-data is not well-formed")
}

/// The parts of a form.
///
/// # Errors
/// 400 for what is not well-formed.
pub(crate) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, Refused> {
    let delimiter = format!("\r\n--{boundary}");
    let find = memmem::Finder::new(&delimiter);
    // The first one may stand at the very beginning, without a line before it.
    let mut rest = match body.strip_prefix(delimiter.trim_start().as_bytes()) {
        Some(rest) => rest,
        None => split(body, &find).ok_or_else(broken)?.1,
    };
    let mut found = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, behind) = split(rest, &find).ok_or_else(broken)?;
        rest = behind;
        let (head, content) = split(part, &memmem::Finder::new("\r\n\r\n")).ok_or_else(broken)?;
        if head.len() > PART_HEAD || found.len() >= PARTS {
            return Err(broken());
        }
        let head = String::from_utf8_lossy(head);
        let disposition = head.lines().find_map(disposition).ok_or_else(broken)?;
        let file =
            parameter(disposition, "filename").or_else(|| parameter(disposition, "filename*"));
        found.push(Part {
            name: parameter(disposition, "name").unwrap_or_default(),
            file,
            media_type: head.lines().find_map(content_type),
            content,
        });
    }
    Ok(found)
}

/// The value of a `Content-Type`, if a line is one.
fn content_type(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    let is_one = name.trim().eq_ignore_ascii_case("content-type");
    is_one.then(|| value.trim().to_owned())
}

/// What stands before and behind.
fn split<'a>(bytes: &'a [u8], find: &memmem::Finder<'_>) -> Option<(&'a [u8], &'a [u8])> {
    let at = find.find(bytes)?;
    Some((bytes.get(..at)?, bytes.get(at + find.needle().len()..)?))
}

/// The parameters of a `Content-Disposition`, if a line is one.
fn disposition(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    if !name.trim().eq_ignore_ascii_case("content-disposition") {
        return None;
    }
    let (kind, parameters) = value.split_once(';')?;
    kind.trim()
        .eq_ignore_ascii_case("form-data")
        .then_some(parameters)
}

/// The value of a parameter out of `name=value; other="quoted \" value"`.
pub(crate) fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = value(behind);
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = behind;
    }
}

/// A value, quoted or not, and what stands behind it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::Budget;

    #[test]
    fn fields_and_files_are_told_apart() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--X\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"C:\\\\a.png\"\r\n\
                    Content-Type: image/png\r\n\r\nxyz\r\n--X--\r\n";
        let found = parts(body.as_bytes(), "X").unwrap();
        assert_eq!(
            (found[0].name.as_str(), found[0].content),
            ("a", &b"1\r\n2"[..])
        );
        assert_eq!(found[1].media_type.as_deref(), Some("image/png"));
        assert_eq!(last_part(found[1].file.as_deref().unwrap()), "a.png");
        assert!(parts(b"--X", "X").is_err());
    }

    #[tokio::test]
    async fn files_are_parts_of_what_was_sent_and_hold_its_share_of_the_budget() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\
                    xyz\r\n--X--\r\n";
        let budget = Budget::new(1 << 20);
        let free = budget.free();
        let whole = budget.read(&HeaderMap::new(), Body::from(body)).await;
        let whole = whole.ok().unwrap();
        let sent = whole.bytes.as_ptr_range();
        let filled = Filled::of_parts(whole, "X").ok().unwrap();
        assert_eq!(&filled.files[0].bytes[..], b"xyz");
        assert!(sent.contains(&filled.files[0].bytes.as_ptr()), "no copy");
        assert!(budget.free() < free);
        drop(filled);
        assert_eq!(budget.free(), free);
    }
}
