//! Accounts that share the same things within seconds of one another, more often than chance, the
//! news and common tastes explain.
//!
//! [`Posts`] collects rows (who shared what, when), [`Posts::sorted`] sorts them, and one of three
//! analyses is run on what is sorted: [`null`] (the default), [`coortweet`], or [`toolkit`].
//! [`groups()`] gathers the pairs that the null model gives into groups with their evidence, and
//! [`drafts`] says them in STIX. Same rows, same findings: neither the order of rows nor the names
//! of accounts make a difference.

#![expect(
    clippy::cast_precision_loss,
    reason = "counts of rows in memory are far below 2^53"
)]

mod coortweet;
mod correct;
mod group;
mod habits;
mod layers;
mod meeting;
mod names;
mod null;
mod posts;
mod rows;
mod sets;
mod stix;
mod suspects;
mod tail;
mod taste;
mod toolkit;

pub use coortweet::{Coortweet, WeightedEdge, coortweet};
pub use group::{Group, Moment, groups};
pub use layers::objects_of;
pub use null::{Found, MOST_WINDOWS, Pair, Settings, Told, Unusable, null};
pub use posts::{Full, Layer, Posts, Sorted};
pub use stix::{Telling, drafts};
pub use toolkit::{Directed, toolkit};
