//! What a scan found, as a page for people: one file, without anything from elsewhere.

use std::path::Path;

use anyhow::Context as _;
use askama::Template;
use detect::secrets::Protected;

use super::canary::Recipients;
use super::print::{form, label};
use super::texts::{Finding, What};
use crate::cli::output::{count, counted};

/// Places that are listed of a finding.
const PLACES: usize = 12;
/// Unread texts that are listed.
const UNREAD: usize = 200;

/// What a report tells.
pub(super) struct Report<'r> {
    pub(super) findings: &'r [Finding],
    pub(super) unread: &'r [String],
    pub(super) texts: u64,
    pub(super) octets: u64,
    pub(super) set: &'r Protected,
    pub(super) recipients: &'r Recipients,
    pub(super) minimum: u32,
    /// Fingerprints shared in texts without a finding, and all of those texts.
    pub(super) stray: (u64, u64),
}

#[derive(Template)]
#[template(path = "secrets_report.html")]
struct Page {
    texts: String,
    mebibytes: String,
    documents: String,
    minimum: u32,
    guarantee: usize,
    passages: Vec<PassageRow>,
    marks: Vec<MarkRow>,
    unread: Vec<String>,
    more_unread: usize,
    stray: String,
    of_stray: String,
}

struct PassageRow {
    file: String,
    document: String,
    shared: u32,
    of_document: u32,
    /// In percent.
    low: f64,
    counted: f64,
    high: f64,
    places: Vec<String>,
    more: usize,
}

impl PassageRow {
    /// The bar's parts, in units of its 100.
    fn from(&self) -> String {
        format!("{:.1}", self.low)
    }

    fn width(&self) -> String {
        format!("{:.1}", (self.high - self.low).max(0.5))
    }

    fn at(&self) -> String {
        format!("{:.1}", self.counted)
    }

    fn percent(&self) -> String {
        format!(
            "{:.0} % ({:.0} to {:.0})",
            self.counted, self.low, self.high
        )
    }
}

struct MarkRow {
    file: String,
    copy: String,
    form: &'static str,
    times: u64,
    place: String,
}

/// Writes the report.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(path: &Path, report: &Report<'_>) -> anyhow::Result<()> {
    let page = page(report).render()?;
    std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
}

fn page(report: &Report<'_>) -> Page {
    let (mut passages, mut marks) = (Vec::new(), Vec::new());
    for finding in report.findings {
        let file = finding.file.clone();
        match &finding.what {
            What::Passages(found) => {
                let share = found.share();
                let places = found.passages.iter().take(PLACES);
                passages.push(PassageRow {
                    file,
                    document: label(report.set, found.document),
                    shared: found.shared,
                    of_document: found.of_document,
                    low: share.low * 100.0,
                    counted: share.counted * 100.0,
                    high: share.high * 100.0,
                    places: places.map(|one| one.place.to_string()).collect(),
                    more: found.passages.len().saturating_sub(PLACES),
                });
            }
            What::Mark(mark) => marks.push(MarkRow {
                file,
                copy: report.recipients.name(mark.recipient).to_owned(),
                form: form(mark.form),
                times: mark.times,
                place: mark.place.to_string(),
            }),
        }
    }
    Page {
        texts: counted(report.texts, "text", "texts"),
        mebibytes: count(report.octets >> 20),
        documents: counted(
            report.set.documents().len() as u64,
            "protected document",
            "protected documents",
        ),
        minimum: report.minimum,
        guarantee: report.set.settings().grain.guarantee(),
        passages,
        marks,
        unread: report.unread.iter().take(UNREAD).cloned().collect(),
        more_unread: report.unread.len().saturating_sub(UNREAD),
        stray: count(report.stray.0),
        of_stray: count(report.stray.1),
    }
}
