//! The calendar: what the steward sets, and what follows from it by itself.

use jiff::civil::Date;

use super::{fresh_id, is_open, known, today};
use crate::act::Error;
use crate::act::accession::deciding;
use crate::act::wording::check_words;
use crate::clock::Instant;
use crate::commitment::plan::{self, Move};
use crate::commitment::{
    Calendar, CalendarSet, CommitmentRecord, Letter, LetterRevoked, State, StateChange, words_of,
};
use crate::directory::Directory;
use crate::entry::Act;
use crate::node::Node;
use crate::pledge::{Basis, Precision, Stance, StanceChange};
use crate::policy::Caller;

/// Entries that are written at a time.
const AT_ONCE: usize = 500;
/// What stands in the source of a stance that follows from a delisting.
const SOURCE: &str = "the calendar of reports";

impl Node {
    /// Sets the calendar, for the steward. What was announced stays announced; a step is taken only
    /// when both its letter and the calendar say so.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`].
    pub async fn set_calendar(
        &self,
        caller: &Caller,
        calendar: Calendar,
        reason: String,
    ) -> Result<(), Error> {
        calendar.check().map_err(Error::Invalid)?;
        check_words("the reason", &reason)?;
        let decide = deciding(caller, move |directory, viewer, _| {
            viewer.stewards(directory, "")?;
            if directory.report_calendar() == calendar {
                return Ok(Vec::new());
            }
            Ok(vec![Act::SetCalendar(CalendarSet { calendar, reason })])
        });
        self.record(caller, decide).await
    }

    /// Takes all steps, and publishes all letters, that are due at `now`. The node itself does so, as
    /// its operator. What is there already is not done again; at an earlier time than before nothing
    /// is. Gives how many entries that made.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Storage`]: what was written stays, the next call goes on.
    pub async fn advance_commitments(&self, now: Instant) -> Result<usize, Error> {
        let mut written = 0;
        // A step, and the letter that announces the next one. Every entry makes the next plan
        // shorter, so this ends.
        while !plan(&self.directory(), now).is_empty() {
            let decide = Box::new(move |directory: &Directory, _| Ok(plan(directory, now)));
            let positions = self.record_at(&Caller::Operator, decide).await?;
            if positions.is_empty() {
                break;
            }
            written += positions.len();
        }
        Ok(written)
    }

    /// Announces that a commitment will be delisted for a reason of the steward's; the step follows by
    /// itself after the calendar's notice unless the letter is taken back.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] when it is
    /// delisted, over or taken back, or such a letter waits already.
    pub async fn announce_delisting(
        &self,
        caller: &Caller,
        id: &str,
        reason: String,
    ) -> Result<Letter, Error> {
        check_words("the reason", &reason)?;
        let wanted = id.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            viewer.stewards(directory, record.party())?;
            is_open(record)?;
            let pending = record.pending_decision();
            let before = pending.and_then(|letter| letter.held.what.reason.as_ref());
            if before == Some(&reason) {
                // It was sent again.
                return Ok(Vec::new());
            }
            if record.state() == State::Delisted || pending.is_some() {
                let words = "this commitment is delisted, or a letter says that it will be";
                return Err(Error::Conflict(words.into()));
            }
            let (today, calendar) = (today(directory, now), directory.report_calendar());
            let notice = jiff::Span::new().days(i64::from(calendar.notice));
            let letter = Letter {
                id: String::new(),
                commitment: wanted,
                party: record.party().to_owned(),
                from: record.state(),
                to: State::Delisted,
                due: None,
                date: today,
                on: today.saturating_add(notice),
                reason: Some(reason),
                words: String::new(),
            };
            Ok(vec![Act::Letter(worded(directory, record, letter))])
        });
        self.record(caller, decide).await?;
        let record = self.commitment(id)?;
        let letter = record.pending_decision();
        let letter = letter.map(|letter| letter.held.what.clone());
        letter.ok_or(Error::NotFound("letter"))
    }

    /// Takes a letter of the steward back, before its step was taken.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] for a letter of
    /// the calendar, which a report answers, and one that is no longer open.
    pub async fn revoke_letter(
        &self,
        caller: &Caller,
        letter: &str,
        reason: String,
    ) -> Result<(), Error> {
        check_words("the reason", &reason)?;
        let wanted = letter.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let missing = Error::NotFound("letter");
            let record = directory.commitments().of_statement(&wanted);
            let record = record.ok_or(missing.clone())?;
            viewer.stewards(directory, record.party())?;
            let letter = record.letter(&wanted).ok_or(missing)?;
            let revoked = letter.revoked.as_ref();
            if revoked.is_some_and(|revoked| revoked.what.reason == reason) {
                // It was sent again.
                return Ok(Vec::new());
            }
            let pending = record.pending_decision();
            if pending.is_none_or(|pending| pending.held.what.id != wanted) {
                let words =
                    "only a letter of the steward's own, whose step was not taken, is taken back";
                return Err(Error::Conflict(words.into()));
            }
            Ok(vec![Act::RevokeLetter(LetterRevoked {
                letter: wanted,
                date: today(directory, now),
                reason,
            })])
        });
        self.record(caller, decide).await
    }

    /// Makes a commitment active again, for the steward: what was due up to today is owed no more.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] when it is
    /// active, or taken back.
    pub async fn reinstate_commitment(
        &self,
        caller: &Caller,
        id: &str,
        reason: String,
    ) -> Result<CommitmentRecord, Error> {
        check_words("the reason", &reason)?;
        let wanted = id.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            viewer.stewards(directory, record.party())?;
            let last = record.states.last().map(|change| &change.what);
            let again = last.filter(|last| last.steward && last.to == State::Active);
            if again.is_some_and(|last| last.reason == reason) {
                // It was sent again.
                return Ok(Vec::new());
            }
            if record.withdrawn.is_some() || record.state() == State::Active {
                let words = "this commitment is active, or was withdrawn";
                return Err(Error::Conflict(words.into()));
            }
            let change = StateChange {
                commitment: wanted,
                party: record.party().to_owned(),
                from: record.state(),
                to: State::Active,
                date: today(directory, now),
                due: None,
                letter: None,
                report: None,
                reason,
                steward: true,
            };
            Ok(returned(directory, change))
        });
        self.record(caller, decide).await?;
        self.commitment(id)
    }
}

/// What is due at `now`, one move for each commitment.
fn plan(directory: &Directory, now: Instant) -> Vec<Act<'static>> {
    let (today, calendar) = (today(directory, now), directory.report_calendar());
    let mut acts = Vec::new();
    for record in directory.commitments().all() {
        // Who left owes nothing any more.
        if directory.stance(record.party(), today) == Some(Stance::Withdrawn) {
            continue;
        }
        match plan::next(record, &calendar, today) {
            Some(Move::Letter(letter)) => {
                acts.push(Act::Letter(worded(directory, record, letter)));
            }
            Some(Move::Step(change)) => {
                let stance = suspension(directory, &calendar, &change);
                acts.push(Act::CommitmentState(change));
                acts.extend(stance);
            }
            None => {}
        }
        if acts.len() >= AT_ONCE {
            break;
        }
    }
    acts
}

/// A letter with its id and its words.
fn worded(directory: &Directory, record: &CommitmentRecord, letter: Letter) -> Letter {
    let pledge = directory
        .pledge()
        .map_or("the pledge", |p| p.short_name.as_str());
    let party = directory.register().party(record.party());
    let party = party.map_or(record.party(), |party| party.name.as_str());
    let words = words_of(
        &letter,
        record.newest(),
        &directory.report_calendar(),
        pledge,
        party,
    );
    let id = fresh_id(directory);
    Letter {
        id,
        words,
        ..letter
    }
}

/// The suspension that follows from a delisting, where the calendar says so.
fn suspension(
    directory: &Directory,
    calendar: &Calendar,
    change: &StateChange,
) -> Option<Act<'static>> {
    let stance = directory.stance(&change.party, change.date)?;
    let supports = matches!(stance, Stance::Signed | Stance::Partner | Stance::InTalks);
    if change.to != State::Delisted || !calendar.suspends || !supports {
        return None;
    }
    let letter = change.letter.as_deref().unwrap_or_default();
    let note = format!(
        "The commitment {} was delisted: {} (letter {letter})",
        change.commitment, change.reason
    );
    Some(Act::Stance(follows(change, Stance::Suspended, note)))
}

/// That a commitment is active again, and the stance that its party had before a delisting
/// suspended it, when no other delisted commitment keeps it suspended.
pub(super) fn returned(directory: &Directory, change: StateChange) -> Vec<Act<'static>> {
    let stance = restored(directory, &change);
    let mut acts = vec![Act::CommitmentState(change)];
    acts.extend(stance);
    acts
}

fn restored(directory: &Directory, change: &StateChange) -> Option<Act<'static>> {
    let mut others = directory.commitments().of_party(&change.party);
    let delisted = |record: &CommitmentRecord| {
        record.id() != change.commitment
            && record.withdrawn.is_none()
            && record.state() == State::Delisted
    };
    let until = directory.register().history(&change.party).iter();
    let until: Vec<&StanceChange> = until.take_while(|c| c.since <= change.date).collect();
    let ours = |known: &&StanceChange| {
        known.stance == Stance::Suspended && known.source.as_deref() == Some(SOURCE)
    };
    // A suspension by somebody's decision is not this one's to lift.
    until.last().copied().filter(ours)?;
    if change.from != State::Delisted || others.any(delisted) {
        return None;
    }
    let before = until.iter().rev().find(|known| !ours(known))?;
    let note = format!(
        "The commitment {} is active again: {}",
        change.commitment, change.reason
    );
    Some(Act::Stance(follows(change, before.stance, note)))
}

fn follows(change: &StateChange, stance: Stance, note: String) -> StanceChange {
    let since: Date = change.date;
    StanceChange {
        party: change.party.clone(),
        stance,
        since,
        basis: Basis::Recorded,
        precision: Precision::Day,
        source: Some(SOURCE.to_owned()),
        note: Some(note),
    }
}
