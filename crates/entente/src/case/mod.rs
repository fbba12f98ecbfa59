//! A whole case, as formats need it.

use node::policy::CaseSight;
use node::request::{Case, Evidence, StepRecord};

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
        let found = self
            .files
            .iter()
            .find(|(known, _)| known.sha256 == evidence.sha256);
        found.map(|(_, bytes)| bytes.as_slice())
    }
}
