//! Who takes which part in a request, and who sees what of it.
//!
//! | | draft | CLEAR | GREEN | AMBER | AMBER+STRICT | RED |
//! |---|---|---|---|---|---|---|
//! | the two sides | the sender | all | all | all | all | all |
//! | the steward, once it is before it or contested | | all | all | all | all | all |
//! | parties whose stance sees the marking | | what is asked and done | what is asked and done | facts | facts | |
//! | anybody | | what is asked and done | facts | facts | facts | |
//!
//! Facts are who asked whom for what kind of thing, when, and where it stands: they stand in the public
//! log. Who to ask at the sender's, who contests, and links are for the two sides and who reviews.
//! What is marked RED is counted, without names.

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
        let party = match &self.caller {
            Caller::Anonymous => return roles,
            Caller::Operator => None,
            Caller::Member(member) if !member.collections.is_empty() => return roles,
            Caller::Member(member) => Some(member.party.as_str()),
        };
        if party == Some(request.from.as_str()) {
            return vec![Role::Sender];
        }
        if !case.is_sent() {
            return roles;
        }
        let second = self.caller.account() != case.decider.as_deref();
        if party == Some(request.to.as_str()) {
            roles.push(Role::Recipient);
            if second {
                roles.push(Role::Reviewer);
            }
            return roles;
        }
        if self.is_steward(directory) {
            if case.contested.is_some() {
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
        let steward = directory.pledge().and_then(|p| p.steward.as_deref());
        match &self.caller {
            Caller::Anonymous => false,
            Caller::Operator => true,
            Caller::Member(member) => {
                member.collections.is_empty()
                    && (member.scopes.administer || steward == Some(&member.party))
            }
        }
    }

    fn may_speak(&self) -> Result<(), Refusal> {
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
