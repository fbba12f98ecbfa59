//! How parties come to a pledge: invitations, talks and what of them is shown, terms of partners,
//! reservations. Folded from the journal, as part of the directory.
//!
//! Days are UTC. Nothing is taken back: what is corrected, answered or ended stays, with the entry that
//! said so beside it.

mod invitation;
mod talks;
mod terms;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::entry::{Act, Entry, Recorded};

pub use invitation::{Answer, Answered, Invitation, InvitationRecord};
pub use talks::{Agreed, Agreement, Reservation, Reservations, Shown, Side, Step, StepRecord};
pub use terms::{EndTerms, Ended, Terms, TermsRecord};

/// Octets of words, reasons and sources.
pub const MOST_WORDS: usize = 4000;
/// Topics of a step.
pub const MOST_TOPICS: usize = 20;

/// Folded from the journal.
#[derive(Clone, Debug, Default)]
pub struct Accession {
    /// In the order they were recorded.
    invitations: Vec<InvitationRecord>,
    steps: Vec<StepRecord>,
    reservations: Vec<(Reservations, Recorded)>,
    /// By their id.
    terms: BTreeMap<String, TermsRecord>,
    /// Ids of terms by their party.
    terms_of: BTreeMap<String, Vec<String>>,
}

impl Accession {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, recorded: Recorded, entry: &Entry<'_>) {
        match &entry.act {
            Act::Invite(invitation) => self.invitations.push(InvitationRecord {
                invitation: invitation.clone(),
                recorded,
                answer: None,
            }),
            Act::AnswerInvitation(answer) => {
                let mut known = self.invitations.iter_mut();
                if let Some(record) = known.find(|r| r.invitation.id == answer.invitation) {
                    let answer = answer.clone();
                    record.answer.get_or_insert((answer, recorded));
                }
            }
            Act::Step(step) => {
                if let Some(old) = step.replaces.as_deref().and_then(|id| self.step_mut(id)) {
                    old.replaced_by.push(step.id.clone());
                }
                self.steps.push(StepRecord {
                    step: step.clone(),
                    recorded,
                    agreed: Vec::new(),
                    replaced_by: Vec::new(),
                });
            }
            Act::AgreeStep(agreement) => {
                if let Some(record) = self.step_mut(&agreement.step) {
                    let Agreement { shown, source, .. } = agreement.clone();
                    record.agreed.push(Agreed {
                        shown,
                        source,
                        recorded,
                    });
                }
            }
            Act::Reserve(reservations) => self.reservations.push((reservations.clone(), recorded)),
            Act::Terms(terms) => {
                let of_party = self.terms_of.entry(terms.party.clone()).or_default();
                if !of_party.contains(&terms.id) {
                    of_party.push(terms.id.clone());
                }
                let record = self.terms.entry(terms.id.clone()).or_default();
                record.versions.push((terms.clone(), recorded));
            }
            Act::EndTerms(end) => {
                if let Some(record) = self.terms.get_mut(&end.terms) {
                    record.ends.push(Ended {
                        on: end.on,
                        reason: end.reason.clone(),
                        recorded,
                    });
                }
            }
            _ => {}
        }
    }

    /// All invitations, in the order they were recorded.
    pub fn invitations(&self) -> &[InvitationRecord] {
        &self.invitations
    }

    /// An invitation by its id.
    pub fn invitation(&self, id: &str) -> Option<&InvitationRecord> {
        self.invitations.iter().find(|r| r.invitation.id == id)
    }

    /// All steps, in the order they were recorded.
    pub fn steps(&self) -> &[StepRecord] {
        &self.steps
    }

    /// A step by its id.
    pub fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.iter().find(|record| record.step.id == id)
    }

    fn step_mut(&mut self, id: &str) -> Option<&mut StepRecord> {
        self.steps.iter_mut().find(|record| record.step.id == id)
    }

    /// Reservations, in the order they were recorded.
    pub fn reservations(&self) -> &[(Reservations, Recorded)] {
        &self.reservations
    }

    /// What a party reserved when it signed last, up to a day.
    pub fn reservations_of(&self, party: &str, day: Date) -> Option<&(Reservations, Recorded)> {
        let of_party = self.reservations.iter().filter(|(r, _)| r.party == party);
        of_party
            .filter(|(reservations, _)| reservations.since <= day)
            .max_by_key(|(reservations, recorded)| (reservations.since, recorded.position))
    }

    /// All terms, by their id.
    pub fn all_terms(&self) -> impl Iterator<Item = &TermsRecord> {
        self.terms.values()
    }

    /// Terms by their id.
    pub fn terms(&self, id: &str) -> Option<&TermsRecord> {
        self.terms.get(id)
    }

    /// Every terms of a party: those in force, those to come and those that are over.
    pub fn terms_of<'a>(&'a self, party: &str) -> impl Iterator<Item = &'a TermsRecord> {
        let ids = self.terms_of.get(party).into_iter().flatten();
        ids.filter_map(|id| self.terms.get(id))
    }
}

#[cfg(test)]
mod tests;
