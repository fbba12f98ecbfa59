//! `entente terms`: the terms under which partners are involved.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use node::Caller;

use super::client::{encoded, query_of};
use super::output::{Out, counted, plain, tell};
use super::talks::Reach;
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::accession::{self, AllTerms, EndTerms, Terms as Shown};

/// Terms of partners: how far they see and publish, and until when
#[derive(Debug, Subcommand)]
pub(crate) enum Terms {
    Set(Set),
    List(List),
    End(End),
}

/// Set terms of a partner, or replace those of a name
///
/// Terms decide at once, and only narrow: a partner that has any sees what is more restrictive than
/// TLP:GREEN only where terms in force let it, and publishes only where they do.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente terms set other-forms --party united-states --data d --collection elections --up-to amber \\
    --publish --from 2026-12-01 --until 2027-11-30 --source 'exchange of letters'")]
pub(crate) struct Set {
    /// Their name: lower-case letters, digits and hyphens
    name: String,
    #[command(flatten)]
    place: Where,
    /// The partner's id or its whole name
    #[arg(long)]
    party: String,
    /// Where they are known from
    #[arg(long, value_name = "TEXT")]
    source: String,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List the terms that you may see
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente terms list --data d
  entente terms list --data d --party united-states --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Only those of this party
    #[arg(long)]
    party: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// End terms before their last day
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente terms end other-forms --data d --reason 'The exchange was ended.'
  entente terms end other-forms --data d --on 2027-01-01 --reason 'As agreed.'")]
pub(crate) struct End {
    /// Their name
    name: String,
    #[command(flatten)]
    place: Where,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The first day on which they hold no more; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    on: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Terms {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Terms::Set(verb) => verb.run(),
            Terms::List(verb) => verb.run(),
            Terms::End(verb) => verb.run(),
        }
    }
}

impl Set {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party.id;
        let new = self.reach.terms(self.name, party, self.source);
        let set: Shown = match &target {
            Target::Local(local) => {
                let wanted = new.wanted(&local.node)?;
                let set = local.wait(local.node.set_terms(&Caller::Operator, wanted))?;
                found(accession::one_terms(
                    &local.node,
                    &Caller::Operator,
                    &set.id,
                ))?
            }
            Target::Remote(client) => client.post("/api/v1/terms", &new)?,
        };
        print(&set, self.json)
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = self.party.map(|name| target.party(&name, None));
        let party = party.transpose()?.map(|found| found.party.id);
        let found = match &target {
            Target::Local(local) => {
                accession::all_terms(&local.node, &Caller::Operator, party.as_deref())
            }
            Target::Remote(client) => {
                let query = query_of(&serde_json::json!({ "party": party }))?;
                let query: Vec<_> = query.into_iter().filter(|(_, v)| v != "null").collect();
                client.get::<AllTerms>("/api/v1/terms", &query)?
            }
        };
        let mut out = Out::new();
        if self.json {
            for one in &found.terms {
                out.json(one)?;
            }
        } else {
            let rows: Vec<Vec<String>> = found.terms.iter().map(row).collect();
            let header = [
                "NAME",
                "PARTY",
                "STATE",
                "FROM",
                "UNTIL",
                "UP TO",
                "PUBLISHES",
                "COLLECTIONS",
            ];
            out.table(&header, &rows)?;
        }
        out.flush()?;
        if found.terms.is_empty() {
            tell("no terms that you may see");
        } else {
            // A name, for one and for many.
            tell(&counted(
                found.terms.len() as u64,
                "agreement",
                "agreements",
            ));
        }
        Ok(Exit::Done)
    }
}

fn row(one: &Shown) -> Vec<String> {
    vec![
        one.id.clone(),
        one.party.clone(),
        one.state.clone(),
        one.from.to_string(),
        last_day(one),
        one.up_to.clone(),
        if one.publish { "yes" } else { "no" }.into(),
        reach(one),
    ]
}

fn last_day(one: &Shown) -> String {
    let ended = one
        .ended
        .as_ref()
        .map(|ended| format!("ended on {}", ended.on));
    let until = one.until.map(|until| until.to_string());
    ended.or(until).unwrap_or_else(|| "open".into())
}

fn reach(one: &Shown) -> String {
    if one.all_collections {
        "all".into()
    } else {
        one.collections.join(", ")
    }
}

impl End {
    fn run(self) -> anyhow::Result<Exit> {
        let end = EndTerms {
            on: self.on,
            reason: self.reason,
        };
        let ended: Shown = match &self.place.open()? {
            Target::Local(local) => {
                let node = &local.node;
                let done = node.end_terms(&Caller::Operator, &self.name, end.on, end.reason);
                local.wait(done)?;
                found(accession::one_terms(node, &Caller::Operator, &self.name))?
            }
            Target::Remote(client) => {
                client.post(&format!("/api/v1/terms/{}/end", encoded(&self.name)), &end)?
            }
        };
        print(&ended, self.json)
    }
}

fn found(terms: Option<Shown>) -> anyhow::Result<Shown> {
    Ok(terms.ok_or(node::Error::NotFound("terms"))?)
}

fn print(one: &Shown, json: bool) -> anyhow::Result<Exit> {
    if json {
        let mut out = Out::new();
        out.json(one)?;
        out.flush()?;
    }
    tell(&format!(
        "{} ({}): {}, {} to {}, up to {} in {}{}",
        plain(&one.title),
        one.party,
        one.state,
        one.from,
        last_day(one),
        one.up_to,
        reach(one),
        if one.publish { ", may publish" } else { "" }
    ));
    Ok(Exit::Done)
}
