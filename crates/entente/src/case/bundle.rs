//! A whole case as one file: entries with their receipts, files, and a manifest that is signed.

use std::collections::BTreeMap;
use std::io::Write;

use node::act::receipt;
use node::log::note::{Note, NoteError, SigningKey};
use node::policy::CaseSight;
use node::request::{Evidence, Step};
use node::{Caller, Node};
use sha2::{Digest as _, Sha256};

use super::archive::{self, ArchiveError, Writer};
use super::manifest::{
    Attached, Entry, Exported, FORMAT, File, MANIFEST, Manifest, NOTE, Named, PAGE, Party, REPORT,
    REQUEST, statement,
};
use super::page::page;
use super::told::told;
use super::{CaseFile, gather, stored};
use crate::present::time;
use crate::xarf::{self, hex};

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    /// The node says no.
    #[error(transparent)]
    Node(#[from] node::Error),
    /// It does not fit into an archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// It cannot be signed.
    #[error("the manifest cannot be signed: {0}")]
    Note(#[from] NoteError),
    /// It cannot be written.
    #[error("the case cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// A page cannot be made.
    #[error("the page cannot be made: {0}")]
    Page(#[from] askama::Error),
}

/// A bundle before it is written: all but the bytes of attachments.
pub(crate) struct Bundle {
    /// The request's id.
    id: String,
    /// The manifest and its note.
    head: [(&'static str, Vec<u8>); 2],
    members: Members,
}

/// Members by name.
type Members = BTreeMap<String, Source>;

/// Where what a member holds comes from.
enum Source {
    Octets(Vec<u8>),
    /// Read when it is written: one attachment is in memory at a time.
    Stored(Evidence),
}

/// The bundle of a case as a caller sees it, signed by the node's log.
///
/// # Errors
/// Any [`BundleError`]; [`node::Error::NotFound`] when the caller sees nothing of it.
pub(crate) fn bundle(node: &Node, caller: &Caller, id: &str) -> Result<Vec<u8>, BundleError> {
    let mut octets = Vec::new();
    prepare(node, caller, id)?.write(node, caller, &mut octets)?;
    Ok(octets)
}

/// As [`bundle`], before it is written: what can be refused is refused here.
///
/// # Errors
/// As [`bundle`].
pub(crate) fn prepare(node: &Node, caller: &Caller, id: &str) -> Result<Bundle, BundleError> {
    let file = gather(node, caller, id)?;
    let mut members = Members::new();
    let entries = entries(node, caller, &file, &mut members)?;
    let evidence = attachments(node, caller, &file, &mut members)?;
    let mut keep = |name: &str, octets| members.insert(name.to_owned(), Source::Octets(octets));
    keep(REQUEST, request(&file)?);
    if let Ok(report) = xarf::report_of(&file, &xarf::Wanted::default()) {
        keep(REPORT, report.text.into_bytes());
    }
    let case = &file.case;
    let mut manifest = Manifest {
        format: FORMAT.into(),
        request: case.request.id.clone(),
        from: side(&case.request.from, &file.from),
        to: side(&case.request.to, &file.to),
        kind: case.request.kind.to_string(),
        exported: Exported {
            at: time(node.now().0),
            by: exporter(caller),
            log: node.log().key().verifier().to_string(),
            program: format!("entente {}", env!("CARGO_PKG_VERSION")),
            sight: sight(file.sight).into(),
        },
        steps: u64::from(case.steps),
        entries,
        evidence,
        contacts: contacts(&file),
        files: Vec::new(),
    };
    keep(PAGE, page(&file, &manifest)?.into_bytes());
    manifest.files = members.iter().map(listed).collect();
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    let words = statement(&manifest.request, &text);
    let note = node.log().key().sign_note(&words)?;
    Ok(Bundle {
        id: manifest.request,
        head: [(MANIFEST, text), (NOTE, note.to_string().into_bytes())],
        members,
    })
}

impl Bundle {
    /// Writes it.
    ///
    /// # Errors
    /// [`BundleError::Node`] when an attachment is gone since; [`BundleError::Archive`].
    pub(crate) fn write(
        &self,
        node: &Node,
        caller: &Caller,
        out: impl Write,
    ) -> Result<(), BundleError> {
        let mut archive = Writer::new(out);
        for (name, octets) in &self.head {
            archive.add(name, octets)?;
        }
        for (name, source) in &self.members {
            match source {
                Source::Octets(octets) => archive.add(name, octets)?,
                Source::Stored(evidence) => {
                    let found = node.attachment(caller, &self.id, &evidence.digest())?;
                    archive.add(name, &found.bytes)?;
                }
            }
        }
        archive.end()?.flush().map_err(ArchiveError::from)?;
        Ok(())
    }
}

/// A bundle that a party signs too.
///
/// # Errors
/// [`BundleError::Archive`], [`BundleError::Note`] when it is none.
pub(crate) fn countersign(octets: &[u8], key: &SigningKey) -> Result<Vec<u8>, BundleError> {
    let mut files = Vec::new();
    archive::read(octets, |name, member| {
        let mut octets = Vec::new();
        member.read_to_end(&mut octets)?;
        files.push((name.to_owned(), octets));
        Ok(())
    })?;
    for (name, octets) in &mut files {
        if name == NOTE {
            let mut note = Note::parse(octets)?;
            let signature = key.sign(note.text());
            note.add(signature)?;
            *octets = note.to_string().into_bytes();
        }
    }
    Ok(archive::write(&files)?)
}

/// The receipts of the request and its steps.
fn entries(
    node: &Node,
    caller: &Caller,
    file: &CaseFile,
    members: &mut Members,
) -> Result<Vec<Entry>, BundleError> {
    let steps = file.steps.iter().map(|record| record.position);
    let mut entries = Vec::new();
    for position in std::iter::once(file.case.position).chain(steps) {
        let made = node.receipt(caller, position)?;
        let extra = made.extra.as_deref().unwrap_or_default();
        let evidence: receipt::Evidence = serde_json::from_slice(extra)?;
        let hidden = match (&evidence.content, file.sight) {
            (Some(_), _) => None,
            (None, CaseSight::Whole) => {
                Some("erased, or it names another case that you do not see")
            }
            (None, CaseSight::Words) => Some(
                "an entry names accounts and people: the two sides alone see it as it was written",
            ),
            (None, _) => Some("what it says is for others"),
        };
        let path = format!("entries/{position}.tlog-proof");
        let text = made.to_string().into_bytes();
        members.insert(path.clone(), Source::Octets(text));
        entries.push(Entry {
            position,
            receipt: path,
            hidden: hidden.map(str::to_owned),
        });
    }
    Ok(entries)
}

/// The attachments, and the members that hold them.
fn attachments(
    node: &Node,
    caller: &Caller,
    file: &CaseFile,
    members: &mut Members,
) -> Result<Vec<Attached>, BundleError> {
    let case = &file.case;
    let of_request = case.request.evidence.iter().map(|one| (case.position, one));
    let of_steps = file.steps.iter().flat_map(|record| {
        let position = record.position;
        record
            .step
            .evidence()
            .iter()
            .map(move |one| (position, one))
    });
    let mut attached = Vec::new();
    for (entry, evidence) in of_request.chain(of_steps) {
        let path = format!("evidence/{}", path_of(evidence));
        let there = members.contains_key(&path)
            || file.file(evidence).is_some()
            || stored(node, caller, &case.request.id, evidence)?.is_some();
        if there {
            members.insert(path.clone(), Source::Stored(evidence.clone()));
        }
        attached.push(Attached {
            sha256: evidence.digest(),
            name: evidence.name.clone(),
            entry,
            hidden: (!there).then(|| "its bytes were erased, or are lost".into()),
            file: there.then_some(path),
        });
    }
    Ok(attached)
}

/// Whom to ask, and who contested.
fn contacts(file: &CaseFile) -> Vec<Named> {
    let of_request = file.case.request.contact.as_ref();
    let of_request = of_request.map(|contact| (file.case.position, contact));
    let of_steps = file.steps.iter().filter_map(|record| match &record.step {
        Step::Contest { contact, .. } => Some((record.position, contact.as_ref()?)),
        _ => None,
    });
    let named = of_request.into_iter().chain(of_steps);
    named
        .map(|(entry, contact)| Named {
            entry,
            name: contact.name.clone(),
            email: contact.email.clone(),
        })
        .collect()
}

/// A name of letters that no file system minds: the digest, and the ending if it is a plain one.
fn path_of(evidence: &Evidence) -> String {
    let ending = evidence
        .name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending);
    let plain =
        (1..=8).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain {
        format!("{}.{ending}", evidence.digest())
    } else {
        evidence.digest()
    }
}

fn request(file: &CaseFile) -> Result<Vec<u8>, serde_json::Error> {
    let told = told(&file.case, &file.steps, (&file.from, &file.to));
    let mut text = serde_json::to_vec_pretty(&told)?;
    text.push(b'\n');
    Ok(text)
}

fn side(id: &str, name: &str) -> Party {
    let (id, name) = (id.to_owned(), name.to_owned());
    Party { id, name }
}

fn exporter(caller: &Caller) -> String {
    match caller {
        Caller::Operator => "operator".into(),
        Caller::Anonymous => "anyone".into(),
        Caller::Member(member) => member.party.clone(),
    }
}

/// How much of a case is seen, in a word.
pub(super) fn sight(sight: CaseSight) -> &'static str {
    match sight {
        CaseSight::Nothing | CaseSight::Facts => "facts",
        CaseSight::Words => "words",
        CaseSight::Whole => "whole",
    }
}

fn listed((path, source): (&String, &Source)) -> File {
    let (sha256, bytes) = match source {
        Source::Octets(octets) => (hex(&Sha256::digest(octets)), octets.len() as u64),
        Source::Stored(evidence) => (evidence.digest(), evidence.bytes),
    };
    let path = path.clone();
    File {
        path,
        sha256,
        bytes,
    }
}
