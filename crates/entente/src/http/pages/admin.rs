//! `/admin`: what the one-time administrator link opens.

use askama::Template;

use super::asset;
use super::site::{Here, Site};

/// A button that makes the administrator's token.
#[derive(Template)]
#[template(path = "admin.html")]
pub(crate) struct AdminPage<'a> {
    pub(crate) site: Site<'a>,
    /// The link's secret, to be sent back.
    pub(crate) link: String,
}
