//! The decider of Entente: acts, policy, views and the clock.
//!
//! A [`Node`] owns one journal and the views that follow it. Every write goes through the writer,
//! which decides, appends and applies in one place; reads touch views only. Who may see or do what
//! is decided in [`policy`].

pub mod accession;
pub mod account;
pub mod act;
mod batch;
pub mod clock;
pub mod commitment;
pub mod decay;
pub mod directory;
pub mod entry;
pub mod erasure;
mod evidence;
mod facts;
pub mod feedback;
mod fetches;
pub mod history;
pub mod identity;
mod indexes;
pub mod log;
pub mod model;
pub mod node;
mod notice;
pub mod pledge;
pub mod policy;
pub mod private;
pub mod register;
mod replay;
pub mod request;
mod shared;
pub mod stream;
pub mod view;
pub mod warnings;
mod words;
mod writer;

pub use act::Error;
pub use evidence::Limits as EvidenceLimits;
pub use facts::matchable;
pub use journal::cluster::Cluster;
#[cfg(feature = "jetstream")]
pub use journal::jetstream::Options as StreamOptions;
pub use node::{Node, OpenError, Options};
pub use policy::{Caller, Refusal};
pub use shared::NoIndex;
pub use view::query::{Query, Versions};
