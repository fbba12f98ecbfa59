//! `entente stix`: looking at STIX by itself, without a node.

mod pattern;

use clap::Subcommand;

use super::Exit;

/// Look at STIX, without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Stix {
    Pattern(pattern::Pattern),
}

impl Stix {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Stix::Pattern(verb) => verb.run(),
        }
    }
}
