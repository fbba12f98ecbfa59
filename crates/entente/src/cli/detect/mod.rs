//! `entente detect`: analyses of a party's own data, without a node. What they give are findings:
//! evidence with its uncertainty, on which a person decides.

mod coordination;
mod interference;

use clap::Subcommand;

use super::Exit;

/// Find signs of harm in your own data: accounts that act together, sites that are blocked; without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Detect {
    Coordination(coordination::Coordination),
    Interference(interference::Interference),
}

impl Detect {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Detect::Coordination(verb) => verb.run(),
            Detect::Interference(verb) => verb.run(),
        }
    }
}
