//! What is checked of a bundle of a case, in which order, and what each failure means.

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::act::receipt::Evidence;
use node::entry::{self, Act};
use node::log::note::{Note, VerifierKey};
use node::log::receipt::{Receipt, SIZE_LIMIT};
use node::policy::CaseSight;
use node::request::{self, Case, StepRecord};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::check::{self, Trusted};
use crate::case::CaseFile;
use crate::case::archive::{self, ArchiveError};
use crate::case::manifest::{FORMAT, MANIFEST, Manifest, NOTE, REQUEST, statement};
use crate::case::told::told;
use crate::xarf::hex;

/// Octets of a member that is read whole, and of all of them.
const LARGEST: u64 = 8 << 20;
const LARGEST_ALL: usize = 256 << 20;

/// What became of a bundle.
#[derive(Debug, Default, Serialize)]
pub(super) struct Bundle {
    pub(super) file: String,
    pub(super) holds: bool,
    /// In order; the first that does not hold ends them.
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<Told>,
    /// What is in the case and not shown.
    hidden: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    holds: bool,
    /// What it is about: the archive, a member, an entry.
    place: String,
    words: String,
}

/// What is proven of the case, once everything holds.
#[derive(Debug, Serialize)]
struct Told {
    request: String,
    from: String,
    to: String,
    kind: String,
    entries: usize,
    /// There when all entries are open: what follows from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    evidence: usize,
    exported_at: String,
    exported_by: String,
    signed_by: Vec<String>,
    sight: String,
}

/// What does not hold, where, and what it means.
struct Fault {
    name: &'static str,
    place: String,
    words: String,
}

fn fault<T>(
    name: &'static str,
    place: impl Into<String>,
    words: impl Into<String>,
) -> Result<T, Fault> {
    let (place, words) = (place.into(), words.into());
    Err(Fault { name, place, words })
}

/// A member: its digest, and its octets where they are read whole.
struct Member {
    sha256: [u8; 32],
    octets: u64,
    whole: Option<Vec<u8>>,
}

/// Checks a bundle; `signers` are the keys that may have signed it.
pub(super) fn check(
    name: &str,
    stream: impl Read,
    trusted: &Trusted<'_>,
    signers: &[VerifierKey],
) -> Bundle {
    let mut bundle = Bundle {
        file: name.to_owned(),
        ..Bundle::default()
    };
    match bundle.run(stream, trusted, signers) {
        Ok(()) => bundle.holds = true,
        Err(Fault { name, place, words }) => {
            bundle.case = None;
            bundle.checks.push(Check {
                name,
                holds: false,
                place,
                words,
            });
        }
    }
    bundle
}

impl Bundle {
    fn run(
        &mut self,
        stream: impl Read,
        trusted: &Trusted<'_>,
        signers: &[VerifierKey],
    ) -> Result<(), Fault> {
        let members = unpack(stream, false)?;
        self.passed("archive", "it is an archive of the one form");
        let (manifest, text) = manifest(&members)?;
        let signed_by = self.signed(&members, &manifest, &text, signers)?;
        files(&members, &manifest)?;
        self.passed("files", "each file is the one that the manifest names");
        let opened = self.entries(&members, &manifest, trusted)?;
        let folded = fold(&manifest, &opened)?;
        attached(&members, &manifest, &opened)?;
        self.passed("evidence", "attachments are those that the entries name");
        if let Some((case, steps)) = &folded {
            as_told(&members, &manifest, case, steps)?;
            self.passed("case", "the case is what follows from its entries");
        }
        self.case = Some(Told {
            request: manifest.request.clone(),
            from: manifest.from.id.clone(),
            to: manifest.to.id.clone(),
            kind: manifest.kind.clone(),
            entries: manifest.entries.len(),
            state: folded.as_ref().map(|(case, _)| case.state.as_str()),
            outcome: folded.as_ref().map(|(case, _)| case.outcome.as_str()),
            evidence: manifest
                .evidence
                .iter()
                .filter(|one| one.file.is_some())
                .count(),
            exported_at: manifest.exported.at.clone(),
            exported_by: manifest.exported.by.clone(),
            signed_by,
            sight: manifest.exported.sight.clone(),
        });
        Ok(())
    }

    fn passed(&mut self, name: &'static str, words: &str) {
        self.checks.push(Check {
            name,
            holds: true,
            place: String::new(),
            words: words.to_owned(),
        });
    }

    /// The manifest is what somebody signed whose key was given.
    fn signed(
        &mut self,
        members: &BTreeMap<String, Member>,
        manifest: &Manifest,
        text: &[u8],
        signers: &[VerifierKey],
    ) -> Result<Vec<String>, Fault> {
        let note = Note::parse(whole(members, NOTE)?);
        let note = note.or_else(|error| fault("signature", NOTE, error.to_string()))?;
        if note.text() != statement(&manifest.request, text) {
            let words = "what was signed is not this manifest: one of the two was altered";
            return fault("signature", NOTE, words);
        }
        let names = |lines: Vec<String>| lines.join(", ");
        if signers.is_empty() {
            let by = note.signatures().iter().take(5);
            let by = by
                .map(|line| format!("{}+{}", line.name(), line.id()))
                .collect();
            let words = format!(
                "nobody's signature was checked, as no key was given: give --key or --policy for the \
                 log, and --signer when a party signed. It says that it is signed by {}",
                names(by)
            );
            return fault(check::UNCHECKED, NOTE, words);
        }
        let verified = note.verify(signers).or_else(|error| {
            let words = format!("{error}: the bundle is signed by nobody whose key you gave");
            fault("signature", NOTE, words)
        })?;
        let by: Vec<String> = verified
            .iter()
            .map(|one| one.key.name().to_owned())
            .collect();
        self.passed("signature", &format!("signed by {}", by.join(", ")));
        Ok(by)
    }

    /// Each receipt proves its entry, and the entries are those of this request, in their order.
    fn entries(
        &mut self,
        members: &BTreeMap<String, Member>,
        manifest: &Manifest,
        trusted: &Trusted<'_>,
    ) -> Result<Vec<Opened>, Fault> {
        let mut opened = Vec::new();
        let mut last = None;
        for listed in &manifest.entries {
            let place = &listed.receipt;
            let text = whole(members, place)?;
            let verdict = check::check(place, text, trusted);
            if let Some((name, words)) = verdict.fault() {
                return fault(name, place, words);
            }
            let receipt = Receipt::parse(text);
            let receipt = receipt.or_else(|error| fault("form", place, error.to_string()))?;
            if receipt.index != listed.position {
                let words = format!("it is of entry {}, not {}", receipt.index, listed.position);
                return fault("entries", place, words);
            }
            if last.is_some_and(|last| last >= receipt.index) {
                return fault("entries", place, "entries are not in the order of the log");
            }
            last = Some(receipt.index);
            let entry = open(&receipt, manifest, place)?;
            if let Some(hidden) = &listed.hidden {
                self.hidden
                    .push(format!("entry {}: {hidden}", listed.position));
            } else if entry.content.is_none() {
                let words = "what the entry says is neither here nor told to be hidden";
                return fault("entries", place, words);
            }
            opened.push(entry);
        }
        let wanted = manifest.steps.saturating_add(1);
        if opened.len() as u64 != wanted {
            let words = format!(
                "{} steps were taken, and there are {} entries: {wanted} are needed",
                manifest.steps,
                opened.len()
            );
            return fault("complete", MANIFEST, words);
        }
        let told = manifest.evidence.iter().filter_map(|one| {
            let why = one.hidden.as_ref()?;
            Some(format!("{} of entry {}: {why}", one.name, one.entry))
        });
        self.hidden.extend(told);
        self.passed(
            "entries",
            "each entry is in the log, and there is one for each step",
        );
        Ok(opened)
    }

    /// The verdict in a word or three.
    pub(super) fn state(&self) -> &'static str {
        match self.checks.last() {
            _ if self.holds => "holds",
            Some(last) if last.name == check::UNCHECKED => "NOT PROVEN",
            _ => "DOES NOT HOLD",
        }
    }

    /// What people read: labels and words.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let (Some(case), true) = (&self.case, self.holds) {
            facts.push(("request", format!("{} ({})", case.request, case.kind)));
            facts.push(("between", format!("{} asks {}", case.from, case.to)));
            if let (Some(state), Some(outcome)) = (case.state, case.outcome) {
                facts.push(("state", format!("{state}; outcome: {outcome}")));
            }
            let files = case.evidence;
            facts.push((
                "holds",
                format!("{} entries, {files} attachments", case.entries),
            ));
            facts.push((
                "exported",
                format!("{} by {}", case.exported_at, case.exported_by),
            ));
            facts.push(("signed", case.signed_by.join(", ")));
            if case.state.is_none() {
                let words =
                    "not all entries are open: what was asked and done is as the signer tells it";
                facts.push(("told", words.to_owned()));
            }
            facts.extend(self.hidden.iter().map(|words| ("hidden", words.clone())));
        }
        let failed = self.checks.iter().filter(|check| !check.holds);
        facts.extend(failed.map(|check| (check.name, format!("{}: {}", check.place, check.words))));
        facts
    }
}

/// The members of an archive; large ones by their digest alone.
fn unpack(stream: impl Read, keep: bool) -> Result<BTreeMap<String, Member>, Fault> {
    let mut members = BTreeMap::new();
    let mut kept = 0usize;
    let mut order = Vec::new();
    let read = archive::read(stream, |name, octets| {
        let mut hash = Sha256::new();
        let by_digest = !keep && name.starts_with("evidence/");
        let mut whole = Vec::new();
        let mut length = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = octets.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            let part = buffer.get(..read).unwrap_or_default();
            hash.update(part);
            length += read as u64;
            if !by_digest {
                kept += read;
                if length > LARGEST || kept > LARGEST_ALL {
                    let what = format!("'{name}' is larger than such a member of a bundle can be");
                    return Err(ArchiveError::Form { at: length, what });
                }
                whole.extend_from_slice(part);
            }
        }
        order.push(name.to_owned());
        let member = Member {
            sha256: hash.finalize().into(),
            octets: length,
            whole: (!by_digest).then_some(whole),
        };
        members.insert(name.to_owned(), member);
        Ok(())
    });
    read.or_else(|error| fault("archive", "the archive", error.to_string()))?;
    let first = [MANIFEST, NOTE].iter().eq(order.iter().take(2));
    let sorted = order.iter().skip(2).is_sorted();
    if first && sorted {
        Ok(members)
    } else {
        let words =
            "its members are not in the order of a bundle: the manifest, its note, then by name";
        fault("archive", "the archive", words)
    }
}

fn whole<'m>(members: &'m BTreeMap<String, Member>, name: &str) -> Result<&'m [u8], Fault> {
    let member = members.get(name).and_then(|member| member.whole.as_deref());
    match member {
        Some(octets) => Ok(octets),
        None => fault("files", name, "it is missing"),
    }
}

fn manifest(members: &BTreeMap<String, Member>) -> Result<(Manifest, Vec<u8>), Fault> {
    let text = whole(members, MANIFEST)?;
    let read = serde_json::from_slice::<Manifest>(text);
    let manifest = read.or_else(|error| fault("manifest", MANIFEST, error.to_string()))?;
    if manifest.format != FORMAT {
        let words = format!(
            "it is of the form '{}'; this program reads {FORMAT}",
            manifest.format
        );
        return fault("manifest", MANIFEST, words);
    }
    Ok((manifest, text.to_vec()))
}

/// The archive has what the manifest names, and nothing else.
fn files(members: &BTreeMap<String, Member>, manifest: &Manifest) -> Result<(), Fault> {
    for file in &manifest.files {
        let Some(member) = members.get(&file.path) else {
            return fault(
                "files",
                &file.path,
                "the manifest names it, and it is missing",
            );
        };
        if hex(&member.sha256) != file.sha256 || member.octets != file.bytes {
            return fault(
                "files",
                &file.path,
                "it is not the file that the manifest names: it was altered",
            );
        }
    }
    let named = |name: &String| {
        name == MANIFEST || name == NOTE || manifest.files.iter().any(|file| file.path == *name)
    };
    match members.keys().find(|name| !named(name)) {
        Some(name) => fault(
            "files",
            name,
            "the manifest does not name it: it was put in",
        ),
        None if members.len() == manifest.files.len() + 2 => Ok(()),
        None => fault("files", MANIFEST, "it names a file twice"),
    }
}

/// An entry, as far as it is open.
struct Opened {
    position: u64,
    place: String,
    leaf: String,
    salt: Vec<u8>,
    content: Option<Vec<u8>>,
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
fn open(receipt: &Receipt, manifest: &Manifest, place: &str) -> Result<Opened, Fault> {
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
fn fold(manifest: &Manifest, opened: &[Opened]) -> Result<Option<(Case, Vec<StepRecord>)>, Fault> {
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
fn attached(
    members: &BTreeMap<String, Member>,
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

/// The case is told as it follows from the entries.
fn as_told(
    members: &BTreeMap<String, Member>,
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

/// The case that a bundle holds, for making other formats of it; who signed it is not looked at.
///
/// # Errors
/// Where it is no bundle, or not all of the case is in it.
pub(crate) fn read(octets: &[u8]) -> anyhow::Result<CaseFile> {
    let read = || {
        let members = unpack(octets, true)?;
        let (manifest, _) = manifest(&members)?;
        files(&members, &manifest)?;
        let mut opened = Vec::new();
        for listed in &manifest.entries {
            let receipt = Receipt::parse(whole(&members, &listed.receipt)?);
            let receipt =
                receipt.or_else(|error| fault("form", &listed.receipt, error.to_string()))?;
            opened.push(open(&receipt, &manifest, &listed.receipt)?);
        }
        let Some((case, steps)) = fold(&manifest, &opened)? else {
            return fault(
                "case",
                MANIFEST,
                "you do not see all of this case: its two sides do",
            );
        };
        attached(&members, &manifest, &opened)?;
        let all = case.request.evidence.iter();
        let all = all.chain(steps.iter().flat_map(|record| record.step.evidence()));
        let file = |evidence: &request::Evidence| {
            let mut listed = manifest.evidence.iter();
            let listed = listed.find(|one| one.sha256 == evidence.digest())?;
            let member = members.get(listed.file.as_ref()?)?;
            Some((evidence.clone(), member.whole.clone()?))
        };
        let files = all.filter_map(file).collect();
        Ok(CaseFile {
            case,
            sight: CaseSight::Whole,
            steps,
            from: manifest.from.name.clone(),
            to: manifest.to.name.clone(),
            files,
        })
    };
    read().map_err(|fault| anyhow::anyhow!("{}: {}", fault.place, fault.words))
}

/// Receipts are smaller than members that are read whole.
const _: () = assert!(SIZE_LIMIT as u64 <= LARGEST);

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
