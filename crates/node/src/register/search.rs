//! Finding parties.

use jiff::civil::Date;

use super::{PartyAt, Register};
use crate::pledge::{Country, Kind, Stance, fold};

/// What to find; the default finds all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Parties of this kind.
    pub kind: Option<Kind>,
    /// Parties from this country.
    pub country: Option<Country>,
    /// Parties of this stance on the day.
    pub stance: Option<Stance>,
    /// Parties whose name or id holds each of these words, whatever their case and accents.
    pub text: String,
}

impl Register {
    /// Parties that `filter` finds, with their stance on `day`, in the order in which they were
    /// added.
    pub fn find(&self, filter: &Filter, day: Date) -> impl Iterator<Item = PartyAt<'_>> {
        let folded = fold(&filter.text);
        let words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
        let Filter {
            kind,
            country,
            stance,
            ..
        } = *filter;
        self.rows
            .iter()
            .filter(move |row| {
                kind.is_none_or(|kind| row.party.kind == kind)
                    && country.is_none_or(|country| row.party.country == Some(country))
                    && words.iter().all(|word| row.folded.contains(word.as_str()))
            })
            .map(move |row| row.at(day))
            .filter(move |at| {
                stance.is_none_or(|stance| at.stance.is_some_and(|s| s.stance == stance))
            })
    }
}
