//! `entente stix pattern`: whether a pattern is one, its one form, and what it matches.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use stix::pattern::{self, Compiled, Observation, PatternError};

use crate::cli::Exit;
use crate::cli::input::{self, Head, Input, Line, read_line, without_mark};
use crate::cli::output::{Out, counted, plain, tell};

/// Octets of the largest file that is read whole.
const LARGEST: u64 = 1 << 30;
/// What is told of a larger one.
const TOO_LARGE: &str = "send its objects one a line (NDJSON)";
/// Octets of the longest line.
const LONGEST: usize = 16 << 20;

/// Check, print and match STIX patterns
///
/// Prints each pattern in its one form, or what is wrong with it: line, column, what was expected
/// there. With --match, prints the observations that match instead: for a pattern of one
/// observation all of them, for others those of one match.
///
/// A file of patterns has one a line, as it is or as a JSON string; lines that start with '#' are
/// skipped. A bundle, or STIX objects one a line, gives the patterns of its indicators.
///
/// Exits with 0 when every pattern is one and could be evaluated, whether or not something
/// matched; with 1 when something matched and --fail-on-match was given; else with 3.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente stix pattern \"[ipv4-addr:value='198.51.100.3']\"
  entente stix pattern --file patterns.txt
  entente stix pattern --file bundle.json --json > verdicts.ndjson
  entente stix pattern --file patterns.txt --match observed.json
  echo \"[file:size > 25]\" | entente stix pattern - --match observed.ndjson --fail-on-match")]
pub(crate) struct Pattern {
    /// Patterns ('-' is stdin, read like a file)
    #[arg(value_name = "PATTERN", required_unless_present = "files")]
    patterns: Vec<String>,
    /// Files of patterns, or of STIX objects with indicators; repeat for more
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Observed data to match: a bundle, or STIX objects one a line; repeat for more
    #[arg(long = "match", value_name = "FILE")]
    observed: Vec<PathBuf>,
    /// Print one JSON object a pattern
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something matched
    #[arg(long, requires = "observed")]
    fail_on_match: bool,
}

impl Pattern {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let files = self.files.iter().chain(&self.observed);
        let files = files.map(PathBuf::as_path);
        input::once(files.chain(self.patterns.iter().map(Path::new)))?;
        let mut observed = Vec::new();
        for path in &self.observed {
            observed.push(Objects::read(path)?);
        }
        let (observations, unread) = observations(&observed);
        let mut looker = Looker {
            observations: (!self.observed.is_empty()).then_some(observations),
            json: self.json,
            out: Out::new(),
            totals: Totals::default(),
        };
        for (index, text) in self.patterns.iter().enumerate() {
            if text == "-" {
                looker.file(Path::new("-"))?;
            } else {
                let name = format!("pattern {}", index + 1);
                looker.pattern(&Source::named(name), text)?;
            }
        }
        for path in &self.files {
            looker.file(path)?;
        }
        looker.out.flush()?;
        looker.summarise();
        let totals = looker.totals;
        Ok(if self.fail_on_match && totals.matched > 0 {
            Exit::Found
        } else if totals.wrong > 0 || unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }
}

/// Objects of one file, and its bytes.
struct Objects {
    name: String,
    bytes: Vec<u8>,
}

impl Objects {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let (name, bytes) = open(path)?.whole(LARGEST, TOO_LARGE)?;
        Ok(Objects { name, bytes })
    }

    /// Each object: those of containers, and those that stand one a line or alone.
    fn each<'a>(&'a self, take: &mut impl FnMut(&'a [u8])) {
        let bytes = without_mark(&self.bytes);
        if is_json(bytes) {
            return split(bytes, take);
        }
        let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        for (number, line) in (1..).zip(lines) {
            if is_json(line) {
                split(line, take);
            } else if !line.is_empty() {
                tell(&format!("{} line {number}: is not JSON", self.name));
            }
        }
    }
}

fn split<'a>(bytes: &'a [u8], take: &mut impl FnMut(&'a [u8])) {
    match stix::split(bytes) {
        Ok(container) => container.objects.into_iter().for_each(take),
        Err(_) => take(bytes),
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// The observations of these files, and how many observed-data objects are none.
fn observations(files: &[Objects]) -> (Vec<Observation<'_>>, usize) {
    let mut objects = Vec::new();
    for file in files {
        file.each(&mut |object| objects.push(object));
    }
    let mut taken = Vec::new();
    let mut unread = 0;
    for observation in pattern::observations(objects) {
        match observation {
            Ok(observation) => taken.push(observation),
            Err(wrong) => {
                unread += 1;
                tell(&plain(&format!("left out: {wrong}")));
            }
        }
    }
    (taken, unread)
}

fn open(path: &Path) -> anyhow::Result<Input> {
    let bar = indicatif::ProgressBar::hidden();
    input::tell_if_waiting(&[path]);
    input::open(path, &bar, Head::Whole)
}

/// Where a pattern stands.
#[derive(Debug, Default, Serialize)]
struct Source {
    #[serde(skip)]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    indicator: Option<String>,
}

impl Source {
    fn named(name: String) -> Self {
        Source {
            name,
            ..Source::default()
        }
    }
}

/// What was found out about a pattern.
#[derive(Debug, Serialize)]
struct Verdict<'v> {
    #[serde(flatten)]
    source: &'v Source,
    valid: bool,
    /// The pattern in its one form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Wrong<'v>>,
    /// Why a pattern cannot be evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_evaluated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<bool>,
    /// Identifiers of the observed-data objects that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    observations: Option<Vec<&'v str>>,
}

#[derive(Debug, Serialize)]
struct Wrong<'v> {
    line: usize,
    column: usize,
    expected: &'v str,
    found: &'v str,
}

impl<'v> From<&'v PatternError> for Wrong<'v> {
    fn from(error: &'v PatternError) -> Self {
        Wrong {
            line: error.line,
            column: error.column,
            expected: &error.expected,
            found: &error.found,
        }
    }
}

#[derive(Debug, Default)]
struct Totals {
    patterns: u64,
    wrong: u64,
    matched: u64,
    other_languages: u64,
}

/// What an indicator says about its pattern.
#[derive(Deserialize)]
struct Indicator {
    #[serde(rename = "type")]
    type_name: String,
    id: Option<String>,
    pattern: Option<String>,
    pattern_type: Option<String>,
}

struct Looker<'o> {
    /// What to match; none when nothing is to be matched.
    observations: Option<Vec<Observation<'o>>>,
    json: bool,
    out: Out,
    totals: Totals,
}

impl Looker<'_> {
    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let mut input = open(path)?;
        let name = input.name.clone();
        let head = without_mark(&input.head).trim_ascii_start();
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if head.starts_with(b"{") && !is_json(first) {
            // a container over many lines
            let (name, bytes) = input.whole(LARGEST, TOO_LARGE)?;
            let objects = Objects { name, bytes };
            let mut all = Vec::new();
            objects.each(&mut |object| all.push(object));
            return all
                .into_iter()
                .try_for_each(|object| self.indicator(&objects.name, None, object));
        }
        let mut buffer = Vec::new();
        for number in 1.. {
            let line = read_line(&mut input.stream, &mut buffer, LONGEST)
                .with_context(|| format!("cannot read {name}"))?;
            match line {
                Line::End => break,
                Line::TooLong => {
                    self.totals.wrong += 1;
                    tell(&format!("{name} line {number}: is longer than 16 MiB"));
                }
                Line::Whole => self.line(&name, number, without_mark(&buffer).trim_ascii())?,
            }
        }
        Ok(())
    }

    fn line(&mut self, name: &str, number: u64, line: &[u8]) -> anyhow::Result<()> {
        let place = format!("{name} line {number}");
        match line.first() {
            None | Some(b'#') => return Ok(()),
            Some(b'{') => {
                let mut objects = Vec::new();
                split(line, &mut |object| objects.push(object));
                return objects
                    .into_iter()
                    .try_for_each(|object| self.indicator(&place, Some(number), object));
            }
            _ => {}
        }
        let source = Source {
            line: Some(number),
            ..Source::named(place)
        };
        let quoted = line.starts_with(b"\"");
        let text = if quoted {
            serde_json::from_slice(line).map_err(|error| error.to_string())
        } else {
            String::from_utf8(line.to_vec()).map_err(|_| "is not UTF-8 text".to_owned())
        };
        match text {
            Ok(text) => self.pattern(&source, &text),
            Err(why) => {
                self.totals.wrong += 1;
                tell(&format!("{}: {why}", source.name));
                Ok(())
            }
        }
    }

    fn indicator(&mut self, name: &str, line: Option<u64>, raw: &[u8]) -> anyhow::Result<()> {
        let Ok(object) = serde_json::from_slice::<Indicator>(raw) else {
            self.totals.wrong += 1;
            tell(&format!("{name}: has something that is no STIX object"));
            return Ok(());
        };
        if object.type_name != "indicator" {
            return Ok(());
        }
        if object
            .pattern_type
            .is_some_and(|language| language != "stix")
        {
            self.totals.other_languages += 1;
            return Ok(());
        }
        let source = Source {
            name: object.id.as_ref().map_or(name, |id| id.as_str()).to_owned(),
            line,
            indicator: object.id,
        };
        self.pattern(&source, &object.pattern.unwrap_or_default())
    }

    fn pattern(&mut self, source: &Source, text: &str) -> anyhow::Result<()> {
        self.totals.patterns += 1;
        let parsed = match pattern::parse(text) {
            Ok(parsed) => parsed.to_string(),
            Err(error) => return self.wrong(source, &error),
        };
        let mut verdict = Verdict {
            source,
            valid: true,
            pattern: Some(&parsed),
            error: None,
            not_evaluated: None,
            matched: None,
            observations: None,
        };
        let found = match (pattern::compile(text), &self.observations) {
            (Err(error), _) => Err(error.rendering()),
            (Ok(compiled), Some(observations)) => matching(&compiled, observations)
                .map(Some)
                .map_err(|error| error.to_string()),
            (Ok(_), None) => Ok(None),
        };
        match found {
            Ok(None) => {}
            Ok(Some(ids)) => {
                self.totals.matched += u64::from(!ids.is_empty());
                verdict.matched = Some(!ids.is_empty());
                verdict.observations = Some(ids);
            }
            Err(why) => {
                self.totals.wrong += u64::from(self.observations.is_some());
                tell_lines(&format!("{}: cannot be evaluated: {why}", source.name));
                verdict.not_evaluated = Some(why);
            }
        }
        if self.json {
            self.out.json(&verdict)?;
        } else if self.observations.is_none() {
            self.out.line(&plain(&parsed))?;
        } else {
            for id in verdict.observations.iter().flatten() {
                self.out
                    .line(&format!("{}\t{}", plain(id), plain(&parsed)))?;
            }
        }
        Ok(())
    }

    fn wrong(&mut self, source: &Source, error: &PatternError) -> anyhow::Result<()> {
        self.totals.wrong += 1;
        if self.json {
            self.out.json(&Verdict {
                source,
                valid: false,
                pattern: None,
                error: Some(Wrong::from(error)),
                not_evaluated: None,
                matched: None,
                observations: None,
            })?;
        } else {
            self.out.flush()?;
            tell_lines(&format!("{}: {}", source.name, error.rendering()));
        }
        Ok(())
    }

    fn summarise(&self) {
        let Totals {
            patterns,
            wrong,
            matched,
            other_languages,
        } = self.totals;
        if other_languages > 0 {
            let skipped = counted(other_languages, "indicator", "indicators");
            tell(&format!("{skipped} in another pattern language left out"));
        }
        let looked = counted(patterns, "pattern", "patterns");
        if let Some(observations) = &self.observations {
            let observed = counted(observations.len() as u64, "observation", "observations");
            tell(&format!("{matched} of {looked} matched in {observed}"));
        }
        if wrong > 0 && patterns > 1 {
            tell(&format!("{wrong} of {looked} could not be taken"));
        }
    }
}

/// The observations that match: for a pattern of one observation all of them, for others those of
/// one match.
fn matching<'o>(
    pattern: &Compiled,
    observations: &'o [Observation<'_>],
) -> Result<Vec<&'o str>, pattern::TooMuch> {
    if pattern.is_single() {
        let mut ids = Vec::new();
        for observation in observations {
            if pattern.evaluate([observation])?.is_some() {
                ids.push(observation.id());
            }
        }
        return Ok(ids);
    }
    let places = pattern.evaluate(observations)?.unwrap_or_default();
    let bound = places
        .into_iter()
        .filter_map(|place| observations.get(place));
    Ok(bound.map(Observation::id).collect())
}

/// Tells lines that hold what others wrote.
fn tell_lines(text: &str) {
    let lines: Vec<_> = text.lines().map(plain).collect();
    tell(&lines.join("\n"));
}
