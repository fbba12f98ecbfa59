//! The register: parties and their stances on any day. In memory, pure, without a clock: the day is
//! always the caller's.
//!
//! Changes are kept by the day from which they hold, then in journal order. A stance holds from its
//! first change on until a change to another one; nothing is shown before its day.

mod count;
mod search;

#[cfg(test)]
mod paris_call;

use std::collections::HashMap;

use jiff::civil::Date;

use crate::entry::Recorded;
use crate::pledge::{Basis, Party, Pledge, Stance, StanceChange, fold};

pub use count::{CountryAt, Counts, GrowthPoint, Tally};
pub use search::Filter;

/// All parties with their history.
#[derive(Clone, Debug, Default)]
pub struct Register {
    adopted: Option<Date>,
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Row {
    party: Party,
    /// Name and id as search sees them.
    folded: String,
    changes: Vec<StanceChange>,
    /// Of each change, in the same order, where it was recorded.
    recorded: Vec<Recorded>,
    /// What was known of the party over time, oldest first; never empty.
    facts: Vec<(Party, Recorded)>,
}

/// A party as of a day.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PartyAt<'a> {
    /// The party.
    pub party: &'a Party,
    /// Its stance; none when nothing is known as of that day.
    pub stance: Option<StanceAt<'a>>,
    folded: &'a str,
}

impl<'a> PartyAt<'a> {
    /// The name without case and accents: by this, parties sort as readers expect.
    pub fn sort_key(&self) -> &'a str {
        self.folded
    }
}

/// A stance as of a day, with what it is known from.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct StanceAt<'a> {
    /// The stance.
    pub stance: Stance,
    /// The change that brought it. Its `basis` says what its `since` means.
    pub first: &'a StanceChange,
    /// This change and what confirmed the stance up to that day, oldest first; never empty.
    pub evidence: &'a [StanceChange],
}

impl Register {
    /// An empty register.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the pledge's day of adoption, with which growth starts.
    pub fn apply_pledge(&mut self, pledge: &Pledge) {
        self.adopted = Some(pledge.adopted);
    }

    /// Adds a party, or replaces what is known of it; its history stays.
    pub fn apply_party(&mut self, party: &Party, recorded: Recorded) {
        let folded = format!("{} {}", fold(&party.name), party.id);
        let known = self
            .by_id
            .get(&party.id)
            .and_then(|index| self.rows.get_mut(*index));
        if let Some(row) = known {
            if row.party != *party {
                row.facts.push((party.clone(), recorded));
            }
            row.party = party.clone();
            row.folded = folded;
        } else {
            self.by_id.insert(party.id.clone(), self.rows.len());
            self.rows.push(Row {
                party: party.clone(),
                folded,
                changes: Vec::new(),
                recorded: Vec::new(),
                facts: vec![(party.clone(), recorded)],
            });
        }
    }

    /// Adds a change. One that is there already, or of a party that is not, changes nothing.
    pub fn apply_stance(&mut self, change: &StanceChange, recorded: Recorded) {
        let index = self.by_id.get(&change.party);
        let Some(row) = index.and_then(|index| self.rows.get_mut(*index)) else {
            return;
        };
        if !row.changes.contains(change) {
            let place = row
                .changes
                .partition_point(|known| known.since <= change.since);
            row.changes.insert(place, change.clone());
            row.recorded.insert(place, recorded);
        }
    }

    /// How many parties there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A party by its id.
    pub fn party(&self, id: &str) -> Option<&Party> {
        self.row(id).map(|row| &row.party)
    }

    /// A party and its stance on `day`.
    pub fn party_at(&self, id: &str, day: Date) -> Option<PartyAt<'_>> {
        self.row(id).map(|row| row.at(day))
    }

    /// A party's stance on `day`.
    pub fn stance(&self, id: &str, day: Date) -> Option<Stance> {
        self.row(id)?.stance(day).map(|at| at.stance)
    }

    /// Every change of a party that is known, also those after today; oldest first.
    pub fn history(&self, id: &str) -> &[StanceChange] {
        self.row(id).map_or(&[], |row| &row.changes)
    }

    /// Every change of a party with the entry that recorded it, in the order of
    /// [`Register::history`].
    pub fn recorded(&self, id: &str) -> impl Iterator<Item = (&StanceChange, Recorded)> {
        let row = self.row(id);
        row.into_iter()
            .flat_map(|row| row.changes.iter().zip(row.recorded.iter().copied()))
    }

    /// A party's stance on `day`, as it was known by the end of the day `known`.
    pub fn stance_known(&self, id: &str, day: Date, known: Date) -> Option<Stance> {
        let until = self
            .recorded(id)
            .take_while(|(change, _)| change.since <= day);
        let mut known = until.filter(|(_, recorded)| recorded.day() <= known);
        // Two of one day stand in the order of the journal: the later one holds.
        let last = known.by_ref().last();
        last.map(|(change, _)| change.stance)
    }

    /// What was known of a party by the end of a day; none when it was not listed by then.
    pub fn fact_known(&self, id: &str, known: Date) -> Option<&Party> {
        let facts = self.facts(id).iter();
        let known = facts.take_while(|(_, recorded)| recorded.day() <= known);
        known.last().map(|(party, _)| party)
    }

    /// What was known of a party over time, oldest first: its name and the like.
    pub fn facts(&self, id: &str) -> &[(Party, Recorded)] {
        self.row(id).map_or(&[], |row| &row.facts)
    }

    /// All parties, in the order in which they were added.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.rows.iter().map(|row| &row.party)
    }

    /// All parties and their stance on `day`, in the order in which they were added.
    pub fn as_of(&self, day: Date) -> impl Iterator<Item = PartyAt<'_>> {
        self.rows.iter().map(move |row| row.at(day))
    }

    /// The newest changes to another stance up to `day`, newest first, at most `limit`. What only
    /// confirms a stance, and absence from a register, is no news.
    pub fn recent(&self, day: Date, limit: usize) -> Vec<(&Party, &StanceChange)> {
        let mut news: Vec<(&Party, &StanceChange)> = Vec::new();
        for row in &self.rows {
            let mut before = None;
            for change in row.changes.iter().take_while(|change| change.since <= day) {
                if before != Some(change.stance) && change.basis != Basis::AbsentOn {
                    news.push((&row.party, change));
                }
                before = Some(change.stance);
            }
        }
        let newest_first = |a: &(&Party, &StanceChange), b: &(&Party, &StanceChange)| {
            b.1.since.cmp(&a.1.since).then_with(|| a.0.id.cmp(&b.0.id))
        };
        if limit < news.len() {
            news.select_nth_unstable_by(limit, newest_first);
            news.truncate(limit);
        }
        news.sort_by(newest_first);
        news
    }

    fn row(&self, id: &str) -> Option<&Row> {
        self.rows.get(*self.by_id.get(id)?)
    }
}

impl Row {
    fn at(&self, day: Date) -> PartyAt<'_> {
        PartyAt {
            party: &self.party,
            stance: self.stance(day),
            folded: &self.folded,
        }
    }

    fn stance(&self, day: Date) -> Option<StanceAt<'_>> {
        let known = self
            .changes
            .get(..self.changes.partition_point(|c| c.since <= day))?;
        let stance = known.last()?.stance;
        let start = known
            .iter()
            .rposition(|c| c.stance != stance)
            .map_or(0, |other| other + 1);
        let evidence = known.get(start..)?;
        Some(StanceAt {
            stance,
            first: evidence.first()?,
            evidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::pledge::{Kind, Precision};

    fn party(id: &str) -> Party {
        let name = id.to_uppercase();
        Party {
            id: id.into(),
            name,
            kind: Kind::State,
            country: None,
            listed: None,
        }
    }

    fn change(id: &str, stance: Stance, since: Date) -> StanceChange {
        StanceChange {
            party: id.into(),
            stance,
            since,
            basis: Basis::Reported,
            precision: Precision::Day,
            source: None,
            note: None,
        }
    }

    #[test]
    fn a_stance_shows_from_its_day_on_and_never_before() {
        let mut register = Register::new();
        register.apply_party(&party("a"), Recorded::default());
        register.apply_stance(
            &change("a", Stance::Withdrawn, date(2030, 1, 1)),
            Recorded::default(),
        );
        register.apply_stance(
            &change("a", Stance::Signed, date(2020, 5, 1)),
            Recorded::default(),
        );
        assert_eq!(register.stance("a", date(2020, 4, 30)), None);
        assert_eq!(register.stance("a", date(2020, 5, 1)), Some(Stance::Signed));
        assert_eq!(
            register.stance("a", date(2029, 12, 31)),
            Some(Stance::Signed)
        );
        assert_eq!(
            register.stance("a", date(2030, 1, 1)),
            Some(Stance::Withdrawn)
        );
    }

    #[test]
    fn more_evidence_for_a_stance_does_not_move_its_start() {
        let mut register = Register::new();
        register.apply_party(&party("a"), Recorded::default());
        register.apply_stance(
            &change("a", Stance::SittingOut, date(2018, 11, 12)),
            Recorded::default(),
        );
        register.apply_stance(
            &change("a", Stance::Signed, date(2019, 1, 1)),
            Recorded::default(),
        );
        register.apply_stance(
            &change("a", Stance::Signed, date(2020, 1, 1)),
            Recorded::default(),
        );
        let at = register
            .party_at("a", date(2021, 1, 1))
            .unwrap()
            .stance
            .unwrap();
        assert_eq!((at.first.since, at.evidence.len()), (date(2019, 1, 1), 2));
        assert_eq!(register.recent(date(2021, 1, 1), 9).len(), 2);
    }

    #[test]
    fn of_two_changes_on_one_day_the_later_entry_holds() {
        let mut register = Register::new();
        register.apply_party(&party("a"), Recorded::default());
        register.apply_stance(
            &change("a", Stance::Signed, date(2020, 1, 1)),
            Recorded::default(),
        );
        register.apply_stance(
            &change("a", Stance::Suspended, date(2020, 1, 1)),
            Recorded::default(),
        );
        assert_eq!(
            register.stance("a", date(2020, 1, 1)),
            Some(Stance::Suspended)
        );
    }

    #[test]
    fn what_names_no_known_party_changes_nothing() {
        let mut register = Register::new();
        register.apply_stance(
            &change("nobody", Stance::Signed, date(2020, 1, 1)),
            Recorded::default(),
        );
        assert!(register.is_empty() && register.history("nobody").is_empty());
    }

    proptest! {
        /// Reading the journal twice gives what reading it once gives.
        #[test]
        fn applying_again_changes_nothing(
            changes in proptest::collection::vec((0usize..3, 0usize..6, 1i8..28), 0..40)
        ) {
            let entries: Vec<StanceChange> = changes
                .iter()
                .map(|(party, stance, day)| {
                    change(["a", "b", "c"][*party], Stance::ALL[*stance], date(2020, 1, *day))
                })
                .collect();
            let mut once = Register::new();
            for id in ["a", "b", "c"] {
                once.apply_party(&party(id), Recorded::default());
            }
            for change in &entries {
                once.apply_stance(change, Recorded::default());
            }
            let mut twice = once.clone();
            for change in &entries {
                twice.apply_stance(change, Recorded::default());
            }
            for id in ["a", "b", "c"] {
                prop_assert_eq!(once.history(id), twice.history(id));
                prop_assert!(once.history(id).is_sorted_by_key(|c| c.since));
            }
        }
    }
}
