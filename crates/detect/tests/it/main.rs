//! What users of analyses rely on. A contents page: one story a module.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, as tests do"
)]

/// Measurements of interference: OONI's own fixtures (with `ENTENTE_TESTDATA`), each with what is
/// right about it and why; the same measurements broken in every way.
mod interference;
