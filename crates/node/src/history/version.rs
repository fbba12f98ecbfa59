//! Versions of a pledge, who adopted them, and parties that became others.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::Recorded;
use crate::pledge::Pledge;

/// A new version of the pledge. Who does not adopt it stays with the one it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The day of the new version.
    pub date: Date,
    /// What changes, in a few words.
    pub changes: String,
    /// Where it is known from.
    pub source: String,
    /// The whole pledge as it is from then on.
    pub pledge: Pledge,
}

/// A party adopts a version of the pledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// The party's id.
    pub party: String,
    /// The version's number.
    pub version: u32,
    /// The day of the adoption.
    pub date: Date,
    /// Where it is known from, when somebody else recorded it for the party.
    pub source: Option<String>,
}

/// What becomes of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Becomes {
    /// It has another name from then on.
    Renamed {
        /// The name before.
        from: String,
        /// The name after.
        to: String,
    },
    /// Another party, by its id, follows it.
    Succeeded(String),
    /// It is merged into another party, by its id.
    Merged(String),
}

/// A party is renamed, succeeded or merged. What it published stays attributed as it was, and its tokens
/// stay with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reassignment {
    /// The party's id.
    pub party: String,
    /// What becomes of it.
    pub becomes: Becomes,
    /// The first day.
    pub since: Date,
    /// Why.
    pub reason: String,
    /// Where it is known from.
    pub source: String,
}

/// A version of the pledge with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgeVersion {
    /// Counted from 1.
    pub number: u32,
    /// The day of the version.
    pub date: Date,
    /// What changed; empty for the first.
    pub changes: String,
    /// Where it is known from; none for the first.
    pub source: Option<String>,
    /// The pledge as it is in this version.
    pub pledge: Arc<Pledge>,
    /// Its entry.
    pub recorded: Recorded,
}

/// An adoption with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptionRecord {
    /// The adoption.
    pub adoption: Adoption,
    /// Its entry.
    pub recorded: Recorded,
}

/// A reassignment with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReassignmentRecord {
    /// The reassignment.
    pub reassignment: Reassignment,
    /// Its entry.
    pub recorded: Recorded,
}

impl Becomes {
    /// The party that follows, if another does.
    pub fn successor(&self) -> Option<&str> {
        match self {
            Becomes::Renamed { .. } => None,
            Becomes::Succeeded(id) | Becomes::Merged(id) => Some(id),
        }
    }

    /// The word in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Becomes::Renamed { .. } => "renamed",
            Becomes::Succeeded(_) => "succeeded",
            Becomes::Merged(_) => "merged",
        }
    }
}

impl PledgeVersion {
    /// What differs from another version, by principles and by what it lets stances see.
    pub fn differences(&self, before: &Self) -> Vec<String> {
        let (old, new) = (&before.pledge, &self.pledge);
        let mut words = Vec::new();
        for principle in &new.principles {
            match old.principle(principle.number) {
                None => words.push(format!(
                    "principle {} is new: {}",
                    principle.number, principle.title
                )),
                Some(was) if was != principle => {
                    words.push(format!("principle {} reads otherwise", principle.number));
                }
                Some(_) => {}
            }
        }
        for gone in &old.principles {
            if new.principle(gone.number).is_none() {
                words.push(format!("principle {} is gone: {}", gone.number, gone.title));
            }
        }
        let facts = [
            (old.name != new.name, "the name differs"),
            (old.summary != new.summary, "the summary differs"),
            (old.steward != new.steward, "the steward differs"),
            (old.binding != new.binding, "whether it binds differs"),
            (
                old.visibility != new.visibility,
                "who sees and who may publish differs",
            ),
        ];
        let differ = facts.iter().filter(|(differs, _)| *differs);
        words.extend(differ.map(|(_, fact)| (*fact).to_owned()));
        words
    }
}
