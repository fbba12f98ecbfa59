//! `entente detect`: analyses of a party's own data, without a node. What they give are findings:
//! evidence with its uncertainty, on which a person decides.

mod coordination;

use clap::Subcommand;

use super::Exit;

/// Find signs of harm in your own data: accounts that act together; without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Detect {
    Coordination(coordination::Coordination),
}

impl Detect {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Detect::Coordination(verb) => verb.run(),
        }
    }
}
