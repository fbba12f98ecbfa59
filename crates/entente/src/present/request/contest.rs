//! What who holds a link to contest is shown, and says.

use node::act::request as act;
use node::{Error, Node};
use serde::{Deserialize, Serialize};

use super::case::{Case, Contact};
use crate::present::time;

/// What a link to contest is about: `GET /api/v1/contests/{token}`.
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contestable {
    /// Until when the link works.
    pub(crate) expires: String,
    /// Whether it can be contested now.
    pub(crate) contestable: bool,
    /// What was asked and done.
    pub(crate) request: Case,
}

/// Why it should not stand: `POST /api/v1/contests/{token}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contest {
    pub(crate) words: String,
    /// Who says so, if it is to be told to the two sides and who reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<Contact>,
}

impl Contestable {
    /// What the node tells.
    pub(crate) fn new(node: &Node, found: &act::Contestable) -> Self {
        Contestable {
            expires: time(found.expires.0),
            contestable: found.open,
            request: Case::new(&node.directory(), &found.case, node.now()),
        }
    }
}

impl Contest {
    /// Says it to the node.
    ///
    /// # Errors
    /// The node's.
    pub(crate) async fn say(self, node: &Node, token: &str) -> Result<Contestable, Error> {
        let contact = self.contact.map(Contact::wanted);
        let found = node.contest(token, self.words, contact).await?;
        Ok(Contestable::new(node, &found))
    }
}
