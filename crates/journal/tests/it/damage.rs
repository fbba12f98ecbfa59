use std::{fs, path::Path};

use journal::{
    Error, Journal, Position,
    embedded::{Embedded, Options},
};

use crate::fixture::{all, append, copy, files, forget_head, mixed, open, small_segments};

fn refused(directory: &Path) -> Error {
    let before: Vec<_> = files(directory, "seg")
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    let error = Embedded::open(directory, &small_segments())
        .err()
        .expect("refused");
    let after: Vec<_> = files(directory, "seg")
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    assert!(before == after, "changed what it refused");
    error
}

fn written(batches: u64, size: u64) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &small_segments()).unwrap();
    for batch in 0..batches {
        append(&journal, &mixed(batch * size, size));
    }
    directory
}

#[test]
fn a_bad_frame_before_good_ones_is_damage_and_not_a_torn_end() {
    let directory = written(6, 4);
    forget_head(directory.path());
    let segment = files(directory.path(), "seg").remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let error = refused(directory.path());
    assert!(
        matches!(error, Error::Corrupt { offset: 72, .. }),
        "{error}"
    );
}

#[test]
fn a_shortened_journal_is_refused_until_the_loss_is_accepted() {
    let directory = written(6, 4);
    let segment = files(directory.path(), "seg").remove(0);
    let length = fs::metadata(&segment).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(&segment)
        .unwrap()
        .set_len(length - 1)
        .unwrap();
    let error = refused(directory.path());
    let message = error.to_string();
    let Error::Shortened {
        acknowledged,
        found,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((acknowledged, found), (Position(24), Position(20)));
    assert!(message.contains("remove the file HEAD"), "{message}");
    forget_head(directory.path());
    assert_eq!(open(directory.path()).next(), Position(20));
}

#[test]
fn a_missing_segment_is_noticed_wherever_it_was() {
    let directory = written(60, 20);
    let count = files(directory.path(), "seg").len();
    assert!(count > 3);
    for missing in 0..count {
        let damaged = copy(directory.path());
        fs::remove_file(&files(damaged.path(), "seg")[missing]).unwrap();
        let error = refused(damaged.path());
        assert!(
            matches!(error, Error::Corrupt { .. } | Error::Shortened { .. }),
            "{error}"
        );
    }
    let emptied = copy(directory.path());
    for file in files(emptied.path(), "seg") {
        fs::remove_file(file).unwrap();
    }
    assert!(matches!(refused(emptied.path()), Error::Shortened { .. }));
}

#[test]
fn a_shortened_segment_in_the_middle_is_noticed() {
    let directory = written(60, 20);
    let segment = &files(directory.path(), "seg")[1];
    let length = fs::metadata(segment).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(segment)
        .unwrap()
        .set_len(length - 1)
        .unwrap();
    assert!(matches!(refused(directory.path()), Error::Corrupt { .. }));
}

#[test]
fn a_segment_of_another_journal_is_noticed() {
    let (directory, other) = (written(60, 20), tempfile::tempdir().unwrap());
    let journal = Embedded::open(other.path(), &small_segments()).unwrap();
    for batch in 0..60 {
        append(&journal, &mixed(batch * 20 + 5, 20));
    }
    drop(journal);
    let (ours, theirs) = (files(directory.path(), "seg"), files(other.path(), "seg"));
    assert_eq!(ours[0].file_name(), theirs[0].file_name());
    fs::copy(&theirs[0], &ours[0]).unwrap();
    assert!(matches!(refused(directory.path()), Error::Corrupt { .. }));
}

#[test]
fn another_end_of_the_same_length_is_noticed() {
    let (directory, other) = (written(1, 20), tempfile::tempdir().unwrap());
    append(&open(other.path()), &mixed(5, 20));
    let (ours, theirs) = (files(directory.path(), "seg"), files(other.path(), "seg"));
    fs::copy(&theirs[0], &ours[0]).unwrap();
    let error = refused(directory.path());
    assert!(
        error
            .to_string()
            .contains("other records than were acknowledged"),
        "{error}"
    );
}

#[test]
fn the_index_is_rebuilt_when_lost_or_replaced() {
    let directory = written(60, 20);
    let model = all(&open(directory.path())).unwrap();
    let indexes = files(directory.path(), "idx");
    let whole: Vec<_> = indexes.iter().map(|file| fs::read(file).unwrap()).collect();
    for damage in [
        Some(vec![]),
        Some(vec![7; 5000]),
        Some(whole[0].clone()),
        None,
    ] {
        for file in &indexes {
            match &damage {
                Some(bytes) => fs::write(file, bytes).unwrap(),
                None => fs::remove_file(file).unwrap(),
            }
        }
        assert!(all(&open(directory.path())).unwrap() == model);
        let rebuilt: Vec<_> = indexes.iter().map(|file| fs::read(file).unwrap()).collect();
        assert!(rebuilt == whole);
    }
}

#[test]
fn what_a_crash_left_of_a_new_segment_is_removed() {
    let directory = written(3, 4);
    let unfinished = directory.path().join("00000000000000000012.tmp");
    fs::write(&unfinished, b"ENTS").unwrap();
    let options = Options::default();
    assert_eq!(
        Embedded::open(directory.path(), &options).unwrap().next(),
        Position(12)
    );
    assert!(!unfinished.exists());
}
