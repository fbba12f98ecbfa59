use std::fmt;

/// The index of a record in the journal. The first record is at 0, and there are no gaps.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// The position of the first record.
    pub const START: Self = Self(0);

    /// The position `records` further on; stays at the end of the number range instead of wrapping.
    #[must_use]
    pub const fn plus(self, records: usize) -> Self {
        Self(self.0.saturating_add(records as u64))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
