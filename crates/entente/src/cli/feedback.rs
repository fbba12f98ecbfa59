//! `entente feedback`: what parties know of each other's signals.

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use node::Caller;
use node::model::FeedbackKind;
use serde::Deserialize;
use serde_json::value::RawValue;
use stix::Timestamp;

use super::client::encoded;
use super::output::{FAINT, Out, STRONG, count, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::feedback::{self, Inbox, NewFeedback, OnSignal};

/// Tell who published a signal what you know of it, and read what others tell you
#[derive(Debug, Subcommand)]
pub(crate) enum Feedback {
    Give(Give),
    List(List),
}

/// Say that a signal was seen here, is not malicious, or that you agree or disagree
///
/// Those who published the signal are told, and nobody else. A STIX sighting or opinion that is
/// published says the same to everybody who sees it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente feedback give indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f seen --count 12 --data d
  entente feedback give indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f not-malicious \\
    --because 'our own scanner' --server https://node.example")]
pub(crate) struct Give {
    /// The signal's STIX id
    signal: String,
    /// What you say of it
    #[arg(value_parser = kind())]
    kind: FeedbackKind,
    #[command(flatten)]
    place: Where,
    /// How often it was seen
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// When it was seen first: a time in UTC or a day
    #[arg(long, value_name = "WHEN", value_parser = words::time)]
    first_seen: Option<Timestamp>,
    /// When it was seen last: a time in UTC or a day
    #[arg(long, value_name = "WHEN", value_parser = words::time)]
    last_seen: Option<Timestamp>,
    /// A few words of explanation
    #[arg(long, value_name = "WORDS")]
    because: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List what others say of your signals, oldest first, or what is said of one signal
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente feedback list --server https://node.example
  entente feedback list --server https://node.example --json --after AAAAAAAAAEk
  entente feedback list --data d --signal indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --stix")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Only what is said of this signal, newest first
    #[arg(long, value_name = "ID", conflicts_with_all = ["after", "limit"])]
    signal: Option<String>,
    /// Go on after this place, as an earlier list told it
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// At most so many; all when absent
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Print STIX sightings and opinions, one a line
    #[arg(long, conflicts_with = "json")]
    stix: bool,
}

/// Takes what can be said of a signal.
fn kind() -> impl clap::builder::TypedValueParser<Value = FeedbackKind> {
    PossibleValuesParser::new(FeedbackKind::ALL.map(FeedbackKind::as_str))
        .try_map(|word| word.parse::<FeedbackKind>())
}

impl Feedback {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Feedback::Give(verb) => verb.run(),
            Feedback::List(verb) => verb.run(),
        }
    }
}

impl Give {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let new = NewFeedback {
            kind: self.kind.to_string(),
            count: self.count,
            first_seen: self.first_seen.map(|at| at.to_string()),
            last_seen: self.last_seen.map(|at| at.to_string()),
            explanation: self.because,
        };
        let given = target.give_feedback(&self.signal, new)?;
        let mut out = Out::new();
        if self.json {
            out.json(&given)?;
        } else {
            out.line(&given.id)?;
        }
        out.flush()?;
        tell("those who published the signal are told");
        Ok(Exit::Done)
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let mut out = Out::new();
        if let Some(signal) = &self.signal {
            return self.of_signal(&target, signal, &mut out);
        }
        let mut after = self.after.clone();
        let mut left = self.limit.unwrap_or(usize::MAX);
        let mut told = 0_u64;
        while left > 0 {
            let page = left.min(PAGE);
            let inbox = target.inbox(after.as_deref(), page)?;
            told += inbox.feedback.len() as u64;
            left = left.saturating_sub(inbox.feedback.len());
            if self.stix {
                target.inbox_as_stix(after.as_deref(), page, &mut out)?;
            } else {
                self.print(&inbox.feedback, &mut out)?;
            }
            after = inbox.next;
            if !inbox.more {
                break;
            }
        }
        out.flush()?;
        if told == 0 {
            tell("nobody has said anything yet");
        }
        if let Some(place) = after {
            tell(&format!("go on later with --after {place}"));
        }
        Ok(Exit::Done)
    }

    fn of_signal(&self, target: &Target, signal: &str, out: &mut Out) -> anyhow::Result<Exit> {
        if self.stix {
            target.feedback_as_stix(signal, out)?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let found = target.feedback_on(signal)?;
        self.print(&found.feedback, out)?;
        out.flush()?;
        let counts = found.counts;
        tell(&format!(
            "seen by {} ({}), not malicious for {}, {} disagree, {} agree",
            count(counts.seen),
            counted(counts.sightings, "sighting", "sightings"),
            count(counts.not_malicious),
            count(counts.disagree),
            count(counts.agree),
        ));
        Ok(Exit::Done)
    }

    fn print(&self, items: &[feedback::Feedback], out: &mut Out) -> anyhow::Result<()> {
        for item in items {
            if self.json {
                out.json(item)?;
            } else {
                let line = line(item, out);
                out.line(&line)?;
            }
        }
        Ok(())
    }
}

/// Items asked for at once.
const PAGE: usize = 500;

/// `2026-01-31 12:00 France | seen 12 times | indicator--… | because …`
fn line(item: &feedback::Feedback, out: &Out) -> String {
    let at = item.at.get(..16).unwrap_or(&item.at).replace('T', " ");
    let times = item.count.map_or_else(String::new, |n| {
        format!(" {}", counted(n.into(), "time", "times"))
    });
    let because = item.explanation.as_deref();
    let because = because.map_or_else(String::new, |words| format!(" | {}", plain(words)));
    format!(
        "{at} {} | {}{times} | {}{because}",
        out.paint(STRONG, &plain(&item.by.name)),
        item.kind,
        out.paint(FAINT, &item.signal),
    )
}

/// Objects in a bundle, as they are.
#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    objects: Vec<Box<RawValue>>,
}

impl Bundle {
    fn print(&self, out: &mut Out) -> anyhow::Result<()> {
        for object in &self.objects {
            out.line(&object.get().replace(['\n', '\r'], " "))?;
        }
        Ok(())
    }
}

impl Target {
    pub(super) fn give_feedback(
        &self,
        signal: &str,
        new: NewFeedback,
    ) -> anyhow::Result<feedback::Feedback> {
        match self {
            Target::Local(local) => {
                let new = new.wanted()?;
                let given = local.node.give_feedback(&Caller::Operator, signal, new);
                Ok(feedback::Feedback::from(&local.wait(given)?))
            }
            Target::Remote(client) => client.post(&on(signal), &new),
        }
    }

    fn feedback_on(&self, signal: &str) -> anyhow::Result<OnSignal> {
        match self {
            Target::Local(local) => {
                let found = local.node.feedback_on(&Caller::Operator, signal)?;
                Ok(OnSignal::new(signal, &found))
            }
            Target::Remote(client) => client.get(&on(signal), &[]),
        }
    }

    fn feedback_as_stix(&self, signal: &str, out: &mut Out) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => {
                let found = local.node.feedback_on(&Caller::Operator, signal)?;
                local_bundle(&feedback::as_stix(&local.node, &found.items)?)?.print(out)
            }
            Target::Remote(client) => client.get::<Bundle>(&on(signal), &[stix()])?.print(out),
        }
    }

    fn inbox(&self, after: Option<&str>, limit: usize) -> anyhow::Result<Inbox> {
        match self {
            Target::Local(local) => {
                let after = after.map(feedback::place).transpose()?;
                let told = local.node.feedback_told(&Caller::Operator, after, limit)?;
                Ok(Inbox::from(&told))
            }
            Target::Remote(client) => client.get("/api/v1/feedback", &page(after, limit)),
        }
    }

    fn inbox_as_stix(
        &self,
        after: Option<&str>,
        limit: usize,
        out: &mut Out,
    ) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => {
                let after = after.map(feedback::place).transpose()?;
                let told = local.node.feedback_told(&Caller::Operator, after, limit)?;
                local_bundle(&feedback::as_stix(&local.node, &told.items)?)?.print(out)
            }
            Target::Remote(client) => {
                let mut query = page(after, limit);
                query.push(stix());
                client.get::<Bundle>("/api/v1/feedback", &query)?.print(out)
            }
        }
    }
}

fn local_bundle(objects: &[String]) -> anyhow::Result<Bundle> {
    serde_json::from_str(&feedback::bundle(objects)).context("the objects cannot be read")
}

fn on(signal: &str) -> String {
    format!("/api/v1/signals/{}/feedback", encoded(signal))
}

fn stix() -> (String, String) {
    ("format".into(), "stix".into())
}

fn page(after: Option<&str>, limit: usize) -> Vec<(String, String)> {
    let after = after.map(|after| ("after".to_owned(), after.to_owned()));
    let limit = ("limit".to_owned(), limit.to_string());
    after.into_iter().chain([limit]).collect()
}
