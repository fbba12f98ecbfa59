//! What parties promise under the principles of a pledge, what they report of it, and what others say:
//! folded from the journal, as part of the directory.
//!
//! Nothing is rewritten. A commitment that is amended keeps its earlier versions; a report, an
//! independent review and counter-evidence stand side by side, each with the entry that said so. The
//! calendar's steps, and the letters before them, are entries too: they are decided once, when they are
//! written ([`plan`]), and only read here. Days are UTC.

mod amount;
mod calendar;
pub mod indicator;
mod letter;
mod model;
pub mod plan;
mod record;
pub mod security_txt;
mod word;

use std::collections::BTreeMap;

use crate::clock::Instant;
use crate::entry::{Act, Entry, Recorded};
use crate::identity::Held;

pub use amount::Amount;
pub use calendar::{Calendar, DayOfYear};
pub use letter::words_of;
pub use model::{
    CalendarSet, Commitment, Counter, Evidence, Letter, LetterRevoked, Measure, Reply, Report,
    Review, StateChange, Target, WithdrawnCommitment,
};
pub use record::{CommitmentRecord, Said, Statement};
pub use security_txt::{SecurityTxt, SecurityTxtSeen};
pub use word::{Bound, Completion, Keeping, Outcome, State};

/// Links to evidence beside one statement.
pub const MOST_EVIDENCE: usize = 20;
/// Commitments of a party that are open at a time.
pub const MOST_OPEN: usize = 200;
/// Months between reports that may be asked for.
pub const INTERVALS: [u8; 4] = [1, 3, 6, 12];

/// Folded from the journal.
#[derive(Clone, Debug, Default)]
pub struct Commitments {
    /// By their id.
    records: BTreeMap<String, CommitmentRecord>,
    /// Ids in the order they were made.
    order: Vec<String>,
    /// Ids by their party.
    of_party: BTreeMap<String, Vec<String>>,
    /// The commitment of each statement and letter, by its id.
    statements: BTreeMap<String, String>,
    /// The id of what was sent with an idempotency key, by the key's digest.
    keys: BTreeMap<[u8; 16], String>,
    /// Calendars that were set, oldest first.
    calendars: Vec<Held<CalendarSet>>,
    /// What was seen of each claimed domain's security.txt, oldest first.
    security: BTreeMap<(String, String), Vec<Held<SecurityTxtSeen>>>,
    last: Instant,
}

impl Commitments {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, recorded: Recorded, entry: &Entry<'_>) {
        self.last = self.last.max(recorded.at);
        match &entry.act {
            Act::Commit(commitment) => self.commit(held(recorded, entry, commitment)),
            Act::WithdrawCommitment(withdrawn) => {
                let withdrawn = held(recorded, entry, withdrawn);
                if let Some(record) = self.records.get_mut(&withdrawn.what.commitment) {
                    record.withdrawn.get_or_insert(withdrawn);
                }
            }
            Act::ReportCommitment(report) => {
                let report = held(recorded, entry, report);
                self.said(&report.what.id, &report.what.commitment);
                self.keyed(report.what.key, &report.what.id);
                if let Some(record) = self.records.get_mut(&report.what.commitment) {
                    record.reports.push(report);
                }
            }
            Act::ReviewCommitment(review) => {
                let review = held(recorded, entry, review);
                self.said(&review.what.id, &review.what.commitment);
                self.keyed(review.what.key, &review.what.id);
                if let Some(record) = self.records.get_mut(&review.what.commitment) {
                    record.reviews.push(Said::new(review));
                }
            }
            Act::CounterCommitment(counter) => {
                let counter = held(recorded, entry, counter);
                self.said(&counter.what.id, &counter.what.commitment);
                self.keyed(counter.what.key, &counter.what.id);
                if let Some(record) = self.records.get_mut(&counter.what.commitment) {
                    record.counters.push(Said::new(counter));
                }
            }
            Act::ReplyCommitment(reply) => {
                let reply = held(recorded, entry, reply);
                if let Some(record) = self.record_of_statement_mut(&reply.what.to) {
                    record.reply(reply);
                }
            }
            Act::SetCalendar(set) => self.calendars.push(held(recorded, entry, set)),
            Act::Letter(letter) => {
                let letter = held(recorded, entry, letter);
                self.said(&letter.what.id, &letter.what.commitment);
                if let Some(record) = self.records.get_mut(&letter.what.commitment) {
                    record.letters.push(Said::new(letter));
                }
            }
            Act::RevokeLetter(revoked) => {
                let revoked = held(recorded, entry, revoked);
                if let Some(record) = self.record_of_statement_mut(&revoked.what.letter) {
                    record.revoke_letter(revoked);
                }
            }
            Act::CommitmentState(change) => {
                let change = held(recorded, entry, change);
                if let Some(record) = self.records.get_mut(&change.what.commitment) {
                    record.states.push(change);
                }
            }
            Act::SecurityTxt(seen) => {
                let place = (seen.party.clone(), seen.domain.clone());
                let seen = held(recorded, entry, seen);
                self.security.entry(place).or_default().push(seen);
            }
            _ => {}
        }
    }

    fn commit(&mut self, version: Held<Commitment>) {
        let id = version.what.id.clone();
        self.keyed(version.what.key, &id);
        if let Some(record) = self.records.get_mut(&id) {
            record.versions.push(version);
            return;
        }
        self.order.push(id.clone());
        let of_party = self.of_party.entry(version.what.party.clone());
        of_party.or_default().push(id.clone());
        self.records.insert(id, CommitmentRecord::new(version));
    }

    fn said(&mut self, statement: &str, commitment: &str) {
        // Whose an id is, it stays.
        let place = self.statements.entry(statement.to_owned());
        place.or_insert_with(|| commitment.to_owned());
    }

    fn keyed(&mut self, key: Option<[u8; 16]>, id: &str) {
        if let Some(key) = key {
            self.keys.entry(key).or_insert_with(|| id.to_owned());
        }
    }

    fn record_of_statement_mut(&mut self, id: &str) -> Option<&mut CommitmentRecord> {
        self.records.get_mut(self.statements.get(id)?)
    }

    /// All commitments, in the order they were made.
    pub fn all(&self) -> impl Iterator<Item = &CommitmentRecord> {
        self.order.iter().filter_map(|id| self.records.get(id))
    }

    /// A commitment by its id.
    pub fn get(&self, id: &str) -> Option<&CommitmentRecord> {
        self.records.get(id)
    }

    /// The commitments of a party, in the order they were made.
    pub fn of_party<'a>(&'a self, party: &str) -> impl Iterator<Item = &'a CommitmentRecord> {
        let ids = self.of_party.get(party).into_iter().flatten();
        ids.filter_map(|id| self.records.get(id))
    }

    /// The commitment that a report, review, counter-evidence or letter belongs to, by its id.
    pub fn of_statement(&self, id: &str) -> Option<&CommitmentRecord> {
        self.records.get(self.statements.get(id)?)
    }

    /// Whether a commitment, a statement or a letter has this id.
    pub fn is_taken(&self, id: &str) -> bool {
        self.records.contains_key(id) || self.statements.contains_key(id)
    }

    /// The id of the commitment or statement that was sent with an idempotency key of this digest.
    pub(crate) fn sent_with(&self, key: &[u8; 16]) -> Option<&str> {
        self.keys.get(key).map(String::as_str)
    }

    /// How a party keeps what it promised under a principle: the worst of its open commitments, else
    /// what became of the last.
    pub fn keeping(&self, party: &str, principle: u16) -> Keeping {
        let of_principle = self
            .of_party(party)
            .filter(|record| record.newest().principle == principle);
        of_principle
            .map(CommitmentRecord::keeping)
            .max_by_key(|keeping| keeping.weight())
            .unwrap_or(Keeping::None)
    }

    /// How each party kept what it promised under each principle, by what was known at an instant.
    pub fn keepings_at(&self, until: Instant) -> BTreeMap<(&str, u16), Keeping> {
        let mut all: BTreeMap<(&str, u16), Keeping> = BTreeMap::new();
        for record in self.all() {
            let Some(then) = record.as_at(until) else {
                continue;
            };
            let keeping = then.keeping();
            let place = all.entry((record.party(), then.newest().principle));
            let known = place.or_insert(Keeping::None);
            if keeping.weight() > known.weight() {
                *known = keeping;
            }
        }
        all
    }

    /// The letters of a party, oldest first.
    pub fn letters_of<'a>(&'a self, party: &str) -> Vec<&'a Said<Letter>> {
        let mut letters: Vec<_> = self.of_party(party).flat_map(|r| &r.letters).collect();
        letters.sort_by_key(|letter| letter.held.position);
        letters
    }

    /// All letters, oldest first.
    pub fn letters(&self) -> Vec<&Said<Letter>> {
        let mut letters: Vec<_> = self.all().flat_map(|record| &record.letters).collect();
        letters.sort_by_key(|letter| letter.held.position);
        letters
    }

    /// The calendars that the steward set, oldest first. The last one holds; the pledge's own when there
    /// is none.
    pub fn calendars(&self) -> &[Held<CalendarSet>] {
        &self.calendars
    }

    /// What was seen of a claimed domain's security.txt, oldest first.
    pub fn security_txt(&self, party: &str, domain: &str) -> &[Held<SecurityTxtSeen>] {
        let place = (party.to_owned(), domain.to_owned());
        self.security.get(&place).map_or(&[], Vec::as_slice)
    }

    /// What was seen of all security.txt files of a party, by domain.
    pub fn security_txt_of<'a>(
        &'a self,
        party: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [Held<SecurityTxtSeen>])> {
        let from = (party.to_owned(), String::new());
        let of_party = self.security.range(from..);
        of_party
            .take_while(move |((of, _), _)| of == party)
            .map(|((_, domain), seen)| (domain.as_str(), seen.as_slice()))
    }

    /// The time now, for what is decided here: never before the last entry, so that a clock that jumps
    /// back stands still.
    pub fn now(&self, clock: Instant) -> Instant {
        clock.max(self.last)
    }
}

fn held<T: Clone>(recorded: Recorded, entry: &Entry<'_>, what: &T) -> Held<T> {
    Held {
        position: recorded.position,
        at: recorded.at,
        by: format!("{}/{}", entry.actor.party, entry.actor.account),
        what: what.clone(),
    }
}

#[cfg(test)]
mod tests;
