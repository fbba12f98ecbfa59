//! The id that an observable's own properties give (2.9; "ID Contributing Properties" in section 6).

use uuid::{Uuid, uuid};

use crate::id::StixIdBuf;
use crate::json::{self, Malformed};
use crate::verdict::tree::{Members, Value};

/// The namespace of 2.9.
const NAMESPACE: Uuid = uuid!("00abedb4-aa42-466c-9c01-fed23315a9b7");

/// Hashes in the order in which one is taken (6.1, 6.7, 6.18).
const PREFERRED_HASHES: &[&str] = &["MD5", "SHA-1", "SHA-256", "SHA-512"];

/// The properties that an observable's id is made of; none for other types and for processes,
/// whose ids are `UUIDv4`s.
pub fn contributing_properties(type_name: &str) -> &'static [&'static str] {
    match type_name {
        "artifact" => &["hashes", "payload_bin"],
        "autonomous-system" => &["number"],
        "directory" => &["path"],
        "domain-name" | "email-addr" | "ipv4-addr" | "ipv6-addr" | "mac-addr" | "url" => &["value"],
        "email-message" => &["body", "from_ref", "subject"],
        "file" => &["extensions", "hashes", "name", "parent_directory_ref"],
        "mutex" => &["name"],
        "network-traffic" => &[
            "dst_port",
            "dst_ref",
            "end",
            "extensions",
            "protocols",
            "src_port",
            "src_ref",
            "start",
        ],
        "software" => &["cpe", "name", "swid", "vendor", "version"],
        "user-account" => &["account_login", "account_type", "user_id"],
        "windows-registry-key" => &["key", "values"],
        "x509-certificate" => &["hashes", "serial_number"],
        _ => &[],
    }
}

/// The id of an observable, made of its contributing properties: a `UUIDv5` over their canonical
/// JSON (RFC 8785). None when the type has no such properties, or the object none of them. Of
/// `hashes` one is taken: MD5, SHA-1, SHA-256, SHA-512, else the first.
///
/// ```
/// let id = stix::observable_id(br#"{"type":"ipv4-addr","value":"198.51.100.3"}"#)?;
/// assert_eq!(
///     id.as_deref(),
///     Some("ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4")
/// );
/// # Ok::<(), stix::Malformed>(())
/// ```
///
/// # Errors
/// [`Malformed`] where the bytes are not JSON.
pub fn observable_id(object: &[u8]) -> Result<Option<StixIdBuf>, Malformed> {
    let text = json::text_of(object)?;
    let value: Value<'_> = serde_json::from_str(text)?;
    Ok(value.object().and_then(id_of))
}

pub(crate) fn id_of(object: &Members<'_>) -> Option<StixIdBuf> {
    let type_name = object.text("type")?;
    let mut canonical = String::from("{");
    // the names stand in the order that RFC 8785 asks for
    for name in contributing_properties(type_name) {
        let Some(value) = object.get(name) else {
            continue;
        };
        if canonical.len() > 1 {
            canonical.push(',');
        }
        text(name, &mut canonical);
        canonical.push(':');
        match value {
            Value::Object(hashes) if *name == "hashes" => one_hash(hashes, &mut canonical)?,
            _ => write(value, &mut canonical),
        }
    }
    if canonical.len() == 1 {
        return None;
    }
    canonical.push('}');
    let uuid = Uuid::new_v5(&NAMESPACE, canonical.as_bytes());
    StixIdBuf::parse(format!("{type_name}--{uuid}")).ok()
}

fn one_hash(hashes: &Members<'_>, out: &mut String) -> Option<()> {
    let name = PREFERRED_HASHES
        .iter()
        .copied()
        .find(|name| hashes.has(name))
        .or_else(|| hashes.names().next())?;
    out.push('{');
    text(name, out);
    out.push(':');
    write(hashes.get(name)?, out);
    out.push('}');
    Some(())
}

/// Writes a value as RFC 8785 asks for.
fn write(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number { value, .. } => number(*value, out),
        Value::Text(content) => text(content, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                text(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn text(content: &str, out: &mut String) {
    // a string of Unicode text: serde_json cannot fail on it, and escapes what RFC 8785 does
    out.push_str(&serde_json::to_string(content).unwrap_or_default());
}

/// A number as ECMAScript writes it (RFC 8785 section 3.2.2.3): the shortest digits that give it
/// back, with an exponent below 1e-6 and from 1e21.
fn number(value: f64, out: &mut String) {
    if value == 0.0 {
        return out.push('0');
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-6..21).contains(&exponent) {
        out.push_str(&value.to_string());
    } else {
        let sign = if exponent < 0 { "" } else { "+" };
        out.push_str(digits);
        out.push('e');
        out.push_str(sign);
        out.push_str(&exponent.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_rfc_8785() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (4.5, "4.5"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (0.000_001, "0.000001"),
            (333_333_333.333_333_3, "333333333.3333333"),
            (-1.5e-9, "-1.5e-9"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ] {
            let mut out = String::new();
            number(value, &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn names_are_sorted_by_utf_16_and_texts_escaped() {
        let value: Value<'_> =
            serde_json::from_str("{\"\u{fb33}\":1,\"\u{1f600}\":\"a\\u0007\\n\\/\",\"b\":[null]}")
                .unwrap();
        let mut out = String::new();
        write(&value, &mut out);
        assert_eq!(
            out,
            "{\"b\":[null],\"\u{1f600}\":\"a\\u0007\\n/\",\"\u{fb33}\":1}"
        );
    }

    #[test]
    fn what_gives_no_id_has_none() {
        for object in [
            r#"{"type":"process","pid":1}"#,
            r#"{"type":"indicator","name":"x"}"#,
            r#"{"type":"file","size":1}"#,
            r#"{"type":"file","hashes":{}}"#,
            "[]",
        ] {
            assert_eq!(observable_id(object.as_bytes()).unwrap(), None, "{object}");
        }
        assert!(observable_id(b"{").is_err());
    }
}
