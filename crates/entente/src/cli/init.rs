//! `entente init`: makes a data directory on a pledge.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use node::pledge::{Kind, PARIS_CALL, Party, PledgeFile};
use node::policy::OPERATOR;
use node::{Caller, Node, Options};
use serde_json::json;

use super::output::{Out, counted};
use super::target::{Local, Where};
use super::{Exit, guard};

/// Make a data directory that runs on a pledge
///
/// Without --pledge it is the Paris Call for Trust and Security in Cyberspace of 2018, with its
/// public register. A pledge file that is wrong is refused with line and reason, and nothing is
/// left behind.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente init --data d
  entente init --data d --operator 'CERT Example' --pledge our-pledge.toml")]
pub(crate) struct Init {
    #[command(flatten)]
    place: Where,
    /// The pledge to run on ('-' is stdin); the Paris Call when absent
    #[arg(long, value_name = "FILE")]
    pledge: Option<PathBuf>,
    /// The name of the party that runs this node
    #[arg(long, value_name = "NAME", default_value = "Node operator")]
    operator: String,
    /// The name of this node's public log, for good: a URL of yours without its scheme, such as
    /// node.example/log; a random one when absent
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Print what was made as JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.place.directory()?;
        // Read before anything is made.
        let file = read_pledge(self.pledge.as_deref())?;
        let operator = operator(&self.operator)?;
        let (parties, changes) = (file.parties.len() as u64, file.stances.len() as u64);
        let (name, id) = (file.pledge.name.clone(), file.pledge.id.clone());
        let principles = file.pledge.principles.len() as u64;
        let options = Options {
            origin: self.origin,
            ..guard::options(false)
        };
        create(&data, file, operator, &options)?;

        let mut out = Out::new();
        if self.json {
            let made = json!({
                "data": data, "pledge": {"id": id, "name": name},
                "principles": principles, "parties": parties, "stances": changes,
            });
            out.json(&made)?;
        } else {
            let principles = counted(principles, "principle", "principles");
            let parties = counted(parties, "party", "parties");
            let changes = counted(changes, "dated fact", "dated facts");
            let shown = data.display();
            out.line(&format!("{shown} runs on: {name}"))?;
            out.line(&format!(
                "{principles}, {parties}, {changes} about their stances"
            ))?;
            out.line("")?;
            out.line("Next:")?;
            out.line(&format!(
                "  entente party list --data {shown} --stance in-talks"
            ))?;
            out.line(&format!(
                "  entente import --data {shown} FILE... --collection library"
            ))?;
            out.line(&format!("  entente match --data {shown} access.log"))?;
            out.line(&format!("  entente serve --data {shown}"))?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

/// Reads a pledge file, or the built-in one.
pub(crate) fn read_pledge(path: Option<&Path>) -> anyhow::Result<PledgeFile> {
    let Some(path) = path else {
        return Ok(PledgeFile::parse(PARIS_CALL, "the built-in Paris Call")?);
    };
    let text = pledge_text(path)?;
    Ok(PledgeFile::parse(&text, &path.display().to_string())?)
}

/// The text of a pledge file ('-' is stdin).
pub(crate) fn pledge_text(path: &Path) -> anyhow::Result<String> {
    let name = path.display().to_string();
    let bytes = if name == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("cannot read stdin")?;
        bytes
    } else {
        fs::read(path).with_context(|| format!("cannot read {name}"))?
    };
    String::from_utf8(bytes).map_err(|error| {
        let good = error
            .as_bytes()
            .get(..error.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', good).count() + 1;
        anyhow::anyhow!("{name}:{line}: not UTF-8 text")
    })
}

/// The party of whoever runs a node.
pub(crate) fn operator(name: &str) -> anyhow::Result<Party> {
    let party = Party {
        id: OPERATOR.into(),
        name: name.to_owned(),
        kind: Kind::Uncategorised,
        country: None,
        listed: None,
    };
    party.check()?;
    Ok(party)
}

/// Makes a data directory, or leaves what was there as it was.
pub(crate) fn create(
    data: &Path,
    file: PledgeFile,
    operator: Party,
    options: &Options,
) -> anyhow::Result<()> {
    let existed = data.exists();
    if !existed {
        // What lies here is for its owner alone: bodies of signals, and the salts of the log.
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data);
        made.with_context(|| format!("cannot make {}", data.display()))?;
    }
    let entries = fs::read_dir(data).with_context(|| format!("cannot read {}", data.display()))?;
    let was_empty = entries.count() == 0;
    let filled = fill(data, file, operator, options);
    if filled.is_err() && was_empty {
        // Best effort: the error that is told is the one that matters.
        drop(fs::remove_dir_all(data));
        if existed {
            drop(fs::create_dir(data));
        }
    }
    filled
}

fn fill(data: &Path, file: PledgeFile, operator: Party, options: &Options) -> anyhow::Result<()> {
    let node = Node::create(data, options)?;
    let local = Local::new(node)?;
    local.wait(local.node.load_pledge(&Caller::Operator, file))?;
    local.wait(local.node.add_party(&Caller::Operator, operator))?;
    Ok(())
}
