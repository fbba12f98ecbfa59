//! Policies: which logs are trusted, and which witnesses have to have seen a checkpoint (C2SP
//! tlog-policy).

use std::collections::HashMap;
use std::str;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::{KeyError, Kind, Note, NoteError, VerifierKey};

/// The largest policy taken, in octets.
pub const SIZE_LIMIT: usize = 1_000_000;

/// Logs, witnesses and a quorum.
#[derive(Clone, Debug)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    /// None asks for no cosignature.
    quorum: Option<Member>,
}

/// A log or a witness.
#[derive(Clone, Debug)]
pub struct Party {
    /// What the policy calls it; of a log, its origin.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it is, if the policy says so.
    pub url: Option<String>,
}

#[derive(Clone, Debug)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// A checkpoint that a policy accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// The names of the policy's witnesses that cosigned, each with the earliest time it gives, in
    /// seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// When the quorum had seen it at the latest, as its witnesses say; none when the policy asks
    /// for none.
    pub seen: Option<u64>,
}

/// What is wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {what}")]
pub struct PolicyError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Why a policy does not accept a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The note's text is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A signature by a known key does not hold.
    #[error(transparent)]
    Note(NoteError),
    /// No log of the policy signed it under its own name.
    #[error(
        "no log of the policy signed the checkpoint of '{origin}'; the note is signed by {signers}"
    )]
    Log {
        /// The checkpoint's origin.
        origin: String,
        /// Names and ids of those that signed, at most five.
        signers: String,
    },
    /// Too few witnesses.
    #[error("too few witnesses: the policy asks for {asked}; {cosigned} cosigned")]
    Quorum {
        /// What the quorum is.
        asked: String,
        /// Which witnesses of the policy did.
        cosigned: String,
    },
}

impl Policy {
    /// Trusts one log, and asks for no witness.
    pub fn of_log(key: VerifierKey) -> Self {
        let mut policy = Self {
            logs: Vec::new(),
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: None,
        };
        policy.trust(key);
        policy
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`], with the line.
    pub fn parse(octets: &[u8]) -> Result<Self, PolicyError> {
        let fail = |line, what: String| PolicyError { line, what };
        if octets.len() > SIZE_LIMIT {
            return Err(fail(1, format!("a policy has at most {SIZE_LIMIT} octets")));
        }
        let mut reader = Reader::default();
        let mut lines = octets.split(|octet| *octet == b'\n').enumerate().peekable();
        let mut last = 1;
        while let Some((at, line)) = lines.next() {
            last = at + 1;
            if lines.peek().is_none() {
                if line.is_empty() {
                    break;
                }
                return Err(fail(last, "the last line ends in no newline".to_owned()));
            }
            let control = |octet: &u8| (*octet < b' ' && *octet != b'\t') || *octet == 0x7f;
            if line.iter().any(control) {
                return Err(fail(last, "has a control character".to_owned()));
            }
            reader.line(line).map_err(|what| fail(last, what))?;
        }
        let missing = || {
            fail(
                last,
                "there is no quorum line: write 'quorum none' to ask for none".to_owned(),
            )
        };
        reader.finish().ok_or_else(missing)
    }

    /// Trusts a log in addition.
    pub fn trust(&mut self, key: VerifierKey) {
        if self.logs.iter().all(|log| log.key != key) {
            let name = key.name().to_owned();
            let url = None;
            self.logs.push(Party { name, key, url });
        }
    }

    /// The logs that are trusted.
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses that are known.
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether a checkpoint needs cosignatures.
    pub fn has_quorum(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether the witnesses of these names together are what the quorum asks for; where it asks for
    /// none, whether there is one of them.
    pub fn is_quorum(&self, names: &[&str]) -> bool {
        let named = |party: &Party| names.contains(&party.name.as_str());
        let times: Vec<Option<u64>> = self
            .witnesses
            .iter()
            .map(|witness| named(witness).then_some(0))
            .collect();
        match self.quorum {
            Some(quorum) => self.seen(quorum, &times).is_some(),
            None => times.contains(&Some(0)),
        }
    }

    /// The checkpoint of a note, if this policy accepts it.
    ///
    /// # Errors
    /// [`Refusal`], with what is missing.
    pub fn accept(&self, note: &Note) -> Result<Accepted, Refusal> {
        let checkpoint = Checkpoint::parse(note.text())?;
        let parties = self.logs.iter().chain(&self.witnesses);
        let keys: Vec<VerifierKey> = parties.map(|party| party.key.clone()).collect();
        let unknown = |signers| Refusal::Log {
            origin: checkpoint.origin().to_owned(),
            signers,
        };
        let verified = note.verify(&keys).map_err(|error| match error {
            NoteError::NoKnownKey { signers } => unknown(signers),
            error => Refusal::Note(error),
        })?;
        let by_log = verified.iter().any(|found| {
            let is_log = self.logs.iter().any(|log| log.key == *found.key);
            is_log && found.key.name() == checkpoint.origin()
        });
        if !by_log {
            let names: Vec<&str> = verified
                .iter()
                .take(5)
                .map(|found| found.key.name())
                .collect();
            return Err(unknown(names.join(", ")));
        }
        let times: Vec<Option<u64>> = self
            .witnesses
            .iter()
            .map(|witness| {
                let by = verified.iter().filter(|found| *found.key == witness.key);
                by.filter_map(|found| found.time).min()
            })
            .collect();
        let seen = self.quorum.map(|quorum| self.seen(quorum, &times));
        let witnesses: Vec<(String, u64)> = self
            .witnesses
            .iter()
            .zip(&times)
            .filter_map(|(witness, time)| Some((witness.name.clone(), (*time)?)))
            .collect();
        if seen == Some(None) {
            let names: Vec<&str> = witnesses.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Refusal::Quorum {
                asked: self
                    .quorum
                    .map_or_else(String::new, |quorum| self.words(quorum)),
                cosigned: if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                },
            });
        }
        Ok(Accepted {
            checkpoint,
            witnesses,
            seen: seen.flatten(),
        })
    }

    /// When a member had seen a checkpoint; none when it has not. Members of a group stand before
    /// it in the file, so this ends.
    fn seen(&self, member: Member, times: &[Option<u64>]) -> Option<u64> {
        match member {
            Member::Witness(at) => *times.get(at)?,
            Member::Group(at) => {
                let group = self.groups.get(at)?;
                let members = group.members.iter();
                let mut seen: Vec<u64> = members
                    .filter_map(|member| self.seen(*member, times))
                    .collect();
                seen.sort_unstable();
                seen.get(group.threshold.checked_sub(1)?).copied()
            }
        }
    }

    fn name(&self, member: Member) -> &str {
        let name = match member {
            Member::Witness(at) => self.witnesses.get(at).map(|witness| &witness.name),
            Member::Group(at) => self.groups.get(at).map(|group| &group.name),
        };
        name.map_or("", String::as_str)
    }

    /// What a quorum is, in words: `2 of X1, X2, X3`.
    fn words(&self, member: Member) -> String {
        let Member::Group(at) = member else {
            return self.name(member).to_owned();
        };
        let Some(group) = self.groups.get(at) else {
            return String::new();
        };
        let members: Vec<&str> = group
            .members
            .iter()
            .map(|member| self.name(*member))
            .collect();
        format!("{} of {}", group.threshold, members.join(", "))
    }
}

/// What a quorum line asks for.
enum Quorum {
    Nothing,
    Of(Member),
}

/// A policy as far as it was read.
#[derive(Default)]
struct Reader {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    /// Names are octets: whether they are text does not matter.
    names: HashMap<Vec<u8>, Member>,
    used: Vec<Member>,
    quorum: Option<Quorum>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        let mut items = line
            .split(|octet| matches!(octet, b' ' | b'\t'))
            .filter(|item| !item.is_empty());
        let Some(keyword) = items.next().filter(|item| !item.starts_with(b"#")) else {
            return Ok(());
        };
        let items: Vec<&[u8]> = items.collect();
        match (keyword, items.as_slice()) {
            (b"log", [key]) => self.log(key, None),
            (b"log", [key, url]) => self.log(key, Some(url)),
            (b"witness", [name, key]) => self.witness(name, key, None),
            (b"witness", [name, key, url]) => self.witness(name, key, Some(url)),
            (b"group", [name, threshold, first, rest @ ..]) => {
                self.group(name, threshold, &[&[*first], rest].concat())
            }
            (b"quorum", [name]) => self.quorum(name),
            (b"log", _) => Err("write 'log <vkey> [<url>]'".to_owned()),
            (b"witness", _) => Err("write 'witness <name> <vkey> [<url>]'".to_owned()),
            (b"group", _) => Err("write 'group <name> all|any|<k> <name>...'".to_owned()),
            (b"quorum", _) => Err("write 'quorum <name>' or 'quorum none'".to_owned()),
            _ => Err(format!(
                "'{}' is no keyword: use log, witness, group or quorum",
                text(keyword)
            )),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), String> {
        let key = parse_key(key, Kind::Note)?;
        check_new(&self.logs, &key)?;
        let name = key.name().to_owned();
        let url = url.map(text);
        self.logs.push(Party { name, key, url });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), String> {
        let key = parse_key(key, Kind::Cosignature)?;
        check_new(&self.witnesses, &key)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        let (name, url) = (text(name), url.map(text));
        self.witnesses.push(Party { name, key, url });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], names: &[&[u8]]) -> Result<(), String> {
        let members: Vec<Member> = names
            .iter()
            .map(|name| self.defined(name))
            .collect::<Result<_, _>>()?;
        let threshold = match threshold {
            b"all" => members.len(),
            b"any" => 1,
            number => str::from_utf8(number)
                .ok()
                .and_then(super::decimal)
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| (1..=members.len()).contains(number))
                .ok_or_else(|| {
                    let most = members.len();
                    format!(
                        "'{}' is no threshold: use all, any, or 1 to {most}",
                        text(number)
                    )
                })?,
        };
        for (member, name) in members.iter().zip(names) {
            if self.used.contains(member) {
                return Err(format!("'{}' is a member of a group already", text(name)));
            }
            self.used.push(*member);
        }
        self.define(name, Member::Group(self.groups.len()))?;
        let name = text(name);
        self.groups.push(Group {
            name,
            threshold,
            members,
        });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("there is a quorum line already".to_owned());
        }
        self.quorum = Some(match name {
            b"none" => Quorum::Nothing,
            name => Quorum::Of(self.defined(name)?),
        });
        Ok(())
    }

    fn define(&mut self, name: &[u8], member: Member) -> Result<(), String> {
        if name == b"none" {
            return Err("the name 'none' is taken: it stands for no quorum".to_owned());
        }
        if self.names.insert(name.to_owned(), member).is_some() {
            return Err(format!("the name '{}' is taken", text(name)));
        }
        Ok(())
    }

    fn defined(&self, name: &[u8]) -> Result<Member, String> {
        let found = self.names.get(name).copied();
        found.ok_or_else(|| format!("no line before this one defines '{}'", text(name)))
    }

    fn finish(self) -> Option<Policy> {
        Some(Policy {
            logs: self.logs,
            witnesses: self.witnesses,
            groups: self.groups,
            quorum: match self.quorum? {
                Quorum::Nothing => None,
                Quorum::Of(member) => Some(member),
            },
        })
    }
}

fn parse_key(key: &[u8], kind: Kind) -> Result<VerifierKey, String> {
    let parsed = str::from_utf8(key).map_err(|_| "the key is no text".to_owned())?;
    let parsed = VerifierKey::parse(parsed).map_err(|error| match error {
        KeyError::Form { .. } => "the key is not of the form name+id+base64".to_owned(),
        error => format!("the key {error}"),
    })?;
    if parsed.kind() == kind {
        return Ok(parsed);
    }
    Err(match kind {
        Kind::Note => "the key is of type 0x04, a witness's; a log's is 0x01",
        Kind::Cosignature => "the key is of type 0x01, a log's; a witness's is 0x04",
    }
    .to_owned())
}

fn check_new(parties: &[Party], key: &VerifierKey) -> Result<(), String> {
    let twin = parties
        .iter()
        .find(|party| party.key.public() == key.public());
    twin.map_or(Ok(()), |twin| {
        Err(format!("the key is the one of '{}' already", twin.name))
    })
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
