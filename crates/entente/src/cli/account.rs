//! `entente account`: who keeps the pledge, who answers in time, who is silent.

use std::io::Write as _;

use clap::Args;
use node::account::{Event, Fate, Month};

use super::client::{Client, encoded, query_of};
use super::output::{Out, STRONG, count, counted, plain};
use super::target::{Target, Where};
use super::{Exit, Failure};
use crate::present::account::duration::{share, words};
use crate::present::account::{self, Account, Figures, OfParty, Through, tables};

/// Show the public account: requests, answers and silence, promises and what became of them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente account --data d
  entente account --data d --through 2026-10 --json
  entente account --data d --party acme
  entente account --data d --csv asked > who-asked-whom.csv
  entente account --server https://entente.example --csv answer-times")]
pub(crate) struct AccountVerb {
    #[command(flatten)]
    place: Where,
    /// As at the end of this month (2026-10); up to now when absent
    #[arg(long, value_name = "MONTH")]
    through: Option<Month>,
    /// Of one party, by its id or name
    #[arg(long, value_name = "PARTY", conflicts_with = "csv")]
    party: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print one of the account's tables as CSV
    #[arg(long, value_name = "TABLE", value_parser = tables::NAMES)]
    csv: Option<String>,
}

impl AccountVerb {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let through = Through {
            through: self.through,
        };
        let mut out = Out::new();
        if let Some(name) = &self.csv {
            out.write_all(&csv(&target, through, name)?)?;
        } else if let Some(party) = &self.party {
            let id = target.party(party, None)?.party.id;
            let party = of_party(&target, through, &id)?;
            if self.json {
                out.json(&party)?;
            } else {
                print_party(&mut out, &party)?;
            }
        } else {
            let account = whole(&target, through)?;
            if self.json {
                out.json(&account)?;
            } else {
                print(&mut out, &account)?;
            }
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

/// Runs `ask` on the account of a node whose data are here.
fn here<T>(
    node: &node::Node,
    through: Through,
    ask: impl FnOnce(&node::act::account::AccountAt, jiff::civil::Date) -> Result<T, node::Error>,
) -> anyhow::Result<T> {
    let today = node.now().day();
    let month = through.month(today).map_err(Failure::usage)?;
    Ok(ask(&node.account(month)?, today)?)
}

fn whole(target: &Target, through: Through) -> anyhow::Result<Account> {
    match target {
        Target::Local(local) => here(&local.node, through, account::account),
        Target::Remote(client) => client.get("/api/v1/account", &query_of(&through)?),
    }
}

fn of_party(target: &Target, through: Through, id: &str) -> anyhow::Result<OfParty> {
    let missing = || Failure::new(Exit::Local, format!("there is no party '{id}'"));
    match target {
        Target::Local(local) => {
            let found = here(&local.node, through, |at, today| {
                account::party(at, id, today)
            })?;
            Ok(found.ok_or_else(missing)?)
        }
        Target::Remote(client) => {
            let path = format!("/api/v1/account/parties/{}", encoded(id));
            Ok(client
                .find(&path, &query_of(&through)?)?
                .ok_or_else(missing)?)
        }
    }
}

fn csv(target: &Target, through: Through, name: &str) -> anyhow::Result<Vec<u8>> {
    match target {
        Target::Local(local) => {
            let table = here(&local.node, through, |at, today| {
                tables::table(at, name, today)
            })?;
            let table =
                table.ok_or_else(|| Failure::usage(format!("there is no table '{name}'")))?;
            Ok(table.csv().into_bytes())
        }
        Target::Remote(client) => remote_csv(client, through, name),
    }
}

fn remote_csv(client: &Client, through: Through, name: &str) -> anyhow::Result<Vec<u8>> {
    let through = through.through.map(|month| format!("?through={month}"));
    client.octets(&format!(
        "/account/{name}.csv{}",
        through.unwrap_or_default()
    ))
}

fn number(count_of: i64) -> String {
    u64::try_from(count_of).map_or_else(|_| count_of.to_string(), count)
}

fn print(out: &mut Out, account: &Account) -> std::io::Result<()> {
    let state = if account.is_final { "final" } else { "so far" };
    let head = format!("Account as at the end of {}, {state}", account.through);
    let head = out.paint(STRONG, &head);
    out.line(&head)?;
    let hidden = account.not_named.event(Event::Sent);
    let more = if hidden > 0 {
        format!("; {} more are marked RED", number(hidden))
    } else {
        String::new()
    };
    let sent = account.named.event(Event::Sent);
    out.line(&format!("Requests sent: {}{more}", number(sent)))?;
    answers(out, &account.named)?;
    times(out, &account.answer_times)?;
    let contested = account.named.event(Event::Contested);
    let reversed = account.named.event(Event::Reversed);
    out.line(&format!(
        "Contested: {}, reversed: {}",
        number(contested),
        number(reversed)
    ))?;
    out.line(&format!(
        "Objects published: {}, withdrawals: {}",
        count(account.signals.published),
        count(account.signals.withdrawn)
    ))?;
    let kept: Vec<String> = account
        .commitments
        .iter()
        .map(|(keeping, count)| format!("{count} {}", keeping.label().to_lowercase()))
        .collect();
    if !kept.is_empty() {
        out.line(&format!(
            "Promises, by party and principle: {}",
            kept.join(", ")
        ))?;
    }
    out.line("")?;
    let header = [
        "Month",
        "Sent",
        "In time",
        "Late",
        "Expired",
        "Median",
        "Published",
    ];
    let rows: Vec<Vec<String>> = account
        .months
        .iter()
        .map(|month| {
            vec![
                month.month.to_string(),
                number(month.named.event(Event::Sent)),
                number(month.named.answer(Fate::InTime)),
                number(month.named.answer(Fate::Late)),
                number(month.named.event(Event::Expired)),
                month
                    .answer_times
                    .median_minutes
                    .map_or_else(String::new, words),
                count(month.signals.published),
            ]
        })
        .collect();
    out.table(&header, &rows)
}

fn answers(out: &mut Out, figures: &Figures) -> std::io::Result<()> {
    let in_time = figures.answer(Fate::InTime);
    let due = in_time
        + figures.answer(Fate::Late)
        + figures.answer(Fate::Silent)
        + figures.answer(Fate::Overdue);
    out.line(&format!(
        "Answered in time: {}, late: {}, unanswered: {}",
        of_due(in_time, due),
        number(figures.answer(Fate::Late)),
        number(figures.answer(Fate::Silent)),
    ))
}

/// `4 of 4 that were due`, and of more how much that is: `93 of 120 that were due (78 %)`.
fn of_due(part: i64, due: i64) -> String {
    let both = format!("{} of {} that were due", number(part), number(due));
    let share = share(part, due);
    if share.ends_with('%') {
        return format!("{both} ({share})");
    }
    both
}

fn times(out: &mut Out, times: &account::AnswerTimes) -> std::io::Result<()> {
    let (Some(median), Some(p90)) = (times.median_minutes, times.p90_minutes) else {
        return Ok(());
    };
    let of = counted(times.answers, "answer", "answers");
    out.line(&format!(
        "Answer times: half within {}, nine of ten within {} ({of})",
        words(median),
        words(p90)
    ))
}

fn print_party(out: &mut Out, party: &OfParty) -> std::io::Result<()> {
    let name = out.paint(STRONG, &plain(&party.name));
    out.line(&format!("{name} as at the end of {}", party.through))?;
    let received = party.received.event(Event::Sent);
    out.line(&format!("Requests received: {}", number(received)))?;
    answers(out, &party.received)?;
    times(out, &party.answer_times)?;
    out.line(&format!(
        "Requests sent: {}",
        number(party.sent.event(Event::Sent))
    ))?;
    out.line(&format!(
        "Objects published: {}, withdrawals: {}",
        count(party.signals.published),
        count(party.signals.withdrawn)
    ))?;
    for (principle, keeping) in &party.commitments {
        out.line(&format!(
            "Principle {principle}: {}",
            keeping.label().to_lowercase()
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::of_due;

    #[test]
    fn how_many_were_due_is_told_once() {
        assert_eq!(of_due(4, 4), "4 of 4 that were due");
        assert_eq!(of_due(1_000, 1_250), "1,000 of 1,250 that were due (80 %)");
    }
}
