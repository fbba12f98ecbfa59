//! When parties work, which deadlines follow: holidays of countries, and time zones of parties.

use jiff::civil::Date;
use node::Node;
use node::request::calendar;
use serde::{Deserialize, Serialize};

/// The holidays of all countries that have any: `GET /api/v1/holidays`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AllHolidays {
    pub(crate) holidays: Vec<Holidays>,
}

/// The holidays of a country, in rising order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holidays {
    pub(crate) country: String,
    pub(crate) days: Vec<Date>,
    /// Where they are known from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// Holidays in the place of those that a country had: `PUT /api/v1/holidays/{country}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetHolidays {
    pub(crate) days: Vec<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// The time zone in which a party works: `GET /api/v1/parties/{id}/zone`. Deadlines are counted in UTC
/// where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Zone {
    pub(crate) party: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
}

/// A time zone to be set: `PUT /api/v1/parties/{id}/zone`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetZone {
    pub(crate) zone: String,
}

impl From<&calendar::Holidays> for Holidays {
    fn from(known: &calendar::Holidays) -> Self {
        Holidays {
            country: known.country.clone(),
            days: known.days.clone(),
            source: known.source.clone(),
        }
    }
}

/// The holidays that are set.
pub(crate) fn holidays(node: &Node) -> AllHolidays {
    let directory = node.directory();
    let all = directory.calendar().holidays();
    AllHolidays {
        holidays: all.map(Holidays::from).collect(),
    }
}

/// The time zone of a party, if the party is known.
pub(crate) fn zone(node: &Node, party: &str) -> Result<Zone, node::Error> {
    let directory = node.directory();
    let known = directory.party(party);
    let party = known.ok_or(node::Error::NotFound("party"))?.id.clone();
    Ok(Zone {
        zone: directory.calendar().zone(&party).map(str::to_owned),
        party,
    })
}
