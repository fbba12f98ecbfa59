//! Versions of the pledge, who adopted which, and parties that became others.

use jiff::civil::Date;
use node::Node;
use node::act::history::{NewAdoption, NewReassignment};
use node::history::{self, Becomes, PledgeVersion};
use node::pledge::Stance;
use serde::{Deserialize, Serialize};

use super::accession::Record;
use super::pledge::Pledge;

/// A version of the pledge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) date: Date,
    /// What changed, in the words of whoever amended; empty for the first.
    pub(crate) changes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// What differs from the version before.
    pub(crate) differences: Vec<String>,
    /// How many parties hold themselves to it today.
    pub(crate) held_by: usize,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/pledge/versions`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Versions {
    pub(crate) versions: Vec<Version>,
}

/// `GET /api/v1/pledge/versions/{number}`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WholeVersion {
    #[serde(flatten)]
    pub(crate) version: Version,
    /// The pledge as it is in this version.
    pub(crate) pledge: Pledge,
    /// Who adopted it, in the order it was recorded.
    pub(crate) adoptions: Vec<Adoption>,
}

/// A party adopted a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Adoption {
    pub(crate) party: String,
    pub(crate) version: u32,
    pub(crate) date: Date,
    /// Where it is known from, when somebody else recorded it for the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `POST /api/v1/pledge/versions`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amend {
    /// The whole pledge file, as TOML.
    pub(crate) file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    pub(crate) changes: String,
    pub(crate) source: String,
}

/// `POST /api/v1/parties/{id}/adoptions`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Adopt {
    /// The newest when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// A party was renamed, succeeded or merged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reassignment {
    pub(crate) party: String,
    /// `renamed`, `succeeded` or `merged`.
    pub(crate) becomes: String,
    /// The party that follows; absent for one that is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) into: Option<String>,
    /// The names before and after, of one that is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) names: Option<(String, String)>,
    pub(crate) since: Date,
    pub(crate) reason: String,
    pub(crate) source: String,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `POST /api/v1/parties/{id}/reassignments`: exactly one of the first three.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reassign {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renamed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) succeeded_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) merged_into: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Date>,
    pub(crate) reason: String,
    pub(crate) source: String,
    /// Whether the party that follows takes over the stance.
    #[serde(default)]
    pub(crate) carry: bool,
}

/// All versions, oldest first.
pub(crate) fn versions(node: &Node) -> Versions {
    let directory = node.directory();
    let known = directory.history().versions();
    let held = held(node);
    let before = std::iter::once(None).chain(known.iter().map(Some));
    let versions = known.iter().zip(before);
    Versions {
        versions: versions
            .map(|(version, before)| Version {
                number: version.number,
                date: version.date,
                changes: version.changes.clone(),
                source: version.source.clone(),
                differences: before.map_or(Vec::new(), |before| version.differences(before)),
                held_by: held
                    .iter()
                    .filter(|number| **number == version.number)
                    .count(),
                record: version.recorded.into(),
            })
            .collect(),
    }
}

/// The version that each party holds itself to today.
fn held(node: &Node) -> Vec<u32> {
    let directory = node.directory();
    let today = node.now().day();
    let parties = directory.register().as_of(today);
    let held = parties.filter_map(|at| {
        let stance = at.stance?;
        let takes_part = matches!(stance.stance, Stance::Signed | Stance::Partner);
        let signed = (stance.stance == Stance::Signed).then_some(stance.first.since);
        let history = directory.history();
        takes_part.then(|| history.adopted(&at.party.id, signed, today))?
    });
    held.collect()
}

/// One version with its text and who adopted it.
pub(crate) fn version(node: &Node, number: u32) -> Option<WholeVersion> {
    let directory = node.directory();
    let kept: &PledgeVersion = directory.history().version(number)?;
    let listed = versions(node).versions;
    let adoptions = directory.history().adoptions().iter();
    let of_version = adoptions.filter(|record| record.adoption.version == number);
    Some(WholeVersion {
        version: listed.into_iter().find(|one| one.number == number)?,
        pledge: Pledge::of(&kept.pledge, Vec::new()),
        adoptions: of_version.map(Adoption::from).collect(),
    })
}

impl From<&history::AdoptionRecord> for Adoption {
    fn from(record: &history::AdoptionRecord) -> Self {
        Adoption {
            party: record.adoption.party.clone(),
            version: record.adoption.version,
            date: record.adoption.date,
            source: record.adoption.source.clone(),
            record: record.recorded.into(),
        }
    }
}

impl From<&history::ReassignmentRecord> for Reassignment {
    fn from(record: &history::ReassignmentRecord) -> Self {
        let kept = &record.reassignment;
        Reassignment {
            party: kept.party.clone(),
            becomes: kept.becomes.as_str().into(),
            into: kept.becomes.successor().map(str::to_owned),
            names: match &kept.becomes {
                Becomes::Renamed { from, to } => Some((from.clone(), to.clone())),
                _ => None,
            },
            since: kept.since,
            reason: kept.reason.clone(),
            source: kept.source.clone(),
            record: record.recorded.into(),
        }
    }
}

impl Adopt {
    /// As the node takes it.
    pub(crate) fn wanted(self, party: &str) -> NewAdoption {
        NewAdoption {
            party: party.to_owned(),
            version: self.version,
            date: self.date,
            source: self.source,
        }
    }
}

impl Reassign {
    /// As the node takes it.
    ///
    /// # Errors
    /// When not exactly one thing becomes of the party.
    pub(crate) fn wanted(self, party: &str) -> Result<NewReassignment, node::Error> {
        let becomes = match (self.renamed, self.succeeded_by, self.merged_into) {
            (Some(to), None, None) => Becomes::Renamed {
                from: String::new(),
                to,
            },
            (None, Some(into), None) => Becomes::Succeeded(into),
            (None, None, Some(into)) => Becomes::Merged(into),
            _ => {
                let words = "say one of 'renamed', 'succeeded_by' and 'merged_into'";
                return Err(node::Error::Invalid(words.into()));
            }
        };
        Ok(NewReassignment {
            party: party.to_owned(),
            becomes,
            since: self.since,
            reason: self.reason,
            source: self.source,
            carry: self.carry,
        })
    }
}

/// The newest adoption and reassignment of a party, which were just recorded.
pub(crate) fn newest_adoption(node: &Node, party: &str) -> Option<Adoption> {
    let directory = node.directory();
    let all = directory.history().adoptions_of(party);
    all.last().map(Adoption::from)
}

/// What became of a party, in the order it was recorded; also where it is the one that follows.
pub(crate) fn reassignments(node: &Node, party: &str) -> Vec<Reassignment> {
    let directory = node.directory();
    let all = directory.history().reassignments().iter();
    let concerned = all.filter(|record| {
        let kept = &record.reassignment;
        kept.party == party || kept.becomes.successor() == Some(party)
    });
    concerned.map(Reassignment::from).collect()
}
