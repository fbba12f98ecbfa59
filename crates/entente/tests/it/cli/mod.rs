//! The command line, run as users run it: the built program in a folder of its own.

mod accession;
mod bank;
mod commitments;
mod coordination;
mod demo;
mod edge;
mod erasing;
mod exporting;
mod feedback;
mod first_steps;
mod importing;
mod interference;
mod libraries;
mod log;
mod managing;
mod match_patterns;
mod matching;
mod misp;
pub(crate) mod pdq;
mod real_files;
mod secrets;
pub(crate) mod serving;
mod silent;
mod stix_check;
mod stix_pattern;
mod text;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a data directory `d` in it, made by `entente init` unless it is bare.
pub(crate) struct Place {
    folder: TempDir,
    /// What logs signed, outside the folder.
    guards: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    /// An empty folder.
    pub(crate) fn bare() -> Self {
        Place {
            folder: tempfile::tempdir().unwrap(),
            guards: tempfile::tempdir().unwrap(),
        }
    }

    /// With a data directory on the Paris Call.
    pub(crate) fn new() -> Self {
        let place = Self::bare();
        place.run(&["init", "--data", "d"]).ok();
        place
    }

    /// With a data directory on the smallest pledge there can be: opens fast.
    pub(crate) fn small() -> Self {
        let place = Self::bare();
        place.write("pledge.toml", SMALL_PLEDGE.as_bytes());
        place
            .run(&["init", "--data", "d", "--pledge", "pledge.toml"])
            .ok();
        place
    }

    /// Writes a file and gives its name back.
    pub(crate) fn write<'n>(&self, name: &'n str, bytes: &[u8]) -> &'n str {
        std::fs::write(self.path(name), bytes).unwrap();
        name
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs another program in this folder; whether it was done.
    pub(crate) fn program(&self, name: &str, args: &[&str]) -> bool {
        let mut command = Command::new(name);
        command.args(args).current_dir(self.folder.path());
        command.status().is_ok_and(|status| status.success())
    }

    /// A command in this folder, with nothing of the surroundings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
        command.args(args).current_dir(self.folder.path());
        for name in [
            "ENTENTE_DATA",
            "ENTENTE_SERVER",
            "ENTENTE_TOKEN",
            "ENTENTE_LOG",
        ] {
            command.env_remove(name);
        }
        command.env("ENTENTE_GUARDS", self.guards.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        Ended::from(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs a command on the data directory `d`.
    pub(crate) fn on_d(&self, args: &[&str]) -> Ended {
        self.run(&[args, &["--data", "d"]].concat())
    }

    /// Runs a command, its words between spaces, on the data directory `d`.
    pub(crate) fn d(&self, line: &str) -> Ended {
        self.on_d(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn run_with_input(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The program may end before it has read everything.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let ended = Ended::from(child.wait_with_output().unwrap());
        writer.join().unwrap();
        ended
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Ended {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Ended with 0.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.code(0)
    }

    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.out, self.err
        );
        self
    }

    /// Stderr says this.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.err.contains(words),
            "stderr says not '{words}': {}",
            self.err
        );
        self
    }

    /// Stdout as NDJSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Stdout as one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// A list of this many addresses.
pub(crate) fn addresses(number: usize) -> String {
    let rows: Vec<String> = (0..number)
        .map(|n| format!("10.{}.{}.1\n", n / 200, n % 200))
        .collect();
    rows.concat()
}

/// Values of a member of each object.
pub(crate) fn each<'v>(values: &'v [Value], member: &str) -> Vec<&'v str> {
    values
        .iter()
        .map(|value| value[member].as_str().unwrap_or("-"))
        .collect()
}

/// The folder of real files, when the environment names one.
pub(crate) fn testdata() -> Option<PathBuf> {
    let folder = std::env::var_os("ENTENTE_TESTDATA");
    if folder.is_none() {
        println!("skipped: ENTENTE_TESTDATA is not set");
    }
    folder.map(|folder| Path::new(&folder).to_owned())
}

const SMALL_PLEDGE: &str = r#"
[pledge]
id = "small"
name = "A small pledge"
summary = "A pledge for tests."
disclaimer = "Invented."
adopted = 2020-01-01

[[source]]
key = "letter"
title = "A letter"

[[principle]]
number = 1
id = "share"
title = "Share"
summary = "Share what you see."
source = "letter"
harms = ["cybercrime"]

[register]
source = "letter"
read = 2020-06-01

[[register.parties]]
id = "alpha"
name = "Alpha"
kind = "private-sector"
listed = 2020-01-01
signed = 2020-01-01

[[register.parties]]
id = "beta"
name = "Béta Org"
kind = "civil-society"
listed = 2020-02-01
"#;
