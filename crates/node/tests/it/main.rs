//! What a user of the node relies on.
//!
//! - [`story`]: publish, version, revoke, withdraw, on every backend of the journal.
//! - [`sight`]: who sees what: stance × marking, tokens, collections; less trust never sees more.
//! - [`paging`]: nothing lost, nothing repeated, while others write.
//! - [`rebuild`]: a rebuilt view equals the incremental one.
//! - [`lookup`]: matches follow publishes, versions, revocations, expiry and sight.
//! - [`secrets`]: tokens and the administrator link.
//! - [`webhooks`]: who may have webhooks, and on whose behalf they are told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test that cannot go on panics"
)]

mod fixture;
mod lookup;
mod paging;
mod rebuild;
mod secrets;
mod sight;
mod story;
mod webhooks;
