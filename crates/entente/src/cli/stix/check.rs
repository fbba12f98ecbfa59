//! `entente stix check`: whether STIX content is valid, and what it should do better.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use clap::builder::styling::Style;
use serde::Serialize;
use serde::de::IgnoredAny;
use stix::Reason;
use stix::verdict::{self, Checked, Checks, Mode, Options};

use crate::cli::input::{Head, Input, Line, bar, open, read_line, tell_if_waiting, without_mark};
use crate::cli::output::{
    FAINT, FOUND, Out, PLACE, STRONG, count, counted, plain, tell, tell_error,
};
use crate::cli::{Exit, Failure};

/// Octets of the largest file that is one JSON value: it is read whole.
const LARGEST: u64 = 1 << 30;
/// Octets of the longest line of a file of lines.
const LONGEST: usize = 64 << 20;

/// Check STIX 2.1 content: objects, bundles, TAXII envelopes, lists, or objects one a line
///
/// Prints what makes an object invalid (errors) and what is not as recommended (warnings), each
/// with its place, the section of STIX 2.1 and the check's name. Files may be packed with gzip or
/// zstd. Nothing is sent anywhere. Verdicts agree with OASIS stix2-validator; checks have its names
/// and numbers.
///
/// Exits with 1 when something is invalid, 3 when a file cannot be read.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag and has its name"
)]
#[command(after_help = "\
Examples:
  entente stix check bundle.json
  entente stix check --strict --disable extref-hashes,302 feed/*.json
  curl -s https://taxii.example/api/collections/c/objects/ | entente stix check -
  entente stix check --json objects.ndjson.zst | jq -c 'select(.valid | not)'")]
pub(crate) struct Check {
    /// Files ('-' is stdin)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Count warnings as errors
    #[arg(long)]
    strict: bool,
    /// Leave out these recommendations: names or numbers of checks or groups
    #[arg(long, value_name = "CHECK,...", value_delimiter = ',', value_parser = Checks::named)]
    disable: Vec<Checks>,
    /// Look at these recommendations; without --disable at no others
    #[arg(long, value_name = "CHECK,...", value_delimiter = ',', value_parser = Checks::named)]
    enable: Vec<Checks>,
    /// Warn when a relationship refers to what is not in its bundle
    #[arg(long)]
    enforce_refs: bool,
    /// Warn of custom types
    #[arg(long)]
    strict_types: bool,
    /// Warn of custom properties
    #[arg(long)]
    strict_properties: bool,
    /// Say the id that each observable's own properties give (STIX 2.1 section 2.9)
    #[arg(long)]
    ids: bool,
    /// Print one JSON object a line for each object checked
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let all = |checks: &[Checks]| checks.iter().fold(Checks::NONE, |all, one| all.with(*one));
        let options = Options {
            mode: if self.strict {
                Mode::Strict
            } else {
                Mode::Permissive
            },
            checks: Checks::selected(all(&self.enable), all(&self.disable)),
            enforce_refs: self.enforce_refs,
            strict_types: self.strict_types,
            strict_properties: self.strict_properties,
            ids: self.ids,
        };
        let mut printer = Printer {
            out: Out::new(),
            json: self.json,
            options,
            counts: Counts::default(),
            broken: None,
        };
        let bar = bar(&self.files);
        tell_if_waiting(&self.files);
        let mut unread = 0;
        for path in &self.files {
            let done = open(path, &bar, Head::Whole).and_then(|input| read(input, &mut printer));
            if let Err(error) = done {
                unread += 1;
                bar.suspend(|| tell_error(&error));
            }
            if let Some(error) = printer.broken.take() {
                bar.finish_and_clear();
                return Err(error.into());
            }
        }
        bar.finish_and_clear();
        printer.out.flush()?;
        printer.counts.tell();
        if unread > 0 {
            let words = counted(unread, "file was not read", "files were not read");
            return Err(Failure::new(Exit::Local, words).into());
        }
        Ok(if printer.counts.invalid > 0 {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}

/// Checks what an input holds: lines where the first is a whole JSON value, else one value.
fn read(mut input: Input, printer: &mut Printer) -> anyhow::Result<()> {
    if first_line_is_whole(&input.head) {
        return read_lines(input, printer);
    }
    let mut bytes = Vec::new();
    let mut limited = input.stream.by_ref().take(LARGEST + 1);
    let read = limited.read_to_end(&mut bytes);
    read.with_context(|| format!("cannot read {}", input.name))?;
    if bytes.len() as u64 > LARGEST {
        bail!(
            "{} is larger than 1 GiB: give its objects one a line",
            input.name
        );
    }
    if first_line_is_whole(&bytes) {
        input.stream = Box::new(std::io::Cursor::new(bytes));
        return read_lines(input, printer);
    }
    printer.check(&input.name, None, &bytes);
    Ok(())
}

/// Whether there is a line that is a JSON value by itself, and another after it.
fn first_line_is_whole(text: &[u8]) -> bool {
    let text = without_mark(text).trim_ascii_start();
    memchr::memchr(b'\n', text)
        .and_then(|end| text.split_at_checked(end))
        .is_some_and(|(line, rest)| {
            !rest.trim_ascii().is_empty() && serde_json::from_slice::<IgnoredAny>(line).is_ok()
        })
}

fn read_lines(mut input: Input, printer: &mut Printer) -> anyhow::Result<()> {
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let line = read_line(&mut input.stream, &mut buffer, LONGEST)
            .with_context(|| format!("{}:{number}: the file cannot be read on", input.name))?;
        match line {
            Line::End => return Ok(()),
            Line::TooLong => bail!("{}:{number}: the line is longer than 64 MiB", input.name),
            Line::Whole if buffer.trim_ascii().is_empty() => {}
            Line::Whole => printer.check(&input.name, Some(number), &buffer),
        }
        if printer.broken.is_some() {
            return Ok(());
        }
    }
}

/// Prints verdicts and counts them.
struct Printer {
    out: Out,
    json: bool,
    options: Options,
    counts: Counts,
    /// Why nothing more can be printed.
    broken: Option<std::io::Error>,
}

#[derive(Default)]
struct Counts {
    objects: u64,
    invalid: u64,
    errors: u64,
    warnings: u64,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    index: Option<usize>,
    id: Option<&'r str>,
    /// There where it was asked for and the object has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    deterministic_id: Option<&'r str>,
    valid: bool,
    errors: Vec<Said<'r>>,
    warnings: Vec<Said<'r>>,
}

#[derive(Serialize)]
struct Said<'r> {
    pointer: &'r str,
    message: &'r str,
    section: Option<&'static str>,
    check: Option<&'static str>,
}

impl<'r> From<&'r Reason> for Said<'r> {
    fn from(reason: &'r Reason) -> Self {
        Said {
            pointer: &reason.pointer,
            message: &reason.message,
            section: reason.section,
            check: reason.check,
        }
    }
}

impl Printer {
    fn check(&mut self, file: &str, line: Option<u64>, bytes: &[u8]) {
        let options = self.options;
        verdict::check_each(without_mark(bytes), &options, |checked| {
            if self.broken.is_none()
                && let Err(error) = self.print(file, line, &checked)
            {
                self.broken = Some(error);
            }
        });
    }

    fn print(
        &mut self,
        file: &str,
        line: Option<u64>,
        checked: &Checked<'_>,
    ) -> std::io::Result<()> {
        let verdict = &checked.verdict;
        self.counts.objects += 1;
        self.counts.invalid += u64::from(!verdict.is_valid());
        self.counts.errors += verdict.errors.len() as u64;
        self.counts.warnings += verdict.warnings.len() as u64;
        if self.json {
            return self.out.json(&Row {
                file,
                line,
                index: checked.index,
                id: verdict.id.as_deref(),
                deterministic_id: verdict.deterministic_id.as_deref(),
                valid: verdict.is_valid(),
                errors: verdict.errors.iter().map(Said::from).collect(),
                warnings: verdict.warnings.iter().map(Said::from).collect(),
            });
        }
        let other_id = verdict
            .deterministic_id
            .as_deref()
            .filter(|id| verdict.id.as_deref() != Some(id));
        if verdict.errors.is_empty() && verdict.warnings.is_empty() && other_id.is_none() {
            return Ok(());
        }
        let mut place = plain(file).into_owned();
        if let Some(line) = line {
            place = format!("{place}:{line}");
        }
        let id = plain(verdict.id.as_deref().unwrap_or("(no id)"));
        let head = format!(
            "{} {} {}",
            self.out.paint(PLACE, &place),
            checked.place,
            self.out.paint(STRONG, &id)
        );
        self.out.line(&head)?;
        for reason in &verdict.errors {
            self.reason(FOUND, "error", reason)?;
        }
        for reason in &verdict.warnings {
            self.reason(STRONG, "warning", reason)?;
        }
        if let Some(id) = other_id {
            self.out
                .line(&format!("  note    its properties give the id {id}"))?;
        }
        Ok(())
    }

    fn reason(&mut self, style: Style, word: &str, reason: &Reason) -> std::io::Result<()> {
        let word = self.out.paint(style, &format!("{word:7}"));
        let text = reason.to_string();
        let check = reason.check.map(|name| format!(" [{name}]"));
        let check = self.out.paint(FAINT, &check.unwrap_or_default());
        self.out.line(&format!("  {word} {}{check}", plain(&text)))
    }
}

impl Counts {
    fn tell(&self) {
        tell(&format!(
            "{} checked: {} invalid; {}, {}",
            counted(self.objects, "object", "objects"),
            count(self.invalid),
            counted(self.errors, "error", "errors"),
            counted(self.warnings, "warning", "warnings"),
        ));
    }
}
