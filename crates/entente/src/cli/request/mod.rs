//! `entente request`: one party asks another to act.

mod export;
mod mail;
mod reasons;
mod source;
mod xarf;

use clap::Subcommand;

use super::Exit;

/// Requests: ask another party to act, answer what it asks
#[derive(Debug, Subcommand)]
pub(crate) enum Request {
    Export(export::Export),
    #[command(subcommand)]
    Xarf(xarf::Xarf),
    Mail(mail::Mail),
    Reasons(Box<reasons::Reasons>),
}

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Request::Export(verb) => verb.run(),
            Request::Xarf(verb) => verb.run(),
            Request::Mail(verb) => verb.run(),
            Request::Reasons(verb) => verb.run(),
        }
    }
}
