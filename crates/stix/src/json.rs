//! Walking JSON text one level at a time, without a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Values may nest this deep inside an object, as deep as `serde_json` goes.
pub(crate) const MAX_DEPTH: usize = 126;

/// Bytes that are not the JSON they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} column {column}: {message}")]
pub struct Malformed {
    /// Line of the first wrong byte, from 1.
    pub line: usize,
    /// Column in bytes of the first wrong byte, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl Malformed {
    /// An error at a byte offset.
    pub(crate) fn at(bytes: &[u8], offset: usize, message: impl Into<String>) -> Self {
        let before = bytes.get(..offset).unwrap_or(bytes);
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        Malformed {
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: before.len() - line_start + 1,
            message: message.into(),
        }
    }
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let message = text.strip_suffix(&format!(" at line {line} column {column}"));
        Malformed {
            line,
            column,
            message: message.unwrap_or(&text).to_owned(),
        }
    }
}

/// The bytes as text.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes)
        .map_err(|error| Malformed::at(bytes, error.valid_up_to(), "is not valid UTF-8"))
}

/// What kind of value a JSON text is, told by its first byte.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{...}`
    Object,
    /// `[...]`
    List,
    /// `"..."`
    String,
    /// Anything else.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`
    Null,
}

impl Shape {
    /// The shape of a well-formed value without space around it.
    pub fn of(raw: &str) -> Self {
        match raw.as_bytes().first() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::List,
            Some(b'"') => Shape::String,
            Some(b't' | b'f') => Shape::Boolean,
            Some(b'n') => Shape::Null,
            _ => Shape::Number,
        }
    }

    /// With its article, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Object => "an object",
            Shape::List => "a list",
            Shape::String => "a string",
            Shape::Number => "a number",
            Shape::Boolean => "a boolean",
            Shape::Null => "null",
        }
    }
}

/// The text of a well-formed JSON string; none for another value or for one that is not Unicode
/// (a lone surrogate). Allocates only where the string has an escape.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(raw).ok().map(Cow::Owned)
}

/// Calls `each` with every key and value of a JSON object, in order.
///
/// # Errors
/// Where the text is no such thing; what came before was handed over.
pub fn each_member<'a>(
    text: &'a str,
    each: impl FnMut(Cow<'a, str>, &'a str),
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Members(each))?;
    deserializer.end()
}

/// Calls `each` with every value of a JSON list, in order.
///
/// # Errors
/// Where the text is no such thing; what came before was handed over.
pub fn each_item<'a>(text: &'a str, each: impl FnMut(&'a str)) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_seq(Items(each))?;
    deserializer.end()
}

/// Whether a well-formed value nests deeper than `limit`.
pub(crate) fn nests_deeper_than(raw: &str, limit: usize) -> bool {
    let bytes = raw.as_bytes();
    let (mut depth, mut index, mut in_string) = (0_usize, 0, false);
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'\\' => index += 1,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        index += 1;
    }
    false
}

/// A key, borrowed where it has no escape.
pub(crate) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property name")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

struct Members<F>(F);

impl<'de, F: FnMut(Cow<'de, str>, &'de str)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            (self.0)(key, map.next_value::<&RawValue>()?.get());
        }
        Ok(())
    }
}

struct Items<F>(F);

impl<'de, F: FnMut(&'de str)> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element::<&RawValue>()? {
            (self.0)(item.get());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert!(!nests_deeper_than(r#"{"a":["[[[\"[[",{}]}"#, 3));
        assert!(nests_deeper_than(r#"{"a":["[[[\"[[",{}]}"#, 2));
        assert!(nests_deeper_than(&"[".repeat(MAX_DEPTH + 1), MAX_DEPTH));
    }

    #[test]
    fn an_error_names_line_and_column() {
        let error = Malformed::at(b"ab\ncd\nef", 7, "no");
        assert_eq!((error.line, error.column), (3, 2));
        let error = text_of(b"{\n\"a\": \"\xff\"}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 7));
    }

    #[test]
    fn strings_are_borrowed_unless_escaped() {
        assert!(matches!(string(r#""abc""#), Some(Cow::Borrowed("abc"))));
        assert_eq!(string(r#""a\u0062c""#).as_deref(), Some("abc"));
        assert_eq!(string(r#""\ud800""#), None);
        assert_eq!(string("12"), None);
    }
}
