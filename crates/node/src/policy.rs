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
mod refusal;
mod request;
mod sight;
mod subscriber;
mod terms;

use stix::Pap;

use terms::UnderTerms;

pub use accession::speaks_for_itself;
pub use commitment::Judge;
pub use refusal::Refusal;
pub use request::CaseSight;
pub use sight::{Access, Audience, Denial, FeedbackSight, Grant};
pub use subscriber::{Subscriber, subscriber};

use crate::clock::Instant;
use crate::directory::{Directory, KEY_PREFIX};
use crate::entry::Actor;
use crate::model::{Circle, Marking, Scopes};
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
