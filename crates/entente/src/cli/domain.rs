//! `entente domain`: domains that parties prove to be their own.

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use super::Exit;
use super::identity::proof_line;
use super::output::{Out, plain, tell};
use super::target::Where;
use crate::domains::Options;
use crate::present::identity::{Domain as Shown, SecurityTxt};

/// Domains that parties prove to be their own
#[derive(Debug, Subcommand)]
pub(crate) enum Domain {
    Claim(Claim),
    Check(Check),
    List(List),
}

/// Claim a domain for a party; prints the TXT record that proves it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente domain claim example-broadcasting broadcasting.example --data d")]
pub(crate) struct Claim {
    /// The party's id or its whole name
    party: String,
    /// The domain
    domain: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Look at both proofs of a claim now; exit 1 when neither is good
///
/// A node that runs looks for itself, with its own resolver.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente domain check example-broadcasting broadcasting.example --data d
  entente domain check example-broadcasting broadcasting.example --data d --dns-server 127.0.0.1:5353")]
pub(crate) struct Check {
    /// The party's id or its whole name
    party: String,
    /// The domain
    domain: String,
    /// The resolver to ask, where no node runs: an address, with its port if that is not 53
    #[arg(long, value_name = "ADDRESS", value_parser = dns_server)]
    dns_server: Option<SocketAddr>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// List claims and what proves them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente domain list --data d
  entente domain list example-broadcasting --data d --json")]
pub(crate) struct List {
    /// Only of this party
    party: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Takes the address of a resolver; 53 is its port when none is named.
///
/// # Errors
/// Says what would be right.
pub(crate) fn dns_server(text: &str) -> Result<SocketAddr, String> {
    let bare = text.parse().map(|ip| SocketAddr::new(ip, 53));
    text.parse()
        .or(bare)
        .map_err(|_| "an address such as 9.9.9.9, 127.0.0.1:5353 or [::1]:5353".into())
}

impl Domain {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Domain::Claim(verb) => verb.run(),
            Domain::Check(verb) => verb.run(),
            Domain::List(verb) => verb.run(),
        }
    }
}

impl Claim {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party.id;
        let claim = target.claim_domain(&party, self.domain)?;
        let mut out = Out::new();
        if self.json {
            out.json(&claim)?;
        } else {
            out.line(&format!("{}. IN TXT \"{}\"", claim.record, claim.text))?;
        }
        out.flush()?;
        tell(&format!(
            "publish that record; or its keys in {}: see docs/identity.md; then 'entente domain check'",
            claim.document
        ));
        Ok(Exit::Done)
    }
}

impl Check {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party.id;
        let options = Options {
            server: self.dns_server,
            ..Options::default()
        };
        let looked = target.check_domain(&party, &self.domain, options)?;
        let mut out = Out::new();
        if self.json {
            out.json(&looked)?;
        } else {
            for look in &looked.looks {
                out.line(&format!(
                    "{}: {}: {}",
                    look.kind,
                    look.outcome,
                    plain(&look.words)
                ))?;
            }
            if let Some(seen) = &looked.domain.security_txt {
                out.line(&security_line(seen))?;
            }
        }
        out.flush()?;
        let good = looked.looks.iter().any(|look| look.outcome == "good");
        Ok(if good { Exit::Done } else { Exit::Found })
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = self
            .party
            .map(|name| target.party(&name, None))
            .transpose()?;
        let found = target.domains(party.as_ref().map(|party| party.party.id.as_str()))?;
        let mut out = Out::new();
        if self.json {
            for domain in &found {
                out.json(domain)?;
            }
        } else {
            let rows: Vec<Vec<String>> = found.iter().flat_map(rows).collect();
            out.table(&["PARTY", "DOMAIN", "PROOF"], &rows)?;
        }
        out.flush()?;
        if found.is_empty() {
            tell("no domains are claimed: 'entente domain claim'");
        }
        Ok(Exit::Done)
    }
}

fn rows(domain: &Shown) -> Vec<Vec<String>> {
    let row = |proof| {
        vec![
            domain.party.clone(),
            domain.domain.clone(),
            proof_line(proof),
        ]
    };
    let proofs = domain.proofs.iter().map(row);
    let security = domain.security_txt.iter().map(|seen| {
        let line = security_line(seen);
        vec![domain.party.clone(), domain.domain.clone(), line]
    });
    proofs.chain(security).collect()
}

fn security_line(seen: &SecurityTxt) -> String {
    let until = seen.expires.as_ref();
    let until = until.map(|until| format!(", until {until}"));
    format!(
        "security.txt: {}{}: {}",
        seen.outcome,
        until.unwrap_or_default(),
        plain(&seen.words)
    )
}
