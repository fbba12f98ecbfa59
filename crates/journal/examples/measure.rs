//! Measures the embedded journal. With `--release`:
//!
//! ```text
//! measure write DIR BATCH COUNT      appends a second, each batch synced
//! measure open DIR                   time and memory to open
//! measure read DIR                   records a second, in order and at random
//! measure queue DIR LINGER WRITERS   asks a second through the sequencer; linger in microseconds
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement may stop at any error"
)]

use std::{
    env, fs,
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use journal::{
    Journal, Position, Record,
    embedded::{Embedded, Options},
    sequencer::{Decider, Limits, Sequencer, Weight},
};

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().unwrap();
    match arguments[..] {
        ["write", path, batch, count] => write(Path::new(path), number(batch), number(count)),
        ["open", path] => open(Path::new(path)),
        ["read", path] => read(Path::new(path)),
        ["queue", path, linger, writers] => queue(Path::new(path), number(linger), number(writers)),
        _ => println!("see the head of examples/measure.rs"),
    }
}

fn record(n: u64) -> (Vec<u8>, Vec<u8>) {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut state = mixed | 1;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    });
    let mut noise = noise.take(24);
    // A leaf is mostly hashes.
    let leaf = noise.by_ref().take(12).flat_map(u64::to_le_bytes).collect();
    let body = format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{mixed:016x}-{n:08}","created":"2026-01-01T00:00:00.{n:06}Z","modified":"2026-01-01T00:00:00.000Z","name":"Malicious host {n}","description":"Seen as a command and control server in campaign {}","indicator_types":["malicious-activity"],"pattern":"[domain-name:value = 'host-{:x}.example.com']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","labels":["a{}","b{}"],"created_by_ref":"identity--{:016x}"}}"#,
        n % 97,
        mixed.rotate_left(31),
        n % 13,
        n % 29,
        (n % 7).wrapping_mul(0x1234_5678_9abc_def1),
    );
    let mut body = body.into_bytes();
    body.extend(noise.flat_map(|word| format!("{word:016x}").into_bytes()));
    body.truncate(700);
    (leaf, body)
}

fn write(path: &Path, batch: u64, count: u64) {
    let journal = Embedded::open(path, &Options::default()).unwrap();
    let pairs: Vec<_> = (0..10_000).map(record).collect();
    let records: Vec<_> = pairs
        .iter()
        .map(|(leaf, body)| Record { leaf, body })
        .collect();
    let start = Instant::now();
    let batches = records.chunks(usize::try_from(batch).unwrap()).cycle();
    for records in batches.take(usize::try_from(count / batch).unwrap()) {
        journal.append(journal.next(), records).unwrap();
    }
    rate("records appended", count, start);
    let files = fs::read_dir(path).unwrap();
    let bytes: u64 = files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    println!(
        "{:>12} bytes a record on disk, of {}",
        bytes / journal.next().0,
        96 + 700
    );
}

fn open(path: &Path) {
    let before = memory("VmRSS");
    let start = Instant::now();
    let journal = Embedded::open(path, &Options::default()).unwrap();
    println!(
        "{:>12?} to open {} records",
        start.elapsed(),
        journal.next()
    );
    println!(
        "{:>12} KiB more resident, {} KiB at most",
        memory("VmRSS") - before,
        memory("VmHWM")
    );
}

/// Kibibytes that the system counts for this process.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn read(path: &Path) {
    let journal = Embedded::open(path, &Options::default()).unwrap();
    let next = journal.next().0;
    let all = |from: u64, to: u64| {
        let mut position = Position(from);
        while position.0 < to {
            position = position.plus(journal.read(position, 1000, usize::MAX).unwrap().len());
        }
    };
    for pass in ["first pass", "second pass"] {
        let start = Instant::now();
        all(0, next);
        rate(pass, next, start);
    }
    let start = Instant::now();
    (0..200).for_each(|_| all(0, 10_000));
    rate(
        "read again and again, pages of 1,000 among 10,000",
        200 * 10_000,
        start,
    );
    for within in [10_000, 100_000, next] {
        let mut random = 1_u64;
        let mut pick = || {
            random = random
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            (random >> 33) % within
        };
        (0..20_000).for_each(|_| drop(journal.get(Position(pick())).unwrap()));
        let start = Instant::now();
        (0..200_000).for_each(|_| drop(journal.get(Position(pick())).unwrap()));
        rate(&format!("got at random among {within}"), 200_000, start);
    }
    let start = Instant::now();
    let summary = journal.verify(&mut |_| {}).unwrap();
    rate("records verified", summary.records, start);
    println!("{:>12} KiB resident at most", memory("VmHWM"));
}

struct Clerk(Embedded, u64, u64);

impl Decider for Clerk {
    type Ask = Sender<()>;

    fn weight(_: &Self::Ask) -> Weight {
        Weight {
            objects: 1,
            bytes: 800,
        }
    }

    fn batch(&mut self, asks: Vec<Self::Ask>) {
        let pairs: Vec<_> = (0..asks.len() as u64).map(record).collect();
        let records: Vec<_> = pairs
            .iter()
            .map(|(leaf, body)| Record { leaf, body })
            .collect();
        self.0.append(self.0.next(), &records).unwrap();
        self.1 += 1;
        self.2 += asks.len() as u64;
        for ask in asks {
            ask.send(()).unwrap();
        }
    }

    fn tick(&mut self) {
        println!("{:>12} asks in {} batches so far", self.2, self.1);
    }
}

fn queue(path: &Path, linger: u64, writers: u64) {
    let journal = Embedded::open(path, &Options::default()).unwrap();
    let limits = Limits {
        linger: Duration::from_micros(linger),
        ..Limits::default()
    };
    let sequencer = Arc::new(Sequencer::spawn(limits, Clerk(journal, 0, 0)).unwrap());
    let start = Instant::now();
    let writer = |_| {
        let sequencer = Arc::clone(&sequencer);
        thread::spawn(move || {
            let mut count = 0;
            while start.elapsed() < Duration::from_secs(3) {
                let (answer, answered) = mpsc::channel();
                sequencer.submit_blocking(answer).unwrap();
                answered.recv().unwrap();
                count += 1;
            }
            count
        })
    };
    let writers: Vec<_> = (0..writers).map(writer).collect();
    let count = writers
        .into_iter()
        .map(|writer| writer.join().unwrap())
        .sum();
    rate("asks answered", count, start);
}

fn rate(what: &str, count: u64, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let rate = count as f64 / seconds;
    println!("{rate:>12.0} a second: {what} ({count} in {seconds:.2} s)");
}
