//! Who speaks for a party about what it promised, and who may judge that. What is said is public, so
//! that nobody sees more of it than anybody else.

use jiff::civil::Date;

use super::accession::may_speak;
use super::{Caller, OPERATOR, Refusal, Viewer};
use crate::accession::Side;
use crate::commitment::Measure;
use crate::commitment::indicator::Indicator;
use crate::directory::Directory;
use crate::pledge::Stance;

/// Who judges another's commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    /// The party's id.
    pub party: String,
    /// Whether it speaks as the pledge's steward.
    pub steward: bool,
}

impl Viewer {
    /// Whether the caller may judge on a day what a party promised, and as whom: the steward, and every
    /// party with an account here but those that were suspended or left. None judges itself: neither what
    /// its predecessor promised nor what its successor did, and who runs the node speaks as the steward.
    ///
    /// # Errors
    /// Why it may not.
    pub fn judges(&self, directory: &Directory, judged: &str, day: Date) -> Result<Judge, Refusal> {
        let member = match &self.caller {
            Caller::Anonymous => return Err(Refusal::Anonymous),
            Caller::Operator if directory.steward() == Some(judged) => {
                return Err(Refusal::OwnCommitment);
            }
            Caller::Operator => {
                let (party, steward) = (OPERATOR.to_owned(), true);
                return Ok(Judge { party, steward });
            }
            Caller::Member(member) => member,
        };
        if !member.collections.is_empty() {
            return Err(Refusal::OtherCollections);
        }
        if !may_speak(member.scopes) {
            return Err(Refusal::PublishScope);
        }
        let successor = directory.history().successor(&member.party, day);
        let stands_for = self.stands_for.iter().map(String::as_str);
        let mut own = stands_for.chain(successor).chain([member.party.as_str()]);
        if own.any(|party| party == judged) {
            return Err(Refusal::OwnCommitment);
        }
        if matches!(self.stance, Some(Stance::Suspended | Stance::Withdrawn)) {
            return Err(Refusal::LeftStance);
        }
        Ok(Judge {
            steward: directory.steward() == Some(&member.party),
            party: member.party.clone(),
        })
    }

    /// Whether the caller may know an indicator of a party: anybody, but for two. Sightings tell that
    /// somebody saw a party's signals, withdrawals that it had fetched what is gone; these are for the
    /// party and the steward, and for anybody once the party promised to have them measured.
    pub fn sees_indicator(&self, directory: &Directory, party: &str, indicator: Indicator) -> bool {
        let is_open = !matches!(
            indicator,
            Indicator::SignalsSighted | Indicator::WithdrawalsHonoured
        );
        let promised = || {
            let mut own = directory.commitments().of_party(party);
            own.any(|record| {
                let mut versions = record.versions();
                versions.any(|version| version.what.measure == Measure::Computed(indicator))
                    && record.first().what.source.is_none()
            })
        };
        is_open || promised() || self.is_side(directory, party)
    }

    /// Whether the caller decides as the steward about a party's commitments.
    ///
    /// # Errors
    /// Why it does not.
    pub fn stewards(&self, directory: &Directory, party: &str) -> Result<(), Refusal> {
        match self.speaks(directory, party)? {
            Side::Steward => Ok(()),
            Side::Party => Err(Refusal::OwnCommitment),
        }
    }
}
