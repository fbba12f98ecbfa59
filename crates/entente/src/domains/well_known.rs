//! The key document on a domain's web site.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use node::act::identity::domains::Look;
use node::identity::{DomainClaim, Method, Outcome, VerifierKey, WELL_KNOWN, key_name};
use serde::Deserialize;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::{StatusCode, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::webhooks::address::is_public;

/// How long the whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Octets of a document at most.
const LONGEST: u64 = 64 << 10;
/// Keys of a document that are looked at.
const MOST_KEYS: usize = 100;

/// What the document says.
#[derive(Debug, Deserialize)]
struct Document {
    /// The party's id.
    party: String,
    /// Where it is that party: a node's URL; any node when absent.
    node: Option<String>,
    /// Its keys: `name+id+base64`.
    #[serde(default)]
    keys: Vec<String>,
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

/// What the document of a claim's domain says of it. Blocks for up to ten seconds, twice that with
/// `private`.
pub(super) fn look(
    claim: &DomainClaim,
    addresses: &[IpAddr],
    private: bool,
    node_url: Option<&str>,
    is_enrolled: impl Fn(&str) -> bool,
) -> Look {
    if addresses.is_empty() {
        return found(
            Outcome::Missing,
            "the domain has no address, and so no web site".into(),
        );
    }
    if !private && !addresses.iter().all(|address| is_public(*address)) {
        let words =
            "the domain's address is not on the public Internet: this node does not go there";
        return found(Outcome::Unreachable, words.into());
    }
    let fetched = match fetch(
        &format!("https://{}{WELL_KNOWN}", claim.domain),
        addresses,
        true,
    ) {
        Err(_) if private => fetch(
            &format!("http://{}{WELL_KNOWN}", claim.domain),
            addresses,
            false,
        ),
        fetched => fetched,
    };
    match fetched {
        Ok(Some(text)) => read(claim, &text, node_url, is_enrolled),
        Ok(None) => found(
            Outcome::Missing,
            format!("there is nothing at {WELL_KNOWN}"),
        ),
        Err(words) => found(Outcome::Unreachable, words),
    }
}

/// The document; none when the web site has none.
///
/// # Errors
/// Why nothing could be learned.
fn fetch(url: &str, addresses: &[IpAddr], https_only: bool) -> Result<Option<Vec<u8>>, String> {
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
    let answer = agent.get(url).header("accept", "application/json").call();
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
    let mut text = Vec::new();
    let mut body = answer.into_body();
    let read = body.as_reader().take(LONGEST + 1).read_to_end(&mut text);
    read.map_err(|error| format!("the document broke off: {error}"))?;
    Ok(Some(text))
}

fn read(
    claim: &DomainClaim,
    text: &[u8],
    node_url: Option<&str>,
    is_enrolled: impl Fn(&str) -> bool,
) -> Look {
    let wrong = |words: String| found(Outcome::Wrong, words);
    if text.len() as u64 > LONGEST {
        return wrong(format!("the document is longer than {LONGEST} octets"));
    }
    let document: Document = match serde_json::from_slice(text) {
        Ok(document) => document,
        Err(error) => return wrong(format!("the document is no key document: {error}")),
    };
    if document.party != claim.party {
        return wrong(format!("the document is of the party '{}'", document.party));
    }
    let elsewhere = |url: &str| {
        let here = node_url.map(|here| here.trim_end_matches('/'));
        here.is_some_and(|here| !here.eq_ignore_ascii_case(url.trim_end_matches('/')))
    };
    if let Some(node) = document.node.filter(|node| elsewhere(node)) {
        return wrong(format!("the document is for the node {node}"));
    }
    let keys = document.keys.iter().take(MOST_KEYS);
    let keys = keys.filter_map(|key| VerifierKey::parse(key).ok());
    let keys: Vec<String> = keys
        .map(|key| key_name(&key))
        .filter(|key| is_enrolled(key))
        .collect();
    if keys.is_empty() {
        return wrong("the document names none of the party's keys".into());
    }
    Look {
        seen: keys.clone(),
        keys,
        ..found(
            Outcome::Good,
            "the document names the party and keys of its own".into(),
        )
    }
}

fn found(outcome: Outcome, words: String) -> Look {
    Look {
        method: Method::WellKnown,
        outcome,
        words,
        seen: Vec::new(),
        authenticated: None,
        keys: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use node::identity::SigningKey;

    use super::*;

    fn claim() -> DomainClaim {
        DomainClaim {
            party: "alpha".into(),
            domain: "alpha.example".into(),
            token: "t".into(),
        }
    }

    #[test]
    fn a_document_proves_its_own_party_and_keys() {
        let key = SigningKey::generate([1; 32], "alpha").unwrap();
        let (text, name) = (key.verifier().to_string(), key_name(key.verifier()));
        let says = |document: serde_json::Value| {
            let node = Some("https://node.example/");
            read(&claim(), document.to_string().as_bytes(), node, |asked| {
                asked == name
            })
            .outcome
        };
        let good = serde_json::json!({"party": "alpha", "keys": ["junk", text], "other": 1});
        assert_eq!(says(good), Outcome::Good);
        for wrong in [
            serde_json::json!({"party": "beta", "keys": [text]}),
            serde_json::json!({"party": "alpha", "keys": []}),
            serde_json::json!({"party": "alpha", "node": "https://other.example", "keys": [text]}),
            serde_json::json!([1]),
            serde_json::json!({"party": "alpha", "keys": text}),
        ] {
            assert_eq!(says(wrong.clone()), Outcome::Wrong, "{wrong}");
        }
    }

    #[test]
    fn the_node_does_not_go_where_only_it_can() {
        let look = look(
            &claim(),
            &["127.0.0.1".parse().unwrap()],
            false,
            None,
            |_| true,
        );
        assert_eq!(look.outcome, Outcome::Unreachable);
        assert!(look.words.contains("public"), "{}", look.words);
    }
}
