//! `entente sign` and `entente sponsor`: statements that a party signs with its key.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use node::identity::statement::{LONGEST, SignatureStatement, SponsorshipStatement};
use node::identity::{DomainName, Reservation, SigningKey, VerifierKey, key_name};
use sha2::{Digest as _, Sha256};

use super::identity::{a_year_from, print, today};
use super::output::{Out, plain, tell};
use super::target::{Target, Where};
use super::{Exit, Failure, party_key, words};

/// Sign the pledge with a party's key; signing again renews
///
/// The statement names the pledge, its version and the hash of its text ('entente pledge text'), the
/// party, and until when it holds.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente sign our.key --server https://node.example --token TOKEN
  entente sign our.key --reservation '5 export controls excepted' --expires 2028-12-31 --data d
  entente sign our.key --data d --dry-run")]
pub(crate) struct Sign {
    /// File with the private key, which is enrolled
    file: PathBuf,
    /// A domain that the party proved, to sign for
    #[arg(long)]
    domain: Option<DomainName>,
    /// A principle that the party will not be held to, and why; repeat for more
    #[arg(long = "reservation", value_name = "NUMBER WORDS", value_parser = reservation)]
    reservations: Vec<Reservation>,
    /// The last day on which it holds; a year from now when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    expires: Option<Date>,
    /// Print the statement that would be signed, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the signed note instead of sending it
    #[arg(long, conflicts_with = "dry_run")]
    print: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Vouch for another party and its key, as a party that signed and whose domain is proved
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente sponsor example-broadcasting --key our.key --server https://node.example --token TOKEN
  entente sponsor example-broadcasting --key our.key --for-key example-broadcasting+1f2e3d4c --data d
  entente sponsor example-broadcasting --key our.key --end --data d")]
pub(crate) struct Sponsor {
    /// The party to vouch for: its id or its whole name
    party: String,
    /// File with the sponsor's private key, which is enrolled
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Which of its keys; needed when it has more than one that lives
    #[arg(long, value_name = "KEY")]
    for_key: Option<String>,
    /// The last day on which it holds; a year from now when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    expires: Option<Date>,
    /// Print the statement that would be signed, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Vouch no longer
    #[arg(long, conflicts_with_all = ["dry_run", "for_key", "expires"])]
    end: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Takes `5` or `5 what it says`.
fn reservation(text: &str) -> Result<Reservation, String> {
    let (number, reason) = text.split_once(' ').unwrap_or((text, ""));
    let reason = reason.trim();
    if reason.chars().count() > LONGEST || reason.chars().any(char::is_control) {
        return Err(format!(
            "a reason has at most {LONGEST} printable characters"
        ));
    }
    Ok(Reservation {
        principle: number
            .parse()
            .map_err(|_| "the number of a principle, then why: '5 export controls excepted'")?,
        reason: reason.to_owned(),
    })
}

/// The party that a key is enrolled for.
fn party_of(target: &Target, key: &SigningKey) -> anyhow::Result<String> {
    let name = key_name(key.verifier());
    let mut keys = target.keys(None)?.into_iter();
    let found = keys
        .find(|known| known.key == name)
        .map(|known| known.party);
    Ok(found.ok_or_else(|| {
        let words = format!("{name} is enrolled for nobody: see 'entente key enrol'");
        Failure::new(Exit::Local, words)
    })?)
}

impl Sign {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = party_key::read(&self.file)?;
        let target = self.place.open()?;
        let text = target.pledge_text()?;
        let line = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            value.map(|value| value.trim_start_matches(": ").to_owned())
        };
        let (date, mut reservations) = (today(), self.reservations);
        reservations.sort_by_key(|reservation| reservation.principle);
        let statement = SignatureStatement {
            pledge: line("id").unwrap_or_default(),
            version: line("version")
                .and_then(|version| version.parse().ok())
                .unwrap_or_default(),
            text: Sha256::digest(text.as_bytes()).into(),
            party: party_of(&target, &key)?,
            domain: self.domain,
            reservations,
            date,
            expires: self.expires.map_or_else(|| a_year_from(date), Ok)?,
        };
        let words = statement.to_string();
        let mut out = Out::new();
        if self.dry_run {
            out.line(words.trim_end())?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let note = key.sign_note(&words)?.to_string();
        if self.print {
            out.line(note.trim_end())?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let made = target.sign(note)?;
        if self.json {
            out.json(&made)?;
        } else {
            out.line(&made.receipt)?;
        }
        out.flush()?;
        tell(&plain(&format!(
            "{} has signed {} in version {}, until {}",
            made.party, made.pledge, made.version, made.expires
        )));
        Ok(Exit::Done)
    }
}

impl Sponsor {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = party_key::read(&self.key)?;
        let target = self.place.open()?;
        let sponsor = party_of(&target, &key)?;
        let party = target.party(&self.party, None)?.party.id;
        if self.end {
            target.end_sponsorship(&sponsor, &party)?;
            tell(&format!("{sponsor} no longer vouches for {party}"));
            return Ok(Exit::Done);
        }
        let date = today();
        let statement = SponsorshipStatement {
            sponsor,
            key: chosen_key(&target, &party, self.for_key.as_deref())?,
            party,
            date,
            expires: self.expires.map_or_else(|| a_year_from(date), Ok)?,
        };
        let words = statement.to_string();
        let mut out = Out::new();
        if self.dry_run {
            out.line(words.trim_end())?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let found = target.sponsor(key.sign_note(&words)?.to_string())?;
        if self.json {
            out.json(&found)?;
        } else {
            print(&mut out, &found)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn chosen_key(target: &Target, party: &str, named: Option<&str>) -> anyhow::Result<VerifierKey> {
    let mut live = target.keys(Some(party))?;
    live.retain(|key| key.state == "live" && named.is_none_or(|named| named == key.key));
    match live.as_slice() {
        [one] => Ok(VerifierKey::parse(&one.vkey)?),
        [] => Err(Failure::new(Exit::Local, format!("{party} has no such key that lives")).into()),
        _ => Err(Failure::usage(format!(
            "{party} has more than one key: say which with --for-key"
        ))
        .into()),
    }
}
