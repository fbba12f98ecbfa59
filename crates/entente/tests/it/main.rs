//! What users of `entente` rely on. A contents page: one story a module.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, as tests do"
)]

/// The house rules: arrows between rooms point down; no file grows without end.
mod house;

/// The command line: first steps, managing, importing, exporting, matching, serving, the demo, and
/// files that others published (with `ENTENTE_TESTDATA`).
mod cli;

/// Feeds for programs that do not speak TAXII: MISP, CSV, lists, Atom.
mod feeds;

/// What a browser is given: every page, sessions, the administrator link, the match box; and lookups
/// over the API.
mod pages;
