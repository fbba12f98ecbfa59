//! Withdrawals that travel: whom one concerns, who was told of it, who acknowledged it.

use std::collections::BTreeMap;

use crate::act::Error;
use crate::act::read::{SeenCollection, sees};
use crate::directory::COMPANION;
use crate::entry::{Act, Seal};
use crate::model::Marking;
use crate::node::Node;
use crate::notice;
use crate::policy::Caller;
use crate::view::object_key;
use crate::view::query::Rows;
use crate::view::withdrawals::{self, Gone};

/// Withdrawals that are looked at for those that concern a caller.
const LOOK_BACK: usize = 5000;

/// What was withdrawn or revoked.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The STIX id by which it is acknowledged: the notice's, or the revoked object's own.
    pub id: String,
    /// The object's STIX id.
    pub object: String,
    /// The collection's alias.
    pub collection: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Whether it was revoked rather than withdrawn.
    pub revoked: bool,
    /// The parties that had fetched it, and those that acknowledged it; told to who withdrew it.
    pub peers: Vec<Peer>,
}

/// A party that a withdrawal concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The party's id.
    pub party: String,
    /// When it last fetched what was withdrawn, in microseconds since 1970.
    pub fetched: Option<i64>,
    /// When it first fetched the notice, or the version that revokes.
    pub told: Option<i64>,
    /// When it acknowledged.
    pub acknowledged: Option<i64>,
}

impl Node {
    /// What the caller's party withdrew or revoked, newest first, each with the parties it concerns.
    ///
    /// # Errors
    /// [`Error::Refused`] without an account; [`Error::Storage`].
    pub fn withdrawals(&self, caller: &Caller, limit: usize) -> Result<Vec<Withdrawal>, Error> {
        let viewer = self.viewer(caller);
        viewer.signed_in()?;
        let party = viewer.party().ok_or(Error::NotFound("party"))?;
        let read = self.shared.store.read()?;
        let mut found = Vec::new();
        for (position, gone) in withdrawals::of_party(&read, party, u64::MAX, limit)? {
            let rows = Rows::open(&read)?;
            let Some(mut withdrawal) = self.withdrawal(position, &gone) else {
                continue;
            };
            withdrawal.peers = self.peers(&rows, position, &gone, party)?;
            found.push(withdrawal);
        }
        Ok(found)
    }

    /// What others withdrew or revoked that the caller's party had fetched and has not acknowledged,
    /// newest first.
    ///
    /// # Errors
    /// As [`Node::withdrawals`].
    pub fn unacknowledged(&self, caller: &Caller, limit: usize) -> Result<Vec<Withdrawal>, Error> {
        let viewer = self.viewer(caller);
        viewer.signed_in()?;
        let party = viewer.party().ok_or(Error::NotFound("party"))?;
        let read = self.shared.store.read()?;
        let rows = Rows::open(&read)?;
        let mut open = Vec::new();
        for (position, gone) in withdrawals::newest(&read, LOOK_BACK)? {
            if open.len() == limit {
                break;
            }
            let acknowledged = withdrawals::acknowledged(&read, position)?;
            if acknowledged.iter().any(|(by, _)| *by == party)
                || self.place(caller, &rows, position, &gone)?.is_none()
            {
                continue;
            }
            let fetched = self.fetched_by(&rows, &gone)?;
            if fetched.contains_key(&party) {
                open.extend(self.withdrawal(position, &gone));
            }
        }
        Ok(open)
    }

    /// Acknowledges a withdrawal by its notice's id, or a revocation by the object's id: the caller's
    /// party no longer uses what is gone. A second time changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such notice or revoked object; [`Error::Refused`].
    pub async fn acknowledge(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let viewer = self.viewer(caller);
        viewer.signed_in()?;
        let (position, marking) = self.acknowledgeable(caller, id)?;
        let party = viewer.party().ok_or(Error::NotFound("party"))?;
        let known = withdrawals::acknowledged(&self.shared.store.read()?, position)?;
        if known.iter().any(|(by, _)| *by == party) {
            return Ok(());
        }
        let decide = move |_: &_, _| Ok(vec![Act::Acknowledgement(position)]);
        let seal = match marking {
            Marking::Red => Seal::Sealed,
            _ => Seal::Open,
        };
        let recorded = self.record_sealed(caller, Box::new(decide), seal);
        recorded.await.map(drop)
    }

    /// The position of the entry that a notice, or a revoked object, that the caller sees stands for,
    /// and its marking.
    fn acknowledgeable(&self, caller: &Caller, id: &str) -> Result<(u64, Marking), Error> {
        let missing = Error::NotFound("withdrawal");
        let key = object_key(id).ok_or(missing.clone())?;
        let viewer = self.viewer(caller);
        let rows = Rows::open(&self.shared.store.read()?)?;
        for collection in self.collections_and_companions(caller)? {
            let SeenCollection { number, access, .. } = collection;
            for version in rows.versions(key, number)? {
                let told = number & COMPANION != 0 || version.row.is_revoked();
                if told && sees(&viewer, access, &rows, number, version.added, &version.row)? {
                    return Ok((version.row.position, version.row.marking));
                }
            }
        }
        Err(missing)
    }

    fn withdrawal(&self, position: u64, gone: &Gone) -> Option<Withdrawal> {
        let directory = self.directory();
        let collection = directory.collection_number(gone.collection)?;
        Some(Withdrawal {
            id: if gone.revoked {
                gone.object.clone()
            } else {
                notice::id(position)
            },
            object: gone.object.clone(),
            collection: collection.alias.clone(),
            at: gone.at,
            revoked: gone.revoked,
            peers: Vec::new(),
        })
    }

    /// Where the caller reads of a withdrawal: the collection's number; none when it does not see it.
    fn place(
        &self,
        caller: &Caller,
        rows: &Rows,
        position: u64,
        gone: &Gone,
    ) -> Result<Option<u32>, Error> {
        let number = told_in(gone);
        let directory = self.directory();
        let Some(settings) = directory.collection_number(number) else {
            return Ok(None);
        };
        let viewer = self.viewer(caller);
        let Some(row) = rows
            .row(number, gone.at)?
            .filter(|row| row.position == position)
        else {
            return Ok(None);
        };
        let seen = sees(
            &viewer,
            viewer.access(settings),
            rows,
            number,
            gone.at,
            &row,
        )?;
        Ok(seen.then_some(number))
    }

    /// When each party last fetched what is gone.
    pub(super) fn fetched_by(&self, rows: &Rows, gone: &Gone) -> Result<BTreeMap<u32, i64>, Error> {
        let mut positions = gone.positions.clone();
        if gone.revoked
            && let Some(key) = object_key(&gone.object)
        {
            let versions = rows.versions(key, gone.collection)?;
            let earlier = versions.iter().filter(|version| !version.row.is_revoked());
            positions.extend(earlier.map(|version| version.row.position));
        }
        let ledger = &self.shared.fetches;
        let fetched = ledger.of(gone.collection, &positions, 0)?;
        Ok(fetched.iter().map(|one| (one.party, one.last)).collect())
    }

    fn peers(&self, rows: &Rows, position: u64, gone: &Gone, own: u32) -> Result<Vec<Peer>, Error> {
        let directory = self.directory();
        let told: BTreeMap<u32, i64> = self
            .shared
            .fetches
            .of(told_in(gone), &[position], gone.at)?
            .iter()
            .map(|one| (one.party, one.first))
            .collect();
        let acknowledged: BTreeMap<u32, i64> =
            withdrawals::acknowledged(&self.shared.store.read()?, position)?
                .into_iter()
                .collect();
        let fetched = self.fetched_by(rows, gone)?;
        let mut parties: Vec<u32> = fetched.keys().chain(acknowledged.keys()).copied().collect();
        parties.sort_unstable();
        parties.dedup();
        let peer = |party: u32| {
            Some(Peer {
                party: directory.party_id(party)?.to_owned(),
                fetched: fetched.get(&party).copied(),
                told: told.get(&party).copied(),
                acknowledged: acknowledged.get(&party).copied(),
            })
        };
        let others = parties.into_iter().filter(|party| *party != own);
        Ok(others.filter_map(peer).collect())
    }
}

/// The collection in which a withdrawal is told: the companion, or for a revocation the collection
/// itself.
fn told_in(gone: &Gone) -> u32 {
    if gone.revoked {
        gone.collection
    } else {
        gone.collection | COMPANION
    }
}
