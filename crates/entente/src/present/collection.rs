//! Collections and what the caller may do with them.

use node::act::manage::new_collection_id;
use node::act::read::SeenCollection;
use node::model::{self, Harm};
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

/// A collection as a caller sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a JSON shape: each is a property of its own"
)]
pub(crate) struct Collection {
    /// The TAXII id: a UUID.
    pub(crate) id: String,
    /// The short name used in URLs and on the command line.
    pub(crate) alias: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) public: bool,
    /// `TLP:AMBER` and so on: the marking of objects that carry none.
    pub(crate) default_marking: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) harm: Option<String>,
    /// Parties that may see what is marked RED or AMBER+STRICT, besides its publisher; told to these
    /// parties and to administrators alone.
    pub(crate) recipients: Vec<String>,
    /// Parties that may publish; empty means every party whose stance allows it.
    pub(crate) publishers: Vec<String>,
    /// The circle it is confined to; told to those who know of the collection, who are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) circle: Option<String>,
    /// Whether objects have to hold up to every check of STIX 2.1, recommendations too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) strict: bool,
    /// Whether what is published into it has to be signed with a key of the party.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) signed_publishes: bool,
    pub(crate) can_read: bool,
    pub(crate) can_write: bool,
    /// How many object versions of it the caller sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) objects: Option<u64>,
}

/// A list of collections: `GET /api/v1/collections`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Collections {
    pub(crate) collections: Vec<Collection>,
}

/// A collection to be made: `POST /api/v1/collections`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCollection {
    pub(crate) alias: String,
    /// The alias when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) public: bool,
    /// TLP:AMBER when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default_marking: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) harm: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) recipients: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) publishers: Vec<String>,
    /// The circle it is confined to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) circle: Option<String>,
    /// Whether objects have to hold up to every check of STIX 2.1, recommendations too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) strict: bool,
}

/// The collections that `caller` may know of.
///
/// # Errors
/// [`node::Error::Storage`].
pub(crate) fn collections(node: &Node, caller: &Caller) -> Result<Collections, node::Error> {
    let seen = node.collections(caller);
    let collections = seen.iter().map(|seen| Collection::of(node, caller, seen));
    Ok(Collections {
        collections: collections.collect::<Result<_, _>>()?,
    })
}

/// One collection by its id or alias.
///
/// # Errors
/// [`node::Error::NotFound`], [`node::Error::Storage`].
pub(crate) fn collection(
    node: &Node,
    caller: &Caller,
    name: &str,
) -> Result<Collection, node::Error> {
    Collection::of(node, caller, &node.collection(caller, name)?)
}

impl Collection {
    fn of(node: &Node, caller: &Caller, seen: &SeenCollection) -> Result<Self, node::Error> {
        let settings = &seen.settings;
        let count = || node.count(caller, &settings.id, None);
        let objects = seen.access.read.then(count).transpose()?;
        // Who is named in a circle is for its members and for those who manage it.
        let named = |parties: &[String]| {
            let member = caller
                .party()
                .is_some_and(|party| parties.iter().any(|p| p == party));
            let manages = node.viewer(caller).administers().is_ok();
            if member || manages {
                parties.to_vec()
            } else {
                Vec::new()
            }
        };
        Ok(Collection {
            id: settings.id.clone(),
            alias: settings.alias.clone(),
            title: settings.title.clone(),
            description: settings.description.clone(),
            public: settings.public,
            default_marking: settings.default_marking.to_string(),
            harm: settings.harm.map(|harm| harm.to_string()),
            recipients: named(&settings.recipients),
            publishers: named(&settings.publishers),
            circle: settings.circle.clone(),
            strict: settings.strict,
            signed_publishes: node
                .directory()
                .identities()
                .demands_signature(&settings.id),
            can_read: seen.access.read,
            can_write: seen.access.write.is_ok(),
            objects,
        })
    }
}

impl NewCollection {
    /// The collection as the node keeps it, with a new id.
    ///
    /// # Errors
    /// Which word is no marking or no harm, and what would be.
    pub(crate) fn settings(self) -> Result<model::Collection, node::Error> {
        let invalid = node::Error::Invalid;
        let marking = self
            .default_marking
            .map(|text| text.parse())
            .transpose()
            .map_err(invalid)?;
        let harm: Option<Harm> = self
            .harm
            .map(|text| text.parse())
            .transpose()
            .map_err(invalid)?;
        let fresh = model::Collection::new(new_collection_id(), &self.alias);
        Ok(model::Collection {
            title: self.title.unwrap_or_else(|| self.alias.clone()),
            description: self.description,
            public: self.public,
            default_marking: marking.unwrap_or(fresh.default_marking),
            harm,
            recipients: self.recipients,
            publishers: self.publishers,
            circle: self.circle,
            strict: self.strict,
            ..fresh
        })
    }
}
