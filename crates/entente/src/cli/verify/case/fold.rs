//! What follows from the entries of a bundle, and whether it is told so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::act::receipt::Evidence;
use node::entry::{self, Act};
use node::log::receipt::Receipt;
use node::request::{Case, Step, StepRecord};
use serde_json::Value;

use super::members::{Members, whole};
use super::{Fault, fault};
use crate::case::manifest::{MANIFEST, Manifest, REQUEST};
use crate::case::told::told;
use crate::xarf::hex;

/// An entry, as far as it is open.
pub(super) struct Opened {
    position: u64,
    place: String,
    leaf: String,
    salt: Vec<u8>,
    pub(super) content: Option<Vec<u8>>,
}

impl Opened {
    fn entry(&self) -> Result<Option<entry::Entry<'_>>, Fault> {
        let Some(content) = &self.content else {
            return Ok(None);
        };
        let opened = entry::opened(self.leaf.as_bytes(), &self.salt, content);
        opened.map(Some).or_else(|error| {
            let words = format!("{error}: what the receipt holds is not what the entry says");
            fault("content", &self.place, words)
        })
    }
}

/// Opens an entry, and looks whether it is of this request as far as it says so in public.
pub(super) fn open(receipt: &Receipt, manifest: &Manifest, place: &str) -> Result<Opened, Fault> {
    let extra = receipt.extra.as_deref().unwrap_or_default();
    let read = serde_json::from_slice::<Evidence>(extra);
    let evidence = read.or_else(|error| fault("form", place, error.to_string()))?;
    let decoded = |text: &Option<String>| text.as_ref().and_then(|text| BASE64.decode(text).ok());
    let leaf: Value = serde_json::from_str(&evidence.leaf).unwrap_or_default();
    let sealed = leaf.get("act").and_then(Value::as_str) == Some("sealed");
    let says = |name: &str| leaf.get(name).and_then(Value::as_str);
    let of_this = says("request") == Some(&manifest.request)
        && says("from") == Some(&manifest.from.id)
        && says("to") == Some(&manifest.to.id)
        && says("kind") == Some(&manifest.kind);
    if !sealed && !of_this {
        return fault(
            "entries",
            place,
            "the entry is not of this request, or not between these two",
        );
    }
    Ok(Opened {
        position: receipt.index,
        place: place.to_owned(),
        salt: decoded(&evidence.salt).unwrap_or_default(),
        content: decoded(&evidence.content),
        leaf: evidence.leaf,
    })
}

/// What follows from the entries, when all of them are open.
pub(super) fn fold(
    manifest: &Manifest,
    opened: &[Opened],
) -> Result<Option<(Case, Vec<StepRecord>)>, Fault> {
    let mut folded: Option<(Case, Vec<StepRecord>)> = None;
    let mut whole = true;
    for one in opened {
        let Some(entry) = one.entry()? else {
            whole = false;
            continue;
        };
        let (id, from, to, kind) = match &entry.act {
            Act::Request(request) => (&request.id, &request.from, &request.to, request.kind),
            Act::RequestStep(step) => (&step.request, &step.from, &step.to, step.kind),
            _ => return fault("entries", &one.place, "the entry is not about a request"),
        };
        let of_this = *id == manifest.request
            && *from == manifest.from.id
            && *to == manifest.to.id
            && kind.as_str() == manifest.kind;
        if !of_this {
            return fault("entries", &one.place, "the entry is not of this request");
        }
        match (&entry.act, &mut folded) {
            (Act::Request(request), None) => {
                let case = Case::open(one.position, entry.at, &entry.actor.account, request);
                folded = Some((case, Vec::new()));
            }
            (Act::RequestStep(step), Some((case, steps))) if whole => {
                let (verb, role) = (step.step.verb(), step.by);
                if let Err(why) = case.check(verb, role) {
                    let words = format!("{why}: an entry before it is missing");
                    return fault("complete", &one.place, words);
                }
                case.take(
                    one.position,
                    entry.at,
                    &entry.actor.account,
                    role,
                    &step.step,
                );
                steps.push(StepRecord {
                    position: one.position,
                    at: entry.at,
                    party: entry.actor.party.clone().into_owned(),
                    account: entry.actor.account.clone().into_owned(),
                    role,
                    key: None,
                    state: case.state,
                    step: step.step.clone(),
                });
            }
            (Act::RequestStep(_), Some(_)) => {}
            (Act::RequestStep(_), None) if !whole => {}
            _ => {
                let words = "the first entry is the request, and the others are its steps";
                return fault("complete", &one.place, words);
            }
        }
    }
    Ok(folded.filter(|_| whole))
}

/// Attachments are those that open entries name, and files are those attachments.
pub(super) fn attached(
    members: &Members,
    manifest: &Manifest,
    opened: &[Opened],
) -> Result<(), Fault> {
    let mut wanted = Vec::new();
    for one in opened {
        let evidence = match one.entry()?.map(|entry| entry.act) {
            Some(Act::Request(request)) => request.evidence,
            Some(Act::RequestStep(step)) => step.step.evidence().to_vec(),
            _ => continue,
        };
        wanted.extend(
            evidence
                .into_iter()
                .map(|evidence| (one.position, evidence)),
        );
    }
    let is_open = |position: u64| {
        let mut of = opened.iter().filter(|one| one.position == position);
        of.any(|one| one.content.is_some())
    };
    let listed: Vec<_> = manifest
        .evidence
        .iter()
        .filter(|one| is_open(one.entry))
        .collect();
    for (one, (entry, evidence)) in listed.iter().zip(&wanted) {
        if one.entry != *entry || one.sha256 != evidence.digest() || one.name != evidence.name {
            let words = format!("'{}' is not what entry {entry} names", one.name);
            return fault("evidence", MANIFEST, words);
        }
    }
    if listed.len() != wanted.len() {
        let words = format!(
            "entries name {} attachments, it lists {}",
            wanted.len(),
            listed.len()
        );
        return fault("evidence", MANIFEST, words);
    }
    for one in &manifest.evidence {
        let Some(path) = &one.file else { continue };
        let Some(member) = members.get(path).filter(|_| path.starts_with("evidence/")) else {
            return fault("evidence", path, "it is missing");
        };
        if hex(&member.sha256) != one.sha256 {
            return fault(
                "evidence",
                path,
                "its digest is not the one that the entry names",
            );
        }
    }
    let stray = manifest.files.iter().find(|file| {
        let named = |one: &crate::case::manifest::Attached| one.file.as_ref() == Some(&file.path);
        file.path.starts_with("evidence/") && !manifest.evidence.iter().any(named)
    });
    match stray {
        Some(file) => fault("evidence", &file.path, "no entry names it"),
        None => Ok(()),
    }
}

/// Persons are named where entries say that somebody is.
pub(super) fn named(manifest: &Manifest, opened: &[Opened]) -> Result<(), Fault> {
    for contact in &manifest.contacts {
        let mut of = opened.iter().filter(|one| one.position == contact.entry);
        let marked = match of.next() {
            None => false,
            Some(one) => match one.entry()?.map(|entry| entry.act) {
                // What is shut says nothing of it.
                None => true,
                Some(Act::Request(request)) => request.contact_mark.is_some(),
                Some(Act::RequestStep(step)) => {
                    matches!(&step.step, Step::Contest { contact_mark, .. } if contact_mark.is_some())
                }
                Some(_) => false,
            },
        };
        if !marked {
            let words = format!("entry {} names nobody", contact.entry);
            return fault("contacts", MANIFEST, words);
        }
    }
    Ok(())
}

/// The case is told as it follows from the entries.
pub(super) fn as_told(
    members: &Members,
    manifest: &Manifest,
    case: &Case,
    steps: &[StepRecord],
) -> Result<(), Fault> {
    let read = serde_json::from_slice::<Value>(whole(members, REQUEST)?);
    let said = read.or_else(|error| fault("case", REQUEST, error.to_string()))?;
    let follows = told(case, steps, (&manifest.from.name, &manifest.to.name));
    if said == follows {
        return Ok(());
    }
    let differs = follows.as_object().and_then(|members| {
        let differs = |name: &&String| said.get(name.as_str()) != members.get(name.as_str());
        members.keys().find(differs)
    });
    let place = differs.map_or(REQUEST.to_owned(), |name| format!("{REQUEST} /{name}"));
    fault(
        "case",
        place,
        "it is told otherwise than it follows from the entries",
    )
}
