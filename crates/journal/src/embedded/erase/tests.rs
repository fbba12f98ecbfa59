use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    path::Path,
};

use super::*;
use crate::{
    Journal,
    embedded::{Embedded, Options},
};

type Pair = (Vec<u8>, Vec<u8>);

const STEPS: [Step; 7] = [
    Step::Seal,
    Step::Write,
    Step::Sync,
    Step::Check,
    Step::Rename,
    Step::SyncDirectory,
    Step::Index,
];

/// Bytes that lz4 cannot shorten, so that they stand in the file as they are.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn pairs(from: u64, count: u64) -> Vec<Pair> {
    let pair = |n: u64| {
        let leaf = format!("leaf {n}").into_bytes();
        match n % 3 {
            0 => (leaf, noise(n, 700)),
            1 => (leaf, format!("body {n} ").repeat(40).into_bytes()),
            _ => (leaf, noise(n, 3000)),
        }
    };
    (from..from + count).map(pair).collect()
}

fn append(journal: &Embedded, pairs: &[Pair]) {
    let records: Vec<_> = pairs
        .iter()
        .map(|(leaf, body)| Record { leaf, body })
        .collect();
    journal.append(journal.next(), &records).unwrap();
}

fn all(journal: &Embedded) -> Vec<Pair> {
    let read = journal.read(Position(0), usize::MAX, usize::MAX).unwrap();
    let pair = |stored: Stored| (stored.leaf.to_vec(), stored.body.to_vec());
    read.into_iter().map(pair).collect()
}

fn without(pairs: &[Pair], erased: &[u64]) -> Vec<Pair> {
    let body = |at: usize, body: &Vec<u8>| {
        if erased.contains(&(at as u64)) {
            Vec::new()
        } else {
            body.clone()
        }
    };
    let each = pairs.iter().enumerate();
    each.map(|(at, (leaf, held))| (leaf.clone(), body(at, held)))
        .collect()
}

fn options(segment_bytes: u64) -> Options {
    Options {
        segment_bytes,
        cache_bytes: 1 << 20,
    }
}

fn places(positions: &[u64]) -> Vec<Position> {
    positions.iter().copied().map(Position).collect()
}

/// Whether the bytes stand anywhere in the files of a directory.
fn found_in(directory: &Path, needle: &[u8]) -> bool {
    fs::read_dir(directory).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|at| at == needle)
    })
}

#[test]
fn what_is_erased_is_gone_from_every_file_and_the_rest_stays() {
    // One segment; several, the last of which grows on.
    for segment_bytes in [1 << 30, 20_000] {
        let directory = tempfile::tempdir().unwrap();
        let journal = Embedded::open(directory.path(), &options(segment_bytes)).unwrap();
        let mut model = Vec::new();
        for round in 0..12 {
            let more = pairs(round * 10, 10);
            append(&journal, &more);
            model.extend(more);
        }
        let chain = journal.verify(&mut |_| {}).unwrap().chain;
        // Old blocks are in the cache now.
        assert_eq!(all(&journal), model);
        let erased = [0, 2, 3, 58, 59, 60, 119];
        for at in [0, 2, 3, 119] {
            assert!(
                found_in(directory.path(), &model[at].1),
                "{at} stands in a file"
            );
        }
        let twice = [&erased[..], &erased].concat();
        let done = journal.erase(&places(&twice)).unwrap();
        assert_eq!(
            done,
            Erased {
                erased: 7,
                already: 0
            }
        );
        assert_eq!(all(&journal), without(&model, &erased));
        for at in [0, 2, 3, 119] {
            assert!(
                !found_in(directory.path(), &model[at].1),
                "{at} is still in a file"
            );
        }
        assert!(found_in(directory.path(), &model[5].1));
        let again = journal.erase(&places(&erased)).unwrap();
        assert_eq!(
            again,
            Erased {
                erased: 0,
                already: 7
            }
        );

        let summary = journal.verify(&mut |_| {}).unwrap();
        assert_eq!((summary.chain, summary.without_body), (chain, 7));
        let more = pairs(120, 20);
        append(&journal, &more);
        model.extend(more);
        journal.erase(&places(&[125])).unwrap();
        let expected = without(&model, &[&erased[..], &[125]].concat());
        assert_eq!(all(&journal), expected);
        drop(journal);
        let journal = Embedded::open(directory.path(), &options(segment_bytes)).unwrap();
        assert_eq!(journal.recovery().truncated_bytes, 0);
        assert_eq!(journal.recovery().index_entries_rebuilt, 0);
        assert_eq!(all(&journal), expected);
        assert_eq!(journal.verify(&mut |_| {}).unwrap().without_body, 8);
    }
}

#[test]
fn a_position_that_is_not_there_erases_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &Options::default()).unwrap();
    append(&journal, &pairs(0, 5));
    let refused = journal.erase(&places(&[1, 5]));
    assert!(matches!(refused, Err(Error::Absent { .. })));
    assert_eq!(all(&journal), pairs(0, 5));
    assert_eq!(journal.erase(&[]).unwrap(), Erased::default());
}

/// Damage is not carried over under a new checksum.
#[test]
fn a_damaged_segment_is_not_written_anew() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &options(20_000)).unwrap();
    for round in 0..6 {
        append(&journal, &pairs(round * 10, 10));
    }
    let victim = noise(9, 700);
    let segment = journal.segments.read().unwrap()[0].source.path.clone();
    let mut bytes = fs::read(&segment).unwrap();
    let at = bytes.windows(700).position(|at| at == victim).unwrap();
    bytes[at] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    assert!(matches!(
        journal.erase(&places(&[3])),
        Err(Error::Corrupt { .. })
    ));
    assert_eq!(fs::read(&segment).unwrap(), bytes, "the old file stays");
}

fn io(path: &Path) -> Error {
    file::failed("go on", path)(std::io::Error::other("injected"))
}

/// A copy of a directory, as a crash of the process would leave it.
fn crashed(directory: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

/// Each step × an error before it, an error after it, a crash at either: the old record or the new
/// one, never a mix; asked again it is done, and appends go on where they may.
#[test]
fn whatever_step_fails_each_body_is_whole_or_gone() {
    // Erasing in a sealed segment, in a small active one, in a large active one.
    for (segment_bytes, erased) in [(40_000, [3, 5]), (1 << 30, [3, 5]), (40_000, [40, 41])] {
        for step in STEPS {
            for after in [false, true] {
                fault(segment_bytes, &erased, step, after);
            }
        }
    }
}

fn fault(segment_bytes: u64, erased: &[u64], step: Step, after: bool) {
    let context = format!("{segment_bytes} {erased:?} {step:?} after: {after}");
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &options(segment_bytes)).unwrap();
    let mut model = Vec::new();
    for round in 0..5 {
        let more = pairs(round * 10, 10);
        append(&journal, &more);
        model.extend(more);
    }
    let new = without(&model, erased);
    let crash = RefCell::new(None);
    let met = Cell::new(false);
    let watch = |at: Step, is_after: bool| {
        if (at, is_after) != (step, after) {
            return Ok(());
        }
        met.set(true);
        *crash.borrow_mut() = Some(crashed(directory.path()));
        Err(io(directory.path()))
    };
    let answer = journal.erase_watched(&places(erased), &watch);
    let sealing = erased == [40, 41];
    assert_eq!(met.get(), step != Step::Seal || sealing, "{context}");
    if let Some(copy) = crash.into_inner() {
        let renamed =
            matches!(step, Step::SyncDirectory | Step::Index) || (step == Step::Rename && after);
        let then = if renamed { &new } else { &model };
        restarted(copy.path(), (then, &new), &options(segment_bytes), &context);
    }
    if met.get() && (step, after) != (Step::Index, false) {
        assert!(answer.is_err(), "{context}");
    }
    // An error there, and the process goes on.
    let held = all(&journal);
    assert!(held == model || held == new, "{context}: a mix");
    assert!(crashed_files(directory.path()).is_empty(), "{context}");
    let poisoned = journal.writer.lock().unwrap().poisoned;
    if poisoned {
        assert!(
            matches!(step, Step::SyncDirectory | Step::Rename),
            "{context}"
        );
        let record = Record {
            leaf: b"",
            body: b"",
        };
        let refused = journal.append(Position(50), &[record]);
        assert!(matches!(refused, Err(Error::Poisoned)));
    } else {
        journal.erase(&places(erased)).unwrap();
        append(&journal, &pairs(50, 3));
        assert_eq!(
            all(&journal),
            [&new[..], &pairs(50, 3)].concat(),
            "{context}"
        );
    }
    journal.verify(&mut |_| {}).unwrap();
    drop(journal);
    let journal = Embedded::open(directory.path(), &options(segment_bytes)).unwrap();
    assert_eq!(all(&journal)[..50], new, "{context}");
}

/// Opens what a crash left: it holds what `then` does; asked again to erase it is `new`.
fn restarted(copy: &Path, (then, new): (&[Pair], &[Pair]), options: &Options, context: &str) {
    let reopened = Embedded::open(copy, options).unwrap();
    assert!(all(&reopened) == then, "{context}");
    assert!(crashed_files(copy).is_empty(), "{context}");
    let each = (0..50).zip(new);
    let erased: Vec<u64> = each
        .filter(|(_, pair)| pair.1.is_empty())
        .map(|(at, _)| at)
        .collect();
    reopened.erase(&places(&erased)).unwrap();
    append(&reopened, &pairs(50, 3));
    drop(reopened);
    let reopened = Embedded::open(copy, options).unwrap();
    assert!(all(&reopened) == [new, &pairs(50, 3)].concat(), "{context}");
    reopened.verify(&mut |_| {}).unwrap();
}

fn crashed_files(directory: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "tmp"))
        .collect()
}

/// A sealed segment is written anew while appends go on.
#[test]
fn no_append_waits_while_a_sealed_segment_is_written_anew() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &options(60_000)).unwrap();
    append(&journal, &pairs(0, 40));
    let steps = std::cell::RefCell::new(Vec::new());
    let watch = |step: Step, after: bool| {
        if !after && matches!(step, Step::Seal | Step::Write | Step::Sync | Step::Check) {
            steps
                .borrow_mut()
                .push((step, journal.writer.try_lock().is_ok()));
        }
        Ok(())
    };
    journal.erase_watched(&[Position(3)], &watch).unwrap();
    let free = [Step::Write, Step::Sync, Step::Check].map(|step| (step, true));
    assert_eq!(
        steps.into_inner(),
        [&[(Step::Seal, false)][..], &free].concat()
    );
}

/// Readers and a writer go on while bodies go, and see whole records only.
#[test]
fn reads_and_appends_go_on_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &options(60_000)).unwrap();
    let model = pairs(0, 90);
    model.chunks(10).for_each(|batch| append(&journal, batch));
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = || {
            let mut seen = HashSet::new();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for (at, (leaf, body)) in all(&journal).into_iter().take(90).enumerate() {
                    assert_eq!(leaf, model[at].0);
                    assert!(body.is_empty() || body == model[at].1);
                    assert!(!seen.contains(&at) || body.is_empty(), "{at} came back");
                    if body.is_empty() {
                        seen.insert(at);
                    }
                }
            }
        };
        scope.spawn(reader);
        scope.spawn(|| (0..30).for_each(|n| append(&journal, &pairs(90 + n, 1))));
        for at in (0..90).step_by(7) {
            journal.erase(&[Position(at)]).unwrap();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let erased: Vec<u64> = (0..90).step_by(7).collect();
    assert_eq!(all(&journal), without(&pairs(0, 120), &erased));
    journal.verify(&mut |_| {}).unwrap();
}
