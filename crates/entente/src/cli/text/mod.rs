//! `entente text`: texts that were seen before, compared without a node.

mod compare;
mod fingerprint;
mod near;
mod skeleton;
pub(super) mod texts;

use clap::Subcommand;

use super::Exit;

/// Compare texts: known posts in other spellings, copies, passages; without a node
#[derive(Debug, Subcommand)]
pub(crate) enum Text {
    Skeleton(skeleton::Skeleton),
    Fingerprint(fingerprint::Fingerprint),
    Near(near::Near),
    Match(compare::Match),
}

impl Text {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Text::Skeleton(verb) => verb.run(),
            Text::Fingerprint(verb) => verb.run(),
            Text::Near(verb) => verb.run(),
            Text::Match(verb) => verb.run(),
        }
    }
}
