//! What users of analyses rely on. A contents page: one story a module.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "helpers of tests, as tests do"
)]

/// Coordination by the null model: what it finds and what it leaves, whatever the order and the
/// names.
mod coordination;
/// `CooRTweet` and the toolkit: exact counts (some need `ENTENTE_TESTDATA`), naive twins.
mod counting;
/// Measurements of interference: OONI's own fixtures (with `ENTENTE_TESTDATA`), each with what is
/// right about it and why; the same measurements broken in every way.
mod interference;
/// Planted groups among fans, news and readers: precision and recall.
mod planted;
/// Passages of protected documents: figures on generated corpora, and what is promised.
mod secrets;
/// Groups as STIX: the same bytes each time, names by policy.
mod telling;
