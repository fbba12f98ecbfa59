//! What signals are matched by: values found in texts, and hashes of images that are near.

use matching::pdq::{self, Pdq};
use matching::{Index, Kind, Observable};

use crate::view::Applied;
use crate::view::signals::Signal;

/// Both indexes. The signals in them are positions of entries.
#[derive(Default)]
pub(crate) struct Indexes {
    pub(crate) values: Index,
    pub(crate) images: pdq::Index,
}

impl Indexes {
    /// Adds a row of the view, which was not added before.
    pub(crate) fn fill(&mut self, position: u64, signal: &Signal) {
        for observable in observables(signal) {
            self.values.insert(&observable, position);
        }
        for hash in images(signal) {
            self.images.insert(hash, position);
        }
    }

    /// Follows a change that the rows of the view may hold already.
    pub(crate) fn apply_again(&mut self, change: Applied) {
        if let Applied::Add(position, _, images) = &change {
            // This index counts what is added twice.
            for hash in images {
                self.images.remove(hash, *position);
            }
        }
        self.apply(change);
    }

    /// Follows a change.
    pub(crate) fn apply(&mut self, change: Applied) {
        match change {
            Applied::Add(position, observables, images) => {
                for observable in observables {
                    self.values.insert(&observable, position);
                }
                for hash in images {
                    self.images.insert(hash, position);
                }
            }
            Applied::Remove(position, signal) => {
                for observable in observables(&signal) {
                    self.values.remove(&observable, position);
                }
                for hash in images(&signal) {
                    self.images.remove(&hash, position);
                }
            }
        }
    }
}

/// The observables of a row. A change of what is canonical raises the version of the view.
fn observables(signal: &Signal) -> impl Iterator<Item = Observable> + '_ {
    signal.observables.iter().filter_map(|(code, value)| {
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == *code)?;
        Some(Observable::of_canonical(kind, value.as_str()))
    })
}

fn images(signal: &Signal) -> impl Iterator<Item = Pdq> + '_ {
    signal.images.iter().copied().map(Pdq::from_words)
}
