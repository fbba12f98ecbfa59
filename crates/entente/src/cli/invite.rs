//! `entente invite` and `entente invitation`: how a party is asked to come to the pledge.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use node::Caller;
use node::pledge::Stance;

use super::client::encoded;
use super::output::{Out, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::accession::{
    self, AnswerWord, GiveAnswer, Invitation as Shown, Invitations, Invite as New,
};

/// Invite a party to the pledge, for the steward
///
/// Nobody but the party and the steward sees the invitation until it is accepted, unless it is made
/// with --public. Who accepts is in talks from that day on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente invite brazil --data d --words 'The steward invites Brazil to join.'
  entente invite india --data d --as partner --public --words 'To be involved under other forms.'")]
pub(crate) struct Invite {
    /// The party's id or its whole name
    party: String,
    #[command(flatten)]
    place: Where,
    /// What the invitation says
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// What it is asked to become: signed or partner
    #[arg(long = "as", value_name = "STANCE", default_value = "signed", value_parser = words::stance())]
    join_as: Stance,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    date: Option<Date>,
    /// Let anybody see it before it is accepted
    #[arg(long)]
    public: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Invitations and their answers
#[derive(Debug, Subcommand)]
pub(crate) enum Invitation {
    List(List),
    Accept(Accept),
    Decline(Decline),
    Withdraw(Withdraw),
}

/// List the invitations that you may see
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente invitation list --data d
  entente invitation list --server https://node.example --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Accept an invitation: the party is in talks from that day on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente invitation accept 3f2a9c01d4e7 --server https://node.example
  entente invitation accept 3f2a9c01d4e7 --data d --source 'letter of 3 March'")]
pub(crate) struct Accept {
    #[command(flatten)]
    answer: Answering,
    /// A few words
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Decline an invitation, saying why
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente invitation decline 3f2a9c01d4e7 --server https://node.example --reason 'Not before the election.'")]
pub(crate) struct Decline {
    #[command(flatten)]
    answer: Answering,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Take an invitation back, for the steward
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente invitation withdraw 3f2a9c01d4e7 --data d --reason 'Sent in error.'")]
pub(crate) struct Withdraw {
    #[command(flatten)]
    answer: Answering,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
struct Answering {
    /// The invitation's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    date: Option<Date>,
    /// Where the party's answer is known from, when the steward records it for a party without an account
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Invite {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let new = New {
            party: target.party(&self.party, None)?.party.id,
            date: self.date,
            words: self.words,
            join_as: self.join_as,
            public: self.public,
        };
        let sent: Shown = match &target {
            Target::Local(local) => {
                let sent = local.wait(local.node.invite(&Caller::Operator, new.wanted()))?;
                let directory = local.node.directory();
                let record = directory.accession().invitation(&sent.id);
                record
                    .map(Shown::from)
                    .ok_or(node::Error::NotFound("invitation"))?
            }
            Target::Remote(client) => client.post("/api/v1/invitations", &new)?,
        };
        print(&sent, self.json)
    }
}

impl Invitation {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Invitation::List(verb) => verb.run(),
            Invitation::Accept(verb) => verb.answer.give(AnswerWord::Accepted, verb.reason),
            Invitation::Decline(verb) => verb.answer.give(AnswerWord::Declined, Some(verb.reason)),
            Invitation::Withdraw(verb) => verb.answer.give(AnswerWord::Withdrawn, verb.reason),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = match self.place.open()? {
            Target::Local(local) => accession::invitations(&local.node, &Caller::Operator, None),
            Target::Remote(client) => client.get::<Invitations>("/api/v1/invitations", &[])?,
        };
        let mut out = Out::new();
        if self.json {
            for one in &found.invitations {
                out.json(one)?;
            }
        } else {
            let rows: Vec<Vec<String>> = found.invitations.iter().map(row).collect();
            let header = ["ID", "DATE", "PARTY", "AS", "STATE", "WORDS"];
            out.table(&header, &rows)?;
        }
        out.flush()?;
        let number = found.invitations.len() as u64;
        tell(&counted(number, "invitation", "invitations"));
        Ok(Exit::Done)
    }
}

fn row(one: &Shown) -> Vec<String> {
    vec![
        one.id.clone(),
        one.date.to_string(),
        one.party.clone(),
        one.join_as.to_string(),
        one.state.clone(),
        one.words.clone(),
    ]
}

impl Answering {
    fn give(self, answer: AnswerWord, reason: Option<String>) -> anyhow::Result<Exit> {
        let new = GiveAnswer {
            answer,
            date: self.date,
            reason,
            source: self.source,
        };
        let answered: Shown = match &self.place.open()? {
            Target::Local(local) => {
                let node = &local.node;
                let given = node.answer_invitation(&Caller::Operator, &self.id, new.wanted());
                Shown::from(&local.wait(given)?)
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/invitations/{}/answer", encoded(&self.id));
                client.post(&path, &new)?
            }
        };
        print(&answered, self.json)
    }
}

/// The id alone on stdout, for scripts; the rest is for people.
fn print(one: &Shown, json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        out.json(one)?;
    } else {
        out.line(&one.id)?;
    }
    out.flush()?;
    let until = if one.public || one.state == "accepted" {
        "anybody sees it"
    } else {
        "the two sides alone see it"
    };
    tell(&format!(
        "invitation of {} to be {}: {}; {until}",
        plain(&one.party),
        one.join_as,
        one.state
    ));
    Ok(Exit::Done)
}
