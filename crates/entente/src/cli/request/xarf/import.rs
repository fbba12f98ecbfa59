//! `entente request xarf import`: a report as a request.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;
use node::model::Marking;
use node::request::{Category, Kind};
use sha2::{Digest as _, Sha256};

use crate::cli::input::{Head, open, without_mark};
use crate::cli::output::{Out, plain, tell};
use crate::cli::request::near::Near;
use crate::cli::request::send::Deadline;
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::present::request::{Contact, Ground, NewCase, NewEvidence};
use crate::xarf::{Attachment, LARGEST, Report, Taken, hex};

/// Make a request of a report in XARF v4, and send it
///
/// What is asked for, what it is about, the targets, whom to ask and the words follow from the report;
/// the report itself and its evidence are attached. A takedown needs what no report says: its ground
/// (--ground-law or --ground-policy) and --good-faith. Payloads of reports of sexual abuse or
/// exploitation of children are never kept; '_internal' is never kept nor sent on. The same report to
/// the same party is sent once, however often it is imported.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag and has its name"
)]
#[command(after_help = "\
Examples:
  entente request xarf import report.json --to host --dry-run
  entente request xarf import report.json --to host --server https://node.example \\
    --ground-law 'Directive 2013/40/EU' --good-faith
  mail-to-json | entente request xarf import - --to host --draft --data d --token ent_…")]
pub(crate) struct Import {
    /// The report ('-' is stdin)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The party that is asked, by its id or its whole name
    #[arg(long, value_name = "PARTY")]
    to: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    deadline: Deadline,
    /// Keep it as a draft that nobody else sees
    #[arg(long)]
    draft: bool,
    /// Attach nothing: neither the report nor its evidence
    #[arg(long)]
    no_evidence: bool,
    /// Write the attachments into this folder too
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// What is sent twice with the same key is taken once; the report's id and the party when absent
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print the request and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What no report says, or says otherwise.
#[derive(Debug, Args)]
#[command(next_help_heading = "Over what the report says")]
struct Said {
    /// What is asked for, as in takedown
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// What it is about, as in fraud
    #[arg(long, value_name = "CATEGORY")]
    category: Option<Category>,
    /// The law and article that it rests on
    #[arg(long, value_name = "TEXT", conflicts_with = "ground_policy")]
    ground_law: Option<String>,
    /// The rule of the recipient's own that it rests on
    #[arg(long, value_name = "TEXT")]
    ground_policy: Option<String>,
    /// Where the law or the rule can be read
    #[arg(long, value_name = "URL")]
    ground_url: Option<String>,
    /// Why what is named falls under it; what the report says when absent
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// State in good faith that what is said is accurate and complete
    #[arg(long)]
    good_faith: bool,
    /// Who may see what it says besides the two sides [default: amber]
    #[arg(long, value_name = "MARKING")]
    marking: Option<Marking>,
    /// The country where it is to have effect, by its two letters
    #[arg(long, value_name = "CODE", value_parser = crate::cli::words::country)]
    country: Option<node::pledge::Country>,
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let text = read(&self.file)?;
        let taken = take(&self.file, &text, !self.no_evidence)?;
        for note in &taken.notes {
            tell(&format!("note: {}", plain(note)));
        }
        if let Some(folder) = &self.keep {
            keep(folder, &taken.attachments)?;
        }
        if self.dry_run {
            let evidence = taken.attachments.iter().map(evidence).collect();
            return self.show(&self.new_case(&taken, self.to.clone(), evidence));
        }
        let near = Near::open(&self.place)?;
        let to = near.target.party(&self.to, None)?.party.id;
        let kept = kept(&near, &taken.attachments)?;
        let key = self.idempotency_key.clone();
        let key = key.unwrap_or_else(|| format!("xarf {} {to}", taken.reference));
        let new = self.new_case(&taken, to, kept);
        let sent = near.send(new, &key)?;
        let mut out = Out::new();
        if self.json {
            out.json(&sent)?;
        } else {
            out.line(&sent.id)?;
        }
        out.flush()?;
        let flags = Near::flags(&self.place);
        tell(&format!("see 'entente request show {} {flags}'", sent.id));
        Ok(Exit::Done)
    }

    fn new_case(&self, taken: &Taken, to: String, evidence: Vec<NewEvidence>) -> NewCase {
        let said = &self.said;
        let given = match (&said.ground_law, &said.ground_policy) {
            (Some(law), _) => Some(("law", law)),
            (None, policy) => policy.as_ref().map(|policy| ("policy", policy)),
        };
        let ground = given.map(|(kind, reference)| Ground {
            kind: kind.to_owned(),
            reference: reference.clone(),
            url: said.ground_url.clone(),
            explanation: said.why.clone().unwrap_or_else(|| taken.words.clone()),
        });
        let country = said.country.as_ref().map(ToString::to_string);
        NewCase {
            to,
            kind: said.kind.unwrap_or(taken.kind).to_string(),
            category: Some(said.category.unwrap_or(taken.category).to_string()),
            title: taken.title.clone(),
            words: taken.words.clone(),
            targets: taken.targets.clone(),
            ground: ground.or_else(|| taken.ground.as_ref().map(Ground::from)),
            country: country.or_else(|| taken.country.clone()),
            contact: Some(Contact::from(&taken.contact)),
            good_faith: said.good_faith,
            evidence,
            marking: said.marking.map(|marking| marking.to_string()),
            reference: Some(taken.reference.clone()),
            deadline: self.deadline.clone().wanted(),
            draft: self.draft,
            ..NewCase::default()
        }
    }

    fn show(&self, new: &NewCase) -> anyhow::Result<Exit> {
        let mut out = Out::new();
        if self.json {
            out.json(new)?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let title = format!("{} to {}: {}", new.kind, new.to, new.title);
        out.line(&plain(&title))?;
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
        out.flush()?;
        Ok(Exit::Done)
    }
}

/// Keeps the attachments with the node, so that the request can name them.
fn kept(near: &Near, files: &[Attachment]) -> anyhow::Result<Vec<NewEvidence>> {
    let keep = |file: &Attachment| {
        let kept = near.keep(&file.name, &file.media_type, file.bytes.clone())?;
        Ok(NewEvidence {
            sha256: kept.sha256,
            bytes: kept.bytes,
            media_type: kept.media_type,
            name: kept.name,
            marking: None,
        })
    };
    // An empty file says nothing, and is not taken.
    let full = files.iter().filter(|file| !file.bytes.is_empty());
    full.map(keep).collect()
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
fn take(path: &Path, text: &[u8], evidence: bool) -> anyhow::Result<Taken> {
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
    let taken = if evidence {
        report.taken(text)
    } else {
        report.taken_bare()
    };
    taken.with_context(|| format!("{}: its type is not known", path.display()))
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
