//! `entente talks`: the steps of talks, what of them is shown, and how they end.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use node::Caller;
use node::pledge::Stance;

use super::client::encoded;
use super::output::{FAINT, Out, STRONG, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, Failure, words};
use crate::present::accession::{
    self, Agree as NewAgree, End as NewEnd, NewTerms, PutStep, Reserved,
};
use crate::present::accession::{Step as Shown, Talks as Found};
use crate::present::party::{self, PartyHistory};

/// Talks with parties, as a record of steps
#[derive(Debug, Subcommand)]
pub(crate) enum Talks {
    List(List),
    Step(Step),
    Agree(Agree),
    End(End),
}

/// List who is in talks, and the steps that you may see
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente talks list --data d
  entente talks list --data d --as-of 2018-11-12 --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    as_of: Option<Date>,
    /// Print one JSON object a line, one for each party
    #[arg(long)]
    json: bool,
}

/// Put a step of talks; nobody but the two sides sees it until the other agrees to show it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente talks step ghana --data d --topic 3 --topic elections --show date,topics --words 'First meeting.'
  entente talks step ghana --data d --words 'Second meeting; the first note had the wrong day.' \\
    --replaces 3f2a9c01d4e7 --show date")]
pub(crate) struct Step {
    /// The party's id or its whole name
    party: String,
    #[command(flatten)]
    place: Where,
    /// What was done
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// What it was about: the number of a principle, or a word; repeat for more
    #[arg(long = "topic", value_name = "TOPIC")]
    topics: Vec<String>,
    /// What may be shown if the other side agrees: nothing, or date,topics,words
    #[arg(long, value_name = "FIELDS", default_value = "nothing")]
    show: String,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    date: Option<Date>,
    /// The id of a step that this one corrects; both stay
    #[arg(long, value_name = "ID")]
    replaces: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Agree to show a step that the other side put
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente talks agree 3f2a9c01d4e7 --server https://node.example --show date,topics
  entente talks agree 3f2a9c01d4e7 --data d --show date --source 'letter of 3 March'")]
pub(crate) struct Agree {
    /// The step's id
    id: String,
    #[command(flatten)]
    place: Where,
    /// What may be shown: date,topics,words; no more is shown than both sides agree to
    #[arg(long, value_name = "FIELDS")]
    show: String,
    /// Where the party's agreement is known from, when the steward records it for a party without an
    /// account
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// End talks: the party signed, is a partner under terms, or sits out
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente talks end ghana signed --data d --source 'signature of 4 March' --reserve '3=As far as our law lets us.'
  entente talks end india partner --data d --source 'exchange of letters' --terms other-forms \\
    --collection elections --up-to amber --publish --until 2027-12-31
  entente talks end kenya sitting-out --data d --source 'note verbale' --note 'Not in this term.'")]
pub(crate) struct End {
    /// The party's id or its whole name
    party: String,
    /// signed, partner or sitting-out
    #[arg(value_parser = words::stance())]
    stance: Stance,
    #[command(flatten)]
    place: Where,
    /// Where this is known from
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// The first day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    since: Option<Date>,
    /// What a reader should know besides
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// A reservation of who signs, by the number of a principle; repeat for more
    #[arg(long = "reserve", value_name = "NUMBER=TEXT", value_parser = reservation)]
    reservations: Vec<(u16, String)>,
    /// The name of a partner's terms
    #[arg(long, value_name = "NAME")]
    terms: Option<String>,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How far terms reach.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// A collection that the terms reach; repeat for more; all that its stance may when absent
    #[arg(long = "collection", value_name = "NAME")]
    pub(crate) collections: Vec<String>,
    /// The most restrictive marking that the terms let it see there
    #[arg(long, value_name = "MARKING", default_value = "amber")]
    pub(crate) up_to: String,
    /// Let it publish there
    #[arg(long)]
    pub(crate) publish: bool,
    /// The first day of the terms
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    pub(crate) from: Option<Date>,
    /// The last day of the terms
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    pub(crate) until: Option<Date>,
    /// The name of the terms that people read
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Let nobody but the party and the steward see the terms
    #[arg(long)]
    pub(crate) private: bool,
}

impl Reach {
    /// Terms that reach so far.
    pub(crate) fn terms(self, id: String, party: String, source: String) -> NewTerms {
        NewTerms {
            id,
            title: self.title,
            party,
            collections: self.collections,
            up_to: self.up_to,
            publish: self.publish,
            from: self.from,
            until: self.until,
            source,
            public: !self.private,
        }
    }
}

/// `3=As far as our law lets us.`
fn reservation(text: &str) -> Result<(u16, String), String> {
    let wrong = || "a reservation is written NUMBER=TEXT, such as 3='As far as our law lets us.'";
    let (number, words) = text.split_once('=').ok_or_else(wrong)?;
    Ok((number.parse().map_err(|_| wrong())?, words.to_owned()))
}

impl Talks {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Talks::List(verb) => verb.run(),
            Talks::Step(verb) => verb.run(),
            Talks::Agree(verb) => verb.run(),
            Talks::End(verb) => verb.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = match self.place.open()? {
            Target::Local(local) => accession::talks(&local.node, &Caller::Operator, self.as_of),
            Target::Remote(client) => {
                let day = self.as_of.map(|day| ("as-of".to_owned(), day.to_string()));
                let query: Vec<_> = day.into_iter().collect();
                client.get::<Found>("/api/v1/talks", &query)?
            }
        };
        let mut out = Out::new();
        for talk in &found.talks {
            if self.json {
                out.json(talk)?;
                continue;
            }
            let name = out.paint(STRONG, &plain(&talk.name));
            let stance = talk.stance.map_or("no stance", |stance| stance.label());
            let since = talk
                .since
                .map_or(String::new(), |day| format!(" since {day}"));
            out.line(&format!("{name} ({}): {stance}{since}", talk.party))?;
            if let Some(note) = &talk.note {
                out.line(&format!("  {}", plain(note)))?;
            }
            for step in &talk.steps {
                let line = told(&out, step);
                out.line(&line)?;
            }
        }
        out.flush()?;
        let number = found.talks.len() as u64;
        tell(&format!(
            "talks with {}",
            counted(number, "party", "parties")
        ));
        Ok(Exit::Done)
    }
}

/// A step in one line.
fn told(out: &Out, step: &Shown) -> String {
    let topics = step.topics.as_ref().map(|topics| topics.join(", "));
    let topics = topics.filter(|topics| !topics.is_empty());
    let topics = topics.map_or(String::new(), |topics| format!(" [{topics}]"));
    let words = step
        .words
        .as_deref()
        .map_or(String::new(), |w| format!(" {}", plain(w)));
    let mut aside = vec![step.id.clone(), format!("shown: {}", step.shown)];
    if let (Some(by), Some(offered)) = (&step.by, &step.offered) {
        aside.push(format!("put by the {by}, willing to show {offered}"));
    }
    if let Some(old) = &step.replaces {
        aside.push(format!("corrects {old}"));
    }
    if !step.replaced_by.is_empty() {
        aside.push(format!("corrected by {}", step.replaced_by.join(", ")));
    }
    if step.agreed_elsewhere {
        aside.push("the party agreed elsewhere, as the steward recorded".into());
    }
    let aside = out.paint(FAINT, &format!("({})", aside.join("; ")));
    format!("  {}{topics}{words} {aside}", step.date)
}

impl Step {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let new = PutStep {
            party: target.party(&self.party, None)?.party.id,
            date: self.date,
            topics: self.topics,
            words: self.words,
            show: self.show,
            replaces: self.replaces,
        };
        let put: Shown = match &target {
            Target::Local(local) => {
                let put = local.wait(local.node.put_step(&Caller::Operator, new.wanted()?))?;
                found(accession::one_step(&local.node, &Caller::Operator, &put.id))?
            }
            Target::Remote(client) => client.post("/api/v1/talks", &new)?,
        };
        print(&put, self.json)
    }
}

impl Agree {
    fn run(self) -> anyhow::Result<Exit> {
        let new = NewAgree {
            show: self.show,
            source: self.source,
        };
        let agreed: Shown = match &self.place.open()? {
            Target::Local(local) => {
                let (node, shown) = (&local.node, accession::shown(&new.show)?);
                local.wait(node.agree_step(&Caller::Operator, &self.id, shown, new.source))?;
                found(accession::one_step(node, &Caller::Operator, &self.id))?
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/talks/{}/agreement", encoded(&self.id));
                client.post(&path, &new)?
            }
        };
        print(&agreed, self.json)
    }
}

fn found(step: Option<Shown>) -> anyhow::Result<Shown> {
    Ok(step.ok_or(node::Error::NotFound("step"))?)
}

/// The id alone on stdout, for scripts; the rest is for people.
fn print(step: &Shown, json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        out.json(step)?;
    } else {
        out.line(&step.id)?;
    }
    out.flush()?;
    tell(&match step.shown.as_str() {
        "nothing" => "the two sides alone see this step, until the other agrees to show it".into(),
        shown => format!("anybody sees of this step: {shown}"),
    });
    Ok(Exit::Done)
}

impl End {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party.id;
        if self.terms.is_none() && !self.reach.collections.is_empty() {
            return Err(Failure::usage("give the terms a name: --terms NAME").into());
        }
        let reach = self.reach;
        let new = NewEnd {
            stance: self.stance,
            since: self.since,
            source: self.source,
            note: self.note,
            reservations: self
                .reservations
                .into_iter()
                .map(|(principle, words)| Reserved { principle, words })
                .collect(),
            terms: self
                .terms
                .map(|id| reach.terms(id, party.clone(), String::new())),
        };
        let ended: PartyHistory = match &target {
            Target::Local(local) => {
                let node = &local.node;
                let wanted = new.wanted(node, &party)?;
                local.wait(node.end_talks(&Caller::Operator, wanted))?;
                party::party(node, &party, None).ok_or(node::Error::NotFound("party"))?
            }
            Target::Remote(client) => client.post(
                &format!("/api/v1/parties/{}/talks/end", encoded(&party)),
                &new,
            )?,
        };
        if self.json {
            let mut out = Out::new();
            out.json(&ended)?;
            out.flush()?;
        }
        let name = plain(&ended.party.name);
        tell(&format!(
            "{name} ({party}): talks ended, {}",
            self.stance.label()
        ));
        Ok(Exit::Done)
    }
}
