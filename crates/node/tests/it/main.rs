//! What a user of the node relies on.
//!
//! - [`story`]: publish, version, revoke, withdraw, on every backend of the journal.
//! - [`sight`]: who sees what: stance × marking, tokens, collections; less trust never sees more.
//! - [`matrix`]: every role × stance × marking × surface; denials and publishes leak nothing.
//! - [`accession`]: from an invitation to a withdrawal; steps, terms, versions; terms only narrow.
//! - [`commitments`]: who may say what of a promise; no step without its letter; indicators count.
//! - [`account`]: what is counted of requests and signals is what a recount of the public log gives.
//! - [`paging`]: nothing lost, nothing repeated, while others write.
//! - [`feed`]: what was told by day and publisher, and what of it changed.
//! - [`rebuild`]: a rebuilt view equals the incremental one.
//! - [`private`]: who may ask private sets, how much in a day, and what of it is kept.
//! - [`feedback`]: what parties say of signals reaches who published them, and nobody else.
//! - [`identity`]: keys, domains, sponsors and signatures: who may what, and what a start finds again.
//! - [`lookup`]: matches follow publishes, versions, revocations, expiry and sight.
//! - [`images`]: the same for hashes of images; near ones are found, however many there are.
//! - [`reasons`]: why a signal that was hit does not fire.
//! - [`secrets`]: tokens and the administrator link.
//! - [`requests`]: from a draft to a contest that wins, and in silence; dates, attachments, who sees what of
//!   every case on every surface, and the laws of all of it.
//! - [`informed`]: what is new, what waits for a party, and what a webhook is told of.
//! - [`withdrawals`]: notices, changes, acknowledgements, objects of two publishers.
//! - [`erasure`]: what is erased is gone from answers and files; who may, and how many it takes.
//! - [`sealed`]: what the public leaves tell, and what they hide.
//! - [`webhooks`]: who may have webhooks, and on whose behalf they are told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test that cannot go on panics"
)]

mod accession;
mod account;
mod commitments;
mod erasure;
mod feed;
mod feedback;
mod fixture;
mod identity;
mod images;
mod informed;
mod lookup;
mod matrix;
mod paging;
mod private;
mod reasons;
mod rebuild;
mod requests;
mod sealed;
mod secrets;
mod sight;
mod story;
mod webhooks;
mod withdrawals;
