//! `/subscribe` and the pages behind the links in mail.

use askama::Template;

use super::asset;
use super::site::{Here, Site};

/// The form.
#[derive(Template)]
#[template(path = "subscribe.html")]
pub(crate) struct SubscribePage<'a> {
    pub(crate) site: Site<'a>,
    /// Whether this node sends mail.
    pub(crate) mail: bool,
    /// Topics that anybody may choose.
    pub(crate) topics: Vec<Choice>,
    /// Topics of members, for who is signed in.
    pub(crate) own: Vec<Choice>,
    /// Names of time zones.
    pub(crate) zones: Vec<String>,
    /// Feeds in Atom: path and title.
    pub(crate) feeds: Vec<(String, String)>,
    /// Calendars of who is signed in: the id, and when each was made.
    pub(crate) calendars: Vec<(String, String)>,
}

/// A topic to choose.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// A subscription: to be confirmed, or as it stands.
#[derive(Template)]
#[template(path = "subscription.html")]
pub(crate) struct SubscriptionPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) title: String,
    pub(crate) intro: String,
    /// What is stored: names and values.
    pub(crate) stored: Vec<(&'static str, String)>,
    /// The path that the button posts to, and its words; none for no button.
    pub(crate) button: Option<(String, &'static str)>,
    /// Another link: path and words.
    pub(crate) link: Option<(String, &'static str)>,
}
