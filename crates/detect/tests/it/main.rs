//! The room's tests from outside, a contents page:

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "tests"
)]

mod coordination; // the null model: what it finds and what it leaves, whatever the order and the names
mod counting; // CooRTweet and the toolkit: exact counts (some need ENTENTE_TESTDATA); naive twins
mod planted; // planted groups among fans, news and readers: precision and recall
mod telling; // groups as STIX: the same bytes each time, names by policy
