//! `entente commit`: what parties promise, what they report of it, what others say, and the calendar.

mod judge;
mod make;
mod show;
mod steward;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use node::Node;
use node::commitment::{Amount, Completion};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Exit;
use super::client::encoded;
use super::output::{Out, plain, tell};
use super::target::{Local, Target};
use crate::present::commitment::{Commitment, Detail, Evidence, detail};

/// Commitments under the pledge: made, reported, judged, and the calendar of reports
#[derive(Debug, Subcommand)]
pub(crate) enum Commit {
    Make(make::Make),
    Amend(make::Amend),
    Withdraw(make::Withdraw),
    List(show::List),
    Show(show::Show),
    Report(judge::Report),
    Review(judge::Review),
    Counter(judge::Counter),
    Answer(judge::Answer),
    Calendar(steward::Calendar),
    Letters(show::Letters),
    Indicators(show::Indicators),
    Delist(steward::Delist),
    Reinstate(steward::Reinstate),
    RevokeLetter(steward::RevokeLetter),
    Advance(steward::Advance),
}

impl Commit {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Commit::Make(verb) => verb.run(),
            Commit::Amend(verb) => verb.run(),
            Commit::Withdraw(verb) => verb.run(),
            Commit::List(verb) => verb.run(),
            Commit::Show(verb) => verb.run(),
            Commit::Report(verb) => verb.run(),
            Commit::Review(verb) => verb.run(),
            Commit::Counter(verb) => verb.run(),
            Commit::Answer(verb) => verb.run(),
            Commit::Calendar(verb) => verb.run(),
            Commit::Letters(verb) => verb.run(),
            Commit::Indicators(verb) => verb.run(),
            Commit::Delist(verb) => verb.run(),
            Commit::Reinstate(verb) => verb.run(),
            Commit::RevokeLetter(verb) => verb.run(),
            Commit::Advance(verb) => verb.run(),
        }
    }
}

/// Takes a step of the completion scale.
fn completion() -> impl TypedValueParser<Value = Completion> {
    PossibleValuesParser::new(Completion::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| word.parse::<Completion>())
}

/// Takes a number with up to three decimals.
fn amount(text: &str) -> Result<Amount, String> {
    text.parse()
}

/// Takes a link to evidence: a URL, with `,sha256:` and the digest of what is there, if that is known.
fn evidence(text: &str) -> Result<Evidence, String> {
    let (url, sha256) = match text.rsplit_once(",sha256:") {
        Some((url, digest)) => (url, Some(digest.to_owned())),
        None => (text, None),
    };
    if !url.starts_with("https://") {
        return Err("evidence is an https URL, such as https://example.org/audit.pdf".into());
    }
    Ok(Evidence {
        url: url.to_owned(),
        sha256,
    })
}

/// Sends what is asked, or does it here: either way the commitment as it is then.
fn act<B: Serialize, T: DeserializeOwned>(
    target: &Target,
    path: &str,
    body: B,
    here: impl FnOnce(&Local, B) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match target {
        Target::Local(local) => here(local, body),
        Target::Remote(client) => client.post(path, &body),
    }
}

/// The path of a commitment.
fn path_of(id: &str, rest: &str) -> String {
    format!("/api/v1/commitments/{}{rest}", encoded(id))
}

/// A commitment with its history.
fn fetch(target: &Target, id: &str) -> anyhow::Result<Detail> {
    match target {
        Target::Local(local) => whole(&local.node, id),
        Target::Remote(client) => client.get(&path_of(id, ""), &[]),
    }
}

fn whole(node: &Node, id: &str) -> anyhow::Result<Detail> {
    Ok(detail(node, id)?)
}

/// Prints an id alone on stdout, for scripts, or the commitment as JSON; the rest is for people.
fn done(detail: &Detail, id: &str, json: bool, words: &str) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        out.json(detail)?;
    } else {
        out.line(id)?;
    }
    out.flush()?;
    tell(&format!("{}: {words}", headline(&detail.commitment)));
    if let Some(due) = detail.commitment.next_due {
        tell(&format!("the next report is due on {due}"));
    }
    Ok(Exit::Done)
}

/// Whose commitment, under which principle, in which state.
fn headline(commitment: &Commitment) -> String {
    format!(
        "{} ({}), principle {}, {}",
        plain(&commitment.name),
        commitment.party,
        commitment.principle,
        commitment.keeping.label().to_lowercase()
    )
}
