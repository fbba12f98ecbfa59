//! `entente man`: the manual, one page a verb.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};

use super::output::tell;
use super::{Cli, Exit};

/// Write the manual pages into a directory
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The directory, such as a man1
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl Man {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let shown = self.directory.display();
        let written = std::fs::create_dir_all(&self.directory)
            .and_then(|()| clap_mangen::generate_to(Cli::command(), &self.directory));
        written.with_context(|| format!("cannot write into {shown}"))?;
        tell(&format!("the manual is in {shown}: man {shown}/entente.1"));
        Ok(Exit::Done)
    }
}
