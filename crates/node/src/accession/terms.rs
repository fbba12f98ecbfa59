//! The terms under which a partner is involved.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::Recorded;
use crate::model::Marking;

/// Named terms of a partner. They only narrow what its stance lets it see and do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// A slug, unique; terms set again under it replace those before, which stay readable.
    pub id: String,
    /// The name people read.
    pub title: String,
    /// The party's id.
    pub party: String,
    /// Ids of the collections they reach; empty means all that its stance may.
    pub collections: Vec<String>,
    /// The most restrictive marking they let it see there.
    pub up_to: Marking,
    /// Whether it may publish there.
    pub publish: bool,
    /// The first day.
    pub from: Date,
    /// The last day; none when it is open.
    pub until: Option<Date>,
    /// Where they are known from.
    pub source: String,
    /// Whether anybody may see them, or the party and the steward alone.
    pub public: bool,
}

/// Terms end before their last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndTerms {
    /// Their id.
    pub terms: String,
    /// The first day on which they hold no more.
    pub on: Date,
    /// Why.
    pub reason: String,
}

/// The end of terms, with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The first day on which they hold no more.
    pub on: Date,
    /// Why.
    pub reason: String,
    /// Its entry.
    pub recorded: Recorded,
}

/// Terms in all their versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermsRecord {
    /// Oldest first; never empty.
    pub versions: Vec<(Terms, Recorded)>,
    /// When they were ended. An end holds for the versions recorded before it.
    pub ends: Vec<Ended>,
}

impl TermsRecord {
    /// The terms as they were recorded last, with their entry.
    pub fn newest(&self) -> Option<&(Terms, Recorded)> {
        self.versions.last()
    }

    /// The end of the newest version, if it was ended.
    pub fn ended(&self) -> Option<&Ended> {
        let (_, recorded) = self.newest()?;
        let after = self.ends.iter();
        after
            .filter(|end| end.recorded.position > recorded.position)
            .min_by_key(|end| end.on)
    }

    /// The terms that are in force on a day.
    pub fn in_force(&self, day: Date) -> Option<&Terms> {
        let (terms, _) = self.newest()?;
        let ended = self.ended().is_some_and(|end| end.on <= day);
        let is_over = ended || terms.until.is_some_and(|until| until < day);
        (terms.from <= day && !is_over).then_some(terms)
    }
}
