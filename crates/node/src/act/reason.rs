//! Why a signal that was hit does not fire.

use std::collections::BTreeMap;
use std::fmt;

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its creator revoked it.
    Revoked,
    /// It is valid from this instant on, in microseconds since 1970.
    NotYetValid(i64),
    /// It ended at this instant, in microseconds since 1970.
    Expired(i64),
    /// It is too long ago that it was added or last seen.
    Decayed {
        /// When that was, in microseconds since 1970.
        since: i64,
        /// After how many days it says nothing any more.
        days: u32,
    },
    /// The published value is on the warning list of this name.
    WarningList(String),
}

impl Why {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Why::Revoked => "revoked",
            Why::NotYetValid(_) => "not-yet-valid",
            Why::Expired(_) => "expired",
            Why::Decayed { .. } => "decayed",
            Why::WarningList(_) => "warning-list",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Hits that did not fire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suppressed {
    /// How many.
    pub hits: u64,
    /// How many for each reason, by its word. A hit may have more than one.
    pub why: BTreeMap<&'static str, u64>,
}

impl Suppressed {
    /// Counts a hit with these reasons.
    pub(crate) fn count(&mut self, why: &[Why]) {
        self.hits += 1;
        let mut words: Vec<&'static str> = why.iter().map(Why::as_str).collect();
        // Two lists are one reason.
        words.sort_unstable();
        words.dedup();
        for word in words {
            *self.why.entry(word).or_default() += 1;
        }
    }
}
