//! How many signed, over time.

use std::collections::BTreeMap;

use jiff::civil::Date;
use node::Node;
use node::pledge::Kind;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/growth`: one point for each day on which the numbers changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) as_of: Date,
    pub(crate) points: Vec<Point>,
}

/// Signatories on a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) day: Date,
    pub(crate) total: usize,
    /// By kind; kinds without a signatory are left out.
    pub(crate) signed: BTreeMap<String, usize>,
}

/// The growth of the register up to a day; today when absent.
pub(crate) fn growth(node: &Node, as_of: Option<Date>) -> Growth {
    let as_of = as_of.unwrap_or_else(|| node.now().day());
    let directory = node.directory();
    let points = directory
        .register()
        .growth(as_of)
        .into_iter()
        .map(|point| Point {
            day: point.day,
            total: point.signed.total(),
            signed: Kind::ALL
                .iter()
                .map(|kind| (kind.as_str().to_owned(), point.signed.of(*kind)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        });
    Growth {
        as_of,
        points: points.collect(),
    }
}
