//! The node that a verb about requests works on, and who it is there.

use node::Caller;
use node::act::request::NewEvidence;
use node::model::Marking;

use crate::cli::client::{encoded, query_of};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure};
use crate::present::request::{self, Ask, Case, Cases, Evidence, NewCase, NewStep, Stepped};

/// A node, and the caller where it is opened here.
pub(super) struct Near {
    pub(super) target: Target,
    pub(super) caller: Caller,
}

impl Near {
    /// Opens it.
    ///
    /// # Errors
    /// As [`Where::open_acting`].
    pub(super) fn open(place: &Where) -> anyhow::Result<Self> {
        let (target, caller) = place.open_acting()?;
        Ok(Near { target, caller })
    }

    pub(super) fn send(&self, new: NewCase, key: &str) -> anyhow::Result<Case> {
        match &self.target {
            Target::Local(local) => {
                if self.caller == Caller::Operator {
                    let words = "a request is sent by a party: give a token of yours with --token \
                                 TOKEN (or ENTENTE_TOKEN); 'entente token create' makes one";
                    return Err(Failure::new(Exit::Authentication, words).into());
                }
                let (node, caller) = (&local.node, &self.caller);
                let sent = local.wait(node.send_request(caller, new.wanted()?, Some(key)))?;
                Ok(Case::new(&node.directory(), &sent, node.now()))
            }
            Target::Remote(client) => client.post_once("/api/v1/requests", key, &new),
        }
    }

    pub(super) fn step(&self, id: &str, new: NewStep, key: &str) -> anyhow::Result<Stepped> {
        match &self.target {
            Target::Local(local) => {
                let (node, caller) = (&local.node, &self.caller);
                let marking = node.request_case(caller, id)?.case.request.marking;
                let stepped = node.step_request(caller, id, new.wanted(marking)?, Some(key));
                Ok(Stepped::new(node, local.wait(stepped)?, None))
            }
            Target::Remote(client) => client.post_once(&format!("{}/steps", path(id)), key, &new),
        }
    }

    /// Keeps an attachment, for a request or a step to name.
    pub(super) fn keep(
        &self,
        name: &str,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> anyhow::Result<Evidence> {
        match &self.target {
            Target::Local(local) => {
                let new = NewEvidence {
                    name: name.to_owned(),
                    media_type: media_type.to_owned(),
                    marking: Marking::Amber,
                    bytes: bytes.into(),
                };
                let kept = local.wait(local.node.keep_evidence(&self.caller, new))?;
                Ok(Evidence::from(&kept))
            }
            Target::Remote(client) => {
                let query = [("name".to_owned(), name.to_owned())];
                client.post_octets("/api/v1/evidence", &query, media_type, &bytes)
            }
        }
    }

    /// An attachment of a request, by its SHA-256.
    pub(super) fn attachment(&self, id: &str, sha256: &str) -> anyhow::Result<Vec<u8>> {
        match &self.target {
            Target::Local(local) => {
                let found = local.node.attachment(&self.caller, id, sha256)?;
                Ok(found.bytes.to_vec())
            }
            Target::Remote(client) => {
                client.octets(&format!("{}/evidence/{}", path(id), encoded(sha256)))
            }
        }
    }

    pub(super) fn case(&self, id: &str) -> anyhow::Result<Case> {
        match &self.target {
            Target::Local(local) => Ok(request::one(&local.node, &self.caller, id)?),
            Target::Remote(client) => client.get(&path(id), &[]),
        }
    }

    /// Forgets whom to ask, and who contested.
    pub(super) fn forget(&self, id: &str) -> anyhow::Result<()> {
        match &self.target {
            Target::Local(local) => {
                let forgotten = local.node.forget_contact(&self.caller, id);
                local.wait(forgotten).map(drop)
            }
            Target::Remote(client) => client.delete(&format!("{}/contact", path(id))),
        }
    }

    pub(super) fn list(&self, ask: &Ask) -> anyhow::Result<Cases> {
        match &self.target {
            Target::Local(local) => Ok(ask.answer(&local.node, &self.caller)?),
            Target::Remote(client) => client.get("/api/v1/requests", &query_of(ask)?),
        }
    }

    /// How the same node is named on the next command line.
    pub(super) fn flags(place: &Where) -> String {
        place.flags()
    }
}

/// The path of a case on any node.
pub(super) fn path(id: &str) -> String {
    format!("/api/v1/requests/{}", encoded(id))
}

/// The key of this invocation: what it sends again is done once.
pub(super) fn key(told: Option<String>) -> String {
    told.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
}
