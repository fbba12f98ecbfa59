use std::fs;

use journal::{Journal, Position};

use crate::fixture::{Pair, all, append, copy, files, forget_head, mixed, noise, open, text};

/// Appends each batch; returns the records and, after each append, their number and the length of
/// the one segment.
fn written(batches: &[Vec<Pair>]) -> (tempfile::TempDir, Vec<Pair>, Vec<(usize, u64)>) {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path());
    let segment = files(directory.path(), "seg").remove(0);
    let mut model = Vec::new();
    let mut ends = vec![(0, fs::metadata(&segment).unwrap().len())];
    for batch in batches {
        append(&journal, batch);
        model.extend(batch.clone());
        ends.push((model.len(), fs::metadata(&segment).unwrap().len()));
    }
    (directory, model, ends)
}

#[test]
fn cut_off_anywhere_all_whole_appends_survive_and_appends_go_on() {
    let batches = [mixed(1, 3), mixed(0, 1), mixed(3, 2), mixed(8, 4)];
    let (directory, model, ends) = written(&batches);
    let (_, length) = ends[ends.len() - 1];
    for cut in ends[0].1..=length {
        let crashed = copy(directory.path());
        forget_head(crashed.path());
        let segment = files(crashed.path(), "seg").remove(0);
        fs::OpenOptions::new()
            .write(true)
            .open(&segment)
            .unwrap()
            .set_len(cut)
            .unwrap();

        let journal = open(crashed.path());
        let (count, end) = *ends.iter().rev().find(|(_, end)| *end <= cut).unwrap();
        assert_eq!(journal.next(), Position::START.plus(count), "cut at {cut}");
        let recovery = journal.recovery();
        assert_eq!(recovery.truncated_bytes, cut - end);
        assert_eq!(recovery.truncated.is_some(), cut != end);
        assert_eq!(fs::metadata(&segment).unwrap().len(), end);

        if cut % 7 != 0 {
            continue;
        }
        let more = mixed(100, 5);
        append(&journal, &more);
        drop(journal);
        let journal = open(crashed.path());
        assert_eq!(journal.recovery().truncated_bytes, 0);
        assert!(all(&journal).unwrap() == [&model[..count], &more].concat());
        journal.verify(&mut |_| {}).unwrap();
    }
}

/// An append of several frames is whole or absent.
#[test]
fn a_large_append_is_never_half_there() {
    let batches = [
        mixed(0, 3),
        (0..1200).map(|n| (text(n, 20), noise(n, 600))).collect(),
    ];
    let (directory, model, ends) = written(&batches);
    let ((_, before), (_, length)) = (ends[1], ends[2]);
    for cut in (before..length).step_by(9973).chain([length - 1]) {
        let crashed = copy(directory.path());
        forget_head(crashed.path());
        let segment = files(crashed.path(), "seg").remove(0);
        fs::OpenOptions::new()
            .write(true)
            .open(&segment)
            .unwrap()
            .set_len(cut)
            .unwrap();
        for file in files(crashed.path(), "idx") {
            fs::remove_file(file).unwrap();
        }
        let journal = open(crashed.path());
        assert!(all(&journal).unwrap() == model[..3], "cut at {cut}");
    }
}

/// Pages of one unfinished append may reach the disk in any order.
#[test]
fn a_hole_in_the_last_append_is_a_torn_end() {
    let batches = [
        mixed(0, 3),
        (0..1200).map(|n| (text(n, 20), noise(n, 600))).collect(),
    ];
    let (directory, model, ends) = written(&batches);
    let ((_, before), (_, length)) = (ends[1], ends[2]);
    for start in [
        before,
        before + 4096,
        u64::midpoint(before, length),
        length - 4096,
    ] {
        let crashed = copy(directory.path());
        forget_head(crashed.path());
        for file in files(crashed.path(), "idx") {
            fs::remove_file(file).unwrap();
        }
        let segment = files(crashed.path(), "seg").remove(0);
        let mut bytes = fs::read(&segment).unwrap();
        let start = usize::try_from(start).unwrap();
        bytes[start..start + 4096].fill(0);
        fs::write(&segment, bytes).unwrap();
        let journal = open(crashed.path());
        assert!(all(&journal).unwrap() == model[..3]);
        assert_eq!(journal.recovery().truncated_bytes, length - before);
    }
}

#[test]
fn garbage_behind_the_end_is_cut_off() {
    let (directory, model, ends) = written(&[mixed(0, 20)]);
    let segment = files(directory.path(), "seg").remove(0);
    let whole = fs::read(&segment).unwrap();
    for garbage in [vec![0; 10_000], noise(1, 5000), b"eFr1".repeat(50)] {
        let crashed = copy(directory.path());
        let segment = files(crashed.path(), "seg").remove(0);
        fs::write(&segment, [&whole[..], &garbage].concat()).unwrap();
        let journal = open(crashed.path());
        assert_eq!(journal.recovery().truncated_bytes, garbage.len() as u64);
        assert!(all(&journal).unwrap() == model);
        append(&journal, &model);
        drop(journal);
        assert!(all(&open(crashed.path())).unwrap() == [&model[..], &model].concat());
        assert!(fs::metadata(&segment).unwrap().len() > ends[1].1);
    }
}
