//! What a webhook can be told of: changes of signals, requests, feedback and letters, in the order of
//! the journal, as far as the caller sees them. Each has a time of its own, which is its place.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::act::Error;
use crate::act::changes::{Change, Since};
use crate::act::feedback::FeedbackItem;
use crate::clock::Instant;
use crate::commitment::Letter;
use crate::identity::Held;
use crate::node::Node;
use crate::policy::{Caller, CaseSight};
use crate::request::{Case, Role, Step, StepRecord, Verb};
use crate::view::requests::Cases;
use crate::words::words;

words! {
    /// What somebody wants to be told of.
    About, "kind of happening";
    /// Signals that are added, revoked and withdrawn.
    Signals = "signals", "Signals";
    /// Requests of the party, and what is done about them.
    Requests = "requests", "Requests";
    /// What others say of the party's signals.
    Feedback = "feedback", "Feedback";
    /// Letters about the party's commitments.
    Letters = "letters", "Letters";
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Happening {
    /// To a signal.
    Signal(Box<Change>),
    /// To a request that the party has a part in.
    Request(Box<RequestHappening>),
    /// Another said something of a signal.
    Feedback(Box<FeedbackItem>),
    /// A letter about a commitment of the party was published.
    Letter(Box<Held<Letter>>),
}

/// A step in a case, or that it was opened.
#[derive(Clone, Debug)]
pub struct RequestHappening {
    /// When.
    pub at: Instant,
    /// The case as it stands now.
    pub case: Case,
    /// The parts that the party has in it.
    pub roles: Vec<Role>,
    /// The step; none where it was opened as sent.
    pub step: Option<StepRecord>,
}

/// Which happenings are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What about; signals when empty.
    pub about: Vec<About>,
    /// Of signals, which; its place and limit hold for all.
    pub since: Since,
    /// None after this place: what is sought at one place is not sought to the journal's end.
    pub until: Option<i64>,
}

impl Happening {
    /// Its place.
    pub fn at(&self) -> i64 {
        match self {
            Happening::Signal(change) => change.at,
            Happening::Request(request) => request.at.0,
            Happening::Feedback(item) => item.at.0,
            Happening::Letter(letter) => letter.at.0,
        }
    }
}

impl RequestHappening {
    /// Whether it reached the party just now.
    pub fn is_received(&self) -> bool {
        let sent = self
            .step
            .as_ref()
            .is_none_or(|step| matches!(step.step, Step::Send { .. }));
        sent && self.roles.contains(&Role::Recipient)
    }

    /// Whether a date draws near, or has passed.
    pub fn is_due(&self) -> bool {
        let step = self.step.as_ref().map(|step| &step.step);
        matches!(step, Some(Step::Remind { .. } | Step::Expire))
    }
}

/// What one source gave: up to where it was read, when more may follow.
struct Read {
    found: Vec<Happening>,
    horizon: Option<i64>,
}

impl Node {
    /// Happenings after a place, oldest first, and whether more follow at once.
    ///
    /// # Errors
    /// As [`Node::changes`].
    pub fn happenings(
        &self,
        caller: &Caller,
        wanted: &Wanted,
    ) -> Result<(Vec<Happening>, bool), Error> {
        let wants = |about: About| wanted.about.contains(&about);
        let (after, limit) = (wanted.since.after.unwrap_or(i64::MIN), wanted.since.limit);
        let until = wanted.until.unwrap_or(i64::MAX);
        let mut reads = Vec::new();
        if wants(About::Signals) || wanted.about.is_empty() {
            let (changes, more) = self.changes_until(caller, &wanted.since, wanted.until)?;
            let last = changes.last().map_or(after, |change| change.at);
            let found = changes
                .into_iter()
                .map(|one| Happening::Signal(Box::new(one)));
            reads.push(Read {
                found: found.collect(),
                horizon: more.then_some(last),
            });
        }
        if wants(About::Requests) {
            reads.push(self.request_happenings(caller, after..until, limit)?);
        }
        if wants(About::Feedback) {
            reads.push(self.feedback_happenings(caller, after..until, limit)?);
        }
        if wants(About::Letters) {
            reads.push(self.letter_happenings(caller, after..until, limit));
        }
        // Beyond what one source was read to, another's would come before its time.
        let horizon = reads.iter().filter_map(|read| read.horizon).min();
        let mut all: Vec<Happening> = reads.into_iter().flat_map(|read| read.found).collect();
        all.retain(|one| one.at() <= horizon.unwrap_or(i64::MAX).min(until));
        all.sort_by_key(Happening::at);
        let more = horizon.is_some() || all.len() > limit;
        all.truncate(limit);
        Ok((all, more))
    }

    /// Those after the start, until the end.
    fn request_happenings(
        &self,
        caller: &Caller,
        between: Range<i64>,
        limit: usize,
    ) -> Result<Read, Error> {
        let (viewer, directory) = (self.viewer(caller), self.directory());
        let from = self.first_after(Instant(between.start))?;
        let cases = Cases::open(&self.shared.store.read()?)?;
        let (mut found, mut horizon) = (Vec::new(), None);
        cases.after(from, |case, step| {
            let at = step.as_ref().map_or(case.opened, |step| step.at);
            if at.0 > between.end {
                return Ok(false);
            }
            let sent = step.is_some() || case.sent == Some(case.opened);
            let verb = step.as_ref().map(|step| step.step.verb());
            let told = !matches!(verb, Some(Verb::Discard | Verb::Link | Verb::Forget));
            let roles = viewer.roles(&directory, &case);
            let seen = viewer.sees_case(&directory, &case) == CaseSight::Whole;
            if sent && told && seen && !roles.is_empty() && at.0 > between.start {
                if found.len() == limit {
                    horizon = found.last().map(Happening::at);
                    return Ok(false);
                }
                found.push(Happening::Request(Box::new(RequestHappening {
                    at,
                    case,
                    roles,
                    step,
                })));
            }
            Ok::<_, Error>(true)
        })?;
        Ok(Read { found, horizon })
    }

    /// Letters are public; a party is told of its own, the operator of all.
    fn letter_happenings(&self, caller: &Caller, between: Range<i64>, limit: usize) -> Read {
        let directory = self.directory();
        let commitments = directory.commitments();
        let letters = match caller {
            Caller::Operator => commitments.letters(),
            other => commitments.letters_of(other.party().unwrap_or_default()),
        };
        let mut new: Vec<_> = letters
            .into_iter()
            .filter(|said| said.held.at.0 > between.start && said.held.at.0 <= between.end)
            .map(|said| Happening::Letter(Box::new(said.held.clone())))
            .collect();
        new.sort_by_key(Happening::at);
        let more = new.len() > limit;
        new.truncate(limit);
        Read {
            horizon: new.last().map(Happening::at).filter(|_| more),
            found: new,
        }
    }

    fn feedback_happenings(
        &self,
        caller: &Caller,
        between: Range<i64>,
        limit: usize,
    ) -> Result<Read, Error> {
        let mut place = self.first_after(Instant(between.start))?.checked_sub(1);
        let end = match between.end {
            i64::MAX => None,
            until => Some(self.first_after(Instant(until))?),
        };
        loop {
            let told = self.feedback_told_until(caller, place, end, limit)?;
            // A page may be empty and not the last.
            if told.items.is_empty() && told.more && told.next > place {
                place = told.next;
                continue;
            }
            let last = told.items.last().map(|item| item.at.0);
            let found = told
                .items
                .into_iter()
                .map(|one| Happening::Feedback(Box::new(one)));
            return Ok(Read {
                found: found.collect(),
                horizon: last.filter(|_| told.more),
            });
        }
    }
}
