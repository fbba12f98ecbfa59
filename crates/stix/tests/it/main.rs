//! What users of the stix room rely on. Contents:

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and so may what it calls"
)]

/// Patterns evaluated against the plainest algorithm there is: every way to give each part of a
/// pattern an observation, tried one after the other.
mod binding;
/// Objects written from facts.
mod build;
/// Envelopes and bundles: bytes come out as they went in.
mod containers;
/// Patterns evaluated: the verdicts of OASIS stix2-matcher, and the laws of section 9.
mod evaluation;
/// Inputs made to hurt: deep nesting, garbage, many properties.
mod hostile;
/// Objects: the facts they give, and one table of wrong objects with their reasons.
mod objects;
/// The ids that observables' own properties give.
mod observable_ids;
/// The pattern language: what parses, what does not and why, and that printing parses back.
mod patterns;
/// Real collections and the verdicts of OASIS stix2-validator (needs `ENTENTE_TESTDATA`).
mod real;
/// What objects say can be matched by itself.
mod signals;
/// Verdicts: those of OASIS stix2-validator, and what they say (partly needs `ENTENTE_TESTDATA`).
mod verdicts;
