//! Who can see a signal and why, and who fetched it: for those who publish it.

use node::act::audience::{Fetch, Report};
use node::clock::Instant;
use node::pledge::Stance;
use node::policy::{Denial, Grant};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Who can see a signal, in one collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Audience {
    /// The collection's alias.
    pub(crate) collection: String,
    /// The most restrictive marking of the whole or of a part.
    pub(crate) marking: String,
    /// The circles that confine it.
    pub(crate) circles: Vec<String>,
    /// Ids of the parties that publish it.
    pub(crate) publishers: Vec<String>,
    /// Those without an account.
    pub(crate) anyone: Sight,
    /// A party by its stance alone.
    pub(crate) stances: Vec<StanceSight>,
    /// Parties with an account that may read.
    pub(crate) parties: Vec<PartySight>,
}

/// Whether somebody sees it, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sight {
    pub(crate) sees: bool,
    /// A word for programs: `publisher`, `recipient`, `circle`, `stance`, `terms`, `clear`, `operator`,
    /// or why not: `collection`, `circle`, `stance`, `recipients`, `terms`.
    pub(crate) reason: String,
    /// A sentence for people.
    pub(crate) why: String,
}

/// What parties of a stance see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StanceSight {
    pub(crate) stance: Stance,
    /// How many parties have it today.
    pub(crate) parties: usize,
    #[serde(flatten)]
    pub(crate) sight: Sight,
}

/// What a party sees.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartySight {
    pub(crate) party: String,
    #[serde(flatten)]
    pub(crate) sight: Sight,
}

/// `GET /api/v1/signals/{id}/audience`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Audiences {
    pub(crate) id: String,
    /// One for each collection in which the caller publishes it.
    pub(crate) audiences: Vec<Audience>,
}

/// `POST /api/v1/audience`: who could see an object if it was published now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preview {
    /// The collection's alias or id.
    pub(crate) collection: String,
    /// The STIX object.
    pub(crate) object: Box<RawValue>,
}

/// `GET /api/v1/signals/{id}/fetches`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Fetches {
    pub(crate) id: String,
    pub(crate) fetches: Vec<Fetched>,
}

/// Who fetched it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Fetched {
    /// The party's id; absent for callers without an account, counted together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    /// RFC 3339.
    pub(crate) first: String,
    /// RFC 3339.
    pub(crate) last: String,
    /// How many times.
    pub(crate) times: u64,
}

impl From<Report> for Audience {
    fn from(report: Report) -> Self {
        let stance = |(stance, parties, seen)| StanceSight {
            stance,
            parties,
            sight: Sight::from(seen),
        };
        let party = |(party, seen)| PartySight {
            party,
            sight: Sight::from(seen),
        };
        Audience {
            collection: report.collection,
            marking: report.marking.to_string(),
            circles: report.circles,
            publishers: report.publishers,
            anyone: Sight::from(report.anyone),
            stances: report.stances.into_iter().map(stance).collect(),
            parties: report.parties.into_iter().map(party).collect(),
        }
    }
}

impl From<Result<Grant, Denial>> for Sight {
    fn from(seen: Result<Grant, Denial>) -> Self {
        let (reason, why) = match seen {
            Ok(Grant::Operator) => ("operator", "runs this node"),
            Ok(Grant::Publisher) => ("publisher", "publishes it"),
            Ok(Grant::Recipient) => ("recipient", "is a named recipient of the collection"),
            Ok(Grant::Circle) => ("circle", "is in the circle it is confined to"),
            Ok(Grant::Stance) => ("stance", "its stance sees this marking"),
            Ok(Grant::Terms) => ("terms", "is a partner whose terms reach this marking here"),
            Ok(Grant::Clear) => ("clear", "TLP:CLEAR is for anyone"),
            Err(Denial::Collection) => ("collection", "may not read the collection"),
            Err(Denial::Circle) => ("circle", "is not in the circle it is confined to"),
            Err(Denial::Stance) => ("stance", "its stance does not see this marking"),
            Err(Denial::Recipients) => ("recipients", "this marking is for named recipients"),
            Err(Denial::Terms) => (
                "terms",
                "is a partner, and no terms in force reach this marking here",
            ),
        };
        Sight {
            sees: seen.is_ok(),
            reason: reason.into(),
            why: why.into(),
        }
    }
}

impl From<Fetch> for Fetched {
    fn from(fetch: Fetch) -> Self {
        Fetched {
            party: fetch.party,
            first: Instant(fetch.first).to_second_string(),
            last: Instant(fetch.last).to_second_string(),
            times: fetch.times,
        }
    }
}
