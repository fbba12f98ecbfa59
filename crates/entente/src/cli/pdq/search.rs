//! `entente pdq match`: which hashes of a list are near images, or near hashes.

use std::path::PathBuf;

use clap::Args;
use matching::pdq::{Dihedral, Hashed, NEAR, Near, Pdq};
use serde::Serialize;

use super::images::{self, Image, Totals};
use super::list::List;
use crate::cli::output::{FAINT, FOUND, Out, PLACE, counted, plain, tell};
use crate::cli::{Exit, input};

/// Find the hashes of a list that are near images or hashes
///
/// The list has a PDQ hash a line, with a label behind it if you like, or is CSV with a header.
/// It may be packed with gzip or zstd. Every hash of the list within the distance is found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pdq match photo.jpg --against hashes.txt
  entente pdq match uploads/ --against feed.csv --column pdq --json
  entente pdq match photo.jpg --against hashes.txt --dihedral --fail-on-match
  entente pdq match f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95 \\
      --against hashes.txt --distance 20")]
pub(crate) struct Match {
    /// Images, directories, or hashes of 64 hexadecimal digits ('-' is an image on stdin)
    #[arg(required = true, value_name = "IMAGE|HASH")]
    asked: Vec<PathBuf>,
    /// The list of hashes
    #[arg(long, value_name = "FILE")]
    against: PathBuf,
    /// The column of the list that holds the hashes; 'pdq' or 'hash' when absent
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// How many of the 256 bits may differ
    #[arg(long, value_name = "BITS", default_value_t = NEAR)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=64))]
    distance: u32,
    /// Look also for the images turned and mirrored
    #[arg(long)]
    dihedral: bool,
    /// Print one JSON object a match
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something matched
    #[arg(long = "fail-on-match")]
    fail: bool,
}

/// A line of output.
#[derive(Serialize)]
struct Found<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'f str>,
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<&'static str>,
    distance: u32,
    matched: String,
    /// Where it stands in the list.
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'f str>,
}

/// What is asked about.
struct Asked<'a> {
    file: Option<&'a str>,
    quality: Option<u8>,
    turn: Option<&'static str>,
    hash: Pdq,
}

/// Looks hashes up and prints what is near.
struct Searcher {
    list: List,
    out: Out,
    distance: u32,
    json: bool,
    matches: u64,
    near: Vec<Near>,
}

impl Match {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let mut hashes: Vec<Pdq> = Vec::new();
        let mut paths = Vec::new();
        for asked in self.asked {
            match asked.to_str().and_then(|text| text.parse().ok()) {
                Some(hash) => hashes.push(hash),
                None => paths.push(asked),
            }
        }
        let named = paths.iter().chain([&self.against]);
        input::once(named.map(PathBuf::as_path))?;
        input::tell_if_waiting(&paths);
        let mut searcher = Searcher {
            list: List::read(&self.against, self.column.as_deref())?,
            out: Out::new(),
            distance: self.distance,
            json: self.json,
            matches: 0,
            near: Vec::new(),
        };
        for hash in &hashes {
            searcher.hash(*hash)?;
        }
        let totals = if paths.is_empty() {
            Ok(Totals::default())
        } else {
            images::hash_all(&paths, self.dihedral, &mut |image| searcher.image(&image))
        };
        searcher.out.flush()?;
        let totals = totals?;
        totals.tell();
        searcher.summarise(hashes.len() as u64, &totals);
        if self.fail && searcher.matches > 0 {
            return Ok(Exit::Found);
        }
        Ok(if totals.unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }
}

impl Searcher {
    fn hash(&mut self, hash: Pdq) -> anyhow::Result<()> {
        self.look(&Asked {
            file: None,
            quality: None,
            turn: None,
            hash,
        })
    }

    fn image(&mut self, image: &Image) -> anyhow::Result<()> {
        let turns = image.hashes.len() > 1;
        for (turn, Hashed { hash, quality }) in &image.hashes {
            self.look(&Asked {
                file: Some(&image.name),
                quality: Some(*quality),
                turn: turns.then_some(Dihedral::as_str(*turn)),
                hash: *hash,
            })?;
        }
        Ok(())
    }

    /// Prints what is near, the nearest first.
    fn look(&mut self, asked: &Asked<'_>) -> anyhow::Result<()> {
        self.near.clear();
        self.list
            .index
            .near(&asked.hash, self.distance, &mut self.near);
        self.near.sort_unstable();
        self.matches += self.near.len() as u64;
        for near in &self.near {
            let Some(entry) = self.list.entry(near.signal) else {
                continue;
            };
            let found = Found {
                file: asked.file,
                hash: asked.hash.to_string(),
                quality: asked.quality,
                turn: asked.turn,
                distance: near.distance,
                matched: near.hash.to_string(),
                line: entry.line,
                label: entry.label.as_deref(),
            };
            if self.json {
                self.out.json(&found)?;
            } else {
                let line = words(&self.out, &found);
                self.out.line(&line)?;
            }
        }
        Ok(())
    }

    fn summarise(&self, hashes: u64, totals: &Totals) {
        let asked = match (hashes, totals.hashed) {
            (0, images) => counted(images, "image", "images"),
            (hashes, 0) => counted(hashes, "hash", "hashes"),
            (hashes, images) => format!(
                "{}, {}",
                counted(images, "image", "images"),
                counted(hashes, "hash", "hashes")
            ),
        };
        let list = counted(self.list.len() as u64, "hash", "hashes");
        let matches = match self.matches {
            0 => "no match".to_owned(),
            matches => counted(matches, "match", "matches"),
        };
        tell(&format!("{asked} against {list}; {matches}"));
    }
}

/// `photo.jpg (flip-x) → hash (12 bits) | label`
fn words(out: &Out, found: &Found<'_>) -> String {
    let asked = found.file.unwrap_or(&found.hash);
    let turn = found
        .turn
        .map(|turn| format!(" ({turn})"))
        .unwrap_or_default();
    let bits = counted(found.distance.into(), "bit", "bits");
    let label = found.label.map(|label| format!(" | {}", plain(label)));
    format!(
        "{}{turn} → {} {}{}",
        out.paint(PLACE, &plain(asked)),
        out.paint(FOUND, &found.matched),
        out.paint(FAINT, &format!("({bits})")),
        label.unwrap_or_default(),
    )
}
