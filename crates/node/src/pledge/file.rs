//! The shape of a pledge file, as TOML reads it. Every value that a check may refuse keeps its
//! place in the file.

use serde::Deserialize;
use toml::Spanned;

use super::{Basis, CircleTable, Kind, Stance, VisibilityTable};
use crate::commitment::{Calendar, DayOfYear};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) pledge: Spanned<Head>,
    #[serde(default)]
    pub(super) visibility: Option<Spanned<VisibilityRow>>,
    #[serde(default)]
    pub(super) calendar: Option<Spanned<CalendarRow>>,
    #[serde(default)]
    pub(super) source: Vec<SourceRow>,
    #[serde(default)]
    pub(super) principle: Vec<PrincipleRow>,
    #[serde(default)]
    pub(super) figure: Vec<Spanned<FigureRow>>,
    #[serde(default)]
    pub(super) fact: Vec<FactRow>,
    #[serde(default)]
    pub(super) holidays: Vec<HolidaysRow>,
    #[serde(default)]
    pub(super) register: RegisterTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Head {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) short_name: Option<String>,
    pub(super) summary: String,
    pub(super) disclaimer: String,
    pub(super) adopted: Spanned<toml::Value>,
    pub(super) place: Option<String>,
    pub(super) steward: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) binding: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VisibilityRow {
    green: Vec<Stance>,
    amber: Vec<Stance>,
    publish: Vec<Stance>,
    circle: Option<CircleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CircleRow {
    green: Vec<Stance>,
    amber: Vec<Stance>,
    amber_strict: Vec<Stance>,
}

impl From<VisibilityRow> for VisibilityTable {
    fn from(row: VisibilityRow) -> Self {
        VisibilityTable {
            green: row.green,
            amber: row.amber,
            publish: row.publish,
            circle: row
                .circle
                .map_or_else(CircleTable::default, |circle| CircleTable {
                    green: circle.green,
                    amber: circle.amber,
                    amber_strict: circle.amber_strict,
                }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceRow {
    pub(super) key: Spanned<String>,
    pub(super) title: String,
    pub(super) url: Option<Spanned<String>>,
    pub(super) date: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrincipleRow {
    pub(super) number: Spanned<u16>,
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) source: Spanned<String>,
    #[serde(default)]
    pub(super) harms: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) indicators: Vec<Spanned<IndicatorRow>>,
}

/// An indicator that is suggested: a computed one by its name alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IndicatorRow {
    pub(super) name: String,
    pub(super) words: Option<String>,
    pub(super) unit: Option<String>,
}

/// When reports are due; what is left out is as in [`Calendar::default`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarRow {
    due: Option<Vec<String>>,
    early: Option<u16>,
    late: Option<u16>,
    silent: Option<u16>,
    delisted: Option<u16>,
    notice: Option<u16>,
    suspends: Option<bool>,
}

impl CalendarRow {
    /// The calendar, checked.
    pub(super) fn calendar(&self) -> Result<Calendar, String> {
        let usual = Calendar::default();
        let due = self.due.as_ref().map(|days| {
            let days = days.iter().map(|day| day.parse());
            days.collect::<Result<Vec<DayOfYear>, String>>()
        });
        let calendar = Calendar {
            due: due.transpose()?.unwrap_or(usual.due),
            early: self.early.unwrap_or(usual.early),
            late: self.late.unwrap_or(usual.late),
            silent: self.silent.unwrap_or(usual.silent),
            delisted: self.delisted.unwrap_or(usual.delisted),
            notice: self.notice.unwrap_or(usual.notice),
            suspends: self.suspends.unwrap_or(usual.suspends),
        };
        calendar.check()?;
        Ok(calendar)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FigureRow {
    pub(super) day: Spanned<toml::Value>,
    pub(super) source: Spanned<String>,
    pub(super) total: Option<u32>,
    pub(super) states: Option<u32>,
    pub(super) civil_society: Option<u32>,
    pub(super) private_sector: Option<u32>,
    #[serde(default)]
    pub(super) at_least: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactRow {
    pub(super) topic: Spanned<String>,
    pub(super) text: String,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidaysRow {
    pub(super) country: Spanned<String>,
    pub(super) days: Vec<Spanned<toml::Value>>,
    pub(super) source: Option<Spanned<String>>,
}

/// The pledge's own register of parties, and what other sources say of them.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterTable {
    pub(super) source: Option<Spanned<String>>,
    pub(super) read: Option<Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) stances: Vec<StanceRow>,
    #[serde(default)]
    pub(super) parties: Vec<PartyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyRow {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) kind: Kind,
    pub(super) country: Option<Spanned<String>>,
    pub(super) listed: Option<Spanned<toml::Value>>,
    pub(super) signed: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StanceRow {
    pub(super) party: Spanned<String>,
    pub(super) stance: Stance,
    pub(super) since: Spanned<toml::Value>,
    pub(super) basis: Basis,
    pub(super) source: Spanned<String>,
    pub(super) note: Option<String>,
}
