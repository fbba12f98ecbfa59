//! `entente log`: checks, follows and writes public logs (C2SP tlog-tiles), one's own and others'.

mod export;
mod fsck;
mod key;
mod monitor;
mod restart;
mod source;
mod trust;

use clap::Subcommand;

use super::Exit;

pub(super) use trust::{Trust, read_key};

/// Public logs: check a whole one, follow one, write one as static files
#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    Fsck(fsck::Fsck),
    Monitor(monitor::Monitor),
    Export(export::Export),
    Key(key::Key),
    Restart(restart::Restart),
}

impl Log {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Log::Fsck(verb) => verb.run(),
            Log::Monitor(verb) => verb.run(),
            Log::Export(verb) => verb.run(),
            Log::Key(verb) => verb.run(),
            Log::Restart(verb) => verb.run(),
        }
    }
}
