//! Who may see or do what, and why: pure verdicts, decided here and nowhere else.
//!
//! | | CLEAR | GREEN | AMBER | AMBER+STRICT | RED |
//! |---|---|---|---|---|---|
//! | anyone, in a public collection | yes | | | | |
//! | members | yes | by stance | by stance | publisher and named recipients | publisher and named recipients |
//!
//! "By stance" is the pledge's visibility table. A token narrows what its party may do; it never
//! widens it. What a caller may not know exists is answered like what does not exist.

use crate::clock::Instant;
use crate::directory::Directory;
use crate::model::{Collection, Marking, Scopes};
use crate::pledge::Stance;

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
pub struct Access {
    /// May know that the collection exists.
    pub known: bool,
    /// May read what its marking lets it see.
    pub read: bool,
    /// May publish.
    pub write: Result<(), Refusal>,
    /// Sees AMBER+STRICT and RED of others here.
    recipient: bool,
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
    /// The collection names its publishers and the party is not among them.
    #[error("this collection names its publishers and this party is not among them")]
    Publishers,
    /// Only the party that published an object may change or withdraw it.
    #[error("only the party that first published an object may version, revoke or withdraw it")]
    NotTheCreator,
}

/// A caller's rights at one moment, computed once and then asked per object.
#[derive(Clone, Debug)]
pub struct Viewer {
    operator: bool,
    caller: Caller,
    /// The caller's party by its number in the directory.
    party: Option<u32>,
    stance: Option<Stance>,
    sees: [bool; 5],
    may_publish: bool,
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
        let sees = Marking::ALL.map(|marking| match marking {
            Marking::Clear => reads,
            _ => member && reads && stance.is_some_and(|s| table.sees(s, marking)),
        });
        let may_publish = stance.is_some_and(|stance| table.may_publish(stance));
        let operator = *caller == Caller::Operator;
        Viewer {
            operator,
            caller: caller.clone(),
            party,
            stance,
            sees,
            may_publish,
        }
    }

    /// On whose behalf.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The stance of the caller's party today.
    pub fn stance(&self) -> Option<Stance> {
        self.stance
    }

    /// What the caller may do with a collection.
    pub fn access(&self, collection: &Collection) -> Access {
        if self.operator {
            return Access {
                known: true,
                read: true,
                write: Ok(()),
                recipient: true,
            };
        }
        let Caller::Member(member) = &self.caller else {
            let write = Err(Refusal::Anonymous);
            let known = collection.public;
            return Access {
                known,
                read: known,
                write,
                recipient: false,
            };
        };
        let limited =
            !member.collections.is_empty() && !member.collections.contains(&collection.id);
        let recipient = collection.recipients.contains(&member.party);
        let listed = collection.publishers.contains(&member.party);
        // GREEN is what a registered party sees: it decides who is inside at all.
        let inside = self.registered();
        let known = collection.public || (!limited && (inside || recipient || listed));
        let read = known && !limited && member.scopes.read;
        let write = if limited {
            Err(Refusal::OtherCollections)
        } else if !member.scopes.publish {
            Err(Refusal::PublishScope)
        } else if !self.may_publish {
            Err(Refusal::Stance)
        } else if !collection.publishers.is_empty() && !listed {
            Err(Refusal::Publishers)
        } else {
            Ok(())
        };
        Access {
            known,
            read,
            write,
            recipient: recipient && read,
        }
    }

    /// Whether the caller sees an object with this marking from this publisher in a collection it
    /// has this access to. Constant time: this runs for every row of every list.
    pub fn sees(&self, access: &Access, marking: Marking, publisher: u32) -> bool {
        if !access.read {
            return false;
        }
        if self.operator || self.party == Some(publisher) {
            return true;
        }
        match marking {
            Marking::AmberStrict | Marking::Red => access.recipient,
            other => self.sees.get(other as usize).copied().unwrap_or(false),
        }
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
            Caller::Member(member) if !member.scopes.read => Err(Refusal::ReadScope),
            Caller::Member(_) => Err(Refusal::OtherCollections),
            _ => Err(Refusal::Anonymous),
        }
    }

    /// Whether the caller may match data; what it hits depends on each signal.
    pub fn may_match(&self) -> Result<(), Refusal> {
        match &self.caller {
            Caller::Member(member) if !member.scopes.read => Err(Refusal::ReadScope),
            _ => Ok(()),
        }
    }

    /// Whether the caller may manage collections, parties and tokens.
    pub fn administers(&self) -> Result<(), Refusal> {
        match &self.caller {
            Caller::Operator => Ok(()),
            Caller::Anonymous => Err(Refusal::Anonymous),
            Caller::Member(member) if member.scopes.administer => Ok(()),
            Caller::Member(_) => Err(Refusal::AdministerScope),
        }
    }

    /// Whether the caller's party is registered with a stance that lets it see GREEN.
    fn registered(&self) -> bool {
        self.stance
            .is_some_and(|stance| !matches!(stance, Stance::Withdrawn | Stance::Suspended))
    }
}
