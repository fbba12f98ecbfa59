//! `/account/entries`: the entries behind a figure, each with its receipt.

use askama::Template;
use node::account::Month;
use node::act::account::BehindEntry;

use super::asset;
use super::site::{Here, Site};
use super::text;

/// The entries behind a figure.
#[derive(Template)]
#[template(path = "account_entries.html")]
pub(crate) struct EntriesPage<'a> {
    pub(crate) site: Site<'a>,
    /// What they are, in words.
    pub(crate) title: String,
    pub(crate) from: Option<Month>,
    pub(crate) through: Month,
    pub(crate) rows: Vec<EntryLine>,
    pub(crate) after: Option<String>,
}

/// One entry.
pub(crate) struct EntryLine {
    pub(crate) entry: BehindEntry,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) time: String,
    /// How the request stands now.
    pub(crate) stands: &'static str,
}
