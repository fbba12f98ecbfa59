//! The pledge's table of who sees which marking, and who may publish.

use serde::{Deserialize, Serialize};

use super::Stance;
use crate::model::Marking;

/// Which stances see a marking besides the publisher and named recipients, and which may publish.
///
/// CLEAR is for anyone. AMBER+STRICT and RED never follow from a stance: AMBER+STRICT stays within
/// the organisation that received it, RED with the recipients it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibilityTable {
    /// Stances that see GREEN.
    pub green: Vec<Stance>,
    /// Stances that see AMBER.
    pub amber: Vec<Stance>,
    /// Stances that may publish.
    pub publish: Vec<Stance>,
}

impl Default for VisibilityTable {
    /// GREEN for every registered stance but withdrawn and suspended; AMBER and publishing for
    /// those who signed and for partners.
    fn default() -> Self {
        VisibilityTable {
            green: vec![
                Stance::Signed,
                Stance::InTalks,
                Stance::Partner,
                Stance::SittingOut,
            ],
            amber: vec![Stance::Signed, Stance::Partner],
            publish: vec![Stance::Signed, Stance::Partner],
        }
    }
}

impl VisibilityTable {
    /// Whether a party of this stance sees this marking because of its stance.
    pub fn sees(&self, stance: Stance, marking: Marking) -> bool {
        match marking {
            Marking::Clear => true,
            Marking::Green => self.green.contains(&stance),
            Marking::Amber => self.amber.contains(&stance),
            Marking::AmberStrict | Marking::Red => false,
        }
    }

    /// Whether a party of this stance may publish.
    pub fn may_publish(&self, stance: Stance) -> bool {
        self.publish.contains(&stance)
    }

    /// The first stance that sees a more restrictive marking but not a less restrictive one. A sound
    /// table has none.
    pub(crate) fn inverted(&self) -> Option<Stance> {
        self.amber
            .iter()
            .copied()
            .find(|stance| !self.green.contains(stance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_table_grants_what_the_design_says() {
        let table = VisibilityTable::default();
        let row = |stance| Marking::ALL.map(|marking| table.sees(stance, marking));
        assert_eq!(row(Stance::Signed), [true, true, true, false, false]);
        assert_eq!(row(Stance::Partner), [true, true, true, false, false]);
        assert_eq!(row(Stance::InTalks), [true, true, false, false, false]);
        assert_eq!(row(Stance::SittingOut), [true, true, false, false, false]);
        assert_eq!(row(Stance::Withdrawn), [true, false, false, false, false]);
        assert_eq!(row(Stance::Suspended), [true, false, false, false, false]);
        let may: Vec<_> = Stance::ALL
            .iter()
            .filter(|s| table.may_publish(**s))
            .collect();
        assert_eq!(may, [&Stance::Signed, &Stance::Partner]);
    }
}
