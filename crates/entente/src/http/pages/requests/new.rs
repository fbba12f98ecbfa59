//! `/requests/new`: the form to ask a party to act.

use askama::Template;

use super::super::asset;
use super::super::site::{Here, Site};
use super::say;

/// What is typed into the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) to: String,
    pub(crate) kind: String,
    pub(crate) category: String,
    pub(crate) title: String,
    pub(crate) words: String,
    pub(crate) targets: String,
    pub(crate) signals: String,
    pub(crate) principle: String,
    pub(crate) ground_kind: String,
    pub(crate) ground: String,
    pub(crate) ground_url: String,
    pub(crate) why: String,
    pub(crate) country: String,
    pub(crate) contact_name: String,
    pub(crate) contact_email: String,
    pub(crate) good_faith: bool,
    pub(crate) marking: String,
    pub(crate) reference: String,
    pub(crate) follows: String,
    pub(crate) preset: String,
    pub(crate) hours: String,
    pub(crate) days: String,
    pub(crate) zone: String,
    pub(crate) key: String,
}

/// The page with the form.
#[derive(Template)]
#[template(path = "requests/new.html")]
pub(crate) struct NewPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) fields: Fields,
    /// The parties that can answer here: id and name.
    pub(crate) parties: Vec<(String, String)>,
    /// The pledge's principles: number and title.
    pub(crate) principles: Vec<(String, String)>,
    /// Why it was not taken.
    pub(crate) problem: Option<String>,
}

/// The usual lengths of time.
pub(crate) const PRESETS: [(&str, &str); 6] = [
    ("standard", "Ten working days"),
    (
        "contact-24-7",
        "24 hours (24/7 contact, Budapest Convention, Article 35)",
    ),
    (
        "nis2-early-warning",
        "24 hours (early warning, NIS2, Article 23)",
    ),
    (
        "nis2-notification",
        "72 hours (notification, NIS2, Article 23)",
    ),
    (
        "nis2-final-report",
        "One month (final report, NIS2, Article 23)",
    ),
    ("custom", "Hours or working days, as named below"),
];

/// Markings and who sees what under each.
pub(crate) const MARKINGS: [(&str, &str); 5] = [
    (
        "amber",
        "TLP:AMBER: the two sides; others see who asks whom for what kind of thing",
    ),
    ("clear", "TLP:CLEAR: anybody reads it"),
    ("green", "TLP:GREEN: all parties read it"),
    ("amber+strict", "TLP:AMBER+STRICT: as AMBER"),
    ("red", "TLP:RED: the two sides alone; not for takedowns"),
];
