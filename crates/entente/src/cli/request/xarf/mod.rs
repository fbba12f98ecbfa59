//! `entente request xarf`: requests as reports of XARF v4.

mod check;

use clap::Subcommand;

use crate::cli::Exit;

/// Reports of abuse in XARF v4: check them, make requests of them and reports of requests
#[derive(Debug, Subcommand)]
pub(crate) enum Xarf {
    Check(check::Check),
}

impl Xarf {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Xarf::Check(verb) => verb.run(),
        }
    }
}
