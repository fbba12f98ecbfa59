//! What is checked of a bundle of a case, in which order, and what each failure means.

mod fold;
mod log;
mod members;
mod report;

use std::io::Read;

use node::log::note::{Note, VerifierKey};
use node::log::receipt::Receipt;
use node::request;
use serde::Serialize;

use self::fold::{Opened, as_told, attached, fold, named, open};
use self::log::OneLog;
use self::members::{Members, files, manifest, unpack, whole};
use super::check::{self, Trusted};
use crate::case::CaseFile;
use crate::case::manifest::{MANIFEST, Manifest, NOTE, PAGE, REPORT, statement};

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
    /// Whether the log that the entries are in signed it.
    log_signed: bool,
    /// Members that are as the signer tells them.
    unproven: Vec<&'static str>,
    sight: String,
}

/// Who signed a bundle.
struct Signed {
    by: Vec<String>,
    log: bool,
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
        let mut log = OneLog::of(&manifest)?;
        let note = Self::signed(&members, &manifest, &text, signers)?;
        let verified = note.verify(signers).unwrap_or_default();
        let signed = Signed {
            log: log.signed(&verified, trusted.policy)?,
            by: verified
                .iter()
                .map(|one| one.key.name().to_owned())
                .collect(),
        };
        self.passed("signature", &format!("signed by {}", signed.by.join(", ")));
        files(&members, &manifest)?;
        self.passed("files", "each file is the one that the manifest names");
        let opened = self.entries(&members, &manifest, trusted, &mut log)?;
        let folded = fold(&manifest, &opened)?;
        named(&manifest, &opened)?;
        attached(&members, &manifest, &opened)?;
        self.passed("evidence", "attachments are those that the entries name");
        if let Some((case, steps)) = &folded {
            as_told(&members, &manifest, case, steps)?;
            self.passed("case", "the case is what follows from its entries");
        }
        let report = report::compared(&members, &manifest, folded.as_ref())?;
        if report == report::Told::Follows {
            self.passed("report", "the report is what follows from the entries");
        }
        let page = members.contains_key(PAGE).then_some(PAGE);
        let report = (report == report::Told::Unproven).then_some(REPORT);
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
            signed_by: signed.by,
            log_signed: signed.log,
            unproven: page.into_iter().chain(report).collect(),
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
        members: &Members,
        manifest: &Manifest,
        text: &[u8],
        signers: &[VerifierKey],
    ) -> Result<Note, Fault> {
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
        match note.verify(signers) {
            Ok(_) => Ok(note),
            Err(error) => {
                let words = format!("{error}: the bundle is signed by nobody whose key you gave");
                fault("signature", NOTE, words)
            }
        }
    }

    /// Each receipt proves its entry, and the entries are those of this request, in their order.
    fn entries(
        &mut self,
        members: &Members,
        manifest: &Manifest,
        trusted: &Trusted<'_>,
        log: &mut OneLog,
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
            log.holds(&receipt, place)?;
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
            if !case.log_signed {
                let words = "the log did not sign it, or its key was not given: a party's word for \
                             what the entries do not prove";
                facts.push(("no log", words.to_owned()));
            }
            if !case.unproven.is_empty() {
                let words = format!("{}: as the signer tells it", case.unproven.join(", "));
                facts.push(("unproven", words));
            }
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
        Ok(report::case_file(&manifest, case, steps, files))
    };
    read().map_err(|fault| anyhow::anyhow!("{}: {}", fault.place, fault.words))
}

#[cfg(test)]
mod tests;
