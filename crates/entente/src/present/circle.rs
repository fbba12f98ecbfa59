//! Circles: named sets of parties that share among themselves.

use node::act::circles::CircleChange;
use node::{Caller, Node, model};
use serde::{Deserialize, Serialize};

/// A circle, for its members and those who manage it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Circle {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// The marking-definition by which an object is confined to it.
    pub(crate) marking: String,
    /// Ids of parties.
    pub(crate) members: Vec<String>,
}

/// A list of circles: `GET /api/v1/circles`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Circles {
    pub(crate) circles: Vec<Circle>,
}

/// A circle to be made or changed: `PUT /api/v1/circles/{id}`. What is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeCircle {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Parties that come in, by id or name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) add: Vec<String>,
    /// Parties that leave, by id or name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) remove: Vec<String>,
}

impl From<model::Circle> for Circle {
    fn from(circle: model::Circle) -> Self {
        Circle {
            id: circle.id,
            title: circle.title,
            description: circle.description,
            marking: circle.marking,
            members: circle.members,
        }
    }
}

impl From<ChangeCircle> for CircleChange {
    fn from(change: ChangeCircle) -> Self {
        CircleChange {
            title: change.title,
            description: change.description,
            add: change.add,
            remove: change.remove,
        }
    }
}

/// The circles that `caller` may know of.
pub(crate) fn circles(node: &Node, caller: &Caller) -> Circles {
    Circles {
        circles: node.circles(caller).into_iter().map(Circle::from).collect(),
    }
}
