//! Files as observations: STIX objects, and logs through [`matching::logs`].

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use matching::logs::{self, Column, Format, Mapper, Record};
use stix::Timestamp;
use stix::pattern::{Observable, Observation, observations};

use super::source::{LONGEST, is_one_document, read_whole};
use crate::cli::input::{self, Head, Input, Line, read_line, without_mark};
use crate::cli::output::{counted, tell, tell_error};

/// Octets of observables that observed data further down the file may name.
const REMEMBERED: usize = 64 << 20;
/// Different things that can be wrong with lines.
const KINDS: usize = 50;

/// An observation, and where it stands.
pub(super) struct Place<'s, 'a> {
    file: &'s Arc<str>,
    /// None in a document over many lines.
    line: Option<u64>,
    /// Whether the observation has an id of its own.
    named: bool,
    pub(super) observation: &'s Observation<'a>,
}

/// What is told of an observation in a match.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) file: Arc<str>,
    pub(super) line: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// The object that a pattern holds for, as JSON, and in a few words.
    pub(super) object: String,
    pub(super) words: String,
}

impl Place<'_, '_> {
    /// What is told of it, when an expression holds for the object at a place.
    pub(super) fn label(&self, object: usize) -> Arc<Seen> {
        let observation = self.observation;
        let object = observation.object(object);
        Arc::new(Seen {
            file: Arc::clone(self.file),
            line: self.line,
            id: self.named.then(|| observation.id().to_owned()),
            first: observation.first(),
            last: observation.last(),
            object: object.map_or("null", Observable::raw).to_owned(),
            words: object
                .map(|object| words(observation, object))
                .unwrap_or_default(),
        })
    }
}

/// An object in a few words.
fn words(observation: &Observation<'_>, object: &Observable<'_>) -> String {
    let kind = object.type_name();
    if kind == "network-traffic" {
        let end = |reference: &str, port: &str| {
            let named = object.text(reference);
            let named = named.and_then(|id| observation.object(observation.place_of(&id)?));
            let value = named.and_then(|object| object.text("value"));
            let value = value.as_deref().unwrap_or("?").to_owned();
            match object.property(port) {
                Some(port) => format!("{value}:{port}"),
                None => value,
            }
        };
        let (source, target) = (end("src_ref", "src_port"), end("dst_ref", "dst_port"));
        return format!("{kind} {source} → {target}");
    }
    let telling = [
        "value",
        "name",
        "path",
        "key",
        "account_login",
        "user_id",
        "command_line",
        "subject",
    ];
    let value = telling.iter().find_map(|name| object.text(name));
    match value.or_else(|| first_digest(object)) {
        Some(value) => format!("{kind} {value}"),
        None => kind.to_owned(),
    }
}

fn first_digest<'a>(object: &Observable<'a>) -> Option<std::borrow::Cow<'a, str>> {
    let mut digest = None;
    // what is no dictionary has no digest
    let _ = stix::json::each_member(object.property("hashes")?, |_, raw| {
        if digest.is_none() {
            digest = stix::json::string(raw);
        }
    });
    digest
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) lines: u64,
    pub(super) observations: u64,
    pub(super) files: u64,
    /// Files that could not be read, or not to their end.
    pub(super) unread: u64,
}

/// Reads one file after the other.
pub(super) struct Reader<'r> {
    format: Option<Format>,
    columns: &'r [Column],
    bar: &'r ProgressBar,
    totals: Totals,
    /// What was wrong with lines: how many, and where first.
    wrong: BTreeMap<String, (u64, String)>,
    /// References to observables that did not stand before.
    unresolved: u64,
}

type OnSeen<'f> = dyn FnMut(&Place<'_, '_>) -> anyhow::Result<()> + 'f;
/// What is done with each line.
type OnLine<'f, 'r> = dyn FnMut(&mut Reader<'r>, &Lines<'_>, &[u8]) -> anyhow::Result<()> + 'f;

/// Lines that were taken, and the place of the one at hand.
struct Lines<'l> {
    file: &'l Arc<str>,
    number: u64,
}

impl<'r> Reader<'r> {
    pub(super) fn new(format: Option<Format>, columns: &'r [Column], bar: &'r ProgressBar) -> Self {
        Reader {
            format,
            columns,
            bar,
            totals: Totals::default(),
            wrong: BTreeMap::new(),
            unresolved: 0,
        }
    }

    /// Reads a file; what cannot be read is told and counted.
    ///
    /// # Errors
    /// What `on_seen` gives.
    pub(super) fn file(&mut self, path: &Path, on_seen: &mut OnSeen<'_>) -> anyhow::Result<()> {
        let mut failed = None;
        let read = self.read(path, &mut |place| {
            on_seen(place).map_err(|error| {
                failed = Some(error);
                anyhow::anyhow!("stopped")
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if let Err(error) = read {
            self.totals.unread += 1;
            self.bar.suspend(|| tell_error(&error));
        }
        Ok(())
    }

    fn read(&mut self, path: &Path, on_seen: &mut OnSeen<'_>) -> anyhow::Result<()> {
        let live = path.as_os_str() == "-";
        let wait = if live { Head::Live } else { Head::Whole };
        let input = input::open(path, self.bar, wait)?;
        let name = input.name.clone();
        let Some(format) = self.format.or_else(|| logs::guess(&input.head)) else {
            bail!(
                "{name}: cannot tell how it is written; say it with --format, or name the columns \
                 of CSV with --map"
            );
        };
        self.totals.files += 1;
        match Mapper::new(format, self.columns) {
            Some(mapper) => self.log(input, mapper, on_seen),
            None => self.stix(input, on_seen),
        }
    }

    fn log(
        &mut self,
        mut input: Input,
        mut mapper: Mapper,
        on_seen: &mut OnSeen<'_>,
    ) -> anyhow::Result<()> {
        let file: Arc<str> = input.name.as_str().into();
        let mut record = Record::default();
        let mut lines = Lines {
            file: &file,
            number: 0,
        };
        self.each_line(&mut input, &mut lines, &mut |reader, lines, line| {
            match mapper.line(line, &mut record) {
                logs::Line::Nothing => {}
                logs::Line::Wrong(wrong) => reader.count_wrong(lines, &wrong.to_string()),
                logs::Line::Seen => {
                    reader.totals.observations += 1;
                    return on_seen(&Place {
                        file: lines.file,
                        line: Some(lines.number),
                        named: false,
                        observation: &record.observation("observed-data"),
                    });
                }
            }
            if lines.number == 1 {
                let missing = mapper.missing_columns();
                if !missing.is_empty() {
                    let names = missing.join(", ");
                    bail!(
                        "{}: there is no column {names}; the header is its first line",
                        lines.file
                    );
                }
                if mapper.is_timeless() {
                    let words = "no column is the time: all lines count as seen at once; name it \
                                 with --map COLUMN=observed-data:first_observed";
                    reader
                        .bar
                        .suspend(|| tell(&format!("{}: {words}", lines.file)));
                }
            }
            Ok(())
        })
    }

    fn stix(&mut self, mut input: Input, on_seen: &mut OnSeen<'_>) -> anyhow::Result<()> {
        let file: Arc<str> = input.name.as_str().into();
        let mut memory = Memory::default();
        if is_one_document(&input.head) {
            let bytes = read_whole(&mut input)?;
            let lines = Lines {
                file: &file,
                number: 0,
            };
            self.totals.lines += memchr::memchr_iter(b'\n', &bytes).count() as u64;
            return self.objects(&lines, without_mark(&bytes), &mut memory, on_seen);
        }
        let mut lines = Lines {
            file: &file,
            number: 0,
        };
        self.each_line(&mut input, &mut lines, &mut |reader, lines, line| {
            let line = without_mark(line).trim_ascii();
            if line.is_empty() {
                return Ok(());
            }
            reader.objects(lines, line, &mut memory, on_seen)
        })
    }

    /// Reads lines of bounded length.
    fn each_line(
        &mut self,
        input: &mut Input,
        lines: &mut Lines<'_>,
        each: &mut OnLine<'_, 'r>,
    ) -> anyhow::Result<()> {
        let mut buffer = Vec::new();
        loop {
            let line = read_line(&mut input.stream, &mut buffer, LONGEST)
                .with_context(|| format!("{}: it cannot be read on", input.name))?;
            if line == Line::End {
                return Ok(());
            }
            lines.number += 1;
            self.totals.lines += 1;
            if line == Line::TooLong {
                self.count_wrong(lines, "is longer than 16 MiB");
            } else {
                each(self, lines, &buffer)?;
            }
        }
    }

    /// The observations of a bundle, an envelope, or an object by itself.
    fn objects(
        &mut self,
        lines: &Lines<'_>,
        bytes: &[u8],
        memory: &mut Memory,
        on_seen: &mut OnSeen<'_>,
    ) -> anyhow::Result<()> {
        let container = stix::split(bytes);
        let (objects, is_alone) = match container {
            Ok(container) => (container.objects, false),
            Err(_) => (vec![bytes], true),
        };
        let mut named = Vec::new();
        if is_alone {
            let Some(object) = Observable::read(bytes) else {
                self.count_wrong(lines, "is no STIX object");
                return Ok(());
            };
            if object.type_name() != "observed-data" {
                memory.keep(object.id(), bytes);
                return Ok(());
            }
            self.unresolved += memory.named_by(&object, &mut named);
        }
        let all = named.iter().map(AsRef::as_ref).chain(objects);
        for observation in observations(all) {
            match observation {
                Err(wrong) => self.count_wrong(lines, &format!("observed data: {}", wrong.reason)),
                Ok(observation) => {
                    self.totals.observations += 1;
                    on_seen(&Place {
                        file: lines.file,
                        line: Some(lines.number).filter(|number| *number > 0),
                        named: true,
                        observation: &observation,
                    })?;
                }
            }
        }
        Ok(())
    }

    fn count_wrong(&mut self, lines: &Lines<'_>, why: &str) {
        let place = || match lines.number {
            0 => lines.file.to_string(),
            number => format!("{}:{number}", lines.file),
        };
        let why = if self.wrong.contains_key(why) || self.wrong.len() < KINDS {
            why
        } else {
            "has something else wrong with it"
        };
        match self.wrong.get_mut(why) {
            Some((number, _)) => *number += 1,
            None => drop(self.wrong.insert(why.to_owned(), (1, place()))),
        }
    }

    /// Tells what was left out; gives what was read.
    pub(super) fn finish(self) -> Totals {
        for (why, (number, place)) in &self.wrong {
            let lines = counted(*number, "line or object", "lines or objects");
            let words = crate::cli::output::plain(why);
            tell(&format!("{lines} left out: {words} (first: {place})"));
        }
        if self.unresolved > 0 {
            let references = counted(self.unresolved, "reference", "references");
            tell(&format!(
                "{references} to objects that do not stand before the observed data: put them on \
                 lines above it, or all into one bundle"
            ));
        }
        self.totals
    }
}

/// Observables that stood alone on a line, for the observed data that comes after them.
#[derive(Default)]
struct Memory {
    objects: HashMap<String, Arc<[u8]>>,
    order: VecDeque<String>,
    octets: usize,
}

impl Memory {
    fn keep(&mut self, id: &str, raw: &[u8]) {
        self.octets += raw.len();
        match self.objects.insert(id.to_owned(), raw.into()) {
            Some(old) => self.octets -= old.len(),
            None => self.order.push_back(id.to_owned()),
        }
        while self.octets > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            let gone = self.objects.remove(&oldest);
            self.octets -= gone.map_or(0, |gone| gone.len());
        }
    }

    /// Adds what observed data names, and what that names; how many are not there.
    fn named_by(&self, observed: &Observable<'_>, found: &mut Vec<Arc<[u8]>>) -> u64 {
        let mut missing = 0;
        let mut ids = Vec::new();
        let mut names = |raw: &str| {
            let _ = stix::json::each_item(raw, |item| {
                ids.extend(stix::json::string(item).map(std::borrow::Cow::into_owned));
            });
        };
        if let Some(refs) = observed.property("object_refs") {
            names(refs);
        }
        for id in ids {
            match self.objects.get(&id) {
                Some(raw) => found.push(Arc::clone(raw)),
                None => missing += 1,
            }
        }
        missing
    }
}
