//! `entente collection`: where signals are published.

use clap::{Args, Subcommand};
use node::model::{Harm, Marking};

use super::output::{Out, STRONG, count, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::collection::{self, NewCollection};

/// Collections of signals
#[derive(Debug, Subcommand)]
pub(crate) enum Collection {
    List(List),
    Create(Create),
    Show(Show),
    Signed(Signed),
}

/// List the collections you may know of
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente collection list --data d
  entente collection list --server https://node.example --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Make a collection
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente collection create library --data d --public --marking clear --title 'Library'
  entente collection create elections --data d --harm election-interference --marking amber \\
    --recipient france --publisher microsoft")]
pub(crate) struct Create {
    /// Its short name: lower-case letters, digits and hyphens
    name: String,
    #[command(flatten)]
    place: Where,
    /// The name people read
    #[arg(long)]
    title: Option<String>,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
    /// Let those without an account see that it exists, and its CLEAR objects
    #[arg(long)]
    public: bool,
    /// The marking of objects that carry none: clear, green, amber, amber+strict, red
    #[arg(long, value_name = "TLP", default_value = "amber")]
    marking: Marking,
    /// The harm its signals are about, where they do not say
    #[arg(long, value_parser = words::harm())]
    harm: Option<Harm>,
    /// A party that may see what is marked RED or AMBER+STRICT here; repeat for more
    #[arg(long = "recipient", value_name = "PARTY")]
    recipients: Vec<String>,
    /// A party that may publish; all whose stance allows it when absent; repeat for more
    #[arg(long = "publisher", value_name = "PARTY")]
    publishers: Vec<String>,
    /// The circle it is confined to: for everybody else it does not exist
    #[arg(long, conflicts_with = "public")]
    circle: Option<String>,
    /// Take only objects that hold up to every check of STIX 2.1, recommendations too
    #[arg(long)]
    strict: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show a collection
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente collection show library --data d")]
pub(crate) struct Show {
    /// Its short name or id
    name: String,
    #[command(flatten)]
    place: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Let a collection take what is published by signed requests alone (RFC 9421)
///
/// Each entry then names the key that published it. The operator's own command line signs nothing, so
/// it publishes elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente collection signed elections --data d
  entente collection signed elections --off --data d")]
pub(crate) struct Signed {
    /// Its short name or id
    name: String,
    /// Take other requests too
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    place: Where,
}

impl Signed {
    fn run(self) -> anyhow::Result<Exit> {
        self.place.open()?.demand_signed(&self.name, !self.off)?;
        let what = if self.off {
            "any request"
        } else {
            "signed requests alone"
        };
        tell(&format!("{} takes {what}", self.name));
        Ok(Exit::Done)
    }
}

impl Collection {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Collection::List(verb) => verb.run(),
            Collection::Create(verb) => verb.run(),
            Collection::Show(verb) => verb.run(),
            Collection::Signed(verb) => verb.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = self.place.open()?.collections()?;
        let mut out = Out::new();
        if self.json {
            for collection in &found {
                out.json(collection)?;
            }
        } else {
            let header = [
                "NAME", "TITLE", "MARKING", "HARM", "OBJECTS", "YOU MAY", "ID",
            ];
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            out.table(&header, &rows)?;
        }
        out.flush()?;
        if found.is_empty() {
            tell("no collections yet: 'entente collection create', or 'entente import' makes one");
        }
        Ok(Exit::Done)
    }
}

fn row(collection: &collection::Collection) -> Vec<String> {
    let absent = || "-".to_owned();
    let may = match (collection.can_read, collection.can_write) {
        (true, true) => "read, publish",
        (true, false) => "read",
        (false, true) => "publish",
        (false, false) => "know",
    };
    vec![
        collection.alias.clone(),
        collection.title.clone(),
        collection.default_marking.clone(),
        collection.harm.clone().unwrap_or_else(absent),
        collection.objects.map_or_else(absent, count),
        may.to_owned(),
        collection.id.clone(),
    ]
}

impl Create {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let new = NewCollection {
            alias: self.name,
            title: self.title,
            description: self.description,
            public: self.public,
            default_marking: Some(self.marking.to_string()),
            harm: self.harm.map(|harm| harm.to_string()),
            recipients: ids(&target, &self.recipients)?,
            publishers: ids(&target, &self.publishers)?,
            circle: self.circle,
            strict: self.strict,
        };
        let made = target.create_collection(new)?;
        let mut out = Out::new();
        if self.json {
            out.json(&made)?;
        } else {
            out.line(&made.id)?;
        }
        out.flush()?;
        tell(&format!(
            "collection '{}', {}",
            made.alias, made.default_marking
        ));
        Ok(Exit::Done)
    }
}

/// The ids of parties given by id or name.
fn ids(target: &Target, parties: &[String]) -> anyhow::Result<Vec<String>> {
    parties
        .iter()
        .map(|name| Ok(target.party(name, None)?.party.id))
        .collect()
}

impl Show {
    fn run(self) -> anyhow::Result<Exit> {
        let found = self.place.open()?.collection(&self.name)?;
        let mut out = Out::new();
        if self.json {
            out.json(&found)?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let title = out.paint(STRONG, &plain(&found.title));
        out.line(&format!("{title} ({})", found.alias))?;
        if !found.description.is_empty() {
            out.line(&plain(&found.description))?;
        }
        let listed = |parties: &[String], none: &str| {
            if parties.is_empty() {
                none.to_owned()
            } else {
                parties.join(", ")
            }
        };
        let facts = [
            ("id", found.id.clone()),
            ("public", if found.public { "yes" } else { "no" }.into()),
            ("default marking", found.default_marking.clone()),
            (
                "harm",
                found
                    .harm
                    .clone()
                    .unwrap_or_else(|| "as each signal says".into()),
            ),
            (
                "recipients of RED",
                listed(&found.recipients, "nobody but the publisher"),
            ),
            (
                "publishers",
                listed(&found.publishers, "every party whose stance allows it"),
            ),
            (
                "objects",
                found.objects.map_or_else(|| "not told".into(), count),
            ),
        ];
        for (name, value) in facts {
            out.line(&format!("  {name:<18} {}", plain(&value)))?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}
