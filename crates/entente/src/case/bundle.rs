//! A whole case as one file: entries with their receipts, files, and a manifest that is signed.

use std::collections::BTreeMap;

use node::act::receipt;
use node::log::note::{Note, NoteError, SigningKey};
use node::policy::CaseSight;
use node::request::Evidence;
use node::{Caller, Node};
use sha2::{Digest as _, Sha256};

use super::archive::{self, ArchiveError};
use super::manifest::{
    Attached, Entry, Exported, FORMAT, File, MANIFEST, Manifest, NOTE, PAGE, Party, REPORT,
    REQUEST, statement,
};
use super::page::page;
use super::told::told;
use super::{CaseFile, gather};
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

/// The bundle of a case as a caller sees it, signed by the node's log.
///
/// # Errors
/// Any [`BundleError`]; [`node::Error::NotFound`] when the caller sees nothing of it.
pub(crate) fn bundle(node: &Node, caller: &Caller, id: &str) -> Result<Vec<u8>, BundleError> {
    let file = gather(node, caller, id)?;
    let mut members: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let entries = entries(node, caller, &file, &mut members)?;
    let evidence = attachments(&file, &mut members);
    members.insert(REQUEST.into(), request(&file)?);
    if let Ok(report) = xarf::report_of(&file, &xarf::Wanted::default()) {
        members.insert(REPORT.into(), report.text.into_bytes());
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
        files: Vec::new(),
    };
    members.insert(PAGE.into(), page(&file, &manifest)?.into_bytes());
    manifest.files = members
        .iter()
        .map(|(path, octets)| listed(path, octets))
        .collect();
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    let words = statement(&manifest.request, &text);
    let note = node.log().key().sign_note(&words)?;
    let mut files = vec![
        (MANIFEST.to_owned(), text),
        (NOTE.to_owned(), note.to_string().into_bytes()),
    ];
    files.extend(members);
    Ok(archive::write(&files)?)
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
    members: &mut BTreeMap<String, Vec<u8>>,
) -> Result<Vec<Entry>, BundleError> {
    let steps = file.steps.iter().map(|record| record.position);
    let mut entries = Vec::new();
    for position in std::iter::once(file.case.position).chain(steps) {
        let made = node.receipt(caller, position)?;
        let extra = made.extra.as_deref().unwrap_or_default();
        let evidence: receipt::Evidence = serde_json::from_slice(extra)?;
        let hidden = match (&evidence.content, file.sight) {
            (Some(_), _) => None,
            (None, CaseSight::Whole) => Some("erased"),
            (None, CaseSight::Words) => Some(
                "an entry names accounts and people: the two sides alone see it as it was written",
            ),
            (None, _) => Some("what it says is for others"),
        };
        let path = format!("entries/{position}.tlog-proof");
        members.insert(path.clone(), made.to_string().into_bytes());
        entries.push(Entry {
            position,
            receipt: path,
            hidden: hidden.map(str::to_owned),
        });
    }
    Ok(entries)
}

/// The attachments, and the members that hold them.
fn attachments(file: &CaseFile, members: &mut BTreeMap<String, Vec<u8>>) -> Vec<Attached> {
    let of_request = file
        .case
        .request
        .evidence
        .iter()
        .map(|one| (file.case.position, one));
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
        let bytes = file.file(evidence);
        let path = bytes.map(|bytes| {
            let path = format!("evidence/{}", path_of(evidence));
            members.insert(path.clone(), bytes.to_vec());
            path
        });
        attached.push(Attached {
            sha256: evidence.digest(),
            name: evidence.name.clone(),
            entry,
            hidden: path
                .is_none()
                .then(|| "its bytes are not seen by you, or were erased".into()),
            file: path,
        });
    }
    attached
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

fn listed(path: &str, octets: &[u8]) -> File {
    File {
        path: path.to_owned(),
        sha256: hex(&Sha256::digest(octets)),
        bytes: octets.len() as u64,
    }
}
