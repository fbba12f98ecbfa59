//! `entente text near`: which posts are copies of known ones, or hold passages of them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use matching::text::{
    Fingerprint, Grain, Near as Found, NearIndex, NearScratch, Selected, Winnower,
};
use serde::Serialize;

use super::texts::{Bank, Known, Reading, Text, What, tell_left_out};
use crate::cli::input::{bar, once};
use crate::cli::output::{FOUND, Out, PLACE, counted, plain, tell};
use crate::cli::{Exit, Failure};

/// Characters of the longest excerpt for a person, and in JSON.
const SHOWN: usize = 160;
const SHOWN_IN_JSON: usize = 2000;

/// Find posts that are copies of known ones, edited or inside other text
///
/// Case, accents, homoglyphs, leet, invisible characters, spacing, punctuation and drawn-out letters
/// make no difference. Any passage of k + w - 1 letters in common is found. Prints for each hit how
/// many fingerprints are shared, and how much of the known text that is; a person decides what it
/// means. Nothing is sent anywhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente text near posts.csv --against known.csv --columns text=Message
  entente text near dump.ndjson.zst --against known.ndjson --json > hits.ndjson
  entente text near posts.txt --against posts.txt --min-shared 5
  tail -n 1000 posts.txt | entente text near - --against known.txt --allow slogans.txt")]
pub(crate) struct Near {
    /// Files with posts ('-' is stdin): texts one a line, CSV, or NDJSON
    #[arg(required = true, value_name = "POSTS")]
    posts: Vec<PathBuf>,
    /// File with known texts
    #[arg(long, required = true, value_name = "BANK")]
    against: Vec<PathBuf>,
    /// File with texts that anyone may repeat: what they hold is not counted
    #[arg(long, value_name = "FILE")]
    allow: Vec<PathBuf>,
    /// Only hits that share at least so many fingerprints
    #[arg(long, value_name = "M", default_value_t = 2)]
    #[arg(value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    min_shared: u32,
    /// Do not count fingerprints of more known texts than this
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_texts: u32,
    /// Letters of a run
    #[arg(long, value_name = "LETTERS", default_value_t = Grain::POSTS.k())]
    k: usize,
    /// Runs that one is chosen of
    #[arg(long, value_name = "RUNS", default_value_t = Grain::POSTS.w())]
    w: usize,
    #[command(flatten)]
    reading: Reading,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something was found
    #[arg(long)]
    fail_on_match: bool,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    /// Octets of the post from the first shared fingerprint to the last.
    start: u64,
    end: u64,
    excerpt: String,
    known: Known<'r>,
    shared: u32,
    /// How much of the known text is in the post, from 0 to 1.
    containment: f64,
    /// How much of the post is in the known text, from 0 to 1.
    coverage: f64,
}

/// The grain that a command line asks for.
///
/// # Errors
/// When it is out of range.
pub(super) fn grain(k: usize, w: usize) -> anyhow::Result<Grain> {
    Grain::new(k, w).map_err(|range| Failure::usage(format!("--k {k} --w {w}: {range}")).into())
}

impl Near {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let grain = grain(self.k, self.w)?;
        let all: Vec<&PathBuf> = self
            .against
            .iter()
            .chain(&self.allow)
            .chain(&self.posts)
            .collect();
        once(all.iter().map(|path| path.as_path()))?;
        let bar = bar(&all);
        let mut winnower = Winnower::new(grain);
        let mut index = NearIndex::with_most(self.max_texts);
        let mut bank = Bank::default();
        let mut few = 0;
        let mut found = Vec::new();
        let mut totals = self
            .reading
            .read(&self.allow, &bar, &mut |text: Text<'_>| {
                winnow(&mut winnower, &text, &mut found);
                index.allow(&found);
                Ok(())
            })?;
        totals += self
            .reading
            .read(&self.against, &bar, &mut |text: Text<'_>| {
                winnow(&mut winnower, &text, &mut found);
                if found.is_empty() {
                    few += 1;
                } else {
                    index.insert(bank.add(&text), &found);
                }
                Ok(())
            })?;
        let known = index.len() as u64;
        let mut printer = Printer {
            out: Out::new(),
            bank: &bank,
            json: self.json,
            hits: 0,
        };
        let mut scratch = NearScratch::default();
        let posts = self.reading.read(&self.posts, &bar, &mut |text: Text<'_>| {
            winnow(&mut winnower, &text, &mut found);
            few += u64::from(found.is_empty());
            for near in index.search(&found, self.min_shared, &mut scratch) {
                printer.print(&text, near)?;
            }
            Ok(())
        });
        bar.finish_and_clear();
        printer.out.flush()?;
        let posts = posts?;
        let hits = printer.hits;
        totals += posts;
        tell(&format!(
            "{} against {}: {}",
            counted(posts.texts, "text", "texts"),
            counted(known, "known one", "known ones"),
            counted(hits, "hit", "hits"),
        ));
        tell_left_out(few, &format!("they have fewer than {} letters", self.k));
        Ok(if self.fail_on_match && hits > 0 {
            Exit::Found
        } else {
            totals.exit()
        })
    }
}

/// The fingerprints of a text; of one that is there as hashes alone, none.
fn winnow(winnower: &mut Winnower, text: &Text<'_>, found: &mut Vec<Fingerprint>) {
    found.clear();
    let What::Text(bytes) = text.what else {
        return;
    };
    let mut keep = |selected: &Selected<'_>| found.push(selected.fingerprint);
    winnower.feed(bytes, &mut keep);
    winnower.finish(&mut keep);
}

struct Printer<'b> {
    out: Out,
    bank: &'b Bank,
    json: bool,
    hits: u64,
}

impl Printer<'_> {
    fn print(&mut self, text: &Text<'_>, near: &Found) -> anyhow::Result<()> {
        let Some(known) = self.bank.get(near.text) else {
            return Ok(());
        };
        // A file against itself: a text is no copy of its own.
        if known.file == text.file && known.line == text.line {
            return Ok(());
        }
        self.hits += 1;
        let excerpt = excerpt(text, near);
        let shown = if self.json { SHOWN_IN_JSON } else { SHOWN };
        let mut short: String = excerpt.chars().take(shown).collect();
        if short.len() < excerpt.len() {
            short.push('…');
        }
        if self.json {
            self.out.json(&Row {
                file: text.file,
                line: text.line,
                id: text.id.as_deref(),
                start: near.start,
                end: near.end,
                excerpt: short,
                known,
                shared: near.shared,
                containment: rounded(near.containment()),
                coverage: rounded(near.coverage()),
            })?;
            return Ok(());
        }
        let place = format!("{}:{}", plain(text.file), text.line);
        let line = format!(
            "{} {:.0} % of {known} ({}) | {}",
            self.out.paint(PLACE, &place),
            near.containment() * 100.0,
            counted(u64::from(near.shared), "fingerprint", "fingerprints"),
            self.out.paint(FOUND, &plain(&short)),
        );
        self.out.line(&line)?;
        Ok(())
    }
}

fn rounded(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

fn excerpt(text: &Text<'_>, near: &Found) -> String {
    let What::Text(bytes) = text.what else {
        return String::new();
    };
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let passage = bytes.get(place(near.start)..place(near.end));
    String::from_utf8_lossy(passage.unwrap_or_default()).into_owned()
}
