//! `entente bank add`: content into a bank.

use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;
use matching::pdq::{LOW_QUALITY, Pdq};
use matching::text::{Key, Neighbourhood, Skeleton};
use node::model::{Harm, Marking};

use super::sorting::{Sorted, sort};
use super::{video, wording};
use crate::cli::import::indicator::Template;
use crate::cli::import::taking::Taking;
use crate::cli::key::KeyFile;
use crate::cli::output::{count, counted, tell, tell_error};
use crate::cli::pdq::images::hash_all;
use crate::cli::target::{Target, Where};
use crate::cli::text::texts::{Reading, Text, What, tell_unfit};
use crate::cli::{Exit, input, words};
use crate::known::known_content;
use crate::present::collection::{Collection, NewCollection};

/// Add texts, images and videos to a bank, as hashes
///
/// The content stays here: a text becomes the keyed hashes of its letters and of those with one left
/// out, an image its PDQ hash, a video the PDQ hashes of its frames. Texts stand in files one a line,
/// in CSV or NDJSON. Images are files, or all in a directory. Videos need the program ffmpeg. Adding
/// the same twice changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente bank add slurs known.txt --key-file circle.key --data d
  entente bank add memes images/ --data d --marking green
  entente bank add memes clip.mp4 photo.jpg --server https://node.example --names
  entente bank add slurs cases.csv --columns text=Message,id=Case --key-file circle.key --data d")]
pub(crate) struct Add {
    /// The bank: a collection, made when there is none of this name
    bank: String,
    /// Files with texts ('-' is stdin), images, videos; directories of images
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    reading: Reading,
    /// Share the names of files and the ids of texts too
    #[arg(long)]
    names: bool,
    /// The marking of what is added, and the default of a new bank: clear, green, amber,
    /// amber+strict, red
    #[arg(long, value_name = "TLP", default_value = "amber")]
    marking: Marking,
    /// The harm that the content is about
    #[arg(long, value_parser = words::harm(), default_value = "hate-speech")]
    harm: Harm,
    /// A label of what is added; repeat for more
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// Add images of low quality too, which match others by chance
    #[arg(long)]
    low_quality: bool,
}

impl Add {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let sorted = sort(&self.files)?;
        input::once(sorted.texts.iter().map(PathBuf::as_path))?;
        let key = if sorted.texts.is_empty() {
            None
        } else {
            Some(self.key.require()?)
        };
        let target = self.place.open()?;
        let template = Template::new(&target, Some(self.marking), Some(self.harm), &self.labels)?;
        let collection = self.bank(&target)?;
        let mut adding = Adding {
            template: &template,
            labels: [self.harm.to_string()]
                .into_iter()
                .chain(self.labels.clone())
                .collect(),
            taking: Taking::new(&target, Some(collection), false, ProgressBar::hidden()),
            names: self.names,
            added: 0,
        };
        adding.taking.send_identity(&template)?;
        let mut left_out = 0;
        if let Some(key) = &key {
            left_out += self.texts(&sorted, key, &mut adding)?;
        }
        left_out += self.images(&sorted, &mut adding)?;
        left_out += videos(&sorted, &mut adding)?;
        adding.taking.flush()?;
        let counts = adding.taking.counts();
        tell(&format!(
            "{} into the bank '{}', {} already there, {} refused or left out",
            counted(counts.taken, "signal", "signals"),
            self.bank,
            count(counts.known),
            count(counts.refused + left_out),
        ));
        Ok(if counts.refused + left_out > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }

    fn bank(&self, target: &Target) -> anyhow::Result<Collection> {
        if let Some(found) = target.find_collection(&self.bank)? {
            return Ok(found);
        }
        let made = target.create_collection(NewCollection {
            alias: self.bank.clone(),
            default_marking: Some(self.marking.to_string()),
            harm: Some(self.harm.to_string()),
            ..NewCollection::default()
        })?;
        tell(&format!(
            "the bank '{}' is made, default marking {}",
            self.bank, self.marking
        ));
        Ok(made)
    }

    /// Adds texts; tells how many say too little or too much to be compared.
    fn texts(&self, sorted: &Sorted, key: &Key, adding: &mut Adding<'_>) -> anyhow::Result<u64> {
        let bar = input::bar(&sorted.texts);
        let label = wording::label_of(key);
        let mut unfit = 0;
        let read = self
            .reading
            .read(&sorted.texts, &bar, &mut |text: Text<'_>| {
                let hashes = match &text.what {
                    What::Text(bytes) => {
                        let Ok(skeleton) = Skeleton::of(bytes) else {
                            unfit += 1;
                            return Ok(());
                        };
                        Neighbourhood::of(key, &skeleton)
                    }
                    What::Hashes(hashes) => Neighbourhood::from_hashes(hashes.clone()),
                };
                let name = text.id.clone().unwrap_or_default();
                adding.add(
                    "Known text",
                    (text.file, text.line),
                    &name,
                    &wording::of_text(&hashes),
                    Some(&label),
                )
            });
        bar.finish_and_clear();
        let totals = read?;
        tell_unfit(unfit);
        Ok(unfit + totals.unread)
    }

    fn images(&self, sorted: &Sorted, adding: &mut Adding<'_>) -> anyhow::Result<u64> {
        if sorted.images.is_empty() {
            return Ok(0);
        }
        let mut low = 0;
        let totals = hash_all(&sorted.images, false, &mut |image| {
            for (_, hashed) in &image.hashes {
                if hashed.quality < LOW_QUALITY && !self.low_quality {
                    low += 1;
                    continue;
                }
                adding.images(&image.name, &[hashed.hash])?;
            }
            Ok(())
        })?;
        if low > 0 {
            tell(&format!(
                "{} below quality {LOW_QUALITY} left out: add them with --low-quality",
                counted(low, "image", "images")
            ));
        }
        Ok(low + totals.unread)
    }
}

fn videos(sorted: &Sorted, adding: &mut Adding<'_>) -> anyhow::Result<u64> {
    let mut unread = 0;
    for path in &sorted.videos {
        match video::frames(path) {
            Ok(frames) => adding.images(&path.display().to_string(), &frames)?,
            Err(error) => {
                unread += 1;
                tell_error(&error);
            }
        }
    }
    Ok(unread)
}

/// Writes indicators.
struct Adding<'t> {
    template: &'t Template,
    labels: Vec<String>,
    taking: Taking<'t>,
    names: bool,
    added: u64,
}

impl Adding<'_> {
    fn images(&mut self, name: &str, hashes: &[Pdq]) -> anyhow::Result<()> {
        let line = self.added + 1;
        let kind = match hashes.len() {
            1 => "Known image",
            _ => "Known video",
        };
        self.add(kind, (name, line), name, &wording::of_images(hashes), None)
    }

    /// The id follows from creator and pattern: the same content of the same party is one signal.
    fn add(
        &mut self,
        kind: &str,
        (file, line): (&str, u64),
        name: &str,
        pattern: &str,
        label: Option<&str>,
    ) -> anyhow::Result<()> {
        self.added += 1;
        let labels: Vec<&str> = self
            .labels
            .iter()
            .map(String::as_str)
            .chain(label)
            .collect();
        let name = Some(name).filter(|name| self.names && !name.is_empty());
        let draft = known_content(self.template.creator_id(), pattern, self.template.now())
            .set("name", name.unwrap_or(kind))
            .set("labels", labels)
            .said_by(None, self.template.marking());
        self.taking.take_made(file, line, draft.bytes().into())
    }
}
