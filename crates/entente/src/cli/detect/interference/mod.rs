//! `entente detect interference`: which sites are blocked where, how, and since when.

mod files;
mod print;
mod read;
mod report;
mod timeline;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use detect::interference::share::{Terms, drafts};
use detect::interference::{Fingerprints, Loaded, Tally};
use jiff::civil::Date;

use crate::cli::output::{Out, counted, plain, tell};
use crate::cli::share::Sharing;
use crate::cli::{Exit, Failure, input};
use read::{Found, Wanted};

/// Octets of the largest file of fingerprints.
const LARGEST: u64 = 256 << 20;
/// Messages about one file of fingerprints.
const TOLD: usize = 10;

/// Find sites that are blocked, in measurements of OONI's probes
///
/// Reads measurements as OONI's archive gives them: JSON, one a line, also gzip, zstd and tar, and
/// whole directories. Each measurement of a website, Signal, Telegram, WhatsApp, Facebook Messenger
/// or Tor is judged by the first of a table of rules that fits; a finding says the rule, what it
/// saw, how likely the site is blocked, down or reachable, and why it may be otherwise. Says since
/// when a site is blocked in a network. Measurements of other tests are counted.
///
/// Blocking is confirmed by fingerprints of block pages alone, and only within their scope; none
/// are built in. OONI's lists (github.com/ooni/blocking-fingerprints) and Censored Planet's are
/// read. Nothing is sent anywhere, and nothing that names a probe is kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente detect interference measurements.jsonl.gz
  entente detect interference 2026-11/ --fingerprints fingerprints_http.csv \\
    --fingerprints fingerprints_dns.csv --report report.html
  entente detect interference 2026-11.tar.gz --country IR --since 2026-11-01 --json > found.ndjson
  entente detect interference - --stix found.json < measurements.jsonl
  entente detect interference 2026-11/ --publish blocks --data d")]
pub(crate) struct Interference {
    /// Files or directories with measurements ('-' is stdin)
    #[arg(required = true, value_name = "MEASUREMENTS")]
    measurements: Vec<PathBuf>,
    /// File with fingerprints of block pages: OONI's as CSV or JSON, or Censored Planet's
    #[arg(long, value_name = "FILE")]
    fingerprints: Vec<PathBuf>,
    /// Only measurements of probes in this country (ISO 3166, such as IR)
    #[arg(long, value_name = "CC")]
    country: Vec<String>,
    /// Only measurements from this day on (UTC)
    #[arg(long, value_name = "DAY")]
    since: Option<Date>,
    /// Only measurements up to this day (UTC), which is included
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    /// Print findings, changes and counts, one JSON object a line
    #[arg(long)]
    json: bool,
    /// Print what each measurement is, one JSON object a line, in no certain order
    #[arg(long, conflicts_with = "json")]
    verdicts: bool,
    /// Write a report for people to this file, as HTML
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// How many measurements are judged at once; as many as there are cores when absent
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Exit with 1 when something is blocked
    #[arg(long)]
    fail_on_match: bool,
    #[command(flatten)]
    sharing: Sharing,
}

impl Interference {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let all = self.measurements.iter().chain(&self.fingerprints);
        input::once(all.map(PathBuf::as_path))?;
        let terms = self.sharing.terms()?;
        let wanted = self.wanted()?;
        let prints = self.fingerprints()?;
        let files = files::expand(&self.measurements)?;
        input::tell_if_waiting(&files);
        let bar = input::bar(&files);
        let threads = self
            .threads
            .or_else(|| std::thread::available_parallelism().ok());
        let threads = threads.map_or(1, NonZeroUsize::get);
        let mut out = Out::new();
        let mut tally = Tally::default();
        let totals = read::read(
            &files,
            &prints,
            &wanted,
            threads,
            &bar,
            &mut |found: Found| {
                for (line, judged) in found.judged {
                    if self.verdicts {
                        print::verdict(&mut out, &found.file, line, &judged)?;
                    }
                    tally.add(judged);
                }
                Ok(())
            },
        )?;
        bar.finish_and_clear();
        let result = print::Result {
            tally: &tally,
            totals: &totals,
            fingerprints: prints.len(),
        };
        if self.json {
            result.json(&mut out)?;
        } else if !self.verdicts {
            result.table(&mut out)?;
        }
        out.flush()?;
        result.summary();
        if let Some(path) = &self.report {
            let page = report::page(&result)?;
            std::fs::write(path, page)
                .with_context(|| format!("cannot write {}", path.display()))?;
            tell(&format!("{}: report written", path.display()));
        }
        let said = Terms {
            creator: terms.creator(),
            marking: Some(terms.marking()),
        };
        let found = tally.findings();
        let drafts = if self.sharing.is_wanted() {
            drafts(&tally, &said)
        } else {
            Vec::new()
        };
        if self.sharing.is_wanted() || !found.is_empty() {
            tell("no address, report or user of a probe is shared");
        }
        self.sharing.share(&terms, &drafts)?;
        Ok(
            match (totals.unread > 0, self.fail_on_match && !found.is_empty()) {
                (true, _) => Exit::Local,
                (false, true) => Exit::Found,
                (false, false) => Exit::Done,
            },
        )
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let country = |code: &String| match code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
            }
            _ => Err(Failure::usage(format!(
                "--country {code}: two letters, such as IR"
            ))),
        };
        let seconds = |day: Date| {
            let midnight: jiff::Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
            Some(midnight.as_second())
        };
        Ok(Wanted {
            countries: self.country.iter().map(country).collect::<Result<_, _>>()?,
            since: self.since.and_then(seconds),
            until: self.until.and_then(|day| seconds(day.tomorrow().ok()?)),
        })
    }

    fn fingerprints(&self) -> anyhow::Result<Fingerprints> {
        let mut all = Vec::new();
        for path in &self.fingerprints {
            let loaded = load(path)?;
            all.extend(loaded.fingerprints);
        }
        let (prints, refused) = Fingerprints::new(all);
        tell_some("fingerprints", refused.iter());
        if !prints.is_empty() {
            tell(&format!(
                "{} loaded",
                counted(prints.len() as u64, "fingerprint", "fingerprints")
            ));
        }
        Ok(prints)
    }
}

fn load(path: &Path) -> anyhow::Result<Loaded> {
    use std::io::Read as _;
    let opened = input::open(path, &indicatif::ProgressBar::hidden(), input::Head::Whole)?;
    let mut text = String::new();
    let read = opened.stream.take(LARGEST + 1).read_to_string(&mut text);
    let read = read.with_context(|| format!("cannot read {}", opened.name))?;
    if read as u64 > LARGEST {
        anyhow::bail!("{} is too large for a list of fingerprints", opened.name);
    }
    let loaded = Loaded::read(&text);
    tell_some(&opened.name, loaded.bad.iter());
    if loaded.fingerprints.is_empty() {
        let words = "holds no fingerprints: OONI's lists and Censored Planet's are read";
        anyhow::bail!("{} {words}", opened.name);
    }
    Ok(loaded)
}

/// Tells the first of what is wrong in a file, and how many more there are.
fn tell_some<T: ToString>(name: &str, wrong: impl ExactSizeIterator<Item = T>) {
    let more = wrong.len().saturating_sub(TOLD);
    for reason in wrong.take(TOLD) {
        tell(&format!("{}: {}", plain(name), plain(&reason.to_string())));
    }
    if more > 0 {
        tell(&format!("{}: and {more} more like this", plain(name)));
    }
}
