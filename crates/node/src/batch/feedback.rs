//! Feedback on signals: whom it is told is decided where the batch stands.

use super::{Batch, actor, seal_of};
use crate::act::Error;
use crate::entry::{Act, Actor, Seal};
use crate::feedback::Said;
use crate::model::{Feedback, Marking, PublishedObject, Told};
use crate::policy::{Caller, Viewer};
use crate::view::object_key;

/// Parties that are told of one item.
const MOST_TOLD: usize = 64;
/// Items that the sightings and opinions of one envelope make; what they say beyond is kept as
/// objects alone.
const MOST_ITEMS: usize = 10_000;

impl Batch<'_> {
    /// Writes what a party says of a signal that it sees; gives the entry's position.
    pub(super) fn give_feedback(
        &mut self,
        caller: &Caller,
        mut said: Feedback,
    ) -> Result<u64, Error> {
        self.apply_pending()?;
        let viewer = self.viewer(caller)?;
        viewer.signed_in()?;
        self.publisher(caller)?;
        let (to, marking) = self.publishers_of(&said.signal, &viewer)?;
        said.to = to;
        if said.to.is_empty() {
            return Err(Error::NotFound("object"));
        }
        self.push(&actor(caller), Act::Feedback(said), seal_of(marking))?;
        Ok(self.next_position() - 1)
    }

    /// Tells the publishers of signals what sightings and opinions say that were just published.
    pub(super) fn tell_publishers(
        &mut self,
        actor: &Actor<'_>,
        viewer: &Viewer,
        objects: Vec<(PublishedObject, Box<Said>, Seal)>,
    ) -> Result<(), Error> {
        let mut room = MOST_ITEMS;
        for (object, said, seal) in objects {
            for signal in said.about {
                let (to, marking) = self.publishers_of(&signal, viewer)?;
                if to.is_empty() {
                    continue;
                }
                if room == 0 {
                    tracing::warn!("an envelope says more of signals than is told: {MOST_ITEMS}");
                    return Ok(());
                }
                room -= 1;
                let item = Feedback {
                    signal,
                    kind: said.kind,
                    count: said.count,
                    first_seen: said.first_seen,
                    last_seen: said.last_seen,
                    explanation: said.explanation.clone(),
                    object: Some(object),
                    to,
                };
                let seal = match seal {
                    Seal::Sealed => seal,
                    Seal::Open => seal_of(marking),
                };
                self.push(actor, Act::Feedback(item), seal)?;
            }
        }
        Ok(())
    }

    /// Who published the versions of a signal that the viewer sees, and where; and the most
    /// restrictive of their markings.
    fn publishers_of(&self, signal: &str, viewer: &Viewer) -> Result<(Vec<Told>, Marking), Error> {
        let (mut to, mut marking) = (Vec::<Told>::new(), Marking::Clear);
        let Some(key) = object_key(signal) else {
            return Ok((to, marking));
        };
        for collection in self.views.objects.collections_of(key)? {
            let Some(settings) = self.directory.collection_number(collection) else {
                continue;
            };
            let access = viewer.access(settings);
            if !access.read {
                continue;
            }
            for version in self.views.objects.versions(key, collection)? {
                let row = &version.row;
                let mine = version.also.iter().any(|p| Some(*p) == viewer.party());
                if !mine && !viewer.sees(access, row.audience()) {
                    continue;
                }
                marking = marking.max(row.marking);
                for party in std::iter::once(row.publisher).chain(version.also) {
                    let Some(party) = self.directory.party_id(party) else {
                        continue;
                    };
                    let known = |told: &Told| told.collection == collection && told.party == party;
                    if to.len() < MOST_TOLD && !to.iter().any(known) {
                        let party = party.to_owned();
                        to.push(Told { collection, party });
                    }
                }
            }
        }
        Ok((to, marking))
    }
}
