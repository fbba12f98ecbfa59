//! Hits: where, what, and which signal, published by whom.

use node::act::lookup::{self, SignalFacts};
use serde::{Deserialize, Serialize};

use super::time;

/// What is looked up, when it is sent as JSON: `POST /api/v1/lookup`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Ask {
    /// A text, searched for observables.
    Text { text: String },
    /// Single values; each hit carries the number of its value, from 1, as its line.
    Values { values: Vec<String> },
}

/// All hits of one lookup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) matches: Vec<Match>,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
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
    pub(crate) signal: Signal,
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
            signal: Signal::from(hit.signal.as_ref()),
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
