//! Warning lists, in the shape that MISP's have (`list.json`).

use matching::warning::{Comparison, Skipped};
use node::model::WarningList;
use node::warnings::KnownList;
use serde::{Deserialize, Serialize};

/// A list to be loaded: `POST /api/v1/warninglists`. What else MISP's lists say is left aside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NewList {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) version: u64,
    /// `cidr`, `hostname`, `string`, `substring`, `regex`.
    pub(crate) r#type: String,
    /// Types of attribute that the list is about; all when there are none.
    #[serde(default)]
    pub(crate) matching_attributes: Vec<String>,
    pub(crate) list: Vec<String>,
}

/// A list in use, without its values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) version: u64,
    pub(crate) r#type: String,
    pub(crate) matching_attributes: Vec<String>,
    /// How many values it holds.
    pub(crate) values: u64,
    /// Whether it came with the program.
    pub(crate) built_in: bool,
    /// Values that cannot be used; told when the list is loaded.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(crate) skipped: u64,
    /// What is wrong with the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reasons: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// All lists in use: `GET /api/v1/warninglists`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lists {
    pub(crate) lists: Vec<List>,
}

impl NewList {
    /// As the node keeps it.
    ///
    /// # Errors
    /// [`node::Error::Invalid`] for an unknown type.
    pub(crate) fn settings(self) -> Result<WarningList, node::Error> {
        let comparison: Comparison = self
            .r#type
            .parse()
            .map_err(|words| node::Error::Invalid(format!("type: {words}")))?;
        Ok(WarningList {
            name: self.name.trim().to_owned(),
            description: self.description,
            version: self.version,
            kind: comparison.into(),
            attributes: self.matching_attributes,
            values: self.list,
        })
    }
}

impl From<&KnownList> for List {
    fn from(known: &KnownList) -> Self {
        List {
            name: known.name.clone(),
            description: known.description.clone(),
            version: known.version,
            r#type: Comparison::from(known.kind).to_string(),
            matching_attributes: known.attributes.clone(),
            values: known.values as u64,
            built_in: known.built_in,
            skipped: 0,
            reasons: Vec::new(),
        }
    }
}

impl List {
    /// A list that was just loaded, with what of it cannot be used.
    pub(crate) fn loaded(known: &KnownList, skipped: &Skipped) -> Self {
        List {
            skipped: skipped.values as u64,
            reasons: skipped.reasons.clone(),
            ..List::from(known)
        }
    }
}
