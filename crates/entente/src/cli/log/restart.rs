//! `entente log restart`: begins a new log when the old one cannot go on.

use clap::Args;
use node::Node;
use serde_json::json;

use crate::cli::output::{Out, tell};
use crate::cli::target::Where;
use crate::cli::{Exit, guard};

/// Close a log whose newest entries are lost, and begin a new one under a new key
///
/// For a node that refuses to sign since its journal is older than what it signed, when no newer copy
/// of the journal is left. Receipts of the old log still verify with its key. The new log holds all
/// entries of the journal, and one more that says which log was closed, at which size, and why.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente log restart --data d --reason 'the disk failed; restored from the backup of Monday'
  entente log restart --data d --reason 'moved to another name' --origin node.example/log-2")]
pub(crate) struct Restart {
    #[command(flatten)]
    place: Where,
    /// Why: it stands in the new log for everybody to read
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The new log's name, for good; a random one when absent
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Print what was closed and begun as JSON
    #[arg(long)]
    json: bool,
}

impl Restart {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.place.directory()?;
        let options = node::Options {
            origin: self.origin,
            ..guard::options(false)
        };
        let (node, closed) = Node::restart_log(&data, &options, self.reason.trim())?;
        let key = node.log().key().verifier().to_string();
        let mut out = Out::new();
        if self.json {
            let closed = json!({ "key": closed.closed, "signed": closed.signed });
            out.json(&json!({ "closed": closed, "key": key }))?;
        } else {
            out.line(&key)?;
        }
        out.flush()?;
        let signed = closed.signed;
        let closed = closed.closed;
        tell(&format!("closed at {signed} entries: {closed}"));
        tell("tell whoever keeps the old key, and its witnesses, of the new one");
        Ok(Exit::Done)
    }
}
