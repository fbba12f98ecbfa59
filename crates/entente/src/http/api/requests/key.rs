//! The `Idempotency-Key` of a request (draft-ietf-httpapi-idempotency-key-header-07): a client that heard
//! no answer sends the same again with the same key, and it is done once.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;

use crate::http::App;
use crate::http::error::{Problem, Refused};

/// Octets of a key.
const MOST: usize = 255;

/// The key, if one was sent.
pub(in crate::http::api) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    pub(in crate::http::api) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(in crate::http::api) fn owned(self) -> Option<String> {
        self.0
    }
}

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let key = match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => Some(key(value).ok_or_else(malformed)?),
            (Some(_), Some(_)) => return Err(malformed()),
        };
        Ok(IdempotencyKey(key))
    }
}

fn malformed() -> Problem {
    Problem(Refused::bad(format!(
        "Idempotency-Key: one string of 1 to {MOST} printable characters in double quotes, such as a UUID"
    )))
}

/// The text of a string (RFC 9651 §3.3.3); of one without its quotes, which many clients leave out, too
/// where it holds nothing that would need them.
fn key(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let Some(quoted) = text.strip_prefix('"') else {
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/+=".contains(&byte);
        let fits = (1..=MOST).contains(&text.len()) && text.bytes().all(bare);
        return fits.then(|| text.to_owned());
    };
    let mut unquoted = String::new();
    let mut rest = quoted.strip_suffix('"')?.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => unquoted.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            ' '..='~' => unquoted.push(c),
            _ => return None,
        }
    }
    let fits = (1..=MOST).contains(&unquoted.len()) && !unquoted.trim().is_empty();
    fits.then_some(unquoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_string_with_its_quotes_or_without() {
        let read = |text: &str| key(&HeaderValue::from_str(text).unwrap());
        let uuid = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        assert_eq!(read(&format!("\"{uuid}\"")).as_deref(), Some(uuid));
        assert_eq!(read(uuid).as_deref(), Some(uuid));
        assert_eq!(read(r#""a \"b\" \\""#).as_deref(), Some(r#"a "b" \"#));
        for wrong in [
            "",
            "\"\"",
            "\"a",
            "a\"",
            "\"a\"b\"",
            "\"a\\n\"",
            "a b",
            "\"a\";p=1",
            "\" \"",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&format!("\"{}\"", "a".repeat(256))), None);
    }
}
