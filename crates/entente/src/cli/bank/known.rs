//! The content of banks, read from a node and searched here: what is asked about stays here.

use std::borrow::Cow;

use matching::pdq::{self, Near, Pdq};
use matching::text::{Key, Neighbourhood, ShortIndex};
use node::clock::Clock;
use stix::{Object, Timestamp};

use super::wording::{self, Said};
use crate::cli::export::Reading;
use crate::cli::target::Target;
use crate::present::collection::Collection;

/// A signal of a bank.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) bank: String,
    pub(super) marking: String,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Known {
    signals: Vec<Signal>,
    texts: ShortIndex,
    images: pdq::Index,
    pub(super) image_signals: u64,
    /// Texts under another key than the one at hand.
    pub(super) foreign: u64,
}

impl Known {
    /// Reads what fires of these collections: what is neither revoked nor out of its time.
    ///
    /// # Errors
    /// The node's.
    pub(super) fn read(
        target: &Target,
        collections: &[Collection],
        key: Option<&Key>,
    ) -> anyhow::Result<Self> {
        let mut known = Known::default();
        let label = key.map(wording::label_of);
        let now = Timestamp::from_micros(Clock::System.now().0);
        for collection in collections {
            Reading::of_type("indicator").read(target, collection, &mut |raw| {
                if let Ok(object) = Object::parse(raw) {
                    known.add(&object, collection, label.as_deref(), now);
                }
                Ok(())
            })?;
        }
        known.images.merge();
        Ok(known)
    }

    fn add(&mut self, object: &Object<'_>, bank: &Collection, label: Option<&str>, now: Timestamp) {
        let starts = object
            .valid_from()
            .is_none_or(|from| from.micros() <= now.micros());
        let ended = object
            .valid_until()
            .is_some_and(|until| until.micros() <= now.micros());
        if object.revoked() || !starts || ended || object.pattern_type().as_deref() != Some("stix")
        {
            return;
        }
        let Some(said) = object.pattern().and_then(|pattern| wording::read(&pattern)) else {
            return;
        };
        let number = self.signals.len() as u64;
        match said {
            Said::Text(hashes) => {
                let labels = object.labels();
                let own = wording::key_of(labels.iter().map(Cow::as_ref));
                if own.is_none() || own != label {
                    self.foreign += 1;
                    return;
                }
                self.texts.insert(number, &hashes);
            }
            Said::Images(hashes) => {
                self.image_signals += 1;
                for hash in &hashes {
                    self.images.insert(*hash, number);
                }
            }
        }
        let marking = object.markings().tlp;
        self.signals.push(Signal {
            id: object.id().as_str().to_owned(),
            name: object.name().map(Cow::into_owned),
            bank: bank.alias.clone(),
            marking: marking.map_or_else(
                || bank.default_marking.clone(),
                |tlp| node::model::Marking::from(tlp).to_string(),
            ),
        });
    }

    /// How many texts can be compared with.
    pub(super) fn texts(&self) -> u64 {
        self.texts.len() as u64
    }

    fn signal(&self, number: u64) -> Option<&Signal> {
        self.signals.get(usize::try_from(number).ok()?)
    }

    /// The texts that share a hash, and whether the letters are the same.
    pub(super) fn of_text(&self, hashes: &Neighbourhood) -> Vec<(&Signal, bool)> {
        let hits = self.texts.lookup(hashes).into_iter();
        hits.filter_map(|hit| Some((self.signal(hit.text)?, hit.is_same())))
            .collect()
    }

    /// The signals within a distance of a hash, the nearest first, each once.
    pub(super) fn of_image(&self, hash: &Pdq, distance: u32) -> Vec<(&Signal, Near)> {
        let mut near = Vec::new();
        self.images.near(hash, distance, &mut near);
        near.sort_unstable();
        let mut found: Vec<(&Signal, Near)> = Vec::new();
        for near in near {
            let is_new = found.iter().all(|(_, other)| other.signal != near.signal);
            if let Some(signal) = self.signal(near.signal).filter(|_| is_new) {
                found.push((signal, near));
            }
        }
        found
    }
}
