//! An image in the body of a request: as it is, or as the one file of a form (RFC 7578).

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use memchr::memmem;

use crate::http::App;
use crate::http::body::Whole;
use crate::http::error::Refused;
use crate::picture::LARGEST;

/// Octets of a part's headers.
const PART_HEAD: usize = 8 << 10;

/// What HMA calls images, and thus the name of the file.
const PHOTO: &str = "photo";

/// An image, with its share of the budget of bodies.
pub(super) struct Upload {
    pub(super) image: Bytes,
    _whole: Whole,
}

/// Reads the image that a body is or holds.
///
/// # Errors
/// As [`Budget::read`](crate::http::body::Budget::read); 415 for other media types; 400 for a form
/// that is not well-formed, or has no file, several, or one of another name than `photo`.
pub(super) async fn image(app: &App, headers: &HeaderMap, body: Body) -> Result<Upload, Refused> {
    let told = headers.get(header::CONTENT_TYPE);
    let told = told
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (media_type, parameters) = told.split_once(';').unwrap_or((told, ""));
    let media_type = media_type.trim().to_ascii_lowercase();
    let is_form = media_type == "multipart/form-data";
    if !(is_form || media_type.starts_with("image/") || media_type == "application/octet-stream") {
        let words =
            format!("send an image as the file '{PHOTO}' of multipart/form-data, or as it is");
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    }
    let boundary = parameter(parameters, "boundary");
    if is_form
        && boundary
            .as_ref()
            .is_none_or(|b| b.is_empty() || b.len() > 70)
    {
        return Err(Refused::bad(
            "multipart/form-data needs a boundary of 1 to 70 characters",
        ));
    }
    let limit = usize::try_from(LARGEST).unwrap_or(usize::MAX);
    let whole = app.bodies.read_up_to(limit, headers, body).await?;
    let image = match boundary.filter(|_| is_form) {
        Some(boundary) => whole.bytes.slice_ref(photo(&whole.bytes, &boundary)?),
        None => whole.bytes.clone(),
    };
    Ok(Upload {
        image,
        _whole: whole,
    })
}

/// The content of the one file of a form.
fn photo<'a>(body: &'a [u8], boundary: &str) -> Result<&'a [u8], Refused> {
    let broken = || Refused::bad("the multipart/form-data is not well-formed");
    let delimiter = format!("\r\n--{boundary}");
    let find = memmem::Finder::new(&delimiter);
    // The first one may stand at the very beginning, without a line before it.
    let mut rest = match body.strip_prefix(delimiter.trim_start().as_bytes()) {
        Some(rest) => rest,
        None => split(body, &find).ok_or_else(broken)?.1,
    };
    let mut files = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, behind) = split(rest, &find).ok_or_else(broken)?;
        rest = behind;
        let (head, content) = split(part, &memmem::Finder::new("\r\n\r\n")).ok_or_else(broken)?;
        if head.len() > PART_HEAD {
            return Err(broken());
        }
        let head = String::from_utf8_lossy(head);
        let disposition = head.lines().find_map(disposition).ok_or_else(broken)?;
        // Other fields of the form are for others.
        let is_file = ["filename", "filename*"].map(|name| parameter(disposition, name));
        if is_file.iter().any(Option::is_some) {
            files.push((parameter(disposition, "name"), content));
        }
        if files.len() > 1 {
            return Err(Refused::bad("Only one file allowed per request"));
        }
    }
    let missing = "Missing multipart/form-data file upload";
    let (name, content) = files.pop().ok_or_else(|| Refused::bad(missing))?;
    let name = name.unwrap_or_default();
    if name != PHOTO {
        let told: String = name.chars().take(80).collect();
        let words = format!("no such content_type: '{told}'; this node hashes '{PHOTO}'");
        return Err(Refused::bad(words));
    }
    Ok(content)
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
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
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

    fn part(disposition: &str, content: &str) -> String {
        format!(
            "--X\r\nContent-Disposition: {disposition}\r\nContent-Type: image/png\r\n\r\n{content}\r\n"
        )
    }

    #[test]
    fn the_one_file_is_found_among_fields() {
        let field = part("form-data; name=\"note\"", "hello");
        let file = part(
            "form-data; filename=\"a;b\\\".png\"; name=\"photo\"",
            "a\r\n--Y\r\nb",
        );
        for body in [
            format!("{field}{file}--X--\r\n"),
            format!("\r\n{file}{field}--X--"),
            format!("preamble\r\n{file}--X--epilogue"),
        ] {
            assert_eq!(
                photo(body.as_bytes(), "X").unwrap(),
                b"a\r\n--Y\r\nb",
                "{body}"
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let file = part("form-data; name=photo; filename=a", "x");
        let video = part("form-data; name=video; filename=a", "x");
        for (body, words) in [
            (String::new(), "not well-formed"),
            ("--X".to_owned(), "not well-formed"),
            (file.clone(), "not well-formed"),
            (
                file.replace("form-data", "inline") + "--X--",
                "not well-formed",
            ),
            ("--X--".to_owned(), "Missing"),
            (part("form-data; name=photo", "x") + "--X--", "Missing"),
            (format!("{file}{file}--X--"), "Only one file"),
            (format!("{video}--X--"), "no such content_type: 'video'"),
        ] {
            let refused = photo(body.as_bytes(), "X").unwrap_err();
            assert!(refused.detail.contains(words), "{body}: {}", refused.detail);
        }
    }

    #[test]
    fn parameters_are_read_quoted_or_not() {
        let text = "charset=utf-8; Boundary=\"a;b\"; c=\"";
        assert_eq!(parameter(text, "boundary").as_deref(), Some("a;b"));
        assert_eq!(parameter(text, "charset").as_deref(), Some("utf-8"));
        assert_eq!(parameter(text, "c").as_deref(), Some(""));
        assert_eq!(parameter(text, "d"), None);
    }
}
