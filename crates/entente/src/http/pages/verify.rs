//! `/verify`: checks a receipt in the reader's browser.

use askama::Template;

use super::asset;
use super::site::{Here, Site};

/// The page; it loads the one script there is.
#[derive(Template)]
#[template(path = "verify.html")]
pub(crate) struct VerifyPage<'a> {
    pub(crate) site: Site<'a>,
    /// The log's key, as C2SP signed-note writes it.
    pub(crate) key: String,
}
