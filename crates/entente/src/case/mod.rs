//! A whole case: as formats need it, and as one file that proves itself.

pub(crate) mod archive;
mod bundle;
pub(crate) mod manifest;
mod page;
pub(crate) mod told;

pub(crate) use bundle::{BundleError, bundle, countersign};

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

/// A case as a caller sees it.
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
    Ok(CaseFile {
        sight: view.sight,
        from,
        to,
        files: Vec::new(),
        case: view.case,
        steps: view.steps,
    })
}
