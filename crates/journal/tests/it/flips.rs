use std::{fs, os::unix::fs::FileExt};

use journal::{
    Error, Journal, Position,
    embedded::{Embedded, Options},
};

use crate::fixture::{Pair, all, append, copy, files, mixed, pair};

/// What a reader of a damaged journal may find: the same records, fewer of them, or an error.
fn check(journal: &Embedded, model: &[Pair]) {
    match all(journal) {
        Ok(found) => assert!(model.starts_with(&found), "other records"),
        Err(error) => assert!(matches!(error, Error::Corrupt { .. }), "{error}"),
    }
    for (index, expected) in model.iter().enumerate() {
        match journal.get(Position::START.plus(index)) {
            Ok(stored) => assert!(pair(&stored) == *expected, "another record"),
            Err(Error::Corrupt { .. } | Error::Absent { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Nothing is kept, so that every read is from the file.
const UNCACHED: Options = Options {
    segment_bytes: 1500,
    cache_bytes: 0,
};

fn written() -> (tempfile::TempDir, Vec<Pair>) {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &UNCACHED).unwrap();
    let model = mixed(0, 15);
    for batch in model.chunks(3) {
        append(&journal, batch);
    }
    assert!(files(directory.path(), "seg").len() > 1);
    (directory, model)
}

/// Each byte of each segment, while the journal is open.
#[test]
fn a_flipped_bit_is_never_read() {
    let (directory, model) = written();
    let journal = Embedded::open(directory.path(), &UNCACHED).unwrap();
    for path in files(directory.path(), "seg") {
        let bytes = fs::read(&path).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        for (offset, byte) in bytes.iter().enumerate() {
            let flipped = byte ^ (1 << (offset % 8));
            file.write_all_at(&[flipped], offset as u64).unwrap();
            check(&journal, &model);
            // The segment's own header was read at open.
            let found = journal.verify(&mut |_| {});
            assert_eq!(
                found.is_ok(),
                offset < 72,
                "byte {offset} of {}",
                path.display()
            );
            file.write_all_at(&[*byte], offset as u64).unwrap();
        }
    }
    assert!(all(&journal).unwrap() == model);
}

/// Every third byte of each file (but the lock), while the journal is closed.
#[test]
fn a_flipped_bit_is_never_opened_as_other_records() {
    let (directory, model) = written();
    let copied = copy(directory.path());
    let segments = files(copied.path(), "seg");
    let mut others = files(copied.path(), "idx");
    others.push(copied.path().join("HEAD"));
    for path in segments.iter().chain(&others) {
        let bytes = fs::read(path).unwrap();
        for offset in (0..bytes.len()).step_by(3) {
            let mut flipped = bytes.clone();
            flipped[offset] ^= 1 << (offset % 8);
            fs::write(path, &flipped).unwrap();
            match Embedded::open(copied.path(), &UNCACHED) {
                Ok(journal) => {
                    // No acknowledged record is dropped in silence.
                    assert_eq!(journal.next(), Position::START.plus(model.len()));
                    check(&journal, &model);
                    assert!(!segments.contains(path) || journal.verify(&mut |_| {}).is_err());
                }
                Err(Error::Corrupt { .. } | Error::Shortened { .. }) => {
                    assert!(segments.contains(path), "refused for a hint");
                    assert!(
                        fs::read(path).unwrap() == flipped,
                        "changed what it refused"
                    );
                }
                Err(error) => panic!("{error}"),
            }
            fs::write(path, &bytes).unwrap();
        }
    }
}

#[test]
fn damage_is_reported_with_file_and_place() {
    let (directory, _) = written();
    let first = &files(directory.path(), "seg")[0];
    let journal = Embedded::open(directory.path(), &UNCACHED).unwrap();
    let mut bytes = fs::read(first).unwrap();
    bytes[80] ^= 4;
    fs::write(first, bytes).unwrap();
    let error = journal.get(Position(0)).unwrap_err();
    let Error::Corrupt {
        segment,
        offset,
        what,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (segment, *offset, *what),
        (first, 72, "a frame header is damaged")
    );
    assert!(
        error
            .to_string()
            .contains("restore this file from a backup"),
        "{error}"
    );
}
