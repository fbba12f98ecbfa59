//! Sets that are offered for private matching, and who asked about how much of them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::entry::{Act, Entry};
use crate::model::PrivateSet;

/// What a party asked a set about.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The last day (UTC) it asked.
    pub day: Date,
    /// Elements asked about on that day.
    pub that_day: u64,
    /// Elements asked about ever.
    pub ever: u64,
}

/// Folded from the journal, as part of the directory.
#[derive(Clone, Debug, Default)]
pub struct PrivateSets {
    sets: BTreeMap<String, PrivateSet>,
    /// By set and party.
    asked: BTreeMap<(String, String), Asked>,
}

impl PrivateSets {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, entry: &Entry<'_>) {
        match &entry.act {
            Act::OfferSet(set) => drop(self.sets.insert(set.name.clone(), set.clone())),
            Act::RemoveSet(name) => drop(self.sets.remove(name)),
            Act::PrivateMatch { set, elements } => {
                let key = (set.clone(), entry.actor.party.clone().into_owned());
                let asked = self.asked.entry(key).or_default();
                let day = entry.at.day();
                if asked.day != day {
                    (asked.day, asked.that_day) = (day, 0);
                }
                asked.that_day = asked.that_day.saturating_add(*elements);
                asked.ever = asked.ever.saturating_add(*elements);
            }
            _ => {}
        }
    }

    /// All sets, by name.
    pub fn all(&self) -> impl Iterator<Item = &PrivateSet> {
        self.sets.values()
    }

    /// A set by its name.
    pub fn get(&self, name: &str) -> Option<&PrivateSet> {
        self.sets.get(name)
    }

    /// How many elements a party asked a set about on a day.
    pub fn asked_on(&self, set: &str, party: &str, day: Date) -> u64 {
        let asked = self.asked.get(&(set.to_owned(), party.to_owned()));
        let asked = asked.filter(|asked| asked.day == day);
        asked.map_or(0, |asked| asked.that_day)
    }

    /// Who asked a set about how much.
    pub fn asked<'d>(&'d self, set: &'d str) -> impl Iterator<Item = (&'d str, Asked)> {
        let of_set = self.asked.iter().filter(move |((name, _), _)| name == set);
        of_set.map(|((_, party), asked)| (party.as_str(), *asked))
    }
}
