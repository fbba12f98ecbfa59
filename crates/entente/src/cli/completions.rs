//! `entente completions`: what a shell needs to complete commands.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::output::Out;
use super::{Cli, Exit};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente completions bash > ~/.local/share/bash-completion/completions/entente
  entente completions zsh > ~/.zfunc/_entente
  entente completions fish > ~/.config/fish/completions/entente.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        // Generated into memory first: the generator panics when stdout is closed.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "entente", &mut script);
        let mut out = Out::new();
        std::io::Write::write_all(&mut out, &script)?;
        out.flush()?;
        Ok(Exit::Done)
    }
}
