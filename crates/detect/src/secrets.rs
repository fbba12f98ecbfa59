//! Theft of trade secrets: passages of protected documents, found in other texts by keyed
//! fingerprints; marks in copies that tell which recipient's copy a text comes from.
//!
//! - [`Protected`]: the fingerprints of documents under a key, never their text; as a file.
//! - [`Scanner`]: which protected documents a text holds passages of, how much, and where.
//! - [`canary`]: marks for each recipient's copy, and finding them again.
//! - [`drafts`]: findings as STIX, without the text.
//!
//! The method is winnowing (Schleimer, Wilkerson and Aiken, 2003), as [`matching::text`] has it. A
//! finding says which protected document shares how much with a text. It does not say who took it,
//! nor that anybody did: the passage may have come from a source that both have used.

pub mod canary;
mod file;
mod index;
mod protected;
mod scan;
mod share;

pub use file::Broken;
pub use index::Index;
pub use protected::{Document, Protected, Settings, Told};
pub use scan::{Match, Passage, Scanner, Share};
pub use share::{Leak, drafts};
