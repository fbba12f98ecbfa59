//! `entente pledge diff`: what changed between two days.

use std::io;

use clap::Args;
use jiff::civil::Date;
use node::Caller;
use node::pledge::Stance;

use super::client::query_of;
use super::output::{FAINT, Out, STRONG, count, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::diff::{Ask, Changed, Diff as Found, DiffLine};

/// Show what changed between two days: stances, talks, terms, versions, adoptions, collections
///
/// Everything has two days: the one it holds from, which its source gives, and the one it was recorded
/// here, which the journal gives and a receipt proves. --by says which of the two counts; a line that was
/// recorded later than the day it holds from says so. --known DAY compares with what was known by the end
/// of that day: what was written later about the days before stands out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge diff --data d --from 2018-11-12 --to 2021-12-31
  entente pledge diff --data d --from 2026-11-01 --by recorded
  entente pledge diff --data d --from 2018-11-12 --to 2019-12-31 --known 2026-11-24 --json")]
pub(crate) struct Diff {
    #[command(flatten)]
    place: Where,
    /// The earlier day: what changed after it
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    from: Date,
    /// The later day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    to: Option<Date>,
    /// Which day counts: the one it holds from, or the one it was recorded here
    #[arg(long, value_parser = ["held", "recorded"], default_value = "held")]
    by: String,
    /// Compare with what was known by the end of this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    known: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let ask = Ask {
            from: self.from,
            to: self.to,
            by: Some(self.by),
            known: self.known,
        };
        let found = match self.place.open()? {
            Target::Local(local) => ask.answer(&local.node, &Caller::Operator)?,
            Target::Remote(client) => {
                client.get::<Found>("/api/v1/pledge/diff", &query_of(&ask)?)?
            }
        };
        let mut out = Out::new();
        if self.json {
            out.json(&found)?;
        } else {
            print(&mut out, &found)?;
        }
        out.flush()?;
        let late = found.lines.iter().filter(|line| line.later).count() as u64;
        let loaded = found.lines.iter().filter(|line| line.loaded).count() as u64;
        tell(&format!(
            "after {} up to {}: {}, {} with the pledge file, {} recorded later than the day it holds \
             from",
            found.from,
            found.to,
            counted(found.lines.len() as u64, "line", "lines"),
            count(loaded),
            count(late)
        ));
        Ok(Exit::Done)
    }
}

fn print(out: &mut Out, found: &Found) -> io::Result<()> {
    for changed in &found.changed {
        let line = net(out, changed, found.known);
        out.line(&line)?;
    }
    if !found.changed.is_empty() && !found.lines.is_empty() {
        out.line("")?;
    }
    for line in &found.lines {
        let line = told(out, line, found.known);
        out.line(&line)?;
    }
    Ok(())
}

fn word(stance: Option<Stance>) -> &'static str {
    stance.map_or("-", Stance::as_str)
}

fn net(out: &Out, changed: &Changed, known: Option<Date>) -> String {
    let name = out.paint(STRONG, &plain(&changed.name));
    let (before, after) = (word(changed.before), word(changed.after));
    let then = changed.then.as_ref().zip(known);
    let then = then.map_or(String::new(), |(then, known)| {
        let words = format!(
            " (as known on {known}: {} → {})",
            word(then.before),
            word(then.after)
        );
        out.paint(FAINT, &words)
    });
    format!("{name}: {before} → {after}{then}")
}

fn told(out: &Out, line: &DiffLine, known: Option<Date>) -> String {
    let who = line
        .name
        .as_deref()
        .map_or(String::new(), |name| format!("{}: ", plain(name)));
    let reason = line
        .reason
        .as_deref()
        .map_or(String::new(), |why| format!(". {}", plain(why)));
    let recorded = line.record.recorded.get(..10).unwrap_or_default();
    let mut aside = vec![format!(
        "entry {}, recorded {recorded}",
        line.record.position
    )];
    if let Some(source) = &line.source {
        aside.insert(0, plain(source).into_owned());
    }
    if line.loaded {
        aside.push("with the pledge file".into());
    }
    if line.later {
        aside.push("later than the day it holds from".into());
    }
    if let Some(known) = known.filter(|_| !line.known) {
        aside.push(format!("not known on {known}"));
    }
    let aside = out.paint(FAINT, &format!("({})", aside.join("; ")));
    format!("{} {who}{}{reason} {aside}", line.day, plain(&line.text))
}
