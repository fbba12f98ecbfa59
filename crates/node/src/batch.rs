//! The decisions of one batch, each against the state that the batch has reached.

mod erase;
mod feedback;
mod random;
mod request;
mod seal;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use journal::Position;

use crate::act::Error;
use crate::clock::Instant;
use crate::directory::{Directory, KEY_PREFIX};
use crate::entry::{self, Act, Actor, Entry, Seal, Withdrawn};
use crate::facts::Facts;
use crate::model::{Marking, PublishedObject};
use crate::policy::{Audience, Caller, OPERATOR, Viewer};
use crate::shared::Shared;
use crate::view::objects::{Decision, Placement};
use crate::view::query::Query;
use crate::view::row::{ObjectKey, Row};
use crate::view::standing::{Standing, Version};
use crate::view::status::{Failed, Status, Statuses, Taken};
use crate::view::store;
use crate::view::{Applied, Views};
use crate::view::{circles_of, object_key};
use crate::writer::{Ask, Candidate, Decide, Reply, Written};

pub(crate) use random::{Salts, fill};
pub(crate) use request::{Asking, By, Keyed};

/// Leaf and body of each entry.
pub(crate) type Encoded = Vec<(Vec<u8>, Vec<u8>)>;

/// What a batch leaves behind.
pub(crate) struct Outcome {
    /// What the match index has to learn and forget.
    pub(crate) changes: Vec<Applied>,
    /// Whether views forgot what is to be gone from their file too.
    pub(crate) erased: bool,
    /// The directory, when the batch changed it.
    pub(crate) directory: Option<Arc<Directory>>,
    /// The time of the last entry.
    pub(crate) last: Instant,
}

/// A batch that is being decided.
pub(crate) struct Batch<'t> {
    shared: &'t Shared,
    views: Views<'t>,
    statuses: Statuses<'t>,
    directory: Arc<Directory>,
    directory_changed: bool,
    first: Position,
    now: Instant,
    last: Instant,
    entries: Arc<Encoded>,
    /// How many of them have sealed leaves.
    sealed: usize,
    erased: bool,
    changes: Vec<Applied>,
    /// Objects that were decided on and encoded, and wait to be applied to the views: while the journal
    /// makes the entries durable, if nothing asks for them before.
    pending: Vec<Pending>,
    /// Which objects wait.
    pending_keys: HashSet<ObjectKey>,
    /// The types of those that wait, by their code.
    pending_kinds: HashMap<u32, String>,
}

/// An object that waits to be applied.
struct Pending {
    position: u64,
    at: Instant,
    collection: u32,
    actor: Arc<Actor<'static>>,
    candidate: Candidate,
}

impl<'t> Batch<'t> {
    pub(crate) fn open(
        write: &'t redb::WriteTransaction,
        shared: &'t Shared,
        first: Position,
        last: Instant,
    ) -> Result<Self, store::Error> {
        Ok(Batch {
            views: Views::open(write)?,
            statuses: Statuses::open(write)?,
            directory: shared.directory(),
            directory_changed: false,
            now: shared.clock.now(),
            shared,
            first,
            last,
            entries: Arc::default(),
            sealed: 0,
            erased: false,
            changes: Vec::new(),
            pending: Vec::new(),
            pending_keys: HashSet::new(),
            pending_kinds: HashMap::new(),
        })
    }

    /// All entries, in the order of their positions, sealed ones padded; nothing is decided after this.
    pub(crate) fn entries(&mut self) -> Result<Arc<Encoded>, Error> {
        self.pad()?;
        Ok(Arc::clone(&self.entries))
    }

    /// Applies what waits and ends the batch; its transaction may commit once the entries are durable.
    pub(crate) fn close(mut self) -> Result<Outcome, store::Error> {
        self.apply_pending()?;
        self.views.finish()?;
        Ok(Outcome {
            changes: self.changes,
            erased: self.erased,
            directory: self.directory_changed.then_some(self.directory),
            last: self.last,
        })
    }

    /// Decides one ask and notes its reply. An error means that the state could not be read or
    /// written, and that the whole batch has to be given up.
    pub(crate) fn decide(&mut self, ask: Ask, replies: &mut Vec<Reply>) -> Result<(), Error> {
        match ask {
            Ask::Publish {
                caller,
                collection,
                objects,
                status,
                reply,
            } => {
                let answer = self.publish(&caller, &collection, objects, status);
                let (answer, broken) = split(answer);
                replies.push(Reply::Publish(reply, answer));
                broken
            }
            Ask::Withdraw {
                caller,
                collection,
                id,
                query,
                reply,
            } => {
                let (answer, broken) = split(self.withdraw(&caller, &collection, &id, &query));
                replies.push(Reply::Withdraw(reply, answer));
                broken
            }
            Ask::Feedback {
                caller,
                said,
                reply,
            } => {
                let (answer, broken) = split(self.give_feedback(&caller, said));
                replies.push(Reply::Feedback(reply, answer));
                broken
            }
            Ask::Erase {
                caller,
                asked,
                step,
                reply,
            } => {
                let (answer, broken) = split(self.erase(&caller, asked, &step));
                replies.push(Reply::Erase(reply, answer));
                broken
            }
            Ask::Record { written, reply } => {
                let (answer, broken) = split(match written {
                    Written::Acts {
                        caller,
                        decide,
                        seal,
                    } => self.record(&caller, decide, seal),
                    Written::Request { caller, asking } => self.request(&caller, *asking),
                    Written::Step {
                        by,
                        request,
                        key,
                        decide,
                    } => self.step(&by, &request, key, decide),
                    Written::Advance { most } => self.advance(most),
                });
                replies.push(Reply::Record(reply, answer));
                broken
            }
        }
    }

    fn publish(
        &mut self,
        caller: &Caller,
        collection: &str,
        objects: Vec<Candidate>,
        mut status: Status,
    ) -> Result<Status, Error> {
        let viewer = self.viewer(caller)?;
        let (number, settings) = self.collection(collection, &viewer)?;
        viewer.access(&settings).write?;
        let to = Placement {
            collection: number,
            publisher: self.publisher(caller)?,
            circle: 0,
            any_publisher: *caller == Caller::Operator,
        };
        let actor = Arc::new(actor(caller));
        // A token without the scope `read` is told what its party may know: it is its own writes
        // that are decided on.
        let viewer = viewer.reading();
        let mut said = Vec::new();
        for mut candidate in objects {
            let version = candidate.facts.version;
            let id = candidate.facts.id.clone();
            let about = candidate.facts.said.take();
            let seal = seal_of(candidate.facts.marking);
            match self.place(candidate, to, &actor, &viewer)? {
                Ok((version, known)) => {
                    if let Some(about) = about.filter(|_| !known) {
                        let object = PublishedObject {
                            position: self.next_position() - 1,
                            collection: number,
                            added: self.last.0,
                        };
                        said.push((object, about, seal));
                    }
                    let entry = (!known).then(|| self.next_position() - 1);
                    status.successes.push(Taken {
                        id,
                        version,
                        known,
                        entry,
                    });
                }
                Err(reason) => {
                    let reason = reason.to_owned();
                    status.failures.push(Failed {
                        id,
                        version,
                        reason,
                    });
                }
            }
        }
        // Afterwards, so that the order within an envelope does not matter.
        if !said.is_empty() {
            self.apply_pending()?;
            self.tell_publishers(&actor, &viewer, said)?;
        }
        self.statuses.keep(&status)?;
        Ok(status)
    }

    /// Takes or refuses one object; gives its version, and whether it was here already.
    fn place(
        &mut self,
        candidate: Candidate,
        to: Placement,
        actor: &Arc<Actor<'static>>,
        viewer: &Viewer,
    ) -> Result<Result<(i64, bool), &'static str>, Error> {
        let facts = &candidate.facts;
        if let Err(reason) = confinement(facts, &self.directory, viewer) {
            return Ok(Err(reason));
        }
        if self.waits_for(&candidate) {
            self.apply_pending()?;
        }
        let facts = &candidate.facts;
        let directory = &self.directory;
        let knows = |collection: u32, row: &Row| {
            let settings = directory.collection_number(collection);
            settings.is_some_and(|settings| viewer.sees(viewer.access(settings), row.audience()))
        };
        let mut decision = self.views.objects.decide(facts, to, &knows)?;
        if let Decision::Compare { positions, same } = decision {
            decision = *same;
            for position in positions {
                if !self.same_content(position, &candidate.bytes)? {
                    decision = Decision::Refuse(
                        "this version is already here with other content: raise 'modified'",
                    );
                }
            }
        }
        match decision {
            Decision::Add => {}
            Decision::Attribute(added) => {
                let act = Act::Attribution {
                    collection: to.collection,
                    added,
                    withdrawn: false,
                };
                let version = facts.version.unwrap_or(self.now.0);
                let seal = seal_of(facts.marking);
                self.push(actor, act, seal)?;
                return Ok(Ok((version, true)));
            }
            // Where it is unversioned the clock's word is as good as any for the answer.
            Decision::Same => return Ok(Ok((facts.version.unwrap_or(self.now.0), true))),
            Decision::Refuse(reason) => return Ok(Err(reason)),
            Decision::Compare { .. } => return Ok(Err("this version is already here")),
        }
        let version = facts.version;
        let at = self.push_object(actor, to.collection, candidate)?;
        Ok(Ok((version.unwrap_or(at.0), false)))
    }

    /// Whether what is decided on an object depends on one that waits to be applied.
    fn waits_for(&self, candidate: &Candidate) -> bool {
        let facts = &candidate.facts;
        let kind = self.pending_kinds.get(&facts.key.kind);
        self.pending_keys.contains(&facts.key) || kind.is_some_and(|name| name != facts.type_name())
    }

    /// Applies the objects that wait, in the order of their entries.
    fn apply_pending(&mut self) -> Result<(), store::Error> {
        self.pending_keys.clear();
        self.pending_kinds.clear();
        for pending in std::mem::take(&mut self.pending) {
            let entry = Entry {
                at: pending.at,
                actor: pending.actor.borrowed(),
                act: Act::Object {
                    collection: pending.collection,
                    bytes: &pending.candidate.bytes,
                },
            };
            let facts = Some(&pending.candidate.facts);
            let (views, directory) = (&mut self.views, &self.directory);
            let seal = seal_of(pending.candidate.facts.marking);
            let applied = views.apply(pending.position, (&entry, seal), &[], directory, facts)?;
            self.changes.extend(applied);
        }
        Ok(())
    }

    fn withdraw(
        &mut self,
        caller: &Caller,
        collection: &str,
        id: &str,
        query: &Query,
    ) -> Result<usize, Error> {
        self.apply_pending()?;
        let viewer = self.viewer(caller)?;
        let (number, settings) = self.collection(collection, &viewer)?;
        let access = viewer.access(&settings);
        viewer.may_read(&access)?;
        let key = object_key(id).ok_or(Error::NotFound("object"))?;
        let mine = |version: &Version| version.also.iter().any(|p| Some(*p) == viewer.party());
        let mut seen = self.views.objects.versions(key, number)?;
        seen.retain(|v| mine(v) || viewer.sees(access, v.row.audience()));
        let standing = Standing::of(seen.clone(), query.spec_20);
        // One entry for each audience: its notice is for those who saw what it withdraws.
        let mut versions: BTreeMap<Audience, Vec<Withdrawn>> = BTreeMap::new();
        let (mut shared, mut refused) = (Vec::new(), None);
        for version in &seen {
            let row = &version.row;
            let fits = query.fits(version.added, row, || Ok::<_, Error>(standing))?;
            if !fits {
                continue;
            }
            match access.write.and_then(|()| viewer.owns(row.publisher)) {
                Ok(()) if version.also.is_empty() || *caller == Caller::Operator => {
                    versions.entry(row.audience()).or_default().push(Withdrawn {
                        version: row.version,
                        position: row.position,
                    });
                }
                // Another party stands behind it too: only the name of this one goes.
                Ok(()) => shared.push((version.added, row.marking)),
                Err(_) if mine(version) && access.write.is_ok() => {
                    shared.push((version.added, row.marking));
                }
                Err(refusal) => refused = Some(refusal),
            }
        }
        if versions.is_empty() && shared.is_empty() {
            return Err(refused.map_or(Error::NotFound("object"), Error::Refused));
        }
        let count = versions.values().map(Vec::len).sum::<usize>() + shared.len();
        for (added, marking) in shared {
            let act = Act::Attribution {
                collection: number,
                added,
                withdrawn: true,
            };
            self.push(&actor(caller), act, seal_of(marking))?;
        }
        let all = self.views.objects.versions(key, number)?;
        for (audience, versions) in versions {
            let stays = |version: &Version| {
                let row = &version.row;
                let is_gone = versions.iter().any(|gone| gone.position == row.position);
                row.audience() == audience && !is_gone
            };
            let act = Act::Withdrawal {
                collection: number,
                id: id.to_owned(),
                whole: !all.iter().any(stays),
                versions,
            };
            self.push(&actor(caller), act, seal_of(audience.marking))?;
        }
        Ok(count)
    }

    fn record(&mut self, caller: &Caller, decide: Decide, seal: Seal) -> Result<Vec<u64>, Error> {
        // Whoever lost its token or key while the ask waited decides nothing.
        self.viewer(caller)?;
        let acts = decide(&self.directory, self.now)?;
        self.apply_pending()?;
        let actor = actor(caller);
        let mut positions = Vec::with_capacity(acts.len());
        for act in acts {
            let seal = match act {
                // Who is in a circle its members alone know, and when that changes too.
                Act::Circle(_) => Seal::Sealed,
                _ if act.is_between_two() => Seal::Sealed,
                _ => seal,
            };
            self.push(&actor, act, seal)?;
            positions.push(self.next_position() - 1);
        }
        Ok(positions)
    }

    /// Writes an object's entry; it is applied later.
    fn push_object(
        &mut self,
        actor: &Arc<Actor<'static>>,
        collection: u32,
        candidate: Candidate,
    ) -> Result<Instant, Error> {
        let bytes = candidate.bytes.clone();
        let act = Act::Object {
            collection,
            bytes: &bytes,
        };
        let seal = seal_of(candidate.facts.marking);
        let (position, at) = self.encode(actor.borrowed(), act, seal, |_, _| Ok(()))?;
        let facts = &candidate.facts;
        self.pending_keys.insert(facts.key);
        let kind = self.pending_kinds.entry(facts.key.kind);
        kind.or_insert_with(|| facts.type_name().to_owned());
        self.pending.push(Pending {
            position,
            at,
            collection,
            actor: Arc::clone(actor),
            candidate,
        });
        Ok(at)
    }

    /// Writes any other entry and applies it to the views and the directory.
    fn push(&mut self, actor: &Actor<'_>, act: Act<'_>, seal: Seal) -> Result<Instant, Error> {
        self.erased |= matches!(act, Act::Erasure(_));
        let apply = |batch: &mut Self, (position, entry, body): (u64, &Entry<'_>, &[u8])| {
            if entry.act.is_for_directory() {
                Arc::make_mut(&mut batch.directory).apply(position, entry);
                batch.directory_changed = true;
            }
            let (views, directory) = (&mut batch.views, &batch.directory);
            let applied = views.apply(position, (entry, seal), body, directory, None)?;
            batch.changes.extend(applied);
            Ok(())
        };
        let (_, at) = self.encode(actor.borrowed(), act, seal, apply)?;
        Ok(at)
    }

    /// Dates and encodes an entry, and hands it to `then`; gives its position and its time.
    fn encode<'e>(
        &mut self,
        actor: Actor<'e>,
        act: Act<'e>,
        seal: Seal,
        then: impl FnOnce(&mut Self, (u64, &Entry<'e>, &[u8])) -> Result<(), Error>,
    ) -> Result<(u64, Instant), Error> {
        if seal == Seal::Sealed {
            self.lead_sealed(&act)?;
            self.sealed += 1;
        }
        let at = Instant(self.now.0.max(self.last.0 + 1));
        let entry = Entry { at, actor, act };
        let (leaf, body) = entry::encode(&entry, self.shared.salts.next(), seal)?;
        let position = self.next_position();
        then(self, (position, &entry, &body))?;
        Arc::make_mut(&mut self.entries).push((leaf, body));
        self.last = at;
        Ok((position, at))
    }

    /// The position of the entry that is written next.
    fn next_position(&self) -> u64 {
        self.first.0 + self.entries.len() as u64
    }

    /// The caller's rights now. A token or key that ended while its ask waited
    /// has none.
    fn viewer(&self, caller: &Caller) -> Result<Viewer, Error> {
        if let Caller::Member(member) = caller {
            let holds = if let Some(key) = member.token.strip_prefix(KEY_PREFIX) {
                self.directory.caller_by_key(key, self.now).is_some()
            } else {
                let issued = self.directory.token(&member.token);
                issued.is_some_and(|issued| issued.is_live(self.now))
            };
            if !holds {
                return Err(Error::Unauthenticated);
            }
        }
        Ok(Viewer::new(&self.directory, caller, self.now))
    }

    fn collection(
        &self,
        name: &str,
        viewer: &Viewer,
    ) -> Result<(u32, crate::model::Collection), Error> {
        self.directory
            .collection(name)
            .filter(|(_, settings)| viewer.access(settings).known)
            .map(|(number, settings)| (number, settings.clone()))
            .ok_or(Error::NotFound("collection"))
    }

    fn publisher(&self, caller: &Caller) -> Result<u32, Error> {
        let party = caller.party().unwrap_or(OPERATOR);
        self.directory
            .party_number(party)
            .ok_or(Error::NotFound("party"))
    }

    /// Whether an entry's object and these bytes say the same, whatever the order of their keys.
    fn same_content(&self, position: u64, bytes: &[u8]) -> Result<bool, Error> {
        let body = self.body(position)?;
        let Act::Object { bytes: known, .. } = entry::decode(&body)?.act else {
            return Ok(false);
        };
        let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        Ok(value(known).is_some() && value(known) == value(bytes))
    }
}

/// Whether the sender may confine an object as its markings say.
///
/// # Errors
/// Why it may not. A circle that the sender is not in is answered like one that does not exist would
/// be by whoever made up its marking: who was told the marking knows the circle.
pub(crate) fn confinement(
    facts: &Facts,
    directory: &Directory,
    viewer: &Viewer,
) -> Result<(), &'static str> {
    let mut circles = circles_of(facts, directory);
    let Some(circle) = circles.next() else {
        return Ok(());
    };
    if !viewer.is_in(circle) {
        return Err("object_marking_refs: names the marking of a circle that this party is not in");
    }
    if circles.any(|other| other != circle) {
        return Err("object_marking_refs: names two circles: make one of both and name that");
    }
    Ok(())
}

/// How much the leaf of what is done about an object with this marking tells.
fn seal_of(marking: Marking) -> Seal {
    if marking == Marking::Red {
        Seal::Sealed
    } else {
        Seal::Open
    }
}

/// An answer for the caller, and whether the batch is broken by it.
fn split<T>(answer: Result<T, Error>) -> (Result<T, Error>, Result<(), Error>) {
    match answer {
        Err(Error::Storage(what)) => (Err(Error::Storage(what.clone())), Err(Error::Storage(what))),
        other => (other, Ok(())),
    }
}

fn actor(caller: &Caller) -> Actor<'static> {
    let own = |text: Option<&str>| Cow::Owned(text.unwrap_or(OPERATOR).to_owned());
    Actor {
        party: own(caller.party()),
        account: own(caller.account()),
    }
}
