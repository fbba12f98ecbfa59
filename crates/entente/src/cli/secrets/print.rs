//! What a scan found, line by line.

use detect::secrets::canary::Form;
use detect::secrets::{Match, Protected, Share};
use serde::Serialize;

use super::canary::Recipients;
use super::texts::{Finding, Marked, What};
use crate::cli::output::{FOUND, Out, PLACE, counted, plain};
use crate::document::Place;

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

/// A line of JSON output for a mark.
#[derive(Serialize)]
pub(super) struct MarkRow<'r> {
    pub(super) file: &'r str,
    pub(super) copy: &'r str,
    pub(super) form: &'static str,
    pub(super) times: u64,
    pub(super) place: String,
}

/// Prints a finding.
///
/// # Errors
/// When stdout takes no more.
pub(super) fn print(
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
                self::counted(u64::from(found.shared), "fingerprint", "fingerprints"),
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
