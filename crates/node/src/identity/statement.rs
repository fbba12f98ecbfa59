//! What is signed: a first line with kind and version, then `name: value` lines in a fixed order.
//!
//! The kinds are `entente-key/v1`, `entente-sponsorship/v1` and `entente-signature/v1`
//! (docs/identity.md has an example of each). Printing what was read gives the same text, and a text
//! that is put differently is refused, so that a signature covers one meaning. None starts as the
//! signature base of a request does (RFC 9421 §2.5), so a signature of one is never one of the
//! other, though the key is the same.

use std::fmt;

use jiff::civil::Date;

use super::{DomainName, KeyKind, Reservation, VerifierKey};
use crate::pledge::is_slug;

/// Characters of a label or a reason at most.
pub const LONGEST: usize = 500;

/// Why a statement is refused: the line, counted from 1, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("statement, line {line}: {what}")]
pub struct StatementError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// `entente-key/v1`: a party asks that a key be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatement {
    /// The party's id.
    pub party: String,
    /// The new key.
    pub key: VerifierKey,
    /// What it is called.
    pub label: Option<String>,
    /// The key (`name+id`) that it takes the place of.
    pub replaces: Option<String>,
    /// The day.
    pub date: Date,
}

/// `entente-sponsorship/v1`: a party vouches for another and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SponsorshipStatement {
    /// Who vouches.
    pub sponsor: String,
    /// For whom.
    pub party: String,
    /// The key of that party.
    pub key: VerifierKey,
    /// The day.
    pub date: Date,
    /// The last day on which it holds.
    pub expires: Date,
}

/// `entente-signature/v1`: a party signs a pledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureStatement {
    /// The pledge's id.
    pub pledge: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its text.
    pub text: [u8; 32],
    /// The party's id.
    pub party: String,
    /// The domain it signs for.
    pub domain: Option<DomainName>,
    /// By principle, rising.
    pub reservations: Vec<Reservation>,
    /// The day.
    pub date: Date,
    /// The last day on which it holds.
    pub expires: Date,
}

/// The lines of a statement, read one after the other.
struct Lines<'t> {
    lines: Vec<&'t str>,
    at: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str, kind: &str) -> Result<Self, StatementError> {
        let lines: Vec<&str> = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .split('\n')
            .collect();
        let mut lines = Lines { lines, at: 0 };
        if lines.lines.first() != Some(&kind) {
            return Err(lines.wrong(format!("a statement of the kind '{kind}' starts with that")));
        }
        lines.at = 1;
        Ok(lines)
    }

    fn wrong(&self, what: impl Into<String>) -> StatementError {
        StatementError {
            line: self.at + 1,
            what: what.into(),
        }
    }

    /// The value of the next line, when it has this name.
    fn maybe(&mut self, name: &str) -> Option<&'t str> {
        let line = self.lines.get(self.at)?;
        let value = line.strip_prefix(name)?.strip_prefix(": ")?;
        self.at += 1;
        Some(value)
    }

    /// The value of the next line, read.
    fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'t str) -> Result<T, String>,
    ) -> Result<T, StatementError> {
        let missing = self.wrong(format!("'{name}: …' is expected here"));
        let value = self.maybe(name).ok_or(missing)?;
        read(value).map_err(|what| StatementError {
            line: self.at,
            what: format!("{name}: {what}"),
        })
    }

    fn maybe_read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'t str) -> Result<T, String>,
    ) -> Result<Option<T>, StatementError> {
        let next = self.lines.get(self.at).copied().unwrap_or_default();
        let is_next = next
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(": "));
        is_next.then(|| self.read(name, read)).transpose()
    }

    /// That nothing is left, and that the text is the one that `printed` writes.
    fn end(self, text: &str, printed: &impl fmt::Display) -> Result<(), StatementError> {
        if self.at < self.lines.len() {
            return Err(self.wrong("nothing is expected here"));
        }
        if printed.to_string() != text {
            return Err(self.wrong("the statement is not written as this program writes it"));
        }
        Ok(())
    }
}

fn slug(text: &str) -> Result<String, String> {
    let refused = || "is no id: a-z, 0-9 and single hyphens".to_owned();
    is_slug(text).then(|| text.to_owned()).ok_or_else(refused)
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "is no day: write it as in 2026-11-28".into())
}

fn key(text: &str) -> Result<VerifierKey, String> {
    let key = VerifierKey::parse(text).map_err(|error| error.to_string())?;
    if key.kind() != KeyKind::Note {
        return Err("is a key of witnesses: a party's key has the type 0x01".into());
    }
    Ok(key)
}

/// Words of people: one line, printable, not endless.
pub(crate) fn words(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if text.trim() != text || length > LONGEST || text.chars().any(char::is_control) {
        return Err(format!(
            "at most {LONGEST} printable characters on one line, without space at its ends"
        ));
    }
    Ok(text.to_owned())
}

impl KeyStatement {
    const KIND: &'static str = "entente-key/v1";

    /// Reads the text.
    ///
    /// # Errors
    /// [`StatementError`] for the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        let mut lines = Lines::new(text, Self::KIND)?;
        let read = KeyStatement {
            party: lines.read("party", slug)?,
            key: lines.read("key", key)?,
            label: lines.maybe_read("label", words)?,
            replaces: lines.maybe_read("replaces", words)?,
            date: lines.read("date", day)?,
        };
        lines.end(text, &read)?;
        Ok(read)
    }
}

impl fmt::Display for KeyStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\nparty: {}\nkey: {}",
            Self::KIND,
            self.party,
            self.key
        )?;
        if let Some(label) = &self.label {
            writeln!(f, "label: {label}")?;
        }
        if let Some(replaces) = &self.replaces {
            writeln!(f, "replaces: {replaces}")?;
        }
        writeln!(f, "date: {}", self.date)
    }
}

impl SponsorshipStatement {
    const KIND: &'static str = "entente-sponsorship/v1";

    /// Reads the text.
    ///
    /// # Errors
    /// [`StatementError`] for the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        let mut lines = Lines::new(text, Self::KIND)?;
        let read = SponsorshipStatement {
            sponsor: lines.read("sponsor", slug)?,
            party: lines.read("party", slug)?,
            key: lines.read("key", key)?,
            date: lines.read("date", day)?,
            expires: lines.read("expires", day)?,
        };
        lines.end(text, &read)?;
        Ok(read)
    }
}

impl fmt::Display for SponsorshipStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\nsponsor: {}", Self::KIND, self.sponsor)?;
        writeln!(f, "party: {}\nkey: {}", self.party, self.key)?;
        writeln!(f, "date: {}\nexpires: {}", self.date, self.expires)
    }
}

impl SignatureStatement {
    const KIND: &'static str = "entente-signature/v1";

    /// Reads the text.
    ///
    /// # Errors
    /// [`StatementError`] for the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        let mut lines = Lines::new(text, Self::KIND)?;
        let pledge = lines.read("pledge", slug)?;
        let version = lines.read("version", |text| {
            text.parse().map_err(|_| "is no number".to_owned())
        })?;
        let text_hash = lines.read("text-sha256", |text| {
            hash(text).ok_or_else(|| "64 hexadecimal digits in lower case".into())
        })?;
        let party = lines.read("party", slug)?;
        let domain = lines.maybe_read("domain", str::parse::<DomainName>)?;
        lines.read("stance", |text| match text {
            "signed" => Ok(()),
            _ => Err("what is signed is the stance 'signed'".to_owned()),
        })?;
        let mut reservations: Vec<Reservation> = Vec::new();
        while let Some(read) = lines.maybe_read("reservation", reservation)? {
            let rising = reservations
                .last()
                .is_none_or(|last| last.principle < read.principle);
            if !rising {
                lines.at -= 1;
                return Err(lines.wrong("reservations rise by principle, one for each at most"));
            }
            reservations.push(read);
        }
        let read = SignatureStatement {
            pledge,
            version,
            text: text_hash,
            party,
            domain,
            reservations,
            date: lines.read("date", day)?,
            expires: lines.read("expires", day)?,
        };
        lines.end(text, &read)?;
        Ok(read)
    }
}

impl fmt::Display for SignatureStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\npledge: {}", Self::KIND, self.pledge)?;
        writeln!(
            f,
            "version: {}\ntext-sha256: {}",
            self.version,
            hex(&self.text)
        )?;
        writeln!(f, "party: {}", self.party)?;
        if let Some(domain) = &self.domain {
            writeln!(f, "domain: {domain}")?;
        }
        writeln!(f, "stance: signed")?;
        for Reservation { principle, reason } in &self.reservations {
            let space = if reason.is_empty() { "" } else { " " };
            writeln!(f, "reservation: {principle}{space}{reason}")?;
        }
        writeln!(f, "date: {}\nexpires: {}", self.date, self.expires)
    }
}

/// `5` or `5 what it says`.
fn reservation(text: &str) -> Result<Reservation, String> {
    let (number, reason) = text.split_once(' ').unwrap_or((text, ""));
    Ok(Reservation {
        principle: number
            .parse()
            .map_err(|_| "the number of a principle, a space, and why".to_owned())?,
        reason: words(reason)?,
    })
}

/// 32 octets as 64 hexadecimal digits.
pub fn hex(octets: &[u8; 32]) -> String {
    octets
        .iter()
        .fold(String::with_capacity(64), |text, octet| {
            text + &format!("{octet:02x}")
        })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() != 64 || !text.bytes().all(lower) {
        return None;
    }
    let mut octets = [0; 32];
    for (octet, at) in octets.iter_mut().zip((0..64).step_by(2)) {
        *octet = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(octets)
}
