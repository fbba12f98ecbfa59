//! Whose signatures count.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use node::log::note::{Kind, Note, VerifierKey};
use node::log::policy::{Accepted, Policy};

use crate::cli::{Exit, Failure};

/// Whose signatures count.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Trust {
    /// The log's public key, 'name+id+base64', or a file that holds it; may be given several times
    #[arg(long, value_name = "VKEY", help_heading = "Whom to trust")]
    key: Vec<String>,
    /// A policy: logs, witnesses and how many of these have to have seen a checkpoint (C2SP
    /// tlog-policy)
    #[arg(long, value_name = "FILE", help_heading = "Whom to trust")]
    policy: Option<PathBuf>,
}

impl Trust {
    /// What was given; none when nothing was.
    ///
    /// # Errors
    /// When a key or the policy is none.
    pub(crate) fn policy(&self) -> anyhow::Result<Option<Policy>> {
        let mut policy = self.policy.as_deref().map(read_policy).transpose()?;
        for key in &self.key {
            let key = read_key(key)?;
            match &mut policy {
                Some(policy) => policy.trust(key),
                None => policy = Some(Policy::of_log(key)),
            }
        }
        Ok(policy)
    }
}

/// The most octets of a file with a key.
const KEY_LIMIT: u64 = 4096;

fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Policy::parse(&text).with_context(|| path.display().to_string())
}

/// A key, as it is or in a file.
pub(crate) fn read_key(given: &str) -> anyhow::Result<VerifierKey> {
    let path = Path::new(given);
    // A key has plus signs, and names no file that anybody has.
    let text = match path.metadata() {
        Ok(facts) if facts.is_file() && facts.len() <= KEY_LIMIT => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {given}"))?
        }
        _ => given.to_owned(),
    };
    parse_key(&text)
}

/// A log's key, with white space around it.
pub(super) fn parse_key(text: &str) -> anyhow::Result<VerifierKey> {
    let text = text.trim();
    let wrong = |why: String| Failure::usage(format!("'{text}' is no key of a log: {why}"));
    let key = VerifierKey::parse(text).map_err(|error| wrong(error.to_string()))?;
    if key.kind() != Kind::Note {
        return Err(wrong("it is a witness's; name witnesses in a policy".to_owned()).into());
    }
    Ok(key)
}

/// The checkpoint of a note, when the policy accepts it.
///
/// # Errors
/// With the exit code for what does not hold.
pub(super) fn accept(policy: &Policy, note: &Note) -> Result<Accepted, Failure> {
    let accepted = policy.accept(note);
    accepted.map_err(|refusal| Failure::new(Exit::Proof, format!("the checkpoint: {refusal}")))
}
