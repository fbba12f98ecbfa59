//! Invitations and their answers.

use jiff::civil::Date;
use node::accession::{Answered, InvitationRecord, Side};
use node::act::accession::{NewAnswer, NewInvitation};
use node::pledge::Stance;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::Record;

/// An invitation that the caller sees.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) id: String,
    pub(crate) party: String,
    pub(crate) date: Date,
    pub(crate) words: String,
    /// What the party is asked to become.
    pub(crate) join_as: Stance,
    /// Whether anybody may see it before it is accepted.
    pub(crate) public: bool,
    /// `open`, `accepted`, `declined` or `withdrawn`.
    pub(crate) state: String,
    #[serde(flatten)]
    pub(crate) record: Record,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Answer>,
    /// Whether it is the viewer's to answer, for its page.
    #[serde(skip)]
    pub(crate) may_answer: bool,
}

/// The answer to an invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Where it is known from, when the steward recorded it for the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/invitations`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitations {
    pub(crate) invitations: Vec<Invitation>,
}

/// `POST /api/v1/invitations`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invite {
    pub(crate) party: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    pub(crate) words: String,
    pub(crate) join_as: Stance,
    #[serde(default)]
    pub(crate) public: bool,
}

/// `POST /api/v1/invitations/{id}/answer`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveAnswer {
    /// `accepted`, `declined` or `withdrawn`.
    pub(crate) answer: AnswerWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// How an invitation ends.
#[derive(Copy, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AnswerWord {
    Accepted,
    Declined,
    Withdrawn,
}

impl From<&InvitationRecord> for Invitation {
    fn from(record: &InvitationRecord) -> Self {
        let InvitationRecord {
            invitation,
            recorded,
            answer,
        } = record;
        Invitation {
            id: invitation.id.clone(),
            party: invitation.party.clone(),
            date: invitation.date,
            words: invitation.words.clone(),
            join_as: invitation.join_as,
            public: invitation.public,
            state: record.answered().map_or("open", Answered::as_str).into(),
            record: (*recorded).into(),
            answer: answer.as_ref().map(|(answer, recorded)| Answer {
                date: answer.date,
                reason: answer.reason.clone(),
                source: answer.source.clone(),
                record: (*recorded).into(),
            }),
            may_answer: false,
        }
    }
}

impl Invite {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> NewInvitation {
        NewInvitation {
            party: self.party,
            date: self.date,
            words: self.words,
            join_as: self.join_as,
            public: self.public,
        }
    }
}

impl GiveAnswer {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> NewAnswer {
        NewAnswer {
            answered: match self.answer {
                AnswerWord::Accepted => Answered::Accepted,
                AnswerWord::Declined => Answered::Declined,
                AnswerWord::Withdrawn => Answered::Withdrawn,
            },
            date: self.date,
            reason: self.reason,
            source: self.source,
        }
    }
}

/// The invitations that a caller sees; of one party when it is named.
pub(crate) fn invitations(node: &Node, caller: &Caller, party: Option<&str>) -> Invitations {
    let (directory, viewer) = (node.directory(), node.viewer(caller));
    let seen = node.invitations(caller);
    let seen = seen.iter().map(|record| {
        let side = viewer.speaks(&directory, &record.invitation.party);
        Invitation {
            may_answer: side == Ok(Side::Party) && record.answer.is_none(),
            ..Invitation::from(record)
        }
    });
    Invitations {
        invitations: seen
            .filter(|one| party.is_none_or(|party| one.party == party))
            .collect(),
    }
}
