//! Commitments: a party promises something under a principle, amends it, takes it back; reports on it,
//! is judged, and answers; and the calendar goes on.

pub mod calendar;
mod counted;
pub mod reading;
pub mod report;
pub mod security;

use jiff::civil::Date;

use crate::accession::Side;
use crate::act::Error;
use crate::act::accession::{deciding, may_record_for, new_id};
use crate::act::idempotency;
use crate::act::wording::{check_words, one_line};
use crate::clock::Instant;
use crate::commitment::{
    Amount, Commitment, CommitmentRecord, Evidence, INTERVALS, MOST_EVIDENCE, MOST_OPEN, Measure,
    State, Target, WithdrawnCommitment,
};
use crate::directory::Directory;
use crate::entry::Act;
use crate::node::Node;
use crate::pledge::Stance;
use crate::policy::{Caller, Viewer};

/// Versions of a commitment.
const MOST_VERSIONS: usize = 50;
/// Years that a due day may lie ahead.
const MOST_YEARS: i32 = 15;
/// Octets of what is measured, and of its unit.
const MOST_MEASURE: usize = 300;

/// What a party commits itself to, or amends it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What is promised.
    pub words: String,
    /// What shows how far it is.
    pub measure: Measure,
    /// Where the indicator stands now.
    pub baseline: Option<Amount>,
    /// Where it should stand on the due day.
    pub target: Option<Target>,
    /// The day it is to be carried out.
    pub due: Date,
    /// Months between reports; none for the calendar's days.
    pub every: Option<u8>,
}

/// A commitment to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommitment {
    /// The party, by its id or name.
    pub party: String,
    /// The principle's number.
    pub principle: u16,
    /// What it is.
    pub terms: Terms,
    /// Where it is known from, when the steward records it for a party without an account.
    pub source: Option<String>,
    /// The day it was made, when the steward records it; today otherwise.
    pub date: Option<Date>,
    /// What is sent again with the same key is done once.
    pub key: Option<String>,
}

impl Node {
    /// Makes a commitment: for the party itself, or for the steward who names a source when the party
    /// has no account here.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] for an unknown party or principle; [`Error::Invalid`];
    /// [`Error::Conflict`] when the party's stance takes no commitment, or it has too many.
    pub async fn commit(
        &self,
        caller: &Caller,
        new: NewCommitment,
    ) -> Result<CommitmentRecord, Error> {
        check_terms(&new.terms)?;
        check_source(new.source.as_deref())?;
        let party = self.party_id(&new.party)?;
        let day = self.day(new.date)?;
        let sending = Sending::new(&self.directory(), caller, new.key.as_deref())?;
        let made = sending.clone();
        let decide = deciding(caller, move |directory, viewer, now| {
            let source = speaking(directory, viewer, &party, now, new.source)?;
            if let Some(id) = sending.before(directory)? {
                // A statement is no commitment.
                let record = directory.commitments().get(id);
                return done_before(record.is_some_and(|record| {
                    let first = &record.first().what;
                    first.party == party
                        && first.principle == new.principle
                        && same(first, &new.terms)
                }));
            }
            let today = today(directory, now);
            if source.is_none() && new.date.is_some_and(|date| date != today) {
                let words = "a commitment is made on the day it is sent: leave the date out";
                return Err(Error::Invalid(words.into()));
            }
            let pledge = directory.pledge().ok_or(Error::NotFound("pledge"))?;
            pledge
                .principle(new.principle)
                .ok_or(Error::NotFound("principle"))?;
            if day < pledge.adopted {
                let words = format!(
                    "{day} is before the pledge was adopted on {}",
                    pledge.adopted
                );
                return Err(Error::Invalid(words));
            }
            takes_commitments(directory, &party, today)?;
            let open = directory.commitments().of_party(&party);
            if open.filter(|record| record.is_open()).count() >= MOST_OPEN {
                let words = format!("a party has {MOST_OPEN} open commitments at most");
                return Err(Error::Conflict(words));
            }
            let date = if source.is_some() { day } else { today };
            check_due(new.terms.due, date)?;
            Ok(vec![Act::Commit(version(
                (sending.id, 1, sending.key),
                (party, new.principle),
                new.terms,
                (date, None, source),
            ))])
        });
        self.record(caller, decide).await?;
        self.commitment(&made.given(&self.directory()))
    }

    /// Amends a commitment: a version that stands beside those before.
    ///
    /// # Errors
    /// As [`Node::commit`]; [`Error::Conflict`] also when it is over or taken back, or a report is due:
    /// what is owed is not amended away.
    pub async fn amend_commitment(
        &self,
        caller: &Caller,
        id: &str,
        terms: Terms,
        reason: String,
        source: Option<String>,
    ) -> Result<CommitmentRecord, Error> {
        check_terms(&terms)?;
        check_words("the reason", &reason)?;
        check_source(source.as_deref())?;
        let wanted = id.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            let source = speaking(directory, viewer, record.party(), now, source)?;
            is_open(record)?;
            let newest = record.newest();
            if newest.reason.as_ref() == Some(&reason) && same(newest, &terms) {
                // It was sent again.
                return Ok(Vec::new());
            }
            let today = today(directory, now);
            if let Some(due) = record.next_due(&directory.report_calendar())
                && due <= today
                && record.runs()
            {
                let words = format!("a report has been due since {due}: report first");
                return Err(Error::Conflict(words));
            }
            if record.versions().count() >= MOST_VERSIONS {
                let words = format!("a commitment has {MOST_VERSIONS} versions at most");
                return Err(Error::Conflict(words));
            }
            check_due(terms.due, today)?;
            Ok(vec![Act::Commit(version(
                (wanted, newest.version.saturating_add(1), None),
                (newest.party.clone(), newest.principle),
                terms,
                (today, Some(reason), source),
            ))])
        });
        self.record(caller, decide).await?;
        self.commitment(id)
    }

    /// Takes a commitment back; it stays readable, with the reason.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Conflict`] when it is over
    /// or was taken back, and while it is not active: what is owed is not taken away.
    pub async fn withdraw_commitment(
        &self,
        caller: &Caller,
        id: &str,
        reason: String,
        source: Option<String>,
    ) -> Result<CommitmentRecord, Error> {
        check_words("the reason", &reason)?;
        check_source(source.as_deref())?;
        let wanted = id.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            let source = speaking(directory, viewer, record.party(), now, source)?;
            let gone = record.withdrawn.as_ref();
            if gone.is_some_and(|gone| gone.what.reason == reason) {
                // It was sent again.
                return Ok(Vec::new());
            }
            is_open(record)?;
            if record.state() != State::Active {
                let is = record.state();
                let words = match record.states.last().filter(|last| last.what.steward) {
                    Some(_) => {
                        format!("this commitment is {is} by the steward, who may reinstate it")
                    }
                    None => format!("this commitment is {is}: report first"),
                };
                return Err(Error::Conflict(words));
            }
            Ok(vec![Act::WithdrawCommitment(WithdrawnCommitment {
                commitment: wanted,
                date: today(directory, now),
                reason,
                source,
            })])
        });
        self.record(caller, decide).await?;
        self.commitment(id)
    }

    /// A commitment by its id. Everybody sees all of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn commitment(&self, id: &str) -> Result<CommitmentRecord, Error> {
        known(&self.directory(), id).cloned()
    }
}

/// What names something that is sent: a random id, and the digest of its idempotency key, so that what is
/// sent twice is taken once, on whatever node and after whatever crash.
#[derive(Clone, Debug)]
struct Sending {
    id: String,
    key: Option<[u8; 16]>,
}

impl Sending {
    /// # Errors
    /// [`Error::Invalid`] for what is no key.
    fn new(directory: &Directory, caller: &Caller, key: Option<&str>) -> Result<Self, Error> {
        let party = caller.party().unwrap_or_default();
        let key = key.map(|key| idempotency::digest("commitment", party, key));
        let (id, key) = (fresh_id(directory), key.transpose()?);
        Ok(Sending { id, key })
    }

    /// The id of what was sent with the same key.
    ///
    /// # Errors
    /// [`Error::Busy`] when the random id was taken meanwhile.
    fn before<'d>(&self, directory: &'d Directory) -> Result<Option<&'d str>, Error> {
        let all = directory.commitments();
        match self.key.and_then(|key| all.sent_with(&key)) {
            None if all.is_taken(&self.id) => Err(Error::Busy),
            known => Ok(known),
        }
    }

    /// The id of what was written, now or when it was sent before.
    fn given(self, directory: &Directory) -> String {
        let known = self
            .key
            .and_then(|key| directory.commitments().sent_with(&key));
        known.map_or(self.id, str::to_owned)
    }
}

/// A random id that nothing has.
fn fresh_id(directory: &Directory) -> String {
    let mut id = new_id();
    while directory.commitments().is_taken(&id) {
        id = new_id();
    }
    id
}

/// What was sent again is done already; a key that was used for something else is no second one's.
fn done_before(same: bool) -> Result<Vec<Act<'static>>, Error> {
    if same {
        return Ok(Vec::new());
    }
    let words = "this Idempotency-Key was used for something else";
    Err(Error::Conflict(words.into()))
}

/// Whether a version says what is sent.
fn same(version: &Commitment, terms: &Terms) -> bool {
    version.words == terms.words
        && version.measure == terms.measure
        && (version.baseline, version.target) == (terms.baseline, terms.target)
        && (version.due, version.every) == (terms.due, terms.every)
}

fn version(
    (id, number, key): (String, u32, Option<[u8; 16]>),
    (party, principle): (String, u16),
    terms: Terms,
    (date, reason, source): (Date, Option<String>, Option<String>),
) -> Commitment {
    Commitment {
        id,
        version: number,
        party,
        principle,
        words: terms.words,
        measure: terms.measure,
        baseline: terms.baseline,
        target: terms.target,
        due: terms.due,
        every: terms.every,
        date,
        reason,
        source,
        key,
    }
}

/// The day on which something is decided: a clock that jumps back stands still.
fn today(directory: &Directory, now: Instant) -> Date {
    directory.commitments().now(now).day()
}

fn known<'d>(directory: &'d Directory, id: &str) -> Result<&'d CommitmentRecord, Error> {
    let record = directory.commitments().get(id);
    record.ok_or(Error::NotFound("commitment"))
}

/// Whether the caller speaks for a party; gives the source when it is the steward who records what the
/// party said elsewhere.
fn speaking(
    directory: &Directory,
    viewer: &Viewer,
    party: &str,
    now: Instant,
    source: Option<String>,
) -> Result<Option<String>, Error> {
    match viewer.speaks(directory, party)? {
        Side::Party => Ok(None),
        Side::Steward => {
            may_record_for(directory, party, now, source.as_deref())?;
            Ok(source)
        }
    }
}

fn is_open(record: &CommitmentRecord) -> Result<(), Error> {
    let words = match &record.withdrawn {
        Some(withdrawn) => format!("this commitment was withdrawn on {}", withdrawn.what.date),
        None if record.is_over() => {
            format!(
                "this commitment ended on {}: make another",
                record.newest().due
            )
        }
        None => return Ok(()),
    };
    Err(Error::Conflict(words))
}

/// Whether a party may commit itself: who supports the pledge, or talks about it.
fn takes_commitments(directory: &Directory, party: &str, today: Date) -> Result<(), Error> {
    match directory.stance(party, today) {
        Some(Stance::Signed | Stance::Partner | Stance::InTalks) => Ok(()),
        stance => {
            let is = stance.map_or("without a stance", Stance::as_str);
            Err(Error::Conflict(format!(
                "this party is {is}: who signed, is a partner or in talks commits itself"
            )))
        }
    }
}

fn check_due(due: Date, from: Date) -> Result<(), Error> {
    let latest = from.saturating_add(jiff::Span::new().years(MOST_YEARS));
    if due <= from || due > latest {
        return Err(Error::Invalid(format!(
            "due: {due} is not within the {MOST_YEARS} years after {from}"
        )));
    }
    Ok(())
}

fn check_terms(terms: &Terms) -> Result<(), Error> {
    check_words("the commitment", &terms.words)?;
    if let Measure::SelfReported { description, unit } = &terms.measure {
        for (what, text) in [("what is measured", description), ("its unit", unit)] {
            one_line(what, text, MOST_MEASURE)?;
        }
    }
    match terms.every {
        Some(months) if !INTERVALS.contains(&months) => Err(Error::Invalid(
            "every: reports come every 1, 3, 6 or 12 months, or on the calendar's days".into(),
        )),
        _ => Ok(()),
    }
}

fn check_source(source: Option<&str>) -> Result<(), Error> {
    source.map_or(Ok(()), |source| check_words("the source", source))
}

/// Whether links are `https` URLs, and digests are digests.
fn check_evidence(evidence: &[Evidence]) -> Result<(), Error> {
    const LONGEST: usize = 1000;
    if evidence.len() > MOST_EVIDENCE {
        let words = format!("at most {MOST_EVIDENCE} links to evidence");
        return Err(Error::Invalid(words));
    }
    for one in evidence {
        let host = one.url.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        let is_plain = one.url.bytes().all(|b| b.is_ascii_graphic());
        if host.is_empty() || host.contains('@') || !is_plain || one.url.len() > LONGEST {
            return Err(Error::Invalid(format!(
                "'{}' is no link to evidence: use an https URL in ASCII, of at most {LONGEST} octets",
                one.url.escape_debug()
            )));
        }
        let is_digest = |text: &String| {
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if one.sha256.as_ref().is_some_and(|text| !is_digest(text)) {
            let words = "sha256: 64 hexadecimal digits in lower case";
            return Err(Error::Invalid(words.into()));
        }
    }
    Ok(())
}
