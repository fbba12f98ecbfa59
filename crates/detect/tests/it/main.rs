//! What users of analyses rely on. A contents page: one story a module.

/// Measurements of interference: OONI's own fixtures (with `ENTENTE_TESTDATA`), each with what is
/// right about it and why; the same measurements broken in every way.
mod interference;
