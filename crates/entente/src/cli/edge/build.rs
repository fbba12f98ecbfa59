//! `entente edge build`: signals out of a node, and what to show of them.
//!
//! Objects are read as `entente export` reads them; then the node is asked what it says of their
//! values, as `entente match` would ask. So the file holds what the caller may see, and what a hit
//! shows is what the node shows.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use matching::edge::{Builder, Signal};
use matching::{Kind, Observable, Relation};
use node::clock::{Clock, DAY};
use node::decay;
use node::policy::may_block;
use stix::{Object, Timestamp};

use super::Facts;
use crate::cli::export::Reading;
use crate::cli::output::{counted, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure};
use crate::present::collection::Collection;
use crate::present::lookup::{Match, Why};
use crate::present::value;

/// Write an edge file: signals that a machine without a node matches against
///
/// The file holds every value that the caller may see and act on, with what a hit shows: signals
/// that are revoked, have ended, have decayed, are on a warning list or may not be acted on
/// (PAP:AMBER, PAP:RED) are left out. Only its owner may read it; handing it on is subject to the
/// markings of what is in it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente edge build --data d -o signals.edge
  entente edge build --server https://node.example --token T --collection feed -o feed.edge
  entente match --edge signals.edge access.log")]
pub(crate) struct Build {
    #[command(flatten)]
    place: Where,
    /// Only this collection; repeat for more
    #[arg(long = "collection", value_name = "NAME")]
    collections: Vec<String>,
    /// The file to write; one that is there is replaced when the new one is whole
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Values that a node is asked for at once.
const AT_ONCE: usize = 2000;

impl Build {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open_to_match()?;
        let collections = target.readable(&self.collections)?;
        if let Target::Local(local) = &target {
            local.node.wait_for_index().map_err(node::Error::from)?;
        }
        let cannot = || format!("cannot write {}", self.output.display());
        let folder = match self.output.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
        let now = Clock::System.now().0;
        let mut writing = Writing {
            target: &target,
            builder: Builder::new(BufWriter::new(file.reopen().with_context(cannot)?))?,
            now,
            waiting: Waiting::default(),
            signals: 0,
            bar: bar(&collections),
        };
        for collection in &collections {
            let reading = Reading::newest();
            reading.read(&target, collection, &mut |raw| {
                writing.object(collection, raw)
            })?;
            writing.ask(collection)?;
        }
        writing.bar.finish_and_clear();
        let signals = writing.signals;
        let written = writing.builder.finish(now).with_context(cannot)?;
        let written = written.into_inner().with_context(cannot)?;
        written.sync_all().with_context(cannot)?;
        file.persist(&self.output).with_context(cannot)?;
        let edge = matching::Edge::open(File::open(&self.output)?)?;
        tell(&format!(
            "{} of {}, {} in memory: {}",
            counted(edge.observables(), "value", "values"),
            counted(signals, "signal", "signals"),
            DecimalBytes(edge.resident() as u64),
            self.output.display(),
        ));
        Ok(Exit::Done)
    }
}

/// A bar by objects, where the node tells how many there are.
fn bar(collections: &[Collection]) -> ProgressBar {
    let total: Option<u64> = collections
        .iter()
        .map(|collection| collection.objects)
        .sum();
    let (template, bar) = match total {
        Some(total) => (
            "{bar:30} {human_pos}/{human_len} objects {eta}",
            ProgressBar::new(total),
        ),
        None => ("{spinner} {human_pos} objects", ProgressBar::new_spinner()),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Values that wait to be asked for, with the ids of their objects.
#[derive(Default)]
struct Waiting {
    values: Vec<String>,
    objects: Vec<String>,
}

struct Writing<'t> {
    target: &'t Target,
    builder: Builder<BufWriter<File>>,
    now: i64,
    waiting: Waiting,
    signals: u64,
    bar: ProgressBar,
}

impl Writing<'_> {
    fn object(&mut self, collection: &Collection, raw: &[u8]) -> anyhow::Result<()> {
        self.bar.inc(1);
        let Ok(object) = Object::parse(raw) else {
            return Ok(());
        };
        if object.revoked() {
            return Ok(());
        }
        // Values of one object stay together: they are of one signal.
        if self.waiting.values.len() >= AT_ONCE {
            self.ask(collection)?;
        }
        for said in stix::signal::observables(&object) {
            let Some((kind, value)) = value::readable(&said) else {
                continue;
            };
            // The node reads a value without being told its kind.
            if Observable::guess(&value).is_ok_and(|guessed| guessed.kind() == kind) {
                self.waiting.values.push(value);
                self.waiting.objects.push(object.id().as_str().to_owned());
            }
        }
        Ok(())
    }

    /// Asks the node for the values that wait, and writes those of their hits that are of their own
    /// objects.
    fn ask(&mut self, collection: &Collection) -> anyhow::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.values.is_empty() {
            return Ok(());
        }
        // The places of this batch's signals, by the ids of their objects.
        let mut places: HashMap<String, u64> = HashMap::new();
        for hit in self.target.explain(waiting.values)? {
            let number = usize::try_from(hit.line).unwrap_or_default();
            let object = number.checked_sub(1).and_then(|at| waiting.objects.get(at));
            let own = object == Some(&hit.signal.id) && hit.signal.collection == collection.alias;
            if !own || hit.relation != Relation::Exact.as_str() || !is_to_act_on(&hit) {
                continue;
            }
            let kind: Kind = hit.kind.parse()?;
            let observable = Observable::of_canonical(kind, hit.value.as_str());
            let place = if let Some(place) = places.get(&hit.signal.id) {
                *place
            } else {
                let signal = self.signal(kind, &hit)?;
                let place = self.builder.signal(&signal);
                let place = place.with_context(|| hit.signal.id.clone())?;
                self.signals += 1;
                places.insert(hit.signal.id.clone(), place);
                place
            };
            self.builder.pair(&observable, place)?;
        }
        Ok(())
    }

    fn signal(&self, kind: Kind, hit: &Match) -> anyhow::Result<Signal> {
        let valid_from = hit.why.iter().find_map(|why| match why {
            Why::NotYetValid { at } => Some(at),
            _ => None,
        });
        let valid_until = hit.signal.valid_until.as_ref();
        let decays_since = match valid_until {
            Some(_) => None,
            None => self.decays_since(kind, hit)?,
        };
        let facts = Facts {
            signal: hit.signal.clone(),
            decays_since,
        };
        Ok(Signal {
            valid_from: valid_from.map(|at| micros(at)).transpose()?,
            valid_until: valid_until.map(|at| micros(at)).transpose()?,
            facts: serde_json::to_vec(&facts)?,
        })
    }

    /// Since when a signal decays: when it was added, or by its score was last seen. A node tells
    /// scores and no sightings, so the latter is right to a hundredth of its lifetime.
    fn decays_since(&self, kind: Kind, hit: &Match) -> anyhow::Result<Option<i64>> {
        let Some(days) = decay::lifetime(kind) else {
            return Ok(Some(micros(&hit.signal.added)?));
        };
        let added = micros(&hit.signal.added)?;
        if decay::score(kind, self.now - added) == hit.score {
            return Ok(Some(added));
        }
        let whole = i64::from(days) * DAY;
        let (mut young, mut old) = (0, whole);
        while young < old {
            let middle = young + (old - young) / 2;
            if decay::score(kind, middle) <= hit.score {
                old = middle;
            } else {
                young = middle + 1;
            }
        }
        Ok(Some((self.now - old).max(added)))
    }
}

/// Whether a signal may be acted on, now or from some day on.
fn is_to_act_on(hit: &Match) -> bool {
    let pap = hit.signal.pap.as_ref().map(|pap| pap.parse());
    let may = match pap {
        None => may_block(None),
        Some(Ok(pap)) => may_block(Some(pap)),
        // A protection that is not known forbids.
        Some(Err(_)) => false,
    };
    let waits = |why: &Why| matches!(why, Why::NotYetValid { .. });
    may && hit.why.iter().all(waits)
}

fn micros(time: &str) -> anyhow::Result<i64> {
    let read = Timestamp::parse(time);
    let read = read.map_err(|_| Failure::new(Exit::Remote, format!("'{time}' is no time")))?;
    Ok(read.micros())
}
