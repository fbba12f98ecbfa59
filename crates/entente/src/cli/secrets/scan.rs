//! `entente secrets scan`: which files hold passages of protected documents.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use detect::secrets::canary::{Finder, Form};
use detect::secrets::{Index, Leak, Match, Protected, Scanner, Share, drafts};
use matching::text::Key;
use serde::Serialize;
use stix::Timestamp;

use super::canary::{Copies, Recipients};
use super::report::{self, Report};
use super::walk::{Found, files};
use super::{load, work};
use crate::cli::input::{self, once, tell_if_waiting};
use crate::cli::output::{FOUND, Out, PLACE, count, counted, plain, tell};
use crate::cli::share::Sharing;
use crate::cli::{Exit, Failure};
use crate::document::{Event, Limits, Place, read_file, read_stream};

/// Places that are remembered back from where the text is: runs of letters may be spread.
const PLACES: usize = 4096;

/// Find passages of protected documents in files, mail, archives and dumps of web pages
///
/// Tells which protected document a text shares how many fingerprints with, and where. It does not
/// tell who passed it on, nor which was first: a person looks. Passages of 50 letters and more are
/// always found when the settings are the usual ones; at least three shared fingerprints are asked
/// for, about 100 letters. No text is sent anywhere, nor printed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente secrets scan outbox/ --protected plans.set --key-file secrets.key
  entente secrets scan mail.mbox dump.zip site.html --protected plans.set --key-file secrets.key
  entente secrets scan - --protected plans.set --key-file secrets.key --fail-on-match < paste.txt
  entente secrets scan outbox/ --protected plans.set --key-file secrets.key --report leaks.html
  entente secrets scan dump/ --protected plans.set --key-file secrets.key --publish leaks --data d")]
pub(crate) struct Scan {
    /// Files and directories ('-' is stdin)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The protected set, as 'entente secrets protect' wrote it
    #[arg(long, value_name = "FILE")]
    protected: PathBuf,
    /// Only texts that share at least so many fingerprints with a document
    #[arg(long, value_name = "M", default_value_t = 3)]
    #[arg(value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    min_shared: u32,
    #[command(flatten)]
    copies: Copies,
    /// MiB that are unpacked of one file at most
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().unpacked >> 20)]
    max_unpacked: u64,
    /// Archives within each other that are followed
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth)]
    max_depth: u32,
    /// When the texts were seen, in RFC 3339; absent: when the files last changed
    #[arg(long, value_name = "TIME")]
    seen: Option<String>,
    /// Write a report for people to this file (HTML)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something was found
    #[arg(long)]
    fail_on_match: bool,
    /// Exit with 3 when something could not be read
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    sharing: Sharing,
}

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
struct Scanned {
    findings: Vec<Finding>,
    unread: Vec<String>,
    texts: u64,
    octets: u64,
    fingerprints: u64,
    /// Fingerprints shared in texts without a finding.
    stray: u64,
    of_stray: u64,
    seen: Option<Timestamp>,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    document: DocumentRow<'r>,
    shared: u32,
    of_document: u32,
    of_text: u64,
    /// How much of the document is in the text, with its 95 % interval.
    share: ShareRow,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_cut: bool,
    passages: Vec<PassageRow>,
}

#[derive(Serialize)]
struct DocumentRow<'r> {
    id: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'r str,
}

#[derive(Serialize)]
struct ShareRow {
    low: f64,
    counted: f64,
    high: f64,
}

#[derive(Serialize)]
struct PassageRow {
    /// Octets of the text, as it was read.
    start: u64,
    end: u64,
    shared: u32,
    place: String,
}

#[derive(Serialize)]
struct MarkRow<'r> {
    file: &'r str,
    copy: &'r str,
    form: &'static str,
    times: u64,
    place: String,
}

impl Scan {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        once(self.paths.iter().map(PathBuf::as_path))?;
        let key = self.sharing.require_key()?;
        let terms = self.sharing.terms()?;
        let seen = self.seen.as_deref().map(time).transpose()?;
        let set = load(&self.protected, &key)?;
        let index = Index::of(&set);
        let recipients = self.copies.read(&key)?;
        let found = files(&self.paths)?;
        tell_if_waiting(&self.paths);
        let bar = input::bar_of(Some(found.iter().map(|one| one.size).sum()));
        let job = Job {
            set: &set,
            index: &index,
            key: &key,
            minimum: self.min_shared,
            recipients: &recipients,
            limits: Limits {
                depth: self.max_depth,
                unpacked: self.max_unpacked << 20,
                ..Limits::default()
            },
        };
        let one = |file: Found| {
            let scanned = job.scan(&file);
            bar.inc(file.size);
            scanned
        };
        let mut out = Out::new();
        let mut all = Scanned::default();
        work::in_order(found, one, |mut scanned| {
            for words in &scanned.unread {
                bar.suspend(|| tell(words));
            }
            for finding in &scanned.findings {
                print(&mut out, self.json, finding, &set, &recipients)?;
            }
            if !scanned.findings.is_empty() {
                all.seen = all.seen.max(scanned.seen);
            }
            all.findings.append(&mut scanned.findings);
            all.unread.append(&mut scanned.unread);
            all.texts += scanned.texts;
            all.octets += scanned.octets;
            all.fingerprints += scanned.fingerprints;
            all.stray += scanned.stray;
            all.of_stray += scanned.of_stray;
            Ok(())
        })?;
        bar.finish_and_clear();
        out.flush()?;
        tell_sum(&all, &set);
        if let Some(path) = &self.report {
            report::write(path, &self.told(&all, &set, &recipients))?;
        }
        let leaks = leaks(&all, &set, &index, seen.or(all.seen));
        if self.sharing.is_wanted() && !leaks.is_empty() && seen.or(all.seen).is_none() {
            let words = "when was stdin's text seen? Say so with --seen TIME";
            return Err(Failure::usage(words).into());
        }
        let objects = drafts(
            &leaks,
            set.settings(),
            terms.creator(),
            Some(terms.marking()),
        );
        self.sharing.share(&terms, &objects)?;
        Ok(if self.fail_on_match && !all.findings.is_empty() {
            Exit::Found
        } else if self.strict && !all.unread.is_empty() {
            Exit::Local
        } else {
            Exit::Done
        })
    }

    fn told<'r>(
        &self,
        all: &'r Scanned,
        set: &'r Protected,
        recipients: &'r Recipients,
    ) -> Report<'r> {
        Report {
            findings: &all.findings,
            unread: &all.unread,
            texts: all.texts,
            octets: all.octets,
            set,
            recipients,
            minimum: self.min_shared,
            stray: (all.stray, all.of_stray),
        }
    }
}

fn time(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text).map_err(|error| Failure::usage(format!("--seen {text}: {error}")).into())
}

/// What each file is scanned for.
struct Job<'j> {
    set: &'j Protected,
    index: &'j Index,
    key: &'j Key,
    minimum: u32,
    recipients: &'j Recipients,
    limits: Limits,
}

impl Job<'_> {
    fn scan(&self, file: &Found) -> Scanned {
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

fn print(
    out: &mut Out,
    json: bool,
    finding: &Finding,
    set: &Protected,
    recipients: &Recipients,
) -> anyhow::Result<()> {
    match &finding.what {
        What::Passages(found) if json => out.json(&row(&finding.file, found, set))?,
        What::Passages(found) => {
            let label = label(set, found.document);
            let Share { low, counted, high } = found.share();
            let share = format!(
                "{:.0} % of it, {:.0} to {:.0}",
                counted * 100.0,
                low * 100.0,
                high * 100.0
            );
            let places: Vec<String> = found
                .passages
                .iter()
                .take(SHOWN)
                .map(|one| one.place.to_string())
                .collect();
            let more = found.passages.len().saturating_sub(SHOWN);
            out.line(&format!(
                "{} {} of {} ({share}) at {}{}",
                out.paint(PLACE, &format!("{}:", plain(&finding.file))),
                crate::cli::output::counted(u64::from(found.shared), "fingerprint", "fingerprints"),
                out.paint(FOUND, &plain(&label)),
                places.join("; "),
                if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                },
            ))?;
        }
        What::Mark(mark) => {
            let copy = recipients.name(mark.recipient);
            if json {
                out.json(&MarkRow {
                    file: &finding.file,
                    copy,
                    form: form(mark.form),
                    times: mark.times,
                    place: mark.place.to_string(),
                })?;
            } else {
                out.line(&format!(
                    "{} {}",
                    out.paint(PLACE, &format!("{}:", plain(&finding.file))),
                    mark_line(mark, &out.paint(FOUND, &plain(copy))),
                ))?;
            }
        }
    }
    Ok(())
}

/// Places that are shown of a finding.
const SHOWN: usize = 5;

/// Bears the mark of the copy made for somebody.
pub(super) fn mark_line(mark: &Marked, copy: &str) -> String {
    format!(
        "the mark of the copy made for {copy} ({}, {}) at {}",
        form(mark.form),
        counted(mark.times, "time", "times"),
        mark.place,
    )
}

pub(super) fn form(form: Form) -> &'static str {
    match form {
        Form::Letters => "serial",
        Form::Invisible => "invisible",
    }
}

/// A document's name, or its number.
pub(super) fn label(set: &Protected, document: usize) -> String {
    let document = set.documents().get(document);
    document.map_or_else(String::new, detect::secrets::Document::label)
}

fn row<'r>(file: &'r str, found: &Match<Place>, set: &'r Protected) -> Row<'r> {
    let document = set.documents().get(found.document);
    let rounded = |share: f64| (share * 10_000.0).round() / 10_000.0;
    let share = found.share();
    Row {
        file,
        document: DocumentRow {
            id: document.map_or_else(String::new, |one| format!("{:016x}", one.id)),
            name: document.map_or("", |one| &one.name),
        },
        shared: found.shared,
        of_document: found.of_document,
        of_text: found.of_text,
        share: ShareRow {
            low: rounded(share.low),
            counted: rounded(share.counted),
            high: rounded(share.high),
        },
        is_cut: found.is_cut,
        passages: found
            .passages
            .iter()
            .map(|one| PassageRow {
                start: one.start,
                end: one.end,
                shared: one.shared,
                place: one.place.to_string(),
            })
            .collect(),
    }
}

fn tell_sum(all: &Scanned, set: &Protected) {
    tell(&format!(
        "{} against {}: {}, {} could not be read",
        counted(all.texts, "text", "texts"),
        counted(
            set.documents().len() as u64,
            "protected document",
            "protected documents"
        ),
        counted(all.findings.len() as u64, "finding", "findings"),
        count(all.unread.len() as u64),
    ));
    if all.stray > 0 {
        tell(&format!(
            "in texts without a finding {} of {} were shared: that much is coincidence here",
            count(all.stray),
            counted(all.of_stray, "fingerprint", "fingerprints"),
        ));
    }
}

/// Findings by protected document.
fn leaks(all: &Scanned, set: &Protected, index: &Index, seen: Option<Timestamp>) -> Vec<Leak> {
    let mut by_document: BTreeMap<usize, Leak> = BTreeMap::new();
    for finding in &all.findings {
        let What::Passages(found) = &finding.what else {
            continue;
        };
        let (Some(document), Some(seen)) = (set.documents().get(found.document), seen) else {
            continue;
        };
        let of_document = index.counted(u32::try_from(found.document).unwrap_or(u32::MAX));
        let leak = by_document.entry(found.document).or_insert_with(|| Leak {
            document: document.id,
            texts: 0,
            fingerprints: Vec::new(),
            of_document,
            seen,
        });
        leak.texts += 1;
        leak.fingerprints.extend_from_slice(&found.fingerprints);
    }
    let mut leaks: Vec<Leak> = by_document.into_values().collect();
    for leak in &mut leaks {
        leak.fingerprints.sort_unstable();
        leak.fingerprints.dedup();
    }
    leaks
}
