//! The shapes in which a node tells what it knows, as JSON: the HTTP API sends them, the command
//! line prints them and reads them back from a running node. One place, so that both say the same.
//!
//! Times are RFC 3339 in UTC with microseconds; days are `YYYY-MM-DD`; what is absent is left out.

pub(crate) mod accession;
pub(crate) mod account;
pub(crate) mod audience;
pub(crate) mod calendar;
pub(crate) mod changes;
pub(crate) mod circle;
pub(crate) mod collection;
pub(crate) mod commitment;
pub(crate) mod diff;
pub(crate) mod erasure;
pub(crate) mod feedback;
pub(crate) mod growth;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod inbox;
pub(crate) mod lookup;
pub(crate) mod mail;
pub(crate) mod news;
pub(crate) mod party;
pub(crate) mod pledge;
pub(crate) mod private;
pub(crate) mod receipt;
pub(crate) mod request;
pub(crate) mod token;
pub(crate) mod value;
pub(crate) mod warning;
pub(crate) mod webhook;
pub(crate) mod withdrawal;

use node::clock::Instant;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

/// What a node says of itself: `GET /api/v1/node`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NodeInfo {
    /// `entente`.
    pub(crate) name: String,
    /// The program's version.
    pub(crate) version: String,
    /// The pledge it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pledge: Option<PledgeName>,
    /// Entries in its journal.
    pub(crate) entries: u64,
    /// Whether everything, the match index too, is up.
    pub(crate) ready: bool,
    /// On whose behalf the caller asks; absent without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) caller: Option<CallerName>,
}

/// The party that a caller acts for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CallerName {
    pub(crate) party: String,
    /// The party's name.
    pub(crate) name: String,
    pub(crate) account: String,
}

/// A pledge by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PledgeName {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl NodeInfo {
    /// What `node` says of itself now to `caller`.
    pub(crate) fn of(node: &Node, caller: &Caller) -> Self {
        let directory = node.directory();
        let caller = caller.party().map(|id| CallerName {
            party: id.to_owned(),
            name: directory
                .register()
                .party(id)
                .map_or(id, |party| &party.name)
                .to_owned(),
            account: caller.account().unwrap_or_default().to_owned(),
        });
        NodeInfo {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            pledge: directory.pledge().map(|pledge| PledgeName {
                id: pledge.id.clone(),
                name: pledge.name.clone(),
            }),
            entries: node.entries(),
            ready: node.ready().is_ok(),
            caller,
        }
    }
}

/// A time as JSON shows it.
pub(crate) fn time(micros: i64) -> String {
    Instant(micros).to_micro_string()
}
