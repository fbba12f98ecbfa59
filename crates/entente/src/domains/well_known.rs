//! The key document on a domain's web site.

use std::net::IpAddr;

use node::act::identity::domains::Look;
use node::identity::{DomainClaim, Method, Outcome, VerifierKey, WELL_KNOWN, key_name};
use serde::Deserialize;

use super::fetch::{Failed, Wanted, fetch};

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

/// What the document of a claim's domain says of it. Blocks for up to ten seconds, twice that with
/// `private`.
pub(super) fn look(
    claim: &DomainClaim,
    addresses: &[IpAddr],
    private: bool,
    node_url: Option<&str>,
    is_enrolled: impl Fn(&str) -> bool,
) -> Look {
    let wanted = Wanted {
        path: WELL_KNOWN,
        accept: "application/json",
        longest: LONGEST,
    };
    match fetch(&claim.domain, &wanted, addresses, private) {
        Ok(document) => read(claim, &document.bytes, node_url, is_enrolled),
        Err(Failed::Missing(words)) => found(Outcome::Missing, words),
        Err(Failed::Unreachable(words)) => found(Outcome::Unreachable, words),
    }
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
