//! The room's tests from outside, a contents page:

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod secrets; // passages of protected documents: figures on generated corpora, and what is promised
