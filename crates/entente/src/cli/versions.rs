//! `entente pledge amend`, `adopt` and `versions`: a pledge that changes, and who follows.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use node::Caller;
use node::pledge::PledgeFile;

use super::client::encoded;
use super::init::pledge_text;
use super::output::{Out, STRONG, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::history::{
    self, Adopt as NewAdopt, Adoption, Amend as NewAmend, Versions as Found,
};
use crate::present::history::{Version, WholeVersion};

/// Record a new version of the pledge, from a whole pledge file
///
/// Its principles and its table of who sees what hold on this node from then on. Each party stays with
/// the version it signed until it adopts another: no unanimity is needed. Parties and stances in the
/// file are left out: they are entries of their own.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge amend second.toml --data d --changes 'Principle 3 names deep fakes.' --source 'assembly of 12 May'
  entente pledge versions --data d")]
pub(crate) struct Amend {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    place: Where,
    /// What changes, in a few words
    #[arg(long, value_name = "TEXT")]
    changes: String,
    /// Where this is known from
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// The day of the version; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    date: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A party adopts a version of the pledge
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge adopt example-cert --server https://node.example
  entente pledge adopt france --data d --version 2 --date 2026-05-20 --source 'note of 20 May'")]
pub(crate) struct Adopt {
    /// The party's id or its whole name
    party: String,
    #[command(flatten)]
    place: Where,
    /// The version's number; the newest when absent
    #[arg(long, value_name = "NUMBER")]
    version: Option<u32>,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    date: Option<Date>,
    /// Where it is known from, when it is recorded for a party without an account
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List the versions of the pledge, or show one with who adopted it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge versions --data d
  entente pledge versions 1 --data d --json | jq .pledge")]
pub(crate) struct Versions {
    /// The number of one to be shown
    number: Option<u32>,
    #[command(flatten)]
    place: Where,
    /// Print JSON, for a list one object a line
    #[arg(long)]
    json: bool,
}

impl Amend {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let text = pledge_text(&self.file)?;
        let file = PledgeFile::parse(&text, &self.file.display().to_string())?;
        let left_out = file.parties.len() + file.stances.len();
        let made: WholeVersion = match &self.place.open()? {
            Target::Local(local) => {
                let (node, words) = (&local.node, (self.changes, self.source));
                let made = node.amend(&Caller::Operator, file.pledge, self.date, words);
                let number = local.wait(made)?.number;
                history::version(node, number).ok_or(node::Error::NotFound("version"))?
            }
            Target::Remote(client) => {
                let new = NewAmend {
                    file: text,
                    date: self.date,
                    changes: self.changes,
                    source: self.source,
                };
                client.post("/api/v1/pledge/versions", &new)?
            }
        };
        if left_out > 0 {
            tell(
                "parties and stances of the file are left out: record them as entries of their own",
            );
        }
        print(&made, self.json)
    }
}

impl Adopt {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party.id;
        let new = NewAdopt {
            version: self.version,
            date: self.date,
            source: self.source,
        };
        let adopted: Adoption = match &target {
            Target::Local(local) => {
                let node = &local.node;
                local.wait(node.adopt(&Caller::Operator, new.wanted(&party)))?;
                let newest = history::newest_adoption(node, &party);
                newest.ok_or(node::Error::NotFound("version"))?
            }
            Target::Remote(client) => client.post(
                &format!("/api/v1/parties/{}/adoptions", encoded(&party)),
                &new,
            )?,
        };
        if self.json {
            let mut out = Out::new();
            out.json(&adopted)?;
            out.flush()?;
        }
        tell(&format!(
            "{party}: version {} from {} on",
            adopted.version, adopted.date
        ));
        Ok(Exit::Done)
    }
}

impl Versions {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        if let Some(number) = self.number {
            let found = match &target {
                Target::Local(local) => history::version(&local.node, number),
                Target::Remote(client) => {
                    client.find(&format!("/api/v1/pledge/versions/{number}"), &[])?
                }
            };
            return print(&found.ok_or(node::Error::NotFound("version"))?, self.json);
        }
        let found = match &target {
            Target::Local(local) => history::versions(&local.node),
            Target::Remote(client) => client.get::<Found>("/api/v1/pledge/versions", &[])?,
        };
        let mut out = Out::new();
        if self.json {
            for version in &found.versions {
                out.json(version)?;
            }
        } else {
            let row = |one: &Version| {
                vec![
                    one.number.to_string(),
                    one.date.to_string(),
                    one.held_by.to_string(),
                    one.changes.clone(),
                ]
            };
            let rows: Vec<Vec<String>> = found.versions.iter().map(row).collect();
            out.table(&["VERSION", "DATE", "HELD BY", "CHANGES"], &rows)?;
        }
        out.flush()?;
        tell(&counted(found.versions.len() as u64, "version", "versions"));
        Ok(Exit::Done)
    }
}

fn print(one: &WholeVersion, json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        out.json(one)?;
        out.flush()?;
        return Ok(Exit::Done);
    }
    let version = &one.version;
    let title = format!("Version {} of {}", version.number, plain(&one.pledge.name));
    out.line(&format!("{} ({})", out.paint(STRONG, &title), version.date))?;
    if !version.changes.is_empty() {
        out.line(&plain(&version.changes))?;
    }
    for difference in &version.differences {
        out.line(&format!("  {}", plain(difference)))?;
    }
    out.line(&format!(
        "Held by {} today; recorded {} as entry {}",
        counted(version.held_by as u64, "party", "parties"),
        version.record.recorded,
        version.record.position
    ))?;
    for adoption in &one.adoptions {
        out.line(&format!("  {} {}", adoption.date, adoption.party))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
