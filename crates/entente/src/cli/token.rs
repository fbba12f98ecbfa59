//! `entente token`: what lets a party's people and systems in.

use clap::{Args, Subcommand};
use stix::Timestamp;

use super::output::{Out, tell};
use super::target::Where;
use super::{Exit, words};
use crate::present::token::{self, NewToken};

/// Tokens for a party's people and systems
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Issue a token; it is printed once, alone on stdout
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente token create --data d --party microsoft --scope read,publish
  TOKEN=$(entente token create --data d --party France --scope read --expires 2027-01-01)
  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8750/taxii2/signals/collections/")]
pub(crate) struct Create {
    #[command(flatten)]
    place: Where,
    /// The party it acts for: its id, its whole name, or a state by its two letters
    #[arg(long)]
    party: String,
    /// What it allows: read, publish, administer, between commas
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
    #[arg(value_parser = ["read", "publish", "administer"])]
    scope: Vec<String>,
    /// A collection it is limited to; all when absent; repeat for more
    #[arg(long = "collection", value_name = "NAME")]
    collections: Vec<String>,
    /// The account: a person or a system of that party
    #[arg(long, default_value = "api")]
    account: String,
    /// When it ends: a day or a time in UTC
    #[arg(long, value_name = "WHEN", value_parser = words::time)]
    expires: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List tokens, without their secrets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente token list --data d")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Revoke a token; it stops working at once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente token revoke 3f2a90c1d4e5 --data d")]
pub(crate) struct Revoke {
    /// The token's id, as 'entente token list' shows it
    id: String,
    #[command(flatten)]
    place: Where,
}

impl Token {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Token::Create(verb) => verb.run(),
            Token::List(verb) => verb.run(),
            Token::Revoke(verb) => verb.run(),
        }
    }
}

impl Create {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party.id;
        let collections = self
            .collections
            .iter()
            .map(|name| Ok(target.collection(name)?.id));
        let issued = target.create_token(NewToken {
            party,
            account: Some(self.account),
            scopes: self.scope,
            collections: collections.collect::<anyhow::Result<_>>()?,
            expires: self.expires.map(|end| end.to_string()),
        })?;
        let mut out = Out::new();
        if self.json {
            out.json(&issued)?;
        } else {
            out.line(&issued.token)?;
        }
        out.flush()?;
        for warning in &issued.warnings {
            tell(&format!("warning: {warning}"));
        }
        let scopes = issued.scopes.join(",");
        tell(&format!(
            "token {} of {}/{}: {scopes}",
            issued.id, issued.party, issued.account
        ));
        Ok(Exit::Done)
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = self.place.open()?.tokens()?.tokens;
        let mut out = Out::new();
        if self.json {
            for token in &found {
                out.json(token)?;
            }
        } else {
            let header = [
                "ID",
                "PARTY",
                "ACCOUNT",
                "SCOPES",
                "COLLECTIONS",
                "ISSUED",
                "STATE",
            ];
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            out.table(&header, &rows)?;
        }
        out.flush()?;
        if found.is_empty() {
            tell("no tokens yet: 'entente token create'");
        }
        Ok(Exit::Done)
    }
}

fn row(token: &token::Token) -> Vec<String> {
    let second = |time: &str| {
        time.get(..19)
            .map_or_else(|| time.to_owned(), |cut| format!("{cut}Z"))
    };
    let state = match (&token.revoked, &token.expires) {
        (Some(at), _) => format!("revoked {}", second(at)),
        (None, Some(end)) => format!("ends {}", second(end)),
        (None, None) => "no end".into(),
    };
    let collections = if token.collections.is_empty() {
        "all".into()
    } else {
        token.collections.join(" ")
    };
    vec![
        token.id.clone(),
        token.party.clone(),
        token.account.clone(),
        token.scopes.join(","),
        collections,
        second(&token.issued),
        state,
    ]
}

impl Revoke {
    fn run(self) -> anyhow::Result<Exit> {
        self.place.open()?.revoke_token(&self.id)?;
        tell(&format!("token {} is revoked", self.id));
        Ok(Exit::Done)
    }
}
