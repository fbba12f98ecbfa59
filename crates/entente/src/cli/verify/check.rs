//! What is checked of a receipt, in which order, and what each failure means.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::act::receipt::Evidence;
use node::entry::commitment;
use node::log::hash::leaf_hash;
use node::log::note::{Note, VerifierKey};
use node::log::policy::{Policy, Refusal};
use node::log::receipt::Receipt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cli::output::count;

/// A file that an entry is said to be about.
pub(super) struct Object {
    pub(super) name: String,
    pub(super) octets: Vec<u8>,
}

/// What became of one receipt.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verdict {
    pub(super) receipt: String,
    pub(super) holds: bool,
    /// In order; the first that does not hold ends them.
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Log>,
    /// What a party signed, when the entry is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

/// Whose words count, and what a receipt is compared with.
pub(super) struct Trusted<'t> {
    pub(super) policy: Option<&'t Policy>,
    /// Keys of parties that sign statements.
    pub(super) signers: &'t [VerifierKey],
    pub(super) object: Option<&'t Object>,
}

#[derive(Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    holds: bool,
    /// What it means.
    words: String,
}

/// What the log says; once everything holds, that its operator said so.
#[derive(Debug, Serialize)]
struct Entry {
    index: u64,
    who: String,
    act: String,
    /// By the operator's clock.
    time: String,
}

#[derive(Debug, Serialize)]
struct Log {
    origin: String,
    entries: u64,
    /// When the quorum had seen it at the latest, as its witnesses say.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
    witnesses: Vec<String>,
}

/// A leaf, as far as it is read here.
#[derive(Deserialize)]
struct Leaf {
    time: String,
    party: String,
    act: String,
    commitments: Vec<String>,
}

/// The check that could not be made: nobody was trusted.
pub(super) const UNCHECKED: &str = "unchecked";

/// Why a check does not hold.
type Fault = (&'static str, String);

/// Checks a receipt.
pub(super) fn check(name: &str, text: &[u8], trusted: &Trusted<'_>) -> Verdict {
    let mut verdict = Verdict {
        receipt: name.to_owned(),
        ..Verdict::default()
    };
    match verdict.run(text, trusted) {
        Ok(()) => verdict.holds = true,
        Err((name, words)) => verdict.checks.push(Check {
            name,
            holds: false,
            words,
        }),
    }
    verdict
}

impl Verdict {
    fn run(&mut self, text: &[u8], trusted: &Trusted<'_>) -> Result<(), Fault> {
        let receipt = Receipt::parse(text).map_err(|error| {
            (
                "form",
                format!("{error}: it is no receipt, or was altered on the way"),
            )
        })?;
        let (evidence, leaf) = open(&receipt)?;
        self.passed("form", "it is a receipt".to_owned());
        let checkpoint = receipt
            .check(&leaf_hash(evidence.leaf.as_bytes()))
            .map_err(|error| {
                let words = format!(
                    "{error}: this entry is not at place {} of the log that the checkpoint is of",
                    receipt.index
                );
                ("inclusion", words)
            })?;
        self.entry = Some(Entry {
            index: receipt.index,
            who: leaf.party.clone(),
            act: leaf.act.clone(),
            time: leaf.time.clone(),
        });
        self.log = Some(Log {
            origin: checkpoint.origin().to_owned(),
            entries: checkpoint.size(),
            seen: None,
            witnesses: Vec::new(),
        });
        self.passed(
            "inclusion",
            "the entry is in the tree whose root is in the checkpoint".to_owned(),
        );
        self.signed(&receipt, trusted.policy)?;
        self.content(&evidence, &leaf, trusted.signers)?;
        self.facts_of_sealed(&evidence, &leaf)?;
        trusted
            .object
            .map_or(Ok(()), |object| self.object(&evidence, &leaf, object))
    }

    fn passed(&mut self, name: &'static str, words: String) {
        self.checks.push(Check {
            name,
            holds: true,
            words,
        });
    }

    fn signed(&mut self, receipt: &Receipt, policy: Option<&Policy>) -> Result<(), Fault> {
        let signers: Vec<String> = receipt
            .checkpoint
            .signatures()
            .iter()
            .take(5)
            .map(|signature| format!("{}+{}", signature.name(), signature.id()))
            .collect();
        let Some(policy) = policy else {
            let words = format!(
                "nobody's signature was checked, as no key was given: give --key or --policy. It says \
                 that it is signed by {}",
                signers.join(", ")
            );
            return Err((UNCHECKED, words));
        };
        let accepted = policy.accept(&receipt.checkpoint).map_err(|refusal| {
            let meaning = match &refusal {
                Refusal::Checkpoint(_) => "what was signed is no checkpoint",
                Refusal::Note(_) => {
                    "the checkpoint is not what was signed: it was altered, or signed by another key"
                }
                Refusal::Log { .. } => "nobody whom you trust vouches for this log",
                Refusal::Quorum { .. } => {
                    "the log's operator signed it, and may have shown others another log"
                }
                _ => "the checkpoint is not accepted",
            };
            let check = match refusal {
                Refusal::Quorum { .. } => "witnesses",
                _ => "signature",
            };
            (check, format!("{refusal}: {meaning}"))
        })?;
        self.passed(
            "signature",
            "the log's key signed the checkpoint".to_owned(),
        );
        let witnesses: Vec<String> = accepted
            .witnesses
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        if policy.has_quorum() {
            let words = format!("seen by {}", witnesses.join(", "));
            self.passed("witnesses", words);
        }
        if let Some(log) = &mut self.log {
            log.seen = accepted.seen.map(time);
            log.witnesses = witnesses;
        }
        Ok(())
    }

    /// Content that comes with the receipt is what the entry commits to.
    fn content(
        &mut self,
        evidence: &Evidence,
        leaf: &Leaf,
        signers: &[VerifierKey],
    ) -> Result<(), Fault> {
        let Some(content) = &evidence.content else {
            return Ok(());
        };
        let salt = salt(evidence, "content")?;
        let content = BASE64.decode(content).unwrap_or_default();
        if !leaf.commits_to(&salt, &content) {
            let words =
                "the content in the receipt is not what the entry commits to: it was altered";
            return Err(("content", words.to_owned()));
        }
        self.passed(
            "content",
            "the receipt holds what the entry commits to".to_owned(),
        );
        self.statement(&content, signers)
    }

    /// What a party signed, where the content is a signed note: whose key signed it.
    fn statement(&mut self, content: &[u8], signers: &[VerifierKey]) -> Result<(), Fault> {
        let note = Note::parse(content).ok();
        let Some(note) = note.filter(|note| note.text().starts_with("entente-")) else {
            return Ok(());
        };
        self.says = Some(note.text().to_owned());
        let by: Vec<String> = note
            .signatures()
            .iter()
            .map(|line| format!("{}+{}", line.name(), line.id()))
            .collect();
        let by = by.join(", ");
        if signers.is_empty() {
            let words = format!(
                "signed by {by}, which was not checked: give that party's key with --signer"
            );
            self.passed("signer", words);
            return Ok(());
        }
        note.verify(signers).map_err(|error| {
            let words = format!(
                "{error}: what the entry holds is not signed by the party whose key you gave"
            );
            ("signer", words)
        })?;
        self.passed("signer", format!("signed by {by}, whose key you gave"));
        Ok(())
    }

    /// Who did what when, of a leaf that does not tell.
    fn facts_of_sealed(&mut self, evidence: &Evidence, leaf: &Leaf) -> Result<(), Fault> {
        let Some(facts) = &evidence.facts else {
            return Ok(());
        };
        let salt = BASE64.decode(&facts.salt).unwrap_or_default();
        let mut lines = facts.line.lines().skip(1);
        let told = (lines.next(), lines.next(), lines.next());
        let (true, (Some(who), Some(act), Some(time))) =
            (leaf.commits_to(&salt, facts.line.as_bytes()), told)
        else {
            let words = "who did what when is not what the entry commits to: it was altered";
            return Err(("facts", words.to_owned()));
        };
        if let Some(entry) = &mut self.entry {
            (entry.who, entry.act, entry.time) = (who.into(), act.into(), time.into());
        }
        self.passed("facts", "the entry is sealed; this opens it".to_owned());
        Ok(())
    }

    fn object(&mut self, evidence: &Evidence, leaf: &Leaf, object: &Object) -> Result<(), Fault> {
        let salt = salt(evidence, "object")?;
        if !candidates(&object.octets).any(|octets| leaf.commits_to(&salt, octets)) {
            let words = format!(
                "{} is not what the entry commits to: it is another object or another version, or it \
                 was altered, if only in its white space",
                object.name
            );
            return Err(("object", words));
        }
        self.passed(
            "object",
            format!("{} is what the entry commits to", object.name),
        );
        Ok(())
    }

    /// The check that does not hold, and what that means.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let failed = self.checks.iter().find(|check| !check.holds)?;
        Some((failed.name, failed.words.clone()))
    }

    /// The verdict in a word or three.
    pub(super) fn state(&self) -> &'static str {
        match self.checks.last() {
            _ if self.holds => "holds",
            Some(check) if check.name == UNCHECKED => "NOT PROVEN",
            _ => "DOES NOT HOLD",
        }
    }

    /// What people read: labels and words. What does not hold says nothing of who did what.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let (Some(entry), Some(log), true) = (&self.entry, &self.log, self.holds) {
            let (index, size) = (count(entry.index), count(log.entries));
            facts.push((
                "entry",
                format!("number {index}, of {size} in {}", log.origin),
            ));
            let who = if entry.who.is_empty() {
                "not told in public"
            } else {
                &entry.who
            };
            facts.push(("who", who.to_owned()));
            facts.push(("what", entry.act.clone()));
            facts.push(("when", format!("{} (by the operator's clock)", entry.time)));
            facts.extend(log.seen());
        }
        let told = self.checks.iter().filter(|check| {
            !check.holds || matches!(check.name, "object" | "content" | "signature" | "signer")
        });
        facts.extend(told.map(|check| (check.name, check.words.clone())));
        let says = self.says.iter().filter(|_| self.holds);
        let lines = says.flat_map(|text| text.lines());
        facts.extend(lines.map(|line| ("says", line.to_owned())));
        facts
    }
}

impl Log {
    fn seen(&self) -> Option<(&'static str, String)> {
        let witnesses = self.witnesses.join(", ");
        match &self.seen {
            Some(seen) => Some(("seen", format!("at the latest at {seen}, by {witnesses}"))),
            None if self.witnesses.is_empty() => None,
            None => Some(("seen", format!("by {witnesses}"))),
        }
    }
}

impl Leaf {
    fn commits_to(&self, salt: &[u8], octets: &[u8]) -> bool {
        let text = BASE64.encode(commitment(salt, octets));
        self.commitments.contains(&text)
    }
}

/// The leaf of a receipt.
fn open(receipt: &Receipt) -> Result<(Evidence, Leaf), Fault> {
    let wrong = |words: &str| ("form", words.to_owned());
    let extra = receipt.extra.as_deref();
    let extra = extra.ok_or_else(|| {
        wrong("the receipt does not say which entry it is of: line 2 is no 'extra'")
    })?;
    let evidence: Evidence = serde_json::from_slice(extra)
        .map_err(|_| wrong("its line 'extra' is not one that Entente writes"))?;
    let leaf: Leaf = serde_json::from_str(&evidence.leaf)
        .map_err(|_| wrong("its leaf is not one that Entente writes"))?;
    Ok((evidence, leaf))
}

fn salt(evidence: &Evidence, check: &'static str) -> Result<Vec<u8>, Fault> {
    let decoded = evidence
        .salt
        .as_ref()
        .and_then(|salt| BASE64.decode(salt).ok());
    decoded.ok_or_else(|| {
        let words = "the receipt has no salt, so nobody can compare it with a file: ask for it as \
                     somebody who may see the object";
        (check, words.to_owned())
    })
}

/// What in a file may be meant: all of it, all but white space around it, each object of a bundle.
fn candidates(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    #[derive(Deserialize)]
    struct Bundle<'b> {
        #[serde(borrow)]
        objects: Vec<&'b RawValue>,
    }
    let objects = serde_json::from_slice::<Bundle<'_>>(octets).map(|bundle| bundle.objects);
    let objects = objects.unwrap_or_default().into_iter();
    [octets, octets.trim_ascii()]
        .into_iter()
        .chain(objects.map(|object| object.get().as_bytes()))
}

/// Seconds since 1970, as RFC 3339 has it.
fn time(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).ok();
    let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map_or_else(
        || "a time beyond all calendars".to_owned(),
        |moment| moment.to_string(),
    )
}
