//! Receipts: what proves to anybody, offline, that an entry stands in the log.
//!
//! Everybody gets the leaf and its proof: both are public. Who may see what the entry is about gets
//! the salt as well, with which its content can be compared with the leaf; of an act that is public
//! by its nature the content is in the receipt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use journal::Position;
use journal::log::proof::{ProofError, prove_inclusion};
use journal::log::receipt::Receipt;
use serde::{Deserialize, Serialize};

use crate::act::Error;
use crate::entry::{self, Act, Entry};
use crate::node::Node;
use crate::policy::{Caller, CaseSight, Viewer};
use crate::view::query::Rows;
use crate::view::requests::Cases;

/// What a receipt carries besides its proof (the line `extra`), as JSON. Nothing of it is trusted:
/// the leaf has to have the hash that is proven, the content the leaf's commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The entry's leaf, as it stands in the log.
    pub leaf: String,
    /// The salt of its commitment in base64, for those who may see the content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub salt: Option<String>,
    /// What it commits to, in base64, when that is public and not an object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<String>,
    /// Who did what when, where the leaf is sealed, for those who may see the content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub facts: Option<Facts>,
}

/// What opens a sealed leaf: the leaf commits to the line under the salt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The salt, in base64.
    pub salt: String,
    /// `entente/sealed/v1`, party, act and time, a line each.
    pub line: String,
}

/// Octets of the largest content that a receipt carries.
const CONTENT: usize = 64 << 10;

impl Node {
    /// The receipt of the entry at `position`, under a checkpoint that witnesses have seen if there
    /// is one, and otherwise the newest.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no checkpoint covers it yet; [`Error::Storage`].
    pub fn receipt(&self, caller: &Caller, position: u64) -> Result<Receipt, Error> {
        let log = &self.shared.log;
        // One that witnesses have seen is worth more, where it reaches as far.
        let shown = log.shown();
        let signed = if position < shown.checkpoint.size() {
            shown
        } else {
            log.signed()
        };
        if position >= signed.checkpoint.size() {
            return Err(Error::NotFound("entry"));
        }
        let evidence = self.evidence(caller, position)?;
        let (size, root) = (signed.checkpoint.size(), signed.checkpoint.root());
        let inclusion = prove_inclusion(log, position, size, root)
            .map_err(|error: ProofError| Error::Storage(error.to_string()))?;
        let extra = serde_json::to_vec(&evidence).map_err(|e| Error::Storage(e.to_string()))?;
        Ok(Receipt {
            extra: Some(extra),
            index: position,
            hashes: inclusion.hashes,
            checkpoint: signed.note.clone(),
        })
    }

    /// The positions of the entries that added the versions of an object which the caller sees,
    /// oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it sees none; [`Error::Storage`].
    pub fn entries_of(&self, caller: &Caller, object: &str) -> Result<Vec<u64>, Error> {
        let found = self.find(caller, object)?;
        let mut positions: Vec<u64> = found
            .iter()
            .flat_map(|(_, found)| found.iter().map(|found| found.row.position))
            .collect();
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }

    fn evidence(&self, caller: &Caller, position: u64) -> Result<Evidence, Error> {
        let record = self.shared.journal.get(Position(position))?;
        let leaf = String::from_utf8_lossy(&record.leaf).into_owned();
        let shut = Evidence {
            leaf,
            salt: None,
            content: None,
            facts: None,
        };
        // An erased body has nothing to open.
        let Ok(entry) = entry::decode(&record.body) else {
            return Ok(shut);
        };
        if !self.may_open(caller, position, &entry)? {
            return Ok(shut);
        }
        let opening = entry::opening(&entry, &record.body)?;
        let facts = entry::is_sealed(&record.leaf).then(|| entry::sealed_facts(&record.body));
        let facts = facts.transpose()?.map(|facts| Facts {
            salt: BASE64.encode(facts.salt),
            line: facts.line,
        });
        let content = opening.committed.len() <= CONTENT && entry.act.is_public();
        Ok(Evidence {
            salt: Some(BASE64.encode(opening.salt)),
            content: content.then(|| BASE64.encode(opening.committed)),
            facts,
            ..shut
        })
    }

    fn may_open(&self, caller: &Caller, position: u64, entry: &Entry<'_>) -> Result<bool, Error> {
        let viewer: Viewer = self.viewer(caller);
        let directory = self.directory();
        if matches!(entry.act, Act::Request(_) | Act::RequestStep(_)) {
            let cases = Cases::open(&self.shared.store.read()?)?;
            let case = cases.of_entry(position)?;
            let whole = |case| viewer.sees_case(&directory, case) == CaseSight::Whole;
            return Ok(case.as_ref().is_some_and(whole));
        }
        if entry.act.is_public() || viewer.acted(&entry.actor) {
            return Ok(true);
        }
        let Act::Object { collection, .. } = &entry.act else {
            return Ok(viewer.sees_act(&directory, &entry.act));
        };
        let Some(settings) = directory.collection_number(*collection) else {
            return Ok(false);
        };
        let rows = Rows::open(&self.shared.store.read()?)?;
        let row = rows.row(*collection, entry.at.0)?;
        let row = row.filter(|row| row.position == position);
        Ok(row.is_some_and(|row| viewer.sees(viewer.access(settings), row.audience())))
    }
}
