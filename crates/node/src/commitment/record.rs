//! A commitment with all that was said of it.

use jiff::civil::Date;

use super::{
    Calendar, Commitment, Completion, Counter, Keeping, Letter, LetterRevoked, Reply, Report,
    Review, State, StateChange, WithdrawnCommitment,
};
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
        let newest = self.newest();
        let made = self.first.what.date;
        let after = self.answered().unwrap_or(made);
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
        let last = self.states.last().map(|change| &change.what);
        let overdue = last.filter(|change| change.to != State::Active);
        // What is overdue stays so when the calendar has other days meanwhile.
        let mut due = match overdue.and_then(|change| change.due) {
            Some(due) => due,
            None => self
                .next_due(calendar)
                .filter(|due| calendar.opens(*due) <= day)?,
        };
        let mut later = self.clone();
        // Each turn is later than the one before, and none beyond the last due day.
        loop {
            later.assume_answered(due);
            match later.next_due(calendar) {
                Some(next) if next <= day && next > due => due = next,
                _ => return Some(due),
            }
        }
    }

    /// Pretends that all was answered up to a day.
    pub(super) fn assume_answered(&mut self, due: Date) {
        if let Some(report) = self.reports.last_mut() {
            report.what.answers = Some(due);
            return;
        }
        let date = due;
        let change = StateChange {
            commitment: self.id().to_owned(),
            party: self.party().to_owned(),
            from: State::Active,
            to: State::Active,
            date,
            due: None,
            letter: None,
            report: None,
            reason: String::new(),
            steward: true,
        };
        self.states = vec![Held {
            position: 0,
            at: self.first.at,
            by: String::new(),
            what: change,
        }];
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

    /// The steward's own letter that waits for its day, if there is one.
    pub fn pending_decision(&self) -> Option<&Said<Letter>> {
        let since = self.states.last().map(|change| change.position);
        let mut own = self.letters.iter().rev();
        own.find(|letter| {
            let is_new = since.is_none_or(|since| letter.held.position > since);
            letter.held.what.due.is_none() && letter.revoked.is_none() && is_new
        })
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
