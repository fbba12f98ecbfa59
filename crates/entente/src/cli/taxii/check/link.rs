//! One server over HTTP, as a client that trusts nothing it says: bodies, times and redirects are
//! bounded, and credentials go to one origin.

use std::cell::Cell;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::http::{HeaderMap, Method, Request, StatusCode, header};

use super::super::super::client::encoded;
use super::super::super::output::plain;
use super::address::Address;

/// The media type of TAXII 2.1 (§1.6.8).
pub(super) const TAXII: &str = "application/taxii+json;version=2.1";

/// The largest answer that is read, in octets.
const LARGEST_ANSWER: u64 = 32 << 20;
/// Redirects followed for one request.
const MOST_REDIRECTS: usize = 5;
/// Requests in a row without an answer, after which the server counts as gone.
const MOST_TROUBLES: u32 = 3;
/// All requests together may take this many times what one may.
const PATIENCE: u32 = 20;
/// Characters of a body that are shown.
const EXCERPT: usize = 160;
/// Octets of a body that are looked at for them.
const LOOKED_AT: usize = 64 << 10;

/// Who asks.
#[derive(Clone)]
pub(super) enum Credentials {
    None,
    Basic { user: String, password: String },
    Token(String),
}

/// Whose credentials go with a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Signed {
    Ours,
    Nobodys,
    Strangers,
    TokenScheme,
    SmallLetters,
}

/// A server.
pub(super) struct Link {
    agent: Agent,
    origin: Address,
    credentials: Credentials,
    timeout: Duration,
    began: Instant,
    troubles: Cell<u32>,
    first_trouble: Cell<Option<&'static str>>,
}

/// One request.
pub(super) struct Ask {
    method: Method,
    path: String,
    accept: Option<String>,
    content: Option<(String, Vec<u8>)>,
    signed: Signed,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// What is shown of the body, without credentials that the server may have repeated.
    excerpt: String,
}

/// Why nothing usable came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("no answer: {0}")]
    Unreachable(String),
    #[error("no whole answer within {0} seconds")]
    Slow(u64),
    #[error("an answer of more than {} MiB, which was not read to its end", LARGEST_ANSWER >> 20)]
    TooLarge,
    #[error("a redirect to another origin, {0}, which was not followed")]
    Elsewhere(String),
    #[error("more than {MOST_REDIRECTS} redirects, one after the other")]
    Redirects,
    #[error("not asked: the server no longer answers")]
    Gone,
}

impl Credentials {
    /// For clients that know Basic alone: a token goes as the password.
    pub(super) fn into_basic(self) -> Self {
        match self {
            Credentials::Token(password) => Credentials::Basic {
                user: "token".into(),
                password,
            },
            other => other,
        }
    }

    fn header(&self) -> Option<String> {
        match self {
            Credentials::None => None,
            Credentials::Basic { user, password } => Some(format!(
                "Basic {}",
                BASE64.encode(format!("{user}:{password}"))
            )),
            Credentials::Token(token) => Some(format!("Bearer {token}")),
        }
    }

    /// What must not be shown.
    fn secrets(&self) -> Vec<String> {
        let encoded = self
            .header()
            .and_then(|header| header.split_once(' ').map(|(_, rest)| rest.to_owned()));
        let plain = match self {
            Credentials::None => None,
            Credentials::Basic { password, .. } => Some(password.clone()),
            Credentials::Token(token) => Some(token.clone()),
        };
        let secrets = encoded.into_iter().chain(plain);
        // What is as short as this would blot out ordinary words.
        secrets.filter(|secret| secret.len() > 3).collect()
    }
}

impl Ask {
    fn new(method: Method, path: &str) -> Self {
        Ask {
            method,
            path: path.to_owned(),
            accept: Some(TAXII.into()),
            content: None,
            signed: Signed::Ours,
        }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn put(path: &str) -> Self {
        let mut ask = Self::new(Method::PUT, path);
        ask.content = Some((TAXII.into(), b"{}".to_vec()));
        ask
    }

    pub(super) fn delete(path: &str) -> Self {
        Self::new(Method::DELETE, path)
    }

    pub(super) fn post(path: &str, content_type: &str, body: Vec<u8>) -> Self {
        let mut ask = Self::new(Method::POST, path);
        ask.content = Some((content_type.to_owned(), body));
        ask
    }

    /// With this query; what is in the path already stays.
    pub(super) fn query(mut self, query: &[(&str, &str)]) -> Self {
        for (name, value) in query {
            let mark = if self.path.contains('?') { '&' } else { '?' };
            self.path = format!("{}{mark}{}={}", self.path, encoded(name), encoded(value));
        }
        self
    }

    /// With this `Accept`, or none.
    pub(super) fn accept(mut self, accept: Option<&str>) -> Self {
        self.accept = accept.map(str::to_owned);
        self
    }

    /// Without credentials.
    pub(super) fn unsigned(mut self) -> Self {
        self.signed = Signed::Nobodys;
        self
    }

    /// With a user and a password that nobody has.
    pub(super) fn by_stranger(mut self) -> Self {
        self.signed = Signed::Strangers;
        self
    }

    /// With a token as taxii2-client's `TokenAuth` sends it.
    pub(super) fn by_token_scheme(mut self) -> Self {
        self.signed = Signed::TokenScheme;
        self
    }

    /// As MISP sends it: `basic` in small letters, and a Content-Type on GET.
    pub(super) fn by_misp(mut self) -> Self {
        self.signed = Signed::SmallLetters;
        self
    }

    /// As it is shown: `GET /path?query`, percent-escapes of brackets and colons resolved.
    pub(super) fn shown(&self) -> String {
        let path = self.path.replace("%5B", "[").replace("%5D", "]");
        let path = path.replace("%3A", ":").replace("%2C", ",");
        format!("{} {path}", self.method)
    }
}

impl Link {
    /// A link to the server at this address; answers may take `timeout` each.
    pub(super) fn new(address: &Address, credentials: Credentials, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build();
        Link {
            agent: config.into(),
            origin: address.clone(),
            credentials,
            timeout,
            began: Instant::now(),
            troubles: Cell::new(0),
            first_trouble: Cell::new(None),
        }
    }

    /// Whether requests carry credentials.
    pub(super) fn is_signed(&self) -> bool {
        !matches!(self.credentials, Credentials::None)
    }

    /// Whether they are a token.
    pub(super) fn has_token(&self) -> bool {
        matches!(self.credentials, Credentials::Token(_))
    }

    /// Where credentials go, and nothing else is asked.
    pub(super) fn origin(&self) -> &Address {
        &self.origin
    }

    /// Why the server counts as gone, if it does.
    pub(super) fn gone(&self) -> Option<&'static str> {
        if self.troubles.get() < MOST_TROUBLES && self.began.elapsed() < self.timeout * PATIENCE {
            return None;
        }
        Some(self.first_trouble.get().unwrap_or("it takes too long"))
    }

    /// Asks once; redirects of a GET are followed within the origin.
    pub(super) fn ask(&self, ask: &Ask) -> Result<Answer, Trouble> {
        let mut at = self.origin.join(&ask.path).unwrap_or(self.origin.clone());
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.once(ask, &at)?;
            let to = answer.header("location").map(str::to_owned);
            let (true, Some(to)) = (answer.status.is_redirection(), to) else {
                return Ok(answer);
            };
            let next = at.join(&to);
            let next = next.ok_or_else(|| Trouble::Elsewhere("which is no address".into()))?;
            if !next.same_origin(&self.origin) {
                return Err(Trouble::Elsewhere(next.origin()));
            }
            if ask.method != Method::GET {
                return Ok(answer);
            }
            at = next;
        }
        Err(Trouble::Redirects)
    }

    fn once(&self, ask: &Ask, at: &Address) -> Result<Answer, Trouble> {
        let left = (self.timeout * PATIENCE).saturating_sub(self.began.elapsed());
        if self.gone().is_some() || left.is_zero() {
            return Err(Trouble::Gone);
        }
        let answer = self.exchange(ask, at, self.timeout.min(left));
        match &answer {
            Ok(_) => self.troubles.set(0),
            Err(trouble) => {
                self.troubles.set(self.troubles.get() + 1);
                self.first_trouble.set(Some(match trouble {
                    Trouble::Slow(_) => "it answers too slowly",
                    Trouble::TooLarge => "its answers are too large",
                    _ => "it does not answer",
                }));
            }
        }
        answer
    }

    fn exchange(&self, ask: &Ask, at: &Address, timeout: Duration) -> Result<Answer, Trouble> {
        let trouble = |error: ureq::Error| match error {
            ureq::Error::Timeout(_) => Trouble::Slow(timeout.as_secs()),
            ureq::Error::BodyExceedsLimit(_) => Trouble::TooLarge,
            other => Trouble::Unreachable(plain(&other.to_string()).into_owned()),
        };
        let mut request = Request::builder().method(&ask.method).uri(at.to_string());
        if let Some(accept) = &ask.accept {
            request = request.header(header::ACCEPT, accept);
        }
        let signature = match ask.signed {
            Signed::Ours => self.credentials.header(),
            Signed::Nobodys => None,
            Signed::SmallLetters => self
                .credentials
                .header()
                .map(|header| header.replacen("Basic ", "basic ", 1)),
            Signed::TokenScheme => match &self.credentials {
                Credentials::Token(token) => Some(format!("Token {token}")),
                other => other.header(),
            },
            Signed::Strangers => Credentials::Basic {
                user: "entente-taxii-check".into(),
                password: "nobody has this password".into(),
            }
            .header(),
        };
        if let Some(signature) = signature {
            request = request.header(header::AUTHORIZATION, signature);
        }
        if ask.signed == Signed::SmallLetters && ask.content.is_none() {
            request = request.header(header::CONTENT_TYPE, TAXII);
        }
        let sent = match &ask.content {
            Some((media_type, body)) => {
                let request = request.header(header::CONTENT_TYPE, media_type);
                let request = request.body(body.as_slice()).map_err(ureq::Error::from);
                request.and_then(|request| {
                    let request = self.agent.configure_request(request);
                    self.agent
                        .run(request.timeout_global(Some(timeout)).build())
                })
            }
            None => request
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| {
                    let request = self.agent.configure_request(request);
                    self.agent
                        .run(request.timeout_global(Some(timeout)).build())
                }),
        };
        let (head, mut body) = sent.map_err(trouble)?.into_parts();
        let body = body.with_config().limit(LARGEST_ANSWER).read_to_vec();
        let body = body.map_err(trouble)?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            excerpt: self.excerpt(&body),
            body,
        })
    }

    /// The beginning of a text that the server wrote, harmless for a terminal.
    fn excerpt(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body.get(..LOOKED_AT).unwrap_or(body));
        let text = self.without_secrets(&text);
        let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = words.char_indices().nth(EXCERPT) {
            words.truncate(end);
            words.push('…');
        }
        plain(&words).into_owned()
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.credentials.secrets() {
            text = text.replace(&secret, "[redacted]");
        }
        text
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// `Content-Type`, or what stands for none.
    pub(super) fn media_type(&self) -> &str {
        self.header("content-type").unwrap_or("no Content-Type")
    }

    /// Whether it says that it is TAXII 2.1; blanks, quotes and capitals do not matter.
    pub(super) fn is_taxii(&self) -> bool {
        let told = self.media_type().replace([' ', '"'], "");
        let told = told.to_ascii_lowercase();
        let mut parts = told.split(';');
        parts.next() == Some("application/taxii+json") && parts.any(|part| part == "version=2.1")
    }

    /// `404 Not Found, text/html: <html>…`
    pub(super) fn shown(&self) -> String {
        let mut words = format!("{}, {}", self.status, plain(self.media_type()));
        if !self.excerpt.is_empty() && !self.status.is_success() {
            words = format!("{words}: {}", self.excerpt);
        }
        words
    }

    /// The same with the beginning of the body, whatever the status.
    pub(super) fn shown_with_body(&self) -> String {
        format!(
            "{}, {}: {}",
            self.status,
            plain(self.media_type()),
            self.excerpt
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_repeats_of_the_credentials_is_not_shown() {
        let (address, _) = Address::parse("http://host.example/").unwrap();
        let basic = Credentials::Basic {
            user: "u".into(),
            password: "hunter22".into(),
        };
        let header = basic.header().unwrap();
        let link = Link::new(&address, basic, Duration::from_secs(1));
        let said = format!("you sent {header}, that is hunter22\u{1b}[31m");
        let shown = link.excerpt(said.as_bytes());
        assert_eq!(
            shown,
            "you sent Basic [redacted], that is [redacted]\\u{1b}[31m"
        );
    }

    #[test]
    fn a_request_is_shown_readably() {
        let ask = Ask::get("/r/").query(&[("match[version]", "all"), ("next", "a b")]);
        assert_eq!(ask.path, "/r/?match%5Bversion%5D=all&next=a%20b");
        assert_eq!(ask.shown(), "GET /r/?match[version]=all&next=a%20b");
    }
}
