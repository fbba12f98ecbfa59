//! `entente stix`: what can be asked of STIX content without a node.

mod check;

use clap::Subcommand;

use super::Exit;

/// Look at STIX content, without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Stix {
    Check(check::Check),
}

impl Stix {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Stix::Check(verb) => verb.run(),
        }
    }
}
