//! Withdrawals and revocations, and the parties they concern.

use node::act::withdrawals;
use node::clock::Instant;
use serde::{Deserialize, Serialize};

/// What was withdrawn or revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Withdrawal {
    /// The STIX id by which it is acknowledged: the notice's, or the revoked object's own.
    pub(crate) id: String,
    /// `withdrawn` or `revoked`.
    pub(crate) kind: String,
    /// The object's STIX id.
    pub(crate) object: String,
    /// The collection's alias.
    pub(crate) collection: String,
    /// RFC 3339.
    pub(crate) at: String,
    /// The parties that had fetched it or have acknowledged it; told to who withdrew it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) peers: Vec<Peer>,
}

/// A party that a withdrawal concerns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Peer {
    pub(crate) party: String,
    /// `acknowledged`, `told` (it fetched the notice) or `waiting`.
    pub(crate) state: String,
    /// When it last fetched what is gone, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fetched: Option<String>,
    /// When it first fetched the notice, or the version that revokes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) told: Option<String>,
    /// When it acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acknowledged: Option<String>,
}

/// `GET /api/v1/withdrawals`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Withdrawals {
    pub(crate) withdrawals: Vec<Withdrawal>,
}

/// Which withdrawals are asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// `true` for those of others that the caller's party has not acknowledged yet, instead of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) open: Option<bool>,
    /// At most so many, 100 when absent, 1,000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<usize>,
}

impl Ask {
    /// What `node` answers to `caller`.
    ///
    /// # Errors
    /// [`node::Error::Refused`] without an account; [`node::Error::Storage`].
    pub(crate) fn answer(
        &self,
        node: &node::Node,
        caller: &node::Caller,
    ) -> Result<Withdrawals, node::Error> {
        let limit = self.limit.unwrap_or(100).min(1000);
        let found = if self.open == Some(true) {
            node.unacknowledged(caller, limit)?
        } else {
            node.withdrawals(caller, limit)?
        };
        Ok(Withdrawals {
            withdrawals: found.into_iter().map(Withdrawal::from).collect(),
        })
    }
}

impl From<withdrawals::Withdrawal> for Withdrawal {
    fn from(gone: withdrawals::Withdrawal) -> Self {
        let kind = if gone.revoked { "revoked" } else { "withdrawn" };
        Withdrawal {
            id: gone.id,
            kind: kind.into(),
            object: gone.object,
            collection: gone.collection,
            at: Instant(gone.at).to_micro_string(),
            peers: gone.peers.into_iter().map(Peer::from).collect(),
        }
    }
}

impl From<withdrawals::Peer> for Peer {
    fn from(peer: withdrawals::Peer) -> Self {
        let time = |at: Option<i64>| at.map(|at| Instant(at).to_second_string());
        let state = match (peer.acknowledged, peer.told) {
            (Some(_), _) => "acknowledged",
            (None, Some(_)) => "told",
            (None, None) => "waiting",
        };
        Peer {
            party: peer.party,
            state: state.into(),
            fetched: time(peer.fetched),
            told: time(peer.told),
            acknowledged: time(peer.acknowledged),
        }
    }
}
