//! `entente receipt`: fetches receipts, which prove offline that entries are in the log.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use node::Caller;
use serde_json::json;

use super::output::{Out, counted, tell};
use super::target::{Target, Where};
use super::{Exit, Failure};
use crate::present::receipt::{self, Receipts};

/// Fetch receipts: proofs that entries are in the log, to be checked offline with 'entente verify'
///
/// Of a signal: one receipt for each version that you may see. Who may see what an entry is about
/// gets a receipt with its salt, with which a file can be compared with the entry: keep it as
/// confidential as the file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente receipt indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --data d --out receipts
  entente receipt --position 1234 --data d > 1234.tlog-proof
  entente receipt --position 1234 --data d | entente verify - --key node.vkey")]
pub(crate) struct Receipt {
    #[command(flatten)]
    place: Where,
    /// STIX ids of signals
    #[arg(value_name = "ID", required_unless_present = "position")]
    ids: Vec<String>,
    /// The number of an entry
    #[arg(long, value_name = "N", value_delimiter = ',')]
    position: Vec<u64>,
    /// Write each to a file `N.tlog-proof` in this folder instead of stdout
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print which entries, and where their receipts went, as JSON
    #[arg(long, requires = "out")]
    json: bool,
}

impl Receipt {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let mut entries: Vec<u64> = self.position.clone();
        for id in &self.ids {
            entries.extend(target.entries_of(id)?);
        }
        entries.sort_unstable();
        entries.dedup();
        let Some(folder) = &self.out else {
            let mut out = Out::new();
            for entry in entries {
                out.line(target.receipt(entry)?.trim_end())?;
            }
            out.flush()?;
            return Ok(Exit::Done);
        };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let mut written = Vec::with_capacity(entries.len());
        for entry in entries {
            let path = folder.join(format!("{entry}.tlog-proof"));
            write(&path, &target.receipt(entry)?)?;
            written.push(json!({ "entry": entry, "file": path }));
        }
        if self.json {
            let mut out = Out::new();
            out.json(&written)?;
            out.flush()?;
        }
        let count = counted(written.len() as u64, "receipt", "receipts");
        tell(&format!("{count} in {}", folder.display()));
        Ok(Exit::Done)
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

impl Target {
    /// The receipt of an entry.
    fn receipt(&self, entry: u64) -> anyhow::Result<String> {
        match self {
            Target::Local(local) => match local.node.receipt(&Caller::Operator, entry) {
                Ok(receipt) => Ok(receipt.to_string()),
                Err(node::Error::NotFound(_)) => {
                    let words = format!("there is no entry {entry} in the log");
                    Err(Failure::new(Exit::Local, words).into())
                }
                Err(error) => Err(error.into()),
            },
            Target::Remote(client) => {
                let octets = client.octets(&receipt::path(entry))?;
                String::from_utf8(octets).context("the node's answer is no text")
            }
        }
    }

    /// The entries that added the versions of a signal.
    fn entries_of(&self, id: &str) -> anyhow::Result<Vec<u64>> {
        match self {
            Target::Local(local) => {
                let entries = local.node.entries_of(&Caller::Operator, id);
                entries.with_context(|| id.to_owned())
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/signals/{}/receipts", super::client::encoded(id));
                let receipts: Receipts = client.get(&path, &[])?;
                Ok(receipts.receipts.iter().map(|place| place.entry).collect())
            }
        }
    }
}
