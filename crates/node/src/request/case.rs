//! A case: a request and what became of it, folded from its entries.

use serde::{Deserialize, Serialize};

use super::deadline::Deadline;
use super::machine::{Role, State, To, Verb, line_of, refusal};
use super::model::{Kind, Request, RequestStep, Step};
use crate::clock::Instant;
use crate::model::Marking;
use crate::words::words;

/// Days after it was done, declined or reversed in which it can be contested (DSA, Article 20(1): six
/// months).
pub const CONTEST_DAYS: i64 = 183;
/// Days after the deadline without an answer after which a request expires.
pub const EXPIRY_DAYS: i64 = 7;
/// Days in which whoever reviews is to decide on a contest (DSA, Article 20(4): in a timely manner).
pub const REVIEW_DAYS: i64 = 14;
/// Days in which what was reversed is to be undone (DSA, Article 20(4): without undue delay).
pub const RESTORE_DAYS: i64 = 7;
/// Days in which the sender is to answer a question; then the case ends.
pub const QUESTION_DAYS: i64 = 30;
/// Days for which a draft is kept.
pub const DRAFT_DAYS: i64 = 90;
/// Days after its end for which a case keeps whom to ask and who contested: the time to contest, and
/// thirty days more.
pub const CONTACT_DAYS: i64 = CONTEST_DAYS + 30;

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
    /// The recipient asked back, and the sender did not answer.
    Lapsed = "lapsed", "Lapsed";
}

words! {
    /// Why a case came before the steward.
    Late, "reason";
    /// It was not answered in time.
    Answer = "answer", "No answer in time";
    /// What was accepted was not done in time.
    Deed = "deed", "Accepted, and not done in time";
    /// A contest was not decided in time.
    Review = "review", "A contest is not decided";
    /// What was reversed was not undone in time.
    Restore = "restore", "Reversed, and not undone";
    /// The sender asked for it.
    Asked = "asked", "The sender asks for it";
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
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
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
    /// The account of the recipient that accepted or declined it, or did it, last.
    pub decider: Option<String>,
    /// All accounts that did: they review nothing.
    pub deciders: Vec<String>,
    /// When it was contested last.
    pub contested: Option<Instant>,
    /// How a contest ended last.
    pub reviewed: Option<Review>,
    /// When it was brought before the steward first.
    pub escalated: Option<Instant>,
    /// Why it is before the steward now: none once whatever was late was done.
    pub escalated_for: Option<Late>,
    /// How far reminders of the date that runs are: one at half of the time, one shortly before.
    pub reminders: u8,
    /// When the deadline that runs was reminded of as passed.
    pub overdue: Option<Instant>,
    /// The link to contest.
    pub link: Option<Link>,
    /// When it ended.
    pub closed: Option<Instant>,
    /// Whom to ask and who contested, as far as entries say: salted commitments; none once they are
    /// forgotten.
    pub contacts: Vec<[u8; 32]>,
    /// Whether somebody was named, and is forgotten.
    pub forgotten: bool,
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
    /// Whether it was used: one contest a link, a new link for new facts.
    pub used: bool,
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
            deciders: Vec::new(),
            contested: None,
            reviewed: None,
            escalated: None,
            escalated_for: None,
            reminders: 0,
            overdue: None,
            link: None,
            closed: None,
            contacts: request.contact_mark.into_iter().collect(),
            forgotten: false,
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
            Verb::Escalate if !self.may_escalate(role) => {
                Err("it is before the steward already".into())
            }
            // Who had something removed does not end the time in which that can be contested.
            Verb::Close
                if role == Role::Sender
                    && self.state == State::Done
                    && self.request.kind == Kind::Takedown =>
            {
                Err(
                    "what was removed can be contested: the case ends by itself when that time is over"
                        .into(),
                )
            }
            Verb::Contest if self.link.as_ref().is_none_or(|link| link.used) => Err(
                "this link was used: ask whoever gave it to you for a new one, with what is new"
                    .into(),
            ),
            Verb::Forget if !self.keeps_contacts() => Err("nobody is named here".into()),
            _ => Ok(()),
        }
    }

    /// Whether a step comes in time: a question after the deadline would make silence the sender's.
    ///
    /// # Errors
    /// Why not, in words for who took it.
    pub fn check_time(&self, verb: Verb, now: Instant) -> Result<(), String> {
        if verb == Verb::Ask && self.has_passed(now) {
            return Err("the deadline has passed: accept or decline".into());
        }
        Ok(())
    }

    /// Whether it was to be answered before an instant.
    fn has_passed(&self, at: Instant) -> bool {
        let deadline = self.deadline.as_ref();
        deadline.is_some_and(|deadline| deadline.answer_by < at)
    }

    /// Whether it is news for the steward.
    fn may_escalate(&self, role: Role) -> bool {
        match self.late() {
            Some(late) if role == Role::Clock => self.escalated_for != Some(late),
            _ => self.escalated_for.is_none(),
        }
    }

    /// Whether somebody is named beside the journal.
    pub fn keeps_contacts(&self) -> bool {
        !self.contacts.is_empty()
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
        match role {
            Role::Clock => self.take_date(at, step),
            Role::Affected | Role::Reviewer => self.take_review(at, step),
            Role::Sender | Role::Recipient | Role::Steward => self.take_side(at, account, step),
        }
        self.state = match line.to {
            To::State(state) => state,
            To::Same => self.state,
            To::Before => self.before.take().unwrap_or(State::Done),
        };
        if self.state == State::Closed {
            self.closed.get_or_insert(at);
        }
    }

    /// A step of the two sides, or of the steward.
    fn take_side(&mut self, at: Instant, account: &str, step: &Step) {
        match step {
            Step::Send { deadline } => {
                self.sent = Some(at);
                self.run(deadline);
            }
            Step::Accept { done_by, .. } => {
                self.answer(at, account, Outcome::Accepted);
                self.done_by = done_by.or(self.done_by);
            }
            Step::Decline { .. } => self.answer(at, account, Outcome::Declined),
            Step::Ask { .. } => {
                self.waiting = Some(at);
                self.fresh();
            }
            Step::Answer { deadline, .. } => {
                self.resume(at);
                self.run(deadline);
            }
            Step::Done { .. } => {
                self.done = Some(at);
                self.decide(account);
                self.outcome = Outcome::Done;
                self.fresh();
            }
            Step::Link { hash, expires } => {
                let (hash, expires) = (*hash, *expires);
                self.link = Some(Link {
                    hash,
                    expires,
                    used: false,
                });
            }
            Step::Restore { .. } => {
                if let Some(review) = &mut self.reviewed {
                    review.restored.get_or_insert(at);
                }
                self.fresh();
            }
            Step::Withdraw { .. } | Step::Discard => {
                self.outcome = Outcome::Withdrawn;
                self.fresh();
            }
            Step::Escalate { .. } => {
                self.escalated.get_or_insert(at);
                let late = self.late().filter(|_| self.overdue.is_some());
                self.escalated_for = Some(late.unwrap_or(Late::Asked));
            }
            Step::Close { .. } => self.fresh(),
            Step::Forget => self.forget(),
            _ => {}
        }
    }

    /// A step of whom it affects, or of who reviews.
    fn take_review(&mut self, at: Instant, step: &Step) {
        match step {
            Step::Contest { contact_mark, .. } => {
                self.contested = Some(at);
                self.before = Some(self.state);
                self.contacts.extend(contact_mark);
                if let Some(link) = &mut self.link {
                    link.used = true;
                }
                self.fresh();
            }
            Step::Uphold { .. } => {
                // Nothing was to be done while it was contested.
                let waited = self.before == Some(State::Accepted);
                if let (Some(by), Some(since)) = (&mut self.done_by, self.contested)
                    && waited
                {
                    by.0 = by.0.saturating_add((at.0 - since.0).max(0));
                }
                self.review(at, true);
            }
            Step::Reverse { .. } => {
                self.review(at, false);
                self.outcome = Outcome::Reversed;
            }
            _ => {}
        }
    }

    /// What the node does when a date has come.
    fn take_date(&mut self, at: Instant, step: &Step) {
        match step {
            Step::Remind { due } => {
                // One reminder stands for those that were missed.
                let stage = self.stage(at);
                self.reminders = stage.max(self.reminders.saturating_add(1));
                if *due <= at {
                    self.overdue = Some(at);
                }
            }
            Step::Escalate { .. } => {
                self.escalated.get_or_insert(at);
                self.escalated_for = Some(self.late().unwrap_or(Late::Asked));
            }
            Step::Expire => {
                self.outcome = Outcome::Unanswered;
                self.fresh();
            }
            Step::Close { .. } => {
                if self.state == State::MoreInformation {
                    // Who asks back when its own time is over was silent itself.
                    let asked = self.waiting.unwrap_or(self.changed);
                    self.outcome = if self.has_passed(asked) {
                        Outcome::Unanswered
                    } else {
                        Outcome::Lapsed
                    };
                }
                self.fresh();
            }
            Step::Discard => {
                self.outcome = Outcome::Withdrawn;
                self.fresh();
            }
            Step::Forget => self.forget(),
            _ => {}
        }
    }

    fn forget(&mut self) {
        self.contacts.clear();
        self.request.contact_mark = None;
        self.forgotten = true;
    }

    /// Another date runs from now on, if any does.
    fn fresh(&mut self) {
        (self.reminders, self.overdue, self.escalated_for) = (0, None, None);
    }

    fn decide(&mut self, account: &str) {
        self.decider = Some(account.to_owned());
        if !self.deciders.iter().any(|known| known == account) {
            self.deciders.push(account.to_owned());
        }
    }

    /// A deadline runs from now on.
    fn run(&mut self, deadline: &Deadline) {
        self.deadline = Some(deadline.clone());
        self.done_by = deadline.done_by;
        self.fresh();
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
        self.decide(account);
        self.outcome = outcome;
        self.fresh();
    }

    fn review(&mut self, at: Instant, upheld: bool) {
        self.reviewed = Some(Review {
            upheld,
            at,
            restored: None,
        });
        self.fresh();
    }

    /// How long the recipient took to answer, in microseconds, without the time it waited for the
    /// sender.
    pub fn answer_time(&self) -> Option<i64> {
        let (sent, answered) = (self.sent?, self.answered?);
        Some((answered.0 - sent.0 - self.paused).max(0))
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
        (request.contact, request.contact_mark, request.key) = (None, None, None);
        request.evidence.clear();
        (request.reference, request.follows) = (None, None);
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

#[cfg(test)]
mod tests;
