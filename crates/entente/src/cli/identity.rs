//! Identities on the command line: what the verbs `key`, `domain`, `sponsor` and `sign` ask a node.

use std::sync::Arc;

use jiff::civil::Date;
use node::clock::Clock;
use node::identity::SignatureState;
use node::{Caller, Node};
use serde::de::DeserializeOwned;

use super::client::encoded;
use super::output::{Out, plain};
use super::target::Target;
use super::{Exit, Failure};
use crate::domains::{Domains, Options};
use crate::present::identity::{
    self, Demand, Domain, Identity, Key, Keys, Looked, NewDomain, NewNote, NewRevocation, Proof,
    Seen, Signature,
};

/// Today in UTC: what is signed carries the day.
pub(crate) fn today() -> Date {
    Clock::System.now().day()
}

/// A year from a day on, less the day itself.
///
/// # Errors
/// When no calendar has it.
pub(crate) fn a_year_from(day: Date) -> anyhow::Result<Date> {
    Ok(day.checked_add(jiff::Span::new().years(1))?)
}

fn remote<T: DeserializeOwned>(target: &Target, path: &str) -> Option<anyhow::Result<T>> {
    match target {
        Target::Remote(client) => Some(client.get(path, &[])),
        Target::Local(_) => None,
    }
}

impl Target {
    /// The text that is signed.
    pub(crate) fn pledge_text(&self) -> anyhow::Result<String> {
        match self {
            Target::Local(local) => Ok(local.node.pledge_text(None)?),
            Target::Remote(client) => {
                let octets = client.octets("/api/v1/pledge/text")?;
                Ok(String::from_utf8(octets)?)
            }
        }
    }

    /// All keys, or those of a party.
    pub(crate) fn keys(&self, party: Option<&str>) -> anyhow::Result<Vec<Key>> {
        let found: Keys = match self {
            Target::Local(local) => identity::keys(&local.node, party),
            Target::Remote(client) => {
                let query = party.map(|party| ("party".to_owned(), party.to_owned()));
                client.get("/api/v1/keys", query.as_slice())?
            }
        };
        Ok(found.keys)
    }

    /// One key by `name+id`.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn key(&self, name: &str) -> anyhow::Result<Key> {
        let mut all = self.keys(None)?.into_iter();
        let key = all.find(|key| key.key == name);
        Ok(key.ok_or_else(|| {
            let words = format!("there is no key '{name}': see 'entente key list'");
            Failure::new(Exit::Local, words)
        })?)
    }

    pub(crate) fn enrol_key(&self, note: String) -> anyhow::Result<Key> {
        match self {
            Target::Local(local) => {
                let key = local.wait(local.node.enrol_key(&Caller::Operator, &note))?;
                Ok(Key::of(&key, identity::now(&local.node)))
            }
            Target::Remote(client) => client.post("/api/v1/keys", &NewNote { note }),
        }
    }

    pub(crate) fn revoke_key(&self, key: &str, new: &NewRevocation) -> anyhow::Result<Key> {
        match self {
            Target::Local(local) => {
                let since = new.since()?;
                let (node, caller) = (&local.node, &Caller::Operator);
                let key = local.wait(node.revoke_key(caller, key, &new.reason, since))?;
                Ok(Key::of(&key, identity::now(node)))
            }
            Target::Remote(client) => {
                client.post(&format!("/api/v1/keys/{}/revocation", encoded(key)), new)
            }
        }
    }

    /// A party's identity.
    pub(crate) fn identity(&self, party: &str, as_of: Option<Date>) -> anyhow::Result<Identity> {
        match self {
            Target::Local(local) => identity::identity(&local.node, party, as_of)
                .ok_or_else(|| node::Error::NotFound("party").into()),
            Target::Remote(client) => {
                let query = as_of.map(|day| ("as-of".to_owned(), day.to_string()));
                let path = format!("/api/v1/parties/{}/identity", encoded(party));
                client.get(&path, query.as_slice())
            }
        }
    }

    pub(crate) fn domains(&self, party: Option<&str>) -> anyhow::Result<Vec<Domain>> {
        let path = match party {
            Some(party) => format!("/api/v1/parties/{}/domains", encoded(party)),
            None => "/api/v1/domains".to_owned(),
        };
        let found = match self {
            Target::Local(local) => identity::domains(&local.node, party),
            Target::Remote(_) => remote::<identity::Domains>(self, &path)
                .unwrap_or_else(|| Err(anyhow::anyhow!("no node")))?,
        };
        Ok(found.domains)
    }

    pub(crate) fn claim_domain(&self, party: &str, domain: String) -> anyhow::Result<Domain> {
        match self {
            Target::Local(local) => {
                let (node, caller) = (&local.node, &Caller::Operator);
                let claim = local.wait(node.claim_domain(caller, party, &domain))?;
                Ok(Domain::of(&node.directory(), &claim, identity::now(node)))
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/parties/{}/domains", encoded(party));
                client.post(&path, &NewDomain { domain })
            }
        }
    }

    /// Has a domain looked at: by the node where one runs, else here, as `options` say.
    pub(crate) fn check_domain(
        self,
        party: &str,
        domain: &str,
        options: Options,
    ) -> anyhow::Result<Looked> {
        match self {
            Target::Remote(client) => {
                let (party, domain) = (encoded(party), encoded(domain));
                let path = format!("/api/v1/parties/{party}/domains/{domain}/check");
                client.post(&path, &serde_json::json!({}))
            }
            Target::Local(local) => {
                let node = Arc::new(local.node);
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                let domains = Domains::new(options);
                let check = domains.check(&node, &Caller::Operator, party, domain);
                let looks = runtime.block_on(check)?;
                looked(&node, party, domain, looks.iter().map(Seen::of).collect())
            }
        }
    }

    /// A sponsor's note.
    pub(crate) fn sponsor(&self, note: String) -> anyhow::Result<Identity> {
        match self {
            Target::Local(local) => {
                let held = local.wait(local.node.sponsor(&Caller::Operator, &note))?;
                self.identity(&held.what.party, None)
            }
            Target::Remote(client) => client.post("/api/v1/sponsorships", &NewNote { note }),
        }
    }

    pub(crate) fn end_sponsorship(&self, sponsor: &str, party: &str) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => {
                let ended = local
                    .node
                    .end_sponsorship(&Caller::Operator, sponsor, party);
                local.wait(ended)
            }
            Target::Remote(client) => {
                let (party, sponsor) = (encoded(party), encoded(sponsor));
                client.delete(&format!("/api/v1/parties/{party}/sponsors/{sponsor}"))
            }
        }
    }

    pub(crate) fn sign(&self, note: String) -> anyhow::Result<Signature> {
        match self {
            Target::Local(local) => {
                let held = local.wait(local.node.sign_pledge(&Caller::Operator, &note))?;
                Ok(Signature::of(&held, SignatureState::Valid))
            }
            Target::Remote(client) => client.post("/api/v1/signatures", &NewNote { note }),
        }
    }

    /// Whether a collection takes signed requests alone.
    pub(crate) fn demand_signed(&self, collection: &str, demanded: bool) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => {
                let node = &local.node;
                local.wait(node.demand_signed(&Caller::Operator, collection, demanded))
            }
            Target::Remote(client) => {
                let path = format!(
                    "/api/v1/collections/{}/signed-publishes",
                    encoded(collection)
                );
                client
                    .put::<serde_json::Value>(&path, &Demand { demanded })
                    .map(drop)
            }
        }
    }
}

fn looked(node: &Node, party: &str, domain: &str, looks: Vec<Seen>) -> anyhow::Result<Looked> {
    let claim = node.domain_claim(party, &domain.to_ascii_lowercase())?;
    let domain = Domain::of(&node.directory(), &claim, identity::now(node));
    Ok(Looked { looks, domain })
}

/// The lines that show a party's identity.
pub(crate) fn print(out: &mut Out, found: &Identity) -> std::io::Result<()> {
    out.line(&format!("Identity: {}: {}", found.identity, found.reason))?;
    if let Some(signature) = &found.signature {
        let expired = if signature.state == "valid" {
            "until"
        } else {
            "ended"
        };
        out.line(&format!(
            "  signed {} in version {} on {} with {}, {expired} {} ({}; {})",
            signature.pledge,
            signature.version,
            signature.date,
            plain(&signature.key),
            signature.expires,
            signature.state,
            signature.receipt
        ))?;
        for reservation in &signature.reservations {
            let (principle, reason) = (reservation.principle, plain(&reservation.reason));
            out.line(&format!(
                "    reservation on principle {principle}: {reason}"
            ))?;
        }
    }
    for proof in &found.proofs {
        out.line(&format!("  {}", proof_line(proof)))?;
    }
    for key in &found.keys {
        let label = if key.label.is_empty() {
            String::new()
        } else {
            format!(" ({})", plain(&key.label))
        };
        out.line(&format!(
            "  key {}{label}: {}, enrolled {}",
            plain(&key.key),
            key.state,
            key.enrolled
        ))?;
    }
    Ok(())
}

/// One proof on one line.
pub(crate) fn proof_line(proof: &Proof) -> String {
    let until = proof
        .until
        .as_ref()
        .map(|until| format!(", until {until}"))
        .unwrap_or_default();
    let (kind, of) = (&proof.kind, plain(&proof.of));
    format!(
        "{kind} {of}: {}{until}: {}",
        proof.state,
        plain(&proof.words)
    )
}
