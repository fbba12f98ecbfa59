//! `entente request xarf`: requests as reports of XARF v4.

mod check;
mod export;
mod import;

use clap::Subcommand;

use crate::cli::Exit;

pub(crate) use export::Members;

/// Reports of abuse in XARF v4: check them, make requests of them and reports of requests
#[derive(Debug, Subcommand)]
pub(crate) enum Xarf {
    Check(check::Check),
    Import(Box<import::Import>),
    Export(export::Export),
}

impl Xarf {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Xarf::Check(verb) => verb.run(),
            Xarf::Import(verb) => verb.run(),
            Xarf::Export(verb) => verb.run(),
        }
    }
}
