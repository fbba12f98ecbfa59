//! `entente taxii`: TAXII servers, this one's or another's, seen as their clients see them.

mod check;

use clap::Subcommand;

use super::Exit;

/// TAXII servers as their clients see them
#[derive(Debug, Subcommand)]
pub(crate) enum Taxii {
    Check(check::Check),
}

impl Taxii {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Taxii::Check(verb) => verb.run(),
        }
    }
}
