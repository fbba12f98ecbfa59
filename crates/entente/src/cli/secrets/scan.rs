//! `entente secrets scan`: which files hold passages of protected documents.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use detect::secrets::{Index, Leak, Protected, drafts};
use stix::Timestamp;

use super::canary::{Copies, Recipients};
use super::print::print;
use super::report::{self, Report};
use super::texts::{Job, Scanned, What};
use super::walk::{Found, files};
use super::{load, work};
use crate::cli::input::{self, once, tell_if_waiting};
use crate::cli::output::{Out, count, counted, tell};
use crate::cli::share::Sharing;
use crate::cli::{Exit, Failure};
use crate::document::Limits;

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

impl Scan {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        once(self.paths.iter().map(PathBuf::as_path))?;
        let key = self.sharing.require_key()?;
        let terms = self.sharing.terms()?;
        let seen = self.seen.as_deref().map(time).transpose()?;
        let is_piped = self.paths.iter().any(|path| path.as_os_str() == "-");
        if self.sharing.is_wanted() && is_piped && seen.is_none() {
            let words = "when was stdin's text seen? Say so with --seen TIME";
            return Err(Failure::usage(words).into());
        }
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
        let (mut out, mut all) = (Out::new(), Scanned::default());
        work::in_order(found, one, |mut scanned| {
            for words in &scanned.unread {
                bar.suspend(|| tell(words));
            }
            for finding in &scanned.findings {
                print(&mut out, self.json, finding, &set, &recipients)?;
            }
            all.add(&mut scanned);
            Ok(())
        })?;
        bar.finish_and_clear();
        out.flush()?;
        tell_sum(&all, &set);
        if let Some(path) = &self.report {
            report::write(path, &self.told(&all, &set, &recipients))?;
        }
        let leaks = leaks(&all, &set, &index, seen.or(all.seen));
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
