//! Who may see or do what, and why: pure verdicts, decided here and nowhere else.
//!
//! | | CLEAR | GREEN | AMBER | AMBER+STRICT | RED |
//! |---|---|---|---|---|---|
//! | the publisher | yes | yes | yes | yes | yes |
//! | anyone, in a public collection | yes | | | | |
//! | members | yes | by stance | by stance | named recipients | named recipients |
//! | members of the circle it is confined to | yes | by circle | by circle | by circle, named recipients | named recipients |
//! | everybody else, when it is confined to a circle | | | | | |
//!
//! "By stance" and "by circle" are the pledge's visibility table. An object is confined to a circle
//! by its collection or by a marking of its own; by both it is for those who are in both. A token
//! narrows what its party may do, and so do the terms of a partner; neither ever widens it. What a
//! caller may not know exists is answered like what does not exist.

mod accession;
mod commitment;
mod request;
mod subscriber;
mod terms;

use stix::Pap;

use terms::UnderTerms;

pub use accession::speaks_for_itself;
pub use commitment::Judge;
pub use request::CaseSight;
pub use subscriber::{Subscriber, subscriber};

use crate::clock::Instant;
use crate::directory::{Directory, KEY_PREFIX};
use crate::entry::Actor;
use crate::model::{Circle, Collection, Marking, PrivateSet, Scopes, Told};
use crate::pledge::{Stance, VisibilityTable};

/// On whose behalf something is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: no credentials were given.
    Anonymous,
    /// The operator of this node, on its own machine with access to its data directory.
    Operator,
    /// An account of a party, through a token.
    Member(Member),
}

/// An account of a party, as its token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The token's public id.
    pub token: String,
    /// The party's id.
    pub party: String,
    /// The account's name.
    pub account: String,
    /// What the token allows.
    pub scopes: Scopes,
    /// Ids of the collections that the token is limited to; empty means all.
    pub collections: Vec<String>,
}

/// The id of the party that the operator acts for.
pub const OPERATOR: &str = "operator";

impl Caller {
    /// The party acted for; none when anonymous.
    pub fn party(&self) -> Option<&str> {
        match self {
            Caller::Anonymous => None,
            Caller::Operator => Some(OPERATOR),
            Caller::Member(member) => Some(&member.party),
        }
    }

    /// The key (`name+id`) that it signed its request with, if it did.
    pub fn key(&self) -> Option<&str> {
        match self {
            Caller::Member(member) => member.token.strip_prefix(KEY_PREFIX),
            _ => None,
        }
    }

    /// The account's name; none when anonymous.
    pub fn account(&self) -> Option<&str> {
        match self {
            Caller::Anonymous => None,
            Caller::Operator => Some(OPERATOR),
            Caller::Member(member) => Some(&member.account),
        }
    }
}

/// What a caller may do with one collection.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a right of its own, decided for itself"
)]
pub struct Access {
    /// May know that the collection exists.
    pub known: bool,
    /// May read what its marking lets it see.
    pub read: bool,
    /// May publish.
    pub write: Result<(), Refusal>,
    /// Sees AMBER+STRICT and RED of others here.
    recipient: bool,
    /// The collection is confined to a circle that the caller is in.
    circle: bool,
    /// The most restrictive marking that the terms of a partner reach here, when there are any.
    ceiling: Option<Marking>,
}

/// What of an object decides on who sees it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Audience {
    /// The most restrictive of its markings.
    pub marking: Marking,
    /// The party that published it, by its number in the directory.
    pub publisher: u32,
    /// The circle it is confined to by a marking of its own, by its number; 0 for none.
    pub circle: u32,
}

/// Why somebody sees an object.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// It runs the node.
    Operator,
    /// It published the object.
    Publisher,
    /// It is a named recipient of the collection.
    Recipient,
    /// It is in the circle that the object is confined to, with a stance that sees this marking there.
    Circle,
    /// Its stance sees this marking.
    Stance,
    /// It is a partner whose terms reach this marking here.
    Terms,
    /// The marking is CLEAR.
    Clear,
}

/// Why somebody does not see an object.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Denial {
    /// It may not read the collection.
    Collection,
    /// It is not in the circle that the object is confined to.
    Circle,
    /// Its stance, or having none, does not see this marking.
    Stance,
    /// The marking is for named recipients.
    Recipients,
    /// It is a partner, and none of its terms in force reaches this marking here.
    Terms,
}

/// How much somebody sees of what a party says of a signal.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeedbackSight {
    /// Nothing, not even that it is there.
    Nothing,
    /// That somebody says so, and what kind of feedback it is.
    Counted,
    /// Who says what.
    Whole,
}

/// Why something is refused. The words are for people; the case decides the status.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No credentials were given, and without them it is not allowed.
    #[error("sign in first: send a token as Bearer, or as the password of Basic authentication")]
    Anonymous,
    /// The token lacks the scope `read`.
    #[error("this token does not have the scope 'read'")]
    ReadScope,
    /// The token lacks the scope `publish`.
    #[error("this token does not have the scope 'publish'")]
    PublishScope,
    /// The token lacks the scope `administer`.
    #[error("this token does not have the scope 'administer'")]
    AdministerScope,
    /// The token is limited to other collections.
    #[error("this token is limited to other collections")]
    OtherCollections,
    /// The party's stance does not let it publish under this pledge.
    #[error("the stance of this party does not let it publish under this pledge")]
    Stance,
    /// The terms of a partner do not let it publish here today.
    #[error("no terms of this partner that are in force today let it publish here")]
    Terms,
    /// It is neither the party that this is about nor its steward.
    #[error(
        "only the party itself and the steward of the pledge may do this, by a token that is not limited to collections"
    )]
    NoSide,
    /// Nobody answers for a party that has an account of its own.
    #[error("this party has an account that speaks for it here: it answers itself")]
    SpeaksForItself,
    /// Nobody is asked whether it agrees with itself.
    #[error("it is the other side's to agree to show this step")]
    OwnStep,
    /// Nobody judges itself.
    #[error("a party does not judge what it promised itself, nor take steps about it: others do")]
    OwnCommitment,
    /// Who was suspended, or left, judges nobody.
    #[error("a party that is suspended, or has left the pledge, does not judge others under it")]
    LeftStance,
    /// The collection names its publishers and the party is not among them.
    #[error("this collection names its publishers and this party is not among them")]
    Publishers,
    /// Only the party that published an object may change or withdraw it.
    #[error("only the party that first published an object may version, revoke or withdraw it")]
    NotTheCreator,
    /// Nothing is published here by parties: the node itself fills it.
    #[error("this collection is filled by the node: publish into the one it belongs to")]
    Derived,
    /// It takes two persons to erase.
    #[error("erasing takes two persons here: propose it, and let another administrator confirm")]
    TwoPersons,
    /// Who proposed it cannot confirm it.
    #[error("whoever proposed this cannot confirm it: another administrator has to")]
    SamePerson,
    /// A suspended party is told nothing.
    #[error("a party that is suspended is not told of changes")]
    Suspended,
    /// It is for an account of the party that it is about, or for who manages the node.
    #[error(
        "only an account of that party which may read and publish in all collections, or an administrator, may do this"
    )]
    NotThisParty,
    /// The collection takes signed requests alone.
    #[error(
        "this collection takes requests alone that are signed with a key of the party (RFC 9421): \
         see 'entente key' and --sign-key"
    )]
    Unsigned,
    /// It has no part in the request.
    #[error(
        "only the party that asks, the one that is asked, and the steward once it is before it take steps here, by a token that is not limited to collections"
    )]
    NoRole,
    /// Who decided cannot review it.
    #[error(
        "whoever decided cannot review it: another account of this party, or the steward, has to"
    )]
    SameEyes,
    /// No token lives on whose behalf a webhook could be told.
    #[error("no token of this account lives that may read what the webhook was made for")]
    AccountEnded,
}

/// A caller's rights at one moment, computed once and then asked per object.
#[derive(Clone, Debug)]
pub struct Viewer {
    operator: bool,
    caller: Caller,
    /// The caller's party by its number in the directory.
    party: Option<u32>,
    stance: Option<Stance>,
    /// Whether the token lets it read at all.
    reads: bool,
    sees: [bool; 5],
    sees_in_circle: [bool; 5],
    may_publish: bool,
    /// The circles it is in, by number and id.
    circles: Vec<(u32, String)>,
    /// Collections that do not take its requests because they are not signed.
    unsigned_for: Vec<String>,
    /// The terms that bind it, when it is a partner that has any.
    terms: Option<UnderTerms>,
    /// The parties whose requests are its own: itself, and those that became it; none when it became
    /// another itself.
    stands_for: Vec<String>,
}

impl Viewer {
    /// The rights of `caller` under the pledge and stances in `directory` at `now`.
    pub fn new(directory: &Directory, caller: &Caller, now: Instant) -> Self {
        let party = caller.party().and_then(|id| directory.party_number(id));
        let stance = caller
            .party()
            .and_then(|id| directory.stance(id, now.day()));
        let table = directory.visibility();
        let member = matches!(caller, Caller::Member(_));
        let reads = match caller {
            Caller::Member(member) => member.scopes.read,
            _ => true,
        };
        let by = |sees: fn(&VisibilityTable, Stance, Marking) -> bool| {
            Marking::ALL.map(|marking| match marking {
                Marking::Clear => true,
                _ => member && stance.is_some_and(|stance| sees(&table, stance, marking)),
            })
        };
        let in_circle = |circle: &Circle| {
            let mut members = circle.members.iter();
            member && members.any(|member| Some(member.as_str()) == caller.party())
        };
        let circles = directory.circles().filter(|(_, circle)| in_circle(circle));
        let unsigned_for = if caller.key().is_some() {
            Vec::new()
        } else {
            directory.identities().signed_publishes().cloned().collect()
        };
        Viewer {
            unsigned_for,
            operator: *caller == Caller::Operator,
            party,
            stance,
            reads,
            sees: by(VisibilityTable::sees),
            sees_in_circle: by(VisibilityTable::sees_in_circle),
            may_publish: stance.is_some_and(|stance| table.may_publish(stance)),
            circles: circles.map(|(n, circle)| (n, circle.id.clone())).collect(),
            terms: UnderTerms::of(directory, caller.party(), stance, now.day()),
            stands_for: request::stands_for(directory, caller, now.day()),
            caller: caller.clone(),
        }
    }

    /// The rights of a party of this stance with a token that may read, which is in no circle and named
    /// nowhere, and has no terms.
    pub fn of_stance(directory: &Directory, stance: Stance) -> Self {
        let table = directory.visibility();
        Viewer {
            operator: false,
            caller: Caller::Member(Member {
                token: String::new(),
                party: String::new(),
                account: String::new(),
                scopes: Scopes {
                    read: true,
                    ..Scopes::default()
                },
                collections: Vec::new(),
            }),
            party: None,
            stance: Some(stance),
            reads: true,
            sees: Marking::ALL.map(|marking| table.sees(stance, marking)),
            sees_in_circle: [false; 5],
            may_publish: table.may_publish(stance),
            circles: Vec::new(),
            unsigned_for: Vec::new(),
            terms: None,
            stands_for: Vec::new(),
        }
    }

    /// The same party with a token that may read: what its own writes are decided against.
    pub(crate) fn reading(mut self) -> Self {
        self.reads = true;
        if let Caller::Member(member) = &mut self.caller {
            member.scopes.read = true;
        }
        self
    }

    /// On whose behalf.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The stance of the caller's party today.
    pub fn stance(&self) -> Option<Stance> {
        self.stance
    }

    /// Whether terms of a partner bind the caller's party.
    pub fn is_under_terms(&self) -> bool {
        self.terms.is_some()
    }

    /// The caller's party, by its number in the directory.
    pub fn party(&self) -> Option<u32> {
        self.party
    }

    /// What the caller may do with a collection.
    pub fn access(&self, collection: &Collection) -> Access {
        if self.operator {
            return Access {
                known: true,
                read: true,
                write: if collection.companion_of.is_some() {
                    Err(Refusal::Derived)
                } else if self.unsigned_for.contains(&collection.id) {
                    Err(Refusal::Unsigned)
                } else {
                    Ok(())
                },
                recipient: true,
                circle: collection.circle.is_some(),
                ceiling: None,
            };
        }
        let circle = collection.circle.as_deref();
        let inside_circle = circle.is_some_and(|id| self.circles.iter().any(|(_, of)| of == id));
        let confined = circle.is_some() && !inside_circle;
        let Caller::Member(member) = &self.caller else {
            let known = collection.public && !confined;
            return Access {
                known,
                read: known,
                write: Err(Refusal::Anonymous),
                recipient: false,
                circle: false,
                ceiling: None,
            };
        };
        // What may be read of a collection's withdrawals is what may be read of the collection.
        let id = collection.companion_of.as_ref().unwrap_or(&collection.id);
        let limited = !member.collections.is_empty() && !member.collections.contains(id);
        let recipient = collection.recipients.contains(&member.party);
        let listed = collection.publishers.contains(&member.party);
        // GREEN is what a registered party sees: it decides who is inside at all.
        let inside = self.registered();
        let known =
            !confined && (collection.public || (!limited && (inside || recipient || listed)));
        let read = known && !limited && self.reads;
        let write = if collection.companion_of.is_some() {
            Err(Refusal::Derived)
        } else if limited {
            Err(Refusal::OtherCollections)
        } else if !member.scopes.publish {
            Err(Refusal::PublishScope)
        } else if !self.may_publish {
            Err(Refusal::Stance)
        } else if self
            .terms
            .as_ref()
            .is_some_and(|terms| !terms.may_publish(id))
        {
            Err(Refusal::Terms)
        } else if !collection.publishers.is_empty() && !listed {
            Err(Refusal::Publishers)
        } else if self.unsigned_for.contains(&collection.id) {
            Err(Refusal::Unsigned)
        } else {
            Ok(())
        };
        Access {
            known,
            read,
            write,
            recipient: recipient && read && inside,
            circle: inside_circle,
            ceiling: self.terms.as_ref().map(|terms| terms.ceiling(id)),
        }
    }

    /// Whether the caller sees an object with this audience in a collection it has this access to.
    /// Constant time: this runs for every row of every list.
    pub fn sees(&self, access: Access, audience: Audience) -> bool {
        self.verdict(access, audience).is_ok()
    }

    /// Whether the caller sees an object, and why.
    ///
    /// # Errors
    /// Why it does not.
    pub fn verdict(&self, access: Access, audience: Audience) -> Result<Grant, Denial> {
        let Audience {
            marking,
            publisher,
            circle,
        } = audience;
        if !access.read {
            return Err(Denial::Collection);
        }
        if self.operator {
            return Ok(Grant::Operator);
        }
        if self.party == Some(publisher) {
            return Ok(Grant::Publisher);
        }
        if circle != 0 && !self.is_in(circle) {
            return Err(Denial::Circle);
        }
        let among = |sees: &[bool; 5]| sees.get(marking as usize).copied().unwrap_or(false);
        let in_circle = access.circle || circle != 0;
        let granted = match marking {
            Marking::Clear if in_circle => Grant::Circle,
            Marking::Clear => Grant::Clear,
            Marking::AmberStrict | Marking::Red if access.recipient => Grant::Recipient,
            _ if in_circle && among(&self.sees_in_circle) => Grant::Circle,
            Marking::AmberStrict | Marking::Red => return Err(Denial::Recipients),
            _ if among(&self.sees) => Grant::Stance,
            _ => return Err(Denial::Stance),
        };
        match access.ceiling {
            Some(ceiling) if marking > ceiling => Err(Denial::Terms),
            Some(_) if marking > Marking::Green && granted == Grant::Stance => Ok(Grant::Terms),
            _ => Ok(granted),
        }
    }

    /// Whether the caller is in a circle, by its number.
    pub fn is_in(&self, circle: u32) -> bool {
        self.operator || self.circles.iter().any(|(number, _)| *number == circle)
    }

    /// Whether the caller may know of a circle and who is in it: its members, and those who manage
    /// it.
    pub fn knows_circle(&self, circle: u32) -> bool {
        self.is_in(circle) || self.administers().is_ok()
    }

    /// Whether it was the caller's party that acted.
    pub fn acted(&self, actor: &Actor<'_>) -> bool {
        self.operator || self.caller.party() == Some(&*actor.party)
    }

    /// Whether the caller may version, revoke or withdraw what this party published.
    pub fn owns(&self, publisher: u32) -> Result<(), Refusal> {
        if self.operator || self.party == Some(publisher) {
            Ok(())
        } else {
            Err(Refusal::NotTheCreator)
        }
    }

    /// Whether the caller may read a collection that it knows of.
    pub fn may_read(&self, access: &Access) -> Result<(), Refusal> {
        match &self.caller {
            _ if access.read => Ok(()),
            Caller::Member(_) if !self.reads => Err(Refusal::ReadScope),
            Caller::Member(_) => Err(Refusal::OtherCollections),
            _ => Err(Refusal::Anonymous),
        }
    }

    /// Whether the caller has an account and may read: what parties tell each other is for these.
    pub fn signed_in(&self) -> Result<(), Refusal> {
        match &self.caller {
            Caller::Anonymous => Err(Refusal::Anonymous),
            _ => self.may_match(),
        }
    }

    /// Whether the caller may match data; what it hits depends on each signal.
    pub fn may_match(&self) -> Result<(), Refusal> {
        if self.reads {
            Ok(())
        } else {
            Err(Refusal::ReadScope)
        }
    }

    /// Whether the caller may have changes told to a URL of its own.
    pub fn may_subscribe(&self) -> Result<(), Refusal> {
        match self.stance {
            Some(Stance::Suspended) if !self.operator => Err(Refusal::Suspended),
            _ => self.signed_in(),
        }
    }

    /// Whether the caller may ask a set privately, and so know that it is offered. A token that is
    /// limited to collections may not: a set is none of them.
    pub fn may_ask(&self, set: &PrivateSet) -> bool {
        let member = match &self.caller {
            Caller::Anonymous => return false,
            Caller::Operator => return true,
            Caller::Member(member) => member,
        };
        let is_shut_out = matches!(self.stance, Some(Stance::Suspended | Stance::Withdrawn));
        if !self.reads || is_shut_out || !member.collections.is_empty() {
            return false;
        }
        let in_circle = |circle: &String| self.circles.iter().any(|(_, id)| id == circle);
        if !set.circle.as_ref().is_none_or(in_circle) {
            return false;
        }
        // A set is no collection: terms that name collections do not reach it.
        let terms = self.terms.as_ref();
        if terms.is_some_and(|terms| !terms.reach_everywhere(Marking::Amber)) {
            return false;
        }
        if !set.parties.is_empty() {
            return set.parties.contains(&member.party);
        }
        let sees = Marking::ALL.iter().zip(self.sees);
        set.circle.is_some()
            || sees
                .into_iter()
                .any(|(marking, sees)| *marking == Marking::Amber && sees)
    }

    /// How much the caller sees of what `author` says of a signal, as far as it reads a collection
    /// in which that was told: all of it when it is told, says so itself or runs the node. What
    /// stands for a STIX object is seen by those alone who see the object, and counted by them.
    pub fn feedback(
        &self,
        directory: &Directory,
        author: &str,
        to: &[Told],
        sees_object: Option<bool>,
    ) -> FeedbackSight {
        let reads = |number: u32| {
            let settings = directory.collection_number(number);
            settings.is_some_and(|settings| self.access(settings).read)
        };
        let concerned = self.operator
            || self.caller.party().is_some_and(|me| {
                to.iter()
                    .any(|told| (told.party == me || author == me) && reads(told.collection))
            });
        match (sees_object, concerned) {
            (Some(false), _) | (None, false) => FeedbackSight::Nothing,
            (Some(true), false) => FeedbackSight::Counted,
            (_, true) => FeedbackSight::Whole,
        }
    }

    /// Whether the webhooks of a party are the caller's to see and remove.
    pub fn keeps_webhooks_of(&self, party: &str) -> bool {
        self.caller.party() == Some(party) || self.administers().is_ok()
    }

    /// Whether the caller may manage collections, circles, parties and tokens.
    pub fn administers(&self) -> Result<(), Refusal> {
        match &self.caller {
            Caller::Operator => Ok(()),
            Caller::Anonymous => Err(Refusal::Anonymous),
            Caller::Member(member) if member.scopes.administer => Ok(()),
            Caller::Member(_) => Err(Refusal::AdministerScope),
        }
    }

    /// Whether the caller may act for a party where its identity is concerned; gives whether it does
    /// so as who manages the node. A key may read and publish everywhere: a token that is narrower
    /// brings none.
    ///
    /// # Errors
    /// [`Refusal::Anonymous`], [`Refusal::NotThisParty`].
    pub fn acts_for(&self, party: &str) -> Result<bool, Refusal> {
        match &self.caller {
            Caller::Member(member)
                if member.party == party
                    && member.scopes.publish
                    && member.scopes.read
                    && member.collections.is_empty() =>
            {
                Ok(member.scopes.administer)
            }
            Caller::Anonymous => Err(Refusal::Anonymous),
            _ => self
                .administers()
                .map(|()| true)
                .map_err(|_| Refusal::NotThisParty),
        }
    }

    /// Whether the caller may ask for what this party published to be erased: those who manage the
    /// node, and the party itself.
    pub fn may_propose_erasure(&self, publisher: u32) -> Result<(), Refusal> {
        match &self.caller {
            _ if self.administers().is_ok() => Ok(()),
            Caller::Member(member) if !member.scopes.publish => Err(Refusal::PublishScope),
            Caller::Member(_) => self.owns(publisher),
            _ => Err(Refusal::Anonymous),
        }
    }

    /// Whether the caller's party is registered with a stance that lets it see GREEN.
    fn registered(&self) -> bool {
        self.stance
            .is_some_and(|stance| !matches!(stance, Stance::Withdrawn | Stance::Suspended))
    }
}

/// Whether a recipient may act on a signal in a way that whoever is behind it can notice, such as
/// blocking: PAP:AMBER and PAP:RED allow looking alone.
pub fn may_block(pap: Option<Pap>) -> bool {
    pap.is_none_or(|pap| pap <= Pap::Green)
}

#[cfg(test)]
mod tests;
