//! The encoding of entries: what one record of the journal says.
//!
//! A record has two parts. The **leaf** is the public trace: compact JSON with the act, the acting
//! party, the second it happened and a salted commitment to what was written. The **body** is
//! private: a version byte, the salt, and the entry in postcard's wire format. A body can be erased
//! without touching the leaf; with it, anyone can check that leaf and body belong together:
//! `commitment = SHA-256("entente/commitment/v1" ‖ salt ‖ committed bytes)`, where the committed
//! bytes are the object's own bytes for an object, the signed note for a signature of the pledge,
//! and the encoded entry for every other act.
//!
//! What is done about objects marked RED leaves a **sealed** leaf: its act is `sealed`, its party
//! empty, its time cut to the hour, and all such leaves have the same length. A second commitment is
//! to a line that tells party, act and second, under a salt of its own, so that who holds the body can
//! show either without the other ([`sealed_facts`]). Padding leaves sealed leaves too.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

/// The version of the body's encoding that this build writes.
pub const VERSION: u8 = 1;
/// Octets of the random salt of each commitment.
pub const SALT: usize = 16;

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

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The body was written by a newer build.
    #[error(
        "entry has encoding version {0}, this build reads up to {VERSION}: install a newer one"
    )]
    Version(u8),
    /// The body is shorter than its fixed part or does not decode.
    #[error("entry does not decode: {0}")]
    Malformed(String),
    /// The body is not the one its leaf commits to.
    #[error("entry does not match the commitment in its leaf")]
    Commitment,
    /// The body was erased.
    #[error("entry was erased")]
    Erased,
}

/// How much a leaf tells.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Who acted, what kind of act, in which second.
    Open,
    /// That something was done, in which hour.
    Sealed,
}

/// Encodes an entry into its leaf and body.
///
/// # Errors
/// Only when serialisation fails, which for these types means memory ran out.
pub fn encode(
    entry: &Entry<'_>,
    salt: [u8; SALT],
    seal: Seal,
) -> Result<(Vec<u8>, Vec<u8>), DecodeError> {
    let mut body = Vec::with_capacity(
        1 + SALT
            + 64
            + if let Act::Object { bytes, .. } = &entry.act {
                bytes.len()
            } else {
                256
            },
    );
    body.push(VERSION);
    body.extend_from_slice(&salt);
    let body =
        postcard::to_extend(entry, body).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let payload = body.get(1 + SALT..).unwrap_or_default();
    let commitment = commitment(&salt, committed(entry, payload));
    let leaf = match seal {
        Seal::Open => leaf(entry, &commitment),
        Seal::Sealed => sealed_leaf(entry, &commitment, &salt),
    };
    Ok((leaf, body))
}

/// Decodes a body.
///
/// # Errors
/// [`DecodeError`] when the body is of another version or damaged.
pub fn decode(body: &[u8]) -> Result<Entry<'_>, DecodeError> {
    let (_, payload) = parts(body)?;
    postcard::from_bytes(payload).map_err(|e| DecodeError::Malformed(e.to_string()))
}

/// Decodes a body and checks it against the commitment in its leaf.
///
/// # Errors
/// [`DecodeError::Commitment`] when the two do not belong together.
pub fn decode_verified<'a>(leaf: &[u8], body: &'a [u8]) -> Result<Entry<'a>, DecodeError> {
    let (salt, payload) = parts(body)?;
    let entry: Entry<'a> =
        postcard::from_bytes(payload).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let told = commitment(salt, committed(&entry, payload));
    let holds = if is_sealed(leaf) {
        // It has no party and no second of its own that could be another's.
        leaf == sealed_leaf(&entry, &told, salt)
    } else {
        contains(leaf, BASE64.encode(told).as_bytes())
    };
    holds.then_some(entry).ok_or(DecodeError::Commitment)
}

/// What shows who did what when, though the leaf is sealed: whoever is given both finds the
/// [`commitment`] of the line under the salt among the leaf's commitments. It does not help to find
/// what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFacts {
    /// The salt.
    pub salt: [u8; SALT],
    /// Label, party, act and time, a line each.
    pub line: String,
}

/// What opens the facts in a sealed leaf, from the body.
///
/// # Errors
/// [`DecodeError`] when the body is of another version, damaged, or erased.
pub fn sealed_facts(body: &[u8]) -> Result<SealedFacts, DecodeError> {
    let (salt, payload) = parts(body)?;
    let entry: Entry<'_> =
        postcard::from_bytes(payload).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    Ok(facts_of(&entry, salt))
}

fn facts_of(entry: &Entry<'_>, salt: &[u8]) -> SealedFacts {
    // A salt of its own, from which the other does not follow.
    let mut hash = Sha256::new_with_prefix(b"entente/sealed-salt/v1");
    hash.update(salt);
    let derived: [u8; 32] = hash.finalize().into();
    let mut salt = [0; SALT];
    salt.iter_mut()
        .zip(derived)
        .for_each(|(to, from)| *to = from);
    let line = format!(
        "entente/sealed/v1\n{}\n{}\n{}\n",
        entry.actor.party,
        entry.act.name(),
        entry.at.to_second_string(),
    );
    SealedFacts { salt, line }
}

/// Whether a leaf tells neither party nor act.
pub fn is_sealed(leaf: &[u8]) -> bool {
    contains(leaf, br#","party":"","act":"sealed","#)
}

/// What shows that a leaf is about some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'b> {
    /// The salt of the commitment.
    pub salt: &'b [u8],
    /// What is committed to.
    pub committed: &'b [u8],
}

/// The opening of the commitment of an entry, from its body.
///
/// # Errors
/// [`DecodeError`] when the body is none.
pub fn opening<'b>(entry: &'b Entry<'_>, body: &'b [u8]) -> Result<Opening<'b>, DecodeError> {
    let (salt, payload) = parts(body)?;
    let committed = committed(entry, payload);
    Ok(Opening { salt, committed })
}

/// The salted commitment to some bytes.
pub fn commitment(salt: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"entente/commitment/v1");
    hash.update(salt);
    hash.update(bytes);
    hash.finalize().into()
}

fn parts(body: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (version, rest) = body.split_first().ok_or(DecodeError::Erased)?;
    if *version != VERSION {
        return Err(DecodeError::Version(*version));
    }
    rest.split_at_checked(SALT)
        .ok_or_else(|| DecodeError::Malformed("body without a salt".into()))
}

fn committed<'b>(entry: &'b Entry<'_>, payload: &'b [u8]) -> &'b [u8] {
    match &entry.act {
        Act::Object { bytes, .. } => bytes,
        // All else that it says follows from the note, which anybody can check by itself.
        Act::Signature(signature) => signature.note.as_bytes(),
        _ => payload,
    }
}

/// `{"v":1,"time":…,"party":…,"act":…,"commitments":[…]}`: keys in this order, no white space. Of a
/// request and its steps `"request"`, `"from"`, `"to"` and `"kind"` follow the act, and where a deadline is
/// set `"due"`, so that anybody can count from the log alone who asked whom for what, and whether that
/// was answered in time.
fn leaf(entry: &Entry<'_>, commitment: &[u8; 32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    out.extend_from_slice(b"{\"v\":1,\"time\":\"");
    let time = entry.at.to_micro_string();
    out.extend_from_slice(time.get(..19).unwrap_or_default().as_bytes());
    out.extend_from_slice(b"Z\",\"party\":\"");
    // Party ids are ASCII slugs (`pledge::Party`), so nothing needs escaping.
    out.extend_from_slice(entry.actor.party.as_bytes());
    out.extend_from_slice(b"\",\"act\":\"");
    out.extend_from_slice(entry.act.name().as_bytes());
    if let Some([id, from, to, kind]) = entry.act.asked() {
        let told = format!(r#"","request":"{id}","from":"{from}","to":"{to}","kind":"{kind}"#);
        out.extend_from_slice(told.as_bytes());
    }
    if let Some(due) = entry.act.due() {
        out.extend_from_slice(b"\",\"due\":\"");
        out.extend_from_slice(due.to_second_string().as_bytes());
    }
    out.extend_from_slice(b"\",\"commitments\":[\"");
    out.extend_from_slice(BASE64.encode(commitment).as_bytes());
    out.extend_from_slice(b"\"]}");
    out
}

/// `{"v":1,"time":"<hour>","party":"","act":"sealed","commitments":[…,…]}`: as [`leaf`], and always
/// of the same length.
fn sealed_leaf(entry: &Entry<'_>, written: &[u8; 32], salt: &[u8]) -> Vec<u8> {
    let time = entry.at.to_micro_string();
    let facts = facts_of(entry, salt);
    let facts = commitment(&facts.salt, facts.line.as_bytes());
    format!(
        r#"{{"v":1,"time":"{}:00:00Z","party":"","act":"sealed","commitments":["{}","{}"]}}"#,
        time.get(..13).unwrap_or_default(),
        BASE64.encode(written),
        BASE64.encode(facts),
    )
    .into_bytes()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
