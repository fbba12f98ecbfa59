//! What the steward decides, and the calendar.

use clap::Args;
use node::Caller;

use super::{act, done, path_of, whole};
use crate::cli::client::encoded;
use crate::cli::output::{Out, counted, plain, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure};
use crate::present::commitment::{
    self, Calendar as Days, CalendarInForce, Detail, Reason, SetCalendar,
};

/// Show the calendar of reports, or set it, for the steward
///
/// Numbers are days after a due day. What is not said stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit calendar --data d
  entente commit calendar --data d --due 06-30 --due 12-31 --late 30 --silent 90 --delisted 180 \\
    --reason 'Two reports a year, as the assembly of 12 May decided.'")]
pub(crate) struct Calendar {
    #[command(flatten)]
    place: Where,
    /// A day of each year on which reports are due; repeat for more
    #[arg(long, value_name = "MM-DD", requires = "reason")]
    due: Vec<String>,
    /// A report counts from so many days before
    #[arg(long, value_name = "DAYS", requires = "reason")]
    early: Option<u16>,
    /// A commitment is late so many days after
    #[arg(long, value_name = "DAYS", requires = "reason")]
    late: Option<u16>,
    /// It is silent so many days after
    #[arg(long, value_name = "DAYS", requires = "reason")]
    silent: Option<u16>,
    /// It is delisted so many days after
    #[arg(long, value_name = "DAYS", requires = "reason")]
    delisted: Option<u16>,
    /// Each step has a letter so many days before, at least
    #[arg(long, value_name = "DAYS", requires = "reason")]
    notice: Option<u16>,
    /// Whether a delisting suspends the party's stance
    #[arg(long, value_name = "BOOL", requires = "reason")]
    suspends: Option<bool>,
    /// Why it is set
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Announce that a commitment will be delisted, for the steward
///
/// A letter says so at once; the step follows by itself when the calendar's notice is over, unless the
/// letter is taken back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit delist 3f2a9c01d4e7 --data d --reason 'Its report names a training that never was.'")]
pub(crate) struct Delist {
    #[command(flatten)]
    decision: Decision,
}

/// Make a commitment active again, for the steward: what was due up to today is owed no more
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit reinstate 3f2a9c01d4e7 --data d --reason 'The report came by post.'")]
pub(crate) struct Reinstate {
    #[command(flatten)]
    decision: Decision,
}

/// Take a letter of the steward's own back, before its step is taken
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit revoke-letter 9b01c2d3e4f5 --data d --reason 'The party showed the list.'")]
pub(crate) struct RevokeLetter {
    #[command(flatten)]
    decision: Decision,
}

#[derive(Debug, Args)]
struct Decision {
    /// Its id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Why; everybody sees it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Publish the letters and take the steps that are due, on a node that is not served
///
/// A node that is served does so by itself.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit advance --data d")]
pub(crate) struct Advance {
    #[command(flatten)]
    place: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Calendar {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let now: CalendarInForce = match &target {
            Target::Local(local) => commitment::calendar(&local.node),
            Target::Remote(client) => client.get("/api/v1/calendar", &[])?,
        };
        let Some(reason) = self.reason else {
            return print(&now, self.json);
        };
        let before = now.calendar;
        let calendar = Days {
            due: if self.due.is_empty() {
                before.due
            } else {
                self.due
            },
            early: self.early.unwrap_or(before.early),
            late: self.late.unwrap_or(before.late),
            silent: self.silent.unwrap_or(before.silent),
            delisted: self.delisted.unwrap_or(before.delisted),
            notice: self.notice.unwrap_or(before.notice),
            suspends: self.suspends.unwrap_or(before.suspends),
        };
        let set: CalendarInForce = match &target {
            Target::Local(local) => {
                let (node, wanted) = (&local.node, calendar.wanted()?);
                local.wait(node.set_calendar(&Caller::Operator, wanted, reason))?;
                commitment::calendar(node)
            }
            Target::Remote(client) => {
                client.put("/api/v1/calendar", &SetCalendar { calendar, reason })?
            }
        };
        print(&set, self.json)
    }
}

fn print(set: &CalendarInForce, json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        out.json(set)?;
    } else {
        let days = &set.calendar;
        let suspends = if days.suspends {
            "suspended"
        } else {
            "as it is"
        };
        let lines = [
            format!("due on {}", days.due.join(", ")),
            format!("reports count from {} days before", days.early),
            format!("late after {} days", days.late),
            format!("silent after {} days", days.silent),
            format!("delisted after {} days", days.delisted),
            format!("a letter {} days before each step, at least", days.notice),
            format!("the stance of a party that is delisted: {suspends}"),
        ];
        for line in &lines {
            out.line(line)?;
        }
    }
    out.flush()?;
    let reason = set.reason.as_deref().map(plain).unwrap_or_default();
    match set.from.as_str() {
        "steward" => tell(&format!("set by the steward: {reason}")),
        _ => tell("the pledge's own calendar"),
    }
    Ok(Exit::Done)
}

impl Decision {
    fn body(&self) -> Reason {
        Reason {
            reason: self.reason.clone(),
            source: None,
        }
    }
}

impl Delist {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let one = self.decision;
        let (target, path) = (one.place.open()?, path_of(&one.id, "/delisting"));
        let told: Detail = act(&target, &path, one.body(), |local, body| {
            let node = &local.node;
            local.wait(node.announce_delisting(&Caller::Operator, &one.id, body.reason))?;
            whole(node, &one.id)
        })?;
        let last = told.history.letters.last();
        let id = last.map_or(one.id.clone(), |letter| letter.id.clone());
        let on = last.map_or(String::new(), |letter| letter.on.to_string());
        done(&told, &id, one.json, &format!("will be delisted on {on}"))
    }
}

impl Reinstate {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let one = self.decision;
        let (target, path) = (one.place.open()?, path_of(&one.id, "/reinstatement"));
        let back: Detail = act(&target, &path, one.body(), |local, body| {
            let node = &local.node;
            local.wait(node.reinstate_commitment(&Caller::Operator, &one.id, body.reason))?;
            whole(node, &one.id)
        })?;
        done(&back, &one.id, one.json, "active again")
    }
}

impl RevokeLetter {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let one = self.decision;
        let target = one.place.open()?;
        let path = format!("/api/v1/letters/{}/revocation", encoded(&one.id));
        let taken: Detail = act(&target, &path, one.body(), |local, body| {
            let node = &local.node;
            local.wait(node.revoke_letter(&Caller::Operator, &one.id, body.reason))?;
            let directory = node.directory();
            let record = directory.commitments().of_statement(&one.id);
            whole(node, record.map_or(&one.id, |record| record.id()))
        })?;
        done(&taken, &one.id, one.json, "the letter was taken back")
    }
}

impl Advance {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Target::Local(local) = self.place.open()? else {
            let words =
                "a node that is served goes on by itself: this is for a data directory that is not";
            return Err(Failure::new(Exit::Local, words).into());
        };
        let node = &local.node;
        let entries = local.wait(node.advance_commitments(node.now()))?;
        if self.json {
            let mut out = Out::new();
            out.json(&serde_json::json!({ "entries": entries }))?;
            out.flush()?;
        }
        tell(&format!(
            "{}: letters and steps",
            counted(entries as u64, "entry", "entries")
        ));
        Ok(Exit::Done)
    }
}
