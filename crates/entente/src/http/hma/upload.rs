//! An image in the body of a request: as it is, or as the one file of a form (RFC 7578).

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;

use crate::http::App;
use crate::http::body::Whole;
use crate::http::error::Refused;
use crate::http::form::{self, parameter};
use crate::picture::LARGEST;

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
    // Other fields of the form are for others.
    let mut files = form::parts(body, boundary)?;
    files.retain(|part| part.file.is_some());
    if files.len() > 1 {
        return Err(Refused::bad("Only one file allowed per request"));
    }
    let missing = "Missing multipart/form-data file upload";
    let part = files.pop().ok_or_else(|| Refused::bad(missing))?;
    if part.name != PHOTO {
        let told: String = part.name.chars().take(80).collect();
        let words = format!("no such content_type: '{told}'; this node hashes '{PHOTO}'");
        return Err(Refused::bad(words));
    }
    Ok(part.content)
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
