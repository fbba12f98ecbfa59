//! What is told, to whom, and how often.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Serialize;

use crate::cli::Exit;
use crate::cli::output::{Out, plain, tell};

/// What a log does that it never should, or why that cannot be told.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// Two histories.
    SplitView,
    /// Fewer entries than were seen before.
    Rollback,
    /// A checkpoint that is not signed as it has to be.
    Signature,
    /// Tiles that a signed log has to have are missing or malformed.
    Incomplete,
    /// Nothing new for too long.
    Stalled,
    /// Nobody answers.
    Unreachable,
}

/// One alarm.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Alarm {
    #[serde(rename = "alarm")]
    pub(super) kind: Kind,
    pub(super) log: String,
    pub(super) words: String,
    /// The signed notes that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<String>,
}

/// Tells alarms once while they last.
pub(super) struct Alarms {
    json: bool,
    exec: Option<String>,
    lasting: BTreeSet<(String, Kind)>,
    now: BTreeSet<(String, Kind)>,
    out: Out,
}

#[derive(Serialize)]
struct Event<'e, T> {
    event: &'e str,
    #[serde(flatten)]
    about: &'e T,
}

impl Alarms {
    pub(super) fn new(json: bool, exec: Option<String>) -> Self {
        Alarms {
            json,
            exec,
            lasting: BTreeSet::new(),
            now: BTreeSet::new(),
            out: Out::new(),
        }
    }

    /// Raises an alarm, unless it was raised and has lasted since.
    pub(super) fn raise(&mut self, alarm: &Alarm) -> anyhow::Result<()> {
        let name = (alarm.log.clone(), alarm.kind);
        if !self.now.insert(name.clone()) || self.lasting.contains(&name) {
            return Ok(());
        }
        tell(&format!(
            "ALARM {}: {}",
            plain(&alarm.log),
            plain(&alarm.words)
        ));
        for (at, note) in alarm.evidence.iter().enumerate() {
            let lines: Vec<_> = note
                .lines()
                .map(|line| format!("  {}", plain(line)))
                .collect();
            tell(&format!("evidence {}:\n{}", at + 1, lines.join("\n")));
        }
        let event = Event {
            event: "alarm",
            about: alarm,
        };
        if self.json {
            self.out.json(&event)?;
            self.out.flush()?;
        }
        if let Some(command) = &self.exec {
            run(command, &serde_json::to_vec(&event)?);
        }
        Ok(())
    }

    /// Tells what is no alarm.
    pub(super) fn news(
        &mut self,
        event: &str,
        about: &impl Serialize,
        words: &str,
    ) -> anyhow::Result<()> {
        if self.json {
            self.out.json(&Event { event, about })?;
        } else {
            self.out.line(words)?;
        }
        Ok(self.out.flush()?)
    }

    /// Tells which alarms are over; the exit code for those that are not.
    pub(super) fn end_round(&mut self) -> anyhow::Result<Exit> {
        let now = std::mem::take(&mut self.now);
        for (log, _) in self.lasting.difference(&now) {
            tell(&format!("over: {}", plain(log)));
        }
        self.lasting = now;
        self.out.flush()?;
        let kinds = || self.lasting.iter().map(|(_, kind)| *kind);
        Ok(if kinds().any(|kind| kind != Kind::Unreachable) {
            Exit::Proof
        } else if kinds().next().is_some() {
            Exit::Remote
        } else {
            Exit::Done
        })
    }
}

/// Runs a command by the shell. What becomes of it keeps nobody from watching.
fn run(command: &str, input: &[u8]) {
    let spawned = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let ended = spawned.and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            drop(stdin.write_all(input));
        }
        child.wait()
    });
    match ended {
        Ok(status) if status.success() => {}
        Ok(status) => tell(&format!("the command of --exec ended with {status}")),
        Err(error) => tell(&format!("the command of --exec did not run: {error}")),
    }
}
