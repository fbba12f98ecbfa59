//! Each step of an append to the log × (error before, error after, crash after, power loss after).
//!
//! Whatever happens: what was signed and shown agrees with everything signed later, the next append
//! or the next start goes on, and a tile is what the journal gives.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use journal::log::checkpoint::Checkpoint;
use journal::log::frontier::Frontier;
use journal::log::hash::{Hash, leaf_hash};
use journal::log::medium::{Folder, Medium};
use journal::log::note::SigningKey;
use journal::log::store::{Log, LogError};
use journal::memory::Memory;
use journal::{Journal, Position, Record};

/// What happens at a step.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Fault {
    /// It fails, and nothing was done.
    Before,
    /// It fails, though it was done.
    After,
    /// Half of it is done, and it fails.
    Torn,
}

/// What the machine does then.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Then {
    /// The process goes on.
    Goes,
    /// The process ends; what was written is there.
    Crash,
    /// The machine stops; what was not synced is gone.
    PowerLoss,
}

/// A disk that counts writes and lets one of them fail.
#[derive(Clone, Default)]
struct Disk {
    files: Arc<Mutex<BTreeMap<String, File>>>,
    writes: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<(usize, Fault)>>>,
}

#[derive(Clone, Default)]
struct File {
    now: Vec<u8>,
    synced: Vec<u8>,
}

struct Handle {
    disk: Disk,
    name: String,
}

impl Disk {
    fn folder(&self) -> Arc<dyn Folder> {
        Arc::new(self.clone())
    }

    fn lose_power(&self) {
        for file in self.files.lock().unwrap().values_mut() {
            file.now = file.synced.clone();
        }
    }

    /// Whether the step that begins fails, and how.
    fn step(&self) -> Option<Fault> {
        let step = self.writes.fetch_add(1, Ordering::Relaxed);
        let fault = *self.fault.lock().unwrap();
        fault.filter(|(at, _)| *at == step).map(|(_, fault)| fault)
    }
}

impl Folder for Disk {
    fn open(&self, name: &str) -> io::Result<Arc<dyn Medium>> {
        self.files
            .lock()
            .unwrap()
            .entry(name.to_owned())
            .or_default();
        Ok(Arc::new(Handle {
            disk: self.clone(),
            name: name.to_owned(),
        }))
    }
}

impl Handle {
    fn with<T>(&self, act: impl FnOnce(&mut File) -> T) -> T {
        act(self.disk.files.lock().unwrap().get_mut(&self.name).unwrap())
    }
}

impl Medium for Handle {
    fn length(&self) -> io::Result<u64> {
        Ok(self.with(|file| file.now.len() as u64))
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.with(|file| {
            let from = usize::try_from(offset).unwrap();
            let bytes = file.now.get(from..from + buffer.len());
            buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let fault = self.disk.step();
        let written = match fault {
            Some(Fault::Before) => return Err(io::Error::other("before")),
            Some(Fault::Torn) => &bytes[..bytes.len() / 2],
            _ => bytes,
        };
        self.with(|file| {
            let from = usize::try_from(offset).unwrap();
            let end = from + written.len();
            file.now.resize(file.now.len().max(end), 0);
            file.now[from..end].copy_from_slice(written);
        });
        match fault {
            None => Ok(()),
            Some(_) => Err(io::Error::other("after")),
        }
    }

    fn sync(&self) -> io::Result<()> {
        let fault = self.disk.step();
        if fault != Some(Fault::Before) {
            self.with(|file| file.synced = file.now.clone());
        }
        match fault {
            None => Ok(()),
            Some(_) => Err(io::Error::other("sync")),
        }
    }
}

fn key() -> SigningKey {
    SigningKey::generate([7; 32], "log.example").unwrap()
}

/// A node in small: a journal that lasts, and a log on a disk that does not.
struct Node {
    journal: Arc<Memory>,
    disk: Disk,
    log: Option<Log>,
    /// Every checkpoint that anybody was shown.
    shown: Vec<Checkpoint>,
}

impl Node {
    fn new() -> Self {
        let mut node = Node {
            journal: Arc::new(Memory::new()),
            disk: Disk::default(),
            log: None,
            shown: Vec::new(),
        };
        node.open().unwrap();
        node
    }

    fn open(&mut self) -> Result<(), LogError> {
        self.log = None;
        let log = Log::open(self.journal.clone(), &self.disk.folder(), key(), None)?;
        self.log = Some(log);
        self.look();
        Ok(())
    }

    fn look(&mut self) {
        if let Some(log) = &self.log {
            self.shown.push(log.signed().checkpoint.clone());
        }
    }

    /// Appends to the journal, and then to the log, as the writer does.
    fn append(&mut self, count: usize) -> Result<(), LogError> {
        let base = self.journal.next();
        let leaves: Vec<Vec<u8>> = (0..count)
            .map(|n| format!("leaf {}", base.0 + n as u64).into_bytes())
            .collect();
        let records: Vec<Record<'_>> = leaves
            .iter()
            .map(|leaf| Record { leaf, body: b"" })
            .collect();
        self.journal.append(base, &records).unwrap();
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let done = self.log.as_ref().unwrap().extend(base, &hashes);
        self.look();
        done
    }

    /// Everything shown agrees with the journal, and every tile is what the journal gives.
    fn check(&self, case: &str) {
        let all = self.journal.leaf_hashes(Position(0), usize::MAX).unwrap();
        for shown in &self.shown {
            let mut tree = Frontier::default();
            for leaf in &all[..usize::try_from(shown.size()).unwrap()] {
                tree.push(*leaf, |_, _| {});
            }
            assert_eq!(*shown.root(), tree.root(), "{case}: at {}", shown.size());
        }
        let log = self.log.as_ref().unwrap();
        let size = log.signed().checkpoint.size();
        assert_eq!(
            size,
            all.len() as u64,
            "{case}: everything is signed in the end"
        );
        for (index, tile) in all.chunks(256).enumerate() {
            let got = log
                .tile(0, index as u64, tile.len() as u64)
                .unwrap()
                .unwrap();
            assert_eq!(got, tile, "{case}: tile {index}");
        }
        for whole in 0..size / 256 {
            let got = log.tile(1, whole / 256, whole % 256 + 1).unwrap().unwrap();
            let from = usize::try_from(whole).unwrap() * 256;
            let root = journal::log::frontier::root_of(&all[from..from + 256]);
            assert_eq!(got.last(), Some(&root), "{case}: level 1");
        }
        let last = self.shown.last().unwrap();
        assert_eq!(log.root_at(last.size()).unwrap(), Some(*last.root()));
    }
}

type Act<'a> = &'a dyn Fn(&mut Node) -> Result<(), LogError>;

/// Runs one script; returns how many steps it took.
fn run(fault: Option<(usize, Fault)>, then: Then) -> usize {
    let case = format!("{fault:?}, {then:?}");
    let mut node = Node::new();
    node.append(300).unwrap();
    *node.disk.fault.lock().unwrap() = fault;
    node.disk.writes.store(0, Ordering::Relaxed);
    let script: [Act; 6] = [
        &|node| node.append(1),
        &|node| node.append(255),
        &|node| node.log.as_ref().unwrap().tick(),
        // Two tiles, and no boundary of either.
        &|node| node.append(500),
        &|node| node.append(7),
        &|node| node.append(40),
    ];
    for act in script {
        let before = node.shown.last().unwrap().clone();
        if act(&mut node).is_ok() {
            continue;
        }
        assert_eq!(
            node.log.as_ref().unwrap().signed().checkpoint,
            before,
            "{case}: what failed is shown to nobody"
        );
        match then {
            Then::Goes => {}
            // Neither has an orderly end, which would sync.
            Then::Crash => {
                std::mem::forget(node.log.take());
                node.open().unwrap();
            }
            Then::PowerLoss => {
                std::mem::forget(node.log.take());
                node.disk.lose_power();
                node.open().unwrap();
            }
        }
    }
    let steps = node.disk.writes.load(Ordering::Relaxed);
    node.append(1).unwrap();
    node.check(&case);
    // An orderly end and a start, on which nothing fails.
    node.open().unwrap();
    node.check(&case);
    steps
}

#[test]
fn whatever_fails_no_two_checkpoints_disagree_and_appends_go_on() {
    let steps = run(None, Then::Goes);
    assert!(steps > 12, "the script takes {steps} steps");
    for step in 0..steps {
        for fault in [Fault::Before, Fault::After, Fault::Torn] {
            for then in [Then::Goes, Then::Crash, Then::PowerLoss] {
                run(Some((step, fault)), then);
            }
        }
    }
}

#[test]
fn a_power_loss_at_any_time_costs_nothing_but_work() {
    let mut node = Node::new();
    for count in [1, 255, 1, 65_300, 3, 70_000] {
        node.append(count).unwrap();
        node.log.as_ref().unwrap().tick().unwrap();
        std::mem::forget(node.log.take());
        node.disk.lose_power();
        node.open().unwrap();
    }
    node.check("power losses");
}

#[test]
fn damaged_hashes_are_found_and_mended_from_the_journal() {
    let mut node = Node::new();
    node.append(66_000).unwrap();
    for (name, offset) in [
        ("level-0", 0),
        ("level-0", 255 * 32 + 7),
        ("level-1", 5 * 32),
    ] {
        node.disk.files.lock().unwrap().get_mut(name).unwrap().now[offset] ^= 4;
        node.check(name);
    }
    // Both at once: the hash, and the one that it is checked against.
    for (name, offset) in [("level-0", 9 * 8192), ("level-1", 9 * 32)] {
        node.disk.files.lock().unwrap().get_mut(name).unwrap().now[offset] ^= 4;
    }
    node.check("both");
}

#[test]
fn damage_in_a_file_is_not_taken_for_another_history() {
    let mut node = Node::new();
    node.append(300).unwrap();
    let record = node.disk.files.lock().unwrap()["signed"].clone();
    node.append(500).unwrap();
    // An orderly end; then a record as old as a machine that stopped may leave one, and a flipped bit
    // among the hashes that its root needs.
    node.log = None;
    let mut files = node.disk.files.lock().unwrap();
    files.insert("signed".into(), record);
    files.get_mut("level-0").unwrap().now[257 * 32] ^= 1;
    drop(files);
    node.open().unwrap();
    node.check("damaged");
}

#[test]
fn a_journal_from_an_older_copy_or_another_is_refused_and_nothing_is_signed() {
    let mut node = Node::new();
    node.append(300).unwrap();
    let whole = Arc::clone(&node.journal);
    node.log = None;
    let short = Memory::new();
    for position in 0..200 {
        let record = whole.get(Position(position)).unwrap();
        let record = Record {
            leaf: &record.leaf,
            body: &record.body,
        };
        short.append(Position(position), &[record]).unwrap();
    }
    node.journal = Arc::new(short);
    let error = node.open().unwrap_err();
    assert!(matches!(
        error,
        LogError::Behind {
            signed: 300,
            found: 200,
            ..
        }
    ));
    assert!(error.to_string().contains("log restart"), "{error}");
    for position in 200..310_u64 {
        let leaf = format!("other {position}");
        let record = Record {
            leaf: leaf.as_bytes(),
            body: b"",
        };
        node.journal.append(Position(position), &[record]).unwrap();
    }
    assert!(matches!(
        node.open().unwrap_err(),
        LogError::Forked { signed: 300, .. }
    ));
    node.journal = whole;
    node.open().unwrap();
    node.append(1).unwrap();
    node.check("restored");
}

#[test]
fn the_guard_outlives_a_restore_and_keeps_a_second_signer_out() {
    let home = tempfile::tempdir().unwrap();
    let guard = home.path().join("state").join("guard");
    let open = |journal: &Arc<Memory>, disk: &Disk| {
        Log::open(journal.clone(), &disk.folder(), key(), Some(guard.clone()))
    };
    let journal = Arc::new(Memory::new());
    let disk = Disk::default();
    let log = open(&journal, &disk).unwrap();
    let leaf = leaf_hash(b"one");
    journal
        .append(
            Position(0),
            &[Record {
                leaf: b"one",
                body: b"",
            }],
        )
        .unwrap();
    log.extend(Position(0), &[leaf]).unwrap();
    assert!(matches!(
        open(&journal, &Disk::default()),
        Err(LogError::Guarded(_))
    ));
    drop(log);
    // The whole data directory from before the entry: its own record is as old as its journal.
    let restored = open(&Arc::new(Memory::new()), &Disk::default());
    assert!(matches!(
        restored,
        Err(LogError::Behind {
            signed: 1,
            found: 0,
            ..
        })
    ));
    open(&journal, &Disk::default()).unwrap();
}

#[test]
fn what_is_halted_signs_nothing_more() {
    let mut node = Node::new();
    node.append(3).unwrap();
    node.log.as_ref().unwrap().halt("a witness saw more".into());
    assert!(matches!(node.append(1), Err(LogError::Halted(_))));
    assert_eq!(node.log.as_ref().unwrap().signed().checkpoint.size(), 3);
}
