//! Parties and principles: who promised what and keeps it, beside how each answers requests.

use std::collections::BTreeMap;

use jiff::civil::Date;
use node::Error;
use node::account::{Counts, Month};
use node::act::account::{AccountAt, Shared};
use node::commitment::Keeping;
use node::pledge::{Country, Kind, Stance, fold};

/// Which parties are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) kind: Option<Kind>,
    pub(crate) country: Option<Country>,
    pub(crate) stance: Option<Stance>,
    /// Also those of which the account has nothing to tell.
    pub(crate) all: bool,
}

/// A party in the grid.
#[derive(Clone, Debug)]
pub(crate) struct GridRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) country: Option<Country>,
    pub(crate) stance: Option<Stance>,
    /// In the order of the principles.
    pub(crate) keepings: Vec<Keeping>,
    pub(crate) received: Counts,
    pub(crate) sent: Counts,
    pub(crate) shared: Shared,
}

impl GridRow {
    /// Whether the account has anything to tell of it.
    pub(crate) fn tells(&self) -> bool {
        let promised = self
            .keepings
            .iter()
            .any(|keeping| *keeping != Keeping::None);
        let shared = self.shared != Shared::default();
        promised || shared || !self.received.is_empty() || !self.sent.is_empty()
    }
}

/// The day whose stances are shown with a month: its last, or today.
pub(crate) fn day_of(through: Month, today: Date) -> Date {
    through.last_day().min(today)
}

/// The parties that fit, by name, as they were known at the end of the month; and how many are known
/// at all.
///
/// # Errors
/// [`Error::Storage`].
pub(crate) fn rows(
    at: &AccountAt,
    today: Date,
    filter: &Filter,
) -> Result<(Vec<GridRow>, usize), Error> {
    let (directory, through) = (at.directory(), at.through());
    let day = day_of(through, today);
    let register = directory.register();
    let principles: Vec<u16> = directory
        .pledge()
        .map(|pledge| pledge.principles.iter().map(|one| one.number).collect())
        .unwrap_or_default();
    let (counts, shared) = (at.parties()?, at.shared_by_party()?);
    let keepings = by_party(directory.commitments().keepings_at(through.end()));
    let (mut rows, mut known) = (Vec::new(), 0);
    for party in register.parties() {
        let Some(then) = register.fact_known(&party.id, day) else {
            continue;
        };
        let stance = register.stance_known(&party.id, day, day);
        if party.id == node::policy::OPERATOR && stance.is_none() {
            continue;
        }
        known += 1;
        let fits = filter.kind.is_none_or(|kind| kind == then.kind)
            && (filter.country.is_none() || filter.country == then.country)
            && (filter.stance.is_none() || filter.stance == stance);
        if !fits {
            continue;
        }
        let number = directory.party_number(&party.id).unwrap_or(u32::MAX);
        let counts = counts.get(&number).copied().unwrap_or_default();
        let own = keepings.get(party.id.as_str());
        let keeping = |number: &u16| own.and_then(|own| own.get(number)).copied();
        let row = GridRow {
            id: party.id.clone(),
            name: then.name.clone(),
            kind: then.kind,
            country: then.country,
            stance,
            keepings: principles
                .iter()
                .map(|number| keeping(number).unwrap_or(Keeping::None))
                .collect(),
            received: counts.received,
            sent: counts.sent,
            shared: shared.get(&number).copied().unwrap_or_default(),
        };
        if filter.all || row.tells() {
            rows.push(row);
        }
    }
    rows.sort_by_cached_key(|row| (fold(&row.name), row.id.clone()));
    Ok((rows, known))
}

fn by_party(all: BTreeMap<(&str, u16), Keeping>) -> BTreeMap<&str, BTreeMap<u16, Keeping>> {
    let mut parties: BTreeMap<&str, BTreeMap<u16, Keeping>> = BTreeMap::new();
    for ((party, number), keeping) in all {
        parties.entry(party).or_default().insert(number, keeping);
    }
    parties
}
