//! Entries: what one record of the journal says, who did what and when.

mod encoding;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::accession::{
    Agreement, Answer, Answered, EndTerms, Invitation, Reservations, Step, Terms,
};
use crate::clock::Instant;
use crate::commitment::{
    CalendarSet, Commitment, Counter, Letter, LetterRevoked, Reply, Report, Review,
    SecurityTxtSeen, StateChange, WithdrawnCommitment,
};
use crate::erasure::{Erasure, ErasureProposal};
use crate::history::{Adoption, Amendment, Reassignment};
use crate::identity::{
    DomainClaim, Key, Observation, RevokedKey, Signature, SignedPublishes, Sponsorship,
};
use crate::model::{
    AdminLink, Circle, Collection, Feedback, PrivateSet, Token, WarningList, Webhook,
};
use crate::pledge::{Party, Pledge, StanceChange};
use crate::request::calendar::{Holidays, PartyZone};
use crate::request::{Request, RequestStep, Step as CaseStep};

pub use encoding::{
    DecodeError, Opening, SALT, Seal, SealedFacts, VERSION, commitment, decode, decode_verified,
    encode, is_sealed, opened, opening, sealed_facts,
};

/// Who acted: a party, through one of its accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor<'a> {
    /// The party's id in the register.
    #[serde(borrow)]
    pub party: Cow<'a, str>,
    /// The account's name, or `operator` for the command line on the node itself.
    #[serde(borrow)]
    pub account: Cow<'a, str>,
}

impl Actor<'_> {
    /// The same actor, without copying its words.
    pub fn borrowed(&self) -> Actor<'_> {
        Actor {
            party: Cow::Borrowed(&self.party),
            account: Cow::Borrowed(&self.account),
        }
    }
}

/// One accepted write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// When it was accepted; unique and strictly rising over the whole journal.
    pub at: Instant,
    /// Who acted.
    #[serde(borrow)]
    pub actor: Actor<'a>,
    /// What was done.
    #[serde(borrow)]
    pub act: Act<'a>,
}

/// Where an entry stands in the journal, and when it was accepted: what a receipt proves.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recorded {
    /// The entry's position.
    pub position: u64,
    /// When it was accepted.
    pub at: Instant,
}

impl Recorded {
    /// The day on which it was recorded, in UTC.
    pub fn day(&self) -> jiff::civil::Date {
        self.at.day()
    }
}

/// What an entry does. Variants are stored by number: add new ones at the end, change none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Act<'a> {
    /// A pledge, its principles, sources and visibility table; parties and stances follow as
    /// entries of their own.
    Pledge(Box<Pledge>),
    /// A party is listed, or its facts change.
    Party(Party),
    /// A party's relation to the pledge changes.
    Stance(StanceChange),
    /// A collection is created, or its settings change.
    Collection(Collection),
    /// A token is issued.
    Token(Token),
    /// A token is revoked, by its id.
    RevokeToken(String),
    /// A one-time administrator link is issued.
    AdminLink(AdminLink),
    /// The link with this id was used.
    UseAdminLink(String),
    /// An object is added to a collection (by the collection's number).
    Object {
        /// The collection's number.
        collection: u32,
        /// The STIX object, byte for byte as it was sent.
        #[serde(borrow, with = "raw")]
        bytes: &'a [u8],
    },
    /// Versions of an object are withdrawn from a collection.
    Withdrawal {
        /// The collection's number.
        collection: u32,
        /// The STIX id.
        id: String,
        /// What is withdrawn.
        versions: Vec<Withdrawn>,
        /// Whether nothing of the object is left for those who saw it.
        whole: bool,
    },
    /// A circle is made, or its settings or members change.
    Circle(Circle),
    /// A party says that it publishes an object too that is here already, or no longer does.
    Attribution {
        /// The collection's number.
        collection: u32,
        /// The object's `date_added` in the collection.
        added: i64,
        /// Whether the party takes its name off it.
        withdrawn: bool,
    },
    /// A party says that it no longer uses what was withdrawn or revoked by the entry at this
    /// position.
    Acknowledgement(u64),
    /// A party tells what it knows of another's signal.
    Feedback(Feedback),
    /// A list of values that are no cause for alarm is loaded, or replaces the one of its name.
    WarningList(WarningList),
    /// The warning list of this name is taken out of use.
    RemoveWarningList(String),
    /// A party wants to be told of changes at a URL of its own.
    Webhook(Webhook),
    /// The webhook with this id is no longer wanted.
    RemoveWebhook(String),
    /// A set is offered for private matching, or replaces the one of its name.
    OfferSet(PrivateSet),
    /// The set of this name is no longer offered.
    RemoveSet(String),
    /// A party asks about elements of a set; which ones nobody but it knows.
    PrivateMatch {
        /// The set's name.
        set: String,
        /// How many.
        elements: u64,
    },
    /// A key is enrolled for a party, or takes the place of another.
    Key(Key),
    /// A key is revoked.
    RevokeKey(RevokedKey),
    /// A party says that a domain is its own.
    Domain(DomainClaim),
    /// What was seen of a domain's proof.
    Observation(Observation),
    /// A party that signed vouches for another, or takes that back.
    Sponsorship(Sponsorship),
    /// A party signs the pledge with its key; its stance follows.
    Signature(Signature),
    /// A collection takes signed requests alone, or others too.
    SignedPublishes(SignedPublishes),
    /// The public log was closed and a new one begun, since what the old one had signed is lost.
    LogRestart(LogRestart),
    /// Bodies of entries are erased.
    Erasure(Erasure),
    /// An erasure is proposed, for another to confirm.
    ErasureProposal(ErasureProposal),
    /// Erasing takes two persons from now on, or, where two say so, one.
    ErasureRule {
        /// Whether it takes two.
        two_persons: bool,
    },
    /// A proposal of an erasure, by its id, is not followed.
    ErasureDeclined(String),
    /// Nothing: it hides how much is done about objects marked RED.
    Padding(Vec<u8>),
    /// The steward invites a party.
    Invite(Invitation),
    /// An invitation is answered, or taken back.
    AnswerInvitation(Answer),
    /// A step of talks, as one side puts it.
    Step(Step),
    /// The other side agrees to show a step.
    AgreeStep(Agreement),
    /// What a party reserves, by principle, of what it signs.
    Reserve(Reservations),
    /// Terms of a partner are set, or set anew.
    Terms(Terms),
    /// Terms of a partner end.
    EndTerms(EndTerms),
    /// A new version of the pledge.
    Amend(Box<Amendment>),
    /// A party adopts a version of the pledge.
    Adopt(Adoption),
    /// A party is renamed, succeeded or merged.
    Reassign(Reassignment),
    /// A party commits itself under a principle, or amends what it promised.
    Commit(Commitment),
    /// A commitment is taken back.
    WithdrawCommitment(WithdrawnCommitment),
    /// A party reports on a commitment.
    ReportCommitment(Report),
    /// Another judges how far a commitment is.
    ReviewCommitment(Review),
    /// Another shows what speaks against it.
    CounterCommitment(Counter),
    /// A party answers a review, counter-evidence or a letter.
    ReplyCommitment(Reply),
    /// The steward sets the calendar of reports.
    SetCalendar(CalendarSet),
    /// A letter to a party about a commitment.
    Letter(Letter),
    /// The steward takes a letter of its own back.
    RevokeLetter(LetterRevoked),
    /// A commitment passes from one state to another.
    CommitmentState(StateChange),
    /// What was seen of a domain's security.txt.
    SecurityTxt(SecurityTxtSeen),
    /// A party asks another to act, or drafts that it will.
    Request(Box<Request>),
    /// A step is taken about a request.
    RequestStep(Box<RequestStep>),
    /// The holidays of a country are set.
    Holidays(Holidays),
    /// A party says in which time zone it works.
    PartyZone(PartyZone),
}

/// Why there is another log than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRestart {
    /// The key of the log that is closed, as C2SP signed-note writes it.
    pub closed: String,
    /// Entries in the last checkpoint that is known of it.
    pub signed: u64,
    /// Why.
    pub reason: String,
}

/// One version that is withdrawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The version in microseconds since 1970.
    pub version: i64,
    /// The position of the entry that added it.
    pub position: u64,
}

/// Bytes as one slice: serde's own `&[u8]` borrows, this keeps the attribute in one place.
mod raw {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &&[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'de [u8], D::Error> {
        <&[u8]>::deserialize(from)
    }
}

impl Act<'_> {
    /// Whether the directory follows from it; other acts are about single objects.
    pub fn is_for_directory(&self) -> bool {
        !matches!(
            self,
            Act::Object { .. }
                | Act::Withdrawal { .. }
                | Act::Attribution { .. }
                | Act::Acknowledgement(_)
                | Act::Feedback(_)
                | Act::Padding(_)
                | Act::Request(_)
                | Act::RequestStep(_)
        )
    }

    /// Whether it is what a party and the steward keep between them until both agree to show it: its
    /// leaf is sealed.
    pub fn is_between_two(&self) -> bool {
        match self {
            Act::Invite(invitation) => !invitation.public,
            Act::AnswerInvitation(answer) => answer.answered != Answered::Accepted,
            Act::Terms(terms) => !terms.public,
            // An end does not say itself whether its terms are public.
            Act::Step(_) | Act::AgreeStep(_) | Act::EndTerms(_) => true,
            _ => false,
        }
    }

    /// Whether everybody may know what it says: the pledge, the register and what is signed.
    pub fn is_public(&self) -> bool {
        match self {
            Act::Pledge(_)
            | Act::Party(_)
            | Act::Stance(_)
            | Act::LogRestart(_)
            | Act::Reserve(_)
            | Act::Amend(_)
            | Act::Adopt(_)
            | Act::Reassign(_)
            | Act::Key(_)
            | Act::RevokeKey(_)
            | Act::Domain(_)
            | Act::Observation(_)
            | Act::Sponsorship(_)
            | Act::Signature(_)
            | Act::Commit(_)
            | Act::WithdrawCommitment(_)
            | Act::ReportCommitment(_)
            | Act::ReviewCommitment(_)
            | Act::CounterCommitment(_)
            | Act::ReplyCommitment(_)
            | Act::SetCalendar(_)
            | Act::Letter(_)
            | Act::RevokeLetter(_)
            | Act::CommitmentState(_)
            | Act::SecurityTxt(_)
            | Act::Holidays(_)
            | Act::PartyZone(_) => true,
            Act::Invite(invitation) => invitation.public,
            Act::AnswerInvitation(answer) => answer.answered == Answered::Accepted,
            Act::Terms(terms) => terms.public,
            _ => false,
        }
    }

    /// Of a request and its steps: its id, who asks whom, and for what. Ids are slugs, so nothing needs
    /// escaping.
    fn asked(&self) -> Option<[&str; 4]> {
        match self {
            Act::Request(request) => Some([
                &request.id,
                &request.from,
                &request.to,
                request.kind.as_str(),
            ]),
            Act::RequestStep(step) => {
                Some([&step.request, &step.from, &step.to, step.kind.as_str()])
            }
            _ => None,
        }
    }

    /// Of a request, and of the steps that set its deadline: by when it is to be answered.
    fn due(&self) -> Option<Instant> {
        let deadline = match self {
            Act::Request(request) => request.deadline.as_ref()?,
            Act::RequestStep(step) => match &step.step {
                CaseStep::Send { deadline } | CaseStep::Answer { deadline, .. } => deadline,
                _ => return None,
            },
            _ => return None,
        };
        Some(deadline.answer_by)
    }

    /// The word that stands in the public leaf.
    pub fn name(&self) -> &'static str {
        match self {
            Act::Pledge(_) => "pledge",
            Act::Party(_) => "party",
            Act::Stance(_) => "stance",
            Act::Collection(_) => "collection",
            Act::Token(_) => "token",
            Act::RevokeToken(_) => "revoke-token",
            Act::AdminLink(_) => "admin-link",
            Act::UseAdminLink(_) => "use-admin-link",
            Act::Object { .. } => "object",
            Act::Withdrawal { .. } => "withdrawal",
            Act::Circle(_) => "circle",
            Act::Attribution { .. } => "attribution",
            Act::Acknowledgement(_) => "acknowledgement",
            Act::Feedback(_) => "feedback",
            Act::WarningList(_) => "warning-list",
            Act::RemoveWarningList(_) => "remove-warning-list",
            Act::Webhook(_) => "webhook",
            Act::RemoveWebhook(_) => "remove-webhook",
            Act::OfferSet(_) => "offer-set",
            Act::RemoveSet(_) => "remove-set",
            Act::PrivateMatch { .. } => "private-match",
            Act::Key(_) => "key",
            Act::RevokeKey(_) => "revoke-key",
            Act::Domain(_) => "domain",
            Act::Observation(_) => "observation",
            Act::Sponsorship(_) => "sponsorship",
            Act::Signature(_) => "signature",
            Act::SignedPublishes(_) => "signed-publishes",
            Act::LogRestart(_) => "log-restart",
            Act::Erasure(_) => "erasure",
            Act::ErasureProposal(_) => "erasure-proposal",
            Act::ErasureRule { .. } => "erasure-rule",
            Act::ErasureDeclined(_) => "erasure-declined",
            Act::Padding(_) => "padding",
            Act::Invite(_) => "invitation",
            Act::AnswerInvitation(_) => "invitation-answer",
            Act::Step(_) => "step",
            Act::AgreeStep(_) => "step-agreement",
            Act::Reserve(_) => "reservations",
            Act::Terms(_) => "terms",
            Act::EndTerms(_) => "end-terms",
            Act::Amend(_) => "amendment",
            Act::Adopt(_) => "adoption",
            Act::Reassign(_) => "reassignment",
            Act::Commit(_) => "commitment",
            Act::WithdrawCommitment(_) => "commitment-withdrawal",
            Act::ReportCommitment(_) => "report",
            Act::ReviewCommitment(_) => "review",
            Act::CounterCommitment(_) => "counter-evidence",
            Act::ReplyCommitment(_) => "reply",
            Act::SetCalendar(_) => "calendar",
            Act::Letter(_) => "letter",
            Act::RevokeLetter(_) => "letter-revocation",
            Act::CommitmentState(_) => "commitment-state",
            Act::SecurityTxt(_) => "security-txt",
            Act::Request(_) => "request",
            Act::RequestStep(step) => step.step.verb().leaf(),
            Act::Holidays(_) => "holidays",
            Act::PartyZone(_) => "party-zone",
        }
    }
}
