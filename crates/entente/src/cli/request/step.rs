//! Steps of a case: by the two sides, and by who reviews.

use std::path::{Path, PathBuf};

use clap::Args;

use super::near::{Near, key};
use super::{print, said};
use crate::cli::Exit;
use crate::cli::target::Where;
use crate::present::request::{NewEvidence, NewStep};

/// What every step has.
#[derive(Debug, Args)]
pub(crate) struct Step {
    /// The request's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Do it only when this is still the newest entry about the request, as 'show --json' tells it in 'last'
    #[arg(long, value_name = "ENTRY")]
    after: Option<u64>,
    /// What is sent twice with the same key is done once; one is made up when absent
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A step without words.
#[derive(Debug, Args)]
pub(crate) struct Bare {
    #[command(flatten)]
    step: Step,
}

/// A step with a word to the other side, if any.
#[derive(Debug, Args)]
pub(crate) struct Told {
    #[command(flatten)]
    step: Step,
    /// A word to the other side; '-' is stdin, @FILE a file
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
}

/// A step that says why.
#[derive(Debug, Args)]
pub(crate) struct Why {
    #[command(flatten)]
    step: Step,
    /// What is to be said; '-' is stdin, @FILE a file
    #[arg(long, value_name = "TEXT")]
    words: String,
}

/// A step that says something and attaches files.
#[derive(Debug, Args)]
pub(crate) struct Attached {
    #[command(flatten)]
    step: Step,
    /// What is to be said; '-' is stdin, @FILE a file
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// A file to attach; repeat for more
    #[arg(long = "evidence", value_name = "FILE")]
    evidence: Vec<PathBuf>,
}

/// What is accepted has a date, if the recipient says so.
#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    step: Step,
    /// A word to the other side; '-' is stdin, @FILE a file
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// By when it will be done
    #[arg(long, value_name = "WHEN", value_parser = said::by)]
    done_by: Option<String>,
}

impl Step {
    fn take(self, new: NewStep, evidence: &[PathBuf]) -> anyhow::Result<Exit> {
        let near = Near::open(&self.place)?;
        let new = NewStep {
            after: self.after,
            evidence: attach(&near, evidence)?,
            ..new
        };
        let stepped = near.step(&self.id, new, &key(self.idempotency_key))?;
        print::stepped(&stepped, &Near::flags(&self.place), self.json)
    }
}

impl Bare {
    pub(super) fn run(self, verb: &str) -> anyhow::Result<Exit> {
        self.step.take(NewStep::new(verb, None), &[])
    }
}

impl Told {
    pub(super) fn run(self, verb: &str) -> anyhow::Result<Exit> {
        let words = self.words.as_deref().map(said::words).transpose()?;
        self.step.take(NewStep::new(verb, words), &[])
    }
}

impl Why {
    pub(super) fn run(self, verb: &str) -> anyhow::Result<Exit> {
        let words = said::words(&self.words)?;
        self.step.take(NewStep::new(verb, Some(words)), &[])
    }
}

impl Attached {
    pub(super) fn run(self, verb: &str) -> anyhow::Result<Exit> {
        let words = said::words(&self.words)?;
        self.step
            .take(NewStep::new(verb, Some(words)), &self.evidence)
    }
}

impl Accept {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let words = self.words.as_deref().map(said::words).transpose()?;
        let new = NewStep {
            done_by: self.done_by,
            ..NewStep::new("accept", words)
        };
        self.step.take(new, &[])
    }
}

/// Keeps files with the node, so that a request or a step can name them.
///
/// # Errors
/// When one cannot be read, or the node does not take it.
pub(super) fn attach<P: AsRef<Path>>(_: &Near, files: &[P]) -> anyhow::Result<Vec<NewEvidence>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    anyhow::bail!("this node keeps no attachments yet")
}
