//! `entente bank`: known content of a collection, kept as hashes alone.

mod add;
mod known;
mod list;
mod query;
mod queue;
mod review;
mod sorting;
mod video;
mod wording;

use clap::Subcommand;

use super::Exit;

/// Banks of known content: texts, images and videos that were judged before, as hashes alone
///
/// A bank is a collection. What it holds of a text are keyed hashes, of an image or a video PDQ
/// hashes; none gives the content back. A hit says that something was judged before, not that it is
/// wrong: a person looks at it.
#[derive(Debug, Subcommand)]
pub(crate) enum Bank {
    Add(add::Add),
    Match(query::Match),
    Review(review::Review),
    List(list::List),
}

impl Bank {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Bank::Add(verb) => verb.run(),
            Bank::Match(verb) => verb.run(),
            Bank::Review(verb) => verb.run(),
            Bank::List(verb) => verb.run(),
        }
    }
}
