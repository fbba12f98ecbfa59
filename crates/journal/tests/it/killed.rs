use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use journal::{Journal, Position, embedded::Embedded};

use crate::fixture::{Pair, all, append, mixed, small_segments};

const DIRECTORY: &str = "JOURNAL_TEST_KILLED";

/// The records of the batch that starts at `base`; its size depends on it.
fn batch(base: Position) -> Vec<Pair> {
    mixed(base.0, 1 + base.0 * 7 % 700)
}

/// The test runs itself once more as the one to be killed.
#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost_and_no_append_is_half_there() {
    if let Some(directory) = env::var_os(DIRECTORY) {
        let journal = Embedded::open(directory.as_ref(), &small_segments()).unwrap();
        let mut out = std::io::stdout().lock();
        loop {
            let next = append(&journal, &batch(journal.next()));
            writeln!(out, "acknowledged {next}").unwrap();
        }
    }
    let directory = tempfile::tempdir().unwrap();
    for round in 0..8 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--nocapture", "--exact"])
            .arg("killed::killed_at_any_moment_nothing_acknowledged_is_lost_and_no_append_is_half_there")
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut acknowledged = lines
            .filter_map(|line| Some(Position(line.strip_prefix("acknowledged ")?.parse().ok()?)));
        let seen = acknowledged.by_ref().nth(round % 5).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let seen = acknowledged.last().unwrap_or(seen);

        let journal = Embedded::open(directory.path(), &small_segments()).unwrap();
        assert!(
            journal.next() >= seen,
            "{} of {seen} are left",
            journal.next()
        );
        let found = all(&journal).unwrap();
        let mut expected = Vec::new();
        while expected.len() < found.len() {
            expected.extend(batch(Position::START.plus(expected.len())));
        }
        assert!(found == expected, "half an append, or another");
        journal.verify(&mut |_| {}).unwrap();
    }
}
