//! `entente pdq`: perceptual hashes of images, and which of a list are near them, without a node.

mod hash;
pub(super) mod images;
mod list;
mod search;

use clap::Subcommand;

use super::Exit;

/// Hash images with PDQ and compare hashes, without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Pdq {
    Hash(hash::Hash),
    Match(search::Match),
}

impl Pdq {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Pdq::Hash(verb) => verb.run(),
            Pdq::Match(verb) => verb.run(),
        }
    }
}
