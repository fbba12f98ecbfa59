//! Reading measurements: some threads read and unpack files, others judge, the caller's adds up.
//!
//! What is on its way is bounded: a few batches for each thread, whatever is slow.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};
use detect::interference::{
    Fingerprints, Judge, Judged, Measurement, Record, Records, Unknown, mended,
};
use indicatif::ProgressBar;

use crate::cli::input::{self, Head};
use crate::cli::output::{plain, tell, tell_error};

/// Octets of a batch.
const BATCH: usize = 1 << 20;
/// Measurements of a batch.
const MOST: usize = 512;
/// Messages about lines of one file.
const TOLD: u64 = 5;
/// Where a tar archive says that it is one.
const USTAR: std::ops::Range<usize> = 257..262;
/// Tests and versions without rules that are told apart.
const MOST_UNKNOWN: usize = 1000;

/// Which measurements are wanted.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Countries; all when there are none.
    pub(super) countries: Vec<[u8; 2]>,
    /// Seconds since 1970 of the first wanted moment.
    pub(super) since: Option<i64>,
    /// Seconds since 1970 of the first moment that is no more wanted.
    pub(super) until: Option<i64>,
}

impl Wanted {
    fn wants(&self, judged: &Judged) -> bool {
        let has_bounds = self.since.is_some() || self.until.is_some();
        let in_time = judged.time.is_some_and(|time| {
            self.since.is_none_or(|since| time >= since)
                && self.until.is_none_or(|until| time < until)
        });
        let in_country =
            self.countries.is_empty() || self.countries.contains(&judged.place.country);
        in_country && (in_time || !has_bounds)
    }
}

/// What a batch gave.
pub(super) struct Found {
    pub(super) file: Arc<str>,
    /// Lines and what their measurements are.
    pub(super) judged: Vec<(u64, Judged)>,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) files: u64,
    /// Files that could not be read, or not to their end.
    pub(super) unread: u64,
    /// Lines that are no measurement.
    pub(super) bad: u64,
    /// Bad lines by file.
    pub(super) bad_files: BTreeMap<Arc<str>, u64>,
    /// Measurements that were not wanted.
    pub(super) unwanted: u64,
    /// Measurements of tests without rules.
    pub(super) unknown: BTreeMap<Unknown, u64>,
}

/// Objects on their way.
struct Batch {
    file: Arc<str>,
    octets: Vec<u8>,
    /// Where each object ends, and its line.
    ends: Vec<(usize, u64)>,
}

/// From a judging thread: what it found, and what it could not read.
struct Done {
    found: Found,
    bad: Vec<(u64, String)>,
    unwanted: u64,
    unknown: BTreeMap<Unknown, u64>,
}

enum Told {
    Done(Done),
    File,
    Unread(anyhow::Error),
    Bad(Arc<str>, u64, &'static str),
}

/// Judges the measurements of files. A file that cannot be read is told and counted, and so are
/// lines that are none.
///
/// # Errors
/// What `on_found` fails with.
pub(super) fn read(
    files: &[PathBuf],
    prints: &Fingerprints,
    wanted: &Wanted,
    threads: usize,
    bar: &ProgressBar,
    on_found: &mut dyn FnMut(Found) -> anyhow::Result<()>,
) -> anyhow::Result<Totals> {
    let (batches, work) = sync_channel::<Batch>(threads * 2);
    let (telling, told) = sync_channel::<Told>(threads * 2);
    // Judges alone hold it: when they are gone, readers are told.
    let work = Arc::new(Mutex::new(work));
    let next = &AtomicUsize::new(0);
    let stop = &AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..threads.min(files.len()).max(1) {
            let reader = Reader {
                batches: batches.clone(),
                telling: telling.clone(),
                bar,
                stop,
            };
            scope.spawn(move || reader.run(files, next));
        }
        for _ in 0..threads {
            let (work, telling) = (Arc::clone(&work), telling.clone());
            scope.spawn(move || judge(prints, wanted, &work, &telling));
        }
        drop((batches, telling, work));
        let mut totals = Totals::default();
        let result = told.iter().try_for_each(|message| match message {
            Told::Done(done) => {
                totals.add(&done, bar);
                on_found(done.found)
            }
            other => {
                totals.note(other, bar);
                Ok(())
            }
        });
        // Unblocks the others when the caller broke off.
        stop.store(true, Ordering::Relaxed);
        drop(told);
        result.map(|()| totals)
    })
}

impl Totals {
    fn add(&mut self, done: &Done, bar: &ProgressBar) {
        self.unwanted += done.unwanted;
        for (test, count) in &done.unknown {
            if self.unknown.len() < MOST_UNKNOWN || self.unknown.contains_key(test) {
                *self.unknown.entry(test.clone()).or_default() += count;
            }
        }
        for (line, reason) in &done.bad {
            self.bad_line(&done.found.file, *line, reason, bar);
        }
    }

    fn bad_line(&mut self, file: &Arc<str>, line: u64, reason: &str, bar: &ProgressBar) {
        self.bad += 1;
        let count = self.bad_files.entry(Arc::clone(file)).or_default();
        *count += 1;
        match *count {
            1..=TOLD => bar.suspend(|| tell(&format!("{}:{line}: {}", plain(file), plain(reason)))),
            count if count == TOLD + 1 => {
                let words = format!("{}: more lines are counted and not told", plain(file));
                bar.suspend(|| tell(&words));
            }
            _ => {}
        }
    }

    fn note(&mut self, told: Told, bar: &ProgressBar) {
        match told {
            Told::File => self.files += 1,
            Told::Unread(error) => {
                self.unread += 1;
                bar.suspend(|| tell_error(&error));
            }
            Told::Bad(file, line, reason) => self.bad_line(&file, line, reason, bar),
            Told::Done(_) => {}
        }
    }
}

/// Reads files into batches.
struct Reader<'a> {
    batches: SyncSender<Batch>,
    telling: SyncSender<Told>,
    bar: &'a ProgressBar,
    stop: &'a AtomicBool,
}

impl Reader<'_> {
    fn run(&self, files: &[PathBuf], next: &AtomicUsize) {
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            if let Err(error) = self.file(path) {
                let _ = self.telling.send(Told::Unread(error));
            }
        }
    }

    fn file(&self, path: &Path) -> anyhow::Result<()> {
        let input = input::open(path, self.bar, Head::Whole)?;
        let name: Arc<str> = input.name.as_str().into();
        let _ = self.telling.send(Told::File);
        if input.head.get(USTAR) == Some(b"ustar".as_slice()) {
            return self.archive(&name, input.stream);
        }
        self.stream(&name, input.stream)
    }

    fn archive(&self, name: &str, stream: impl Read) -> anyhow::Result<()> {
        let broken = || format!("{name}: the archive cannot be read on");
        let mut archive = tar::Archive::new(stream);
        for entry in archive.entries().with_context(broken)? {
            let entry = entry.with_context(broken)?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let inner = entry
                .path()
                .map(|path| path.display().to_string())
                .unwrap_or_default();
            let inner: Arc<str> = format!("{name}:{inner}").into();
            let mut stream = BufReader::new(entry);
            let head = stream.fill_buf().with_context(broken)?;
            let result = match head {
                [0x1f, 0x8b, ..] => {
                    let unpacked = flate2::bufread::MultiGzDecoder::new(stream);
                    self.stream(&inner, BufReader::new(unpacked))
                }
                [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                    let unpacked = zstd::stream::read::Decoder::with_buffer(stream)?;
                    self.stream(&inner, BufReader::new(unpacked))
                }
                _ => self.stream(&inner, stream),
            };
            if let Err(error) = result {
                let _ = self.telling.send(Told::Unread(error));
            }
        }
        Ok(())
    }

    fn stream(&self, file: &Arc<str>, stream: impl BufRead) -> anyhow::Result<()> {
        let mut records = Records::new(stream);
        let mut batch = Self::batch(file);
        loop {
            let next = records.next(&mut batch.octets);
            match next.with_context(|| format!("{file}: it cannot be read on"))? {
                None => break,
                Some((Record::Json, line)) => batch.ends.push((batch.octets.len(), line)),
                Some((Record::TooLong, line)) => {
                    let _ = self
                        .telling
                        .send(Told::Bad(Arc::clone(file), line, "is too long"));
                }
                Some((Record::Yaml, _)) => {
                    bail!(
                        "{file} is a YAML report of a probe before 2016: convert it to JSON first"
                    );
                }
            }
            if batch.octets.len() >= BATCH || batch.ends.len() >= MOST {
                let full = std::mem::replace(&mut batch, Self::batch(file));
                if self.stop.load(Ordering::Relaxed) || self.batches.send(full).is_err() {
                    return Ok(());
                }
            }
        }
        if !batch.ends.is_empty() {
            let _ = self.batches.send(batch);
        }
        Ok(())
    }

    fn batch(file: &Arc<str>) -> Batch {
        Batch {
            file: Arc::clone(file),
            octets: Vec::new(),
            ends: Vec::new(),
        }
    }
}

/// Judges batches until there are no more.
fn judge(
    prints: &Fingerprints,
    wanted: &Wanted,
    work: &Mutex<Receiver<Batch>>,
    telling: &SyncSender<Told>,
) {
    let mut judge = Judge::new(prints);
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return };
        if telling
            .send(Told::Done(judge_batch(&mut judge, wanted, batch)))
            .is_err()
        {
            return;
        }
    }
}

fn judge_batch(judge: &mut Judge<'_>, wanted: &Wanted, batch: Batch) -> Done {
    let found = Found {
        file: batch.file,
        judged: Vec::with_capacity(batch.ends.len()),
    };
    let mut done = Done {
        found,
        bad: Vec::new(),
        unwanted: 0,
        unknown: BTreeMap::new(),
    };
    let mut start = 0;
    for (end, line) in batch.ends {
        let octets = batch.octets.get(start..end).unwrap_or_default();
        start = end;
        let text = mended(octets);
        match Measurement::read(&text) {
            Err(error) => done.bad.push((line, error.to_string())),
            Ok(measurement) => match judge.judge(&measurement) {
                Ok(judged) if wanted.wants(&judged) => done.found.judged.push((line, judged)),
                Ok(_) => done.unwanted += 1,
                Err(unknown) => *done.unknown.entry(unknown).or_default() += 1,
            },
        }
    }
    done
}
