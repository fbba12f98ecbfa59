//! `entente request`: one party asks another to act.

mod xarf;

use clap::Subcommand;

use super::Exit;

/// Requests: ask another party to act, answer what it asks
#[derive(Debug, Subcommand)]
pub(crate) enum Request {
    #[command(subcommand)]
    Xarf(xarf::Xarf),
}

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Request::Xarf(verb) => verb.run(),
        }
    }
}
