//! The part of a signal's page that tells its publishers who can see it, why, and who fetched it.

use super::text::short_time;
use crate::present::audience::{Audience, Fetched, PartySight, StanceSight};

/// Who can see a signal and who fetched it; empty for whoever does not publish it.
#[derive(Default)]
pub(crate) struct AudiencePart {
    /// One for each collection in which the viewer publishes it.
    pub(crate) audiences: Vec<Audience>,
    pub(crate) fetches: Vec<Fetched>,
    /// Ids and names of the parties above.
    pub(crate) names: std::collections::BTreeMap<String, String>,
}

impl AudiencePart {
    /// What a party is called.
    pub(crate) fn name<'n>(&'n self, id: &'n str) -> &'n str {
        self.names.get(id).map_or(id, String::as_str)
    }
}

impl Audience {
    /// The parties that see it.
    pub(crate) fn seeing(&self) -> impl Iterator<Item = &PartySight> {
        self.parties.iter().filter(|party| party.sight.sees)
    }

    /// How many parties with an account do not see it.
    pub(crate) fn unseeing(&self) -> usize {
        self.parties.len() - self.seeing().count()
    }

    /// The stances whose parties see it once they have an account.
    pub(crate) fn stances_seeing(&self) -> Vec<&StanceSight> {
        let seeing = self.stances.iter().filter(|stance| stance.sight.sees);
        seeing.collect()
    }
}

impl Fetched {
    /// The day and minute on which it was fetched first.
    pub(crate) fn first_short(&self) -> String {
        short_time(&self.first)
    }

    /// The day and minute on which it was fetched last.
    pub(crate) fn last_short(&self) -> String {
        short_time(&self.last)
    }
}
