//! `entente text skeleton`: what short texts are compared by.

use std::path::PathBuf;

use clap::Args;
use matching::text::{Neighbourhood, Skeleton as Letters};
use serde::Serialize;

use super::texts::{Reading, Text, What, tell_unfit};
use crate::cli::Exit;
use crate::cli::input::bar;
use crate::cli::key::KeyFile;
use crate::cli::output::Out;

/// Print the skeletons of short texts: their letters, without what spelling can change
///
/// With a key, prints what a circle shares instead: for each text one JSON object with its keyed
/// hashes, which 'entente text match --bank' takes. Texts of fewer than 6 letters, or of more than
/// 512, are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente text skeleton posts.txt
  entente text skeleton posts.csv --columns text=Message --json
  entente text skeleton known.csv --key-file circle.key > known.ndjson")]
pub(crate) struct Skeleton {
    /// Files ('-' is stdin): texts one a line, CSV, or NDJSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    reading: Reading,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skeleton: Option<&'r str>,
    /// 16 hexadecimal digits each.
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<Vec<String>>,
}

impl Skeleton {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = self.key.read()?;
        let bar = bar(&self.files);
        let mut out = Out::new();
        let mut unfit = 0;
        let totals = self.reading.read(&self.files, &bar, &mut |text: Text<'_>| {
            let What::Text(bytes) = text.what else {
                unfit += 1;
                return Ok(());
            };
            let Ok(letters) = Letters::of(bytes) else {
                unfit += 1;
                return Ok(());
            };
            if !self.json && key.is_none() {
                out.line(letters.as_str())?;
                return Ok(());
            }
            let hashes = key
                .as_ref()
                .map(|key| hashes(&Neighbourhood::of(key, &letters)));
            out.json(&Row {
                file: text.file,
                line: text.line,
                id: text.id.as_deref(),
                skeleton: hashes.is_none().then_some(letters.as_str()),
                hashes,
            })?;
            Ok(())
        });
        bar.finish_and_clear();
        out.flush()?;
        let totals = totals?;
        tell_unfit(unfit);
        Ok(totals.exit())
    }
}

fn hashes(neighbourhood: &Neighbourhood) -> Vec<String> {
    let hashes = neighbourhood.hashes().iter();
    hashes.map(|hash| format!("{hash:016x}")).collect()
}
