//! Hits: where, what, and which signal, published by whom; and why a signal does not fire.

use std::collections::{BTreeMap, BTreeSet};

use node::act::lookup::{self, SignalFacts};
use node::act::reason;
use serde::{Deserialize, Serialize};

use super::time;

/// What is looked up, when it is sent as JSON: `POST /api/v1/lookup`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Ask {
    /// A text, searched for observables.
    Text {
        text: String,
        /// Whether to list the hits that do not fire as well.
        #[serde(default)]
        explain: bool,
    },
    /// Single values; each hit carries the number of its value, from 1, as its line.
    Values {
        values: Vec<String>,
        /// As with a text.
        #[serde(default)]
        explain: bool,
    },
}

/// All hits of one lookup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) matches: Vec<Match>,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    /// Hits that do not fire; left out when there are none.
    #[serde(default, skip_serializing_if = "Suppressed::is_none")]
    pub(crate) suppressed: Suppressed,
}

/// How many hits do not fire, and how many of them for which reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Suppressed {
    pub(crate) hits: u64,
    /// A hit may have more than one.
    pub(crate) why: BTreeMap<String, u64>,
}

impl Suppressed {
    fn is_none(&self) -> bool {
        self.hits == 0
    }

    /// Counts a hit that does not fire.
    pub(crate) fn count(&mut self, hit: &Match) {
        self.hits += 1;
        let words: BTreeSet<&str> = hit.why.iter().map(Why::word).collect();
        for word in words {
            match self.why.get_mut(word) {
                Some(number) => *number += 1,
                None => drop(self.why.insert(word.to_owned(), 1)),
            }
        }
    }
}

/// One hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Match {
    /// The file it stands in; the command line adds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// From 1.
    pub(crate) line: u64,
    /// The byte in the line, from 1.
    pub(crate) column: u64,
    /// The byte in the stream, from 0.
    pub(crate) offset: u64,
    /// What stands there, as written; bytes that are no UTF-8 are replaced.
    pub(crate) found: String,
    /// What kind of observable was published.
    pub(crate) kind: String,
    /// The published value, canonical.
    pub(crate) value: String,
    /// How the two relate.
    pub(crate) relation: String,
    /// Of a PDQ hash: how many bits differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) distance: Option<u32>,
    pub(crate) signal: Signal,
    /// How much the signal still says of such a value, 0 to 100.
    #[serde(default = "whole")]
    pub(crate) score: u8,
    /// Whether the hit is cause for alarm.
    #[serde(default = "fires")]
    pub(crate) fires: bool,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) why: Vec<Why>,
}

/// Why a signal does not fire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub(crate) enum Why {
    /// Its creator revoked it.
    Revoked,
    /// It is valid from then on.
    NotYetValid { at: String },
    /// It ended then.
    Expired { at: String },
    /// It was added or last seen too long ago.
    Decayed { since: String, days: u32 },
    /// The published value is on this warning list.
    WarningList { list: String },
}

fn whole() -> u8 {
    node::decay::WHOLE
}

fn fires() -> bool {
    true
}

impl Why {
    /// The word for it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Why::Revoked => "revoked",
            Why::NotYetValid { .. } => "not-yet-valid",
            Why::Expired { .. } => "expired",
            Why::Decayed { .. } => "decayed",
            Why::WarningList { .. } => "warning-list",
        }
    }

    /// In words, for people.
    pub(crate) fn words(&self) -> String {
        let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
        match self {
            Why::Revoked => "revoked by its creator".into(),
            Why::NotYetValid { at } => format!("not valid before {}", day(at)),
            Why::Expired { at } => format!("expired on {}", day(at)),
            Why::Decayed { since, days } => {
                format!("not seen since {}, more than {days} days", day(since))
            }
            Why::WarningList { list } => format!("on the warning list '{list}'"),
        }
    }
}

impl From<&reason::Why> for Why {
    fn from(why: &reason::Why) -> Self {
        match why {
            reason::Why::Revoked => Why::Revoked,
            reason::Why::NotYetValid(at) => Why::NotYetValid { at: time(*at) },
            reason::Why::Expired(at) => Why::Expired { at: time(*at) },
            reason::Why::Decayed { since, days } => Why::Decayed {
                since: time(*since),
                days: *days,
            },
            reason::Why::WarningList(list) => Why::WarningList { list: list.clone() },
        }
    }
}

impl From<&reason::Suppressed> for Suppressed {
    fn from(suppressed: &reason::Suppressed) -> Self {
        let why = suppressed.why.iter();
        Suppressed {
            hits: suppressed.hits,
            why: why
                .map(|(word, hits)| ((*word).to_owned(), *hits))
                .collect(),
        }
    }
}

/// The signal that was hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signal {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The collection's alias.
    pub(crate) collection: String,
    pub(crate) publisher: Publisher,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) harm: Option<String>,
    pub(crate) marking: String,
    /// `PAP:AMBER` and so on: what may be done with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pap: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<String>,
    pub(crate) added: String,
    pub(crate) version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<String>,
}

/// The party that published a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publisher {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl From<&lookup::Match> for Match {
    fn from(hit: &lookup::Match) -> Self {
        Match {
            file: None,
            line: hit.line,
            column: hit.column,
            offset: hit.offset,
            found: hit.found.clone(),
            kind: hit.kind.to_string(),
            value: hit.value.clone(),
            relation: hit.relation.to_string(),
            distance: None,
            signal: Signal::from(hit.signal.as_ref()),
            score: hit.score,
            fires: hit.fires(),
            why: hit.why.iter().map(Why::from).collect(),
        }
    }
}

impl Match {
    /// A hash of an image, asked for as `found`, that is near a published one.
    pub(crate) fn near(line: u64, found: &str, hit: &lookup::ImageMatch) -> Self {
        Match {
            file: None,
            line,
            column: 1,
            offset: 0,
            found: found.to_owned(),
            kind: "pdq".into(),
            value: hit.hash.to_string(),
            relation: if hit.distance == 0 { "exact" } else { "near" }.into(),
            distance: Some(hit.distance),
            signal: Signal::from(hit.signal.as_ref()),
            score: node::decay::WHOLE,
            fires: hit.fires(),
            why: hit.why.iter().map(Why::from).collect(),
        }
    }
}

impl From<&SignalFacts> for Signal {
    fn from(facts: &SignalFacts) -> Self {
        Signal {
            id: facts.id.clone(),
            name: facts.name.clone(),
            collection: facts.collection.clone(),
            publisher: Publisher {
                id: facts.publisher.clone(),
                name: facts.publisher_name.clone(),
            },
            harm: facts.harm.map(|harm| harm.to_string()),
            marking: facts.marking.to_string(),
            pap: facts.pap.map(|pap| pap.to_string()),
            labels: facts.labels.clone(),
            added: time(facts.added),
            version: time(facts.version),
            valid_until: facts.valid_until.map(time),
        }
    }
}
