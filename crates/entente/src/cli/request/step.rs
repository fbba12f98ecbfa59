//! Steps of a case: by the two sides, and by who reviews.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::near::{Near, key};
use super::{print, said};
use crate::cli::Exit;
use crate::cli::output::{plain, tell};
use crate::cli::target::Where;
use crate::http::api::sniffed;
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

/// Octets of an attachment; the node takes no more.
const MOST: u64 = 25 << 20;

/// Keeps files with the node, so that a request or a step can name them.
///
/// # Errors
/// When one cannot be read, or the node does not take it.
pub(super) fn attach<P: AsRef<Path>>(near: &Near, files: &[P]) -> anyhow::Result<Vec<NewEvidence>> {
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let path = file.as_ref();
        let bytes = read(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let one = near.keep(&name, sniffed(&bytes), bytes)?;
        tell(&format!(
            "attached {} ({}, {} octets)",
            plain(&one.name),
            one.media_type,
            one.bytes
        ));
        kept.push(NewEvidence {
            sha256: one.sha256,
            bytes: one.bytes,
            media_type: one.media_type,
            name: one.name,
            marking: None,
        });
    }
    Ok(kept)
}

/// A file as it is: what is packed stays packed.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    let mut bytes = Vec::new();
    let whole = file.take(MOST + 1).read_to_end(&mut bytes);
    whole.with_context(|| format!("cannot read {}", path.display()))?;
    if bytes.len() as u64 > MOST {
        anyhow::bail!("{} is larger than {} MiB", path.display(), MOST >> 20);
    }
    Ok(bytes)
}
