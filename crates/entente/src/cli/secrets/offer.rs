//! `entente secrets offer`: a set that others may ask about privately.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use matching::oprf::{Content, OfferedSet};
use matching::text::Grain;
use node::Caller;

use super::elements::Elements;
use super::walk::files;
use crate::cli::client::{Client, encoded};
use crate::cli::input::{self, once};
use crate::cli::output::{Out, count, counted, plain, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure};
use crate::present::private::{NewSet, Set, Sets as Listed, daily};
use crate::private::{Sets, make};

/// Let others ask which of their values or documents you have too, without either side showing them
///
/// Works on the data directory of the node that answers, also while it serves. Writes the outputs of
/// an oblivious function (RFC 9497) for each element, under a key that stays in the data directory;
/// who asks downloads them, and has its own elements evaluated without the node seeing them. The
/// number of elements shows to the next thousand, nothing else of them does. Each question is an
/// entry of the journal: who asked about how many elements, and when.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente secrets offer indicators.txt --name indicators --of values --data d
  entente secrets offer plans/ --name plans --circle energy --daily 20000 --data d
  entente secrets offer --name plans --remove --data d")]
pub(crate) struct Offer {
    /// Files and directories that the set is made of ('-' is stdin)
    #[arg(value_name = "PATH", required_unless_present = "remove")]
    paths: Vec<PathBuf>,
    /// The set's name: lower-case letters, digits and hyphens
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What the elements are
    #[arg(long, value_enum, default_value_t = Of::Passages)]
    of: Of,
    /// What the set is, for those who may ask
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// The circle whose members may ask; else all whose stance sees amber
    #[arg(long, value_name = "ID")]
    circle: Option<String>,
    /// A party that may ask, and no other; repeat for more
    #[arg(long = "party", value_name = "ID")]
    parties: Vec<String>,
    /// Elements that a party may ask about in a day (UTC)
    #[arg(long, value_name = "N", default_value_t = daily())]
    daily: u64,
    /// Offer the set of this name no longer
    #[arg(long, conflicts_with = "paths")]
    remove: bool,
    #[command(flatten)]
    place: Where,
}

/// What the elements of a set are.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Addresses, domains, URLs, e-mail addresses, hashes: whatever observables are in the files
    Values,
    /// Passages of the documents
    Passages,
}

/// List the sets that you may ask privately, and who asked yours about how much
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente secrets offered --server https://node.example --token TOKEN
  entente secrets offered --data d --json")]
pub(crate) struct Offered {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Offer {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        if self.name != node::pledge::slug(&self.name) {
            let words = "--name: lower-case letters, digits and hyphens";
            return Err(Failure::usage(words).into());
        }
        let sets = Sets::of(&self.place.directory()?);
        let target = self.place.open()?;
        if self.remove {
            target.remove_set(&self.name)?;
            tell(&format!("'{}' is no longer offered", self.name));
            return Ok(Exit::Done);
        }
        once(self.paths.iter().map(PathBuf::as_path))?;
        let set = self.make(&sets)?;
        let before = sets.outputs(&self.name).ok();
        sets.write(&self.name, &set.to_bytes())
            .context("cannot write the set")?;
        let new = NewSet {
            description: self.description,
            circle: self.circle,
            parties: self.parties,
            daily: self.daily,
        };
        let offered = target.offer_set(&sets, &self.name, new);
        if let (Err(_), Some(before)) = (&offered, before) {
            // Those who ask are told of the set that was offered before.
            sets.write(&self.name, &before)
                .context("cannot write the set back")?;
        }
        let offered = offered?;
        tell(&format!(
            "'{}' is offered: {} published; a party may ask about {} elements a day",
            offered.name,
            counted(offered.outputs, "output", "outputs"),
            count(offered.daily),
        ));
        Ok(Exit::Done)
    }

    fn make(&self, sets: &Sets) -> anyhow::Result<OfferedSet> {
        let content = match self.of {
            Of::Values => Content::Values,
            Of::Passages => Content::Passages(Grain::PASSAGES),
        };
        let found = files(&self.paths)?;
        let bar = input::bar_of(Some(found.iter().map(|one| one.size).sum()));
        let elements = Elements::read(&found, content, false, &bar);
        bar.finish_and_clear();
        if elements.all.is_empty() {
            let words = "nothing in these files can be matched: is --of what they hold?";
            return Err(Failure::new(Exit::Local, words).into());
        }
        let number = elements.all.len();
        let bar = input::bar_of_elements(OfferedSet::filled(number) as u64);
        let key = sets.make_key(&self.name).context("cannot make the key")?;
        let set = make(&key, content, &elements.all, &|done| bar.inc(done))?;
        bar.finish_and_clear();
        tell(&format!(
            "{} of {}, {} could not be read",
            counted(number as u64, "element", "elements"),
            counted(elements.texts.len() as u64, "text", "texts"),
            count(elements.unread),
        ));
        if elements.left_out > 0 {
            tell(&format!(
                "{} more are left out: a set has room for no more",
                count(elements.left_out)
            ));
        }
        Ok(set)
    }
}

impl Offered {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let sets = self.place.open()?.private_sets()?;
        let mut out = Out::new();
        if self.json {
            for set in &sets {
                out.json(set)?;
            }
        } else {
            let row = |set: &Set| {
                let ever: u64 = set.asked.iter().map(|asker| asker.ever).sum();
                vec![
                    set.name.clone(),
                    count(set.outputs),
                    count(set.daily),
                    count(set.asked.len() as u64),
                    count(ever),
                    plain(&set.description).into_owned(),
                ]
            };
            let rows: Vec<Vec<String>> = sets.iter().map(row).collect();
            let header = ["NAME", "OUTPUTS", "DAILY", "ASKERS", "ASKED", "DESCRIPTION"];
            out.table(&header, &rows)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

const PATH: &str = "/api/v1/private-match";

pub(super) fn path_of(name: &str) -> String {
    format!("{PATH}/{}", encoded(name))
}

impl Target {
    fn offer_set(&self, sets: &Sets, name: &str, new: NewSet) -> anyhow::Result<Set> {
        match self {
            Target::Local(local) => {
                let set = sets.described(name, new)?;
                local.wait(local.node.offer_set(&Caller::Operator, set.clone()))?;
                Ok(Set::of(&set, None))
            }
            Target::Remote(client) => client.put(&path_of(name), &new),
        }
    }

    fn remove_set(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => local.wait(local.node.remove_set(&Caller::Operator, name)),
            Target::Remote(client) => client.delete(&path_of(name)),
        }
    }

    fn private_sets(&self) -> anyhow::Result<Vec<Set>> {
        match self {
            Target::Local(local) => {
                let sets = local.node.private_sets(&Caller::Operator)?;
                let told = sets.iter().map(|set| {
                    let asked = local.node.asked_of_set(&Caller::Operator, &set.name);
                    Set::of(set, asked.ok())
                });
                Ok(told.collect())
            }
            Target::Remote(client) => listed(client),
        }
    }
}

fn listed(client: &Client) -> anyhow::Result<Vec<Set>> {
    Ok(client.get::<Listed>(PATH, &[])?.sets)
}
