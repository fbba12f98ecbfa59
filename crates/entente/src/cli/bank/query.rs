//! `entente bank match`: what of banks is in texts, images and videos.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use matching::pdq::NEAR;
use matching::text::{Key, Neighbourhood, Skeleton};

use super::known::{Known, Signal};
use super::queue::{Hit, Queue};
use super::sorting::{Sorted, sort};
use super::video;
use crate::cli::key::KeyFile;
use crate::cli::output::{FAINT, FOUND, Out, PLACE, counted, plain, tell, tell_error};
use crate::cli::pdq::images::hash_all;
use crate::cli::target::Where;
use crate::cli::text::texts::{Reading, Text, What, tell_unfit};
use crate::cli::{Exit, Failure, input};

/// Characters of the longest text shown to a person.
const SHOWN: usize = 160;

/// Find what is in banks among texts, images and videos
///
/// The banks are read from the node and searched here: nothing of what is asked about leaves this
/// machine. A text is hit by one with the same letters, or an edit away, in whatever spelling; an
/// image by one within 31 of 256 bits, also turned or mirrored. Every hit is for a person to look
/// at: with --queue they wait for 'entente bank review'.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente bank match posts.csv --bank slurs --key-file circle.key --data d
  entente bank match uploads/ clip.mp4 --server https://node.example --json
  entente bank match uploads/ --data d --queue review.ndjson
  entente bank match posts.txt --key-file circle.key --data d --fail-on-match")]
pub(crate) struct Match {
    /// Files with texts ('-' is stdin), images, videos; directories of images
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Where,
    /// Only this bank; repeat for more. All that may be read when absent
    #[arg(long = "bank", value_name = "NAME")]
    banks: Vec<String>,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    reading: Reading,
    /// How many of the 256 bits of an image's hash may differ
    #[arg(long, value_name = "BITS", default_value_t = NEAR)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=64))]
    distance: u32,
    /// Add the hits to this file, where they wait for a person
    #[arg(long, value_name = "FILE")]
    queue: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something matched
    #[arg(long = "fail-on-match")]
    fail: bool,
}

impl Match {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let sorted = sort(&self.files)?;
        input::once(sorted.texts.iter().map(PathBuf::as_path))?;
        let key = if sorted.texts.is_empty() {
            None
        } else {
            Some(self.key.require()?)
        };
        let queue = self.queue.as_deref().map(Queue::open).transpose()?;
        let target = self.place.open()?;
        let known = Known::read(&target, &target.readable(&self.banks)?, key.as_ref())?;
        drop(target);
        let mut matching = Matching {
            known: &known,
            out: Out::new(),
            json: self.json,
            hits: Vec::new(),
            keep: queue.is_some(),
            found: 0,
        };
        let mut totals = Totals::default();
        let done = self.all(&sorted, key.as_ref(), &mut matching, &mut totals);
        matching.out.flush()?;
        done?;
        let (found, hits) = (matching.found, matching.hits);
        totals.tell(&known, key.is_some(), found);
        if let Some(mut queue) = queue {
            let added = queue.add(hits)?;
            let waiting = counted(queue.waiting().len() as u64, "hit waits", "hits wait");
            tell(&format!(
                "{added} new in the queue; {waiting} for 'entente bank review'"
            ));
        }
        Ok(match (self.fail && found > 0, totals.unread) {
            (true, _) => Exit::Found,
            (false, 0) => Exit::Done,
            (false, _) => Exit::Local,
        })
    }

    fn all(
        &self,
        sorted: &Sorted,
        key: Option<&Key>,
        matching: &mut Matching<'_>,
        totals: &mut Totals,
    ) -> anyhow::Result<()> {
        if let Some(key) = key {
            let bar = input::bar(&sorted.texts);
            let mut unfit = 0;
            let read = self
                .reading
                .read(&sorted.texts, &bar, &mut |text: Text<'_>| {
                    let What::Text(bytes) = &text.what else {
                        return Err(Failure::usage("hashes are for 'entente bank add'").into());
                    };
                    let Ok(skeleton) = Skeleton::of(bytes) else {
                        unfit += 1;
                        return Ok(());
                    };
                    matching.text(&text, bytes, &Neighbourhood::of(key, &skeleton))
                });
            bar.finish_and_clear();
            let read = read?;
            tell_unfit(unfit);
            (totals.texts, totals.unread) = (read.texts, read.unread);
        }
        if !sorted.images.is_empty() {
            let hashed = hash_all(&sorted.images, true, &mut |image| {
                let turns = image.hashes.iter();
                let turns = turns.map(|(turn, hashed)| (Some(turn.as_str()), hashed.hash));
                let found = matching.near(turns, self.distance);
                matching.images("image", &image.name, found, None)
            })?;
            totals.images = hashed.hashed;
            totals.unread += hashed.unread;
        }
        for path in &sorted.videos {
            match video::frames(path) {
                Ok(frames) => {
                    totals.videos += 1;
                    let found =
                        matching.near(frames.iter().map(|hash| (None, *hash)), self.distance);
                    let looked_at = Some(frames.len() as u64);
                    matching.images("video", &path.display().to_string(), found, looked_at)?;
                }
                Err(error) => {
                    totals.unread += 1;
                    tell_error(&error);
                }
            }
        }
        Ok(())
    }
}

/// The nearest of a signal's hashes: its distance, the turn, and how many of those asked about hit.
struct Nearest {
    distance: u32,
    turn: Option<&'static str>,
    hit: u64,
}

struct Matching<'k> {
    known: &'k Known,
    out: Out,
    json: bool,
    hits: Vec<Hit>,
    /// Whether hits are kept for a queue.
    keep: bool,
    found: u64,
}

impl<'k> Matching<'k> {
    fn text(
        &mut self,
        text: &Text<'_>,
        bytes: &[u8],
        hashes: &Neighbourhood,
    ) -> anyhow::Result<()> {
        for (signal, same) in self.known.of_text(hashes) {
            let mut hit = of(signal, "text", text.file);
            hit.line = Some(text.line);
            hit.id.clone_from(&text.id);
            hit.text = Some(String::from_utf8_lossy(bytes).into_owned());
            hit.same = Some(same);
            self.hand_over(hit)?;
        }
        Ok(())
    }

    /// The signals near any of these hashes, by their ids.
    fn near(
        &self,
        hashes: impl Iterator<Item = (Option<&'static str>, matching::pdq::Pdq)>,
        distance: u32,
    ) -> BTreeMap<&'k str, (&'k Signal, Nearest)> {
        let mut found: BTreeMap<&str, (&Signal, Nearest)> = BTreeMap::new();
        for (turn, hash) in hashes {
            for (signal, near) in self.known.of_image(&hash, distance) {
                let (_, nearest) = found.entry(&signal.id).or_insert_with(|| {
                    let (distance, hit) = (near.distance, 0);
                    (
                        signal,
                        Nearest {
                            distance,
                            turn,
                            hit,
                        },
                    )
                });
                nearest.hit += 1;
                if near.distance < nearest.distance {
                    (nearest.distance, nearest.turn) = (near.distance, turn);
                }
            }
        }
        found
    }

    fn images(
        &mut self,
        kind: &str,
        file: &str,
        found: BTreeMap<&str, (&Signal, Nearest)>,
        looked_at: Option<u64>,
    ) -> anyhow::Result<()> {
        let mut found: Vec<_> = found.into_values().collect();
        found.sort_by_key(|(_, nearest)| nearest.distance);
        for (signal, nearest) in found {
            let mut hit = of(signal, kind, file);
            hit.distance = Some(nearest.distance);
            hit.turn = nearest.turn.map(Into::into);
            hit.frames = looked_at.map(|frames| (nearest.hit, frames));
            self.hand_over(hit)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, hit: Hit) -> anyhow::Result<()> {
        self.found += 1;
        if self.json {
            self.out.json(&hit)?;
        } else {
            let line = words(&self.out, &hit);
            self.out.line(&line)?;
        }
        if self.keep {
            self.hits.push(hit);
        }
        Ok(())
    }
}

fn of(signal: &Signal, kind: &str, file: &str) -> Hit {
    Hit {
        kind: kind.to_owned(),
        file: file.to_owned(),
        line: None,
        id: None,
        text: None,
        signal: signal.id.clone(),
        name: signal.name.clone(),
        bank: signal.bank.clone(),
        marking: signal.marking.clone(),
        same: None,
        distance: None,
        turn: None,
        frames: None,
    }
}

/// `posts.txt:7 an edit from indicator--… in slurs (TLP:AMBER) | the text`
pub(super) fn words(out: &Out, hit: &Hit) -> String {
    let line = hit.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = format!("{}{line}", plain(&hit.file));
    let how = match (hit.same, hit.distance, hit.frames) {
        (Some(true), ..) => "the letters of".to_owned(),
        (Some(false), ..) => "an edit from".to_owned(),
        (_, bits, Some((hit, of))) => {
            let bits = counted(bits.unwrap_or_default().into(), "bit", "bits");
            format!("{hit} of {of} frames, {bits} from")
        }
        (_, bits, None) => {
            let turn = hit.turn.as_deref().filter(|turn| *turn != "original");
            let turn = turn.map(|turn| format!(" ({turn})")).unwrap_or_default();
            let bits = counted(bits.unwrap_or_default().into(), "bit", "bits");
            format!("{bits}{turn} from")
        }
    };
    let name = hit
        .name
        .as_deref()
        .map(|name| format!(" \"{}\"", plain(name)));
    let text = hit.text.as_deref().map(|text| {
        let shown: String = text.chars().take(SHOWN).collect();
        format!(" | {}", out.paint(FOUND, &plain(&shown)))
    });
    format!(
        "{} {how} {}{} in {} {}{}",
        out.paint(PLACE, &place),
        hit.signal,
        name.unwrap_or_default(),
        plain(&hit.bank),
        out.paint(FAINT, &format!("({})", hit.marking)),
        text.unwrap_or_default(),
    )
}

#[derive(Debug, Default)]
struct Totals {
    texts: u64,
    images: u64,
    videos: u64,
    unread: u64,
}

impl Totals {
    fn tell(&self, known: &Known, has_texts: bool, found: u64) {
        let asked = [
            (self.texts, "text", "texts"),
            (self.images, "image", "images"),
            (self.videos, "video", "videos"),
        ];
        let asked = asked.into_iter().filter(|(number, ..)| *number > 0);
        let asked: Vec<String> = asked.map(|(n, one, many)| counted(n, one, many)).collect();
        tell(&format!(
            "{} against {} and {}: {}",
            if asked.is_empty() {
                "nothing".to_owned()
            } else {
                asked.join(", ")
            },
            counted(known.texts(), "known text", "known texts"),
            counted(known.image_signals, "image or video", "images and videos"),
            counted(found, "hit", "hits"),
        ));
        if has_texts && known.foreign > 0 {
            tell(&format!(
                "{} of the banks under another key: they were not compared",
                counted(known.foreign, "text is", "texts are")
            ));
        }
    }
}
