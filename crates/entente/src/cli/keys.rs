//! `entente key`: keys of parties, made here, enrolled at a node.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use node::identity::statement::KeyStatement;
use node::identity::{Note, SigningKey, key_name};

use super::identity::today;
use super::output::{Out, plain, tell};
use super::target::Where;
use super::{Exit, Failure, party_key};
use crate::present::identity::{Key as Shown, NewRevocation};

/// Keys that parties sign with (Ed25519, as C2SP signed notes name them)
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    New(New),
    Show(Show),
    List(List),
    Enrol(Enrol),
    Rotate(Rotate),
    Revoke(Revoke),
}

/// Make a key; its public half is printed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente key new --name example-broadcasting our.key
  entente key new --name broadcasting.example our.key --json")]
pub(crate) struct New {
    /// File for the private key; it must not be there yet
    file: PathBuf,
    /// Its name: the party's id, or a domain that the party proved
    #[arg(long)]
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show the public half of a key file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente key show our.key")]
pub(crate) struct Show {
    /// File with the private key
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List the keys that are enrolled, revoked ones too
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente key list --data d
  entente key list example-broadcasting --server https://node.example --json")]
pub(crate) struct List {
    /// Only of this party
    party: Option<String>,
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Enrol a key for a party
///
/// The first key of a party is taken on the word of its account; another needs the signature of one
/// that lives (--vouched-by), or an administrator.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente key enrol example-broadcasting our.key --server https://node.example --token TOKEN
  entente key enrol example-broadcasting press.key --vouched-by our.key --label press --data d")]
pub(crate) struct Enrol {
    /// The party's id or its whole name
    party: String,
    /// File with the private key
    file: PathBuf,
    /// What it is called
    #[arg(long)]
    label: Option<String>,
    /// File with a key of the party that lives
    #[arg(long, value_name = "FILE")]
    vouched_by: Option<PathBuf>,
    /// Print the statement that would be signed, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Let a new key take the place of another
///
/// The old key signs for it (--old), or, when it is lost, an administrator says which it was
/// (--replaces).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente key rotate new.key --old our.key --server https://node.example --token TOKEN
  entente key rotate new.key --replaces example-broadcasting+1f2e3d4c --data d")]
pub(crate) struct Rotate {
    /// File with the new private key
    file: PathBuf,
    /// File with the old private key
    #[arg(long, value_name = "FILE", required_unless_present = "replaces")]
    old: Option<PathBuf>,
    /// The old key, as 'entente key list' shows it
    #[arg(long, value_name = "KEY", conflicts_with = "old")]
    replaces: Option<String>,
    /// What it is called
    #[arg(long)]
    label: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Revoke a key: what it signs from then on is not its party's
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente key revoke example-broadcasting+1f2e3d4c --reason 'laptop stolen' --data d
  entente key revoke example-broadcasting+1f2e3d4c --reason 'copied' --since 2026-11-20T08:00:00Z --data d")]
pub(crate) struct Revoke {
    /// The key, as 'entente key list' shows it
    key: String,
    /// Why, for those who rely on it
    #[arg(long)]
    reason: String,
    /// From when on it is not trusted: RFC 3339 in UTC; now when absent
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

impl Key {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Key::New(verb) => verb.run(),
            Key::Show(verb) => verb.run(),
            Key::List(verb) => verb.run(),
            Key::Enrol(verb) => verb.run(),
            Key::Rotate(verb) => verb.run(),
            Key::Revoke(verb) => verb.run(),
        }
    }
}

fn print_public(key: &SigningKey, json: bool) -> anyhow::Result<()> {
    let (vkey, name) = (key.verifier().to_string(), key_name(key.verifier()));
    let mut out = Out::new();
    if json {
        out.json(&serde_json::json!({"key": name, "vkey": vkey}))?;
    } else {
        out.line(&vkey)?;
    }
    out.flush()?;
    Ok(())
}

impl New {
    fn run(self) -> anyhow::Result<Exit> {
        let key = party_key::make(&self.file, &self.name)?;
        print_public(&key, self.json)?;
        tell(&format!(
            "the private key is in {}: keep it",
            self.file.display()
        ));
        Ok(Exit::Done)
    }
}

impl Show {
    fn run(self) -> anyhow::Result<Exit> {
        print_public(&party_key::read(&self.file)?, self.json)?;
        Ok(Exit::Done)
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = self
            .party
            .map(|name| target.party(&name, None))
            .transpose()?;
        let found = target.keys(party.as_ref().map(|party| party.party.id.as_str()))?;
        let mut out = Out::new();
        if self.json {
            for key in &found {
                out.json(key)?;
            }
        } else {
            let row = |key: &Shown| {
                let revoked = key.revoked.as_ref().map(|revoked| revoked.reason.clone());
                vec![
                    key.key.clone(),
                    key.party.clone(),
                    key.state.clone(),
                    key.label.clone(),
                    key.enrolled.clone(),
                    key.vouched_by.clone(),
                    revoked.unwrap_or_default(),
                ]
            };
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            let header = [
                "KEY",
                "PARTY",
                "STATE",
                "LABEL",
                "ENROLLED",
                "ON THE WORD OF",
                "REVOKED",
            ];
            out.table(&header, &rows)?;
        }
        out.flush()?;
        if found.is_empty() {
            tell("no keys: 'entente key new', then 'entente key enrol'");
        }
        Ok(Exit::Done)
    }
}

/// A statement with the signatures of both keys.
fn note(
    statement: &KeyStatement,
    new: &SigningKey,
    old: Option<&SigningKey>,
) -> anyhow::Result<String> {
    let text = statement.to_string();
    let mut note: Note = new.sign_note(&text)?;
    if let Some(old) = old {
        note.add(old.sign(&text))?;
    }
    Ok(note.to_string())
}

fn show(key: &Shown, json: bool) -> anyhow::Result<()> {
    let mut out = Out::new();
    if json {
        out.json(key)?;
    } else {
        out.line(&key.key)?;
    }
    out.flush()?;
    let (by, party) = (&key.vouched_by, &key.party);
    tell(&plain(&format!(
        "enrolled for {party} on the word of: {by}; entry {}",
        key.position
    )));
    Ok(())
}

impl Enrol {
    fn run(self) -> anyhow::Result<Exit> {
        let key = party_key::read(&self.file)?;
        let old = self
            .vouched_by
            .as_deref()
            .map(party_key::read)
            .transpose()?;
        let target = self.place.open()?;
        let statement = KeyStatement {
            party: target.party(&self.party, None)?.party.id,
            key: key.verifier().clone(),
            label: self.label,
            replaces: None,
            date: today(),
        };
        if self.dry_run {
            let mut out = Out::new();
            out.line(statement.to_string().trim_end())?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let made = target.enrol_key(note(&statement, &key, old.as_ref())?)?;
        show(&made, self.json)?;
        Ok(Exit::Done)
    }
}

impl Rotate {
    fn run(self) -> anyhow::Result<Exit> {
        let key = party_key::read(&self.file)?;
        let old = self.old.as_deref().map(party_key::read).transpose()?;
        let named = self
            .replaces
            .or_else(|| old.as_ref().map(|old| key_name(old.verifier())));
        let named =
            named.ok_or_else(|| Failure::usage("which key? --old FILE or --replaces KEY"))?;
        let target = self.place.open()?;
        let statement = KeyStatement {
            party: target.key(&named)?.party,
            key: key.verifier().clone(),
            label: self.label,
            replaces: Some(named),
            date: today(),
        };
        let made = target.enrol_key(note(&statement, &key, old.as_ref())?)?;
        show(&made, self.json)?;
        Ok(Exit::Done)
    }
}

impl Revoke {
    fn run(self) -> anyhow::Result<Exit> {
        let new = NewRevocation {
            reason: self.reason,
            since: self.since,
        };
        let revoked = self.place.open()?.revoke_key(&self.key, &new)?;
        let mut out = Out::new();
        if self.json {
            out.json(&revoked)?;
        }
        out.flush()?;
        tell(&format!(
            "{} is revoked; what it signed before stays attributable",
            plain(&revoked.key)
        ));
        Ok(Exit::Done)
    }
}
