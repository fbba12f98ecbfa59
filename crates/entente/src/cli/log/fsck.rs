//! `entente log fsck`: reads a whole log and computes everything anew.

use clap::Args;
use node::log::checkpoint::Checkpoint;
use node::log::fsck::{Unsound, check, check_older};
use node::log::policy::Policy;
use serde::Serialize;

use super::source::Source;
use super::trust::{Trust, accept};
use crate::cli::output::{Out, counted, plain, tell};
use crate::cli::{Exit, Failure, input};

/// Check a whole log: every entry, every tile of every level, the root that was signed
///
/// Ends with exit code 6 when anything does not hold, and says what; with 5 when the log cannot be
/// reached. Without --key or --policy the signature is checked against the key that stands beside
/// the log, which whoever changes the log can change as well.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente log fsck https://node.example/log --key node.vkey
  entente log fsck exported --policy trusted.policy --json")]
pub(crate) struct Fsck {
    /// The URL under which the log is served, or a directory as 'entente log export' writes it
    #[arg(value_name = "URL|DIR")]
    log: String,
    #[command(flatten)]
    trust: Trust,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Against what the signature was checked.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Signature {
    /// A key or a policy that was given.
    Given,
    /// A key that the log itself serves.
    Served,
    /// Nothing.
    Unchecked,
}

#[derive(Debug, Serialize)]
struct Found<'f> {
    origin: &'f str,
    entries: u64,
    root: String,
    tiles: u64,
    octets: u64,
    signature: Signature,
    witnesses: &'f [(String, u64)],
}

impl Fsck {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let given = self.trust.policy()?;
        let source = Source::open(&self.log)?;
        let note = source.checkpoint()?;
        let (policy, signature) = match given {
            Some(policy) => (Some(policy), Signature::Given),
            None => match source.served_key() {
                Some(key) => (Some(Policy::of_log(key)), Signature::Served),
                None => (None, Signature::Unchecked),
            },
        };
        let (checkpoint, witnesses) = match policy {
            Some(policy) => {
                let accepted = accept(&policy, &note)?;
                (accepted.checkpoint, accepted.witnesses)
            }
            None => (parse(note.text())?, Vec::new()),
        };
        let bar = input::bar_of_elements(checkpoint.size());
        let sound = check(&source, &checkpoint, source.threads(), &|more| {
            bar.inc(more);
        });
        bar.finish_and_clear();
        let sound = sound.map_err(|error| failure(&source, &error))?;
        let older = match &source {
            Source::Directory(directory) => {
                let older = check_older(directory, &checkpoint);
                older.map_err(|error| failure(&source, &error))?
            }
            Source::Remote(_) => 0,
        };
        let found = Found {
            origin: checkpoint.origin(),
            entries: sound.entries,
            root: base64(checkpoint.root()),
            tiles: sound.tiles + older,
            octets: sound.octets,
            signature,
            witnesses: &witnesses,
        };
        let mut out = Out::new();
        if self.json {
            out.json(&found)?;
        } else {
            found.tell(&mut out)?;
        }
        out.flush()?;
        if let Some(words) = signature.caveat() {
            tell(&format!("{source}: {words}"));
        }
        Ok(Exit::Done)
    }
}

impl Found<'_> {
    fn tell(&self, out: &mut Out) -> std::io::Result<()> {
        let entries = counted(self.entries, "entry", "entries");
        let tiles = counted(self.tiles, "file", "files");
        let line = format!("{}: {entries} in {tiles}; all hold", plain(self.origin));
        out.line(&line)?;
        out.line(&format!("root {}", self.root))?;
        if !self.witnesses.is_empty() {
            let names: Vec<_> = self.witnesses.iter().map(|(name, _)| plain(name)).collect();
            out.line(&format!("seen by {}", names.join(", ")))?;
        }
        Ok(())
    }
}

impl Signature {
    /// What was not shown.
    pub(super) fn caveat(self) -> Option<&'static str> {
        match self {
            Signature::Given => None,
            Signature::Served => Some(
                "the signature was checked against the key that the log itself serves, and nothing \
                 else: give --key or --policy",
            ),
            Signature::Unchecked => {
                Some("the signature was not checked at all: give --key or --policy")
            }
        }
    }
}

/// A checkpoint whose signatures nobody checked.
pub(super) fn parse(text: &str) -> Result<Checkpoint, Failure> {
    let parsed = Checkpoint::parse(text);
    parsed.map_err(|error| Failure::new(Exit::Proof, format!("the checkpoint: {error}")))
}

/// What does not hold, or cannot be told.
pub(super) fn failure(source: &Source, error: &Unsound) -> Failure {
    match error {
        Unsound::Unreadable(_) | Unsound::Folder { .. } => {
            let exit = match source {
                Source::Directory(_) => Exit::Local,
                Source::Remote(_) => Exit::Remote,
            };
            Failure::new(exit, format!("{source}: {error}"))
        }
        error => Failure::new(Exit::Proof, format!("{source}: {error}")),
    }
}

pub(super) fn base64(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(octets)
}
