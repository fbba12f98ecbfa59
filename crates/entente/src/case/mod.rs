//! A whole case: as formats need it, and as one file that proves itself.

pub(crate) mod archive;
mod bundle;
pub(crate) mod manifest;
mod page;
pub(crate) mod told;

pub(crate) use bundle::{BundleError, bundle, countersign, prepare};

use node::policy::CaseSight;
use node::request::{Case, Evidence, StepRecord};
use node::{Caller, Node};

/// A case as far as somebody sees it, with its files.
#[derive(Clone, Debug)]
pub(crate) struct CaseFile {
    pub(crate) case: Case,
    pub(crate) sight: CaseSight,
    /// What was done, oldest first.
    pub(crate) steps: Vec<StepRecord>,
    /// The names of the two sides.
    pub(crate) from: String,
    pub(crate) to: String,
    /// Attachments whose bytes are here.
    pub(crate) files: Vec<(Evidence, Vec<u8>)>,
}

impl CaseFile {
    /// The bytes of an attachment, if they are here.
    pub(crate) fn file(&self, evidence: &Evidence) -> Option<&[u8]> {
        let mut files = self.files.iter();
        let found = files.find(|(known, _)| known.sha256 == evidence.sha256);
        found.map(|(_, bytes)| bytes.as_slice())
    }
}

/// Octets of attachments that are loaded with a case: as many as a report takes.
pub(crate) const LOADED: u64 = 15 << 20;

/// A case as a caller sees it, with as many attachments of its request as a report takes.
///
/// # Errors
/// [`node::Error::NotFound`] when it sees nothing of it; [`node::Error::Storage`].
pub(crate) fn gather(node: &Node, caller: &Caller, id: &str) -> Result<CaseFile, node::Error> {
    let view = node.request_case(caller, id)?;
    let directory = node.directory();
    let name = |id: &str| {
        let party = directory.register().party(id);
        party.map_or_else(|| id.to_owned(), |party| party.name.clone())
    };
    let request = &view.case.request;
    let (from, to) = (name(&request.from), name(&request.to));
    let mut files = Vec::new();
    let mut room = LOADED;
    for evidence in &request.evidence {
        let Some(left) = room.checked_sub(evidence.bytes) else {
            continue;
        };
        if let Some(bytes) = stored(node, caller, id, evidence)? {
            files.push((evidence.clone(), bytes));
            room = left;
        }
    }
    Ok(CaseFile {
        sight: view.sight,
        from,
        to,
        files,
        case: view.case,
        steps: view.steps,
    })
}

/// The bytes of an attachment; none when they were erased, or are lost.
fn stored(
    node: &Node,
    caller: &Caller,
    id: &str,
    evidence: &Evidence,
) -> Result<Option<Vec<u8>>, node::Error> {
    match node.attachment(caller, id, &evidence.digest()) {
        Ok(found) => Ok(Some(found.bytes.to_vec())),
        Err(node::Error::NotFound(_) | node::Error::Lost(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
