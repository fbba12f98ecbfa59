//! The dates of a case: which runs, whom it waits for, and what the node does when it comes.
//!
//! Of each date there is a reminder at half of its time, one shortly before (24 hours, or a tenth of the
//! time where that is later), and one when it has passed; then it comes before the steward. After
//! downtime one reminder stands for those that were missed. All of it follows from the case alone.

use super::case::{
    CONTACT_DAYS, CONTEST_DAYS, Case, DRAFT_DAYS, EXPIRY_DAYS, Late, QUESTION_DAYS, RESTORE_DAYS,
    REVIEW_DAYS,
};
use super::machine::{Role, State};
use super::model::Step;
use crate::clock::{DAY, Instant};

/// A date that runs.
#[derive(Copy, Clone)]
struct Running {
    from: Instant,
    due: Instant,
    /// What is late once it has passed; none where it is the sender's.
    late: Option<Late>,
}

impl Running {
    /// When the reminder of a stage is due: at half of the time, shortly before, when it has passed.
    fn at(self, stage: u8) -> Instant {
        let length = (self.due.0 - self.from.0).max(0);
        match stage {
            0 => Instant(self.from.0 + length / 2),
            1 => Instant(self.due.0 - (length / 10).min(DAY)),
            _ => self.due,
        }
    }
}

impl Case {
    /// What the node has to do about dates now: the next of the steps of the clock.
    pub fn due(&self, now: Instant) -> Option<Step> {
        let (at, step) = self.next_due()?;
        (at <= now).then_some(step)
    }

    /// When the node has to do something next, and what.
    pub fn next_due(&self) -> Option<(Instant, Step)> {
        let close = |at, days| Some((after(at, days), Step::Close { words: None }));
        if let Some(running) = self.running() {
            if self.overdue.is_none() {
                let at = running.at(self.reminders);
                return Some((at, Step::Remind { due: running.due }));
            }
            if running.late.is_some() && self.escalated_for != running.late {
                return Some((running.due, Step::Escalate { words: None }));
            }
        }
        match self.state {
            State::Draft => Some((after(self.opened, DRAFT_DAYS), Step::Discard)),
            State::Sent | State::Acknowledged => {
                let due = self.deadline.as_ref()?.answer_by;
                Some((after(due, EXPIRY_DAYS), Step::Expire))
            }
            State::MoreInformation => close(self.waiting?, QUESTION_DAYS),
            State::Done | State::Declined => {
                let since = self.done.or(self.answered)?;
                let reviewed = self.reviewed.map_or(since, |review| review.at);
                close(since.max(reviewed), CONTEST_DAYS)
            }
            State::Expired => {
                let due = self.deadline.as_ref()?.answer_by;
                close(after(due, EXPIRY_DAYS), CONTEST_DAYS)
            }
            State::Closed if self.keeps_contacts() => {
                let kept = if self.is_sent() { CONTACT_DAYS } else { 0 };
                Some((after(self.closed?, kept), Step::Forget))
            }
            State::Accepted | State::Contested | State::Closed => None,
        }
    }

    /// The date that runs now.
    fn running(&self) -> Option<Running> {
        let run = |from, due, late| Some(Running { from, due, late });
        match self.state {
            State::Sent | State::Acknowledged => {
                let deadline = self.deadline.as_ref()?;
                let (from, due) = (deadline.from, deadline.answer_by);
                run(from, due, Some(Late::Answer))
            }
            State::Accepted => {
                let from = self.reviewed.map(|review| review.at).or(self.answered)?;
                run(from, self.done_by?, Some(Late::Deed))
            }
            State::MoreInformation => {
                let from = self.waiting?;
                run(from, after(from, QUESTION_DAYS), None)
            }
            State::Contested => {
                let from = self.contested?;
                run(from, after(from, REVIEW_DAYS), Some(Late::Review))
            }
            State::Closed if self.restore_waits() => {
                let from = self.reviewed?.at;
                run(from, after(from, RESTORE_DAYS), Some(Late::Restore))
            }
            _ => None,
        }
    }

    /// How many reminders of the date that runs are due at an instant.
    pub(super) fn stage(&self, at: Instant) -> u8 {
        let Some(running) = self.running() else {
            return 0;
        };
        let due = (0..3u8).filter(|stage| running.at(*stage) <= at);
        u8::try_from(due.count()).unwrap_or(u8::MAX)
    }

    /// What would be late, once the date that runs has passed.
    pub(super) fn late(&self) -> Option<Late> {
        self.running()?.late
    }

    /// Whether somebody is late: with an answer, with what was accepted, with a review, or with undoing
    /// what was reversed.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.state == State::Expired
            || self
                .running()
                .is_some_and(|running| running.late.is_some() && running.due < now)
    }

    /// Whose turn it is, and by when.
    pub fn waits_for(&self) -> Option<(Role, Option<Instant>)> {
        let by = self.running().map(|running| running.due);
        match self.state {
            State::Draft | State::MoreInformation => Some((Role::Sender, by)),
            State::Sent | State::Acknowledged | State::Accepted => Some((Role::Recipient, by)),
            State::Expired => Some((
                Role::Recipient,
                self.deadline.as_ref().map(|deadline| deadline.answer_by),
            )),
            State::Contested => Some((Role::Reviewer, by)),
            State::Closed => self.restore_waits().then_some((Role::Recipient, by)),
            State::Done | State::Declined => None,
        }
    }

    /// Whether it is before the steward: somebody is late or the sender asked for it, or it is contested.
    pub fn is_before_steward(&self) -> bool {
        self.state == State::Contested || self.escalated_for.is_some()
    }

    /// Whether something that was reversed is not undone yet.
    pub fn restore_waits(&self) -> bool {
        let done = self.done.is_some();
        done && self
            .reviewed
            .is_some_and(|review| !review.upheld && review.restored.is_none())
    }
}

fn after(at: Instant, days: i64) -> Instant {
    Instant(at.0.saturating_add(days * DAY))
}
