//! Views: state computed from the journal, rebuilt at will, never written to directly.
//!
//! Each view has its tables and its cursor in one redb database. A batch of entries is applied to
//! all views in one transaction, so rows and cursors never disagree. Commits do not wait for the
//! disk; [`store::Store::make_durable`] does, now and then. After a crash the views stand at the
//! last durable commit and replay the journal from there.

pub(crate) mod account;
pub(crate) mod days;
pub(crate) mod directory;
pub(crate) mod feedback;
pub(crate) mod objects;
pub mod query;
pub(crate) mod requests;
pub mod row;
pub(crate) mod signals;
pub(crate) mod standing;
pub mod status;
pub mod store;
pub mod tally;
pub(crate) mod withdrawals;

/// A view's name and version; raising the version rebuilds the view at the next start.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The name by which it is rebuilt.
    pub name: &'static str,
    /// The version of its rows.
    pub version: u64,
}

/// All views, in the order in which an entry is applied to them.
pub const ALL: [Kind; 7] = [
    directory::KIND,
    objects::KIND,
    signals::KIND,
    withdrawals::KIND,
    feedback::KIND,
    requests::KIND,
    account::KIND,
];

use redb::WriteTransaction;

use crate::directory::{COMPANION, Directory};
use crate::entry::{Act, Entry, Seal, Withdrawn};
use crate::erasure::{Done, Erasure};
use crate::facts::Facts;
use crate::notice;
use crate::policy::OPERATOR;
use account::AccountView;
use directory::DirectoryView;
use feedback::FeedbackView;
use objects::{ObjectsView, Placement};
use requests::RequestsView;
use row::{ObjectKey, type_code};
use signals::{Signal, SignalsView};
use withdrawals::{Gone, WithdrawalsView};

/// What applying an entry means for the match index, which lives in memory.
#[derive(Clone, Debug)]
pub(crate) enum Applied {
    /// The entry at this position says these things and these images can be matched.
    Add(u64, Vec<matching::Observable>, Vec<matching::pdq::Pdq>),
    /// The entry at this position is no longer shown.
    Remove(u64, Signal),
}

/// All views within one batch.
pub(crate) struct Views<'t> {
    pub(crate) objects: ObjectsView<'t>,
    signals: SignalsView<'t>,
    directory: DirectoryView<'t>,
    pub(crate) withdrawals: WithdrawalsView<'t>,
    pub(crate) feedback: FeedbackView<'t>,
    pub(crate) requests: RequestsView<'t>,
    account: AccountView<'t>,
    /// The position each view has reached, in the order of [`ALL`]: earlier entries are skipped.
    from: [u64; ALL.len()],
}

impl<'t> Views<'t> {
    /// The views, all of them at the journal's end.
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, store::Error> {
        Self::open_behind(write, [0; ALL.len()])
    }

    /// The views, each of them at its own position.
    pub(crate) fn open_behind(
        write: &'t WriteTransaction,
        from: [u64; ALL.len()],
    ) -> Result<Self, store::Error> {
        Ok(Views {
            objects: ObjectsView::open(write)?,
            signals: SignalsView::open(write)?,
            directory: DirectoryView::open(write)?,
            withdrawals: WithdrawalsView::open(write)?,
            feedback: FeedbackView::open(write)?,
            requests: RequestsView::open(write)?,
            account: AccountView::open(write)?,
            from,
        })
    }

    /// Writes what was gathered over the batch; to be called before its transaction commits.
    pub(crate) fn finish(self) -> Result<(), store::Error> {
        self.objects.finish()?;
        self.requests.finish()?;
        self.account.finish()
    }

    /// Applies one entry. Pure: what is written depends on the entry, its position and the state
    /// before it alone. `facts` are those of the entry's object, where they are known already; `seal`
    /// is that of its leaf.
    pub(crate) fn apply(
        &mut self,
        position: u64,
        (entry, seal): (&Entry<'_>, Seal),
        body: &[u8],
        directory: &Directory,
        facts: Option<&Facts>,
    ) -> Result<Vec<Applied>, store::Error> {
        let to_directory = self.from.first().is_some_and(|from| position >= *from);
        if seal == Seal::Open && self.to_account(position) {
            self.account.count(entry, party_of(entry, directory));
        }
        match &entry.act {
            Act::Object { collection, bytes } => {
                let derived;
                let facts = match facts {
                    Some(facts) => facts,
                    None => match facts_of(bytes, *collection, directory) {
                        Some(facts) => {
                            derived = facts;
                            &derived
                        }
                        None => return Ok(Vec::new()),
                    },
                };
                self.add(position, entry, *collection, facts, directory)
            }
            Act::Withdrawal {
                collection,
                id,
                versions,
                whole,
            } => self.withdraw(
                position,
                entry,
                (*collection, id, versions),
                *whole,
                directory,
            ),
            Act::Attribution { .. }
            | Act::Acknowledgement(_)
            | Act::Feedback(_)
            | Act::Request(_)
            | Act::RequestStep(_) => {
                self.follow(position, (entry, seal), directory)?;
                Ok(Vec::new())
            }
            Act::Erasure(erasure) => {
                if to_directory {
                    self.directory.apply(position, body)?;
                }
                self.erase(position, entry, erasure, directory)
            }
            Act::Padding(_) => Ok(Vec::new()),
            _ => {
                if to_directory {
                    self.directory.apply(position, body)?;
                }
                Ok(Vec::new())
            }
        }
    }

    fn to_account(&self, position: u64) -> bool {
        self.from.last().is_some_and(|from| position >= *from)
    }

    /// Applies what the leaf of an entry tells whose body is erased.
    pub(crate) fn apply_erased(&mut self, position: u64, leaf: &[u8], directory: &Directory) {
        if self.to_account(position) {
            self.account.count_leaf(leaf, directory);
        }
    }

    /// Applies an entry that the match index has nothing to learn from.
    fn follow(
        &mut self,
        position: u64,
        (entry, seal): (&Entry<'_>, Seal),
        directory: &Directory,
    ) -> Result<(), store::Error> {
        let [
            _,
            to_objects,
            _,
            to_withdrawals,
            to_feedback,
            to_requests,
            _,
        ] = self.from.map(|from| position >= from);
        let party = party_of(entry, directory);
        match &entry.act {
            Act::Attribution {
                collection,
                added,
                withdrawn,
            } if to_objects => {
                let place = (*collection, *added);
                self.objects.attribute(place, party, *withdrawn, entry.at.0)
            }
            Act::Acknowledgement(withdrawal) if to_withdrawals => {
                self.withdrawals.acknowledge(*withdrawal, party, entry.at.0)
            }
            Act::Feedback(said) if to_feedback => {
                self.feedback.add(position, (entry, seal), said, directory)
            }
            Act::Request(request) if to_requests => {
                self.requests.request(position, entry, request, directory)
            }
            Act::RequestStep(step) if to_requests => {
                self.requests.step(position, entry, step, directory)
            }
            _ => Ok(()),
        }
    }

    /// A version of an object is added.
    fn add(
        &mut self,
        position: u64,
        entry: &Entry<'_>,
        collection: u32,
        facts: &Facts,
        directory: &Directory,
    ) -> Result<Vec<Applied>, store::Error> {
        let [_, to_objects, to_signals, to_withdrawals, ..] =
            self.from.map(|from| position >= from);
        let publisher = party_of(entry, directory);
        if to_objects {
            let to = Placement {
                collection,
                publisher,
                circle: circle_of(facts, directory),
                any_publisher: entry.actor.party == OPERATOR,
            };
            self.objects.add(facts, to, entry.at.0, position)?;
        }
        if to_signals {
            self.signals.add(facts, collection, entry.at.0, position)?;
        }
        if to_withdrawals && facts.revoked {
            let gone = Gone {
                collection,
                object: facts.id.clone(),
                at: entry.at.0,
                revoked: true,
                party: publisher,
                positions: Vec::new(),
            };
            self.withdrawals.add(position, &gone)?;
        }
        if !facts.is_matchable() {
            return Ok(Vec::new());
        }
        let (observables, images) = (facts.observables.clone(), facts.images.clone());
        Ok(vec![Applied::Add(position, observables, images)])
    }

    /// Versions of an object are withdrawn, and a notice tells so.
    fn withdraw(
        &mut self,
        position: u64,
        entry: &Entry<'_>,
        (collection, id, versions): (u32, &str, &[Withdrawn]),
        whole: bool,
        directory: &Directory,
    ) -> Result<Vec<Applied>, store::Error> {
        let [_, to_objects, to_signals, to_withdrawals, ..] =
            self.from.map(|from| position >= from);
        if to_objects && let Some(key) = object_key(id) {
            let gone = self
                .objects
                .withdraw(key, collection, versions, entry.at.0)?;
            if let Some((_, first)) = gone.first() {
                let audience = first.audience();
                let facts = notice::facts(position, entry.at, audience.marking, whole);
                let to = Placement {
                    collection: collection | COMPANION,
                    publisher: audience.publisher,
                    circle: audience.circle,
                    any_publisher: false,
                };
                self.objects.add(&facts, to, entry.at.0, position)?;
            }
        }
        if to_withdrawals {
            let gone = Gone {
                collection,
                object: id.to_owned(),
                at: entry.at.0,
                revoked: false,
                party: party_of(entry, directory),
                positions: versions.iter().map(|gone| gone.position).collect(),
            };
            self.withdrawals.add(position, &gone)?;
        }
        let mut applied = Vec::new();
        for gone in versions.iter().filter(|_| to_signals) {
            if let Some(signal) = self.signals.remove(gone.position)? {
                applied.push(Applied::Remove(gone.position, signal));
            }
        }
        Ok(applied)
    }
}

/// Erasing.
impl Views<'_> {
    /// Forgets what bodies said that are erased. The same follows when these entries are replayed
    /// with their bodies, and without.
    fn erase(
        &mut self,
        position: u64,
        entry: &Entry<'_>,
        erasure: &Erasure,
        directory: &Directory,
    ) -> Result<Vec<Applied>, store::Error> {
        let [_, to_objects, to_signals, to_withdrawals, to_feedback, ..] =
            self.from.map(|from| position >= from);
        let at = entry.at.0;
        let mut applied = Vec::new();
        for erased in erasure.positions.iter().copied() {
            if to_signals && let Some(signal) = self.signals.remove(erased)? {
                applied.push(Applied::Remove(erased, signal));
            }
            if to_withdrawals {
                self.withdrawals.remove(erased)?;
            }
            if to_feedback {
                self.feedback.remove(erased, directory)?;
            }
        }
        let Some(object) = &erasure.object else {
            return Ok(applied);
        };
        let collection = object.collection;
        if to_objects {
            for version in &object.versions {
                self.objects.erase(collection, version, at)?;
            }
            for notice in &object.notices {
                self.objects.erase(collection | COMPANION, notice, at)?;
            }
            for day in &object.days {
                self.objects.touch(collection, *day, at);
            }
        }
        let Some(id) = &object.id else {
            return Ok(applied);
        };
        if to_objects {
            let facts = notice::facts(position, entry.at, object.marking, object.whole);
            let to = Placement {
                collection: collection | COMPANION,
                publisher: object.publisher,
                circle: object.circle,
                any_publisher: false,
            };
            self.objects.add(&facts, to, at, position)?;
        }
        if to_withdrawals {
            let gone = Gone {
                collection,
                object: id.clone(),
                at,
                revoked: false,
                party: object.publisher,
                positions: object.versions.iter().map(|gone| gone.position).collect(),
            };
            self.withdrawals.add(position, &gone)?;
        }
        Ok(applied)
    }
}

/// Writes the pages anew on which rows of erased entries stood, in a transaction that has not written
/// them yet: then they are copied row by row, without what lies between.
pub(crate) fn rewrite(write: &WriteTransaction, done: &[Done]) -> Result<(), store::Error> {
    let erasures = || done.iter().map(|done| &done.erasure);
    let positions: Vec<u64> = erasures().flat_map(|one| &one.positions).copied().collect();
    signals::rewrite(write, &positions)?;
    feedback::rewrite(write, &positions)?;
    withdrawals::rewrite(write, &positions)?;
    objects::rewrite(write, erasures().filter_map(|one| one.object.as_ref()))?;
    status::rewrite(write)
}

/// The number of the party that acted.
fn party_of(entry: &Entry<'_>, directory: &Directory) -> u32 {
    let number = directory.party_number(&entry.actor.party);
    number.unwrap_or(u32::MAX)
}

/// The key of a STIX id; none when it is not one.
pub fn object_key(id: &str) -> Option<ObjectKey> {
    let id = stix::StixId::parse(id).ok()?;
    Some(ObjectKey {
        uuid: id.uuid(),
        kind: type_code(id.type_name()),
    })
}

/// The circle that a marking of the object confines it to, by its number; 0 for none. What names two
/// is refused before it is written.
pub(crate) fn circle_of(facts: &Facts, directory: &Directory) -> u32 {
    circles_of(facts, directory).next().unwrap_or(0)
}

/// All circles that markings of an object name.
pub(crate) fn circles_of<'a>(
    facts: &'a Facts,
    directory: &'a Directory,
) -> impl Iterator<Item = u32> + 'a {
    let named = facts.other_markings.iter();
    named.filter_map(|marking| directory.circle_by_marking(marking))
}

/// The facts of an entry's object. None for an object that today's parser refuses: it was taken by
/// an older one, and is kept in the journal but not shown.
fn facts_of(bytes: &[u8], collection: u32, directory: &Directory) -> Option<Facts> {
    let default = directory.collection_number(collection)?.default_marking;
    let object = stix::Object::parse(bytes).ok()?;
    Some(Facts::of(&object, default))
}
