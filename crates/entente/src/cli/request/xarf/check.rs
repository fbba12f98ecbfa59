//! `entente request xarf check`: whether reports are what the schemas of XARF v4 say.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::cli::input::{Head, Input, Line, bar, open, read_line, tell_if_waiting, without_mark};
use crate::cli::output::{FOUND, Out, PLACE, STRONG, count, counted, plain, tell, tell_error};
use crate::cli::{Exit, Failure};
use crate::xarf::{Fault, LARGEST, examine};

/// Check reports of XARF v4 by its schemas, all faults at once
///
/// A file is one report, or has a report a line. Errors and warnings name their place by a JSON
/// pointer. Warnings are what the schemas recommend, and evidence whose digest is not the one that
/// the report gives. Nothing is sent anywhere.
///
/// Exits with 1 when a report is invalid, 3 when a file cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request xarf check report.json
  entente request xarf check --strict --json reports.ndjson.zst
  generate-reports | entente request xarf check --json - | jq -c 'select(.valid | not)'")]
pub(crate) struct Check {
    /// Files ('-' is stdin)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Count warnings as errors
    #[arg(long)]
    strict: bool,
    /// Print one JSON object a line for each report
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let mut printer = Printer {
            out: Out::new(),
            json: self.json,
            strict: self.strict,
            reports: 0,
            invalid: 0,
        };
        let bar = bar(&self.files);
        tell_if_waiting(&self.files);
        let mut unread = 0;
        for path in &self.files {
            let input = open(path, &bar, Head::Whole);
            if let Err(error) = input.and_then(|input| read(input, &mut printer)) {
                unread += 1;
                bar.suspend(|| tell_error(&error));
            }
        }
        bar.finish_and_clear();
        printer.out.flush()?;
        tell(&format!(
            "{} checked: {} invalid",
            counted(printer.reports, "report", "reports"),
            count(printer.invalid)
        ));
        if unread > 0 {
            let words = counted(unread, "file was not read", "files were not read");
            return Err(Failure::new(Exit::Local, words).into());
        }
        Ok(if printer.invalid > 0 {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}

/// A report, or one a line where the first line is a whole one.
fn read(mut input: Input, printer: &mut Printer) -> anyhow::Result<()> {
    let mut buffer = Vec::new();
    let mut number = 0;
    if !lines(&input.head) {
        let (name, text) = input.whole(LARGEST as u64, "check reports one by one")?;
        printer.check(&name, None, without_mark(&text))?;
        return Ok(());
    }
    loop {
        number += 1;
        let line = read_line(&mut input.stream, &mut buffer, LARGEST)
            .with_context(|| format!("{}:{number}: the file cannot be read on", input.name))?;
        match line {
            Line::End => return Ok(()),
            Line::TooLong => bail!(
                "{}:{number}: the line is longer than {} MiB",
                input.name,
                LARGEST >> 20
            ),
            Line::Whole if buffer.trim_ascii().is_empty() => {}
            Line::Whole => printer.check(&input.name, Some(number), without_mark(&buffer))?,
        }
    }
}

/// Whether the first line is JSON by itself.
fn lines(head: &[u8]) -> bool {
    let head = without_mark(head).trim_ascii_start();
    let end = memchr::memchr(b'\n', head);
    end.and_then(|end| head.split_at_checked(end))
        .is_some_and(|(line, _)| serde_json::from_slice::<IgnoredAny>(line).is_ok())
}

struct Printer {
    out: Out,
    json: bool,
    strict: bool,
    reports: u64,
    invalid: u64,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    file: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    report_id: Option<&'r str>,
    category: Option<&'r str>,
    r#type: Option<&'r str>,
    valid: bool,
    errors: &'r [Fault],
    warnings: &'r [Fault],
}

impl Printer {
    fn check(&mut self, file: &str, line: Option<u64>, text: &[u8]) -> anyhow::Result<()> {
        let mut examined = examine(text);
        if self.strict {
            let hints = std::mem::take(&mut examined.findings.hints);
            examined.findings.faults.extend(hints);
        }
        let (errors, warnings) = (&examined.findings.faults, &examined.findings.hints);
        self.reports += 1;
        self.invalid += u64::from(!errors.is_empty());
        if self.json {
            self.out.json(&Row {
                file,
                line,
                report_id: examined.id.as_deref(),
                category: examined.category.as_deref(),
                r#type: examined.kind.as_deref(),
                valid: errors.is_empty(),
                errors,
                warnings,
            })?;
            return Ok(());
        }
        if errors.is_empty() && warnings.is_empty() {
            return Ok(());
        }
        let place = match line {
            Some(line) => format!("{}:{line}", plain(file)),
            None => plain(file).into_owned(),
        };
        let id = examined.id.as_deref().unwrap_or("(no report_id)");
        let (place, id) = (
            self.out.paint(PLACE, &place),
            self.out.paint(STRONG, &plain(id)),
        );
        self.out.line(&format!("{place} {id}"))?;
        for (style, word, faults) in [(FOUND, "error", errors), (STRONG, "warning", warnings)] {
            for fault in faults {
                let word = self.out.paint(style, &format!("{word:7}"));
                let place = if fault.pointer.is_empty() {
                    "(the report)"
                } else {
                    &fault.pointer
                };
                let words = format!("{place}: {}", fault.message);
                self.out.line(&format!("  {word} {}", plain(&words)))?;
            }
        }
        Ok(())
    }
}
