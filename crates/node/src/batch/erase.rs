//! Erasures: what goes is found where the batch stands, and recorded.

mod find;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use journal::Position;

use super::{Batch, actor, seal_of};
use crate::act::Error;
use crate::act::erase::{Asked, Erasing, Plan, PlannedObject, PlannedVersion, Step, account};
use crate::batch::fill;
use crate::clock::Instant;
use crate::entry::{self, Act, Seal};
use crate::erasure::{Erasure, ErasureProposal, GoneObject, GoneVersion, What};
use crate::model::Marking;
use crate::policy::{Audience, Caller, Refusal};
use crate::view::days::{DayOf, is_told};
use crate::view::object_key;
use crate::view::withdrawals::Gone;

/// Bodies that one request may erase.
const MOST: usize = 10_000;

/// Versions of one object in one collection, for one audience.
#[derive(Default)]
struct Group {
    versions: Vec<GoneVersion>,
    shown: BTreeSet<u64>,
    also: BTreeSet<u32>,
    withdrawals: Vec<u64>,
    notices: Vec<GoneVersion>,
}

/// What a request comes to.
#[derive(Default)]
struct Found {
    /// By collection, STIX id and audience.
    groups: BTreeMap<(u32, String, Audience), Group>,
    /// Positions of objects.
    objects: BTreeSet<u64>,
    feedback: BTreeSet<u64>,
    /// The least that is known of signals whose feedback goes.
    feedback_on: BTreeSet<String>,
    feedback_kept: u64,
    /// Withdrawals that were named themselves.
    withdrawals: BTreeSet<u64>,
    already: Vec<u64>,
    /// Withdrawals by object, read once.
    known: BTreeMap<String, Vec<(u64, Gone)>>,
}

impl Batch<'_> {
    pub(super) fn erase(
        &mut self,
        caller: &Caller,
        asked: Option<Asked>,
        step: &Step,
    ) -> Result<Erasing, Error> {
        self.apply_pending()?;
        let viewer = self.viewer(caller)?;
        let erasures = self.directory.erasures();
        let mut proposal = None;
        let asked = match step {
            Step::Confirm(id) => {
                viewer.administers()?;
                let waiting = erasures.proposal(id).ok_or(Error::NotFound("proposal"))?;
                let same = account(caller).as_ref() == Some(&waiting.by);
                if same && erasures.two_persons() {
                    return Err(Refusal::SamePerson.into());
                }
                proposal = Some(id.clone());
                Asked::of(&waiting.proposal)
            }
            _ => asked.ok_or_else(|| Error::Invalid("what: name an object or positions".into()))?,
        };
        if *step == Step::Erase {
            viewer.administers()?;
            if erasures.two_persons() {
                return Err(Refusal::TwoPersons.into());
            }
        }
        let found = self.find_erasable(&asked, &viewer)?;
        let plan = self.plan(&found);
        let mut erasing = Erasing {
            plan,
            proposal: None,
            erased: false,
        };
        if *step == Step::Look {
            return Ok(erasing);
        }
        if erasing.plan.positions().is_empty() {
            return Err(Error::Conflict("all of it is erased already".into()));
        }
        if *step == Step::Propose {
            erasing.proposal = Some(self.propose(caller, asked, &erasing.plan)?);
        } else {
            self.write_erasures(caller, &asked, found, proposal.as_deref())?;
            erasing.erased = true;
        }
        Ok(erasing)
    }

    fn propose(&mut self, caller: &Caller, asked: Asked, plan: &Plan) -> Result<String, Error> {
        let mut random = [0; 6];
        fill(&mut random);
        let hex = random.iter().map(|byte| format!("{byte:02x}"));
        let id: String = hex.collect();
        let what = match asked.what {
            // An id that is to be forgotten is not kept here either.
            What::Object(_) if asked.forget_id => What::Positions(plan.positions()),
            what => what,
        };
        let act = Act::ErasureProposal(ErasureProposal {
            id: id.clone(),
            what,
            reason: asked.reason,
            public: asked.public,
            with_feedback: asked.with_feedback,
            forget_id: asked.forget_id,
        });
        let red = plan.objects.iter().any(|one| one.marking == Marking::Red);
        let seal = if red { Seal::Sealed } else { Seal::Open };
        self.push(&actor(caller), act, seal)?;
        Ok(id)
    }

    /// Writes an entry for each collection, object and audience, so that each has its notice.
    fn write_erasures(
        &mut self,
        caller: &Caller,
        asked: &Asked,
        mut found: Found,
        proposal: Option<&str>,
    ) -> Result<(), Error> {
        let mut entries = Vec::new();
        let mut ids: Vec<String> = Vec::new();
        for ((collection, id, audience), group) in std::mem::take(&mut found.groups) {
            let days = self.days_ever(collection, &id, &found)?;
            let kept = self.kept_for(collection, &id, audience, &found)?;
            let versions = group.versions.iter().map(|version| version.position);
            let mut positions: Vec<u64> = versions.chain(group.withdrawals).collect();
            positions.sort_unstable();
            ids.push(id.clone());
            let object = GoneObject {
                collection,
                id: Some(id).filter(|id| !id.is_empty() && !asked.forget_id),
                marking: audience.marking,
                publisher: audience.publisher,
                circle: audience.circle,
                versions: group.versions,
                notices: group.notices,
                whole: !kept,
                days,
            };
            entries.push((positions, Some(object), seal_of(audience.marking)));
        }
        let feedback: Vec<u64> = found.feedback.iter().copied().collect();
        if !feedback.is_empty() {
            let seal = self.seal_of_signals(&found.feedback_on)?;
            entries.push((feedback, None, seal));
        }
        let actor = actor(caller);
        for (positions, object, seal) in entries {
            let act = Act::Erasure(Erasure {
                positions,
                reason: asked.reason.clone(),
                public: asked.public,
                proposal: proposal.map(ToOwned::to_owned),
                object,
            });
            self.push(&actor, act, seal)?;
        }
        self.statuses.forget(&ids)?;
        Ok(())
    }

    /// The days on which versions of an object ever came into a collection.
    fn days_ever(&self, collection: u32, id: &str, found: &Found) -> Result<Vec<u32>, Error> {
        let Some(key) = object_key(id).filter(|key| is_told(key.kind)) else {
            return Ok(Vec::new());
        };
        let mut added: Vec<i64> = Vec::new();
        for version in self.views.objects.versions(key, collection)? {
            added.push(version.added);
        }
        let withdrawn = found.known.get(id).into_iter().flatten();
        for position in withdrawn.flat_map(|(_, gone)| &gone.positions) {
            let body = self.body(*position)?;
            if !body.is_empty() {
                added.push(entry::decode(&body)?.at.0);
            }
        }
        let anybody = Audience {
            marking: Marking::Clear,
            publisher: 0,
            circle: 0,
        };
        let days: BTreeSet<u32> = added
            .into_iter()
            .map(|at| DayOf::of(at, anybody).day)
            .collect();
        Ok(days.into_iter().collect())
    }

    /// Whether versions of an object stay for an audience.
    fn kept_for(
        &self,
        collection: u32,
        id: &str,
        audience: Audience,
        found: &Found,
    ) -> Result<bool, Error> {
        let Some(key) = object_key(id) else {
            return Ok(false);
        };
        let versions = self.views.objects.versions(key, collection)?;
        Ok(versions.iter().any(|version| {
            version.row.audience() == audience && !found.objects.contains(&version.row.position)
        }))
    }

    /// How much the leaf of an erasure of feedback on these signals tells.
    fn seal_of_signals(&self, signals: &BTreeSet<String>) -> Result<Seal, Error> {
        for signal in signals {
            let Some(key) = object_key(signal) else {
                continue;
            };
            let mut markings = Vec::new();
            for collection in self.views.objects.collections_of(key)? {
                let versions = self.views.objects.versions(key, collection)?;
                markings.extend(versions.iter().map(|version| version.row.marking));
            }
            // What is gone may have been RED.
            if markings.is_empty() || markings.contains(&Marking::Red) {
                return Ok(Seal::Sealed);
            }
        }
        Ok(Seal::Open)
    }

    fn plan(&self, found: &Found) -> Plan {
        let name = |party: u32| {
            self.directory
                .party_id(party)
                .unwrap_or_default()
                .to_owned()
        };
        let object = |((collection, id, audience), group): (&(u32, String, Audience), &Group)| {
            let settings = self.directory.collection_number(*collection);
            let publishers = std::iter::once(&audience.publisher).chain(&group.also);
            let version = |version: &GoneVersion| PlannedVersion {
                position: version.position,
                added: Instant(version.added),
                version: version.version,
                shown: group.shown.contains(&version.position),
            };
            PlannedObject {
                id: id.clone(),
                collection: settings
                    .map(|settings| settings.alias.clone())
                    .unwrap_or_default(),
                marking: audience.marking,
                publishers: publishers.map(|party| name(*party)).collect(),
                versions: group.versions.iter().map(version).collect(),
            }
        };
        let withdrawals = found.groups.values().flat_map(|group| &group.withdrawals);
        Plan {
            objects: found.groups.iter().map(object).collect(),
            feedback: found.feedback.iter().copied().collect(),
            feedback_kept: found.feedback_kept,
            withdrawals: withdrawals.copied().collect(),
            already: found.already.clone(),
        }
    }

    /// The body of an entry, also of one of this batch; empty when it was erased.
    pub(super) fn body(&self, position: u64) -> Result<Bytes, Error> {
        if let Some(ours) = position.checked_sub(self.first.0) {
            let ours = usize::try_from(ours).unwrap_or(usize::MAX);
            let entry = self.entries.get(ours);
            return Ok(entry.map_or_else(Bytes::new, |(_, body)| Bytes::copy_from_slice(body)));
        }
        Ok(self.shared.journal.get(Position(position))?.body)
    }
}
