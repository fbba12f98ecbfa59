//! Whether `xarf.json` in a bundle is the report that follows from its entries.

use node::policy::CaseSight;
use node::request::{self, Case, Evidence, StepRecord};
use serde_json::Value;

use super::members::{Members, whole};
use super::{Fault, fault};
use crate::case::manifest::{Manifest, REPORT};
use crate::case::{CaseFile, LOADED};
use crate::xarf::{Wanted, report_of};

/// What there is to say of a report.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// There is none.
    Absent,
    /// It is the one that follows.
    Follows,
    /// It was not compared: not all that it is made of is here, or another program made it.
    Unproven,
}

/// Compares the report with the one that this program makes of the case.
pub(super) fn compared(
    members: &Members,
    manifest: &Manifest,
    folded: Option<&(Case, Vec<StepRecord>)>,
) -> Result<Told, Fault> {
    if !members.contains_key(REPORT) {
        return Ok(Told::Absent);
    }
    // Another version may word a report in another way.
    let same = manifest.exported.program == program();
    let Some((case, steps)) = folded.filter(|_| same) else {
        return Ok(Told::Unproven);
    };
    let Some(files) = loaded(members, manifest, case) else {
        return Ok(Told::Unproven);
    };
    let file = case_file(manifest, case.clone(), steps.clone(), files);
    let said = serde_json::from_slice::<Value>(whole(members, REPORT)?);
    let said = said.or_else(|error| fault("report", REPORT, error.to_string()))?;
    let follows = report_of(&file, &Wanted::default());
    let follows = follows.or_else(|error| {
        let words = format!("no report follows from the entries: {error}");
        fault("report", REPORT, words)
    })?;
    if said == follows.report {
        return Ok(Told::Follows);
    }
    let differs = |name: &&String| said.get(name.as_str()) != follows.report.get(name.as_str());
    let names = [&said, &follows.report].map(|report| report.as_object().into_iter());
    let mut names = names.into_iter().flatten().flat_map(serde_json::Map::keys);
    let place = names.find(differs);
    let place = place.map_or_else(|| REPORT.to_owned(), |name| format!("{REPORT} /{name}"));
    fault(
        "report",
        place,
        "it says something else than follows from the entries",
    )
}

/// The program that makes bundles as this one does.
fn program() -> String {
    format!("entente {}", env!("CARGO_PKG_VERSION"))
}

/// A case as it was seen whole, with files and with who is named for it.
pub(super) fn case_file(
    manifest: &Manifest,
    mut case: Case,
    steps: Vec<StepRecord>,
    files: Vec<(Evidence, Vec<u8>)>,
) -> CaseFile {
    let mut contacts = manifest.contacts.iter();
    let whom = contacts.find(|contact| contact.entry == case.position);
    case.request.contact = whom.map(|contact| request::Contact {
        name: contact.name.clone(),
        email: contact.email.clone(),
    });
    CaseFile {
        case,
        sight: CaseSight::Whole,
        steps,
        from: manifest.from.name.clone(),
        to: manifest.to.name.clone(),
        files,
    }
}

/// The attachments that a report was made of, as [`crate::case::gather`] takes them; none when the
/// bytes of one were not kept.
fn loaded(members: &Members, manifest: &Manifest, case: &Case) -> Option<Vec<(Evidence, Vec<u8>)>> {
    let (mut files, mut room) = (Vec::new(), LOADED);
    for evidence in &case.request.evidence {
        let Some(left) = room.checked_sub(evidence.bytes) else {
            continue;
        };
        let mut listed = manifest.evidence.iter();
        let listed = listed.find(|one| one.sha256 == evidence.digest());
        // Erased before the bundle was made: nor did its report have it.
        let Some(path) = listed.and_then(|one| one.file.as_ref()) else {
            continue;
        };
        files.push((evidence.clone(), members.get(path)?.whole.clone()?));
        room = left;
    }
    Some(files)
}
