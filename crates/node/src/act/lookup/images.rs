//! Looking up images by their PDQ hashes.

use std::sync::Arc;

use matching::pdq::Pdq;

use super::{Sight, SignalFacts};
use crate::act::Error;
use crate::act::reason::Why;
use crate::node::Node;
use crate::policy::Caller;

/// Signals that one image hits at most: the nearest are kept.
pub const MOST_IMAGES: usize = 10_000;

/// A signal with a hash near the one asked about.
#[derive(Clone, Debug)]
pub struct ImageMatch {
    /// How many of the 256 bits differ.
    pub distance: u32,
    /// The published hash.
    pub hash: Pdq,
    /// The signal.
    pub signal: Arc<SignalFacts>,
    /// Why it does not fire; empty when it does.
    pub why: Vec<Why>,
}

impl ImageMatch {
    /// Whether the hit is cause for alarm.
    pub fn fires(&self) -> bool {
        self.why.is_empty()
    }
}

impl Node {
    /// The signals that the caller sees with a hash at most `distance` bits away, the nearest first
    /// and at most [`MOST_IMAGES`]; distances above [`matching::pdq::index::MAX_DISTANCE`] are taken
    /// as that. Those that do not fire say why.
    ///
    /// # Errors
    /// As [`Node::matcher`].
    pub fn near_images(
        &self,
        caller: &Caller,
        hash: &Pdq,
        distance: u32,
    ) -> Result<Vec<ImageMatch>, Error> {
        let mut sight = Sight::new(self, caller)?;
        near(self, &mut sight, hash, distance)
    }
}

/// What is near and seen, the nearest first.
pub(super) fn near(
    node: &Node,
    sight: &mut Sight<'_>,
    hash: &Pdq,
    distance: u32,
) -> Result<Vec<ImageMatch>, Error> {
    let mut near = Vec::new();
    node.shared
        .with_indexes(|indexes| indexes.images.near(hash, distance, &mut near))?;
    near.sort_unstable();
    let mut found = Vec::new();
    for hit in near {
        let Some(known) = sight.signal(hit.signal)? else {
            continue;
        };
        found.push(ImageMatch {
            distance: hit.distance,
            hash: hit.hash,
            signal: Arc::clone(&known.facts),
            why: known.why_none().to_vec(),
        });
        if found.len() == MOST_IMAGES {
            break;
        }
    }
    Ok(found)
}
