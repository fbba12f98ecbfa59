//! The one way from findings to the others: what would be shared, with whom, and then sharing it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use matching::text::Key;
use node::model::Marking;
use sha2::{Digest as _, Sha256};
use stix::build::Draft;
use stix::{StixId, Tlp};

use super::audience::preview;
use super::import::indicator::Template;
use super::import::taking::Taking;
use super::key::KeyFile;
use super::output::{count, counted, tell};
use super::target::{Target, Where};
use super::{Exit, Failure};
use crate::present::audience::Audience;
use crate::present::collection::Collection;
use crate::present::private::hexadecimal;

/// Names that are listed before the rest is counted.
const LISTED: usize = 8;

/// Flags of every verb that has findings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sharing what was found")]
pub(crate) struct Sharing {
    #[command(flatten)]
    place: Where,
    /// Publish the findings into this collection, after telling what and who will see it
    #[arg(long, value_name = "COLLECTION", conflicts_with = "preview")]
    publish: Option<String>,
    /// Tell what would be published into this collection and who would see it; write nothing
    #[arg(long, value_name = "COLLECTION")]
    preview: Option<String>,
    /// Write the findings to this file as a STIX 2.1 bundle
    #[arg(long, value_name = "FILE")]
    stix: Option<PathBuf>,
    /// The marking of the findings; the collection's own when absent, else amber
    #[arg(long, value_name = "TLP")]
    marking: Option<Marking>,
    /// What becomes of the names of accounts
    #[arg(long, value_enum, default_value_t = Accounts::Hash)]
    accounts: Accounts,
    #[command(flatten)]
    key: KeyFile,
}

/// What becomes of the names of accounts, which are personal data.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Accounts {
    /// They are shared as they are
    Keep,
    /// Their HMAC-SHA256 under the key is shared; without a key their SHA-256, which those who know
    /// a name can recognise
    Hash,
    /// Accounts are left out
    Drop,
}

/// On which terms findings are shared.
pub(crate) struct Terms {
    place: Option<Place>,
    marking: Tlp,
    accounts: Accounts,
    key: Option<Key>,
}

/// A collection on a node.
struct Place {
    target: Target,
    collection: Collection,
    template: Template,
}

impl Terms {
    /// Who says it, where the node is known.
    pub(crate) fn creator(&self) -> Option<StixId<'_>> {
        self.place.as_ref().map(|place| place.template.creator_id())
    }

    /// The marking of every object.
    pub(crate) fn marking(&self) -> Tlp {
        self.marking
    }

    /// What is shared of an account's name; none when accounts are left out. The same name on the
    /// same platform gives the same text, for everybody who has the key.
    pub(crate) fn account(&self, platform: &str, name: &str) -> Option<String> {
        let said = format!("{platform}\n{name}");
        match (self.accounts, &self.key) {
            (Accounts::Drop, _) => None,
            (Accounts::Keep, _) => Some(name.to_owned()),
            (Accounts::Hash, Some(key)) => Some(hexadecimal(&key.authenticate(said.as_bytes()))),
            (Accounts::Hash, None) => Some(hexadecimal(&Sha256::digest(said.as_bytes()))),
        }
    }
}

impl Sharing {
    /// Whether anything is to be shared or written, so that objects are needed.
    pub(crate) fn is_wanted(&self) -> bool {
        self.publish.is_some() || self.preview.is_some() || self.stix.is_some()
    }

    /// The key, for verbs that cannot do without.
    ///
    /// # Errors
    /// When none is named, or it cannot be read.
    pub(crate) fn require_key(&self) -> anyhow::Result<Key> {
        self.key.require()
    }

    /// The terms, with the collection where one is named. Best asked before a long analysis: a
    /// collection that is not there, or may not be written, is told at once.
    ///
    /// # Errors
    /// When the node cannot be opened, has no such collection, or the key cannot be read.
    pub(crate) fn terms(&self) -> anyhow::Result<Terms> {
        let key = self.key.read()?;
        let name = self.publish.as_ref().or(self.preview.as_ref());
        let place = name.map(|name| self.place(name)).transpose()?;
        let of_collection = |place: &Place| place.collection.default_marking.parse().ok();
        let marking = self
            .marking
            .or_else(|| place.as_ref().and_then(of_collection))
            .unwrap_or(Marking::Amber);
        Ok(Terms {
            place,
            marking: marking.into(),
            accounts: self.accounts,
            key,
        })
    }

    fn place(&self, name: &str) -> anyhow::Result<Place> {
        let target = self.place.open()?;
        let collection = target.collection(name)?;
        if !collection.can_write {
            let words = format!("you may not publish into '{name}'");
            return Err(Failure::new(Exit::Authentication, words).into());
        }
        Ok(Place {
            template: Template::new(&target, None, None, &[])?,
            target,
            collection,
        })
    }

    /// Tells what is shared and with whom, writes the bundle, publishes: whatever was asked for.
    ///
    /// # Errors
    /// When the file or the node cannot be written, or an object was refused.
    pub(crate) fn share(&self, terms: &Terms, objects: &[Draft]) -> anyhow::Result<()> {
        if !self.is_wanted() {
            if !objects.is_empty() {
                tell(
                    "nothing was shared: see what would be with --preview COLLECTION, then --publish",
                );
            }
            return Ok(());
        }
        if objects.is_empty() {
            tell("nothing was found that could be shared");
        }
        if let Some(path) = &self.stix {
            write_bundle(path, objects)
                .with_context(|| format!("cannot write {}", path.display()))?;
            let written = counted(objects.len() as u64, "object", "objects");
            tell(&format!("{}: {written} written", path.display()));
        }
        let Some(place) = &terms.place else {
            return Ok(());
        };
        let Some(first) = objects
            .iter()
            .find(|object| object.get("created").is_some())
        else {
            return Ok(());
        };
        tell_contents(terms, objects);
        tell_audience(&preview(
            &place.target,
            &place.collection.alias,
            &first.bytes().into(),
        )?);
        if self.publish.is_some() {
            publish(place, objects)?;
        } else {
            tell("nothing was written: publish with --publish instead of --preview");
        }
        Ok(())
    }
}

/// What is shared: how many objects of which type, and what became of personal data.
fn tell_contents(terms: &Terms, objects: &[Draft]) {
    let mut types: BTreeMap<&str, u64> = BTreeMap::new();
    for object in objects {
        *types.entry(object.type_name()).or_default() += 1;
    }
    let parts: Vec<String> = types
        .iter()
        .map(|(name, number)| format!("{} {name}", count(*number)))
        .collect();
    tell(&format!("to be shared: {}", parts.join(", ")));
    if objects
        .iter()
        .any(|object| object.type_name() == "user-account")
    {
        tell(match (terms.accounts, &terms.key) {
            (Accounts::Keep, _) => "names of accounts: as they are (--accounts keep)",
            (Accounts::Hash, Some(_)) => "names of accounts: hashed under the key",
            _ => "names of accounts: hashed without a key; who knows a name can recognise it",
        });
    }
}

/// Who sees it, in a few lines.
fn tell_audience(audience: &Audience) {
    tell(&format!("{} in {}", audience.marking, audience.collection));
    for circle in &audience.circles {
        tell(&format!("  confined to the circle {circle}"));
    }
    let stances: Vec<String> = audience
        .stances
        .iter()
        .filter(|row| row.sight.sees)
        .map(|row| format!("{} ({})", row.stance, count(row.parties as u64)))
        .collect();
    let who = match (audience.anyone.sees, stances.is_empty()) {
        (true, _) => "anyone".to_owned(),
        (false, true) => "no party by its stance alone".to_owned(),
        (false, false) => format!("parties that are {}", stances.join(", ")),
    };
    tell(&format!("  seen by {who}"));
    let seeing = audience.parties.iter().filter(|row| row.sight.sees);
    let names: Vec<&str> = seeing.map(|row| row.party.as_str()).collect();
    let mut listed = names
        .iter()
        .take(LISTED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > LISTED {
        listed = format!("{listed} and {} more", count((names.len() - LISTED) as u64));
    }
    let listed = if names.is_empty() {
        "none yet"
    } else {
        &listed
    };
    tell(&format!("  of those with an account here: {listed}"));
}

fn publish(place: &Place, objects: &[Draft]) -> anyhow::Result<()> {
    let hidden = ProgressBar::hidden();
    let mut taking = Taking::new(&place.target, Some(place.collection.clone()), false, hidden);
    taking.send_identity(&place.template)?;
    for (at, object) in objects.iter().enumerate() {
        let (line, bytes) = (at as u64 + 1, object.bytes().into());
        if object.get("created").is_some() {
            taking.take_object("findings", line, bytes)?;
        } else {
            // An observable has no versions: what others said of it first stays.
            taking.take_made("findings", line, bytes)?;
        }
    }
    taking.flush()?;
    let counts = taking.counts();
    let taken = counted(counts.taken, "object", "objects");
    tell(&format!(
        "{taken} published into '{}', {} already there, {} refused",
        place.collection.alias,
        count(counts.known),
        count(counts.refused)
    ));
    if counts.refused > 0 {
        return Err(Failure::new(Exit::Local, "not everything that was found was taken").into());
    }
    Ok(())
}

/// A bundle (STIX 2.1 §8) whose id follows from what is in it.
fn write_bundle(path: &Path, objects: &[Draft]) -> anyhow::Result<()> {
    let ids: Vec<&str> = objects.iter().map(Draft::id).collect();
    let bundle = stix::build::bundle_id(&ids);
    let mut file = BufWriter::new(File::create(path)?);
    write!(
        file,
        "{{\"type\":\"bundle\",\"id\":\"{bundle}\",\"objects\":["
    )?;
    for (at, object) in objects.iter().enumerate() {
        file.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        file.write_all(&object.bytes())?;
    }
    file.write_all(b"\n]}\n")?;
    Ok(file.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(accounts: Accounts, key: Option<&[u8]>) -> Terms {
        Terms {
            place: None,
            marking: Tlp::Amber,
            accounts,
            key: key.map(|key| Key::new(key).unwrap()),
        }
    }

    #[test]
    fn names_of_accounts_are_kept_hashed_or_left_out() {
        let kept = terms(Accounts::Keep, None);
        assert_eq!(kept.account("x", "anna").as_deref(), Some("anna"));
        assert_eq!(terms(Accounts::Drop, None).account("x", "anna"), None);
        let hashed = |key: Option<&[u8]>, platform: &str| {
            terms(Accounts::Hash, key)
                .account(platform, "anna")
                .unwrap()
        };
        let key = b"0123456789abcdef".as_slice();
        assert_eq!(hashed(Some(key), "x"), hashed(Some(key), "x"));
        assert_ne!(hashed(Some(key), "x"), hashed(Some(key), "y"));
        assert_ne!(hashed(Some(key), "x"), hashed(None, "x"));
        assert_ne!(
            hashed(Some(key), "x"),
            hashed(Some(b"another key of 22 octets"), "x")
        );
        assert_eq!(hashed(None, "x").len(), 64);
    }

    #[test]
    fn a_bundle_on_disk_is_stix_and_the_same_each_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle.json");
        let objects = [
            Draft::observable("domain-name", [("value", "example.com")]),
            Draft::observable("url", [("value", "https://example.com/a")]),
        ];
        write_bundle(&path, &objects).unwrap();
        let first = std::fs::read(&path).unwrap();
        write_bundle(&path, &objects).unwrap();
        assert_eq!(first, std::fs::read(&path).unwrap());
        let value: serde_json::Value = serde_json::from_slice(&first).unwrap();
        assert_eq!(value["objects"].as_array().unwrap().len(), 2);
    }
}
