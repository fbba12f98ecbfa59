//! Invitations and their answers.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::Recorded;
use crate::pledge::Stance;

/// The steward invites a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Random, so that a number says nothing of others.
    pub id: String,
    /// The party's id.
    pub party: String,
    /// The day of the invitation.
    pub date: Date,
    /// What it says.
    pub words: String,
    /// What the party is asked to become: `signed` or `partner`.
    pub join_as: Stance,
    /// Whether anybody may see it before it is accepted.
    pub public: bool,
}

/// How an invitation ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answered {
    /// The party comes to talks.
    Accepted,
    /// The party does not.
    Declined,
    /// The steward took it back.
    Withdrawn,
}

/// An answer to an invitation; the first one holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The invitation's id.
    pub invitation: String,
    /// How it ended.
    pub answered: Answered,
    /// The day of the answer.
    pub date: Date,
    /// Why.
    pub reason: Option<String>,
    /// Where the answer is known from, when the steward recorded it for the party.
    pub source: Option<String>,
}

/// An invitation and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRecord {
    /// The invitation.
    pub invitation: Invitation,
    /// Its entry.
    pub recorded: Recorded,
    /// The answer and its entry.
    pub answer: Option<(Answer, Recorded)>,
}

impl Answered {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Answered::Accepted => "accepted",
            Answered::Declined => "declined",
            Answered::Withdrawn => "withdrawn",
        }
    }
}

impl InvitationRecord {
    /// How it was answered; none while it is open.
    pub fn answered(&self) -> Option<Answered> {
        self.answer.as_ref().map(|(answer, _)| answer.answered)
    }

    /// Whether anybody may see it: from the beginning, or once it was accepted.
    pub fn is_public(&self) -> bool {
        self.invitation.public || self.answered() == Some(Answered::Accepted)
    }
}
