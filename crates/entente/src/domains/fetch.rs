//! A file on a domain's web site, from the addresses that were looked up and checked, and no other.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::http::{StatusCode, Uri, header};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::webhooks::address::is_public;

/// How long the whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is asked for.
pub(super) struct Wanted {
    /// The path, with its slash.
    pub(super) path: &'static str,
    /// The media type.
    pub(super) accept: &'static str,
    /// Octets at most; one more is read, so that a longer one is seen to be.
    pub(super) longest: u64,
}

/// A file that is there.
pub(super) struct Fetched {
    /// Its bytes, cut one octet after the longest that was asked for.
    pub(super) bytes: Vec<u8>,
    /// Its media type, without parameters, in lower case; empty when none was told.
    pub(super) media_type: String,
}

/// Why there is none.
pub(super) enum Failed {
    /// There is nothing there.
    Missing(String),
    /// Nothing could be learned.
    Unreachable(String),
}

/// One request goes to the addresses that were looked up and checked, and to no other.
#[derive(Debug)]
struct Checked(Vec<IpAddr>);

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("http") => 80,
            _ => 443,
        });
        let mut addresses = self.empty();
        for ip in self.0.iter().take(8) {
            addresses.push(SocketAddr::new(*ip, port));
        }
        if addresses.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        Ok(addresses)
    }
}

/// Fetches a file of a domain. Blocks for up to ten seconds, twice that with `private`, which also
/// allows addresses that are not public, and plain HTTP.
///
/// # Errors
/// [`Failed`]: that there is none, or why nothing could be learned.
pub(super) fn fetch(
    domain: &str,
    wanted: &Wanted,
    addresses: &[IpAddr],
    private: bool,
) -> Result<Fetched, Failed> {
    if addresses.is_empty() {
        let words = "the domain has no address, and so no web site";
        return Err(Failed::Missing(words.into()));
    }
    if !private && !addresses.iter().all(|address| is_public(*address)) {
        let words =
            "the domain's address is not on the public Internet: this node does not go there";
        return Err(Failed::Unreachable(words.into()));
    }
    let url = |scheme: &str| format!("{scheme}://{domain}{}", wanted.path);
    let fetched = match exchange(&url("https"), wanted, addresses, true) {
        Err(_) if private => exchange(&url("http"), wanted, addresses, false),
        fetched => fetched,
    };
    let fetched = fetched.map_err(Failed::Unreachable)?;
    fetched.ok_or_else(|| Failed::Missing(format!("there is nothing at {}", wanted.path)))
}

/// The file; none when the web site has none.
///
/// # Errors
/// Why nothing could be learned.
fn exchange(
    url: &str,
    wanted: &Wanted,
    addresses: &[IpAddr],
    https_only: bool,
) -> Result<Option<Fetched>, String> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .https_only(https_only)
        // A proxy would look the host up by itself, where nobody checks the address.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
        .build();
    let resolver = Checked(addresses.to_vec());
    let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
    let answer = agent.get(url).header("accept", wanted.accept).call();
    let answer = answer.map_err(|error| match error {
        ureq::Error::Timeout(_) => format!("no answer within {} s", TIMEOUT.as_secs()),
        other => format!("the web site does not answer: {other}"),
    })?;
    let status = answer.status();
    if status == StatusCode::NOT_FOUND || status == StatusCode::GONE || status.is_redirection() {
        // Elsewhere is not on this domain.
        return Ok(None);
    }
    if status != StatusCode::OK {
        return Err(format!("the web site answered {}", status.as_u16()));
    }
    let told = answer.headers().get(header::CONTENT_TYPE);
    let told = told
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = told.split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let mut bytes = Vec::new();
    let mut body = answer.into_body();
    let mut reader = body.as_reader().take(wanted.longest + 1);
    let read = reader.read_to_end(&mut bytes);
    read.map_err(|error| format!("the document broke off: {error}"))?;
    Ok(Some(Fetched { bytes, media_type }))
}
