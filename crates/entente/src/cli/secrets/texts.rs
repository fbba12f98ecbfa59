//! Scanning a file's texts for passages and marks.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use detect::secrets::canary::{Finder, Form};
use detect::secrets::{Index, Match, Protected, Scanner};
use matching::text::Key;
use stix::Timestamp;

use super::canary::Recipients;
use super::walk::Found;
use crate::cli::output::plain;
use crate::document::{Event, Limits, Place, read_file, read_stream};

/// Places that are remembered back from where the text is: runs of letters may be spread.
const PLACES: usize = 4096;

/// What was found in a text.
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) what: What,
}

pub(super) enum What {
    /// Passages of a protected document.
    Passages(Match<Place>),
    /// The mark of a recipient's copy, by its place in the list.
    Mark(Marked),
}

/// A mark in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) recipient: usize,
    pub(super) form: Form,
    pub(super) times: u64,
    /// The first.
    pub(super) place: Place,
}

/// What a file came to.
#[derive(Default)]
pub(super) struct Scanned {
    pub(super) findings: Vec<Finding>,
    pub(super) unread: Vec<String>,
    pub(super) texts: u64,
    pub(super) octets: u64,
    pub(super) fingerprints: u64,
    /// Fingerprints shared in texts without a finding.
    pub(super) stray: u64,
    pub(super) of_stray: u64,
    pub(super) seen: Option<Timestamp>,
}

impl Scanned {
    /// Adds what another file came to.
    pub(super) fn add(&mut self, other: &mut Scanned) {
        if !other.findings.is_empty() {
            self.seen = self.seen.max(other.seen);
        }
        self.findings.append(&mut other.findings);
        self.unread.append(&mut other.unread);
        self.texts += other.texts;
        self.octets += other.octets;
        self.fingerprints += other.fingerprints;
        self.stray += other.stray;
        self.of_stray += other.of_stray;
    }
}

/// What each file is scanned for.
pub(super) struct Job<'j> {
    pub(super) set: &'j Protected,
    pub(super) index: &'j Index,
    pub(super) key: &'j Key,
    pub(super) minimum: u32,
    pub(super) recipients: &'j Recipients,
    pub(super) limits: Limits,
}

impl Job<'_> {
    /// Scans a file.
    pub(super) fn scan(&self, file: &Found) -> Scanned {
        let mut scanned = Scanned {
            seen: modified(&file.path),
            ..Scanned::default()
        };
        let mut text = TextScan::new(self);
        let mut sink = |event: Event<'_>| match event {
            Event::Begin { name, .. } => {
                scanned.texts += 1;
                text.begin(name);
            }
            Event::Text(place, bytes) => {
                scanned.octets += bytes.len() as u64;
                text.feed(place, bytes);
            }
            Event::End => text.end(&mut scanned),
            Event::Unread { name, why } => {
                let words = format!("{}: {}", plain(name), plain(why));
                scanned.unread.push(words);
            }
        };
        if file.path.as_os_str() == "-" {
            read_stream("stdin", &mut io::stdin(), self.limits, &mut sink);
        } else {
            read_file(&file.path, self.limits, &mut sink);
        }
        scanned
    }
}

/// When a file last changed, to the second.
fn modified(path: &Path) -> Option<Timestamp> {
    let changed = fs::metadata(path).ok()?.modified().ok()?;
    let since = changed.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let micros = i64::try_from(since).ok()?.checked_mul(1_000_000)?;
    Some(Timestamp::from_micros(micros))
}

/// A text on its way.
struct TextScan<'j> {
    name: String,
    scanner: Scanner<'j, Place>,
    finder: Option<Finder>,
    marks: BTreeMap<(usize, bool), Marked>,
    places: Places,
}

impl<'j> TextScan<'j> {
    fn new(job: &Job<'j>) -> Self {
        TextScan {
            name: String::new(),
            scanner: Scanner::new(job.set, job.index, job.key, job.minimum),
            finder: job.recipients.finder(),
            marks: BTreeMap::new(),
            places: Places::default(),
        }
    }

    fn begin(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.places = Places::default();
    }

    fn feed(&mut self, place: Place, bytes: &[u8]) {
        self.places.add(place, bytes.len() as u64);
        let places = &self.places;
        self.scanner.feed(bytes, &mut |at| places.of(at));
        if let Some(finder) = &mut self.finder {
            let marks = &mut self.marks;
            finder.feed(bytes, &mut |recipient, form, _| {
                let mark = marks
                    .entry((recipient, form == Form::Invisible))
                    .or_insert(Marked {
                        recipient,
                        form,
                        times: 0,
                        place,
                    });
                mark.times += 1;
            });
        }
    }

    fn end(&mut self, scanned: &mut Scanned) {
        let places = &self.places;
        let (selected, shared) = self.scanner.counts();
        let matches = self.scanner.finish(&mut |at| places.of(at));
        scanned.fingerprints += selected;
        if matches.is_empty() {
            scanned.stray += shared;
            scanned.of_stray += selected;
        }
        if let Some(finder) = &mut self.finder {
            finder.finish();
        }
        let marks = std::mem::take(&mut self.marks)
            .into_values()
            .map(What::Mark);
        let found = matches.into_iter().map(What::Passages).chain(marks);
        scanned.findings.extend(found.map(|what| Finding {
            file: self.name.clone(),
            what,
        }));
    }
}

/// Where the last pieces of a text stand.
#[derive(Default)]
struct Places {
    at: u64,
    /// Where each begins in the text.
    starts: VecDeque<(u64, Place)>,
}

impl Places {
    fn add(&mut self, place: Place, length: u64) {
        if self.starts.back().map(|last| last.1) != Some(place) {
            if self.starts.len() >= PLACES {
                self.starts.pop_front();
            }
            self.starts.push_back((self.at, place));
        }
        self.at += length;
    }

    fn of(&self, at: u64) -> Place {
        let before = self.starts.partition_point(|(start, _)| *start <= at);
        match self.starts.get(before.saturating_sub(1)) {
            // a piece is told by where it begins
            Some((start, Place::Octet(first))) => Place::Octet(first + at.saturating_sub(*start)),
            Some((_, place)) => *place,
            None => Place::Octet(at),
        }
    }
}
