//! Sets for private matching, as the API tells of them.

use node::model::PrivateSet;
use node::private::Asked;
use serde::{Deserialize, Serialize};

/// A set that the caller may ask: `GET /api/v1/private-match/{name}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Set {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// Elements that a party may ask about in a day (UTC).
    pub(crate) daily: u64,
    /// Outputs in the published set, those that stand for nothing among them.
    pub(crate) outputs: u64,
    /// SHA-256 of the published set, in hexadecimal digits.
    pub(crate) digest: String,
    /// Who may ask, for those who manage the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) circle: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parties: Vec<String>,
    /// Who asked about how much, for those who manage the node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) asked: Vec<Asker>,
}

/// What a party asked a set about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asker {
    pub(crate) party: String,
    /// The last day (UTC) it asked, and elements asked about on it.
    pub(crate) day: String,
    pub(crate) that_day: u64,
    /// Elements asked about ever.
    pub(crate) ever: u64,
}

/// All sets that the caller may ask: `GET /api/v1/private-match`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sets {
    pub(crate) sets: Vec<Set>,
}

/// A set to be offered, whose published outputs lie in the node's data directory:
/// `PUT /api/v1/private-match/{name}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSet {
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) circle: Option<String>,
    #[serde(default)]
    pub(crate) parties: Vec<String>,
    #[serde(default = "daily")]
    pub(crate) daily: u64,
}

/// What a party may ask about in a day when nothing else is said.
pub(crate) fn daily() -> u64 {
    100_000
}

impl Set {
    /// A set as those who may ask see it; with who may and did, where `asked` is told.
    pub(crate) fn of(set: &PrivateSet, asked: Option<Vec<(String, Asked)>>) -> Self {
        let manages = asked.is_some();
        Set {
            name: set.name.clone(),
            description: set.description.clone(),
            daily: set.daily,
            outputs: set.outputs,
            digest: hexadecimal(&set.digest),
            circle: set.circle.clone().filter(|_| manages),
            parties: if manages {
                set.parties.clone()
            } else {
                Vec::new()
            },
            asked: asked
                .unwrap_or_default()
                .into_iter()
                .map(|(party, asked)| Asker {
                    party,
                    day: asked.day.to_string(),
                    that_day: asked.that_day,
                    ever: asked.ever,
                })
                .collect(),
        }
    }
}

pub(crate) fn hexadecimal(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::new(), |mut text, octet| {
        // writing to a String does not fail
        let _ = write!(text, "{octet:02x}");
        text
    })
}
