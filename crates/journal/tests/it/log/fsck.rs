use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::log::checkpoint::Checkpoint;
use journal::log::directory::Directory;
use journal::log::fsck::{Sound, Unsound, check, check_older};
use journal::log::tile::{Tile, Tiles as _};

use super::naive::Naive;

/// The files of a log of `size` entries.
fn write(log: &Naive, size: u64, directory: &Path) -> Checkpoint {
    for tile in Tile::all(size) {
        let path = directory.join(tile.to_string());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, log.read(tile).unwrap()).unwrap();
    }
    Checkpoint::new("log.example", size, log.root(size)).unwrap()
}

fn run(directory: &Path, checkpoint: &Checkpoint) -> Result<Sound, Unsound> {
    check(&Directory::new(directory), checkpoint, 2, &|_| {})
}

#[test]
fn sound_logs_of_all_shapes_are_found_sound() {
    let log = Naive::new(66_000);
    for size in [0, 1, 255, 256, 257, 65_536, 65_537, 66_000] {
        let checkpoint = Checkpoint::new("log.example", size, log.root(size)).unwrap();
        let entries = AtomicU64::new(0);
        let progress = |more| {
            entries.fetch_add(more, Ordering::Relaxed);
        };
        let sound = check(&log, &checkpoint, 2, &progress).unwrap();
        assert_eq!((sound.entries, entries.into_inner()), (size, size));
        assert_eq!(sound.tiles, Tile::all(size).count() as u64);
    }
}

#[test]
fn every_file_matters_and_is_named() {
    let log = Naive::new(66_000);
    let directory = tempfile::tempdir().unwrap();
    let checkpoint = write(&log, 65_793, directory.path());
    assert_eq!(run(directory.path(), &checkpoint).unwrap().entries, 65_793);
    let files = [
        "tile/entries/000",
        "tile/entries/255",
        "tile/entries/257.p/1",
        "tile/0/000",
        "tile/0/128",
        "tile/0/257.p/1",
        "tile/1/000",
        "tile/1/001.p/1",
        "tile/2/000.p/1",
    ];
    for file in files {
        let path = directory.path().join(file);
        let good = fs::read(&path).unwrap();
        // A hash of level 0 and the entry that it is of part: either may be the one that was changed.
        let twin = file.replace("tile/0/", "tile/entries/");
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let error = run(directory.path(), &checkpoint).unwrap_err().to_string();
            assert!(
                error.starts_with(file) || error.starts_with(&twin),
                "{file}: {error}"
            );
        }
        for bad in [&good[..good.len() - 1], &[], &[&good[..], &[0]].concat()] {
            fs::write(&path, bad).unwrap();
            let found = run(directory.path(), &checkpoint);
            assert!(found.is_err(), "{file}");
        }
        fs::remove_file(&path).unwrap();
        let error = run(directory.path(), &checkpoint).unwrap_err();
        assert!(matches!(error, Unsound::Tile(_)), "{error}");
        assert_eq!(error.to_string(), format!("{file} is missing"));
        fs::write(&path, good).unwrap();
    }
    let other = Checkpoint::new("log.example", 65_793, [1; 32]).unwrap();
    let error = run(directory.path(), &other).unwrap_err().to_string();
    assert_eq!(
        error,
        "checkpoint: its root is not that of the 65793 entries"
    );
    run(directory.path(), &checkpoint).unwrap();
}

#[test]
fn the_first_of_many_faults_is_told() {
    let log = Naive::new(5000);
    let directory = tempfile::tempdir().unwrap();
    let checkpoint = write(&log, 5000, directory.path());
    for index in [3, 5, 9, 17] {
        fs::write(
            directory.path().join(format!("tile/entries/{index:03}")),
            "",
        )
        .unwrap();
    }
    for _ in 0..20 {
        let error = check(&Directory::new(directory.path()), &checkpoint, 4, &|_| {});
        let error = error.unwrap_err().to_string();
        assert_eq!(error, "tile/entries/003 ends within entry 0 of 256");
    }
}

#[test]
fn a_log_that_went_on_is_sound_at_the_size_that_was_signed() {
    // 66,000 entries are there, and the checkpoint is of 65,537: its partial tiles are those of one
    // entry, and where a wider tile has taken their place it is cut.
    let log = Naive::new(66_000);
    let directory = tempfile::tempdir().unwrap();
    let checkpoint = write(&log, 65_537, directory.path());
    assert!(directory.path().join("tile/0/256.p/1").exists());
    assert!(
        directory
            .path()
            .join("tile/1/001.p/1")
            .try_exists()
            .is_ok_and(|there| !there)
    );
    run(directory.path(), &checkpoint).unwrap();
    let later = write(&log, 66_000, directory.path());
    run(directory.path(), &checkpoint).unwrap();
    run(directory.path(), &later).unwrap();
    // Partial tiles of the earlier size are still there, and are looked at as well.
    let older = || check_older(&Directory::new(directory.path()), &later);
    assert_eq!(older().unwrap(), 2);
    let path = directory.path().join("tile/entries/256.p/1");
    let good = fs::read(&path).unwrap();
    fs::write(&path, &good[..3]).unwrap();
    assert!(
        older()
            .unwrap_err()
            .to_string()
            .starts_with("tile/entries/256.p/1")
    );
    fs::write(&path, [&good[..], &[0]].concat()).unwrap();
    assert!(
        older()
            .unwrap_err()
            .to_string()
            .starts_with("tile/entries/256.p/1")
    );
    fs::write(&path, &good).unwrap();
    fs::remove_dir_all(directory.path().join("tile/0/256.p")).unwrap();
    fs::remove_dir_all(directory.path().join("tile/entries/256.p")).unwrap();
    run(directory.path(), &checkpoint).unwrap();
    // A truncated tile at a full path is found.
    let path = directory.path().join("tile/0/256");
    let full = fs::read(&path).unwrap();
    fs::write(&path, &full[..32]).unwrap();
    assert!(run(directory.path(), &later).is_err());
}
