//! `entente request list`: the requests that you may see.

use clap::Args;
use clap::builder::PossibleValuesParser;
use node::request::{Category, Kind, State};

use super::near::Near;
use super::print;
use crate::cli::Exit;
use crate::cli::output::{Out, counted, tell};
use crate::cli::target::Where;
use crate::present::request::Ask;

/// Requests asked for at once.
const PAGE: usize = 200;

/// List the requests that you may see, the newest first
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request list --data d
  entente request list --mine --overdue --server https://node.example
  entente request list --waiting --server https://node.example
  entente request list --to 'Béta Org' --kind takedown --state done --json --data d")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Between this party and any other, by its id or its whole name
    #[arg(long, value_name = "PARTY")]
    party: Option<String>,
    /// Sent by this party
    #[arg(long, value_name = "PARTY")]
    from: Option<String>,
    /// Sent to this party
    #[arg(long, value_name = "PARTY")]
    to: Option<String>,
    /// Between your party and any other
    #[arg(long, conflicts_with = "party")]
    mine: bool,
    /// That wait for your party, the most urgent first
    #[arg(long, conflicts_with_all = ["party", "from", "to", "mine", "kind", "category", "state", "overdue"])]
    waiting: bool,
    /// Of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(Kind::ALL.iter().map(|word| word.as_str())))]
    kind: Option<String>,
    /// About this
    #[arg(long, value_parser = PossibleValuesParser::new(Category::ALL.iter().map(|word| word.as_str())))]
    category: Option<String>,
    /// In this state
    #[arg(long, value_parser = PossibleValuesParser::new(State::ALL.iter().map(|word| word.as_str())))]
    state: Option<String>,
    /// Those alone that are late
    #[arg(long)]
    overdue: bool,
    /// At most so many; all when absent
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let near = Near::open(&self.place)?;
        let flag = |on: bool| on.then_some(true);
        let party = |name: &Option<String>| -> anyhow::Result<Option<String>> {
            let found = name.as_deref().map(|name| near.target.party(name, None));
            Ok(found.transpose()?.map(|found| found.party.id))
        };
        let mut ask = Ask {
            party: party(&self.party)?,
            from: party(&self.from)?,
            to: party(&self.to)?,
            mine: flag(self.mine),
            waiting: flag(self.waiting),
            kind: self.kind,
            category: self.category,
            state: self.state,
            overdue: flag(self.overdue),
            before: None,
            limit: None,
        };
        let mut out = Out::new();
        let (mut left, mut rows, mut told) = (self.limit.unwrap_or(usize::MAX), Vec::new(), 0);
        while left > 0 {
            ask.limit = Some(left.min(PAGE));
            let page = near.list(&ask)?;
            left = left.saturating_sub(page.requests.len());
            told += page.requests.len() as u64;
            for case in &page.requests {
                if self.json {
                    out.json(case)?;
                } else {
                    rows.push(print::row(case));
                }
            }
            ask.before = page.next;
            if ask.before.is_none() {
                break;
            }
        }
        let header = ["ID", "SENT", "STATE", "KIND", "FROM", "TO", "BY", "TITLE"];
        out.table(&header, &rows)?;
        out.flush()?;
        tell(&counted(told, "request", "requests"));
        Ok(Exit::Done)
    }
}
