//! `entente request evidence`: the attachments of a request.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::near::Near;
use crate::cli::output::{Out, plain, tell};
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::present::request::Evidence as Attached;

/// List the attachments of a request that you may see, or download one
///
/// Files are as they were sent, and nobody looked at them: open them with care.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request evidence 3f2a9c01d4e7 --server https://node.example
  entente request evidence 3f2a9c01d4e7 page.png --out page.png --server https://node.example
  entente request evidence 3f2a9c01d4e7 9f86d081 --data d > file")]
pub(crate) struct Evidence {
    /// The request's id
    id: String,
    /// The attachment: its name, or the beginning of its SHA-256; all are listed when absent
    file: Option<String>,
    #[command(flatten)]
    place: Where,
    /// Write it to this file instead of stdout; one that is there is left alone
    #[arg(long, value_name = "FILE", requires = "file")]
    out: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long, conflicts_with = "file")]
    json: bool,
}

impl Evidence {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let near = Near::open(&self.place)?;
        let case = near.case(&self.id)?;
        let of_steps = case.steps.into_iter().flat_map(|step| step.evidence);
        let mut all: Vec<Attached> = case.evidence.into_iter().chain(of_steps).collect();
        let mut out = Out::new();
        let Some(wanted) = &self.file else {
            let mut rows = Vec::new();
            for one in &all {
                if self.json {
                    out.json(one)?;
                } else {
                    let (digest, bytes) = (one.sha256.clone(), one.bytes.to_string());
                    rows.push(vec![
                        digest,
                        bytes,
                        one.media_type.clone(),
                        one.name.clone(),
                    ]);
                }
            }
            out.table(&["SHA-256", "OCTETS", "TYPE", "NAME"], &rows)?;
            out.flush()?;
            return Ok(Exit::Done);
        };
        all.retain(|one| one.name == *wanted || one.sha256.starts_with(wanted.as_str()));
        all.dedup_by(|one, other| one.sha256 == other.sha256);
        let one = match all.as_slice() {
            [one] => one,
            [] => {
                let words = format!("this request has no attachment '{wanted}' that you may see");
                return Err(Failure::new(Exit::Local, words).into());
            }
            _ => {
                let words = "several attachments fit: name one by more digits of its SHA-256";
                return Err(Failure::usage(words).into());
            }
        };
        let bytes = near.attachment(&self.id, &one.sha256)?;
        if let Some(path) = &self.out {
            let file = std::fs::File::create_new(path).and_then(|mut file| file.write_all(&bytes));
            file.with_context(|| format!("cannot write {}", path.display()))?;
            tell(&format!("{}: {} octets", plain(&one.name), one.bytes));
        } else {
            out.write_all(&bytes)?;
            out.flush()?;
        }
        Ok(Exit::Done)
    }
}
