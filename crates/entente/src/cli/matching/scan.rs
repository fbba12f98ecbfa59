//! Matching pieces at a time, and handing what they hit over in order.
//!
//! One thread reads, some match, the caller's prints. At most four pieces for each thread that
//! matches are on their way, so that memory stays bounded whatever is slow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context as _;
use indicatif::ProgressBar;
use node::Caller;
use node::act::lookup::Matcher;

use super::chunks::{Piece, Pieces};
use super::edge::{self, EdgeFile};
use crate::cli::client::Client;
use crate::cli::input::{self, Head};
use crate::cli::output::{tell, tell_error};
use crate::cli::target::Target;
use crate::present::lookup::Match;

/// What is matched against.
pub(crate) enum Against {
    Node(Target),
    Edge(Box<EdgeFile>),
}

/// What a piece hit.
pub(crate) struct Done {
    pub(crate) file: Arc<str>,
    /// Those that do not fire too.
    pub(crate) hits: Vec<Match>,
    /// What it was read into.
    buffer: Vec<u8>,
}

/// What was read.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) lines: u64,
    pub(crate) octets: u64,
    pub(crate) files: u64,
    /// Files that could not be read, or not to their end.
    pub(crate) unread: u64,
}

/// A piece on its way.
struct Task {
    number: u64,
    file: Arc<str>,
    piece: Piece,
}

type Outcome = (u64, anyhow::Result<Done>);

/// Matches files; what they hit goes to `on_done` in the order it stands.
///
/// # Errors
/// When the node fails, or `on_done` does. A file that cannot be read is told and counted.
pub(crate) fn scan(
    against: &Against,
    files: &[PathBuf],
    bar: &ProgressBar,
    threads: usize,
    on_done: &mut dyn FnMut(Done) -> anyhow::Result<()>,
) -> anyhow::Result<Totals> {
    let on_their_way = threads * 4;
    let (give_back, buffers) = sync_channel::<Vec<u8>>(on_their_way);
    for _ in 0..on_their_way {
        let _ = give_back.send(Vec::new());
    }
    let (tasks, work) = sync_channel::<Task>(on_their_way);
    let (outcomes, results) = sync_channel::<Outcome>(on_their_way);
    let work = &Mutex::new(work);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            Reader {
                buffers,
                tasks,
                bar,
                stop: &stop,
            }
            .read(files)
        });
        for _ in 0..threads {
            let outcomes = outcomes.clone();
            scope.spawn(move || match_pieces(against, work, &outcomes));
        }
        drop(outcomes);
        let printed = in_order(&results, &give_back, on_done);
        // Unblocks the reader, and those who match, when printing broke off.
        stop.store(true, Ordering::Relaxed);
        drop((results, give_back));
        let totals = reader.join().unwrap_or_default();
        printed.map(|()| totals)
    })
}

/// Reads files into tasks.
struct Reader<'a> {
    /// A piece is read into a buffer; whoever is done with it gives it back.
    buffers: Receiver<Vec<u8>>,
    tasks: SyncSender<Task>,
    bar: &'a ProgressBar,
    stop: &'a AtomicBool,
}

impl Reader<'_> {
    fn read(self, files: &[PathBuf]) -> Totals {
        let mut totals = Totals::default();
        let (mut number, mut buffer) = (0, None);
        for path in files {
            if let Err(error) = self.read_file(path, &mut buffer, &mut number, &mut totals) {
                totals.unread += 1;
                self.bar.suspend(|| tell_error(&error));
            }
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        totals
    }

    /// Reads a file; a buffer that no piece took is left for the next.
    fn read_file(
        &self,
        path: &Path,
        buffer: &mut Option<Vec<u8>>,
        number: &mut u64,
        totals: &mut Totals,
    ) -> anyhow::Result<()> {
        let live = path.as_os_str() == "-";
        let wait = if live { Head::Live } else { Head::Whole };
        let input = input::open(path, self.bar, wait)?;
        totals.files += 1;
        if input.head.contains(&0) {
            let words = "holds binary data: it is matched as bytes, and lines are counted by \
                         line feeds";
            self.bar
                .suspend(|| tell(&format!("{}: {words}", input.name)));
        }
        let file: Arc<str> = input.name.into();
        let mut pieces = Pieces::new(input.stream, live);
        loop {
            if buffer.is_none() {
                *buffer = self.buffers.recv().ok();
            }
            let Some(bytes) = buffer else {
                return Ok(());
            };
            let next = pieces
                .next(bytes)
                .with_context(|| format!("{file}: it cannot be read on"))?;
            let Some(piece) = next else { break };
            *buffer = None;
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            totals.lines += piece.line_feeds;
            totals.octets += piece.bytes.len() as u64;
            if !piece.bytes.ends_with(b"\n") {
                // The last line of a file has no end, a line that was cut goes on.
                totals.lines += u64::from(pieces.is_at_end());
            }
            let task = Task {
                number: *number,
                file: Arc::clone(&file),
                piece,
            };
            *number += 1;
            if self.tasks.send(task).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Matches pieces until there are no more.
fn match_pieces(against: &Against, work: &Mutex<Receiver<Task>>, outcomes: &SyncSender<Outcome>) {
    let mut engine = match against {
        Against::Edge(file) => Ok(Engine::Edge(file.matcher())),
        Against::Node(Target::Local(local)) => {
            let matcher = local.node.matcher(&Caller::Operator);
            matcher
                .map(|m| Engine::Here(Box::new(m.explaining())))
                .map_err(anyhow::Error::from)
        }
        Against::Node(Target::Remote(client)) => Ok(Engine::There(client)),
    };
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = next else { return };
        let hits = match &mut engine {
            Ok(engine) => engine.hits(&task.piece),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        let done = hits.map(|hits| Done {
            file: task.file,
            hits,
            buffer: task.piece.bytes,
        });
        if outcomes.send((task.number, done)).is_err() {
            return;
        }
    }
}

/// What matches a piece.
enum Engine<'t> {
    Here(Box<Matcher<'t>>),
    There(&'t Client),
    Edge(edge::Matcher<'t>),
}

impl Engine<'_> {
    fn hits(&mut self, piece: &Piece) -> anyhow::Result<Vec<Match>> {
        let mut hits = match self {
            Engine::Here(matcher) => {
                let (lines, octets) = (matcher.lines(), matcher.bytes());
                let mut hits = Vec::new();
                let mut keep = |hit| {
                    let mut hit = Match::from(&hit);
                    hit.line -= lines;
                    hit.offset -= octets;
                    hits.push(hit);
                };
                matcher.feed(&piece.bytes, &mut keep)?;
                matcher.finish(&mut keep)?;
                hits
            }
            Engine::There(client) => client.lookup(&piece.bytes)?,
            Engine::Edge(matcher) => matcher.hits(&piece.bytes)?,
        };
        for hit in &mut hits {
            if hit.line == 1 {
                hit.column += piece.columns;
            }
            hit.line += piece.lines;
            hit.offset += piece.offset;
        }
        Ok(hits)
    }
}

/// Hands results over in the order of their tasks.
fn in_order(
    results: &Receiver<Outcome>,
    give_back: &SyncSender<Vec<u8>>,
    on_done: &mut dyn FnMut(Done) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    while let Ok((number, outcome)) = results.recv() {
        early.insert(number, outcome?);
        while let Some(mut done) = early.remove(&next) {
            next += 1;
            let buffer = std::mem::take(&mut done.buffer);
            on_done(done)?;
            let _ = give_back.try_send(buffer);
        }
    }
    Ok(())
}
