//! What was promised, and what became of it.

use clap::Args;
use jiff::civil::Date;
use node::Caller;
use node::commitment::Keeping;

use super::fetch;
use crate::cli::client::{encoded, query_of};
use crate::cli::output::{FAINT, Out, STRONG, counted, plain, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, words};
use crate::present::commitment::{
    self, Commitment, Commitments, Detail, Evidence, Filter, Goal, Indicators as Table, Judgement,
    Letter, Letters as Found, Readings, Reply,
};

/// List commitments
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit list --data d
  entente commit list --data d --party example-cert
  entente commit list --data d --keeping late --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Only of this party
    #[arg(long)]
    party: Option<String>,
    /// Only under this principle
    #[arg(long, value_name = "NUMBER")]
    principle: Option<u16>,
    /// Only those kept so: kept, late, silent, delisted, ended or withdrawn
    #[arg(long, value_name = "WORD", value_parser = |text: &str| text.parse::<Keeping>())]
    keeping: Option<Keeping>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Show a commitment with all that was said of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit show 3f2a9c01d4e7 --data d
  entente commit show 3f2a9c01d4e7 --server https://node.example --json")]
pub(crate) struct Show {
    /// The commitment's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List the letters that were published, newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit letters --data d
  entente commit letters --data d --party example-cert --text")]
pub(crate) struct Letters {
    #[command(flatten)]
    place: Where,
    /// Only to this party
    #[arg(long)]
    party: Option<String>,
    /// Print the letters themselves
    #[arg(long)]
    text: bool,
    /// Print one JSON object a line
    #[arg(long, conflicts_with = "text")]
    json: bool,
}

/// List the computed indicators and what the pledge suggests, or their values for a party
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente commit indicators --data d
  entente commit indicators example-cert --data d --from 2026-01-01 --to 2026-06-30")]
pub(crate) struct Indicators {
    /// The party whose values are wanted: its id or its whole name
    party: Option<String>,
    #[command(flatten)]
    place: Where,
    /// A day of the first month; eleven months before this one when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day, requires = "party")]
    from: Option<Date>,
    /// A day of the last month; this one when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day, requires = "party")]
    to: Option<Date>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Commitments that are read at a time.
const PAGE: usize = 1000;

impl List {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = self.party.map(|name| target.party(&name, None));
        let mut filter = Filter {
            party: party.transpose()?.map(|party| party.party.id),
            principle: self.principle,
            keeping: self.keeping,
            limit: Some(PAGE),
            offset: None,
        };
        let mut found = Vec::new();
        loop {
            filter.offset = Some(found.len());
            let page: Commitments = match &target {
                Target::Local(local) => commitment::list(&local.node, &filter),
                Target::Remote(client) => client.get("/api/v1/commitments", &query_of(&filter)?)?,
            };
            let is_last = page.commitments.len() < PAGE;
            found.extend(page.commitments);
            if is_last {
                break;
            }
        }
        let mut out = Out::new();
        if self.json {
            for one in &found {
                out.json(one)?;
            }
        } else {
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            let header = [
                "ID",
                "PARTY",
                "PRINCIPLE",
                "KEEPING",
                "COMPLETION",
                "NEXT REPORT",
                "DUE",
                "WORDS",
            ];
            out.table(&header, &rows)?;
        }
        out.flush()?;
        tell(&counted(found.len() as u64, "commitment", "commitments"));
        Ok(Exit::Done)
    }
}

fn row(one: &Commitment) -> Vec<String> {
    vec![
        one.id.clone(),
        one.party.clone(),
        one.principle.to_string(),
        one.keeping.to_string(),
        one.completion.map_or("-".into(), |step| step.to_string()),
        one.next_due.map_or("-".into(), |day| day.to_string()),
        one.due.to_string(),
        one.words.clone(),
    ]
}

impl Show {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let detail = fetch(&self.place.open()?, &self.id)?;
        let mut out = Out::new();
        if self.json {
            out.json(&detail)?;
        } else {
            print(&mut out, &detail)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

/// A line of a commitment's history: position in the journal, day, what happened.
type Line = (u64, String, String);

fn print(out: &mut Out, detail: &Detail) -> anyhow::Result<()> {
    let one = &detail.commitment;
    let head = format!("{} under principle {}", plain(&one.name), one.principle);
    let head = out.paint(STRONG, &head);
    out.line(&head)?;
    out.line(&plain(&one.words))?;
    let target = one.target.as_ref().map(told_target).unwrap_or_default();
    let baseline = one
        .baseline
        .map_or(String::new(), |at| format!(", was {at}"));
    out.line(&format!(
        "  measured by: {} ({}){target}{baseline}",
        plain(&one.indicator.label),
        plain(&one.indicator.unit)
    ))?;
    let next = match one.next_due {
        Some(day) => format!(", next report {day}"),
        None => String::new(),
    };
    let keeping = one.keeping.label().to_lowercase();
    out.line(&format!("  due {}, {keeping}{next}", one.due))?;
    if let Some(source) = &one.source {
        let words = format!("  recorded by the steward: {}", plain(source));
        out.line(&words)?;
    }
    let mut lines = history(detail);
    lines.sort_by_key(|(position, ..)| *position);
    for (position, day, words) in lines {
        let at = out.paint(FAINT, &format!("(entry {position})"));
        out.line(&format!("{day} {words} {at}"))?;
    }
    Ok(())
}

fn told_target(goal: &Goal) -> String {
    let bound = goal.bound.map_or("", node::commitment::Bound::label);
    format!(", to be {bound} {}", goal.amount)
}

/// Everything that was said, by the position of its entry.
fn history(detail: &Detail) -> Vec<Line> {
    let history = &detail.history;
    let mut lines = Vec::new();
    for version in &history.versions {
        let words = match &version.reason {
            Some(reason) => format!("version {}: {}", version.version, plain(reason)),
            None => "committed".into(),
        };
        lines.push((version.record.position, version.date.to_string(), words));
    }
    for report in &history.reports {
        let value = match (&report.reading, report.value) {
            (Some(reading), _) => format!(", {}", reading.in_words()),
            (None, Some(value)) => format!(", {value}"),
            _ => String::new(),
        };
        let words = format!(
            "report {}: {}{value}: {}{}",
            report.id,
            report.completion,
            plain(&report.words),
            links(&report.evidence)
        );
        lines.push((report.record.position, report.date.to_string(), words));
    }
    for review in &history.reviews {
        let words = format!("review {}: {}", review.id, review.completion);
        said(&mut lines, &words, &review.said);
    }
    for counter in &history.counter_evidence {
        said(
            &mut lines,
            &format!("counter-evidence {}", counter.id),
            &counter.said,
        );
    }
    for letter in &history.letters {
        let words = format!(
            "letter {}: will be {} on {} ({})",
            letter.id, letter.to, letter.on, letter.outcome
        );
        lines.push((letter.record.position, letter.date.to_string(), words));
        answered(&mut lines, letter.reply.as_ref());
    }
    for change in &history.states {
        let words = format!("{}: {}", change.to, plain(&change.reason));
        lines.push((change.record.position, change.date.to_string(), words));
    }
    if let Some(gone) = &detail.commitment.withdrawn {
        let words = format!("withdrawn: {}", plain(&gone.reason));
        lines.push((gone.record.position, gone.date.to_string(), words));
    }
    lines
}

fn said(lines: &mut Vec<Line>, what: &str, said: &Judgement) {
    let steward = if said.steward { ", the steward" } else { "" };
    let words = format!(
        "{what} by {}{steward}: {}{}",
        plain(&said.by_name),
        plain(&said.words),
        links(&said.evidence)
    );
    lines.push((said.record.position, said.date.to_string(), words));
    answered(lines, said.reply.as_ref());
}

fn answered(lines: &mut Vec<Line>, reply: Option<&Reply>) {
    if let Some(reply) = reply {
        let words = format!("answer: {}{}", plain(&reply.words), links(&reply.evidence));
        lines.push((reply.record.position, reply.date.to_string(), words));
    }
}

fn links(evidence: &[Evidence]) -> String {
    evidence.iter().fold(String::new(), |text, one| {
        format!("{text} {}", plain(&one.url))
    })
}

impl Letters {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = self.party.map(|name| target.party(&name, None));
        let party = party.transpose()?.map(|party| party.party.id);
        let found: Found = match &target {
            Target::Local(local) => commitment::letters(&local.node, party.as_deref()),
            Target::Remote(client) => {
                let query = party.map(|party| ("party".to_owned(), party));
                let query: Vec<_> = query.into_iter().collect();
                client.get("/api/v1/letters", &query)?
            }
        };
        let mut out = Out::new();
        if self.json {
            for letter in &found.letters {
                out.json(letter)?;
            }
        } else if self.text {
            for letter in &found.letters {
                let head = out.paint(STRONG, &format!("{} {}", letter.date, letter.id));
                out.line(&head)?;
                for line in letter.words.lines() {
                    out.line(&plain(line))?;
                }
                out.line("")?;
            }
        } else {
            let rows: Vec<Vec<String>> = found.letters.iter().map(letter_row).collect();
            let header = [
                "ID",
                "DATE",
                "PARTY",
                "COMMITMENT",
                "ANNOUNCES",
                "ON",
                "OUTCOME",
            ];
            out.table(&header, &rows)?;
        }
        out.flush()?;
        tell(&counted(found.letters.len() as u64, "letter", "letters"));
        Ok(Exit::Done)
    }
}

fn letter_row(letter: &Letter) -> Vec<String> {
    vec![
        letter.id.clone(),
        letter.date.to_string(),
        letter.party.clone(),
        letter.commitment.clone(),
        letter.to.to_string(),
        letter.on.to_string(),
        letter.outcome.to_string(),
    ]
}

impl Indicators {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        match &self.party {
            Some(name) => {
                let party = target.party(name, None)?.party.id;
                self.values(&target, &party)
            }
            None => self.table(&target),
        }
    }

    fn values(&self, target: &Target, party: &str) -> anyhow::Result<Exit> {
        let found: Readings = match target {
            Target::Local(local) => {
                let (node, caller) = (&local.node, Caller::Operator);
                commitment::readings(node, &caller, party, self.from, self.to)?
            }
            Target::Remote(client) => {
                let days = [("from", self.from), ("to", self.to)];
                let told = days
                    .into_iter()
                    .filter_map(|(name, day)| day.map(|day| (name.to_owned(), day.to_string())));
                let query: Vec<_> = told.collect();
                client.get(
                    &format!("/api/v1/parties/{}/indicators", encoded(party)),
                    &query,
                )?
            }
        };
        let mut out = Out::new();
        if self.json {
            for reading in &found.readings {
                out.json(reading)?;
            }
        } else {
            let rows = found.readings.iter();
            let rows =
                rows.map(|one| vec![one.indicator.clone(), one.in_words(), one.label.clone()]);
            out.table(&["INDICATOR", "VALUE", "WHAT"], &rows.collect::<Vec<_>>())?;
        }
        out.flush()?;
        tell(&format!("from {} to {}", found.from, found.to));
        Ok(Exit::Done)
    }

    fn table(&self, target: &Target) -> anyhow::Result<Exit> {
        let found: Table = match target {
            Target::Local(local) => commitment::indicators(&local.node),
            Target::Remote(client) => client.get("/api/v1/indicators", &[])?,
        };
        let mut out = Out::new();
        if self.json {
            for one in &found.indicators {
                out.json(one)?;
            }
        } else {
            let rows = found.indicators.iter().map(|row| {
                let one = &row.indicator;
                vec![
                    one.name.clone(),
                    one.unit.clone(),
                    one.label.clone(),
                    row.method.clone(),
                ]
            });
            let header = ["INDICATOR", "UNIT", "WHAT", "HOW"];
            out.table(&header, &rows.collect::<Vec<_>>())?;
            for suggested in found.suggested.iter().filter(|s| !s.indicators.is_empty()) {
                let head = format!("{} {}", suggested.principle, plain(&suggested.title));
                let head = out.paint(STRONG, &head);
                out.line(&head)?;
                for one in &suggested.indicators {
                    let (label, unit) = (plain(&one.label), plain(&one.unit));
                    out.line(&format!("  {}: {label} ({unit})", one.name))?;
                }
            }
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}
