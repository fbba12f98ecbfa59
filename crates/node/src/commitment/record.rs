//! A commitment with all that was said of it.

use jiff::civil::Date;

use super::{
    Calendar, Commitment, Completion, Counter, Keeping, Letter, LetterRevoked, Outcome, Reply,
    Report, Review, State, StateChange, WithdrawnCommitment,
};
use crate::clock::Instant;
use crate::identity::Held;

/// A statement with the answer of the party that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// The statement, with its entry.
    pub held: Held<T>,
    /// The answer; the first one stays.
    pub reply: Option<Held<Reply>>,
    /// When the steward took it back, where that may be.
    pub revoked: Option<Held<LetterRevoked>>,
}

impl<T> Said<T> {
    pub(super) fn new(held: Held<T>) -> Self {
        Said {
            held,
            reply: None,
            revoked: None,
        }
    }
}

/// A statement that may be answered.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Statement<'a> {
    /// An independent review.
    Review(&'a Said<Review>),
    /// Counter-evidence.
    Counter(&'a Said<Counter>),
    /// A letter.
    Letter(&'a Said<Letter>),
}

impl<'a> Statement<'a> {
    /// The answer, if it was answered.
    pub fn reply(self) -> Option<&'a Held<Reply>> {
        match self {
            Statement::Review(said) => said.reply.as_ref(),
            Statement::Counter(said) => said.reply.as_ref(),
            Statement::Letter(said) => said.reply.as_ref(),
        }
    }
}

/// A commitment and what became of it. All lists are oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentRecord {
    first: Held<Commitment>,
    /// Every version but the first.
    pub(super) versions: Vec<Held<Commitment>>,
    /// That it was taken back.
    pub withdrawn: Option<Held<WithdrawnCommitment>>,
    /// What the party reported.
    pub reports: Vec<Held<Report>>,
    /// What others judged.
    pub reviews: Vec<Said<Review>>,
    /// What others showed.
    pub counters: Vec<Said<Counter>>,
    /// Letters to the party.
    pub letters: Vec<Said<Letter>>,
    /// Changes of its state.
    pub states: Vec<Held<StateChange>>,
}

impl CommitmentRecord {
    pub(super) fn new(first: Held<Commitment>) -> Self {
        CommitmentRecord {
            first,
            versions: Vec::new(),
            withdrawn: None,
            reports: Vec::new(),
            reviews: Vec::new(),
            counters: Vec::new(),
            letters: Vec::new(),
            states: Vec::new(),
        }
    }

    /// What was known of it by an instant, that included; none when it was not made by then.
    pub fn as_at(&self, until: Instant) -> Option<Self> {
        fn kept<T>(held: &mut Vec<Held<T>>, until: Instant) {
            held.retain(|held| held.at <= until);
        }
        fn said<T>(said: &mut Vec<Said<T>>, until: Instant) {
            said.retain(|said| said.held.at <= until);
            for one in said {
                one.reply = one.reply.take().filter(|reply| reply.at <= until);
                one.revoked = one.revoked.take().filter(|revoked| revoked.at <= until);
            }
        }
        if self.first.at > until {
            return None;
        }
        let mut then = self.clone();
        kept(&mut then.versions, until);
        kept(&mut then.reports, until);
        kept(&mut then.states, until);
        said(&mut then.reviews, until);
        said(&mut then.counters, until);
        said(&mut then.letters, until);
        then.withdrawn = then.withdrawn.filter(|withdrawn| withdrawn.at <= until);
        Some(then)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.first.what.id
    }

    /// The party's id.
    pub fn party(&self) -> &str {
        &self.first.what.party
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &Held<Commitment>> {
        std::iter::once(&self.first).chain(&self.versions)
    }

    /// The first version.
    pub fn first(&self) -> &Held<Commitment> {
        &self.first
    }

    /// The newest version.
    pub fn newest(&self) -> &Commitment {
        &self.newest_held().what
    }

    /// The newest version, with its entry.
    pub fn newest_held(&self) -> &Held<Commitment> {
        self.versions.last().unwrap_or(&self.first)
    }

    /// Where it stands in the calendar.
    pub fn state(&self) -> State {
        let last = self.states.last();
        last.map_or(State::Active, |change| change.what.to)
    }

    /// The day up to which nothing is owed any more: of the last due day that was answered, or of a
    /// return that the steward granted.
    pub fn answered(&self) -> Option<Date> {
        let reports = self.reports.iter().filter_map(|report| report.what.answers);
        let granted = self.states.iter().filter(|change| {
            let change = &change.what;
            change.steward && change.to == State::Active
        });
        reports.chain(granted.map(|change| change.what.date)).max()
    }

    /// The day on which the next report is due, or was when it is overdue; none when no more is.
    pub fn next_due(&self, calendar: &Calendar) -> Option<Date> {
        if self.withdrawn.is_some() {
            return None;
        }
        let last = self.states.last().map(|change| &change.what);
        let overdue = last.filter(|change| change.to != State::Active);
        // What is overdue stays so when the calendar has other days meanwhile.
        let overdue = overdue.and_then(|change| change.due);
        overdue.or_else(|| {
            let answered = self.answered().unwrap_or(self.first.what.date);
            self.next_due_after(calendar, answered)
        })
    }

    /// The day on which the next report is due when nothing is owed up to a day; none when no more is.
    pub(super) fn next_due_after(&self, calendar: &Calendar, after: Date) -> Option<Date> {
        let newest = self.newest();
        let made = self.first.what.date;
        if after >= newest.due {
            return None;
        }
        let regular = match newest.every {
            Some(months) => every(made, after, months),
            None => calendar.next(made, after),
        };
        Some(regular.map_or(newest.due, |regular| regular.min(newest.due)))
    }

    /// The day up to which a report on a day answers what is due; none when nothing is due so soon.
    pub fn answers(&self, calendar: &Calendar, day: Date) -> Option<Date> {
        let is_soon = |due: &Date| calendar.opens(*due) <= day;
        let mut due = self.next_due(calendar).filter(is_soon)?;
        // Each turn is later than the one before, and none beyond the last due day.
        loop {
            match self.next_due_after(calendar, due) {
                Some(next) if next <= day && next > due => due = next,
                _ => return Some(due),
            }
        }
    }

    /// Whether the calendar runs for it.
    pub fn runs(&self) -> bool {
        self.first.what.source.is_none() && self.withdrawn.is_none()
    }

    /// Whether all that was due was answered, the last report too.
    pub fn is_over(&self) -> bool {
        let due = self.newest().due;
        self.answered().is_some_and(|answered| answered >= due)
    }

    /// Whether it is neither taken back nor over.
    pub fn is_open(&self) -> bool {
        self.withdrawn.is_none() && !self.is_over()
    }

    /// How far it is by the party's last report.
    pub fn completion(&self) -> Option<Completion> {
        self.reports.last().map(|report| report.what.completion)
    }

    /// How it is kept.
    pub fn keeping(&self) -> Keeping {
        if self.withdrawn.is_some() {
            return Keeping::Withdrawn;
        }
        match self.state() {
            State::Late => Keeping::Late,
            State::Silent => Keeping::Silent,
            State::Delisted => Keeping::Delisted,
            State::Active if self.is_over() && self.completion() != Some(Completion::Complete) => {
                Keeping::Ended
            }
            State::Active => Keeping::Kept,
        }
    }

    /// A report by its id.
    pub fn report(&self, id: &str) -> Option<&Held<Report>> {
        self.reports.iter().find(|report| report.what.id == id)
    }

    /// A letter by its id.
    pub fn letter(&self, id: &str) -> Option<&Said<Letter>> {
        self.letters.iter().find(|letter| letter.held.what.id == id)
    }

    /// A review, counter-evidence or a letter by its id.
    pub fn statement(&self, id: &str) -> Option<Statement<'_>> {
        let review = self.reviews.iter().find(|said| said.held.what.id == id);
        let counter = self.counters.iter().find(|said| said.held.what.id == id);
        review
            .map(Statement::Review)
            .or(counter.map(Statement::Counter))
            .or(self.letter(id).map(Statement::Letter))
    }

    /// The steward's own letter that waits for its day, if there is one. Neither the calendar, but for its
    /// delisting, nor a report settles it.
    pub fn pending_decision(&self) -> Option<&Said<Letter>> {
        let settles =
            |change: &&Held<StateChange>| change.what.steward || change.what.to == State::Delisted;
        let since = self.states.iter().rev().find(settles);
        let since = since.map(|change| change.position);
        let mut own = self.letters.iter().rev();
        own.find(|letter| {
            let is_new = since.is_none_or(|since| letter.held.position > since);
            letter.held.what.due.is_none() && letter.revoked.is_none() && is_new
        })
    }

    /// What became of a letter of this commitment.
    pub fn outcome(&self, letter: &Said<Letter>) -> Outcome {
        let what = &letter.held.what;
        let mut changes = self.states.iter();
        let mut reports = self.reports.iter().filter_map(|report| report.what.answers);
        let is_pending = || {
            let pending = self.pending_decision();
            pending.is_some_and(|pending| pending.held.what.id == what.id)
        };
        if letter.revoked.is_some() {
            Outcome::Revoked
        } else if changes.any(|change| change.what.letter.as_ref() == Some(&what.id)) {
            Outcome::CarriedOut
        } else if what
            .due
            .is_some_and(|due| reports.any(|answers| answers >= due))
        {
            Outcome::AnsweredByReport
        } else if self.withdrawn.is_some() {
            Outcome::Withdrawn
        } else if match what.due {
            Some(_) => self
                .states
                .last()
                .is_none_or(|last| last.position < letter.held.position),
            None => is_pending(),
        } {
            Outcome::Waiting
        } else {
            Outcome::Overtaken
        }
    }

    pub(super) fn reply(&mut self, reply: Held<Reply>) {
        let to = reply.what.to.clone();
        let review = self.reviews.iter_mut().find(|s| s.held.what.id == to);
        let counter = self.counters.iter_mut().find(|s| s.held.what.id == to);
        let letter = self.letters.iter_mut().find(|s| s.held.what.id == to);
        let place = review
            .map(|said| &mut said.reply)
            .or(counter.map(|said| &mut said.reply))
            .or(letter.map(|said| &mut said.reply));
        if let Some(place) = place {
            place.get_or_insert(reply);
        }
    }

    pub(super) fn revoke_letter(&mut self, revoked: Held<LetterRevoked>) {
        let mut letters = self.letters.iter_mut();
        if let Some(letter) = letters.find(|l| l.held.what.id == revoked.what.letter) {
            letter.revoked.get_or_insert(revoked);
        }
    }
}

/// The first day after `after` that is a number of times so many months after `made`.
fn every(made: Date, after: Date, months: u8) -> Option<Date> {
    let turns = (1i32..).map(|turn| {
        let span = jiff::Span::new().try_months(turn.saturating_mul(i32::from(months)));
        made.checked_add(span.ok()?).ok()
    });
    let mut known = turns.take_while(Option::is_some).flatten();
    known.find(|day| *day > after)
}
