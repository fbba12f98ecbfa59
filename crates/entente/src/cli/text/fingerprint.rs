//! `entente text fingerprint`: what is published of documents.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;
use matching::text::{Grain, Key, published};
use serde::Serialize;

use super::near::grain;
use crate::cli::Exit;
use crate::cli::input::{self, Head, tell_if_waiting};
use crate::cli::key::KeyFile;
use crate::cli::output::{Out, plain, tell, tell_error};

/// Print the keyed fingerprints of documents, which say nothing to those without the key
///
/// Each file is a document of plain text, of any size. Any passage of k + w - 1 letters that two
/// documents share gives them a fingerprint in common. A fingerprint is the HMAC-SHA256 of k letters
/// under the circle's key, cut to 64 bits; they are sorted, so that their order tells nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente text fingerprint report.txt --key-file circle.key
  entente text fingerprint *.txt --key-file circle.key --json > fingerprints.ndjson
  pdftotext report.pdf - | entente text fingerprint - --key-file circle.key")]
pub(crate) struct Fingerprint {
    /// Files of plain text ('-' is stdin)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    key: KeyFile,
    /// Letters of a run
    #[arg(long, value_name = "LETTERS", default_value_t = Grain::DOCUMENTS.k())]
    k: usize,
    /// Runs that one is chosen of
    #[arg(long, value_name = "RUNS", default_value_t = Grain::DOCUMENTS.w())]
    w: usize,
    /// Print one JSON object a line for each file
    #[arg(long)]
    json: bool,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    k: usize,
    w: usize,
    /// 16 hexadecimal digits each.
    fingerprints: Vec<String>,
}

impl Fingerprint {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let grain = grain(self.k, self.w)?;
        let key = self.key.require()?;
        let bar = input::bar(&self.files);
        tell_if_waiting(&self.files);
        let mut out = Out::new();
        let mut unread = false;
        for path in &self.files {
            let (name, found) = match one(path, &bar, grain, &key) {
                Ok(found) => found,
                Err(error) => {
                    unread = true;
                    bar.suspend(|| tell_error(&error));
                    continue;
                }
            };
            if found.is_empty() {
                let words = format!("{}: has fewer than {} letters", plain(&name), self.k);
                bar.suspend(|| tell(&words));
            }
            let fingerprints: Vec<String> = found.iter().map(|one| format!("{one:016x}")).collect();
            if self.json {
                out.json(&Row {
                    file: &name,
                    k: self.k,
                    w: self.w,
                    fingerprints,
                })?;
                continue;
            }
            for fingerprint in fingerprints {
                match self.files.len() {
                    1 => out.line(&fingerprint)?,
                    _ => out.line(&format!("{fingerprint}\t{}", plain(&name)))?,
                }
            }
        }
        bar.finish_and_clear();
        out.flush()?;
        Ok(if unread { Exit::Local } else { Exit::Done })
    }
}

fn one(
    path: &Path,
    bar: &ProgressBar,
    grain: Grain,
    key: &Key,
) -> anyhow::Result<(String, Vec<u64>)> {
    let mut input = input::open(path, bar, Head::Whole)?;
    let found = published(key, grain, |buffer| input.stream.read(buffer))
        .with_context(|| format!("{}: the file cannot be read on", input.name))?;
    Ok((input.name, found))
}
