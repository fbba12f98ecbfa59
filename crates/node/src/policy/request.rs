//! Who takes which part in a request, and who sees what of it.
//!
//! | | draft | CLEAR | GREEN | AMBER | AMBER+STRICT | RED |
//! |---|---|---|---|---|---|---|
//! | the two sides | the sender | all | all | all | all | all |
//! | the steward, once it is before it or contested | | all | all | all | all | all |
//! | who runs the node | all | all | all | all | all | all |
//! | parties whose stance sees the marking | | what is asked and done | what is asked and done | facts | facts | |
//! | anybody | | what is asked and done | facts | facts | facts | |
//!
//! Facts are who asked whom for what kind of thing, when, and where it stands: they stand in the public
//! log. Who to ask at the sender's, who contests, and links are for the two sides and who reviews.
//! What is marked RED is counted, without names. An attachment has a marking of its own: besides the
//! sides CLEAR ones are seen by whoever sees what is asked, GREEN ones by those among them whose stance sees
//! GREEN, others by nobody. A request that another follows from is named to those alone who see that one.
//!
//! A party that became another has no part any more: its cases go to its successor. A party that is
//! suspended, or has withdrawn, still answers and takes back what is open; it asks nothing new.

use jiff::civil::Date;

use super::{Caller, Refusal, Viewer};
use crate::directory::Directory;
use crate::model::{Marking, Scopes};
use crate::pledge::Stance;
use crate::request::{Case, Role, State, Verb, machine};

/// How much of a case somebody sees.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseSight {
    /// Nothing, not even that it is there.
    Nothing,
    /// Who asked whom for what kind of thing, when, and where it stands.
    Facts,
    /// What is asked and what is done about it, without who to ask and who contests.
    Words,
    /// All of it.
    Whole,
}

impl Viewer {
    /// The parts that the caller has in a case, the nearest first. A sender never reviews; nor does the
    /// account of the recipient that decided.
    pub fn roles(&self, directory: &Directory, case: &Case) -> Vec<Role> {
        let request = &case.request;
        let mut roles = Vec::new();
        match &self.caller {
            Caller::Anonymous => return roles,
            Caller::Member(member) if !member.collections.is_empty() => return roles,
            Caller::Operator | Caller::Member(_) => {}
        }
        let is = |party: &String| self.stands_for.contains(party);
        if is(&request.from) {
            return vec![Role::Sender];
        }
        if !case.is_sent() {
            return roles;
        }
        let account = self.caller.account().unwrap_or_default();
        let second = !case.deciders.iter().any(|decider| decider == account);
        if is(&request.to) {
            roles.push(Role::Recipient);
            if second {
                roles.push(Role::Reviewer);
            }
            return roles;
        }
        if self.is_steward(directory) {
            // Nor does the steward review what it asked for itself.
            let steward = directory.steward();
            if case.contested.is_some() && steward != Some(&request.from) {
                roles.push(Role::Reviewer);
            }
            if case.escalated.is_some() {
                roles.push(Role::Steward);
            }
        }
        roles
    }

    /// The part in which the caller may take a step; which state the case is in is decided elsewhere.
    ///
    /// # Errors
    /// Why it may not in any.
    pub fn role_for(
        &self,
        directory: &Directory,
        case: &Case,
        verb: Verb,
    ) -> Result<Role, Refusal> {
        self.may_speak()?;
        let roles = self.roles(directory, case);
        let fits = |role: &&Role| machine::line_of(case.state, verb, **role).is_some();
        let first = roles.iter().find(fits).or(roles.first());
        let role = *first.ok_or(Refusal::NoRole)?;
        let one_pair = matches!(verb, Verb::Uphold | Verb::Reverse) && role == Role::Recipient;
        if one_pair && case.state == State::Contested {
            return Err(Refusal::SameEyes);
        }
        Ok(role)
    }

    /// How much of a case the caller sees.
    pub fn sees_case(&self, directory: &Directory, case: &Case) -> CaseSight {
        if self.operator {
            return CaseSight::Whole;
        }
        if self.reads && !self.roles(directory, case).is_empty() {
            return CaseSight::Whole;
        }
        match case.request.marking {
            _ if !case.is_sent() => CaseSight::Nothing,
            Marking::Red => CaseSight::Nothing,
            Marking::Clear => CaseSight::Words,
            Marking::Green if self.reads && self.sees_green() => CaseSight::Words,
            _ => CaseSight::Facts,
        }
    }

    /// Whether the caller sees an attachment of a case of which it has this sight.
    pub fn sees_evidence(&self, sight: CaseSight, marking: Marking) -> bool {
        match sight {
            CaseSight::Whole => true,
            CaseSight::Words => {
                marking == Marking::Clear
                    || (marking == Marking::Green && self.reads && self.sees_green())
            }
            CaseSight::Facts | CaseSight::Nothing => false,
        }
    }

    /// The parties whose requests are the caller's own.
    pub(crate) fn stands_for(&self) -> &[String] {
        &self.stands_for
    }

    /// The parties whose cases the caller reads with their drafts and with what is marked RED.
    pub(crate) fn keeps_cases_of(&self) -> &[String] {
        match &self.caller {
            Caller::Member(member) if self.reads && member.collections.is_empty() => {
                &self.stands_for
            }
            _ => &[],
        }
    }

    /// Whether the caller reads what was before the steward.
    pub(crate) fn reads_as_steward(&self, directory: &Directory) -> bool {
        self.reads && self.is_steward(directory)
    }

    /// Whether the caller may send requests.
    ///
    /// # Errors
    /// Why not.
    pub fn may_request(&self) -> Result<(), Refusal> {
        self.may_speak()?;
        match &self.caller {
            Caller::Member(_) if self.may_publish => Ok(()),
            Caller::Member(_) => Err(Refusal::Stance),
            _ => Err(Refusal::Anonymous),
        }
    }

    /// Whether it acts for the pledge's steward.
    pub fn is_steward(&self, directory: &Directory) -> bool {
        let steward = directory.steward();
        match &self.caller {
            Caller::Anonymous => false,
            Caller::Operator => true,
            Caller::Member(member) => {
                member.collections.is_empty()
                    && (member.scopes.administer || steward == Some(&member.party))
            }
        }
    }

    pub(crate) fn may_speak(&self) -> Result<(), Refusal> {
        match &self.caller {
            Caller::Anonymous => Err(Refusal::Anonymous),
            Caller::Operator => Ok(()),
            Caller::Member(member) => {
                let Scopes {
                    publish,
                    administer,
                    ..
                } = member.scopes;
                if !member.collections.is_empty() {
                    Err(Refusal::OtherCollections)
                } else if publish || administer {
                    Ok(())
                } else {
                    Err(Refusal::PublishScope)
                }
            }
        }
    }

    fn sees_green(&self) -> bool {
        let shut = matches!(
            self.stance,
            Some(Stance::Suspended | Stance::Withdrawn) | None
        );
        let sees = self
            .sees
            .get(Marking::Green as usize)
            .copied()
            .unwrap_or(false);
        !shut && sees && matches!(&self.caller, Caller::Member(m) if m.collections.is_empty())
    }
}

/// The parties whose requests are those of the caller's party on a day.
pub(super) fn stands_for(directory: &Directory, caller: &Caller, day: Date) -> Vec<String> {
    let Caller::Member(member) = caller else {
        return Vec::new();
    };
    let history = directory.history();
    let own = history.successor(&member.party, day).is_none();
    let own = own.then(|| member.party.clone());
    let became = history
        .reassignments()
        .iter()
        .map(|r| &r.reassignment.party);
    let became = became.filter(|party| {
        own.is_some() && history.successor(party, day) == Some(member.party.as_str())
    });
    let mut parties: Vec<String> = own.iter().chain(became).cloned().collect();
    parties.dedup();
    parties
}
