//! Matches of patterns as lines and JSON, and the sums below.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;
use matching::patterns::{Lost, Match};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Rest;
use super::read::{Seen, Totals};
use super::source::{Known, Library};
use crate::cli::output::{FAINT, FOUND, Out, PLACE, STRONG, count, counted, plain, tell};

/// Characters of a pattern on a line.
const LONGEST: usize = 200;

/// What matched.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Matches that are cause for alarm.
    pub(super) fired: u64,
    patterns: HashSet<u64>,
    /// Matches that are not, and why.
    silent: u64,
    why: BTreeMap<&'static str, u64>,
}

/// Prints matches.
pub(super) struct Printer<'p> {
    library: &'p Library,
    out: Out,
    json: bool,
    explain: bool,
    bar: ProgressBar,
    /// Whether somebody waits for each line.
    live: bool,
    hits: Hits,
}

/// A match as JSON.
#[derive(Serialize)]
struct Printed<'p> {
    /// Of the observation that completed it.
    file: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    pattern_id: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'p str>,
    pattern: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    collection: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    harm: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marking: Option<&'p str>,
    fires: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<&'static str>,
    observed: Vec<Observed<'p>>,
}

/// An observation of a match.
#[derive(Serialize)]
struct Observed<'p> {
    file: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'p str>,
    #[serde(rename = "first_observed")]
    first: String,
    #[serde(rename = "last_observed")]
    last: String,
    /// The object that the pattern holds for.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'p RawValue>,
}

impl<'p> Printer<'p> {
    pub(super) fn new(library: &'p Library, rest: &Rest<'_>, bar: ProgressBar) -> Self {
        let out = Out::new();
        Printer {
            library,
            live: out.is_terminal() || rest.files.iter().any(|file| file.as_os_str() == "-"),
            out,
            json: rest.json,
            explain: rest.explain,
            bar,
            hits: Hits::default(),
        }
    }

    /// Prints a match.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn print(&mut self, found: &Match<Arc<Seen>>) -> anyhow::Result<()> {
        let library = self.library;
        let (Some(known), Some(last)) = (library.known(found.id), found.seen.last()) else {
            return Ok(());
        };
        let first = found.seen.iter().map(|seen| seen.first).min();
        let end = found.seen.iter().map(|seen| seen.last).max();
        let why = known.why(first.unwrap_or(last.first), end.unwrap_or(last.last));
        if why.is_empty() {
            self.hits.fired += 1;
            self.hits.patterns.insert(found.id);
        } else {
            self.hits.silent += 1;
            for word in &why {
                *self.hits.why.entry(*word).or_default() += 1;
            }
            if !self.explain {
                return Ok(());
            }
        }
        if self.json {
            let printed = Printed::of(known, found, last, why);
            self.out.json(&printed)?;
        } else {
            let line = self.line(known, found, last, &why);
            self.out.line(&line)?;
        }
        if self.live {
            self.bar.suspend(|| self.out.flush())?;
        }
        Ok(())
    }

    /// `log:12 when what | name | pattern | published by whom | harm | marking`
    fn line(
        &self,
        known: &Known,
        found: &Match<Arc<Seen>>,
        last: &Seen,
        why: &[&'static str],
    ) -> String {
        let place = |seen: &Seen| match seen.line {
            Some(line) => format!("{}:{line}", plain(&seen.file)),
            None => format!(
                "{}:{}",
                plain(&seen.file),
                plain(seen.id.as_deref().unwrap_or("?"))
            ),
        };
        let places: Vec<String> = found.seen.iter().map(|seen| place(seen)).collect();
        let name = known.name.as_deref().unwrap_or(&known.id);
        let mut pattern: String = known.pattern.chars().take(LONGEST).collect();
        if pattern.len() < known.pattern.len() {
            pattern.push('…');
        }
        let mut line = format!(
            "{} {} {} | {} | {}",
            self.out.paint(PLACE, &places.join(" ")),
            last.first,
            self.out.paint(FOUND, &plain(&last.words)),
            self.out.paint(STRONG, &plain(name)),
            plain(&pattern),
        );
        if let Some(publisher) = &known.publisher {
            line.push_str(" | published by ");
            line.push_str(&plain(publisher));
        }
        for more in [&known.harm, &known.marking].into_iter().flatten() {
            line.push_str(" | ");
            line.push_str(&self.out.paint(FAINT, more));
        }
        if !why.is_empty() {
            line.push_str(" | does not fire: ");
            line.push_str(&why.join(", "));
        }
        line
    }

    /// Hands everything over; gives what matched.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn finish(mut self) -> anyhow::Result<Hits> {
        self.out.flush()?;
        Ok(self.hits)
    }
}

impl<'p> Printed<'p> {
    fn of(
        known: &'p Known,
        found: &'p Match<Arc<Seen>>,
        last: &'p Seen,
        why: Vec<&'static str>,
    ) -> Self {
        Printed {
            file: &last.file,
            line: last.line,
            pattern_id: &known.id,
            name: known.name.as_deref(),
            pattern: &known.pattern,
            collection: known.collection.as_deref(),
            publisher: known.publisher.as_deref(),
            harm: known.harm.as_deref(),
            marking: known.marking.as_deref(),
            fires: why.is_empty(),
            why,
            observed: found.seen.iter().map(|seen| Observed::of(seen)).collect(),
        }
    }
}

impl<'p> Observed<'p> {
    fn of(seen: &'p Seen) -> Self {
        Observed {
            file: &seen.file,
            line: seen.line,
            id: seen.id.as_deref(),
            first: seen.first.to_string(),
            last: seen.last.to_string(),
            object: serde_json::from_str(&seen.object).ok(),
        }
    }
}

/// Tells what was read and found.
pub(super) fn summarise(hits: &Hits, totals: &Totals, library: &Library, elapsed: Duration) {
    let lines = counted(totals.lines, "line", "lines");
    let seen = counted(totals.observations, "observation", "observations");
    let files = match totals.files {
        0 | 1 => String::new(),
        files => format!(" in {}", counted(files, "file", "files")),
    };
    let patterns = counted(library.index.len() as u64, "pattern", "patterns");
    let found = match hits.fired {
        0 => "no match".to_owned(),
        fired => format!(
            "{} of {}",
            counted(fired, "match", "matches"),
            counted(hits.patterns.len() as u64, "pattern", "patterns")
        ),
    };
    let seconds = elapsed.as_secs_f64();
    tell(&format!(
        "{lines}, {seen}{files} against {patterns} in {seconds:.2} s; {found}"
    ));
    if hits.silent > 0 {
        let why: Vec<String> = hits
            .why
            .iter()
            .map(|(word, number)| format!("{} {word}", count(*number)))
            .collect();
        let matches = counted(hits.silent, "match does", "matches do");
        let why = why.join(", ");
        tell(&format!(
            "{matches} not fire ({why}); see which with --explain"
        ));
    }
    if totals.unread > 0 {
        let files = counted(totals.unread, "file", "files");
        tell(&format!("{files} could not be read"));
    }
}

/// Tells what matches may have been missed by.
pub(super) fn tell_lost(lost: Lost) {
    for (number, what) in [
        (
            lost.dropped,
            "observations were let go of before a pattern over several was complete: narrow it \
             with WITHIN",
        ),
        (
            lost.late,
            "observations came more than an hour late: patterns over several may have missed \
             them; put the files in the order of time",
        ),
        (
            lost.gave_up,
            "times a pattern over several took too long and began anew: narrow it",
        ),
        (
            lost.undecided,
            "expressions took too long on an observation and were not decided",
        ),
        (lost.unread, "observations are too large to be looked at"),
    ] {
        if number > 0 {
            tell(&format!("{} {what}", count(number)));
        }
    }
}
