//! `entente secrets`: theft of trade secrets, found by passages of documents and by marks in copies;
//! and matching with others without showing what is matched.

mod ask;
mod canary;
mod elements;
mod mark;
mod offer;
mod print;
mod protect;
mod report;
mod scan;
mod texts;
mod walk;
mod work;

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use detect::secrets::Protected;
use matching::text::Key;

use super::{Exit, Failure};

/// Find passages of protected documents elsewhere, and whose copy of one leaked
#[derive(Debug, Subcommand)]
pub(crate) enum Secrets {
    Protect(protect::Protect),
    Scan(scan::Scan),
    Canary(canary::Canary),
    Offer(offer::Offer),
    Offered(offer::Offered),
    Ask(ask::Ask),
}

impl Secrets {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Secrets::Protect(verb) => verb.run(),
            Secrets::Scan(verb) => verb.run(),
            Secrets::Canary(verb) => verb.run(),
            Secrets::Offer(verb) => verb.run(),
            Secrets::Offered(verb) => verb.run(),
            Secrets::Ask(verb) => verb.run(),
        }
    }
}

/// Reads a protected set that was made with this key.
///
/// # Errors
/// When it cannot be read, or was made with another.
fn load(path: &Path, key: &Key) -> anyhow::Result<Protected> {
    let name = path.display();
    let bytes = fs::read(path).with_context(|| format!("cannot read {name}"))?;
    let set = Protected::from_bytes(&bytes).with_context(|| name.to_string())?;
    if !set.is_under(key) {
        let words = format!("{name} was made with another key: name the one it was made with");
        return Err(Failure::new(Exit::Local, words).into());
    }
    Ok(set)
}
