//! What the register adds up to.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{PartyAt, Register};
use crate::pledge::{Basis, Country, Kind, Stance};

/// A number for each kind of party.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally([usize; Kind::ALL.len()]);

/// How many parties have which stance on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    stances: [Tally; Stance::ALL.len()],
    /// Parties of which nothing is known as of that day.
    pub unknown: Tally,
    /// Parties that the pledge's own register lists on that day.
    pub listed: Tally,
    /// Parties with the stance `signed` whose day of signing the register gives.
    pub dated: usize,
}

/// Signatories at the end of a day on which their number changed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct GrowthPoint {
    /// The day.
    pub day: Date,
    /// Signatories of each kind.
    pub signed: Tally,
}

/// The parties of one country on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountryAt<'a> {
    /// The state itself.
    pub state: Option<PartyAt<'a>>,
    /// Signatories from there, the state included.
    pub signed: Tally,
}

impl Tally {
    /// The number for `kind`.
    pub fn of(&self, kind: Kind) -> usize {
        self.0.get(kind as usize).copied().unwrap_or_default()
    }

    /// All kinds together.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    fn add(&mut self, kind: Kind) {
        if let Some(number) = self.0.get_mut(kind as usize) {
            *number += 1;
        }
    }

    fn remove(&mut self, kind: Kind) {
        if let Some(number) = self.0.get_mut(kind as usize) {
            *number = number.saturating_sub(1);
        }
    }
}

impl Counts {
    /// Parties of each kind with this stance.
    pub fn of(&self, stance: Stance) -> Tally {
        self.stances
            .get(stance as usize)
            .copied()
            .unwrap_or_default()
    }
}

impl Register {
    /// How many parties have which stance on `day`.
    pub fn counts(&self, day: Date) -> Counts {
        let mut counts = Counts::default();
        for PartyAt { party, stance, .. } in self.as_of(day) {
            if party.listed.is_some_and(|listed| listed <= day) {
                counts.listed.add(party.kind);
            }
            let Some(at) = stance else {
                counts.unknown.add(party.kind);
                continue;
            };
            if let Some(tally) = counts.stances.get_mut(at.stance as usize) {
                tally.add(party.kind);
            }
            let dated = at
                .evidence
                .iter()
                .any(|change| change.basis == Basis::SignedOn);
            counts.dated += usize::from(dated && at.stance == Stance::Signed);
        }
        counts
    }

    /// The number of signatories on each day up to `until` on which it changed, from the day of
    /// adoption on.
    pub fn growth(&self, until: Date) -> Vec<GrowthPoint> {
        let mut steps: Vec<(Date, Kind, bool)> = Vec::new();
        for row in &self.rows {
            let mut signed = false;
            for change in row
                .changes
                .iter()
                .take_while(|change| change.since <= until)
            {
                let signs = change.stance == Stance::Signed;
                if signs != signed {
                    steps.push((change.since, row.party.kind, signs));
                }
                signed = signs;
            }
        }
        steps.sort_by_key(|step| step.0);
        let start = self.adopted.filter(|day| *day <= until);
        let mut points: Vec<GrowthPoint> = start
            .map(|day| GrowthPoint {
                day,
                signed: Tally::default(),
            })
            .into_iter()
            .collect();
        for (day, kind, signs) in steps {
            let before = points.last().map(|point| point.signed).unwrap_or_default();
            if points.last().is_none_or(|point| point.day != day) {
                points.push(GrowthPoint {
                    day,
                    signed: before,
                });
            }
            if let Some(point) = points.last_mut() {
                if signs {
                    point.signed.add(kind);
                } else {
                    point.signed.remove(kind);
                }
            }
        }
        points
    }

    /// Countries with a state or a signatory on `day`.
    pub fn by_country(&self, day: Date) -> BTreeMap<Country, CountryAt<'_>> {
        let mut countries: BTreeMap<Country, CountryAt<'_>> = BTreeMap::new();
        for at in self.as_of(day) {
            let (Some(code), Some(stance)) = (at.party.country, at.stance) else {
                continue;
            };
            let country = countries.entry(code).or_default();
            if at.party.kind == Kind::State {
                country.state = Some(at);
            }
            if stance.stance == Stance::Signed {
                country.signed.add(at.party.kind);
            }
        }
        countries
    }
}
