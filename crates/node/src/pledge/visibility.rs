//! The pledge's table of who sees which marking, and who may publish.

use serde::{Deserialize, Serialize};

use super::Stance;
use crate::model::Marking;

/// Which stances see a marking besides the publisher and named recipients, and which may publish.
///
/// CLEAR is for anyone. AMBER+STRICT and RED never follow from a stance alone: AMBER+STRICT stays
/// within the organisations that received it, RED with the recipients it names. What is confined to
/// a circle is for the circle's members, as far as [`CircleTable`] lets their stances see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibilityTable {
    /// Stances that see GREEN.
    pub green: Vec<Stance>,
    /// Stances that see AMBER.
    pub amber: Vec<Stance>,
    /// Stances that may publish.
    pub publish: Vec<Stance>,
    /// What a circle's members see of what is shared in it.
    pub circle: CircleTable,
}

/// Which stances see a marking as members of the circle that something is confined to, besides what
/// they see anyway. RED never follows from being in a circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircleTable {
    /// Stances that see GREEN.
    pub green: Vec<Stance>,
    /// Stances that see AMBER.
    pub amber: Vec<Stance>,
    /// Stances that see AMBER+STRICT.
    pub amber_strict: Vec<Stance>,
}

impl Default for CircleTable {
    /// GREEN and AMBER for every stance but withdrawn and suspended, since a circle names its
    /// members one by one; AMBER+STRICT for those who signed and for partners.
    fn default() -> Self {
        let inside = vec![
            Stance::Signed,
            Stance::InTalks,
            Stance::Partner,
            Stance::SittingOut,
        ];
        CircleTable {
            green: inside.clone(),
            amber: inside,
            amber_strict: vec![Stance::Signed, Stance::Partner],
        }
    }
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
            circle: CircleTable::default(),
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

    /// Whether a member of a circle sees this marking of what is confined to the circle, because of
    /// its stance and its membership.
    pub fn sees_in_circle(&self, stance: Stance, marking: Marking) -> bool {
        let circle = match marking {
            Marking::Clear => return true,
            Marking::Green => &self.circle.green,
            Marking::Amber => &self.circle.amber,
            Marking::AmberStrict => &self.circle.amber_strict,
            Marking::Red => return false,
        };
        circle.contains(&stance) || self.sees(stance, marking)
    }

    /// Whether a party of this stance may publish.
    pub fn may_publish(&self, stance: Stance) -> bool {
        self.publish.contains(&stance)
    }

    /// The first stance that sees a more restrictive marking but not a less restrictive one, openly
    /// or in a circle, with both. A sound table has none.
    pub(crate) fn inverted(&self) -> Option<(Stance, Marking, Marking)> {
        Stance::ALL.iter().copied().find_map(|stance| {
            let ways: [&dyn Fn(Marking) -> bool; 2] =
                [&|marking| self.sees(stance, marking), &|marking| {
                    self.sees_in_circle(stance, marking)
                }];
            ways.iter().find_map(|sees| {
                let pairs = Marking::ALL.iter().zip(Marking::ALL.iter().skip(1));
                pairs
                    .map(|(less, more)| (*less, *more))
                    .find(|(less, more)| sees(*more) && !sees(*less))
                    .map(|(less, more)| (stance, more, less))
            })
        })
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
