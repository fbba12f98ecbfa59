use std::{env, process::Command};

use journal::{Error, Journal, Position, embedded::Embedded};

use crate::fixture::{all, append, mixed, noise, open, records};

const DIRECTORY: &str = "JOURNAL_TEST_FULL_DISK";

/// The system refuses to let a file grow beyond a limit, as it does when a disk is full. The limit
/// holds for a process, so the test runs itself once more below it.
#[test]
fn an_append_that_does_not_fit_leaves_nothing_and_smaller_ones_go_on() {
    if let Some(directory) = env::var_os(DIRECTORY) {
        return fill(&open(directory.as_ref()));
    }
    let directory = tempfile::tempdir().unwrap();
    let program = env::current_exe().unwrap();
    // Blocks of 512 or 1,024 bytes, as the shell has it.
    let script = r#"trap "" XFSZ; ulimit -f 1000; exec "$0" --exact "$1""#;
    let run = Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .arg("full::an_append_that_does_not_fit_leaves_nothing_and_smaller_ones_go_on")
        .env(DIRECTORY, directory.path())
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stdout)
    );
    let journal = open(directory.path());
    assert_eq!(journal.recovery().truncated_bytes, 0);
    assert!(all(&journal).unwrap() == [mixed(0, 10), mixed(10, 10)].concat());
}

fn fill(journal: &Embedded) {
    append(journal, &mixed(0, 10));
    let large = [(b"leaf".to_vec(), noise(1, 2 << 20))];
    for _ in 0..2 {
        let error = journal
            .append(journal.next(), &records(&large))
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Io {
                    action: "append to it",
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(journal.next(), Position(10));
        assert!(all(journal).unwrap() == mixed(0, 10));
    }
    append(journal, &mixed(10, 10));
}
