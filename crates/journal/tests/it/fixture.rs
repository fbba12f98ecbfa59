use std::{
    fs,
    path::{Path, PathBuf},
};

use journal::{
    Journal, Position, Record, Stored,
    embedded::{Embedded, Options},
};

pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Bytes that look like JSON: they compress.
pub(crate) fn text(seed: u64, length: usize) -> Vec<u8> {
    let line = format!(r#"{{"type":"indicator","id":"indicator--{seed:08}","name":"a name"}}"#);
    line.into_bytes().into_iter().cycle().take(length).collect()
}

/// Bytes that do not compress.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

/// `count` records of many sizes, some empty, some incompressible.
pub(crate) fn mixed(seed: u64, count: u64) -> Vec<Pair> {
    (seed..seed + count)
        .map(|n| match n % 5 {
            0 => (text(n, 90), text(n, 700)),
            1 => (noise(n, 64), noise(n, 300)),
            2 => (text(n, 33), Vec::new()),
            3 => (Vec::new(), text(n, 1200)),
            _ => (Vec::new(), Vec::new()),
        })
        .collect()
}

pub(crate) fn records(pairs: &[Pair]) -> Vec<Record<'_>> {
    pairs
        .iter()
        .map(|(leaf, body)| Record { leaf, body })
        .collect()
}

/// Appends at the end and returns the new next position.
pub(crate) fn append(journal: &dyn Journal, pairs: &[Pair]) -> Position {
    journal
        .append(journal.next(), &records(pairs))
        .expect("append")
}

/// All records, read in pages.
pub(crate) fn all(journal: &dyn Journal) -> Result<Vec<Pair>, journal::Error> {
    let mut pairs = Vec::new();
    loop {
        let from = Position::START.plus(pairs.len());
        let page = journal.read(from, 7, 10_000)?;
        if page.is_empty() {
            return Ok(pairs);
        }
        for (index, stored) in page.into_iter().enumerate() {
            assert_eq!(stored.position, from.plus(index));
            pairs.push(pair(&stored));
        }
    }
}

pub(crate) fn pair(stored: &Stored) -> Pair {
    (stored.leaf.to_vec(), stored.body.to_vec())
}

pub(crate) fn open(directory: &Path) -> Embedded {
    Embedded::open(directory, &Options::default()).expect("open")
}

pub(crate) fn small_segments() -> Options {
    Options {
        segment_bytes: 20_000,
        cache_bytes: 100_000,
    }
}

/// The files of a journal that end so, in order.
pub(crate) fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory)
        .expect("list")
        .map(|entry| entry.expect("entry").path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// A copy of a journal in a new directory.
pub(crate) fn copy(directory: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("temporary directory");
    for entry in fs::read_dir(directory).expect("list") {
        let path = entry.expect("entry").path();
        fs::copy(&path, copy.path().join(path.file_name().expect("name"))).expect("copy");
    }
    copy
}

/// What a crash before the acknowledgement leaves: the head knows nothing of the last append.
pub(crate) fn forget_head(directory: &Path) {
    fs::remove_file(directory.join("HEAD")).expect("remove the head");
}
