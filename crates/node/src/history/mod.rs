//! The history of a pledge: its versions and who adopted which, parties that became others, and what
//! collections were. Folded from the journal, as part of the directory; [`diff`] compares two days.

mod diff;
mod version;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::clock::Instant;
use crate::entry::{Act, Entry, Recorded};
use crate::model::Collection;

pub use diff::{Ask, Changed, Diff, Event, Line, Notion};
pub use version::{
    Adoption, AdoptionRecord, Amendment, Becomes, PledgeVersion, Reassignment, ReassignmentRecord,
};

/// Folded from the journal.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By number, from 1.
    versions: Vec<PledgeVersion>,
    /// In the order they were recorded.
    adoptions: Vec<AdoptionRecord>,
    reassignments: Vec<ReassignmentRecord>,
    /// The last entry of those that came with the pledge file: they follow it without a gap.
    loaded: Option<Recorded>,
    /// Settings of each collection over time, by its id.
    collections: BTreeMap<String, Vec<(Collection, Recorded)>>,
}

impl History {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, recorded: Recorded, entry: &Entry<'_>) {
        match &entry.act {
            Act::Pledge(pledge) => {
                self.loaded = Some(recorded);
                self.push_version(PledgeVersion {
                    number: 0,
                    date: pledge.adopted,
                    changes: String::new(),
                    source: None,
                    pledge: Arc::new((**pledge).clone()),
                    recorded,
                });
            }
            Act::Party(_) | Act::Stance(_) => {
                // Entries of one batch are a microsecond apart.
                let next = |last: &Recorded| Recorded {
                    position: last.position + 1,
                    at: Instant(last.at.0 + 1),
                };
                if self.loaded.as_ref().map(next) == Some(recorded) {
                    self.loaded = Some(recorded);
                }
            }
            Act::Amend(amendment) => self.push_version(PledgeVersion {
                number: 0,
                date: amendment.date,
                changes: amendment.changes.clone(),
                source: Some(amendment.source.clone()),
                pledge: Arc::new(amendment.pledge.clone()),
                recorded,
            }),
            Act::Adopt(adoption) => self.adoptions.push(AdoptionRecord {
                adoption: adoption.clone(),
                recorded,
            }),
            Act::Reassign(reassignment) => self.reassignments.push(ReassignmentRecord {
                reassignment: reassignment.clone(),
                recorded,
            }),
            Act::Collection(collection) => {
                let known = self.collections.entry(collection.id.clone()).or_default();
                known.push((collection.clone(), recorded));
            }
            _ => {}
        }
    }

    /// Numbers count by themselves, so that no entry can leave a gap.
    fn push_version(&mut self, version: PledgeVersion) {
        let number = u32::try_from(self.versions.len() + 1).unwrap_or(u32::MAX);
        self.versions.push(PledgeVersion { number, ..version });
    }

    /// Every version of the pledge, oldest first.
    pub fn versions(&self) -> &[PledgeVersion] {
        &self.versions
    }

    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&PledgeVersion> {
        self.versions.iter().find(|v| v.number == number)
    }

    /// The newest version of a day.
    pub fn version_on(&self, day: Date) -> Option<&PledgeVersion> {
        self.versions.iter().rev().find(|v| v.date <= day)
    }

    /// Whether an entry came with the pledge file, when this node began: what such a file says of days
    /// before is no change of mind.
    pub fn is_loaded(&self, recorded: Recorded) -> bool {
        self.loaded.is_some_and(|last| recorded <= last)
    }

    /// Adoptions, in the order they were recorded.
    pub fn adoptions(&self) -> &[AdoptionRecord] {
        &self.adoptions
    }

    /// What a party adopted, in the order it was recorded.
    pub fn adoptions_of<'a>(&'a self, party: &'a str) -> impl Iterator<Item = &'a AdoptionRecord> {
        let of_party = self.adoptions.iter();
        of_party.filter(move |record| record.adoption.party == party)
    }

    /// The version that a party holds itself to on a day: the one it adopted last, or the newest of
    /// the day it signed (`signed_on`).
    pub fn adopted(&self, party: &str, signed_on: Option<Date>, day: Date) -> Option<u32> {
        let adopted = self
            .adoptions_of(party)
            .filter(|record| record.adoption.date <= day)
            .max_by_key(|record| (record.adoption.date, record.recorded.position))
            .map(|record| (record.adoption.date, record.adoption.version));
        let signed = signed_on.and_then(|signed| {
            let version = self.version_on(signed).or(self.versions.first())?;
            Some((signed, version.number))
        });
        match (adopted, signed) {
            // Who signed anew, after it had left, signed what was there then.
            (Some((at, _)), Some((signed, number))) if signed > at => Some(number),
            (Some((_, number)), _) => Some(number),
            (None, signed) => signed.map(|(_, number)| number),
        }
    }

    /// Reassignments, in the order they were recorded.
    pub fn reassignments(&self) -> &[ReassignmentRecord] {
        &self.reassignments
    }

    /// The party that another became in the end, by following reassignments to a day; none when it
    /// is still itself.
    pub fn successor(&self, party: &str, day: Date) -> Option<&str> {
        let mut now = None;
        // Bounded: a circle is refused before it is written, and ends here all the same.
        for _ in 0..=self.reassignments.len() {
            let at = now.unwrap_or(party);
            let of_party = self.reassignments.iter().rev().filter(|record| {
                let known = &record.reassignment;
                known.party == at && known.since <= day
            });
            let mut follow = of_party.filter_map(|r| r.reassignment.becomes.successor());
            match follow.next() {
                Some(next) => now = Some(next),
                None => break,
            }
        }
        now
    }

    /// The settings of collections over time, by their ids.
    pub fn collections(&self) -> &BTreeMap<String, Vec<(Collection, Recorded)>> {
        &self.collections
    }
}

#[cfg(test)]
mod tests;
