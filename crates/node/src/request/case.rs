//! A case: a request and what became of it, folded from its entries.

use serde::{Deserialize, Serialize};

use super::deadline::Deadline;
use super::machine::{Role, State, To, Verb, line_of, refusal};
use super::model::{Contact, Request, RequestStep, Step};
use crate::clock::Instant;
use crate::model::Marking;
use crate::words::words;

/// Days after it was done, declined or reversed in which it can be contested (DSA, Article 20(1): six
/// months).
pub const CONTEST_DAYS: i64 = 183;
/// Days after the deadline without an answer after which a request expires.
pub const EXPIRY_DAYS: i64 = 7;
const DAY: i64 = 86_400_000_000;

words! {
    /// How a case went.
    Outcome, "outcome";
    /// Nothing was decided yet.
    Open = "open", "Open";
    /// It was accepted, and is not done yet.
    Accepted = "accepted", "Accepted";
    /// It was done.
    Done = "done", "Done";
    /// It was declined.
    Declined = "declined", "Declined";
    /// It was contested, and what was done does not stand.
    Reversed = "reversed", "Reversed";
    /// The sender took it back.
    Withdrawn = "withdrawn", "Withdrawn";
    /// Nobody answered in time, nor since.
    Unanswered = "unanswered", "Unanswered";
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The position of its entry.
    pub position: u64,
    /// When.
    pub at: Instant,
    /// The party that took it; [`AFFECTED`] for who holds the link, the operator for the clock.
    pub party: String,
    /// The account.
    pub account: String,
    /// As whom.
    pub role: Role,
    /// Where it led.
    pub state: State,
    /// What was done.
    pub step: Step,
}

/// The party under which entries by whoever holds the link to contest stand. No party can have this id: it is no slug.
pub const AFFECTED: &str = "@affected";
/// The account under which the node acts when a date has come.
pub const CLOCK: &str = "clock";

/// A request and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The position of the entry that opened it.
    pub position: u64,
    /// What is asked.
    pub request: Request,
    /// The account that wrote it.
    pub author: String,
    /// When it was opened.
    pub opened: Instant,
    /// The newest step.
    pub changed: Instant,
    /// The position of the newest step.
    pub last: u64,
    /// Steps taken.
    pub steps: u32,
    /// Where it stands.
    pub state: State,
    /// Where it stood before it was contested.
    pub before: Option<State>,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// When the recipient acted on it first, in whatever way.
    pub acknowledged: Option<Instant>,
    /// When it was accepted or declined first.
    pub answered: Option<Instant>,
    /// Whether that was in time.
    pub in_time: bool,
    /// Microseconds for which the clock stood still, until [`Case::answered`].
    pub paused: i64,
    /// Since when the recipient waits for the sender.
    pub waiting: Option<Instant>,
    /// By when it is to be answered now.
    pub deadline: Option<Deadline>,
    /// By when the recipient said it would be done.
    pub done_by: Option<Instant>,
    /// When it was done.
    pub done: Option<Instant>,
    /// The account of the recipient that accepted or declined it, or did it: it reviews nothing.
    pub decider: Option<String>,
    /// When it was contested last.
    pub contested: Option<Instant>,
    /// How a contest ended last.
    pub reviewed: Option<Review>,
    /// When it was brought before the steward.
    pub escalated: Option<Instant>,
    /// Reminders of the deadline that runs.
    pub reminders: u8,
    /// When the deadline that runs was reminded of as passed.
    pub overdue: Option<Instant>,
    /// The link to contest.
    pub link: Option<Link>,
    /// How it went.
    pub outcome: Outcome,
}

/// How a contest ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Whether it stands.
    pub upheld: bool,
    /// When.
    pub at: Instant,
    /// When what was reversed was undone.
    pub restored: Option<Instant>,
}

/// A link by which the affected can contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// SHA-256 of its secret.
    pub hash: [u8; 32],
    /// Until when it works.
    pub expires: Instant,
}

impl Case {
    /// The case that a request opens.
    pub fn open(position: u64, at: Instant, account: &str, request: &Request) -> Self {
        let sent = request.deadline.as_ref().map(|_| at);
        Case {
            position,
            author: account.to_owned(),
            opened: at,
            changed: at,
            last: position,
            steps: 0,
            state: if sent.is_some() {
                State::Sent
            } else {
                State::Draft
            },
            before: None,
            sent,
            acknowledged: None,
            answered: None,
            in_time: false,
            paused: 0,
            waiting: None,
            deadline: request.deadline.clone(),
            done_by: request
                .deadline
                .as_ref()
                .and_then(|deadline| deadline.done_by),
            done: None,
            decider: None,
            contested: None,
            reviewed: None,
            escalated: None,
            reminders: 0,
            overdue: None,
            link: None,
            outcome: Outcome::Open,
            request: request.clone(),
        }
    }

    /// Whether a step may be taken by this role now; the account tells whether a pair of eyes is a
    /// second one.
    ///
    /// # Errors
    /// Why not, in words for who took it.
    pub fn check(&self, verb: Verb, role: Role) -> Result<(), String> {
        if line_of(self.state, verb, role).is_none() {
            return Err(refusal(self.state, verb, role));
        }
        match verb {
            Verb::Restore if self.reviewed.is_none_or(|review| review.upheld) => {
                Err("nothing was reversed here that could be restored".into())
            }
            Verb::Restore
                if self
                    .reviewed
                    .is_some_and(|review| review.restored.is_some()) =>
            {
                Err("it is restored already".into())
            }
            Verb::Escalate if self.escalated.is_some() => {
                Err("it is before the steward already".into())
            }
            _ => Ok(()),
        }
    }

    /// Takes a step. Pure: it depends on the entry alone. What the table does not have changes nothing.
    pub fn take(&mut self, position: u64, at: Instant, account: &str, role: Role, step: &Step) {
        let Some(line) = line_of(self.state, step.verb(), role) else {
            return;
        };
        self.changed = at;
        self.last = position;
        self.steps = self.steps.saturating_add(1);
        if role == Role::Recipient {
            self.acknowledged.get_or_insert(at);
        }
        match step {
            Step::Send { deadline } => {
                self.sent = Some(at);
                self.run(deadline);
                self.done_by = deadline.done_by;
            }
            Step::Accept { done_by, .. } => {
                self.answer(at, account, Outcome::Accepted);
                self.done_by = done_by.or(self.done_by);
                (self.reminders, self.overdue) = (0, None);
            }
            Step::Decline { .. } => self.answer(at, account, Outcome::Declined),
            Step::Ask { .. } => self.waiting = Some(at),
            Step::Answer { deadline, .. } => {
                self.resume(at);
                self.run(deadline);
            }
            Step::Done { .. } => {
                self.done = Some(at);
                self.decider = Some(account.to_owned());
                self.outcome = Outcome::Done;
            }
            Step::Link { hash, expires } => {
                let (hash, expires) = (*hash, *expires);
                self.link = Some(Link { hash, expires });
            }
            Step::Contest { .. } => {
                self.contested = Some(at);
                self.before = Some(self.state);
                (self.reminders, self.overdue) = (0, None);
            }
            Step::Uphold { .. } => self.review(at, true),
            Step::Reverse { .. } => {
                self.review(at, false);
                self.outcome = Outcome::Reversed;
            }
            Step::Restore { .. } => {
                if let Some(review) = &mut self.reviewed {
                    review.restored.get_or_insert(at);
                }
            }
            Step::Withdraw { .. } | Step::Discard => self.outcome = Outcome::Withdrawn,
            Step::Remind { due } => {
                self.reminders = self.reminders.saturating_add(1);
                if *due <= at {
                    self.overdue = Some(at);
                }
            }
            Step::Escalate { .. } => {
                self.escalated.get_or_insert(at);
            }
            Step::Expire => self.outcome = Outcome::Unanswered,
            Step::Acknowledge { .. } | Step::Close { .. } | Step::Note { .. } => {}
        }
        self.state = match line.to {
            To::State(state) => state,
            To::Same => self.state,
            To::Before => self.before.take().unwrap_or(State::Done),
        };
    }

    /// A deadline runs from now on.
    fn run(&mut self, deadline: &Deadline) {
        self.deadline = Some(deadline.clone());
        (self.reminders, self.overdue) = (0, None);
    }

    /// The sender answered: what it took does not count against the recipient.
    fn resume(&mut self, at: Instant) {
        if let Some(since) = self.waiting.take() {
            self.paused = self.paused.saturating_add((at.0 - since.0).max(0));
        }
    }

    fn answer(&mut self, at: Instant, account: &str, outcome: Outcome) {
        if self.answered.is_none() {
            self.answered = Some(at);
            let due = self.deadline.as_ref().map(|deadline| deadline.answer_by);
            self.in_time = self.outcome == Outcome::Open && due.is_none_or(|due| at <= due);
        }
        self.decider = Some(account.to_owned());
        self.outcome = outcome;
    }

    fn review(&mut self, at: Instant, upheld: bool) {
        self.reviewed = Some(Review {
            upheld,
            at,
            restored: None,
        });
        (self.reminders, self.overdue) = (0, None);
    }

    /// How long the recipient took to answer, in microseconds, without the time it waited for the
    /// sender.
    pub fn answer_time(&self) -> Option<i64> {
        let (sent, answered) = (self.sent?, self.answered?);
        Some((answered.0 - sent.0 - self.paused).max(0))
    }

    /// What the node has to do about dates now, and nothing else: the next of the steps of the clock.
    pub fn due(&self, now: Instant) -> Option<Step> {
        let (at, step) = self.next_due()?;
        (at <= now).then_some(step)
    }

    /// When the node has to do something next, and what.
    pub fn next_due(&self) -> Option<(Instant, Step)> {
        let answer_by = self.deadline.as_ref().map(|deadline| deadline.answer_by);
        match self.state {
            State::Sent | State::Acknowledged => {
                let due = answer_by?;
                if self.overdue.is_some() {
                    if self.escalated.is_none() {
                        return Some((due, Step::Escalate { words: None }));
                    }
                    return Some((after(due, EXPIRY_DAYS), Step::Expire));
                }
                let from = self.deadline.as_ref().map_or(due, |deadline| deadline.from);
                Some(self.reminder(from, due))
            }
            State::Accepted => {
                let due = self.done_by?;
                if self.overdue.is_some() {
                    let escalate = Step::Escalate { words: None };
                    return self.escalated.is_none().then_some((due, escalate));
                }
                Some(self.reminder(self.answered.unwrap_or(due), due))
            }
            State::MoreInformation => {
                // The sender's silence ends a request as well.
                Some((after(self.waiting?, CONTEST_DAYS), Step::Expire))
            }
            State::Done | State::Declined => {
                let since = self.done.or(self.answered)?;
                let reviewed = self.reviewed.map_or(since, |review| review.at);
                let since = since.max(reviewed);
                Some((after(since, CONTEST_DAYS), Step::Close { words: None }))
            }
            State::Draft | State::Contested | State::Closed | State::Expired => None,
        }
    }

    /// The next reminder before a date, or of its having passed.
    fn reminder(&self, from: Instant, due: Instant) -> (Instant, Step) {
        let half = Instant(from.0 + (due.0 - from.0).max(0) / 2);
        let at = if self.reminders == 0 { half } else { due };
        (at, Step::Remind { due })
    }

    /// Whether somebody is late: with an answer, or with what was accepted.
    pub fn is_overdue(&self, now: Instant) -> bool {
        let by = match self.state {
            State::Sent | State::Acknowledged => self.deadline.as_ref().map(|d| d.answer_by),
            State::Accepted => self.done_by,
            State::Expired => return true,
            _ => None,
        };
        by.is_some_and(|by| by < now)
    }

    /// Whether it was sent: a draft is its sender's alone.
    pub fn is_sent(&self) -> bool {
        self.sent.is_some()
    }

    /// Whether who asks whom for what is told in public. What is marked RED is counted without names.
    pub fn is_named(&self) -> bool {
        self.is_sent() && self.request.marking != Marking::Red
    }

    /// Leaves its facts alone: who asked whom for what kind of thing, when, and where it stands.
    pub(crate) fn hide_words(&mut self) {
        let request = &mut self.request;
        request.title.clear();
        request.words.clear();
        request.targets.clear();
        request.signals.clear();
        request.ground = None;
        request.contact = None::<Contact>;
        request.evidence.clear();
        request.reference = None;
    }

    /// What every step of it says of the request.
    pub fn step(&self, by: Role, step: Step, key: Option<[u8; 16]>) -> RequestStep {
        let request = &self.request;
        RequestStep {
            request: request.id.clone(),
            from: request.from.clone(),
            to: request.to.clone(),
            kind: request.kind,
            marking: request.marking,
            by,
            key,
            step,
        }
    }
}

impl Case {
    /// Whose turn it is, and by when.
    pub fn waits_for(&self) -> Option<(Role, Option<Instant>)> {
        let answer_by = self.deadline.as_ref().map(|deadline| deadline.answer_by);
        match self.state {
            State::Draft | State::MoreInformation => Some((Role::Sender, None)),
            State::Sent | State::Acknowledged | State::Expired => {
                Some((Role::Recipient, answer_by))
            }
            State::Accepted => Some((Role::Recipient, self.done_by)),
            State::Contested => Some((Role::Reviewer, None)),
            State::Closed => self.restore_waits().then_some((Role::Recipient, None)),
            State::Done | State::Declined => None,
        }
    }

    /// Whether it came before the steward and is not over: nobody answered, or it is contested.
    pub fn is_before_steward(&self) -> bool {
        match self.state {
            State::Contested => true,
            State::Sent | State::Acknowledged | State::Accepted => self.escalated.is_some(),
            _ => false,
        }
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
