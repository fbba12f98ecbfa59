//! `entente bank list`: what banks hold.

use clap::Args;
use serde::Serialize;

use super::wording::{self, Said};
use crate::cli::Exit;
use crate::cli::export::Reading;
use crate::cli::output::{Out, count};
use crate::cli::target::Where;

/// List banks, and how many texts, images and videos each holds
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente bank list --data d
  entente bank list --server https://node.example --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row {
    bank: String,
    texts: u64,
    images: u64,
    videos: u64,
    default_marking: String,
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let mut rows = Vec::new();
        for collection in target.readable(&[])? {
            let (mut texts, mut images, mut videos) = (0, 0, 0);
            Reading::of_type("indicator").read(&target, &collection, &mut |raw| {
                let Ok(object) = stix::Object::parse(raw) else {
                    return Ok(());
                };
                match object.pattern().and_then(|pattern| wording::read(&pattern)) {
                    _ if object.revoked() => {}
                    Some(Said::Text(_)) => texts += 1,
                    Some(Said::Images(hashes)) if hashes.len() == 1 => images += 1,
                    Some(Said::Images(_)) => videos += 1,
                    None => {}
                }
                Ok(())
            })?;
            if texts + images + videos > 0 {
                rows.push(Row {
                    bank: collection.alias,
                    texts,
                    images,
                    videos,
                    default_marking: collection.default_marking,
                });
            }
        }
        let mut out = Out::new();
        if self.json {
            for row in &rows {
                out.json(row)?;
            }
        } else {
            let cells = |row: &Row| {
                vec![
                    row.bank.clone(),
                    count(row.texts),
                    count(row.images),
                    count(row.videos),
                    row.default_marking.clone(),
                ]
            };
            let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
            out.table(&["BANK", "TEXTS", "IMAGES", "VIDEOS", "MARKING"], &cells)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}
