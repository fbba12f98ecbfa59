//! A page that says one thing: an error, or that something is done.

use askama::Template;

use super::asset;
use super::site::{Here, Site};

/// One message.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage<'a> {
    pub(crate) site: Site<'a>,
    /// The HTTP status, when it is an error.
    pub(crate) status: Option<u16>,
    /// A few words.
    pub(crate) title: String,
    /// What happened, and what to do.
    pub(crate) detail: String,
    /// Something to keep, such as a new token; shown once in a box of its own.
    pub(crate) keep: Option<String>,
}
