//! A node elsewhere, over HTTP: the JSON API for what manages, TAXII 2.1 for objects.
//!
//! Synchronous on purpose, so ureq: the command line does one thing at a time, and reqwest would
//! bring three times the dependencies and a runtime.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use node::identity::SigningKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::{Method, Request, Response, StatusCode, Uri, header};

use super::output::tell;
use super::{Exit, Failure};
use crate::present::lookup;
use crate::signed::sign;

/// A node elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
    /// The key that requests are signed with, instead of a token.
    key: Option<Arc<SigningKey>>,
}

/// The media type of TAXII 2.1 (§1.6.8.1).
const TAXII: &str = "application/taxii+json;version=2.1";
const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";
/// The largest answer taken, in octets.
const LARGEST_ANSWER: u64 = 1 << 30;
/// Ids asked for at once: a URL of about 5 kB.
const IDS_AT_ONCE: usize = 100;
/// How often a node that says "later" is asked again.
const PATIENCE: u32 = 30;
/// How often what is done once is sent again when no answer comes.
const RETRIES: u32 = 3;

/// What became of a publish request (TAXII 2.1 §4.3).
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Status {
    #[serde(default)]
    pub(crate) successes: Vec<Detail>,
    #[serde(default)]
    pub(crate) failures: Vec<Detail>,
}

/// What became of one object.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Detail {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) version: Option<String>,
    #[serde(default)]
    pub(crate) message: Option<String>,
}

/// One request, before it is sent.
struct Ask<'a> {
    method: Method,
    path: &'a str,
    query: &'a [(String, String)],
    accept: &'a str,
    content: Option<(&'a str, &'a [u8])>,
    /// An idempotency key.
    key: Option<&'a str>,
}

impl Client {
    /// A client of the node at `url`.
    ///
    /// # Errors
    /// When `url` is no HTTP URL.
    pub(crate) fn new(url: &str, token: Option<String>) -> anyhow::Result<Self> {
        let wrong = || Failure::usage(format!("'{url}' is no URL of a node: use http://host:port"));
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") => {
                let near = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
                if token.is_some() && !near {
                    tell(&format!(
                        "warning: {url} is not encrypted: others may read the token"
                    ));
                }
            }
            _ => return Err(wrong().into()),
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Client {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            token,
            key: None,
        })
    }

    /// The same, signing its requests with a key of a party (RFC 9421).
    pub(crate) fn signing(self, key: SigningKey) -> Self {
        Client {
            key: Some(Arc::new(key)),
            ..self
        }
    }

    /// Where the node is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// `GET` of the JSON API.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(String, String)],
    ) -> anyhow::Result<T> {
        let ask = Ask {
            method: Method::GET,
            path,
            query,
            accept: JSON,
            content: None,
            key: None,
        };
        self.read(&self.send(&ask)?)
    }

    /// `GET` of the JSON API; none when the node knows no such thing.
    pub(crate) fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(String, String)],
    ) -> anyhow::Result<Option<T>> {
        let ask = Ask {
            method: Method::GET,
            path,
            query,
            accept: JSON,
            content: None,
            key: None,
        };
        let response = self.exchange(&ask)?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(self.read(&self.accepted(response)?)?))
    }

    /// `POST` to the JSON API.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(body)?;
        let content = Some((JSON, body.as_slice()));
        self.read(&self.send(&Ask {
            method: Method::POST,
            path,
            query: &[],
            accept: JSON,
            content,
            key: None,
        })?)
    }

    /// `POST` to the JSON API under an idempotency key: sent again when no answer comes, and done once.
    pub(crate) fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(body)?;
        let ask = Ask {
            method: Method::POST,
            path,
            query: &[],
            accept: JSON,
            content: Some((JSON, body.as_slice())),
            key: Some(key),
        };
        let mut tries = 0;
        loop {
            match self.exchange(&ask) {
                Ok(response) => return self.read(&self.accepted(response)?),
                Err(error) if tries >= RETRIES => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(300 << tries)),
            }
            tries += 1;
        }
    }

    /// `GET` of octets.
    pub(crate) fn octets(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.send(&Ask {
            method: Method::GET,
            path,
            query: &[],
            accept: OCTETS,
            content: None,
            key: None,
        })
    }

    /// `POST` of octets, for octets.
    pub(crate) fn exchange_octets(
        &self,
        path: &str,
        query: &[(String, String)],
        octets: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        self.send(&Ask {
            method: Method::POST,
            path,
            query,
            accept: OCTETS,
            content: Some((OCTETS, octets)),
            key: None,
        })
    }

    /// `POST` of octets of a media type to the JSON API.
    pub(crate) fn post_octets<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(String, String)],
        media_type: &str,
        octets: &[u8],
    ) -> anyhow::Result<T> {
        self.read(&self.send(&Ask {
            method: Method::POST,
            path,
            query,
            accept: JSON,
            content: Some((media_type, octets)),
            key: None,
        })?)
    }

    /// `PUT` to the JSON API.
    pub(crate) fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(body)?;
        let content = Some((JSON, body.as_slice()));
        self.read(&self.send(&Ask {
            method: Method::PUT,
            path,
            query: &[],
            accept: JSON,
            content,
            key: None,
        })?)
    }

    /// `PUT` to the JSON API of what says everything by its path.
    pub(crate) fn put_nothing(&self, path: &str) -> anyhow::Result<()> {
        let ask = Ask {
            method: Method::PUT,
            path,
            query: &[],
            accept: JSON,
            content: Some((JSON, b"{}")),
            key: None,
        };
        self.send(&ask).map(drop)
    }

    /// `DELETE` of the JSON API.
    pub(crate) fn delete(&self, path: &str) -> anyhow::Result<()> {
        let ask = Ask {
            method: Method::DELETE,
            path,
            query: &[],
            accept: JSON,
            content: None,
            key: None,
        };
        self.send(&ask).map(drop)
    }

    /// Looks up a piece of a log; the hits, those that do not fire too, come as lines, so there may
    /// be any number.
    pub(crate) fn lookup(&self, text: &[u8]) -> anyhow::Result<Vec<lookup::Match>> {
        let content = Some(("application/octet-stream", text));
        let (path, accept) = ("/api/v1/lookup", "application/x-ndjson");
        let query = [("explain".to_owned(), "true".to_owned())];
        let answer = self.send(&Ask {
            method: Method::POST,
            path,
            query: &query,
            accept,
            content,
            key: None,
        })?;
        let lines = answer
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines.map(|line| self.read(line)).collect()
    }

    /// Publishes an envelope over TAXII.
    pub(crate) fn publish(&self, collection: &str, envelope: &[u8]) -> anyhow::Result<Status> {
        let path = objects(collection);
        let content = Some((TAXII, envelope));
        let ask = Ask {
            method: Method::POST,
            path: &path,
            query: &[],
            accept: TAXII,
            content,
            key: None,
        };
        self.read(&self.send(&ask)?)
    }

    /// A page of objects over TAXII, as the envelope's bytes.
    pub(crate) fn objects(
        &self,
        collection: &str,
        query: &[(String, String)],
    ) -> anyhow::Result<Vec<u8>> {
        let path = objects(collection);
        self.send(&Ask {
            method: Method::GET,
            path: &path,
            query,
            accept: TAXII,
            content: None,
            key: None,
        })
    }

    /// Which of these ids are in a collection.
    pub(crate) fn known(
        &self,
        collection: &str,
        ids: &[String],
    ) -> anyhow::Result<HashSet<String>> {
        #[derive(Default, serde::Deserialize)]
        struct Manifest {
            #[serde(default)]
            objects: Vec<Detail>,
        }
        let path = format!("{ROOT}/collections/{collection}/manifest/");
        let mut known = HashSet::new();
        for ids in ids.chunks(IDS_AT_ONCE) {
            let query = [
                ("match[id]".to_owned(), ids.join(",")),
                ("limit".to_owned(), IDS_AT_ONCE.to_string()),
            ];
            let ask = Ask {
                method: Method::GET,
                path: &path,
                query: &query,
                accept: TAXII,
                content: None,
                key: None,
            };
            let manifest: Manifest = self.read(&self.send(&ask)?)?;
            known.extend(manifest.objects.into_iter().map(|line| line.id));
        }
        Ok(known)
    }

    fn send(&self, ask: &Ask<'_>) -> anyhow::Result<Vec<u8>> {
        self.accepted(self.exchange(ask)?)
    }

    /// Sends a request; a node that is busy is asked again.
    fn exchange(&self, ask: &Ask<'_>) -> anyhow::Result<Response<ureq::Body>> {
        let mut tries = 0;
        loop {
            let response = self.exchange_once(ask)?;
            tries += 1;
            if response.status() != StatusCode::SERVICE_UNAVAILABLE || tries > PATIENCE {
                return Ok(response);
            }
            let later = response.headers().get(header::RETRY_AFTER);
            let later = later
                .and_then(|value| value.to_str().ok()?.parse().ok())
                .unwrap_or(1);
            std::thread::sleep(Duration::from_secs(u64::clamp(later, 1, 10)));
        }
    }

    fn exchange_once(&self, ask: &Ask<'_>) -> anyhow::Result<Response<ureq::Body>> {
        let uri = format!("{}{}{}", self.url, ask.path, query_string(ask.query));
        let mut request = Request::builder()
            .method(&ask.method)
            .uri(&uri)
            .header(header::ACCEPT, ask.accept);
        if let Some(key) = ask.key {
            request = request.header("idempotency-key", format!("\"{key}\""));
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            let body = ask.content.map(|(_, body)| body);
            let now = node::clock::Clock::System.now().0 / 1_000_000;
            let nonce = node::act::manage::random_text();
            let signed = sign(key, &ask.method, &uri.parse()?, body, (now, &nonce));
            let signed = signed.map_err(|words| Failure::new(Exit::Local, words))?;
            request = request
                .header("signature-input", signed.input)
                .header("signature", signed.signature);
            if let Some(digest) = signed.digest {
                request = request.header("content-digest", digest);
            }
        }
        let sent = match ask.content {
            Some((media_type, body)) => self.agent.run(
                request
                    .header(header::CONTENT_TYPE, media_type)
                    .body(body)?,
            ),
            None => self.agent.run(request.body(())?),
        };
        sent.map_err(|error| self.unreachable(&error).into())
    }

    /// The body of an answer that says yes; what the node said, otherwise.
    fn accepted(&self, response: Response<ureq::Body>) -> anyhow::Result<Vec<u8>> {
        let status = response.status();
        let mut body = response.into_body();
        let bytes = body.with_config().limit(LARGEST_ANSWER).read_to_vec();
        let bytes = bytes.map_err(|error| self.unreachable(&error))?;
        if status.is_success() {
            return Ok(bytes);
        }
        let exit = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::Authentication,
            _ => Exit::Remote,
        };
        Err(Failure::new(exit, format!("{}: {}", self.url, reason(status, &bytes))).into())
    }

    fn read<T: DeserializeOwned>(&self, bytes: &[u8]) -> anyhow::Result<T> {
        serde_json::from_slice(bytes).map_err(|error| {
            let words = format!(
                "{}: cannot read its answer ({error}): is it a node?",
                self.url
            );
            Failure::new(Exit::Remote, words).into()
        })
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        Failure::new(Exit::Remote, format!("{}: {error}", self.url))
    }
}

/// The one API root of a node.
const ROOT: &str = "/taxii2/signals";

fn objects(collection: &str) -> String {
    format!("{ROOT}/collections/{collection}/objects/")
}

/// The node's own words for a refusal: RFC 9457 has `detail`, TAXII `description`.
fn reason(status: StatusCode, body: &[u8]) -> String {
    let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let words = said.as_ref().and_then(|said| {
        let words = said.get("detail").or_else(|| said.get("description"))?;
        words.as_str().filter(|words| !words.is_empty())
    });
    match words {
        Some(words) => format!("{words} ({})", status.as_u16()),
        None => status.to_string(),
    }
}

fn query_string(query: &[(String, String)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A value's members as a query; what is absent is left out.
pub(crate) fn query_of(value: &impl Serialize) -> anyhow::Result<Vec<(String, String)>> {
    let serde_json::Value::Object(members) = serde_json::to_value(value)? else {
        return Ok(Vec::new());
    };
    let pairs = members.into_iter().map(|(name, value)| match value {
        serde_json::Value::String(text) => (name, text),
        other => (name, other.to_string()),
    });
    Ok(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_survive_the_way() {
        let query = [("match[id]".to_owned(), "a--b,c d&é".to_owned())];
        assert_eq!(query_string(&query), "?match%5Bid%5D=a--b%2Cc%20d%26%C3%A9");
        assert_eq!(query_string(&[]), "");
    }

    #[test]
    fn a_refusal_is_told_in_the_nodes_words() {
        let status = StatusCode::FORBIDDEN;
        assert_eq!(
            reason(status, br#"{"detail":"no such scope"}"#),
            "no such scope (403)"
        );
        assert_eq!(
            reason(status, br#"{"description":"not you"}"#),
            "not you (403)"
        );
        assert_eq!(reason(status, b"<html>"), "403 Forbidden");
    }

    #[test]
    fn only_http_urls_are_nodes() {
        assert!(Client::new("http://127.0.0.1:8750/", None).is_ok_and(|c| !c.url().ends_with('/')));
        for wrong in ["node.example", "ftp://node.example", "", "/tmp/d"] {
            assert!(Client::new(wrong, None).is_err(), "{wrong}");
        }
    }
}
