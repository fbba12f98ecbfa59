//! `entente request forget`: whom to ask, and who contested.

use clap::Args;

use super::near::Near;
use crate::cli::Exit;
use crate::cli::output::{Out, plain, tell};
use crate::cli::target::Where;
use crate::present::request::unlinked;

/// Forget whom to ask about a request and who contested it, for its sender and who manages the node
///
/// Their names and addresses are deleted for good. That they were forgotten is a step of the case, and
/// receipts stay valid; copies that others exported stay with them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request forget 3f2a9c01d4e7 --server https://node.example
  entente request forget 3f2a9c01d4e7 --data d --json")]
pub(crate) struct Forget {
    /// The request's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Print JSON: the request as it is then
    #[arg(long)]
    json: bool,
}

impl Forget {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let near = Near::open(&self.place)?;
        near.forget(&self.id)?;
        let case = near.case(&self.id)?;
        let mut out = Out::new();
        if self.json {
            out.json(&case)?;
        } else {
            out.line(&case.id)?;
        }
        out.flush()?;
        let title = case.title.as_deref().map(unlinked).unwrap_or_default();
        tell(&format!(
            "{}: whom to ask and who contested is forgotten",
            plain(&title)
        ));
        Ok(Exit::Done)
    }
}
