//! `entente request xarf import`: a report as a request.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;
use node::model::Marking;
use node::request::{Category, GroundKind, Kind};
use sha2::{Digest as _, Sha256};

use crate::cli::input::{Head, open, without_mark};
use crate::cli::output::{Out, plain, tell};
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::present::request::{Contact, Ground, NewCase, NewEvidence, Wanted};
use crate::xarf::{Attachment, LARGEST, Report, Taken, hex};

/// Make a request of a report in XARF v4
///
/// What is asked for, what it is about, the targets, whom to ask and the words follow from the report;
/// the report itself and its evidence are attached. A takedown needs what no report says: its ground
/// (--ground, --reference, --explanation) and --good-faith. Payloads of reports of sexual abuse or
/// exploitation of children are never kept; `_internal` is never kept nor sent on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request xarf import report.json --to host --dry-run
  entente request xarf import report.json --to host --server https://node.example --ground law \\
      --reference 'Directive 2013/40/EU' --good-faith")]
pub(crate) struct Import {
    #[command(flatten)]
    place: Where,
    /// The report ('-' is stdin)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The party that is asked
    #[arg(long, value_name = "PARTY")]
    to: String,
    #[command(flatten)]
    said: Said,
    /// Draft it, and send it later
    #[arg(long)]
    draft: bool,
    /// The same key sends the same request once [default: the report's id]
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print the request and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the attachments into this folder too
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Print the request as JSON
    #[arg(long)]
    json: bool,
}

/// What no report says, or says otherwise.
#[derive(Debug, Args)]
struct Said {
    /// takedown, preservation, information, assistance, incident-notice, referral
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// What it is about, as in fraud
    #[arg(long, value_name = "CATEGORY")]
    category: Option<Category>,
    /// law, policy
    #[arg(long, value_name = "GROUND", requires = "reference")]
    ground: Option<GroundKind>,
    /// Which law and article, or which rule
    #[arg(long, value_name = "TEXT", requires = "ground")]
    reference: Option<String>,
    /// Where it can be read
    #[arg(long, value_name = "URL", requires = "ground")]
    reference_url: Option<String>,
    /// Why it falls under it; the report's description when absent
    #[arg(long, value_name = "TEXT", requires = "ground")]
    explanation: Option<String>,
    /// State in good faith that it is accurate and complete
    #[arg(long)]
    good_faith: bool,
    /// Who may see it besides the two sides [default: AMBER]
    #[arg(long, value_name = "MARKING")]
    marking: Option<Marking>,
    /// Where it is to have effect, as in FR
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// contact-24-7, nis2-early-warning, nis2-notification, nis2-final-report, standard
    #[arg(long, value_name = "PRESET")]
    deadline: Option<String>,
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let text = read(&self.file)?;
        let taken = take(&self.file, &text)?;
        for note in &taken.notes {
            tell(&format!("note: {}", plain(note)));
        }
        if let Some(folder) = &self.keep {
            keep(folder, &taken.attachments)?;
        }
        let new = self.new_case(&taken);
        if !self.dry_run {
            let words = "sending is not here yet: give --dry-run";
            return Err(Failure::usage(words).into());
        }
        let mut out = Out::new();
        if self.json {
            out.json(&new)?;
        } else {
            out.line(&format!(
                "{} to {}: {}",
                new.kind,
                plain(&new.to),
                plain(&new.title)
            ))?;
            for target in &new.targets {
                out.line(&format!("  target     {}", plain(target)))?;
            }
            for one in &new.evidence {
                let words = format!("{} ({}, {} octets)", one.name, one.media_type, one.bytes);
                out.line(&format!("  evidence   {}", plain(&words)))?;
            }
            out.line("")?;
            for line in new.words.lines() {
                out.line(&format!("  {}", plain(line)))?;
            }
        }
        out.flush()?;
        Ok(Exit::Done)
    }

    fn new_case(&self, taken: &Taken) -> NewCase {
        let said = &self.said;
        let explained = || {
            said.explanation
                .clone()
                .unwrap_or_else(|| taken.words.clone())
        };
        let given = said.ground.zip(said.reference.clone());
        let ground = given.map(|(kind, reference)| Ground {
            kind: kind.to_string(),
            reference,
            url: said.reference_url.clone(),
            explanation: explained(),
        });
        NewCase {
            to: self.to.clone(),
            kind: said.kind.unwrap_or(taken.kind).to_string(),
            category: Some(said.category.unwrap_or(taken.category).to_string()),
            title: taken.title.clone(),
            words: taken.words.clone(),
            targets: taken.targets.clone(),
            ground: ground.or_else(|| taken.ground.as_ref().map(Ground::from)),
            country: said.country.clone().or_else(|| taken.country.clone()),
            contact: Some(Contact::from(&taken.contact)),
            good_faith: said.good_faith,
            evidence: taken.attachments.iter().map(evidence).collect(),
            marking: said.marking.map(|marking| marking.to_string()),
            reference: Some(taken.reference.clone()),
            deadline: said.deadline.clone().map(|preset| Wanted {
                preset: Some(preset),
                ..Wanted::default()
            }),
            draft: self.draft,
            ..NewCase::default()
        }
    }
}

fn evidence(file: &Attachment) -> NewEvidence {
    NewEvidence {
        sha256: hex(&Sha256::digest(&file.bytes)),
        bytes: file.bytes.len() as u64,
        media_type: file.media_type.clone(),
        name: file.name.clone(),
        marking: None,
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let input = open(path, &ProgressBar::hidden(), Head::Whole)?;
    let (_, text) = input.whole(LARGEST as u64, "a report has at most 24 MiB")?;
    Ok(without_mark(&text).to_vec())
}

/// The request that a report is; all faults are told at once.
fn take(path: &Path, text: &[u8]) -> anyhow::Result<Taken> {
    let (report, hints) = Report::read(text).map_err(|faults| {
        for fault in &faults {
            tell(&format!(
                "  {}",
                plain(format!("{} {}", fault.pointer, fault.message).trim())
            ));
        }
        Failure::new(
            Exit::Found,
            format!("{} is no report of XARF v4", path.display()),
        )
    })?;
    for hint in hints.iter().filter(|hint| hint.rule == "evidence") {
        tell(&format!(
            "warning: {}",
            plain(&format!("{}: {}", hint.pointer, hint.message))
        ));
    }
    report
        .taken(text)
        .with_context(|| format!("{}: its type is not known", path.display()))
}

fn keep(folder: &Path, files: &[Attachment]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in files {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
