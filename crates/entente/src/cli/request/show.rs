//! `entente request show`: a request and what became of it.

use clap::Args;

use super::near::Near;
use super::print;
use crate::cli::Exit;
use crate::cli::output::Out;
use crate::cli::target::Where;

/// Show a request: what is asked, what was done, how much time is left, and what you may do next
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request show 3f2a9c01d4e7 --data d
  entente request show 3f2a9c01d4e7 --server https://node.example --json")]
pub(crate) struct Show {
    /// The request's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let near = Near::open(&self.place)?;
        let case = near.case(&self.id)?;
        let mut out = Out::new();
        if self.json {
            out.json(&case)?;
        } else {
            print::whole(&mut out, &case, &Near::flags(&self.place))?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}
