//! `entente detect coordination`: accounts that share the same things within seconds.

#![expect(
    clippy::cast_precision_loss,
    reason = "times, and counts of what is in memory, are far below 2^53"
)]

mod chart;
mod columns;
mod graphml;
mod print;
mod read;
mod report;
mod time;

use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use detect::coordination::{
    Group, Layer, Posts, Settings, Sorted, Telling, Told, coortweet, drafts, groups, null, toolkit,
};

use self::columns::Columns;
use self::read::{Reading, Totals};
use crate::cli::output::{Out, counted, tell};
use crate::cli::share::Sharing;
use crate::cli::{Exit, Failure, input};

/// Find accounts that share the same things within seconds, more often than chance explains
///
/// Reads who shared what, and when. Pairs of accounts are found that were within a window of each
/// other on more objects than two explanations allow: that both share at times and on objects where
/// many do, and that both have the same taste and are quick. Pairs that hang together are a group.
/// Nothing is sent anywhere unless you publish it. A finding does not say who is behind accounts, nor
/// that they mean harm: a person decides.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente detect coordination posts.csv --report groups.html
  entente detect coordination export.ndjson.zst --columns account=author.id,time=created_at,text=text
  entente detect coordination posts.csv --layer url,hashtag,near-text --window 60 --json > groups.ndjson
  entente detect coordination posts.csv --graphml groups.graphml --stix groups.json
  entente detect coordination posts.csv --publish library --data d --accounts hash --key-file circle.key
  entente detect coordination posts.csv --mode coortweet --window 60")]
pub(crate) struct Coordination {
    /// Files with posts ('-' is stdin): CSV with a header, or NDJSON
    #[arg(required = true, value_name = "POSTS")]
    posts: Vec<PathBuf>,
    /// Which column or member holds what, such as account=Author,time=Posted; fields are
    /// account, time, object, content, text, url, repost and hashtag
    #[arg(
        long,
        value_name = "FIELD=HEADER,...",
        default_value = "",
        hide_default_value = true
    )]
    columns: Columns,
    /// What accounts have in common; what the columns allow when absent
    #[arg(long, value_name = "LAYER,...", value_delimiter = ',', value_parser = layer_parser())]
    layer: Vec<Layer>,
    /// Windows in seconds [default: 10,60,300; 10 with coortweet, 60 with toolkit]
    #[arg(long, value_name = "SECONDS,...", value_delimiter = ',')]
    window: Vec<f64>,
    /// How pairs are judged
    #[arg(long, value_enum, default_value_t)]
    mode: Mode,
    /// The rate of false discoveries among the pairs found
    #[arg(long, value_name = "RATE", default_value_t = 0.01)]
    fdr: f64,
    /// Different objects that a pair shares within a window at least [default: 2; 1 with toolkit]
    #[arg(long, value_name = "OBJECTS")]
    #[arg(value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    min_shared: Option<u32>,
    /// Accounts of a group at least
    #[arg(long, value_name = "ACCOUNTS", default_value_t = 2)]
    #[arg(value_parser = RangedU64ValueParser::<usize>::new().range(2..))]
    min_accounts: usize,
    /// Leave out shares of an object with more others than this within the widest window
    #[arg(long, value_name = "SHARES", default_value_t = 20_000)]
    max_crowd: u32,
    /// With coortweet: edges above this quantile of the weights are marked as strong
    #[arg(long, value_name = "QUANTILE", default_value_t = 0.5)]
    quantile: f64,
    /// The platform that the accounts are on, such as twitter: accounts of the same name elsewhere
    /// are others
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    platform: String,
    /// Threads that count [default: all]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZero<usize>>,
    /// Print one JSON object a group, or an edge with the other modes
    #[arg(long)]
    json: bool,
    /// Write a report for people to this file: HTML that needs nothing else
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write the network to this file, as GraphML
    #[arg(long, value_name = "FILE")]
    graphml: Option<PathBuf>,
    /// Exit with 1 when something was found
    #[arg(long)]
    fail_on_match: bool,
    #[command(flatten)]
    sharing: Sharing,
}

/// How pairs are judged.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Against chance meeting and common taste
    #[default]
    Null,
    /// As the R package `CooRTweet` counts: all pairs of posts, strong ones above a quantile
    Coortweet,
    /// As the coordination-network-toolkit counts: directed edges with numbers of posts
    Toolkit,
}

fn layer_parser() -> impl clap::builder::TypedValueParser<Value = Layer> {
    PossibleValuesParser::new(Layer::ALL.map(Layer::name)).map(|name| {
        Layer::ALL
            .into_iter()
            .find(|layer| layer.name() == name)
            .unwrap_or(Layer::Object)
    })
}

/// What was read and found.
struct Findings {
    sorted: Sorted,
    groups: Vec<Group>,
    told: Told,
    /// In milliseconds.
    windows: Vec<i64>,
    fdr: f64,
    totals: Totals,
}

impl Coordination {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        input::once(self.posts.iter().map(PathBuf::as_path))?;
        let windows = self.windows()?;
        if self.mode != Mode::Null {
            return self.compare(&windows);
        }
        let terms = self.sharing.terms()?;
        let settings = Settings {
            windows: windows.clone(),
            fdr: self.fdr,
            min_shared: self.min_shared.unwrap_or(2),
            dense: self.max_crowd,
            threads: self.threads(),
        };
        let (sorted, totals) = self.sorted(Posts::new())?;
        let found =
            null(&sorted, &settings).map_err(|unusable| Failure::usage(unusable.to_string()))?;
        let groups = groups(&sorted, &found, self.min_accounts);
        let fdr = self.fdr;
        let findings = Findings {
            sorted,
            groups,
            told: found.told,
            windows,
            fdr,
            totals,
        };
        let mut out = Out::new();
        if self.json {
            print::json(&findings, &mut out)?;
        } else {
            print::text(&findings, &mut out)?;
        }
        out.flush()?;
        if let Some(path) = &self.report {
            write(path, &report::html(&findings)?)?;
        }
        if let Some(path) = &self.graphml {
            write(path, &graphml::groups(&findings))?;
        }
        print::tell_totals(&findings);
        if self.sharing.is_wanted() || !findings.groups.is_empty() {
            let account = |name: &str| terms.account(&self.platform, name);
            let telling = Telling {
                creator: terms.creator(),
                marking: Some(terms.marking()),
                platform: &self.platform,
                account: &account,
            };
            let told = |group: &Group| drafts(&findings.sorted, group, &telling);
            let mut objects: Vec<_> = findings.groups.iter().flat_map(told).collect();
            let mut seen = std::collections::BTreeSet::new();
            objects.retain(|object| seen.insert(object.id().to_owned()));
            self.sharing.share(&terms, &objects)?;
        }
        Ok(self.exit(!findings.groups.is_empty(), totals))
    }

    /// The windows in milliseconds.
    fn windows(&self) -> anyhow::Result<Vec<i64>> {
        if self.window.is_empty() {
            return Ok(match self.mode {
                Mode::Null => vec![10_000, 60_000, 300_000],
                Mode::Coortweet => vec![10_000],
                Mode::Toolkit => vec![60_000],
            });
        }
        if self.mode != Mode::Null && self.window.len() != 1 {
            let words = "coortweet and toolkit look at one window: give one with --window";
            return Err(Failure::usage(words).into());
        }
        let mut windows = Vec::new();
        for seconds in &self.window {
            if !(0.0..=31_536_000.0).contains(seconds) {
                let words = format!("--window {seconds}: a window is between 0 seconds and a year");
                return Err(Failure::usage(words).into());
            }
            #[expect(clippy::cast_possible_truncation, reason = "it is at most a year")]
            windows.push((seconds * 1000.0).round() as i64);
        }
        Ok(windows)
    }

    fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, NonZero::get);
        self.threads.map_or_else(all, NonZero::get)
    }

    fn sorted(&self, mut posts: Posts) -> anyhow::Result<(Sorted, Totals)> {
        let bar = input::bar(&self.posts);
        let reading = Reading {
            columns: &self.columns,
            layers: &self.layer,
            bar: &bar,
        };
        let totals = reading.read(&self.posts, &mut posts)?;
        bar.finish_and_clear();
        Ok((posts.sorted(), totals))
    }

    /// The modes that count as other programs do.
    fn compare(&self, windows: &[i64]) -> anyhow::Result<Exit> {
        if self.report.is_some() || self.sharing.is_wanted() {
            let words = "--report, --stix, --publish and --preview are for --mode null: the others \
                         count, they do not judge";
            return Err(Failure::usage(words).into());
        }
        let (sorted, totals) = self.sorted(Posts::with_contents())?;
        if sorted.layers().count() > 1 {
            let words = "coortweet and toolkit look at one layer: name one with --layer";
            return Err(Failure::usage(words).into());
        }
        let window = windows.first().copied().unwrap_or_default();
        let mut out = Out::new();
        let wanted = self.graphml.is_some();
        let network = if self.mode == Mode::Coortweet {
            let found = coortweet(&sorted, window, self.quantile);
            tell(&format!(
                "{}, {}, {}; strong above {}",
                counted(found.pairs, "pair of posts", "pairs of posts"),
                counted(found.accounts, "account", "accounts"),
                counted(found.edges.len() as u64, "edge", "edges"),
                found.threshold,
            ));
            print::weighted(&sorted, &found, self.json, &mut out)?;
            wanted.then(|| graphml::weighted(&sorted, &found))
        } else {
            let edges = toolkit(&sorted, window, self.min_shared.unwrap_or(1));
            tell(&counted(edges.len() as u64, "edge", "edges"));
            print::directed(&sorted, &edges, self.json, &mut out)?;
            wanted.then(|| graphml::directed(&sorted, &edges))
        };
        out.flush()?;
        if let (Some(path), Some(network)) = (&self.graphml, network) {
            write(path, &network)?;
        }
        Ok(self.exit(false, totals))
    }

    fn exit(&self, is_found: bool, totals: Totals) -> Exit {
        if self.fail_on_match && is_found {
            Exit::Found
        } else if totals.unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        }
    }
}

/// Writes a file that was asked for.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    use anyhow::Context as _;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    tell(&format!("{}: written", path.display()));
    Ok(())
}
