//! `entente log key`: the key that a node's log is signed with.

use clap::Args;

use crate::cli::Exit;
use crate::cli::output::Out;
use crate::cli::target::{Target, Where};

/// Print the key that verifies a node's log, as 'entente verify --key' takes it
///
/// Publish it where others look for it, away from the node: whoever has it from elsewhere need not
/// trust the node for it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente log key --data d
  entente log key --server https://node.example")]
pub(crate) struct Key {
    #[command(flatten)]
    place: Where,
}

impl Key {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = match self.place.open()? {
            Target::Local(local) => local.node.log().key().verifier().to_string(),
            Target::Remote(client) => String::from_utf8(client.octets("/log/key")?)?,
        };
        let mut out = Out::new();
        out.line(key.trim_end())?;
        out.flush()?;
        Ok(Exit::Done)
    }
}
