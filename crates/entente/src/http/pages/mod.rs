//! The web pages: rendered here, without any script.
//!
//! Each page is a struct that a handler fills and a template of the same name in `templates/`.
//! Rendering is pure: what a viewer may see was decided before, by the node.

pub(crate) mod accession;
pub(crate) mod account;
pub(crate) mod account_entries;
pub(crate) mod admin;
pub(crate) mod asset;
pub(crate) mod audience;
pub(crate) mod chart;
pub(crate) mod collections;
pub(crate) mod commitment;
pub(crate) mod country;
pub(crate) mod feedback;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod json;
pub(crate) mod match_box;
pub(crate) mod message;
pub(crate) mod party;
pub(crate) mod party_account;
pub(crate) mod pledge;
pub(crate) mod register;
pub(crate) mod requests;
pub(crate) mod sign_in;
pub(crate) mod signal;
pub(crate) mod site;
pub(crate) mod text;
pub(crate) mod verify;

#[cfg(test)]
mod tests;

/// The `Content-Security-Policy` of every page: no script, nothing from elsewhere, no framing.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The policy of charts that stand in pages elsewhere: as [`CONTENT_SECURITY_POLICY`], and anybody may
/// frame them.
pub(crate) const EMBED_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
     img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *";

/// The policy of the one page that runs a script: which may run, and connect to nothing.
pub(crate) const SCRIPT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
     script-src 'self'; connect-src 'none'; img-src 'self' data:; font-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
