//! `/collections` and `/collections/{id}`: where signals are published.

use askama::Template;
use node::model::{Harm, Marking};

use super::asset;
use super::signal::SignalLine;
use super::site::{Here, Site};
use super::text::{self, Number};

/// A collection, as far as the viewer may know of it.
#[derive(Clone, Debug)]
pub(crate) struct CollectionCard {
    /// The TAXII id.
    pub(crate) id: String,
    /// The short name.
    pub(crate) alias: String,
    /// The name people read.
    pub(crate) title: String,
    /// What it is for; may be empty.
    pub(crate) description: String,
    /// Objects that the viewer may see.
    pub(crate) objects: Number,
    /// When the newest of them was added, RFC 3339.
    pub(crate) newest: Option<String>,
    /// Whether anyone may see that it exists.
    pub(crate) public: bool,
    /// The marking of objects that carry none.
    pub(crate) marking: Marking,
    /// The harm it is about.
    pub(crate) harm: Option<Harm>,
    /// Whether the viewer may publish into it.
    pub(crate) may_publish: bool,
}

/// The list of collections.
#[derive(Template)]
#[template(path = "collections.html")]
pub(crate) struct CollectionsPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) collections: Vec<CollectionCard>,
    /// The address of the TAXII discovery.
    pub(crate) taxii: String,
}

/// The page of a collection.
#[derive(Template)]
#[template(path = "collection.html")]
pub(crate) struct CollectionPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) collection: CollectionCard,
    /// Newest first.
    pub(crate) signals: Vec<SignalLine>,
    /// The address of the page with older ones.
    pub(crate) older: Option<String>,
    /// Whether this page is not the first.
    pub(crate) later_page: bool,
    /// The address of the collection over TAXII.
    pub(crate) taxii: String,
    /// The address of the collection as a MISP feed.
    pub(crate) misp: String,
}
