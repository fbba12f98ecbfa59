//! `entente request send`: ask a party to act, or draft that; `send-draft`: send what was drafted.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use node::request::{Category, Kind};

use super::near::{Near, key};
use super::step::attach;
use super::{print, said};
use crate::cli::output::{Out, plain, tell};
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::present::request::{Contact, Ground, NewCase, NewStep, Wanted};

/// What `--good-faith` stands for (DSA, Article 16(2)(d)).
const GOOD_FAITH: &str = "we state in good faith that the information and the allegations in this \
                          request are accurate and complete";

/// Ask a party to act, or draft that
///
/// A takedown names the exact targets, the law or the rule that it rests on and why, whom to ask, and
/// states good faith (Digital Services Act, Article 16(2)). The id is printed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request send --to 'Béta Org' --kind takedown --category hate-speech \\
    --title 'Incitement on page 7' --words @letter.txt --target https://example.org/7 \\
    --ground-law 'Penal Code, section 130' --why 'It calls for violence.' \\
    --contact 'A. Person <person@alpha.example>' --good-faith --server https://node.example
  entente request send --to beta --kind preservation --title 'Keep the logs of 3 March' \\
    --words - --deadline contact-24-7 --server https://node.example < letter.txt
  entente request send --to beta --kind information --title Questions --words @questions.txt --draft \\
    --data d --token ent_…")]
pub(crate) struct Send {
    /// The party that is asked, by its id or its whole name
    #[arg(long, value_name = "PARTY")]
    to: String,
    /// What is asked for
    #[arg(long, value_parser = kind())]
    kind: String,
    /// One line
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// What is to be done, and what has to be known for it; '-' is stdin, @FILE a file
    #[arg(long, value_name = "TEXT")]
    words: String,
    #[command(flatten)]
    place: Where,
    /// What it is about, for counting
    #[arg(long, value_parser = category(), default_value = "other")]
    category: String,
    /// An exact URL or other identifier of what it is about; repeat for more
    #[arg(long = "target", value_name = "URL")]
    targets: Vec<String>,
    /// The id of a STIX object that it is about; repeat for more
    #[arg(long = "signal", value_name = "ID")]
    signals: Vec<String>,
    /// The number of the pledge's principle that it rests on
    #[arg(long, value_name = "NUMBER")]
    principle: Option<u16>,
    /// The law and article that it rests on
    #[arg(
        long,
        value_name = "TEXT",
        conflicts_with = "ground_policy",
        requires = "why"
    )]
    ground_law: Option<String>,
    /// The rule of the recipient's own that it rests on
    #[arg(long, value_name = "TEXT", requires = "why")]
    ground_policy: Option<String>,
    /// Where the law or the rule can be read
    #[arg(long, value_name = "URL", requires = "why")]
    ground_url: Option<String>,
    /// Why what is named falls under it; '-' is stdin, @FILE a file
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// The country where it is to have effect, by its two letters; everywhere when absent
    #[arg(long, value_name = "CODE", value_parser = crate::cli::words::country)]
    country: Option<node::pledge::Country>,
    /// Whom to ask; the two sides alone see it
    #[arg(long, value_name = "NAME <EMAIL>", value_parser = contact)]
    contact: Option<Contact>,
    /// State in good faith that what is said is accurate and complete
    #[arg(long)]
    good_faith: bool,
    /// A file to attach; repeat for more
    #[arg(long = "evidence", value_name = "FILE")]
    evidence: Vec<PathBuf>,
    /// Who may see what it says besides the two sides: clear, green, amber, amber+strict, red
    #[arg(long, value_name = "MARKING", default_value = "amber")]
    marking: String,
    /// A reference of your own
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// The id of the request that it follows from
    #[arg(long, value_name = "ID")]
    follows: Option<String>,
    #[command(flatten)]
    deadline: Deadline,
    /// Keep it as a draft that nobody else sees
    #[arg(long)]
    draft: bool,
    /// What is sent twice with the same key is taken once; one is made up when absent
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// By when it is to be answered.
#[derive(Debug, Args)]
pub(super) struct Deadline {
    /// By when it is to be answered: a usual length of time
    #[arg(long = "deadline", value_name = "PRESET", value_parser = said::preset(), help_heading = "By when")]
    preset: Option<String>,
    /// Hours until it is to be answered
    #[arg(long, value_name = "HOURS", help_heading = "By when")]
    hours: Option<u32>,
    /// Working days until it is to be answered
    #[arg(
        long,
        value_name = "DAYS",
        conflicts_with = "hours",
        help_heading = "By when"
    )]
    days: Option<u32>,
    /// Count working hours, in this time zone (such as Europe/Paris)
    #[arg(long, value_name = "ZONE", help_heading = "By when")]
    zone: Option<String>,
    /// When it is to be done
    #[arg(long, value_name = "WHEN", value_parser = said::by, help_heading = "By when")]
    done_by: Option<String>,
}

impl Deadline {
    /// What is wanted; nothing when nothing is said.
    pub(super) fn wanted(self) -> Option<Wanted> {
        let wanted = Wanted {
            preset: self.preset,
            hours: self.hours,
            days: self.days,
            zone: self.zone,
            done_by: self.done_by,
        };
        (wanted != Wanted::default()).then_some(wanted)
    }
}

/// Send a draft
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request send-draft 3f2a9c01d4e7 --server https://node.example
  entente request send-draft 3f2a9c01d4e7 --hours 48 --zone Europe/Paris --server https://node.example")]
pub(crate) struct SendDraft {
    /// The request's id
    id: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    deadline: Deadline,
    /// What is sent twice with the same key is done once; one is made up when absent
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn kind() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::ALL.iter().map(|word| word.as_str()))
}

fn category() -> PossibleValuesParser {
    PossibleValuesParser::new(Category::ALL.iter().map(|word| word.as_str()))
}

/// `A. Person <person@alpha.example>`
fn contact(text: &str) -> Result<Contact, String> {
    let split = text
        .trim()
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'));
    let (name, email) = split.ok_or("a contact is written 'A. Person <person@alpha.example>'")?;
    Ok(Contact {
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
    })
}

impl Send {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let stdin = [Some(&self.words), self.why.as_ref()];
        if stdin
            .into_iter()
            .flatten()
            .filter(|text| *text == "-")
            .count()
            > 1
        {
            return Err(Failure::usage("stdin can be read once: name '-' once").into());
        }
        let near = Near::open(&self.place)?;
        let flags = Near::flags(&self.place);
        let (json, draft, good_faith) = (self.json, self.draft, self.good_faith);
        let key = key(self.idempotency_key.clone());
        let sent = near.send(self.asked(&near)?, &key)?;
        if good_faith {
            tell(&format!("--good-faith: {GOOD_FAITH}"));
        }
        let mut out = Out::new();
        if json {
            out.json(&sent)?;
        } else {
            out.line(&sent.id)?;
        }
        out.flush()?;
        if draft {
            let send = format!("entente request send-draft {} {flags}", sent.id);
            tell(&format!(
                "a draft: nobody else sees it; send it with '{}'",
                send.trim_end()
            ));
            return Ok(Exit::Done);
        }
        let by = sent.deadline.as_ref().map(|d| print::minute(&d.answer_by));
        tell(&format!(
            "sent to {}; it is to be answered by {}",
            plain(&sent.to.name),
            by.unwrap_or_default()
        ));
        let show = format!("entente request show {} {flags}", sent.id);
        tell(&format!("see '{}'", show.trim_end()));
        Ok(Exit::Done)
    }

    /// What is sent.
    fn asked(self, near: &Near) -> anyhow::Result<NewCase> {
        let to = near.target.party(&self.to, None)?.party;
        let kind = match (self.ground_law, self.ground_policy) {
            (Some(law), _) => Some(("law", law)),
            (None, Some(policy)) => Some(("policy", policy)),
            (None, None) => None,
        };
        let why = self.why.as_deref().map(said::words).transpose()?;
        if kind.is_none() && why.is_some() {
            let words = "--why says why a law or a rule applies: name it with --ground-law or --ground-policy";
            return Err(Failure::usage(words).into());
        }
        let ground = kind.map(|(kind, reference)| Ground {
            kind: kind.to_owned(),
            reference,
            url: self.ground_url,
            explanation: why.unwrap_or_default(),
        });
        Ok(NewCase {
            to: to.id,
            kind: self.kind,
            category: Some(self.category),
            title: self.title,
            words: said::words(&self.words)?,
            targets: self.targets,
            signals: self.signals,
            principle: self.principle,
            ground,
            country: self.country.map(|country| country.to_string()),
            contact: self.contact,
            good_faith: self.good_faith,
            evidence: attach(near, &self.evidence)?,
            marking: Some(self.marking),
            reference: self.reference,
            follows: self.follows,
            deadline: self.deadline.wanted(),
            draft: self.draft,
        })
    }
}

impl SendDraft {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let new = NewStep {
            deadline: self.deadline.wanted(),
            ..NewStep::new("send", None)
        };
        let near = Near::open(&self.place)?;
        let stepped = near.step(&self.id, new, &key(self.idempotency_key))?;
        print::stepped(&stepped, &Near::flags(&self.place), self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_name_and_an_address() {
        let one = contact("A. Person <person@alpha.example>").unwrap();
        assert_eq!(
            (one.name.as_str(), one.email.as_str()),
            ("A. Person", "person@alpha.example")
        );
        assert!(contact("person@alpha.example").is_err());
    }
}
