//! How fast entries are appended with the log and without, how fast a whole log is read and computed
//! anew, and what a receipt costs.
//!
//! `cargo run --release -p entente-journal --example log_speed [entries]` writes a log of entries
//! of about 200 octets to a temporary directory, in the form in which it is exported.
#![allow(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program for measuring may panic"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use journal::embedded::{Embedded, Options};
use journal::log::medium::{Disk, Folder};
use journal::log::store::Log;
use journal::{Journal, Position, Record};

use journal::log::checkpoint::Checkpoint;
use journal::log::directory::Directory;
use journal::log::frontier::Frontier;
use journal::log::fsck::check;
use journal::log::hash::{Hash, leaf_hash};
use journal::log::note::SigningKey;
use journal::log::policy::Policy;
use journal::log::proof::prove_inclusion;
use journal::log::receipt::Receipt;
use journal::log::tile::{Level, Tile, push_entry};

fn entry(at: u64) -> Vec<u8> {
    format!(r#"{{"at":{at:020},"act":"publish","by":"party-{:06}","commitments":["{at:064x}"],"when":"2026-11-28T00:00:00Z","of":"{at:040x}"}}"#, at % 1222)
        .into_bytes()
}

/// Writes the log and gives its root.
fn write(directory: &Path, size: u64) -> Hash {
    let mut tree = Frontier::default();
    let mut levels: Vec<Vec<Hash>> = vec![Vec::new(); 8];
    for at in 0..size {
        let hash = leaf_hash(&entry(at));
        levels[0].push(hash);
        tree.push(hash, |height, root| {
            if height % 8 == 0 {
                levels[height as usize / 8].push(root);
            }
        });
    }
    for tile in Tile::all(size) {
        let first = usize::try_from(tile.index()).unwrap() * 256;
        let octets = match tile.level() {
            Level::Entries => {
                let mut octets = Vec::new();
                for at in first as u64..first as u64 + u64::from(tile.width()) {
                    assert!(push_entry(&mut octets, &entry(at)));
                }
                octets
            }
            Level::Hashes(level) => {
                levels[usize::from(level)][first..first + usize::from(tile.width())].concat()
            }
        };
        let path = directory.join(tile.to_string());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, octets).unwrap();
    }
    tree.root()
}

/// Appends with an fsync each: batches of 500 entries with bodies of 700 octets, as publishes come.
fn append(size: u64, with_log: bool) -> f64 {
    let home = tempfile::tempdir().unwrap();
    let journal = Embedded::open(&home.path().join("journal"), &Options::default()).unwrap();
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let folder: Arc<dyn Folder> = Arc::new(Disk(home.path().join("log")));
    let key = SigningKey::generate([2; 32], "log.example/speed").unwrap();
    let log = Log::open(Arc::clone(&journal), &folder, key, None).unwrap();
    let body = vec![b'x'; 700];
    let start = Instant::now();
    for base in (0..size).step_by(500) {
        let leaves: Vec<Vec<u8>> = (base..base + 500).map(entry).collect();
        let records: Vec<Record<'_>> = leaves
            .iter()
            .map(|leaf| Record { leaf, body: &body })
            .collect();
        journal.append(Position(base), &records).unwrap();
        if with_log {
            let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            log.extend(Position(base), &hashes).unwrap();
        }
    }
    size as f64 / start.elapsed().as_secs_f64()
}

fn main() {
    let size = std::env::args()
        .nth(1)
        .map_or(1_000_000, |size| size.parse().unwrap());
    for with_log in [true, false] {
        let rate = append(size / 5 / 500 * 500, with_log);
        let what = if with_log { "with" } else { "without" };
        println!("append, fsync each 500, {what} log: {rate:.0} entries/s");
    }
    let directory = tempfile::tempdir().unwrap();
    let root = write(directory.path(), size);
    let checkpoint = Checkpoint::new("log.example/speed", size, root).unwrap();
    let tiles = Directory::new(directory.path());
    for threads in [1, 2] {
        let start = Instant::now();
        let sound = check(&tiles, &checkpoint, threads, &|_| {}).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "fsck, {threads} threads: {size} entries, {} MB, {seconds:.3} s, {:.0} entries/s",
            sound.octets >> 20,
            size as f64 / seconds
        );
    }
    let key = SigningKey::generate([1; 32], "log.example/speed").unwrap();
    let start = Instant::now();
    let inclusion = prove_inclusion(&tiles, size / 3, size, &root).unwrap();
    println!("proof out of files: {:?}", start.elapsed());
    let receipt = Receipt {
        extra: Some(entry(size / 3)),
        index: size / 3,
        hashes: inclusion.hashes,
        checkpoint: checkpoint.sign(&key).unwrap(),
    }
    .to_string();
    let policy = Policy::of_log(key.verifier().clone());
    let start = Instant::now();
    let read = Receipt::parse(receipt.as_bytes()).unwrap();
    read.check(&leaf_hash(read.extra.as_deref().unwrap()))
        .unwrap();
    policy.accept(&read.checkpoint).unwrap();
    println!(
        "receipt: {} octets, verified in {:?}",
        receipt.len(),
        start.elapsed()
    );
}
