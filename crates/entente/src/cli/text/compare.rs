//! `entente text match`: which short texts are known ones in another spelling.

use std::path::PathBuf;

use clap::Args;
use matching::text::{Neighbourhood, ShortIndex, Skeleton};
use serde::Serialize;

use super::texts::{Bank, Known, Reading, Text, What, tell_unfit};
use crate::cli::Exit;
use crate::cli::input::{bar, once};
use crate::cli::key::KeyFile;
use crate::cli::output::{FOUND, Out, PLACE, counted, plain, tell};

/// Characters of the longest text shown to a person.
const SHOWN: usize = 160;

/// Find short texts that are known ones in another spelling
///
/// Texts are compared by keyed hashes alone: a hit has the same letters as a known text, or one
/// letter more, less or other, or two neighbours swapped. The bank holds texts, or what 'entente
/// text skeleton --key-file' printed with the same key. Every hit is for a person to look at.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente text match posts.txt --bank known.ndjson --key-file circle.key
  entente text match posts.csv --bank known.csv --key-file circle.key --json
  ENTENTE_TEXT_KEY=$(cat circle.key) entente text match - --bank known.ndjson < posts.txt")]
pub(crate) struct Match {
    /// Files with texts ('-' is stdin): one a line, CSV, or NDJSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// File with known texts, or with their published hashes
    #[arg(long, required = true, value_name = "FILE")]
    bank: Vec<PathBuf>,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    reading: Reading,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something matched
    #[arg(long = "fail-on-match")]
    fail: bool,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    known: Known<'r>,
    /// Whether the letters are the same.
    same: bool,
}

impl Match {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = self.key.require()?;
        let all: Vec<&PathBuf> = self.bank.iter().chain(&self.files).collect();
        once(all.iter().map(|path| path.as_path()))?;
        let bar = bar(&all);
        let neighbourhood = |text: &Text<'_>| match &text.what {
            What::Text(bytes) => {
                let skeleton = Skeleton::of(bytes).ok()?;
                Some(Neighbourhood::of(&key, &skeleton))
            }
            What::Hashes(hashes) => Some(Neighbourhood::from_hashes(hashes.clone())),
        };
        let mut index = ShortIndex::new();
        let mut bank = Bank::default();
        let mut unfit = 0;
        let mut totals = self.reading.read(&self.bank, &bar, &mut |text: Text<'_>| {
            match neighbourhood(&text) {
                Some(hashes) if index.insert(bank.add(&text), &hashes) => {}
                _ => unfit += 1,
            }
            Ok(())
        })?;
        let mut out = Out::new();
        let mut hits = 0;
        let texts = self.reading.read(&self.files, &bar, &mut |text: Text<'_>| {
            let Some(hashes) = neighbourhood(&text) else {
                unfit += 1;
                return Ok(());
            };
            for hit in index.lookup(&hashes) {
                let Some(known) = bank.get(hit.text) else {
                    continue;
                };
                hits += 1;
                print(&mut out, self.json, &text, known, hit.is_same())?;
            }
            Ok(())
        });
        bar.finish_and_clear();
        out.flush()?;
        let texts = texts?;
        totals += texts;
        tell(&format!(
            "{} against {}: {}",
            counted(texts.texts, "text", "texts"),
            counted(index.len() as u64, "known one", "known ones"),
            counted(hits, "hit", "hits"),
        ));
        tell_unfit(unfit);
        Ok(if self.fail && hits > 0 {
            Exit::Found
        } else {
            totals.exit()
        })
    }
}

fn print(
    out: &mut Out,
    json: bool,
    text: &Text<'_>,
    known: Known<'_>,
    same: bool,
) -> anyhow::Result<()> {
    let words = match text.what {
        What::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        What::Hashes(_) => None,
    };
    if json {
        out.json(&Row {
            file: text.file,
            line: text.line,
            id: text.id.as_deref(),
            text: words,
            known,
            same,
        })?;
        return Ok(());
    }
    let place = format!("{}:{}", plain(text.file), text.line);
    let how = if same {
        "the letters of"
    } else {
        "an edit from"
    };
    let words: String = words.unwrap_or_default().chars().take(SHOWN).collect();
    out.line(&format!(
        "{} {how} {known} | {}",
        out.paint(PLACE, &place),
        out.paint(FOUND, &plain(&words)),
    ))?;
    Ok(())
}
