//! `/sign-in`: open a session with a token.

use askama::Template;

use super::asset;
use super::site::{Here, Site};

/// The form.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage<'a> {
    pub(crate) site: Site<'a>,
    /// Whether a token was refused just now.
    pub(crate) refused: bool,
    /// The path on this node to go to afterwards.
    pub(crate) next: String,
}
