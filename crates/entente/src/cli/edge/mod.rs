//! `entente edge`: a node's signals in one file, for machines that match without a node.

mod build;
mod info;

use clap::Subcommand;
use serde::{Deserialize, Serialize};

use super::Exit;
use crate::present::lookup::Signal;

/// Files of signals for machines without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Edge {
    Build(build::Build),
    Info(info::Info),
}

impl Edge {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Edge::Build(verb) => verb.run(),
            Edge::Info(verb) => verb.run(),
        }
    }
}

/// What an edge file says of a signal, as JSON: `docs/edge.md`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// As a lookup shows it.
    pub(crate) signal: Signal,
    /// Since when it decays, if it does: when it was added or last seen, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decays_since: Option<i64>,
}
