//! What the calendar does next: decided from the record and a day, without a clock.
//!
//! Each step has its letter first, published at least the calendar's notice before. What was missed
//! while a node was down is not made up for in one go: the letter comes when the node is back, the step
//! when its notice is over, and the next letter after that.

use jiff::civil::Date;

use super::calendar::plus;
use super::{Calendar, CommitmentRecord, Letter, State, StateChange};

/// What is next for a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// A letter is published; its id is still to be drawn, and its words to be written
    /// ([`super::words_of`]).
    Letter(Letter),
    /// The step that a letter announced is taken.
    Step(StateChange),
}

/// What is next for a commitment today; none when it is not yet time for anything.
pub fn next(record: &CommitmentRecord, calendar: &Calendar, today: Date) -> Option<Move> {
    if !record.runs() {
        return None;
    }
    let from = record.state();
    if let Some(letter) = record.pending_decision()
        && from != State::Delisted
        && letter.held.what.on <= today
    {
        let letter = &letter.held.what;
        let reason = letter.reason.clone().unwrap_or_default();
        return Some(Move::Step(StateChange {
            steward: true,
            ..step(record, letter, today, reason)
        }));
    }
    let to = from.next()?;
    let due = match from {
        State::Active => record.next_due(calendar)?,
        _ => record.states.last()?.what.due?,
    };
    let earliest = plus(due, i32::from(calendar.grace(to)));
    let since = record.states.last().map(|change| change.position);
    let letter = record.letters.iter().rev().find(|letter| {
        let what = &letter.held.what;
        let is_new = since.is_none_or(|since| letter.held.position > since);
        is_new && what.to == to && what.due == Some(due) && letter.revoked.is_none()
    });
    let notice = i32::from(calendar.notice);
    match letter.map(|letter| &letter.held.what) {
        Some(letter) if letter.on <= today && earliest <= today => {
            let reason = format!(
                "No report came by {today}. It was due on {due}, and the letter of {} announced this.",
                letter.date
            );
            Some(Move::Step(step(record, letter, today, reason)))
        }
        None if plus(earliest, -notice) <= today => Some(Move::Letter(Letter {
            id: String::new(),
            commitment: record.id().to_owned(),
            party: record.party().to_owned(),
            from,
            to,
            due: Some(due),
            date: today,
            on: earliest.max(plus(today, notice)),
            reason: None,
            words: String::new(),
        })),
        // Its letter is out, or it is too early for one.
        _ => None,
    }
}

fn step(record: &CommitmentRecord, letter: &Letter, today: Date, reason: String) -> StateChange {
    StateChange {
        commitment: record.id().to_owned(),
        party: record.party().to_owned(),
        from: record.state(),
        to: letter.to,
        date: today,
        due: letter.due,
        letter: Some(letter.id.clone()),
        report: None,
        reason,
        steward: false,
    }
}
