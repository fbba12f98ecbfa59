//! Media types: what is served and taken as TAXII 2.1.

use axum::http::{HeaderMap, StatusCode, header};

use crate::http::error::Refused;

/// Whether a client that sends this `Accept` can be answered with TAXII 2.1. Without a version, as
/// plain JSON or as anything at all it can; only another explicit version is refused.
///
/// # Errors
/// 406.
pub(super) fn accept(headers: &HeaderMap) -> Result<(), Refused> {
    let mut named = false;
    for value in headers.get_all(header::ACCEPT) {
        let text = value.to_str().unwrap_or_default();
        for range in text
            .split(',')
            .map(str::trim)
            .filter(|range| !range.is_empty())
        {
            named = true;
            if !refused_by_quality(range) && is_taxii(range, true) {
                return Ok(());
            }
        }
    }
    if named {
        let words = "this server speaks TAXII 2.1: accept application/taxii+json;version=2.1";
        return Err(Refused::new(StatusCode::NOT_ACCEPTABLE, words));
    }
    Ok(())
}

/// Whether a body of this `Content-Type` is taken.
///
/// # Errors
/// 415.
pub(super) fn content(headers: &HeaderMap) -> Result<(), Refused> {
    let told = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if told.is_some_and(|media_type| is_taxii(media_type, false)) {
        return Ok(());
    }
    let words = "send the envelope as Content-Type: application/taxii+json;version=2.1";
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words))
}

fn is_taxii(text: &str, as_range: bool) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let known = media_type == "application/taxii+json"
        || (as_range
            && matches!(
                media_type.as_str(),
                "*/*" | "application/*" | "application/json"
            ));
    let version = parts.find_map(|parameter| parameter_value(parameter, "version"));
    known && version.is_none_or(|version| version == "2.1")
}

fn refused_by_quality(range: &str) -> bool {
    let quality = range
        .split(';')
        .skip(1)
        .find_map(|p| parameter_value(p.trim(), "q"));
    quality
        .and_then(|q| q.parse::<f32>().ok())
        .is_some_and(|q| q <= 0.0)
}

fn parameter_value<'a>(parameter: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = parameter.split_once('=')?;
    key.trim()
        .eq_ignore_ascii_case(name)
        .then(|| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn only_another_explicit_version_is_not_acceptable() {
        for taken in [
            "application/taxii+json;version=2.1",
            "application/taxii+json; version=2.1",
            "application/taxii+json",
            "application/json",
            "*/*",
            "text/html, application/taxii+json;version=2.0;q=0.2, application/json;q=0.9",
            "application/taxii+json;version=\"2.1\"",
        ] {
            assert_eq!(accept(&with(header::ACCEPT, taken)), Ok(()), "{taken}");
        }
        assert_eq!(accept(&HeaderMap::new()), Ok(()));
        for refused in ["application/taxii+json;version=2.0", "text/html", "*/*;q=0"] {
            let answer = accept(&with(header::ACCEPT, refused)).unwrap_err();
            assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE, "{refused}");
        }
    }

    #[test]
    fn bodies_are_taxii_with_or_without_a_version() {
        for taken in [
            "application/taxii+json",
            "application/taxii+json; version=2.1",
        ] {
            assert_eq!(content(&with(header::CONTENT_TYPE, taken)), Ok(()));
        }
        for refused in [
            "application/json",
            "text/plain",
            "application/taxii+json;version=2.0",
        ] {
            let answer = content(&with(header::CONTENT_TYPE, refused)).unwrap_err();
            assert_eq!(
                answer.status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{refused}"
            );
        }
    }
}
