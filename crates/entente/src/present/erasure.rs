//! Erasures: what is asked, what goes and what stays, what was done and what is proposed.

use node::act::erase::{Asked, Erasing, Step};
use node::clock::Instant;
use node::erasure::{Account, Done, Proposed, What};
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

/// What is to be erased: `POST /api/v1/erasures`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewErasure {
    /// The STIX id of an object: all its versions in all collections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// Positions of single entries, instead of an object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) positions: Vec<u64>,
    /// Why; kept for good, so it should say nothing of what goes. Needed but to look.
    #[serde(default)]
    pub(crate) reason: String,
    /// Whether those who could see what is gone may read why.
    #[serde(default)]
    pub(crate) public_reason: bool,
    /// Whether what parties said of the object goes too.
    #[serde(default)]
    pub(crate) with_feedback: bool,
    /// Whether the object's id goes too, and nobody who holds a copy is told.
    #[serde(default)]
    pub(crate) forget_id: bool,
    /// How far to go.
    #[serde(default)]
    pub(crate) step: Stage,
}

/// How far to go.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    /// Say what would go.
    #[default]
    Look,
    /// Propose it, for another to confirm.
    Propose,
    /// Erase it.
    Erase,
}

impl NewErasure {
    /// What the node is asked.
    pub(crate) fn into_parts(self) -> Result<(Asked, Step), node::Error> {
        let what = match (self.object, self.positions) {
            (Some(id), positions) if positions.is_empty() => What::Object(id),
            (None, positions) if !positions.is_empty() => What::Positions(positions),
            _ => {
                let words = "name either an object or positions";
                return Err(node::Error::Invalid(words.into()));
            }
        };
        let asked = Asked {
            what,
            reason: self.reason,
            public: self.public_reason,
            with_feedback: self.with_feedback,
            forget_id: self.forget_id,
        };
        let step = match self.step {
            Stage::Look => Step::Look,
            Stage::Propose => Step::Propose,
            Stage::Erase => Step::Erase,
        };
        Ok((asked, step))
    }
}

/// What goes and what stays, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Whether it is erased now.
    pub(crate) erased: bool,
    /// The id of the proposal that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proposal: Option<String>,
    /// Versions of objects that go.
    pub(crate) objects: Vec<GoingObject>,
    /// Positions of feedback that goes.
    pub(crate) feedback: Vec<u64>,
    /// How much of the feedback on the object stays.
    pub(crate) feedback_kept: u64,
    /// Positions of withdrawals that go.
    pub(crate) withdrawals: Vec<u64>,
    /// Positions that were erased before.
    pub(crate) already: Vec<u64>,
}

/// Versions of an object that go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GoingObject {
    pub(crate) id: String,
    /// The collection's alias.
    pub(crate) collection: String,
    pub(crate) marking: String,
    /// Ids of the parties that published it.
    pub(crate) publishers: Vec<String>,
    pub(crate) versions: Vec<GoingVersion>,
}

/// A version that goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GoingVersion {
    /// The position of its entry.
    pub(crate) position: u64,
    pub(crate) version: String,
    pub(crate) date_added: String,
    /// Whether it was shown until then; others were withdrawn before.
    pub(crate) shown: bool,
}

impl From<Erasing> for Outcome {
    fn from(erasing: Erasing) -> Self {
        let plan = erasing.plan;
        let objects = plan.objects.into_iter().map(|object| GoingObject {
            id: object.id,
            collection: object.collection,
            marking: object.marking.to_string(),
            publishers: object.publishers,
            versions: object
                .versions
                .iter()
                .map(|version| GoingVersion {
                    position: version.position,
                    version: Instant(version.version).to_version_string(),
                    date_added: version.added.to_micro_string(),
                    shown: version.shown,
                })
                .collect(),
        });
        Outcome {
            erased: erasing.erased,
            proposal: erasing.proposal,
            objects: objects.collect(),
            feedback: plan.feedback,
            feedback_kept: plan.feedback_kept,
            withdrawals: plan.withdrawals,
            already: plan.already,
        }
    }
}

/// Whether it takes two persons to erase: `PUT /api/v1/erasures/rule`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) two_persons: bool,
}

/// The rule, what waits and what was done: `GET /api/v1/erasures`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Erasures {
    /// Whether it takes two persons to erase.
    pub(crate) two_persons: bool,
    /// Who asked that one be enough again; a second one has to ask the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) one_person_asked_by: Option<String>,
    pub(crate) proposals: Vec<Proposal>,
    /// Oldest first.
    pub(crate) erased: Vec<Erased>,
}

/// A proposal that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) id: String,
    /// When.
    pub(crate) at: String,
    /// Party and account.
    pub(crate) by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) positions: Vec<u64>,
    pub(crate) reason: String,
    pub(crate) public_reason: bool,
    pub(crate) with_feedback: bool,
    pub(crate) forget_id: bool,
}

/// What was erased by one entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Erased {
    /// When.
    pub(crate) at: String,
    /// Party and account.
    pub(crate) by: String,
    pub(crate) positions: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    pub(crate) reason: String,
    pub(crate) public_reason: bool,
    /// The proposal that it followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proposal: Option<String>,
}

fn named(account: &Account) -> String {
    format!("{}/{}", account.party, account.account)
}

impl From<&Proposed> for Proposal {
    fn from(proposed: &Proposed) -> Self {
        let proposal = proposed.proposal.clone();
        let (object, positions) = match proposal.what {
            What::Object(id) => (Some(id), Vec::new()),
            What::Positions(positions) => (None, positions),
        };
        Proposal {
            id: proposal.id,
            at: proposed.at.to_micro_string(),
            by: named(&proposed.by),
            object,
            positions,
            reason: proposal.reason,
            public_reason: proposal.public,
            with_feedback: proposal.with_feedback,
            forget_id: proposal.forget_id,
        }
    }
}

impl From<&Done> for Erased {
    fn from(done: &Done) -> Self {
        let erasure = done.erasure.clone();
        Erased {
            at: done.at.to_micro_string(),
            by: named(&done.by),
            positions: erasure.positions,
            object: erasure.object.and_then(|object| object.id),
            reason: erasure.reason,
            public_reason: erasure.public,
            proposal: erasure.proposal,
        }
    }
}

/// The rule, what waits and what was done; for those who manage the node.
///
/// # Errors
/// When the caller does not.
pub(crate) fn erasures(node: &Node, caller: &Caller) -> Result<Erasures, node::Error> {
    node.viewer(caller).administers()?;
    let directory = node.directory();
    let erasures = directory.erasures();
    Ok(Erasures {
        two_persons: erasures.two_persons(),
        one_person_asked_by: erasures.relaxing().map(named),
        proposals: erasures.proposals().map(Proposal::from).collect(),
        erased: erasures.done().iter().map(Erased::from).collect(),
    })
}
