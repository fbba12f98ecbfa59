//! What the rules need of an OONI measurement, in the shapes that probes of all years write.
//!
//! Source: the OONI specifications, data formats df-000 to df-009 and nettests ts-017 (web
//! connectivity), ts-018 (`WhatsApp`), ts-019 (Facebook Messenger), ts-020 (Telegram), ts-023 (Tor)
//! and ts-029 (Signal). Everything else in a measurement is skipped unread.

use std::borrow::Cow;

use serde::Deserialize;

use super::lenient::{Flag, List, Members, Number, Octets, Pair, Part, Text, Texts};

/// A measurement.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names of the format")]
pub struct Measurement<'a> {
    #[serde(borrow)]
    pub(crate) test_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) test_version: Text<'a>,
    #[serde(borrow)]
    pub(crate) probe_cc: Text<'a>,
    #[serde(borrow)]
    pub(crate) probe_asn: Text<'a>,
    #[serde(borrow)]
    pub(crate) measurement_start_time: Text<'a>,
    #[serde(borrow)]
    pub(crate) input: Text<'a>,
    #[serde(borrow)]
    pub(crate) report_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) annotations: Part<Annotations<'a>>,
    #[serde(borrow)]
    pub(crate) test_keys: Part<Box<TestKeys<'a>>>,
    /// Probes send `{"format":"json","content":{…}}`, and OONI's archives hold it as it was sent.
    #[serde(borrow)]
    content: Part<Box<Measurement<'a>>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Annotations<'a> {
    #[serde(borrow)]
    pub(crate) engine_version: Text<'a>,
}

/// `test_keys` of all the tests that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TestKeys<'a> {
    // web_connectivity (ts-017)
    pub(crate) body_length_match: Flag,
    pub(crate) headers_match: Flag,
    pub(crate) title_match: Flag,
    pub(crate) status_code_match: Flag,
    #[serde(borrow)]
    pub(crate) dns_experiment_failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) http_experiment_failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) control_failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) control: Part<Box<Control<'a>>>,
    // all (df-001, df-002, df-005, df-006)
    #[serde(borrow)]
    pub(crate) queries: List<Query<'a>>,
    #[serde(borrow)]
    pub(crate) tcp_connect: List<Connect<'a>>,
    #[serde(borrow)]
    pub(crate) tls_handshakes: List<Handshake<'a>>,
    #[serde(borrow)]
    pub(crate) requests: List<Transaction<'a>>,
    // signal (ts-029)
    #[serde(borrow)]
    pub(crate) signal_backend_status: Text<'a>,
    #[serde(borrow)]
    pub(crate) signal_backend_failure: Text<'a>,
    // telegram (ts-020)
    #[serde(borrow)]
    pub(crate) telegram_web_status: Text<'a>,
    #[serde(borrow)]
    pub(crate) telegram_web_failure: Text<'a>,
    pub(crate) telegram_tcp_blocking: Flag,
    pub(crate) telegram_http_blocking: Flag,
    // whatsapp (ts-018)
    #[serde(borrow)]
    pub(crate) registration_server_status: Text<'a>,
    #[serde(borrow)]
    pub(crate) registration_server_failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) whatsapp_endpoints_status: Text<'a>,
    #[serde(borrow)]
    pub(crate) whatsapp_web_status: Text<'a>,
    #[serde(borrow)]
    pub(crate) whatsapp_web_failure: Text<'a>,
    // facebook_messenger (ts-019); hyphens up to version 0.3.0
    #[serde(alias = "facebook-dns-blocking")]
    pub(crate) facebook_dns_blocking: Flag,
    #[serde(alias = "facebook-tcp-blocking")]
    pub(crate) facebook_tcp_blocking: Flag,
    // tor (ts-023): by id, in early versions a list
    #[serde(borrow)]
    pub(crate) targets: Members<'a, Part<Target<'a>>>,
}

/// What the test helper saw of the same URL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Control<'a> {
    #[serde(borrow)]
    pub(crate) dns: Part<ControlDns<'a>>,
    #[serde(borrow)]
    pub(crate) tcp_connect: Members<'a, Part<Endpoint<'a>>>,
    #[serde(borrow)]
    pub(crate) tls_handshake: Members<'a, Part<Endpoint<'a>>>,
    #[serde(borrow)]
    pub(crate) http_request: Part<ControlHttp<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ControlDns<'a> {
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) addrs: Texts<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ControlHttp<'a> {
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
    pub(crate) status_code: Number,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Endpoint<'a> {
    pub(crate) status: Flag,
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
}

/// A DNS lookup (df-002).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Query<'a> {
    #[serde(borrow)]
    pub(crate) hostname: Text<'a>,
    #[serde(borrow)]
    pub(crate) engine: Text<'a>,
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) answers: List<Answer<'a>>,
    #[serde(borrow)]
    pub(crate) tags: Texts<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer<'a> {
    #[serde(borrow)]
    pub(crate) ipv4: Text<'a>,
    #[serde(borrow)]
    pub(crate) ipv6: Text<'a>,
    #[serde(borrow)]
    pub(crate) hostname: Text<'a>,
    pub(crate) asn: Number,
}

/// A TCP connect (df-005).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Connect<'a> {
    #[serde(borrow)]
    pub(crate) ip: Text<'a>,
    pub(crate) port: Number,
    #[serde(borrow)]
    pub(crate) status: Part<ConnectStatus<'a>>,
    #[serde(borrow)]
    pub(crate) tags: Texts<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectStatus<'a> {
    pub(crate) success: Flag,
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
}

/// A TLS handshake (df-006).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Handshake<'a> {
    #[serde(borrow)]
    pub(crate) address: Text<'a>,
    #[serde(borrow)]
    pub(crate) server_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) tags: Texts<'a>,
}

/// An HTTP request and its response (df-001); the last one stands first in the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Transaction<'a> {
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) request: Part<Request<'a>>,
    #[serde(borrow)]
    pub(crate) response: Part<Response<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) url: Text<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Response<'a> {
    pub(crate) code: Number,
    #[serde(borrow)]
    pub(crate) body: Octets<'a>,
    #[serde(borrow)]
    headers: Members<'a, Octets<'a>>,
    #[serde(borrow)]
    headers_list: PairList<'a>,
}

type PairList<'a> = Members<'a, Pair<'a>>;

/// A target of the tor test.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names of the format")]
pub(crate) struct Target<'a> {
    #[serde(borrow)]
    pub(crate) failure: Text<'a>,
    #[serde(borrow)]
    pub(crate) target_protocol: Text<'a>,
    #[serde(borrow)]
    pub(crate) tcp_connect: List<Connect<'a>>,
}

/// Why a line is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON.
    #[error("is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, but no measurement.
    #[error("is JSON without test_name")]
    NoTest,
}

impl<'a> Measurement<'a> {
    /// Reads a measurement: a JSON object, as OONI's archives have one a line.
    ///
    /// # Errors
    /// [`Unreadable`] when the text is no JSON object or names no test.
    pub fn read(json: &'a str) -> Result<Self, Unreadable> {
        let json = json.trim_start_matches('\u{feff}').trim_ascii();
        if json.starts_with('[') {
            return Err(Unreadable::NoTest);
        }
        let mut read: Measurement<'a> = serde_json::from_str(json)?;
        if let (None, Some(content)) = (read.test_name.some(), read.content.0.take()) {
            read = *content;
        }
        match read.test_name.some() {
            Some(_) => Ok(read),
            None => Err(Unreadable::NoTest),
        }
    }

    /// The name of the test, such as `web_connectivity`.
    pub fn test_name(&self) -> &str {
        self.test_name.get()
    }

    /// The version of the test.
    pub fn test_version(&self) -> &str {
        self.test_version.get()
    }
}

impl Response<'_> {
    /// Every header, with its name as it was sent.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let pairs = self.headers_list.0.iter().map(|(_, pair)| pair);
        let pairs = pairs.filter(|_| self.headers.0.is_empty());
        let members = self.headers.0.iter();
        let members = members.map(|(name, value)| (name.get(), value.get()));
        members.chain(pairs.map(|Pair(name, value)| (name.get(), value.get())))
    }

    /// The value of a header, as text; NULs that some versions leave behind it are cut off.
    pub(crate) fn header(&self, wanted: &str) -> Option<Cow<'_, str>> {
        let mut found = self
            .headers()
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let (_, value) = found.next()?;
        let value = value.split(|octet| *octet == 0).next().unwrap_or_default();
        (!value.is_empty()).then(|| String::from_utf8_lossy(value))
    }

    /// Whether a server answered at all.
    pub(crate) fn is_answer(&self) -> bool {
        self.code.0.is_some_and(|code| code > 0.0) || self.headers().next().is_some()
    }
}

/// The text of octets that may hold what is no UTF-8 and, as escapes, halves of surrogate pairs:
/// both become U+FFFD.
pub fn mended(line: &[u8]) -> Cow<'_, str> {
    // Nearly all are: telling so is faster than mending.
    let text = match std::str::from_utf8(line) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(line),
    };
    let has = |escape: &[u8]| memchr::memmem::find(text.as_bytes(), escape).is_some();
    if !has(b"\\ud") && !has(b"\\uD") {
        return text;
    }
    let mut mended = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = escape_length(escape);
        let whole = escape.get(..length).unwrap_or(escape);
        let is_lone = surrogate(escape).is_some() && length == 6;
        mended.push_str(if is_lone { "\\ufffd" } else { whole });
        rest = escape.get(length..).unwrap_or_default();
    }
    mended.push_str(rest);
    Cow::Owned(mended)
}

/// Octets of the escape at the beginning; both halves of a pair are one.
fn escape_length(escape: &str) -> usize {
    if !escape.starts_with("\\u") {
        return if escape.is_char_boundary(2) { 2 } else { 1 };
    }
    let second = escape.get(6..).and_then(surrogate);
    match (surrogate(escape), second) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
        _ if escape.is_char_boundary(6) && escape.len() >= 6 => 6,
        _ => 2,
    }
}

/// The half of a pair that an escape stands for.
fn surrogate(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_read_as_it_was_sent_and_as_it_is_archived() {
        let plain = r#"{"test_name":"signal","probe_cc":"IT","test_keys":{"requests":7}}"#;
        let sent = format!(r#"{{"format":"json","content":{plain}}}"#);
        for json in [plain, &sent] {
            let read = Measurement::read(json).unwrap();
            assert_eq!((read.test_name(), read.probe_cc.get()), ("signal", "IT"));
            assert!(
                read.test_keys
                    .0
                    .is_some_and(|keys| keys.requests.0.is_empty())
            );
        }
        for json in [
            "",
            "[]",
            "{}",
            "7",
            "{\"test_name\":7}",
            "{\"test_name\":\"a\"",
        ] {
            assert!(Measurement::read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn halves_of_surrogate_pairs_are_mended_and_pairs_kept() {
        let line = br#"{"test_name":"a\ud83d\ude00\ud800b\\ud800\udc00","x":"\ud8"}"#;
        let text = mended(line);
        assert!(
            text.contains(r"a\ud83d\ude00\ufffdb\\ud800\ufffd"),
            "{text}"
        );
        assert_eq!(mended(b"a\xffb"), "a\u{fffd}b");
        assert!(matches!(mended(b"plain"), Cow::Borrowed(_)));
        let line = br#"{"test_name":"\ud800"}"#;
        assert!(Measurement::read(std::str::from_utf8(line).unwrap()).is_err());
        assert_eq!(
            Measurement::read(&mended(line)).unwrap().test_name(),
            "\u{fffd}"
        );
    }

    #[test]
    fn headers_are_found_whatever_their_form() {
        let json = r#"{"headers":{"LOCATION":{"data":"aHR0cDovL2EvAA==","format":"base64"}},
                       "headers_list":[["Location","http://b/"]]}"#;
        let response: Response<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(response.header("location").as_deref(), Some("http://a/"));
        let json = r#"{"headers":null,"headers_list":[["Server","x"],7,["Location","http://b/"]]}"#;
        let response: Response<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(response.header("location").as_deref(), Some("http://b/"));
        assert!(response.is_answer());
    }
}
