//! Who speaks for whom in a party's accession, and who sees what of it.

use super::{Caller, Refusal, Viewer};
use crate::accession::{
    Answer, Invitation, InvitationRecord, Shown, Side, StepRecord, Terms, TermsRecord,
};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::Act;
use crate::identity::KeyState;
use crate::model::Scopes;

impl Viewer {
    /// The side of a party's accession that the caller is on: the party's own, else the steward's when
    /// it acts for the steward or administers. Nobody is on both. A token that is limited to
    /// collections is a system's: it is on neither.
    pub fn side(&self, directory: &Directory, party: &str) -> Option<Side> {
        let member = match &self.caller {
            Caller::Anonymous => return None,
            Caller::Operator => return Some(Side::Steward),
            Caller::Member(member) => member,
        };
        if !member.collections.is_empty() {
            return None;
        }
        let steward = directory.steward();
        if member.party == party {
            Some(Side::Party)
        } else if member.scopes.administer || steward == Some(&member.party) {
            Some(Side::Steward)
        } else {
            None
        }
    }

    /// The side on which the caller may act.
    ///
    /// # Errors
    /// Why it may on none.
    pub fn speaks(&self, directory: &Directory, party: &str) -> Result<Side, Refusal> {
        let side = self.side(directory, party);
        match (&self.caller, side) {
            (Caller::Anonymous, _) => Err(Refusal::Anonymous),
            (_, None) => Err(Refusal::NoSide),
            (Caller::Member(member), Some(_)) if !may_speak(member.scopes) => {
                Err(Refusal::PublishScope)
            }
            (_, Some(side)) => Ok(side),
        }
    }

    /// Whether the caller sees an invitation: anybody once it is public, before that the two sides.
    pub fn sees_invitation(&self, directory: &Directory, record: &InvitationRecord) -> bool {
        record.is_public() || self.is_side(directory, &record.invitation.party)
    }

    /// What the caller sees of a step: all of it on either side, what both agreed to show elsewhere;
    /// none when it does not exist for the caller.
    pub fn sees_step(&self, directory: &Directory, record: &StepRecord) -> Option<Shown> {
        if self.is_side(directory, &record.step.party) {
            return Some(Shown::ALL);
        }
        Some(record.public()).filter(|shown| shown.is_any())
    }

    /// Whether the caller sees terms: anybody when they are public, else the two sides.
    pub fn sees_terms(&self, directory: &Directory, terms: &Terms) -> bool {
        terms.public || self.is_side(directory, &terms.party)
    }

    /// Whether the caller sees all of what an entry of an accession says, so that its sealed leaf may be
    /// opened for it.
    pub fn sees_act(&self, directory: &Directory, act: &Act<'_>) -> bool {
        let accession = directory.accession();
        match act {
            Act::Step(step) => self.is_side(directory, &step.party),
            Act::AgreeStep(agreement) => {
                let step = accession.step(&agreement.step);
                step.is_some_and(|record| self.is_side(directory, &record.step.party))
            }
            Act::Invite(Invitation { id, .. })
            | Act::AnswerInvitation(Answer { invitation: id, .. }) => {
                let record = accession.invitation(id);
                record.is_some_and(|record| self.sees_invitation(directory, record))
            }
            Act::Terms(terms) => self.sees_terms(directory, terms),
            Act::EndTerms(end) => {
                let newest = accession.terms(&end.terms).and_then(TermsRecord::newest);
                newest.is_some_and(|(terms, _)| self.sees_terms(directory, terms))
            }
            _ => false,
        }
    }

    /// Whether the caller sees what the two sides see of a party's accession.
    pub fn is_side(&self, directory: &Directory, party: &str) -> bool {
        self.reads && self.side(directory, party).is_some()
    }
}

/// Whether a token with these scopes may speak for its party.
pub(super) fn may_speak(scopes: Scopes) -> bool {
    scopes.publish || scopes.administer
}

/// Whether a party has an account, or a key, that speaks for it here. For such a party nobody else answers.
pub fn speaks_for_itself(directory: &Directory, party: &str, now: Instant) -> bool {
    let identities = directory.identities();
    let mut keys = identities.keys().filter(|key| key.party() == party);
    let at = identities.now(now);
    let by_key = keys.any(|key| key.state(at) == KeyState::Live);
    by_key
        || directory.tokens().any(|issued| {
            let token = &issued.token;
            let whole = token.collections.is_empty() && may_speak(token.scopes);
            token.party == party && whole && issued.is_live(now)
        })
}
