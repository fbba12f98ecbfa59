//! `entente detect coordination`: accounts that share the same things within seconds.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Exit;

/// Find accounts that share the same things within seconds, more often than chance explains
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente detect coordination posts.csv")]
pub(crate) struct Coordination {
    /// Files with posts ('-' is stdin): CSV or NDJSON
    #[arg(required = true, value_name = "POSTS")]
    posts: Vec<PathBuf>,
}

impl Coordination {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        anyhow::bail!("nothing reads {:?} yet", self.posts)
    }
}
