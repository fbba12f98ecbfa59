//! What was erased, what is proposed to be, and how many persons it takes: folded from the journal,
//! as part of the directory.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::entry::{Act, Entry};
use crate::model::Marking;
use crate::policy::Audience;

/// Bodies that are erased by one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Positions of the entries, in rising order.
    pub positions: Vec<u64>,
    /// Why, in a few words.
    pub reason: String,
    /// Whether those who could see what is gone may read why.
    pub public: bool,
    /// The proposal that it follows.
    pub proposal: Option<String>,
    /// The object of which versions are among them.
    pub object: Option<GoneObject>,
}

/// Versions of one object in one collection, for one audience, that are erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneObject {
    /// The collection's number.
    pub collection: u32,
    /// The STIX id; none when it is to be forgotten too.
    pub id: Option<String>,
    /// The marking by which it was seen.
    pub marking: Marking,
    /// The number of the party that published it.
    pub publisher: u32,
    /// The circle that it was confined to, by its number; 0 for none.
    pub circle: u32,
    /// The versions.
    pub versions: Vec<GoneVersion>,
    /// Notices of earlier withdrawals that are erased with them.
    pub notices: Vec<GoneVersion>,
    /// Whether nothing of the object is left for this audience.
    pub whole: bool,
    /// Days since 1970 of which a feed by day may have told the object.
    pub days: Vec<u32>,
}

impl GoneObject {
    /// Who could see it.
    pub fn audience(&self) -> Audience {
        Audience {
            marking: self.marking,
            publisher: self.publisher,
            circle: self.circle,
        }
    }
}

/// One version that is erased.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneVersion {
    /// The position of the entry that added it.
    pub position: u64,
    /// Its `date_added`, in microseconds since 1970.
    pub added: i64,
    /// The version in microseconds since 1970.
    pub version: i64,
}

/// What is to be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Every version of the object with this STIX id, in all collections.
    Object(String),
    /// The entries at these positions.
    Positions(Vec<u64>),
}

/// An erasure that somebody proposes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureProposal {
    /// By which it is confirmed.
    pub id: String,
    /// What is to be erased.
    pub what: What,
    /// Why, in a few words.
    pub reason: String,
    /// Whether those who could see what is gone may read why.
    pub public: bool,
    /// Whether what parties said of the object goes too.
    pub with_feedback: bool,
    /// Whether the object's id goes too, so that nobody is told.
    pub forget_id: bool,
}

/// A party's account, by which persons are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The party's id.
    pub party: String,
    /// The account's name.
    pub account: String,
}

impl Account {
    fn of(entry: &Entry<'_>) -> Self {
        Account {
            party: entry.actor.party.clone().into_owned(),
            account: entry.actor.account.clone().into_owned(),
        }
    }
}

/// A proposal that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// What is proposed.
    pub proposal: ErasureProposal,
    /// By whom.
    pub by: Account,
    /// When.
    pub at: Instant,
}

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What went, and why.
    pub erasure: Erasure,
    /// Who did it.
    pub by: Account,
    /// When.
    pub at: Instant,
}

/// Folded from the journal.
#[derive(Clone, Debug, Default)]
pub struct Erasures {
    two_persons: bool,
    /// Who wants one person to be enough again, where it takes two.
    relaxing: Option<Account>,
    proposals: BTreeMap<String, Proposed>,
    done: Vec<Done>,
    /// Of each erased entry the place in `done`.
    by_position: BTreeMap<u64, usize>,
    by_object: HashMap<String, Vec<usize>>,
}

impl Erasures {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, entry: &Entry<'_>) {
        match &entry.act {
            Act::Erasure(erasure) => {
                let place = self.done.len();
                for position in &erasure.positions {
                    self.by_position.entry(*position).or_insert(place);
                }
                if let Some(id) = erasure.object.as_ref().and_then(|object| object.id.clone()) {
                    self.by_object.entry(id).or_default().push(place);
                }
                if let Some(id) = &erasure.proposal {
                    self.proposals.remove(id);
                }
                self.done.push(Done {
                    erasure: erasure.clone(),
                    by: Account::of(entry),
                    at: entry.at,
                });
            }
            Act::ErasureProposal(proposal) => {
                let proposed = Proposed {
                    proposal: proposal.clone(),
                    by: Account::of(entry),
                    at: entry.at,
                };
                self.proposals.insert(proposal.id.clone(), proposed);
            }
            Act::ErasureDeclined(id) => drop(self.proposals.remove(id)),
            Act::ErasureRule { two_persons: true } => {
                (self.two_persons, self.relaxing) = (true, None);
            }
            Act::ErasureRule { two_persons: false } => {
                let by = Account::of(entry);
                match &self.relaxing {
                    Some(first) if *first != by => {
                        (self.two_persons, self.relaxing) = (false, None);
                    }
                    None if self.two_persons => self.relaxing = Some(by),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Whether it takes two persons to erase.
    pub fn two_persons(&self) -> bool {
        self.two_persons
    }

    /// Who wants one person to be enough again; a second one has to agree.
    pub fn relaxing(&self) -> Option<&Account> {
        self.relaxing.as_ref()
    }

    /// The proposals that wait, by their ids.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposed> {
        self.proposals.values()
    }

    /// A proposal that waits.
    pub fn proposal(&self, id: &str) -> Option<&Proposed> {
        self.proposals.get(id)
    }

    /// What was erased, oldest first.
    pub fn done(&self) -> &[Done] {
        &self.done
    }

    /// What erased the entry at a position.
    pub fn of_position(&self, position: u64) -> Option<&Done> {
        self.done.get(*self.by_position.get(&position)?)
    }

    /// What erased versions of an object, oldest first.
    pub fn of_object(&self, id: &str) -> impl Iterator<Item = &Done> {
        let places = self.by_object.get(id).into_iter().flatten();
        places.filter_map(|place| self.done.get(*place))
    }

    /// The positions of all erased entries, in rising order.
    pub fn positions(&self) -> impl Iterator<Item = u64> {
        self.by_position.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::entry::Actor;

    fn rule(erasures: &mut Erasures, account: &'static str, two_persons: bool) {
        let actor = Actor {
            party: Cow::Borrowed("alpha"),
            account: Cow::Borrowed(account),
        };
        erasures.apply(&Entry {
            at: Instant(1),
            actor,
            act: Act::ErasureRule { two_persons },
        });
    }

    #[test]
    fn one_may_ask_for_two_and_two_may_ask_for_one() {
        let mut erasures = Erasures::default();
        rule(&mut erasures, "ada", false);
        assert!(!erasures.two_persons() && erasures.relaxing().is_none());
        rule(&mut erasures, "ada", true);
        assert!(erasures.two_persons());
        rule(&mut erasures, "ada", false);
        rule(&mut erasures, "ada", false);
        assert!(erasures.two_persons(), "the same person twice is one");
        rule(&mut erasures, "bob", true);
        rule(&mut erasures, "bob", false);
        assert!(
            erasures.two_persons(),
            "what was said before it was asked for again is void"
        );
        rule(&mut erasures, "ada", false);
        assert!(!erasures.two_persons());
    }
}
