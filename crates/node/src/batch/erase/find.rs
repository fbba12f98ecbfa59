//! What a request to erase comes to, as the batch stands.

use std::collections::BTreeSet;

use super::{Found, MOST};
use crate::act::Error;
use crate::act::erase::Asked;
use crate::batch::Batch;
use crate::directory::COMPANION;
use crate::entry::{self, Act};
use crate::erasure::{GoneVersion, What};
use crate::facts::Facts;
use crate::model::Marking;
use crate::policy::{Audience, Refusal, Viewer};
use crate::view::withdrawals::Gone;
use crate::view::{circle_of, object_key};

impl Batch<'_> {
    /// What a request names, as far as the caller may have it erased.
    pub(super) fn find_erasable(&mut self, asked: &Asked, viewer: &Viewer) -> Result<Found, Error> {
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
                } else if viewer.administers().is_ok() {
                    // Others may not know of feedback that is not told to them, nor how much there is.
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
        // Whatever is there is answered alike to who may not erase it: padding must not be told from
        // what it hides.
        let all = match viewer.administers() {
            Err(Refusal::Anonymous) => return Err(Refusal::Anonymous.into()),
            rights => rights.map_err(|_| Error::NotFound("object")),
        };
        if position >= self.next_position() {
            all?;
            return Err(Error::Invalid(format!(
                "there is no entry at position {position}"
            )));
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
        let id = facts.as_ref().map(|facts| facts.id.clone());
        let id = id.unwrap_or_default();
        let row = self.views.objects.row(collection, entry.at.0)?;
        let row = row.filter(|row| row.position == position);
        let publisher = self.directory.party_number(&entry.actor.party);
        let audience = match &row {
            Some(row) => row.audience(),
            None => match self.told_as(position, &id, found)? {
                Some(audience) => audience,
                None => self.audience_of(facts.as_ref(), publisher),
            },
        };
        if viewer.may_propose_erasure(audience.publisher).is_err() {
            // What it may not erase it may not know either.
            return Err(Error::NotFound("object"));
        }
        let said = facts.as_ref().and_then(|facts| facts.said.as_ref());
        for signal in said.iter().flat_map(|said| &said.about) {
            self.take_said_by(position, signal, found)?;
        }
        let own = facts.as_ref().and_then(|facts| facts.version);
        let version = row.as_ref().map_or(own, |row| Some(row.version));
        let group = found.groups.entry((collection, id, audience)).or_default();
        group.versions.push(GoneVersion {
            position,
            added: entry.at.0,
            version: version.unwrap_or(entry.at.0),
        });
        if let Some(row) = row {
            group.shown.insert(position);
            let versions = self.views.objects.versions(row.key, collection)?;
            let here = versions.into_iter().find(|one| one.added == entry.at.0);
            group.also.extend(here.into_iter().flat_map(|one| one.also));
        }
        Ok(())
    }

    /// For whom a version was of which no view tells any more.
    fn audience_of(&self, facts: Option<&Facts>, publisher: Option<u32>) -> Audience {
        Audience {
            // What today's parser refuses is held back.
            marking: facts.map_or(Marking::Red, |facts| facts.marking),
            publisher: publisher.unwrap_or(u32::MAX),
            circle: facts.map_or(0, |facts| circle_of(facts, &self.directory)),
        }
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
}
