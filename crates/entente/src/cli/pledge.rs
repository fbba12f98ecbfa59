//! `entente pledge`: the text a node runs on.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::init::read_pledge;
use super::output::{Out, STRONG, count, counted, plain, tell};
use super::target::Where;
use super::{Exit, Failure, calendar, diff, versions};
use crate::present;

/// The pledge a node runs on
#[derive(Debug, Subcommand)]
pub(crate) enum Pledge {
    Show(Show),
    Check(Check),
    Text(Text),
    Amend(versions::Amend),
    Adopt(versions::Adopt),
    Versions(versions::Versions),
    Diff(diff::Diff),
    Holidays(calendar::Holidays),
}

/// Show the pledge, its principles and how many stand where
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge show --data d
  entente pledge show --data d --json | jq .visibility")]
pub(crate) struct Show {
    #[command(flatten)]
    place: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Check a pledge file; the first thing that is wrong is told with line and reason
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge check our-pledge.toml
  entente pledge check - < our-pledge.toml")]
pub(crate) struct Check {
    /// The file ('-' is stdin)
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Print the text that parties sign, byte for byte
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge text --data d
  entente pledge text --data d | sha256sum")]
pub(crate) struct Text {
    #[command(flatten)]
    place: Where,
    /// Print JSON: the text and its SHA-256
    #[arg(long)]
    json: bool,
}

impl Text {
    fn run(self) -> anyhow::Result<Exit> {
        use sha2::Digest as _;
        use std::io::Write as _;
        let text = self.place.open()?.pledge_text()?;
        let mut out = Out::new();
        if self.json {
            let hash = sha2::Sha256::digest(text.as_bytes()).into();
            let hash = node::identity::statement::hex(&hash);
            out.json(&serde_json::json!({"text": text, "sha256": hash}))?;
        } else {
            out.write_all(text.as_bytes())?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

impl Pledge {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Pledge::Show(verb) => verb.run(),
            Pledge::Check(verb) => verb.run(),
            Pledge::Text(verb) => verb.run(),
            Pledge::Amend(verb) => verb.run(),
            Pledge::Adopt(verb) => verb.run(),
            Pledge::Versions(verb) => verb.run(),
            Pledge::Diff(verb) => verb.run(),
            Pledge::Holidays(verb) => verb.run(),
        }
    }
}

impl Show {
    fn run(self) -> anyhow::Result<Exit> {
        let pledge = self.place.open()?.pledge()?;
        let pledge =
            pledge.ok_or_else(|| Failure::new(Exit::Local, "this node runs on no pledge yet"))?;
        let mut out = Out::new();
        if self.json {
            out.json(&pledge)?;
        } else {
            print(&mut out, &pledge)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn print(out: &mut Out, pledge: &present::pledge::Pledge) -> std::io::Result<()> {
    let name = out.paint(STRONG, &plain(&pledge.name));
    let place = pledge
        .place
        .as_deref()
        .map(|place| format!(", {place}"))
        .unwrap_or_default();
    out.line(&format!("{name} ({}{})", pledge.adopted, plain(&place)))?;
    out.line(&plain(&pledge.summary))?;
    out.line("")?;
    for principle in &pledge.principles {
        let title = out.paint(STRONG, &plain(&principle.title));
        let harms = match principle.harms.as_slice() {
            [] => String::new(),
            harms => format!(" [{}]", harms.join(", ")),
        };
        out.line(&format!("{}. {title}{harms}", principle.number))?;
        out.line(&format!("   {}", plain(&principle.summary)))?;
    }
    out.line("")?;
    let words = |stances: &[node::pledge::Stance]| {
        stances
            .iter()
            .map(|stance| stance.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    out.line(&format!(
        "See TLP:GREEN: {}",
        words(&pledge.visibility.green)
    ))?;
    out.line(&format!(
        "See TLP:AMBER: {}",
        words(&pledge.visibility.amber)
    ))?;
    for (marking, stances) in [
        ("GREEN", &pledge.visibility.circle.green),
        ("AMBER", &pledge.visibility.circle.amber),
        ("AMBER+STRICT", &pledge.visibility.circle.amber_strict),
    ] {
        let stances = words(stances);
        out.line(&format!("See TLP:{marking} in their circles: {stances}"))?;
    }
    out.line(&format!(
        "May publish: {}",
        words(&pledge.visibility.publish)
    ))?;
    let counts: Vec<String> = pledge
        .parties
        .iter()
        .map(|row| {
            format!(
                "{} {}",
                count(row.count as u64),
                row.stance.label().to_lowercase()
            )
        })
        .collect();
    out.line(&format!("Parties today: {}", counts.join(", ")))?;
    out.line("")?;
    out.line(&plain(&pledge.disclaimer))
}

impl Check {
    fn run(self) -> anyhow::Result<Exit> {
        let file = read_pledge(Some(&self.file))?;
        if self.json {
            let mut out = Out::new();
            out.json(&present::pledge::Pledge::of(&file.pledge, Vec::new()))?;
            out.flush()?;
        }
        tell(&format!(
            "{}: {}; {}, {}, {}",
            self.file.display(),
            plain(&file.pledge.name),
            counted(
                file.pledge.principles.len() as u64,
                "principle",
                "principles"
            ),
            counted(file.parties.len() as u64, "party", "parties"),
            counted(
                file.stances.len() as u64,
                "dated fact about a stance",
                "dated facts about stances"
            ),
        ));
        Ok(Exit::Done)
    }
}
