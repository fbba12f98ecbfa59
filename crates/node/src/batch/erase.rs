//! Erasures: what goes is found where the batch stands, and recorded.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use journal::Position;

use super::{Batch, actor, seal_of};
use crate::act::Error;
use crate::act::erase::{Asked, Erasing, Plan, PlannedObject, PlannedVersion, Step, account};
use crate::batch::fill;
use crate::clock::Instant;
use crate::directory::COMPANION;
use crate::entry::{self, Act, Seal};
use crate::erasure::{Erasure, ErasureProposal, GoneObject, GoneVersion, What};
use crate::facts::Facts;
use crate::model::Marking;
use crate::policy::{Audience, Caller, Refusal, Viewer};
use crate::view::days::{DayOf, is_told};
use crate::view::withdrawals::Gone;
use crate::view::{circle_of, object_key};

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
        step: Step,
    ) -> Result<Erasing, Error> {
        self.apply_pending()?;
        let viewer = self.viewer(caller)?;
        let erasures = self.directory.erasures();
        let mut proposal = None;
        let asked = match &step {
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
        if step == Step::Erase {
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
        if step == Step::Look {
            return Ok(erasing);
        }
        if erasing.plan.positions().is_empty() {
            return Err(Error::Conflict("all of it is erased already".into()));
        }
        if step == Step::Propose {
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

    /// What a request names, as far as the caller may have it erased.
    fn find_erasable(&mut self, asked: &Asked, viewer: &Viewer) -> Result<Found, Error> {
        let mut found = Found::default();
        match &asked.what {
            What::Object(id) => {
                let key = object_key(id).ok_or(Error::NotFound("object"))?;
                for position in self.positions_of(id, viewer)? {
                    self.take_object(position, viewer, &mut found)?;
                }
                let items = self.views.feedback.of_signal(key)?;
                if asked.with_feedback && viewer.administers().is_ok() {
                    found.feedback.extend(items.iter().map(|(at, _)| *at));
                    found.feedback_on.insert(id.clone());
                } else {
                    let stays = items.iter().filter(|(at, _)| !found.feedback.contains(at));
                    found.feedback_kept = stays.count() as u64;
                }
            }
            What::Positions(positions) => {
                if positions.len() > MOST {
                    return Err(Error::Invalid(format!("positions: at most {MOST} at once")));
                }
                for position in positions {
                    self.take_position(*position, viewer, &mut found)?;
                }
            }
        }
        self.take_withdrawals(&mut found)?;
        Ok(found)
    }

    /// The positions of all versions of an object, withdrawn ones too, that the caller may have
    /// erased.
    fn positions_of(&self, id: &str, viewer: &Viewer) -> Result<BTreeSet<u64>, Error> {
        let missing = Error::NotFound("object");
        let key = object_key(id).ok_or(missing.clone())?;
        let (mut positions, mut refused) = (BTreeSet::new(), None);
        let all = viewer.administers().is_ok();
        for collection in self.views.objects.collections_of(key)? {
            let settings = self.directory.collection_number(collection);
            let Some(settings) = settings.filter(|_| collection & COMPANION == 0) else {
                continue;
            };
            for version in self.views.objects.versions(key, collection)? {
                let row = &version.row;
                if !all && !viewer.sees(viewer.access(settings), row.audience()) {
                    continue;
                }
                match viewer.may_propose_erasure(row.publisher) {
                    Ok(()) => drop(positions.insert(row.position)),
                    Err(refusal) => refused = Some(refusal),
                }
            }
        }
        for (_, gone) in self.views.withdrawals.of_object(id)? {
            if viewer.may_propose_erasure(gone.party).is_ok() {
                for position in gone.positions {
                    if !self.body(position)?.is_empty() {
                        positions.insert(position);
                    }
                }
            }
        }
        let erased = self.directory.erasures().of_object(id).next().is_some();
        match refused {
            _ if !positions.is_empty() => Ok(positions),
            Some(refusal) => Err(refusal.into()),
            None if all && erased => Err(Error::Conflict("it is erased already".into())),
            None => Err(missing),
        }
    }

    /// Takes the entry at a position, if it can be erased.
    fn take_position(
        &mut self,
        position: u64,
        viewer: &Viewer,
        found: &mut Found,
    ) -> Result<(), Error> {
        let all = viewer.administers();
        if position >= self.next_position() {
            return match all {
                Ok(()) => Err(Error::Invalid(format!(
                    "there is no entry at position {position}"
                ))),
                Err(refusal) => Err(refusal.into()),
            };
        }
        let body = self.body(position)?;
        if body.is_empty() {
            all?;
            found.already.push(position);
            return Ok(());
        }
        let entry = entry::decode(&body)?;
        let refused = |why: &str| {
            let act = entry.act.name();
            Err(Error::Invalid(format!(
                "position {position} ({act}): {why}"
            )))
        };
        match &entry.act {
            Act::Object { .. } => return self.take_object(position, viewer, found),
            _ => all?,
        }
        match &entry.act {
            Act::Feedback(said) => {
                found.feedback.insert(position);
                found.feedback_on.insert(said.signal.clone());
                Ok(())
            }
            Act::Withdrawal { .. } => {
                found.withdrawals.insert(position);
                Ok(())
            }
            Act::Attribution { .. } | Act::Acknowledgement(_) | Act::Padding(_) => {
                refused("it has no content to be erased")
            }
            _ => refused(
                "what the state of this node follows from cannot be erased: objects and feedback can",
            ),
        }
    }

    /// Takes a version of an object.
    fn take_object(
        &mut self,
        position: u64,
        viewer: &Viewer,
        found: &mut Found,
    ) -> Result<(), Error> {
        if !found.objects.insert(position) {
            return Ok(());
        }
        if found.objects.len() > MOST {
            return Err(Error::Invalid(format!(
                "more than {MOST} entries: erase them in parts"
            )));
        }
        let body = self.body(position)?;
        let entry = entry::decode(&body)?;
        let Act::Object { collection, bytes } = entry.act else {
            return Err(Error::Invalid(format!("position {position} is no object")));
        };
        let settings = self.directory.collection_number(collection);
        let default = settings.map_or(Marking::Red, |settings| settings.default_marking);
        let facts = stix::Object::parse(bytes).ok();
        let facts = facts.map(|object| Facts::of(&object, default));
        let id = facts
            .as_ref()
            .map(|facts| facts.id.clone())
            .unwrap_or_default();
        let row = self.views.objects.row(collection, entry.at.0)?;
        let row = row.filter(|row| row.position == position);
        let publisher = self.directory.party_number(&entry.actor.party);
        let publisher = publisher.unwrap_or(u32::MAX);
        let audience = match (&row, &facts) {
            (Some(row), _) => row.audience(),
            (None, Some(facts)) => {
                let told = self.told_as(position, &id, found)?;
                told.unwrap_or(Audience {
                    marking: facts.marking,
                    publisher,
                    circle: circle_of(facts, &self.directory),
                })
            }
            (None, None) => Audience {
                marking: Marking::Red,
                publisher,
                circle: 0,
            },
        };
        if viewer.may_propose_erasure(audience.publisher).is_err() {
            // What it may not erase it may not know either.
            return Err(Error::NotFound("object"));
        }
        let mut also = Vec::new();
        if let Some(row) = &row {
            let versions = self.views.objects.versions(row.key, collection)?;
            let here = versions
                .into_iter()
                .find(|version| version.added == entry.at.0);
            also = here.map(|version| version.also).unwrap_or_default();
        }
        let version = match (&row, &facts) {
            (Some(row), _) => row.version,
            (None, facts) => facts
                .as_ref()
                .and_then(|facts| facts.version)
                .unwrap_or(entry.at.0),
        };
        for signal in facts
            .iter()
            .filter_map(|facts| facts.said.as_ref())
            .flat_map(|said| &said.about)
        {
            self.take_said_by(position, signal, found)?;
        }
        let group = found.groups.entry((collection, id, audience)).or_default();
        group.versions.push(GoneVersion {
            position,
            added: entry.at.0,
            version,
        });
        group.also.extend(also);
        if row.is_some() {
            group.shown.insert(position);
        }
        Ok(())
    }

    /// Takes what was told of a signal because a sighting or an opinion said so: it repeats its words.
    fn take_said_by(&self, object: u64, signal: &str, found: &mut Found) -> Result<(), Error> {
        let Some(key) = object_key(signal) else {
            return Ok(());
        };
        for (position, item) in self.views.feedback.of_signal(key)? {
            if item.said.object.is_some_and(|of| of.position == object) {
                found.feedback.insert(position);
                found.feedback_on.insert(signal.to_owned());
            }
        }
        Ok(())
    }

    /// For whom a version was that is withdrawn: the notice of its withdrawal is for the same.
    fn told_as(
        &self,
        position: u64,
        id: &str,
        found: &mut Found,
    ) -> Result<Option<Audience>, Error> {
        for (at, gone) in self.withdrawals_of(id, found)? {
            if gone.positions.contains(&position) {
                let notice = self.notice(at, &gone)?;
                return Ok(notice.map(|(_, audience)| audience));
            }
        }
        Ok(None)
    }

    fn withdrawals_of(&self, id: &str, found: &mut Found) -> Result<Vec<(u64, Gone)>, Error> {
        if let Some(known) = found.known.get(id) {
            return Ok(known.clone());
        }
        let read = self.views.withdrawals.of_object(id)?;
        found.known.insert(id.to_owned(), read.clone());
        Ok(read)
    }

    /// The notice of a withdrawal, and for whom it is.
    fn notice(&self, position: u64, gone: &Gone) -> Result<Option<(GoneVersion, Audience)>, Error> {
        let row = self
            .views
            .objects
            .row(gone.collection | COMPANION, gone.at)?;
        let row = row.filter(|row| row.position == position);
        Ok(row.map(|row| {
            let notice = GoneVersion {
                position,
                added: gone.at,
                version: row.version,
            };
            (notice, row.audience())
        }))
    }

    /// Takes the withdrawals that name nothing but what is erased, or was before.
    fn take_withdrawals(&self, found: &mut Found) -> Result<(), Error> {
        let groups: Vec<_> = found.groups.keys().cloned().collect();
        let mut taken = BTreeSet::new();
        for (collection, id, audience) in groups {
            for (position, gone) in self.withdrawals_of(&id, found)? {
                if gone.collection != collection || taken.contains(&position) {
                    continue;
                }
                // An erasure tells of itself as a withdrawal does, and stays.
                let body = self.body(position)?;
                if !matches!(entry::decode(&body)?.act, Act::Withdrawal { .. })
                    || !self.names_only_erased(&gone, found)?
                {
                    continue;
                }
                let notice = self.notice(position, &gone)?;
                let theirs = notice.as_ref().map_or(audience, |(_, theirs)| *theirs);
                let key = (collection, id.clone(), theirs);
                let key = if found.groups.contains_key(&key) {
                    key
                } else {
                    (collection, id.clone(), audience)
                };
                if let Some(group) = found.groups.get_mut(&key) {
                    group.withdrawals.push(position);
                    group.notices.extend(notice.map(|(notice, _)| notice));
                    taken.insert(position);
                }
            }
        }
        match found
            .withdrawals
            .iter()
            .find(|position| !taken.contains(position))
        {
            None => Ok(()),
            Some(position) => Err(Error::Invalid(format!(
                "position {position} (withdrawal): it keeps what it names from being shown: erase \
                 the object"
            ))),
        }
    }

    fn names_only_erased(&self, gone: &Gone, found: &Found) -> Result<bool, Error> {
        for position in &gone.positions {
            if !found.objects.contains(position) && !self.body(*position)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
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
