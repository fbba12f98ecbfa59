//! The pledge as data: what was pledged, by whom, since when, and where that is known from.
//!
//! A pledge is one TOML file (`docs/pledge-file.md` describes it); [`PledgeFile::parse`] reads and
//! checks it. The types here are also what the journal's entries carry, so fields are never
//! renamed, reordered or left out when they are encoded.

mod file;
mod parse;
mod party;
mod text;
mod visibility;
mod word;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::commitment::{Calendar, Measure};
use crate::model::Harm;

pub use parse::{PledgeError, PledgeFile};
pub use party::{Country, MAX_ID, MAX_NAME, Party, PartyError, StanceChange, fold, is_slug, slug};
pub use text::{text, text_hash};
pub use visibility::{CircleTable, VisibilityTable};
pub use word::{Basis, Identity, Kind, Precision, Stance};

/// The Paris Call for Trust and Security in Cyberspace as a pledge file: the pledge that a node
/// runs on unless another is loaded.
pub const PARIS_CALL: &str = include_str!("../../../../data/paris-call-2018.toml");

/// A pledge without its parties, which are entries of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pledge {
    /// A slug.
    pub id: String,
    /// Its full name.
    pub name: String,
    /// The name used where there is little room.
    pub short_name: String,
    /// What it is, in two or three sentences of our own.
    pub summary: String,
    /// Who is behind this file, and who is not; shown on every page.
    pub disclaimer: String,
    /// The day it was adopted. No stance is older.
    pub adopted: Date,
    /// Where it was adopted.
    pub place: Option<String>,
    /// The id of the party that convenes it.
    pub steward: Option<String>,
    /// Whether it binds in law.
    pub binding: bool,
    /// The key of the source that is its own register of parties.
    pub register: Option<String>,
    /// The day up to which that register was read.
    pub register_read: Option<Date>,
    /// Numbered from 1 without gaps.
    pub principles: Vec<Principle>,
    /// Where its facts are known from.
    pub sources: Vec<Source>,
    /// Totals that sources reported, for comparison with what the register adds up to.
    pub figures: Vec<Figure>,
    /// Other facts worth showing, each with its source.
    pub facts: Vec<Fact>,
    /// Who sees which marking, and who may publish.
    pub visibility: VisibilityTable,
    /// When reports on commitments are due, unless the steward sets another calendar.
    pub calendar: Calendar,
}

/// One numbered principle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principle {
    /// Counted from 1.
    pub number: u16,
    /// A slug.
    pub id: String,
    /// A few words.
    pub title: String,
    /// What it asks for, in our own words.
    pub summary: String,
    /// The key of a source.
    pub source: String,
    /// The harms whose signals serve this principle, in this file's reading.
    pub harms: Vec<Harm>,
    /// What may show how far a party is under this principle: suggestions, no more.
    pub indicators: Vec<Measure>,
}

/// Where facts are known from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The key by which facts name it.
    pub key: String,
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: Option<String>,
    /// When it was published, as exactly as is known.
    pub date: Option<String>,
}

/// Totals that a source reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The day they are for.
    pub day: Date,
    /// The key of a source.
    pub source: String,
    /// All parties together.
    pub total: Option<u32>,
    /// States.
    pub states: Option<u32>,
    /// Civil society, with international organisations where the source counts them together.
    pub civil_society: Option<u32>,
    /// Companies.
    pub private_sector: Option<u32>,
    /// Whether the source says "more than".
    pub at_least: bool,
}

/// One fact in our own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about: a slug under which facts are shown together.
    pub topic: String,
    /// The fact.
    pub text: String,
    /// The key of a source.
    pub source: String,
}

impl Pledge {
    /// The source with this key.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.key == key)
    }

    /// The principle with this number.
    pub fn principle(&self, number: u16) -> Option<&Principle> {
        self.principles
            .iter()
            .find(|principle| principle.number == number)
    }
}
