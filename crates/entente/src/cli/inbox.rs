//! `entente inbox`: what waits for a party.

use std::time::Duration;

use clap::Args;
use node::Caller;

use super::Exit;
use super::client::query_of;
use super::output::{Out, counted, tell};
use super::target::{Target, Where};
use crate::present::inbox::{Ask, Inbox as Page, Waits};
use crate::present::request::unlinked;

/// What waits for your party: requests to answer, questions, contests, talks, withdrawals, feedback
///
/// What is late comes first, then what is due, then the rest. With --watch it prints what is new, until
/// it is ended.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente inbox --server https://node.example
  entente inbox --server https://node.example --json --since 2026-11-28T00:00:00Z
  entente inbox --data d --fail-on-overdue && echo nothing is late
  entente inbox --server https://node.example --watch")]
pub(crate) struct Inbox {
    #[command(flatten)]
    place: Where,
    /// Only what began to wait after this time: RFC 3339 in UTC
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// End with exit code 1 when something is late
    #[arg(long)]
    fail_on_overdue: bool,
    /// Go on, and print what is new
    #[arg(long, conflicts_with = "fail_on_overdue")]
    watch: bool,
    /// Seconds between two looks with --watch
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "watch")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Inbox {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let mut out = Out::new();
        let mut known: Vec<Waits> = Vec::new();
        loop {
            let (items, overdue, more) = self.look()?;
            // A step in a case is new, and so is that something became late.
            let new: Vec<&Waits> = items.iter().filter(|item| !known.contains(item)).collect();
            if self.json {
                new.iter().try_for_each(|item| out.json(item))?;
            } else if !new.is_empty() {
                let rows: Vec<Vec<String>> = new.iter().map(|item| row(item)).collect();
                out.table(&["when", "to do", "from", "about", "id"], &rows)?;
            }
            out.flush()?;
            if !self.watch {
                let all = counted(items.len() as u64, "thing waits", "things wait");
                tell(&format!(
                    "{all}, {overdue} late{}",
                    if more { "; there is more" } else { "" }
                ));
                let fails = self.fail_on_overdue && overdue > 0;
                return Ok(if fails { Exit::Found } else { Exit::Done });
            }
            known = items;
            std::thread::sleep(Duration::from_secs(self.every));
        }
    }

    /// Everything that waits, and how much of it is late. A directory is opened anew at each look, so
    /// that others may use it in between.
    fn look(&self) -> anyhow::Result<(Vec<Waits>, usize, bool)> {
        let target = self.place.open()?;
        let mut ask = Ask {
            since: self.since.clone(),
            limit: Some(1000),
            ..Ask::default()
        };
        let mut items = Vec::new();
        loop {
            let page = target.waiting(&ask)?;
            items.extend(page.items);
            ask.after = page.next;
            if ask.after.is_none() {
                return Ok((items, page.overdue, page.more));
            }
        }
    }
}

/// When, what, from whom, what about, and its id.
fn row(item: &Waits) -> Vec<String> {
    let minute = |text: &str| text.get(..16).unwrap_or(text).replace('T', " ");
    let when = match (&item.due, item.overdue) {
        (Some(due), true) => format!("LATE, {}", minute(due)),
        (Some(due), false) => format!("by {}", minute(due)),
        (None, _) => format!("since {}", minute(&item.since)),
    };
    let from = item.from.as_ref().map_or("", |from| &from.name);
    vec![
        when,
        item.todo.clone(),
        from.to_owned(),
        unlinked(&item.title),
        item.id.clone(),
    ]
}

impl Target {
    fn waiting(&self, ask: &Ask) -> anyhow::Result<Page> {
        match self {
            Target::Local(local) => Ok(Page::of(&local.node, &Caller::Operator, ask)?),
            Target::Remote(client) => client.get("/api/v1/inbox", &query_of(ask)?),
        }
    }
}
