//! `entente stix`: what can be asked of STIX content without a node.

mod check;
mod pattern;

use clap::Subcommand;

use super::Exit;

/// Look at STIX content, without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Stix {
    Check(check::Check),
    Pattern(pattern::Pattern),
}

impl Stix {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Stix::Check(verb) => verb.run(),
            Stix::Pattern(verb) => verb.run(),
        }
    }
}
