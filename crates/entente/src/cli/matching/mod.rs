//! `entente match`: which signals a log hits, where, and who published them.

mod chunks;
mod edge;
mod patterns;
mod print;
mod scan;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use node::model::Harm;

use super::output::Out;
use super::target::{Target, Where};
use super::{Exit, input, words};
use crate::present::lookup::Match as Hit;
use edge::EdgeFile;
use print::{Printer, Style};
use scan::Against;

/// Match logs against the signals of a node
///
/// Finds addresses and networks, domains and what lies below them, URLs, e-mail addresses and
/// digests, also defanged, in any text. Files may be packed with gzip or zstd and of any size.
/// Nothing of a log is kept; with --server it is sent to that node.
///
/// With --patterns, STIX patterns are matched instead, against observed data and against logs of
/// Zeek, Suricata, web servers and CSV, whose lines become observables (docs/patterns.md). Then
/// nothing is sent to any node.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "each is a flag and has its name")]
#[command(after_help = "\
Examples:
  entente match --data d access.log
  entente match --data d mail.log.gz proxy.log.zst --json > hits.ndjson
  entente match --data d access.log --explain
  tail -n 10000 access.log | entente match - --data d --fail-on-match
  entente match --edge signals.edge access.log
  entente match --server https://node.example access.log --harm election-interference
  entente match --patterns patterns.txt conn.log dns.log.gz eve.json access.log
  entente match --patterns node --data d observed.ndjson --json
  entente match --patterns bundle.json proxy.csv --map time=observed-data:first_observed \\
      --map client=network-traffic:src_ref.value --map url=url:value")]
pub(crate) struct Match {
    /// Files ('-' is stdin)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Where,
    /// An edge file instead of a node: see 'entente edge build'
    #[arg(long, value_name = "EDGE", help_heading = "Which node")]
    #[arg(conflicts_with_all = ["data", "server", "token"])]
    edge: Option<PathBuf>,
    /// Only signals of this collection
    #[arg(long, value_name = "NAME", conflicts_with = "edge")]
    collection: Option<String>,
    /// Only signals about this harm
    #[arg(long, value_parser = words::harm())]
    harm: Option<Harm>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Print also what does not fire, and why: expired, on a warning list, ...
    #[arg(long)]
    explain: bool,
    /// Exit with 1 when something matched
    #[arg(long)]
    fail_on_match: bool,
    /// How many pieces are matched at a time; as many as there are cores when absent
    #[arg(long, value_name = "N", conflicts_with = "patterns")]
    threads: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    patterns: patterns::Asked,
}

/// Which hits are wanted.
#[derive(Clone, Debug, Default)]
struct Wanted {
    /// A collection's short name.
    collection: Option<String>,
    harm: Option<String>,
}

impl Wanted {
    fn wants(&self, hit: &Hit) -> bool {
        self.collection
            .as_ref()
            .is_none_or(|name| *name == hit.signal.collection)
            && self
                .harm
                .as_ref()
                .is_none_or(|harm| hit.signal.harm.as_ref() == Some(harm))
    }
}

impl Match {
    fn beside_patterns(&self) -> patterns::Rest<'_> {
        patterns::Rest {
            files: &self.files,
            place: &self.place,
            collection: self.collection.as_deref(),
            harm: self.harm,
            json: self.json,
            explain: self.explain,
            fail_on_match: self.fail_on_match,
        }
    }

    /// What is matched against, and the short name of the collection that is wanted.
    fn against(&self) -> anyhow::Result<(Against, Option<String>)> {
        if let Some(edge) = &self.edge {
            return Ok((Against::Edge(Box::new(EdgeFile::open(edge)?)), None));
        }
        let target = self.place.open_to_match()?;
        let collection = match &self.collection {
            Some(name) => Some(target.collection(name)?.alias),
            None => None,
        };
        if let Target::Local(local) = &target {
            local.node.wait_for_index().map_err(node::Error::from)?;
        }
        Ok((Against::Node(target), collection))
    }

    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        if self.patterns.is_asked() {
            return self.patterns.run(&self.beside_patterns());
        }
        let (against, collection) = self.against()?;
        let wanted = Wanted {
            collection,
            harm: self.harm.map(|harm| harm.to_string()),
        };
        let threads = self
            .threads
            .or_else(|| std::thread::available_parallelism().ok());
        let threads = threads.map_or(1, std::num::NonZeroUsize::get);
        let bar = input::bar(&self.files);
        input::tell_if_waiting(&self.files);
        let style = match (self.json, self.files.len()) {
            (true, _) => Style::Json,
            (false, 1) => Style::Lines,
            (false, _) => Style::LinesOfFiles,
        };
        let mut printer = Printer::new(Out::new(), style, self.explain, bar.clone());
        let start = Instant::now();
        let totals = scan::scan(&against, &self.files, &bar, threads, &mut |done| {
            let hits: Vec<Hit> = done
                .hits
                .into_iter()
                .filter(|hit| wanted.wants(hit))
                .collect();
            printer.print(&done.file, hits)
        });
        bar.finish_and_clear();
        let found = printer.finish()?;
        let totals = totals?;
        print::summarise(&found, &totals, start.elapsed());
        print::tell_suppressed(&found, self.explain);
        if self.fail_on_match && found.hits > 0 {
            return Ok(Exit::Found);
        }
        Ok(if totals.unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }
}
