//! `entente pdq hash`: the hash and quality of images.

use std::path::PathBuf;

use clap::Args;
use matching::pdq::{Dihedral, Hashed};
use serde::Serialize;

use super::images::{self, Image};
use crate::cli::output::{Out, plain};
use crate::cli::{Exit, input};

/// Print the PDQ hash and quality of images
///
/// Reads JPEG, PNG, WebP and GIF; of directories, every image in them and below. Hashes and
/// qualities are those of the reference (docs/pdq.md). Hashes of a quality below 50 say too little
/// to act on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pdq hash photo.jpg
  entente pdq hash uploads/ --json > hashes.ndjson
  entente pdq hash photo.jpg --dihedral
  curl -s https://example.org/a.png | entente pdq hash -")]
pub(crate) struct Hash {
    /// Images or directories ('-' is stdin)
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Print also the hashes of the image turned and mirrored, eight in all
    #[arg(long)]
    dihedral: bool,
    /// Print one JSON object a hash
    #[arg(long)]
    json: bool,
}

/// A line of output.
#[derive(Serialize)]
struct Line<'l> {
    file: &'l str,
    hash: String,
    quality: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<&'static str>,
}

impl Hash {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        input::tell_if_waiting(&self.images);
        let mut out = Out::new();
        let totals = images::hash_all(&self.images, self.dihedral, &mut |image| {
            self.print(&image, &mut out)
        });
        out.flush()?;
        let totals = totals?;
        totals.tell();
        Ok(if totals.unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }

    /// `hash quality file`, or `hash quality turn file`, between tabs.
    fn print(&self, image: &Image, out: &mut Out) -> anyhow::Result<()> {
        for (turn, Hashed { hash, quality }) in &image.hashes {
            let turn = self.dihedral.then_some(Dihedral::as_str(*turn));
            if self.json {
                out.json(&Line {
                    file: &image.name,
                    hash: hash.to_string(),
                    quality: *quality,
                    turn,
                })?;
            } else {
                let turn = turn.map(|turn| format!("{turn}\t")).unwrap_or_default();
                let name = plain(&image.name).replace('\t', " ");
                out.line(&format!("{hash}\t{quality}\t{turn}{name}"))?;
            }
        }
        Ok(())
    }
}
