//! `entente withdrawal`: what was withdrawn or revoked, and who acknowledged it.

use clap::{Args, Subcommand};
use node::Caller;

use super::Exit;
use super::client::{encoded, query_of};
use super::output::{Out, tell};
use super::target::{Target, Where};
use crate::present::withdrawal::{Ask, Withdrawal as Shown, Withdrawals};

/// Withdrawals and revocations, and who acknowledged them
#[derive(Debug, Subcommand)]
pub(crate) enum Withdrawal {
    List(List),
    Acknowledge(Acknowledge),
}

/// List what your party withdrew, and who has not acknowledged it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente withdrawal list --server https://node.example
  entente withdrawal list --server https://node.example --open --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Instead what others withdrew that your party has fetched and not acknowledged yet
    #[arg(long)]
    open: bool,
    /// At most so many, newest first
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Acknowledge a withdrawal: your party no longer uses what is gone
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente withdrawal acknowledge note--5f6b1a70-1111-5a5a-8b8b-0d8a4b1a7d4d --server https://node.example")]
pub(crate) struct Acknowledge {
    /// The notice's STIX id, or that of an object that was revoked
    id: String,
    #[command(flatten)]
    place: Where,
}

impl Withdrawal {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Withdrawal::List(verb) => verb.run(),
            Withdrawal::Acknowledge(verb) => verb.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let ask = Ask {
            open: Some(self.open),
            limit: Some(self.limit),
        };
        let found = match self.place.open()? {
            Target::Local(local) => ask.answer(&local.node, &Caller::Operator)?,
            Target::Remote(client) => {
                client.get::<Withdrawals>("/api/v1/withdrawals", &query_of(&ask)?)?
            }
        };
        let mut out = Out::new();
        if self.json {
            for withdrawal in &found.withdrawals {
                out.json(withdrawal)?;
            }
        } else {
            let rows: Vec<Vec<String>> = found.withdrawals.iter().map(row).collect();
            out.table(
                &["WHEN", "WHAT", "OBJECT", "COLLECTION", "PEERS", "ID"],
                &rows,
            )?;
        }
        out.flush()?;
        if found.withdrawals.is_empty() {
            tell("no withdrawals");
        }
        Ok(Exit::Done)
    }
}

fn row(withdrawal: &Shown) -> Vec<String> {
    let peers: Vec<String> = withdrawal
        .peers
        .iter()
        .map(|peer| format!("{} {}", peer.party, peer.state))
        .collect();
    vec![
        withdrawal.at.clone(),
        withdrawal.kind.clone(),
        withdrawal.object.clone(),
        withdrawal.collection.clone(),
        if peers.is_empty() {
            "-".into()
        } else {
            peers.join(", ")
        },
        withdrawal.id.clone(),
    ]
}

impl Acknowledge {
    fn run(self) -> anyhow::Result<Exit> {
        match self.place.open()? {
            Target::Local(local) => {
                let node = &local.node;
                local.wait(node.acknowledge(&Caller::Operator, &self.id))?;
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/withdrawals/{}/acknowledgement", encoded(&self.id));
                client.put_nothing(&path)?;
            }
        }
        tell("acknowledged");
        Ok(Exit::Done)
    }
}
