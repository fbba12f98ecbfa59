//! Attachments: kept before a request or a step names them, and given to whom they are for, as files and
//! never as something that a browser shows.

use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use node::act::request::NewEvidence;
use node::model::Marking;
use serde::Deserialize;

use super::super::{Answer, Path, Query, json};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::blocking::blocking;
use crate::http::error::Refused;
use crate::present::request::Evidence;

/// Octets of an attachment.
const MOST: usize = 25 << 20;

/// What is told of an attachment.
#[derive(Deserialize)]
pub(super) struct Told {
    name: Option<String>,
    marking: Option<String>,
}

/// `POST /api/v1/evidence?name=&marking=`
pub(super) async fn keep(
    State(app): State<App>,
    Auth(caller): Auth,
    Query(told): Query<Told>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    // Nobody's bytes are read who may not send any.
    app.node.may_attach(&caller)?;
    let name = told
        .name
        .ok_or_else(|| Refused::bad("name: the file's name is missing"))?;
    let marking = told
        .marking
        .as_deref()
        .unwrap_or("amber")
        .parse::<Marking>();
    let marking = marking.map_err(|words| Refused::bad(format!("marking: {words}")))?;
    let whole = app.bodies.read_up_to(MOST, &headers, body).await?;
    let told = headers.get(header::CONTENT_TYPE);
    let told = told
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let new = NewEvidence {
        name,
        media_type: media_type_of(told, &whole.bytes),
        marking,
        bytes: whole.bytes.clone(),
    };
    let kept = app.node.keep_evidence(&caller, new).await?;
    json(StatusCode::CREATED, &Evidence::from(&kept))
}

/// `GET /api/v1/requests/{id}/evidence/{sha256}`
pub(super) async fn read(
    State(app): State<App>,
    Auth(caller): Auth,
    Path((id, sha256)): Path<(String, String)>,
) -> Answer {
    let read = blocking(move || Ok(app.node.attachment(&caller, &id, &sha256)?));
    let attachment = read.await?;
    let mut response = attachment.bytes.into_response();
    fill(
        &mut response,
        &attachment.evidence.media_type,
        &attachment.evidence.name,
    );
    Ok(response)
}

/// Headers under which a browser saves and never shows it.
fn fill(response: &mut Response, media_type: &str, name: &str) {
    let headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    let media_type = HeaderValue::from_str(media_type).unwrap_or(octets);
    headers.insert(header::CONTENT_TYPE, media_type);
    if let Ok(disposition) = HeaderValue::from_str(&disposition(name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// `attachment` with the name in ASCII and, for those that read it, as it is (RFC 6266, RFC 8187).
fn disposition(name: &str) -> String {
    let ascii = |c: char| match c {
        ' '..='~' if !matches!(c, '"' | '\\' | '%') => c,
        _ => '_',
    };
    let plain: String = name.chars().map(ascii).collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

/// What a file is: as it was told, when that says something; else by its first octets.
pub(crate) fn media_type_of(told: &str, bytes: &[u8]) -> String {
    let essence = told
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let says_nothing = matches!(
        essence.as_str(),
        "" | "application/octet-stream" | "application/x-www-form-urlencoded"
    );
    if !says_nothing && essence.len() <= 100 && essence.contains('/') {
        return essence;
    }
    sniffed(bytes).to_owned()
}

/// The media type that the first octets tell.
pub(crate) fn sniffed(bytes: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 10] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
        (b"\x28\xb5\x2f\xfd", "application/zstd"),
        (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
        (b"From ", "application/mbox"),
        (b"Received: ", "message/rfc822"),
    ];
    let known = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic));
    if let Some((_, media_type)) = known {
        return media_type;
    }
    if bytes.get(8..12) == Some(b"WEBP") {
        return "image/webp";
    }
    let text = std::str::from_utf8(bytes);
    match text {
        Ok(text) if !text.contains('\0') => match text.trim_start().chars().next() {
            Some('{' | '[') if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
                "application/json"
            }
            _ => "text/plain",
        },
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_nothing_but_a_name() {
        let told = disposition("a\"; filename=b\r\n.html ü");
        assert_eq!(
            told,
            "attachment; filename=\"a_; filename=b__.html _\"; \
             filename*=UTF-8''a%22%3B%20filename%3Db%0D%0A.html%20%C3%BC"
        );
    }

    #[test]
    fn files_are_told_by_their_first_octets() {
        for (bytes, media_type) in [
            (&b"%PDF-1.7"[..], "application/pdf"),
            (b" {\"a\": 1}", "application/json"),
            (b"hello", "text/plain"),
            (b"\x00\x01", "application/octet-stream"),
        ] {
            assert_eq!(sniffed(bytes), media_type);
        }
        assert_eq!(media_type_of("text/html; charset=utf-8", b"x"), "text/html");
        assert_eq!(
            media_type_of("application/octet-stream", b"GIF89a"),
            "image/gif"
        );
    }
}
