//! Terms of partners.

use jiff::civil::Date;
use node::accession::{Terms as Kept, TermsRecord};
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::Record;

/// Terms of a partner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) party: String,
    /// Whether they reach every collection that its stance may.
    pub(crate) all_collections: bool,
    /// Short names of those that they reach and the caller may know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) collections: Vec<String>,
    /// The most restrictive marking they let it see there.
    pub(crate) up_to: String,
    pub(crate) publish: bool,
    pub(crate) from: Date,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Date>,
    pub(crate) source: String,
    /// Whether anybody may see them.
    pub(crate) public: bool,
    /// Today: `in-force`, `to-come` or `over`.
    pub(crate) state: String,
    /// When they were ended before their last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<TermsEnd>,
    /// How often they were set.
    pub(crate) versions: usize,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// The end of terms.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TermsEnd {
    /// The first day on which they hold no more.
    pub(crate) on: Date,
    pub(crate) reason: String,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/terms`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AllTerms {
    pub(crate) terms: Vec<Terms>,
}

/// Terms to be set: `POST /api/v1/terms`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTerms {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// Known already where talks end in them.
    #[serde(default)]
    pub(crate) party: String,
    /// Ids or short names; empty means all that its stance may.
    #[serde(default)]
    pub(crate) collections: Vec<String>,
    pub(crate) up_to: String,
    #[serde(default)]
    pub(crate) publish: bool,
    /// Today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Date>,
    /// That of the end of talks when absent there.
    #[serde(default)]
    pub(crate) source: String,
    #[serde(default = "yes")]
    pub(crate) public: bool,
}

/// `POST /api/v1/terms/{id}/end`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndTerms {
    /// The first day on which they hold no more; today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on: Option<Date>,
    pub(crate) reason: String,
}

fn yes() -> bool {
    true
}

impl NewTerms {
    /// As the node takes it.
    ///
    /// # Errors
    /// When they name no marking.
    pub(crate) fn wanted(self, node: &Node) -> Result<Kept, node::Error> {
        Ok(Kept {
            title: self.title.unwrap_or_else(|| self.id.replace('-', " ")),
            id: self.id,
            party: self.party,
            collections: self.collections,
            up_to: self.up_to.parse().map_err(node::Error::Invalid)?,
            publish: self.publish,
            from: self.from.unwrap_or_else(|| node.now().day()),
            until: self.until,
            source: self.source,
            public: self.public,
        })
    }
}

/// The terms that a caller sees; of one party when it is named.
pub(crate) fn all_terms(node: &Node, caller: &Caller, party: Option<&str>) -> AllTerms {
    let seen = node.terms(caller);
    let terms = seen.iter().filter_map(|record| terms(node, caller, record));
    AllTerms {
        terms: terms
            .filter(|one| party.is_none_or(|party| one.party == party))
            .collect(),
    }
}

/// Terms by their id, as a caller sees them.
pub(crate) fn one_terms(node: &Node, caller: &Caller, id: &str) -> Option<Terms> {
    let all = all_terms(node, caller, None).terms;
    all.into_iter().find(|terms| terms.id == id)
}

fn terms(node: &Node, caller: &Caller, record: &TermsRecord) -> Option<Terms> {
    let (directory, viewer) = (node.directory(), node.viewer(caller));
    let (terms, recorded) = record.newest()?;
    let today = node.now().day();
    let known = terms.collections.iter().filter_map(|id| {
        let (_, settings) = directory.collection(id)?;
        let known = viewer.access(settings).known;
        known.then(|| settings.alias.clone())
    });
    let state = if record.in_force(today).is_some() {
        "in-force"
    } else if terms.from > today && record.ended().is_none() {
        "to-come"
    } else {
        "over"
    };
    Some(Terms {
        id: terms.id.clone(),
        title: terms.title.clone(),
        party: terms.party.clone(),
        all_collections: terms.collections.is_empty(),
        collections: known.collect(),
        up_to: terms.up_to.to_string(),
        publish: terms.publish,
        from: terms.from,
        until: terms.until,
        source: terms.source.clone(),
        public: terms.public,
        state: state.into(),
        ended: record.ended().map(|ended| TermsEnd {
            on: ended.on,
            reason: ended.reason.clone(),
            record: ended.recorded.into(),
        }),
        versions: record.versions.len(),
        record: (*recorded).into(),
    })
}
