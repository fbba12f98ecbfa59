//! `entente warninglist`: values that are no cause for alarm.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use node::Caller;

use super::client::encoded;
use super::input::{self, Head};
use super::output::{Out, count, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, Failure};
use crate::present::warning::{List as Known, Lists, NewList};

/// Lists of values that are no cause for alarm: signals about them do not fire
#[derive(Debug, Subcommand)]
pub(crate) enum Warninglist {
    Add(Add),
    List(List),
    Remove(Remove),
    Restore(Restore),
    Check(Check),
}

/// Load lists in the form of MISP's warning lists, each in place of the one of its name
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente warninglist add misp-warninglists/lists/*/list.json --data d
  entente warninglist add our-own.json --server https://node.example")]
pub(crate) struct Add {
    /// Files ('-' is stdin), packed with gzip or zstd or not
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Where,
    /// Go on with the next file when one cannot be used
    #[arg(long)]
    keep_going: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// List the lists in use
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente warninglist list --data d")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Take a list out of use, also one that comes with the program
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente warninglist remove top-sites --data d
  entente warninglist remove 'List of known IPv4 public DNS resolvers' --data d")]
pub(crate) struct Remove {
    /// Its name
    name: String,
    #[command(flatten)]
    place: Where,
}

/// Take a list that comes with the program into use again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente warninglist restore top-sites --data d")]
pub(crate) struct Restore {
    /// Its name
    name: String,
    #[command(flatten)]
    place: Where,
}

/// Tell which lists hold a value
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente warninglist check 192.168.1.1 --data d
  entente warninglist check www.google.com --data d --json")]
pub(crate) struct Check {
    /// An address, a network, a domain, a URL, an e-mail address or a digest
    value: String,
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Warninglist {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Warninglist::Add(verb) => verb.run(),
            Warninglist::List(verb) => verb.run(),
            Warninglist::Remove(verb) => {
                verb.place.open()?.remove_warning_list(&verb.name)?;
                tell(&format!("'{}' is no longer in use", plain(&verb.name)));
                Ok(Exit::Done)
            }
            Warninglist::Restore(verb) => {
                let known = verb.place.open()?.restore_warning_list(&verb.name)?;
                tell(&format!("'{}' is in use", plain(&known.name)));
                Ok(Exit::Done)
            }
            Warninglist::Check(verb) => verb.run(),
        }
    }
}

impl Add {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let mut out = Out::new();
        let mut unused = 0;
        for path in &self.files {
            let loaded = read(path).and_then(|list| target.add_warning_list(list));
            let loaded = loaded.with_context(|| path.display().to_string());
            match loaded {
                Ok(list) => self.told(&list, &mut out)?,
                Err(error) if self.keep_going => {
                    unused += 1;
                    super::output::tell_error(&error);
                }
                Err(error) => {
                    out.flush()?;
                    return Err(error);
                }
            }
        }
        out.flush()?;
        Ok(if unused > 0 { Exit::Local } else { Exit::Done })
    }

    fn told(&self, list: &Known, out: &mut Out) -> anyhow::Result<()> {
        if self.json {
            out.json(list)?;
        } else {
            let values = counted(list.values, "value", "values");
            out.line(&format!("{}: {values}", plain(&list.name)))?;
        }
        if list.skipped > 0 {
            let skipped = counted(list.skipped, "value", "values");
            let first = list.reasons.first().map_or("", String::as_str);
            tell(&format!("{skipped} cannot be used; {}", plain(first)));
        }
        Ok(())
    }
}

/// Octets of a file, unpacked: what a node takes in one body.
const LARGEST: u64 = 64 << 20;

fn read(path: &Path) -> anyhow::Result<NewList> {
    let input = input::open(path, &ProgressBar::hidden(), Head::Whole)?;
    let mut text = Vec::new();
    input.stream.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        let words = format!("is larger than {LARGEST} octets, the most that is taken");
        return Err(Failure::new(Exit::Local, words).into());
    }
    serde_json::from_slice(&text).context("is no warning list of MISP's form (list.json)")
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = self.place.open()?.warning_lists(None)?;
        print(&found, self.json)
    }
}

impl Check {
    fn run(self) -> anyhow::Result<Exit> {
        let found = self.place.open()?.warning_lists(Some(&self.value))?;
        print(&found, self.json)?;
        if found.is_empty() {
            tell("no list holds it");
        }
        Ok(Exit::Done)
    }
}

fn print(lists: &[Known], json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        for list in lists {
            out.json(list)?;
        }
    } else {
        let header = ["NAME", "TYPE", "VALUES", "VERSION", "ORIGIN"];
        let rows: Vec<Vec<String>> = lists.iter().map(row).collect();
        out.table(&header, &rows)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn row(list: &Known) -> Vec<String> {
    let origin = if list.built_in { "built in" } else { "loaded" };
    vec![
        list.name.clone(),
        list.r#type.clone(),
        count(list.values),
        list.version.to_string(),
        origin.to_owned(),
    ]
}

const PATH: &str = "/api/v1/warninglists";

impl Target {
    fn add_warning_list(&self, list: NewList) -> anyhow::Result<Known> {
        match self {
            Target::Local(local) => {
                let set = local
                    .node
                    .set_warning_list(&Caller::Operator, list.settings()?);
                let (known, skipped) = local.wait(set)?;
                Ok(Known::loaded(&known, &skipped))
            }
            Target::Remote(client) => client.post(PATH, &list),
        }
    }

    fn warning_lists(&self, value: Option<&str>) -> anyhow::Result<Vec<Known>> {
        match self {
            Target::Local(local) => {
                let known = local.node.warning_lists(&Caller::Operator, value)?;
                Ok(known
                    .iter()
                    .map(|list| Known::from(list.as_ref()))
                    .collect())
            }
            Target::Remote(client) => {
                let query = value.map(|value| ("value".to_owned(), value.to_owned()));
                let query: Vec<_> = query.into_iter().collect();
                Ok(client.get::<Lists>(PATH, &query)?.lists)
            }
        }
    }

    fn restore_warning_list(&self, name: &str) -> anyhow::Result<Known> {
        match self {
            Target::Local(local) => {
                let restored = local.node.restore_warning_list(&Caller::Operator, name);
                Ok(Known::from(local.wait(restored)?.as_ref()))
            }
            Target::Remote(client) => client.post(&path_of(name), &serde_json::json!({})),
        }
    }

    fn remove_warning_list(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => {
                local.wait(local.node.remove_warning_list(&Caller::Operator, name))
            }
            Target::Remote(client) => client.delete(&path_of(name)),
        }
    }
}

fn path_of(name: &str) -> String {
    format!("{PATH}/{}", encoded(name))
}
