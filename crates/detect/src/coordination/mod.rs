//! Accounts that share the same things within seconds of one another, more often than chance, the
//! news and common tastes explain.
//!
//! [`Posts`] collects rows (who shared what, when), [`Posts::sorted`] sorts them, and one of three
//! analyses is run on what is sorted: [`null`] (the default), [`coortweet`], or [`toolkit`].
//! [`group()`] gathers the pairs that the null model gives into groups with their evidence, and
//! [`drafts`] says them in STIX. Same rows, same findings: neither the order of rows nor the names
//! of accounts make a difference.

mod coortweet;
mod correct;
mod group;
mod habits;
mod meeting;
mod names;
mod null;
mod posts;
mod rows;
mod sets;
mod suspects;
mod tail;
mod taste;
mod toolkit;

pub use coortweet::{Coortweet, WeightedEdge, coortweet};
pub use null::{Found, MOST_WINDOWS, Pair, Settings, Told, Unusable, null};
pub use posts::{Full, Layer, Posts, Sorted};
pub use toolkit::{Directed, toolkit};
