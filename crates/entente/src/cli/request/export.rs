//! `entente request export`: a whole case as one file.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::near::Near;
use super::source::put;
use crate::case::countersign;
use crate::cli::Exit;
use crate::cli::output::Out;
use crate::cli::party_key;
use crate::cli::target::Where;

/// Export a whole case as one signed file that 'entente verify' checks
///
/// A ZIP archive with every entry that you see and its receipt, the attachments, the request as JSON,
/// as a page, and as a report in XARF where it is one. The node's log signs its manifest; with --key
/// your party does too. What is hidden from you is named as hidden. The same case gives the same file
/// at the same time.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request export 0a1b2c3d4e5f --data d -o case.zip
  entente request export 0a1b2c3d4e5f --server https://node.example --key party.key -o case.zip
  entente verify case.zip --key node.vkey --signer party.vkey")]
pub(crate) struct Export {
    #[command(flatten)]
    place: Where,
    /// The request's id
    #[arg(value_name = "ID")]
    id: String,
    /// The file to write ('-' is stdout)
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Sign it with this key of your party too ('entente key new')
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = self.key.as_deref().map(party_key::read).transpose()?;
        let mut octets = Near::open(&self.place)?.bundle(&self.id)?;
        if let Some(key) = &key {
            octets = countersign(&octets, key)?;
        }
        put(Some(&self.out), &octets)?;
        if self.json && self.out.as_os_str() != "-" {
            let mut out = Out::new();
            out.json(&json!({ "request": self.id, "file": self.out, "bytes": octets.len() }))?;
            out.flush()?;
        }
        Ok(Exit::Done)
    }
}
