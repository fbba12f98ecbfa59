//! What a caller sees of collections, objects, sets and feedback.

use super::{Caller, Refusal, Viewer};
use crate::directory::Directory;
use crate::model::{Collection, Marking, PrivateSet, Told};
use crate::pledge::Stance;

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

impl Viewer {
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
}
