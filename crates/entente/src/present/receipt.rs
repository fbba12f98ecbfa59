//! Where the receipts of a signal are had.

use serde::{Deserialize, Serialize};

/// The receipts of the versions of a signal, oldest first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Receipts {
    /// The STIX id.
    pub(crate) id: String,
    pub(crate) receipts: Vec<Place>,
}

/// Where one is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The number of the entry in the log.
    pub(crate) entry: u64,
    /// Its address.
    pub(crate) url: String,
}

impl Receipts {
    /// Receipts of these entries, under a node's address.
    pub(crate) fn new(id: String, entries: &[u64], node: &str) -> Self {
        let place = |entry: &u64| Place {
            entry: *entry,
            url: format!("{node}{}", path(*entry)),
        };
        Receipts {
            id,
            receipts: entries.iter().map(place).collect(),
        }
    }
}

/// The path of an entry's receipt on any node.
pub(crate) fn path(entry: u64) -> String {
    format!("/log/receipt/{entry}")
}
