//! `/signal/{id}`: one STIX object, and the line that stands for it on other pages.

use askama::Template;
use node::model::{Harm, Marking};

use super::asset;
use super::audience::AudiencePart;
use super::feedback::FeedbackPart;
use super::site::{Here, Site};
use super::text;

/// A signal as one line of a list.
#[derive(Clone, Debug)]
pub(crate) struct SignalLine {
    /// The STIX id.
    pub(crate) id: String,
    /// The STIX type.
    pub(crate) type_name: String,
    /// Its name, else its value or pattern, else its id.
    pub(crate) title: String,
    /// The publisher's party id and name.
    pub(crate) publisher: (String, String),
    /// The collection's alias and title.
    pub(crate) collection: (String, String),
    /// The harm it is about.
    pub(crate) harm: Option<Harm>,
    /// Who may see it.
    pub(crate) marking: Marking,
    /// When it was added, RFC 3339 to the second.
    pub(crate) added: String,
    /// Whether its creator revoked it.
    pub(crate) revoked: bool,
}

impl SignalLine {
    /// The day and minute on which it was added: `2026-11-24 02:19`.
    pub(crate) fn added_short(&self) -> String {
        text::short_time(&self.added)
    }
}

/// One version of a signal.
pub(crate) struct VersionLine {
    /// `modified`, or `created`, or when it was added.
    pub(crate) version: String,
    /// When it was added here.
    pub(crate) added: String,
    /// Whether it is the version shown.
    pub(crate) shown: bool,
    /// Whether it revokes the signal.
    pub(crate) revoked: bool,
    /// The number of its entry, by which its receipt is had.
    pub(crate) entry: u64,
}

/// The page of a signal.
#[derive(Template)]
#[template(path = "signal.html")]
pub(crate) struct SignalPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) line: SignalLine,
    /// What it says of itself.
    pub(crate) description: Option<String>,
    /// The STIX pattern of an indicator.
    pub(crate) pattern: Option<String>,
    /// Further properties and their values, in the object's order.
    pub(crate) fields: Vec<(String, String)>,
    /// What it says can be matched in a log: kind and value.
    pub(crate) observables: Vec<(String, String)>,
    /// The parties that publish it besides the one in its line: id and name.
    pub(crate) publishers: Vec<(String, String)>,
    /// Who may see it, in one sentence.
    pub(crate) seen_by: String,
    /// What parties know of it.
    pub(crate) feedback: FeedbackPart,
    /// Who can see it and who fetched it, for those who publish it.
    pub(crate) audience: AudiencePart,
    /// Newest first.
    pub(crate) versions: Vec<VersionLine>,
    /// The object as it was sent, indented for reading.
    pub(crate) json: String,
}
